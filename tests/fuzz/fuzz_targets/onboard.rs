#![no_main]
//! Earlier runs of an onboarding, one or two: read or refused, and compared.

use glasskey::onboard::compare::{Change, Earlier};
use glasskey::term::show;
use glasskey_fuzz::{assert_harmless, assert_harmless_screen};
use libfuzzer_sys::fuzz_target;

/// Two files stand in one input with this between them: no text holds it.
const BETWEEN: u8 = 0xff;

fuzz_target!(|bytes: &[u8]| {
    let runs: Vec<_> = bytes.splitn(2, |byte| *byte == BETWEEN).filter_map(one).collect();
    let [first, second] = runs.as_slice() else { return };
    let (there, back) = (first.changes(second), second.changes(first));
    let turned = |change: &Change| Change {
        what: change.what.clone(),
        before: change.after.clone(),
        after: change.before.clone(),
    };
    assert_eq!(there, back.iter().map(turned).collect::<Vec<_>>(), "what changed back is what changed");
    assert!(there.iter().all(|change| change.before != change.after));
    assert_harmless_screen(&show::onboard::changes(first.at, &there));
});

fn one(bytes: &[u8]) -> Option<Earlier> {
    match Earlier::parse(bytes) {
        Ok(earlier) => {
            assert_eq!(earlier.changes(&earlier), []);
            Some(earlier)
        }
        // Told by the program, which escapes what a file says.
        Err(error) => {
            assert_harmless(&glasskey::term::escape::escape(&error.to_string()));
            None
        }
    }
}
