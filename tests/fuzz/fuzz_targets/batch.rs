#![no_main]
//! Lists of keys to be enrolled: every row is the plan's, or all that is wrong is told with its line. What is enrolled
//! already is so on an active key of that account.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use glasskey::batch::{self, BatchError};
use glasskey::ledger::inventory::State;
use glasskey::ledger::{Inventory, Ledger};
use glasskey::plan::{Plan, folded};
use glasskey::term::escape::escape_lines;
use glasskey_fuzz::assert_harmless;
use libfuzzer_sys::fuzz_target;

#[path = "../../ledger/custody.rs"]
#[allow(dead_code)]
mod custody;

static PLAN: LazyLock<Plan> =
    LazyLock::new(|| Plan::parse("custody.toml", include_str!("../../data/plan/good.toml")).expect("a plan"));

/// `Bern-1` is a key of EA-01, and was `EA-00001`; the others are lost, retired and reset.
static RECORD: LazyLock<Inventory> = LazyLock::new(|| {
    let folder = custody::folder();
    let (path, _) = custody::full(folder.path());
    Ledger::open(&path).expect("a ledger").inventory().clone()
});

fuzz_target!(|bytes: &[u8]| {
    held(bytes, &Inventory::default());
    held(bytes, &RECORD);
});

fn held(bytes: &[u8], inventory: &Inventory) {
    let lines = u64::try_from(bytes.split(|byte| matches!(byte, b'\n' | b'\r')).count()).expect("a number");
    match batch::read(bytes, &PLAN, inventory) {
        Ok(rows) => {
            assert!((1..=batch::MOST).contains(&rows.len()));
            let labels: BTreeSet<String> = rows.iter().map(|row| folded(&row.label)).collect();
            assert_eq!(labels.len(), rows.len(), "one label for two keys");
            for row in rows {
                assert!((2..=lines).contains(&row.line));
                let key = inventory.key(&row.label);
                assert_eq!(row.enrolled, key.is_some());
                match key {
                    Some(key) => assert!(
                        key.state == State::Active && folded(&key.account) == folded(&row.account),
                        "{row:?}"
                    ),
                    None => inventory.admit_label(&row.label).expect("a label that the ledger takes"),
                }
                let account = PLAN.account(&row.account).expect("an account of the plan");
                assert_eq!(account.name.as_str(), row.account, "as the plan writes it");
                let site = row.site.as_deref();
                assert!(
                    site.is_none_or(|site| PLAN.site(site).is_some_and(|known| known.name.as_str() == site))
                );
            }
        }
        Err(error) => {
            let told = error.to_string();
            assert_eq!(told, escape_lines(&told), "what is shown is harmless");
            if let BatchError::Faults(faults) = error {
                assert!(!faults.is_empty());
                for fault in faults {
                    assert!((1..=lines).contains(&fault.line));
                    assert_harmless(&fault.what);
                }
            }
        }
    }
}
