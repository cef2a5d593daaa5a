//! Several keys at a time, and keys that come and go.

use std::time::Duration;

use glasskey_hw_tests::catalogue::retries;
use glasskey_hw_tests::plug::Plugged;
use rustix::process::Signal;

use crate::Test;
use crate::healthy::text;
use crate::lab::{Lab, PIN_LINE, ensure, node, with_fault};

pub(crate) const TESTS: &[Test] = &[
    ("two keys", |lab| several(lab, 2)),
    ("eight keys", |lab| several(lab, 8)),
    ("one dead key among three", one_dead),
    ("keys --watch", watch),
];

type Done = Result<String, String>;

fn words(error: impl ToString) -> String {
    error.to_string()
}

fn several(lab: &Lab, count: usize) -> Done {
    let mut keys = Vec::new();
    let mut plugged = Vec::new();
    for number in 0..count {
        let name = format!("{count}-keys-{number}");
        let key = lab.key(&name).map_err(words)?;
        plugged.push(Plugged::new(&key, &name).map_err(words)?);
        keys.push(key);
    }
    let ran = lab.glasskey(&["keys", "--json"]).run().map_err(words)?.expect(0)?;
    let said = ran.json()?;
    let mut paths: Vec<_> = plugged.iter().map(node).collect();
    paths.sort_by_key(|path| (path.len(), path.clone()));
    let listed: Vec<_> =
        said["keys"].as_array().into_iter().flatten().map(|key| text(key, "/path")).collect();
    ensure(listed == paths, || format!("{listed:?} instead of {paths:?}"))?;
    let openable = said["keys"].as_array().into_iter().flatten().all(|key| key["aaguid"].is_string());
    ensure(openable, || format!("not all were read: {said}"))?;
    for verb in ["info", "check"] {
        let refused = lab.glasskey(&[verb, "--json"]).run().map_err(words)?.expect(2)?.json()?;
        ensure(text(&refused, "/error/kind") == "several-keys", || format!("{refused}"))?;
    }
    let last = paths.last().cloned().unwrap_or_default();
    lab.glasskey(&["info", "--key", &last]).run().map_err(words)?.expect(0)?;
    let by_number =
        lab.glasskey(&["info", "--key", "1", "--json"]).run().map_err(words)?.expect(0)?.json()?;
    ensure(Some(&text(&by_number, "/key/path")) == paths.first(), || format!("{by_number}"))?;
    let pins = PIN_LINE.repeat(count);
    let all =
        lab.glasskey(&["check", "--all", "--pin-stdin", "--json", "--policy", lab.policy()]).input(&pins);
    let all = all.run().map_err(words)?.expect(0)?;
    let checks = all.json()?["checks"].as_array().map_or(0, Vec::len);
    ensure(checks == count, || format!("{checks} checks"))?;
    drop(plugged);
    for key in &keys {
        ensure(retries(key).map_err(words)? == 8, || "a PIN attempt was lost".to_owned())?;
    }
    Ok(format!("keys {:.1} s, check --all {:.1} s", ran.took.as_secs_f32(), all.took.as_secs_f32()))
}

fn one_dead(lab: &Lab) -> Done {
    let mut plugged = Vec::new();
    for number in 0..3 {
        let name = format!("one-dead-{number}");
        let mut key = lab.key(&name).map_err(words)?;
        if number == 1 {
            key = with_fault(key, "dead").map_err(words)?;
        }
        plugged.push(Plugged::new(&key, &name).map_err(words)?);
    }
    let ran = lab.glasskey(&["keys", "--json"]).run().map_err(words)?.expect(0)?;
    let read = ran.json()?["keys"]
        .as_array()
        .map_or(0, |keys| keys.iter().filter(|key| key["aaguid"].is_string()).count());
    ensure(read == 2, || format!("{read} keys were read: {}", ran.out))?;
    ensure(ran.took < Duration::from_secs(8), || format!("{:?}", ran.took))?;
    let all = lab.glasskey(&["check", "--all", "--pin-stdin", "--json", "--policy", lab.policy()]);
    let all = all.input(&PIN_LINE.repeat(3)).run().map_err(words)?.expect(7)?;
    let said = all.json()?;
    let fit = said["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| text(one, "/verdict").starts_with("fit"))
        .count();
    ensure(fit == 2, || format!("{fit} keys are fit: {said}"))?;
    Ok(format!("keys {:.1} s, check --all {:.1} s", ran.took.as_secs_f32(), all.took.as_secs_f32()))
}

fn watch(lab: &Lab) -> Done {
    let limit = Duration::from_secs(10);
    let talk = lab.glasskey(&["keys", "--watch", "--json"]).talk().map_err(words)?;
    let said = |line: String| serde_json::from_str::<serde_json::Value>(&line).map_err(words);
    for round in 0..2 {
        let name = format!("watch-{round}");
        let plugged = Plugged::new(&lab.key(&name).map_err(words)?, &name).map_err(words)?;
        let path = node(&plugged);
        let come = said(talk.line(limit)?)?;
        ensure(come["event"] == "come" && text(&come, "/path") == path, || format!("{come}"))?;
        ensure(text(&come, "/key/model") == "Virtual Key", || format!("{come}"))?;
        drop(plugged);
        let gone = said(talk.line(limit)?)?;
        ensure(gone["event"] == "gone" && text(&gone, "/path") == path, || format!("{gone}"))?;
    }
    let code = talk.end(Signal::INT, Duration::from_secs(5))?;
    ensure(code == Some(130), || format!("exit {code:?}"))?;
    Ok("saw two plugs and two unplugs".to_owned())
}
