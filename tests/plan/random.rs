//! Random texts never break the reader, and a plan written from random values reads back.

use glasskey::plan::Plan;
use proptest::prelude::*;
use toml::{Table, Value};

use super::GOOD;

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9äß鍵'\"\\\\ .(),/-]{0,12}[A-Za-z0-9]"
}

prop_compose! {
    fn account()(
        name in name(),
        upn in "[a-z0-9.-]{1,12}@[a-z0-9]{1,12}\\.onmicrosoft\\.com",
        id in any::<u128>(),
        keys in proptest::option::of(1_i64..=100),
        lists in [proptest::collection::vec(name(), 0..3), proptest::collection::vec(name(), 0..3), proptest::collection::vec(name(), 0..3)],
    ) -> Table {
        let mut table = Table::new();
        table.insert("name".into(), name.into());
        table.insert("upn".into(), upn.into());
        table.insert("object_id".into(), uuid::Uuid::from_u128(id).to_string().into());
        if let Some(keys) = keys {
            table.insert("keys".into(), keys.into());
        }
        for (member, list) in ["vendors", "sites", "custodians"].into_iter().zip(lists) {
            table.insert(member.into(), Value::from(list));
        }
        table
    }
}

prop_compose! {
    fn any_plan()(
        organisation in name(),
        accounts in proptest::collection::vec(account(), 0..4),
        sites in proptest::collection::vec((name(), proptest::option::of(name())), 0..4),
        custodians in proptest::collection::vec(name(), 0..4),
        diversity in prop_oneof![Just("disjoint"), Just("survivable")],
        location in prop_oneof![Just("apart"), Just("with-key"), Just("known")],
        (keys, days, floor, length) in (1_i64..=100, 1_i64..=366, 1_i64..=7, 4_i64..=63),
    ) -> Table {
        let named = |name: String, more: Option<(&str, String)>| {
            let mut table = Table::new();
            table.insert("name".into(), name.into());
            if let Some((member, text)) = more {
                table.insert(member.into(), text.into());
            }
            Value::Table(table)
        };
        let mut plan = Table::new();
        plan.insert("organisation".into(), organisation.into());
        plan.insert("account".into(), accounts.into_iter().map(Value::Table).collect::<Vec<_>>().into());
        let sites = sites.into_iter().map(|(name, place)| named(name, place.map(|place| ("place", place))));
        plan.insert("site".into(), sites.collect::<Vec<_>>().into());
        let custodians = custodians.into_iter().map(|name| named(name, None));
        plan.insert("custodian".into(), custodians.collect::<Vec<_>>().into());
        let mut rules = Table::new();
        rules.insert("diversity".into(), diversity.into());
        rules.insert("pin_location".into(), location.into());
        let numbers = [("keys_per_account", keys), ("drill_interval_days", days), ("pin_retries_floor", floor), ("min_pin_length", length)];
        for (member, number) in numbers {
            rules.insert(member.into(), number.into());
        }
        plan.insert("rules".into(), rules.into());
        plan
    }
}

proptest! {
    #[test]
    fn a_plan_written_from_random_values_reads_back(table in any_plan()) {
        let text = toml::to_string(&table).unwrap();
        let plan = Plan::parse("custody.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(Some(plan.organisation.as_str()), table["organisation"].as_str().map(str::trim));
        let written = table["account"].as_array().unwrap();
        prop_assert_eq!(plan.accounts.len(), written.len());
        for (read, written) in plan.accounts.iter().zip(written) {
            prop_assert_eq!(Some(read.name.as_str()), written["name"].as_str().map(str::trim));
            prop_assert_eq!(Some(read.upn.as_str()), written["upn"].as_str());
            let id = read.object_id.to_string();
            prop_assert_eq!(Some(id.as_str()), written["object_id"].as_str());
            prop_assert_eq!(read.sites.len(), written["sites"].as_array().unwrap().len());
            let keys = written.get("keys").or(table["rules"].get("keys_per_account")).unwrap();
            prop_assert_eq!(Some(i64::from(*read.keys)), keys.as_integer());
        }
        prop_assert_eq!(Some(plan.rules.diversity.word()), table["rules"]["diversity"].as_str());
        prop_assert_eq!(Some(plan.rules.pin_location.word()), table["rules"]["pin_location"].as_str());
        prop_assert_eq!(Some(i64::from(*plan.rules.drill_interval_days)), table["rules"]["drill_interval_days"].as_integer());
        let lines = text.lines().count();
        prop_assert!(plan.review().iter().all(|remark| remark.line <= lines && !remark.cure.is_empty()));
    }

    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        if let Err(error) = Plan::parse("custody.toml", &text) {
            prop_assert!(!error.hint().is_empty());
        }
    }

    #[test]
    fn no_bent_plan_breaks_the_reader(at in any::<prop::sample::Index>(), cut in 0_usize..40, new in "[\\[\\]{}\"'=.,#\n\\\\a-z0-9\u{0}\u{fe0f}]{0,10}") {
        let chars: Vec<char> = GOOD.chars().collect();
        let at = at.index(chars.len());
        let end = (at + cut).min(chars.len());
        let text: String = chars[..at].iter().copied().chain(new.chars()).chain(chars[end..].iter().copied()).collect();
        match Plan::parse("custody.toml", &text) {
            Ok(plan) => drop(plan.review()),
            Err(error) => prop_assert!(error.to_string().contains("line ") && !error.hint().is_empty()),
        }
    }
}
