//! One vendor, brand or maker behind two accounts.

use glasskey::status::diversity::{Conflict, conflict_with};

use super::*;

fn catalogue() -> Catalogue {
    Catalogue::builtin().unwrap()
}

/// A case whose accounts hold these models, one key each.
fn holding(rule: &str, accounts: &[&[Uuid]]) -> Status {
    let head = "organisation = \"Contoso\"\n[rules]\npin_location = \"apart\"\n";
    let mut plan = format!("{head}diversity = \"{rule}\"\n");
    let mut keys = Vec::new();
    let names = ["EA-01", "EA-02", "EA-03"];
    for (name, models) in names.into_iter().zip(accounts) {
        let n = name.chars().last().unwrap();
        plan.push_str(&format!(
            "[[account]]\nname = \"{name}\"\nupn = \"{name}@contoso.onmicrosoft.com\"\nobject_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0{n}\"\n"
        ));
        keys.extend(models.iter().map(|model| key(name, name, *model, name)));
    }
    good().bend(|good| (good.plan, good.keys) = (plan, keys)).status()
}

fn broken(rule: &str, accounts: &[&[Uuid]]) -> Vec<String> {
    let status = holding(rule, accounts);
    let rows = rows(&status, Id::VendorDiversity).into_iter().filter(|row| row.status == Sign::Fail);
    rows.map(|row| row.about.clone().unwrap_or_else(|| "nobody".to_owned())).collect()
}

#[test]
fn disjoint_forbids_any_name_in_two_accounts() {
    let none: [&str; 0] = [];
    assert_eq!(broken("disjoint", &[&[YUBIKEY], &[TOKEN2]]), none);
    assert_eq!(broken("disjoint", &[&[YUBIKEY], &[EPASS]]), none);
    assert_eq!(broken("disjoint", &[&[YUBIKEY], &[YUBIKEY]]), ["Yubico"]);
    assert_eq!(broken("disjoint", &[&[EPASS], &[TOKEN2]]), ["Token2"], "Token2 sells Feitian's ePass");
    assert_eq!(broken("disjoint", &[&[EPASS], &[EPASS]]), ["Feitian", "Token2"]);
    assert_eq!(broken("disjoint", &[&[YUBIKEY, TOKEN2], &[EPASS]]), ["Token2"]);
    assert_eq!(broken("disjoint", &[&[YUBIKEY], &[TOKEN2], &[YUBIKEY]]), ["Yubico"]);
    assert_eq!(broken("disjoint", &[&[YUBIKEY, YUBIKEY], &[]]), none, "one account alone");
    assert_eq!(broken("disjoint", &[&[YUBIKEY], &[NOBODY]]), ["nobody"], "could not tell is not yes");
}

#[test]
fn survivable_asks_whether_one_failure_takes_out_all() {
    let none: [&str; 0] = [];
    assert_eq!(broken("survivable", &[&[YUBIKEY], &[YUBIKEY]]), ["Yubico"]);
    assert_eq!(broken("survivable", &[&[YUBIKEY, TOKEN2], &[YUBIKEY]]), none, "EA-01 still has Token2");
    assert_eq!(broken("survivable", &[&[YUBIKEY, TOKEN2], &[YUBIKEY, TOKEN2]]), none);
    assert_eq!(broken("survivable", &[&[EPASS], &[TOKEN2]]), ["Token2"]);
    assert_eq!(broken("survivable", &[&[EPASS, YUBIKEY], &[TOKEN2]]), none);
    assert_eq!(broken("survivable", &[&[YUBIKEY], &[YUBIKEY], &[TOKEN2]]), none);
    assert_eq!(broken("survivable", &[&[YUBIKEY], &[YUBIKEY], &[]]), ["Yubico"], "no keys: out already");
    assert_eq!(broken("survivable", &[&[YUBIKEY]]), ["Yubico"], "the only account hangs on one vendor");
}

#[test]
fn the_words_explain_which_failure_and_why() {
    let status = holding("survivable", &[&[EPASS], &[TOKEN2]]);
    let row = only(&status, Id::VendorDiversity);
    assert!(row.saw.starts_with("a failure of Token2 alone takes out EA-01, EA-02"), "{}", row.saw);
    assert!(row.saw.contains("EA-01: EA-01, a brand that sells it (a list of tested keys"), "{}", row.saw);
    assert!(row.saw.contains("EA-02: EA-02, the vendor"), "{}", row.saw);
}

#[test]
fn keys_out_of_service_do_not_count() {
    let status = good()
        .bend(|good| good.keys.push(Held { state: State::Lost, ..key("OLD", "EA-02", YUBIKEY, "Bonn") }))
        .status();
    all_else_passes(&status, &[]);
}

fn ask(rule: &str, account: &str, aaguid: Uuid) -> Option<Conflict> {
    let text = format!("organisation = \"x\"\n[rules]\npin_location = \"apart\"\ndiversity = \"{rule}\"\n");
    let plan = Plan::parse("custody.toml", &text).unwrap();
    conflict_with(&plan, &good().keys, &catalogue(), account, aaguid)
}

#[test]
fn enrolment_learns_of_a_conflict_beforehand() {
    let conflict = ask("disjoint", "EA-02", YUBIKEY).unwrap();
    assert_eq!((conflict.with_account.as_str(), conflict.with_key.as_str()), ("EA-01", "EA-01-A"));
    assert_eq!(conflict.by, "Yubico");
    assert!(conflict.basis.contains("the same model"), "{conflict}");
    let brand = ask("disjoint", "EA-01", EPASS).unwrap();
    assert_eq!((brand.with_account.as_str(), brand.by.as_str()), ("ea-02", "Token2"));
    assert!(
        brand.to_string().contains("a brand that sells it") && brand.to_string().contains("the vendor"),
        "{brand}"
    );
    assert!(ask("disjoint", "EA-02", EPASS).is_none(), "its own account may hold Token2");
    assert!(ask("disjoint", "ea-01", YUBIKEY).is_none());
    assert!(ask("disjoint", "EA-03", TOKEN2).is_some());
    assert!(ask("survivable", "EA-02", YUBIKEY).is_none());
    assert!(ask("disjoint", "EA-02", NOBODY).is_none());
}
