//! `onboard` with a plug to pull and with the second client, which soft keys in process have not.

use std::fs;
use std::time::Duration;

use glasskey_hw_tests::plug::Plugged;
use serde_json::Value;

use crate::Test;
use crate::healthy::{status, text};
use crate::lab::{Lab, PIN, ensure};
use crate::process::Job;

pub(crate) const TESTS: &[Test] = &[("onboard: a sample, erased and pulled out", whole)];

type Done = Result<String, String>;

const LIMIT: Duration = Duration::from_secs(300);
/// Where its JSON goes, which is no terminal.
const TOLD: &str = "/tmp/onboard.json";

fn words(error: impl ToString) -> String {
    error.to_string()
}

fn whole(lab: &Lab) -> Done {
    // Long enough for a hand to pull it out in.
    let key = lab.blank_key("onboard").map_err(words)?.with_options(|options| options.touch_delay_ms = 800);
    let mut plugged = Some(Plugged::new(&key, "onboard-0").map_err(words)?);
    let mut plugs = 0;
    let mut wrong = String::new();
    let catalogue = ["--catalogue", lab.catalogue()];
    let program = ["glasskey-second-client", "onboard", "--reset-allowed", "--yes", "--json"];
    let program = format!("{} > {TOLD}", [&program[..], &catalogue].concat().join(" "));
    let ran = Job::on_terminal(&program, LIMIT, |shown| {
        let (prompt, at) =
            ["ew PIN", "new PIN again", "Unplug the key now", "Pull the key out now", "lug it in again"]
                .into_iter()
                .filter_map(|prompt| Some((prompt, shown.find(prompt)?)))
                .min_by_key(|(_, at)| *at)?;
        let typed = match prompt {
            "ew PIN" | "new PIN again" => format!("{PIN}\n"),
            "lug it in again" => {
                plugs += 1;
                match Plugged::new(&key, &format!("onboard-{plugs}")) {
                    Ok(again) => plugged = Some(again),
                    Err(error) => wrong = error.to_string(),
                }
                String::new()
            }
            _ => {
                drop(plugged.take());
                String::new()
            }
        };
        // The rest of the line belongs to the prompt.
        let end = shown
            .get(at..)
            .and_then(|rest| rest.find(':').or(rest.find('\n')))
            .map_or(shown.len(), |end| at + end);
        Some((end, typed))
    });
    let ran = ran.map_err(words)?;
    ensure(!ran.hung && wrong.is_empty(), || format!("{wrong} {}", ran.brief()))?;
    let told = fs::read_to_string(TOLD).map_err(words)?;
    let document: Value = serde_json::from_str(&told).map_err(|_| format!("{told} {}", ran.brief()))?;
    for id in ["unplug", "second-client", "pin-soft-lock", "pin-set", "reset"] {
        ensure(status(&document, id) == "pass", || format!("{id}: {document:#}"))?;
    }
    Ok(format!("{} after {plugs} plugs", text(&document, "/verdict")))
}
