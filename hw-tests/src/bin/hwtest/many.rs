//! Many keys: sixteen at once, and fifty one after the other.

use std::time::{Duration, Instant};

use glasskey::soft::SoftKey;
use glasskey_hw_tests::catalogue::retries;
use glasskey_hw_tests::plug::Plugged;
use rustix::process::Signal;

use crate::Test;
use crate::lab::{Lab, PIN, ensure, node, with_fault};
use crate::process::processor_time;

pub(crate) const TESTS: &[Test] =
    &[("many: sixteen keys at once", sixteen), ("many: fifty keys one after the other", fifty)];

type Done = Result<String, String>;

/// How long a key thinks before it takes a touch, which is granted at once. A real one computes on a chip of its own; these
/// all compute on the guest's one processor, so what a chip takes must be waited for, or there would be nothing to overlap.
const CHIP_MS: u32 = 1500;
/// How long a line may take.
const LIMIT: Duration = Duration::from_secs(60);

fn words(error: impl ToString) -> String {
    error.to_string()
}

/// `check --all` on these keys, with these PINs: each line of its output with the time at which it came, the time of the
/// end, and the processor time of the program and of the keys.
struct AtOnce {
    lines: Vec<(Duration, String)>,
    code: Option<i32>,
    program: Duration,
    keys: Duration,
}

fn check_all(lab: &Lab, pins: &[&str]) -> Result<AtOnce, String> {
    let (program, keys) = processor_time()?;
    let start = Instant::now();
    let arguments = ["check", "--all", "--pin-stdin", "--no-passkeys", "--policy", lab.policy()];
    let mut talk = lab.glasskey(&arguments).talk().map_err(words)?;
    pins.iter().try_for_each(|pin| talk.say(pin))?;
    let mut lines = Vec::new();
    while lines.len() < pins.len() {
        let line = talk.line(LIMIT)?;
        lines.push((start.elapsed(), line));
    }
    let code = talk.done(LIMIT)?;
    let (program_now, keys_now) = processor_time()?;
    Ok(AtOnce { lines, code, program: program_now - program, keys: keys_now - keys })
}

fn plugged(keys: &[SoftKey]) -> Result<Vec<Plugged>, String> {
    keys.iter().map(|key| Plugged::new(key, key.name()).map_err(words)).collect()
}

fn chip(key: SoftKey) -> SoftKey {
    key.with_options(|options| options.touch_delay_ms = CHIP_MS)
}

