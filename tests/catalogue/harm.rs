//! Chips, faults of chips, and quirks: facts with a source, and no silence taken for an answer.

use glasskey::catalogue::{Effect, Stand};

use super::*;

fn stand(key: &str) -> String {
    let catalogue = catalogue();
    let stands = catalogue.stands(id(key));
    match stands.into_iter().find(|(topic, _)| topic.id == "EUCLEAK") {
        None => "nothing is asked".to_owned(),
        Some((_, Stand::Judged)) => "judged".to_owned(),
        Some((_, Stand::Denied(statement))) => format!("denied by {}", statement.vendors.join(", ")),
        Some((_, Stand::OtherChip(chip))) => format!("chip {chip}"),
        Some((_, Stand::ThatChip(chip))) => format!("that chip {chip}"),
        Some((_, Stand::NoStatement)) => "no statement".to_owned(),
    }
}

#[test]
fn silence_is_no_acquittal() {
    for (key, expected) in [
        ("2fc0579f-8113-47ea-b116-bb5a8db9202a", "judged"),
        ("a25342c0-3cdc-4414-8e46-f4807fca511c", "judged"),
        ("5d629218-d3a5-11ed-afa1-0242ac120002", "judged"),
        ("7787a482-13e8-4784-8a06-c7ed49a7aaf4", "judged"),
        ("eabb46cc-e241-80bf-ae9e-96fa6d2975cf", "no statement"),
        ("833b721a-ff5f-4d00-bb2e-bdda3ec01e29", "no statement"),
        ("42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3", "no statement"),
        ("2cd2f727-f6ca-44da-8f48-5c2e5da000a2", "denied by Nitrokey"),
        ("8652abe9-fbd8-4810-a840-d6fc442a8c2c", "chip NXP LPC55S69"),
        ("58b44d0b-0a7c-f33a-fd48-f7153c871352", "chip STMicroelectronics ST33"),
        // What is only concluded clears nobody.
        ("664d9f67-84a2-412a-9ff7-b4f7d8ee6d05", "no statement"),
        ("9a272558-5cfa-4424-be37-65509677b77d", "that chip Infineon SECORA"),
        ("de1e552d-db1d-4423-a619-566b625cdc84", "nothing is asked"),
        ("deadbeef-0000-4000-8000-000000000000", "nothing is asked"),
    ] {
        assert_eq!(stand(key), expected, "{key}");
    }
    // Every vendor of whom nothing is known is told so; nobody is left out by an oversight.
    let catalogue = catalogue();
    let hardware = catalogue.models().filter(|model| model.kind == Kind::Hardware);
    let silent: BTreeSet<_> = hardware
        .filter(|model| stand(&model.aaguid.to_string()) == "no statement")
        .map(|model| model.vendor.clone())
        .collect();
    for vendor in ["Token2", "Thales", "HID", "Feitian", "Google", "GoTrust"] {
        assert!(silent.contains(vendor), "{vendor}");
    }
    assert!(!silent.contains("Yubico") && !silent.contains("Swissbit"));
}

#[test]
fn chips_and_quirks_are_about_models_that_exist_and_say_where_they_are_from() {
    let catalogue = catalogue();
    let hardware = |aaguid: &Uuid| catalogue.model(*aaguid).is_some_and(|model| model.kind == Kind::Hardware);
    let mut seen = BTreeSet::new();
    for chip in catalogue.chips() {
        assert!(!chip.aaguids.is_empty() && chip.aaguids.is_sorted() && chip.aaguids.iter().all(hardware));
        assert!(chip.source.len() > 10 && chip.basis.len() > 10, "{chip}");
        assert!(chip.aaguids.iter().all(|aaguid| seen.insert(*aaguid)), "{chip}: one chip a model");
    }
    assert!(catalogue.quirks().iter().map(|quirk| &quirk.id).is_sorted(), "quirks.toml: sort by id");
    for quirk in catalogue.quirks() {
        assert!(!quirk.aaguids.is_empty() && quirk.aaguids.is_sorted() && quirk.aaguids.iter().all(hardware));
        assert!(quirk.sources.iter().all(|source| source.contains('/')), "{}", quirk.id);
        assert_eq!(quirk.matters.is_some(), quirk.cure.is_some(), "{}: what hurts has a cure", quirk.id);
    }
    for topic in catalogue.topics() {
        assert!(!topic.sources.is_empty() && !topic.cure.is_empty());
        for id in &topic.advisories {
            assert!(catalogue.advisories().iter().any(|advisory| advisory.id == *id), "{id}");
        }
        assert!(catalogue.chips().iter().any(|chip| chip.maker == topic.chip_maker), "{}", topic.chip_maker);
    }
}

#[test]
fn a_chip_below_5_7_is_infineons_by_what_was_published_and_later_ones_are_not_told() {
    let catalogue = catalogue();
    for model in catalogue.models().filter(|model| model.vendor == "Yubico" && model.kind == Kind::Hardware) {
        let before = model.firmware_max.unwrap() < "5.7".parse().unwrap();
        let chip = catalogue.chip(model.aaguid);
        assert_eq!(chip.is_some(), before, "{}", model.name);
        assert!(chip.is_none_or(|chip| chip.maker == "Infineon"));
    }
}

#[test]
fn what_is_done_differently_is_done_for_those_models_only() {
    let catalogue = catalogue();
    let with = |effect| {
        let models = catalogue.models().filter(|model| catalogue.has_effect(model.aaguid, effect));
        models.map(|model| model.aaguid.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(with(Effect::PinProtocolOne), ["ab32f0c6-2239-afbb-c470-d2ef4e254db7"]);
    assert_eq!(with(Effect::NoExcludeList).len(), 3);
}
