//! Each rule broken by one bend.

use super::*;

#[test]
fn a_key_of_an_account_that_the_plan_does_not_have() {
    let status = good().bend(|good| good.keys.push(key("X", "EA-09", YUBIKEY, "Berlin"))).status();
    let row = only(&status, Id::AccountKnown);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("X")));
    all_else_passes(&status, &[Id::AccountKnown]);
    assert!(!status.well);
}

#[test]
fn an_account_with_too_few_keys() {
    for state in [State::Lost, State::Retired, State::Reset] {
        let status = good().bend(|good| good.keys[1].state = state).status();
        let row = only(&status, Id::KeysPerAccount);
        assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("EA-01")));
        assert!(
            row.saw.contains(&format!("1 key active (beside 1 {}), 2 wanted", state.words())),
            "{}",
            row.saw
        );
        assert!(row.cure.as_ref().unwrap().contains("enroll --account EA-01"));
        all_else_passes(&status, &[Id::KeysPerAccount, Id::KeyReset]);
    }
    let status = good().plan("keys_per_account = 2", "keys_per_account = 3").status();
    assert_eq!(rows(&status, Id::KeysPerAccount).iter().filter(|row| row.status == Sign::Fail).count(), 2);
    let status = good()
        .plan("sites = [\"Bonn\"]", "keys = 1\nsites = [\"Bonn\"]")
        .bend(|good| good.keys.truncate(3))
        .status();
    assert!(status.well, "an account's own number comes before the rule's");
}

#[test]
fn an_empty_inventory_is_not_well() {
    let status = good().bend(|good| good.keys.clear()).status();
    assert!(!status.well);
    let fails: Vec<Id> =
        status.findings.iter().filter(|row| row.status == Sign::Fail).map(|row| row.id).collect();
    assert_eq!(fails, [Id::KeysPerAccount, Id::KeysPerAccount]);
}

#[test]
fn a_reset_key_is_told() {
    let status = good().bend(|good| good.keys.push(Held { state: State::Reset, ..good.keys[0] })).status();
    assert_eq!(only(&status, Id::KeyReset).status, Sign::Warn);
    all_else_passes(&status, &[Id::KeyReset]);
    assert!(status.well);
}

#[test]
fn a_vendor_that_the_account_may_not_hold() {
    let status = good()
        .bend(|good| good.keys[1].aaguid = EPASS)
        .plan("keys_per_account = 2", "keys_per_account = 2\ndiversity = \"survivable\"")
        .bend(|good| good.policy = Some(lists(&[&[YUBIKEY, TOKEN2, EPASS], &[YUBIKEY, TOKEN2, EPASS]])))
        .status();
    let row = only(&status, Id::VendorAllowed);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("EA-01-B")));
    assert!(row.saw.contains("Feitian, Token2") && row.saw.contains("Yubico"), "{}", row.saw);
}

#[test]
fn keys_of_two_accounts_at_one_site() {
    let status = good().bend(|good| good.keys[3].site = Some("BERLIN")).status();
    let row = only(&status, Id::SitesApart);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("Berlin")));
    assert!(row.saw.contains("EA-01, EA-02") && row.saw.contains("EA-02-B"), "{}", row.saw);
    assert_eq!(only(&status, Id::SitePlanned).about.as_deref(), Some("EA-02-B"));
    all_else_passes(&status, &[Id::SitesApart, Id::SitePlanned]);

    let planned = good()
        .plan("sites = [\"Bonn\"]", "sites = [\"Bonn\", \"Berlin\"]")
        .bend(|good| good.keys[3].site = Some("BERLIN"))
        .status();
    assert_eq!(only(&planned, Id::SitesApart).status, Sign::Warn, "the plan has it so, and was told");
    all_else_passes(&planned, &[Id::SitesApart, Id::Plan]);
    assert!(planned.well);
}

#[test]
fn a_key_where_the_plan_does_not_say() {
    let case = |site| good().bend(|good| good.keys[0].site = site).status();
    let unknown = case(Some("Rome"));
    assert_eq!(only(&unknown, Id::SitePlanned).status, Sign::Fail);
    assert!(only(&unknown, Id::SitePlanned).saw.contains("'Rome', which the plan does not have"));
    all_else_passes(&unknown, &[Id::SitePlanned]);
    let unsaid = case(None);
    assert_eq!(only(&unsaid, Id::SitePlanned).status, Sign::Warn);
    assert!(only(&unsaid, Id::SitePlanned).cure.as_ref().unwrap().contains("inventory move EA-01-A"));
    all_else_passes(&unsaid, &[Id::SitePlanned]);
    let free = good()
        .plan("sites = [\"Berlin\"]\n", "")
        .bend(|good| good.keys.truncate(2))
        .bend(|good| good.keys[0].site = Some("Bonn"))
        .status();
    assert_eq!(rows(&free, Id::SitePlanned)[0].status, Sign::Pass, "an account without sites may be at any");
}

#[test]
fn a_custodian_that_the_plan_does_not_say() {
    for (person, says) in [("Cy Cole", "whom the plan does not name"), ("Bo Berg", "no custodian of EA-01")] {
        let status = good().bend(|good| good.keys[0].custodian = Some(person)).status();
        let row = only(&status, Id::CustodianPlanned);
        assert_eq!(row.status, Sign::Warn);
        assert!(row.saw.contains(says), "{}", row.saw);
        all_else_passes(&status, &[Id::CustodianPlanned]);
    }
}