fn sixteen(lab: &Lab) -> Done {
    // What has nothing to do with any key: the start of the program, its catalogue, its policy, the bus.
    let start_up =
        lab.glasskey(&["check", "--all", "--policy", lab.policy()]).run().map_err(words)?.expect(3)?;
    let one = vec![chip(lab.key("one-alone").map_err(words)?)];
    let there = plugged(&one)?;
    let alone = check_all(lab, &[PIN])?;
    drop(there);
    ensure(alone.code == Some(0), || format!("one key: exit {:?}", alone.code))?;
    let alone_took = alone.lines[0].0.saturating_sub(start_up.took);

    let mut keys = Vec::new();
    let mut pins = Vec::new();
    for number in 0..16 {
        let key = chip(lab.key(&format!("sixteen-{number:02}")).map_err(words)?);
        keys.push(match number {
            3 => with_fault(key, "dead").map_err(words)?,
            7 => with_fault(key, "silent@makecred").map_err(words)?,
            _ => key,
        });
        pins.push(if number == 11 { "000000" } else { PIN });
    }
    let there = plugged(&keys)?;
    let nodes: Vec<String> = there.iter().map(node).collect();
    let all = check_all(lab, &pins)?;
    drop(there);
    ensure(all.code == Some(7), || format!("exit {:?}", all.code))?;

    let mut last_good = Duration::ZERO;
    for (number, node) in nodes.iter().enumerate() {
        // A node is a whole word: /dev/hidraw1 is not /dev/hidraw11.
        let line = all.lines.iter().find(|(_, line)| line.split_whitespace().any(|word| word == node));
        let (took, line) = line.ok_or_else(|| format!("no line about {node}: {:?}", all.lines))?;
        let (wanted, limit) = match number {
            3 => ("NOT CHECKED", "did not answer"),
            7 => ("NOT FIT", "silent"),
            11 => ("NOT CHECKED", "PIN is wrong"),
            _ => ("FIT", ""),
        };
        let right =
            line.contains(wanted) && (number == 3 || number == 7 || number == 11 || !line.contains("NOT"));
        ensure(right, || format!("key {number}, wanted {wanted} ({limit}): {line}"))?;
        if ![3, 7, 11].contains(&number) {
            last_good = last_good.max(*took);
        }
    }
    for (number, key) in keys.iter().enumerate() {
        let (left, wanted) = (retries(key).map_err(words)?, if number == 11 { 7 } else { 8 });
        ensure(left == wanted, || format!("key {number} has {left} attempts left, not {wanted}"))?;
    }
    let ratio = last_good.saturating_sub(start_up.took).as_secs_f32() / alone_took.as_secs_f32();
    let end = all.lines.iter().map(|(took, _)| *took).max().unwrap_or_default();
    let said = format!(
        "start-up {:.2} s, one key {:.2} s, all good ones of sixteen {:.2} s: {ratio:.2} times; the dead and the silent one {:.1} s; \
         processor: glasskey {:.2} s for one, {:.2} s for sixteen, the virtual keys themselves {:.2} s and {:.2} s",
        start_up.took.as_secs_f32(),
        alone_took.as_secs_f32(),
        last_good.as_secs_f32(),
        end.as_secs_f32(),
        alone.program.as_secs_f32(),
        all.program.as_secs_f32(),
        alone.keys.as_secs_f32(),
        all.keys.as_secs_f32(),
    );
    ensure(ratio <= 1.5, || said.clone())?;
    // Key agreement and registration may each be silent for 10 s; nothing waits for anything else.
    ensure(end < Duration::from_secs(20), || said.clone())?;
    Ok(said)
}

/// How much a watch may grow between its tenth key and its fiftieth, in kB.
const GROWTH: u64 = 512;

fn fifty(lab: &Lab) -> Done {
    let arguments = ["check", "--watch", "--pin-stdin", "--no-passkeys", "--policy", lab.policy()];
    let mut talk = lab.glasskey(&arguments).talk().map_err(words)?;
    let (mut before, mut now) = ((0, 0, 0), (0, 0, 0));
    let mut slowest = Duration::ZERO;
    let key = lab.key("fifty-good").map_err(words)?;
    let dead = with_fault(lab.key("fifty-dead").map_err(words)?, "dead").map_err(words)?;
    for number in 1..=50 {
        let (key, pin, wanted) = match number {
            20 => (&dead, PIN, "NOT CHECKED"),
            30 => (&key, "000000", "NOT CHECKED"),
            40 => (&key, "", "NOT CHECKED"),
            _ => (&key, PIN, "FIT"),
        };
        talk.say(pin)?;
        let start = Instant::now();
        // Each takes the node of the one before.
        let there = Plugged::new(key, &format!("fifty-{number}")).map_err(words)?;
        let line = talk.line(LIMIT)?;
        let right = line.contains(wanted)
            && line.contains(&node(&there))
            && (wanted != "FIT" || !line.contains("NOT"));
        ensure(right, || format!("key {number}, wanted {wanted}: {line}"))?;
        if number != 20 {
            slowest = slowest.max(start.elapsed());
        }
        drop(there);
        now = (talk.counts("VmRSS")?, talk.counts("Threads")?, talk.files()?);
        if number == 10 {
            before = now;
        }
    }
    let code = talk.end(Signal::INT, Duration::from_secs(5))?;
    ensure(code == Some(7), || format!("exit {code:?}, not that of the dead key"))?;
    ensure(retries(&key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    let said = format!(
        "{} kB after ten keys, {} kB after fifty, {} and {} threads, {} and {} files; at most {:.2} s a key",
        before.0,
        now.0,
        before.1,
        now.1,
        before.2,
        now.2,
        slowest.as_secs_f32()
    );
    ensure(now.0 <= before.0 + GROWTH && now.1 <= before.1 && now.2 <= before.2, || said.clone())?;
    Ok(said)
}
