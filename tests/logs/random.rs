//! Random bytes, damaged files, and the same sign-ins in every shape.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn harmless(bytes: &[u8]) -> Result<(), TestCaseError> {
    match Log::parse(bytes) {
        Err(error) => prop_assert!(!error.to_string().contains(char::is_control), "{error}"),
        Ok(log) => {
            let evidence = log.evidence(plan().account("EA-01").unwrap(), None, "f", None, |_| false);
            prop_assert!(evidence.sign_ins.len() <= log.sign_ins.len());
            prop_assert!(evidence.changes.len() <= log.activities.len());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        harmless(&bytes)?;
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(at in any::<prop::sample::Index>(), byte: u8, cut: bool, which in 0..3_usize) {
        let mut bytes = [BETA, ANALYTICS, AUDIT][which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        harmless(&bytes)?;
    }

    #[test]
    fn any_sign_ins_are_the_same_in_every_shape(who in prop::collection::vec((any::<bool>(), -3_i64..60_000), 0..6)) {
        let upn = |own: bool| if own { "ea-01@contoso.onmicrosoft.com" } else { "kim@contoso.com" };
        let entries: Vec<_> = (0_u64..).zip(&who).map(|(n, (own, code))| shapes::graph(n, upn(*own), *code)).collect();
        let wanted = parse(&json!(entries).to_string()).sign_ins;
        prop_assert_eq!(wanted.len(), who.len());
        for (shape, text) in shapes::all(&entries) {
            if text.trim().is_empty() { continue }
            prop_assert_eq!(&parse(&text).sign_ins, &wanted, "{}", shape);
        }
    }
}
