//! Random damage: never a panic, and never a pass from less than was there.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Every pointer into a value.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    found.push(at.clone());
    match value {
        Value::Object(all) => all.iter().for_each(|(name, inner)| {
            pointers(inner, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(n, inner)| pointers(inner, format!("{at}/{n}"), found))
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_damage_is_judged(file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), what in 0..6_usize) {
        let mut tenant = good();
        let names: Vec<_> = tenant.files.keys().cloned().collect();
        let name: &String = file.get(&names);
        let value = tenant.files.get_mut(name).unwrap();
        let mut all = Vec::new();
        pointers(value, String::new(), &mut all);
        let bents: [Value; 6] = [json!(null), json!([]), json!({}), json!("\u{1b}[31m"), json!(-1), json!([[]])];
        let bent = bents[what].clone();
        let pointer: &String = place.get(&all);
        *value.pointer_mut(pointer).unwrap() = bent;
        let checked = tenant.check();
        let cured = |finding: &glasskey::tenant::Finding| finding.row.status != Status::Fail || finding.row.cure.is_some();
        prop_assert!(checked.findings.iter().all(cured));
        let ids: std::collections::BTreeSet<_> = checked.findings.iter().map(|finding| finding.row.id).collect();
        prop_assert_eq!(ids.len(), Id::ALL.len(), "every rule says something");
    }

    #[test]
    fn any_bytes_are_a_file(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let exports = Exports::new([("x".to_owned(), Ok(bytes))]);
        prop_assert_eq!(exports.files.len(), 1);
    }
}
