#![no_main]
//! Answers to a drill, and times as people tell them: read or refused in words; no answer comes of nothing; a time that is
//! read is not yet to come.

use glasskey::drill::time;
use glasskey::drill::{Answers, SaidError};
use glasskey_fuzz::assert_harmless;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let now: Timestamp = "2026-11-21T10:15:00Z".parse().expect("a time");
    for zone in [TimeZone::UTC, TimeZone::fixed(jiff::tz::offset(-11)), TimeZone::fixed(jiff::tz::offset(14))]
    {
        match time::parse(text, &now.to_zoned(zone)) {
            Ok(at) => {
                assert!(at.duration_since(now) <= SignedDuration::from_mins(15), "{at}");
                let near = now.duration_since(at) <= SignedDuration::from_hours(24);
                assert_eq!(time::of_drill(at, now).is_ok(), near);
            }
            Err(error) => {
                assert_harmless(&error.to_string());
                assert!(!error.hint().is_empty());
            }
        }
    }
    match Answers::parse(text) {
        Err(error) => {
            assert_harmless(&error.to_string());
            assert!(!error.hint().is_empty() || matches!(error, SaidError::File(_)));
        }
        Ok(answers) => {
            for said in &answers.said {
                // JSON and TOML can write a name in more ways than one; a plain one stands there as it is.
                let plain = said.question.bytes().all(|byte| byte.is_ascii_lowercase());
                assert!(!plain || text.contains('\\') || text.contains(&said.question), "{said:?}");
            }
            for told in answers.keys.values() {
                let said = [&told.bag, &told.missing, &told.left_out];
                assert!(said.iter().filter(|said| said.is_some()).count() <= 1);
            }
        }
    }
});
