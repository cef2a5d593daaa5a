#![no_main]
//! Foreign text on a terminal: nothing that steers it is left, and nothing harmless is changed.

use glasskey::term::escape::{escape, escape_json};
use glasskey_fuzz::assert_harmless;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let safe = escape(text);
    assert_harmless(&safe);
    assert!(!safe.contains('\u{1b}') && safe.lines().count() <= 1);
    assert_eq!(escape(&escape(&safe)), escape(&safe));
    let json = serde_json::to_string(text).expect("a text can be written");
    let safe_json = escape_json(&json);
    assert_harmless(&safe_json);
    assert_eq!(serde_json::from_str::<String>(&safe_json).ok().as_deref(), Some(text));
    // The longest text, each of its characters as `\u{10ffff}`.
    assert!(safe.chars().count() <= 1000 * 10 + 1);
    if text.len() <= 300 && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        assert_eq!(safe, text);
    }
});
