//! The test list on a real key that is plugged in. It sets nothing and erases nothing.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use crate::healthy::text;
use crate::process::{Job, Ran};

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The `glasskey` to hold the key against
    #[arg(long, default_value = "glasskey")]
    glasskey: String,
    /// The key; needed where several are plugged in
    #[arg(long)]
    key: Option<String>,
    /// The key holds a PIN or credentials, and may be used all the same; its PIN is one line of standard input
    #[arg(long)]
    yes: bool,
    /// Where the sheet goes; standard output if none
    #[arg(long)]
    sheet: Option<PathBuf>,
}

const PLAN: &str = "\
This runs glasskey against the key that is plugged in:
  1. keys, info, pin status, check --no-touch: they read only
  2. pin verify, where the key has a PIN: tries the PIN you gave, once; if it is wrong, nothing tries it again
  3. check: tries the PIN once more, makes one credential that takes no slot on the key, and signs with it; touch the key twice when it blinks
Nothing is set, changed, deleted or reset, the passkeys on the key are left alone, and nothing is recorded in a ledger.
The PIN is tried only while more than three attempts are left.
";

struct Row {
    test: &'static str,
    came: String,
    took: Option<Duration>,
    bad: bool,
}

pub(crate) fn run(bench: &Bench) -> io::Result<bool> {
    eprint!("{PLAN}");
    let facts = glasskey(bench, &["info", "--json"], "")?;
    let said = match facts.code {
        Some(0) => facts.json().map_err(io::Error::other)?,
        code => {
            eprint!("{}", facts.out);
            return Err(io::Error::other(format!("the key cannot be read: exit {code:?}")));
        }
    };
    let has_pin = said.pointer("/key/pin_set") == Some(&Value::Bool(true));
    let pin = if has_pin {
        if !bench.yes {
            return Err(io::Error::other(
                "the key has a PIN, and may hold credentials: give the PIN on standard input, and --yes",
            ));
        }
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        if line.trim_end().is_empty() {
            return Err(io::Error::other("no PIN on standard input"));
        }
        line
    } else if bench.yes {
        String::new()
    } else {
        eprint!(
            "The key has no PIN. It may hold credentials all the same: without one it lists none. Go on? [y/N] "
        );
        io::stderr().flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        if answer.trim() != "y" {
            return Err(io::Error::other("nothing was done"));
        }
        String::new()
    };
    let mut rows = Vec::new();
    let mut test = |test: &'static str, arguments: &[&str], input: &str, fits: fn(Option<i32>) -> bool| {
        let ran = glasskey(bench, arguments, input)?;
        let (bad, came) =
            if ran.hung || !fits(ran.code) { (true, ran.brief()) } else { (false, brief(&ran)) };
        rows.push(Row { test, came, took: Some(ran.took), bad });
        Ok::<_, io::Error>(!bad)
    };
    let yes = |code| code == Some(0);
    let judged = |code| matches!(code, Some(0 | 1));
    test("keys", &["keys", "--json"], "", yes)?;
    test("info", &["info", "--json"], "", yes)?;
    test("pin status", &["pin", "status", "--json"], "", yes)?;
    test("check --no-touch", &["check", "--no-touch", "--no-record", "--json"], "", judged)?;
    let proven = !has_pin || test("pin verify", &["pin", "verify", "--pin-stdin", "--json"], &pin, yes)?;
    if proven {
        let check = ["check", "--no-passkeys", "--no-record", "--pin-stdin", "--json"];
        test("check", &check, &pin, judged)?;
    }
    test("info, after", &["info", "--json"], "", yes)?;
    if !proven {
        rows.push(skip("check", "the PIN was not taken, and a second attempt is not spent"));
    }
    if !has_pin {
        rows.push(skip("pin verify", "the key has no PIN, and this sets none"));
    }
    rows.push(skip("pin set, pin change", "they would change the key"));
    rows.push(skip("the list of passkeys, and that the one for Entra signs", "they are their owner's"));
    rows.push(skip(
        "keys --watch, unplugging in the middle",
        "they need a hand on the plug at the right time",
    ));
    rows.push(skip("Ctrl-C while it waits for a touch", "only a virtual key can tell that it was cancelled"));
    rows.push(skip("faults", "a real key cannot be told to have them"));
    let sheet = sheet(&said, &rows);
    match &bench.sheet {
        Some(path) => fs::write(path, sheet)?,
        None => print!("{sheet}"),
    }
    Ok(rows.iter().all(|row| !row.bad))
}

fn glasskey(bench: &Bench, arguments: &[&str], input: &str) -> io::Result<Ran> {
    let mut all = arguments.to_vec();
    if let Some(key) = bench.key.as_deref().filter(|_| !arguments.contains(&"keys")) {
        all.extend(["--key", key]);
    }
    Job::new(&bench.glasskey, &all).input(input).limit(Duration::from_secs(120)).run()
}

fn skip(test: &'static str, why: &str) -> Row {
    Row { test, came: format!("skipped: {why}"), took: None, bad: false }
}

fn brief(ran: &Ran) -> String {
    let said = ran.json().unwrap_or_default();
    let verdict = text(&said, "/verdict");
    let failed: Vec<_> = said["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["status"] == "fail" || one["status"] == "warn")
        .map(|one| format!("{} {}", text(one, "/id"), text(one, "/status")))
        .collect();
    let verdict = if verdict.is_empty() { "ok".to_owned() } else { verdict };
    if failed.is_empty() { verdict } else { format!("{verdict}: {}", failed.join(", ")) }
}

fn sheet(info: &Value, rows: &[Row]) -> String {
    let or_unsaid = |text: String| if text.is_empty() { "unsaid".to_owned() } else { text };
    let safe =
        |text: String| -> String { text.replace('|', "/").chars().flat_map(char::escape_debug).collect() };
    let mut out = format!(
        "# {}\n\nVendor {}, product string `{}`, firmware {}, AAGUID {}.\n\n| test | came out | time |\n|---|---|---|\n",
        safe(or_unsaid(text(info, "/model/name"))),
        safe(or_unsaid(text(info, "/model/vendor"))),
        safe(text(info, "/key/product")),
        safe(or_unsaid(text(info, "/firmware"))),
        safe(text(info, "/key/info/aaguid")),
    );
    for row in rows {
        let took = row.took.map_or_else(String::new, |took| format!("{:.1} s", took.as_secs_f32()));
        let sign = if row.bad { "**FAILED** " } else { "" };
        let _ = writeln!(out, "| {} | {sign}{} | {took} |", row.test, safe(row.came.clone()));
    }
    out
}
