//! Random bytes, damaged files, random lists.

use proptest::prelude::*;

use super::*;

/// A configuration with one profile, which enforces `ids` as `kind`.
fn enforcing(kind: &str, ids: &[String]) -> Value {
    let restrictions = json!({"isEnforced": true, "enforcementType": kind, "aaGuids": ids});
    let value = with(fixture("two-profiles.json"), "/passkeyProfiles/1/keyRestrictions", restrictions);
    with(value, "/passkeyProfiles/0/passkeyTypes", json!("synced"))
}

/// The same AAGUIDs, each as a person may have written it.
fn written(ids: &[u128], style: u8) -> Vec<String> {
    let write = |id: &u128| match style % 3 {
        0 => Uuid::from_u128(*id).to_string(),
        1 => Uuid::from_u128(*id).to_string().to_uppercase(),
        _ => format!("\t {}  ", Uuid::from_u128(*id)),
    };
    ids.iter().map(write).collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = PolicySource::parse("f", &bytes) {
            let said = error.to_string();
            prop_assert!(!said.contains(char::is_control) && error.hint().is_some());
        }
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        for name in ["two-profiles.json", "legacy-block.json", "strengths.json", "list.txt", "powershell.json"] {
            let mut bytes = std::fs::read(data(name)).unwrap();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            match PolicySource::parse("f", &bytes).and_then(|source| {
                let _ = source.summary();
                source.choose(None)
            }) {
                Ok(policy) => drop(policy.judge(YUBI)),
                Err(error) => prop_assert!(!error.to_string().contains(char::is_control)),
            }
        }
    }

    #[test]
    fn lists_mean_what_they_list(ids in prop::collection::vec(any::<u128>(), 0..8), probe: u128, style: u8) {
        let ids_written = written(&ids, style);
        let (allow, block) = (policy(&enforcing("allow", &ids_written)), policy(&enforcing("block", &ids_written)));
        for id in ids.iter().copied().chain([probe]) {
            let (model, listed) = (Uuid::from_u128(id), ids.contains(&id));
            prop_assert_eq!(allow.judge(model).allowed == Allowed::Yes, listed);
            prop_assert_eq!(block.judge(model).allowed == Allowed::Yes, !listed);
        }
        let plain = policy(&enforcing("allow", &written(&ids, 0)));
        prop_assert_eq!(&plain.key_restrictions, &allow.key_restrictions);
        prop_assert!(matches!(block.key_restrictions, KeyRestrictions::Block(_)));
    }
}
