//! A key that is plugged in and is not to be done now: why not, and what to do with it.

use super::Run;
use crate::error::Error;
use crate::escape::quote;
use crate::ledger::Inventory;
use crate::ledger::inventory::drill::{Came, DrilledKey};
use crate::ledger::inventory::{Drill, Key, State};
use crate::term::escape::escape;
use crate::term::{Tone, paint};

impl Run<'_> {
    /// What is said of the key of this label. One that should not be here is told loudly.
    pub(super) fn aside(&self, label: &str) -> Result<String, Error> {
        self.state(|inventory, drill| words(inventory, drill, label).ok_or(Error::Bug))?
    }
}

fn words(inventory: &Inventory, drill: &Drill, label: &str) -> Option<String> {
    let key = inventory.key(label)?;
    let name = escape(&key.label);
    if let Some(loud) = out_of_place(key) {
        return Some(paint(Tone::Bad, &format!("{name}: {loud}")));
    }
    let drilled = drill.keys.iter().find(|drilled| drilled.enrolled == key.enrolled.seq);
    Some(match drilled {
        None => format!("{name}: not a part of this drill; it is a key of {}", escape(&key.account)),
        Some(drilled) => format!("{name}: {}", stands(drilled, &quote(&key.label))),
    })
}

/// By the record it lies nowhere where somebody could take it to a drill.
fn out_of_place(key: &Key) -> Option<String> {
    let why = key.why.as_deref().filter(|why| !why.is_empty());
    let why = why.map(|why| format!(" ({})", escape(why))).unwrap_or_default();
    let what = match key.state {
        State::Active => return None,
        State::Lost => {
            "find out where it was, and who had it; `glasskey inventory found LABEL --why REASON` records that it is there again"
        }
        State::Retired | State::Reset => {
            "it gets nobody in, and is not checked; find out why it lies among the keys that do"
        }
    };
    Some(format!("by the record this key of {} is {}{why}: {what}", escape(&key.account), key.state.words()))
}

/// Of a key of the drill: done, tried in vain, or not asked for in this run.
fn stands(drilled: &DrilledKey, named: &str) -> String {
    match drilled.tried() {
        None => "NOT checked yet, and this run is not about it; `glasskey drill` goes on with it".to_owned(),
        Some(tried) => match &tried.came {
            Came::Checked { .. } => format!("checked in this drill already (event {})", tried.seen.seq),
            Came::NotChecked { because, .. } => format!(
                "NOT checked: in this drill it is on record as {} (event {}), and here it is; `glasskey drill --key {named}` checks it",
                because.words(),
                tried.seen.seq
            ),
        },
    }
}