#[test]
fn a_plan_that_is_not_filled_in() {
    let status =
        good().plan("1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f", "00000000-0000-0000-0000-000000000000").status();
    assert_eq!(only(&status, Id::Plan).status, Sign::Fail);
    assert!(only(&status, Id::Plan).saw.contains("custody.toml: line 6"), "{:?}", only(&status, Id::Plan));
    all_else_passes(&status, &[Id::Plan]);
    let unwise = good().plan("drill_interval_days = 90", "drill_interval_days = 180").status();
    assert_eq!(only(&unwise, Id::Plan).status, Sign::Warn);
    let vendor = good().plan("[\"Yubico\"]", "[\"Yubico\", \"Yubiko\"]").status();
    assert_eq!(only(&vendor, Id::Plan).status, Sign::Fail);
}

#[test]
fn a_ledger_of_somebody_else() {
    let status = good().bend(|good| good.organisation = Some("Fabrikam")).status();
    assert_eq!(only(&status, Id::Organisation).status, Sign::Fail);
    all_else_passes(&status, &[Id::Organisation]);
    let case = good().bend(|good| good.organisation = Some("CONTOSO")).status();
    all_else_passes(&case, &[]);
    let unsaid = good().bend(|good| good.organisation = None).status();
    assert_eq!(only(&unsaid, Id::Organisation).status, Sign::Skipped);
}

#[test]
fn another_custody_relying_party() {
    let status = good().bend(|good| good.keys[2].rp_id = "keys.invalid").status();
    let row = only(&status, Id::CustodyCredential);
    assert_eq!(row.status, Sign::Fail);
    assert!(row.saw.contains("EA-02-A") && row.saw.contains("keys.invalid"), "{}", row.saw);
    all_else_passes(&status, &[Id::CustodyCredential]);
}

#[test]
fn steps_that_were_not_ended() {
    let step = |label: Option<&str>| Pending {
        seq: 7,
        at: now(),
        intent: Intent {
            step: "reset".to_owned(),
            label: label.map(str::to_owned),
            account: Some("EA-01".to_owned()),
            details: serde_json::Value::Null,
        },
    };
    let counted_on = good().bend(|good| good.pending.push(step(Some("ea-01-a")))).status();
    let row = only(&counted_on, Id::Pending);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("ea-01-a")));
    assert!(row.saw.contains("event 7") && row.saw.contains("'reset'"), "{}", row.saw);
    all_else_passes(&counted_on, &[Id::Pending]);
    let new = good().bend(|good| good.pending.push(step(None))).status();
    assert_eq!(
        (only(&new, Id::Pending).status, only(&new, Id::Pending).about.as_deref()),
        (Sign::Warn, Some("EA-01"))
    );
}

#[test]
fn what_was_not_understood_and_what_is_no_hardware_is_told() {
    let odd = good().bend(|good| good.odd = 1).status();
    assert_eq!(only(&odd, Id::Ledger).status, Sign::Warn);
    all_else_passes(&odd, &[Id::Ledger]);
    let soft = good().bend(|good| good.keys.iter_mut().for_each(|key| key.soft = true)).status();
    assert_eq!(only(&soft, Id::SoftKey).status, Sign::Warn);
    assert!(soft.well && soft.keys.iter().all(|key| key.soft));
    all_else_passes(&soft, &[Id::SoftKey]);
}

#[test]
fn a_key_that_was_found_not_fit_or_changed() {
    static CHANGES: std::sync::LazyLock<Vec<Change>> = std::sync::LazyLock::new(|| {
        vec![Change { what: "firmware".to_owned(), before: Some("1".to_owned()), after: None }]
    });
    let unfit = good().bend(|good| good.keys[0].last_verdict = Some(Verdict::NotFit)).status();
    let row = only(&unfit, Id::LastVerdict);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("EA-01-A")));
    assert!(row.saw.contains("2026-11-11"), "{}", row.saw);
    all_else_passes(&unfit, &[Id::LastVerdict]);
    let lost = good().bend(|good| {
        let key = Held { last_verdict: Some(Verdict::NotFit), state: State::Retired, ..good.keys[0] };
        good.keys.push(key);
    });
    all_else_passes(&lost.status(), &[]);
    let changed = good().bend(|good| good.keys[0].changes = &CHANGES).status();
    assert!(only(&changed, Id::Changed).saw.contains("firmware: 1, now unsaid"));
    all_else_passes(&changed, &[Id::Changed]);
}

#[test]
fn a_key_whose_counter_went_back_is_told_until_it_is_retired() {
    let back = Some(CounterBack { seq: 9, before: 7, after: 3 });
    let copied = good().bend(|good| good.keys[0].counter_back = back).status();
    let row = only(&copied, Id::Counter);
    assert_eq!((row.status, row.about.as_deref()), (Sign::Fail, Some("EA-01-A")));
    assert!(row.saw.contains("event 9 was signed with counter 3, after 7"), "{}", row.saw);
    all_else_passes(&copied, &[Id::Counter]);
    let retired = good().bend(|good| {
        let key = Held { counter_back: back, state: State::Retired, ..good.keys[0] };
        good.keys.push(key);
    });
    all_else_passes(&retired.status(), &[]);
}
