//! What the review tells: each remark by one bend of a plan that has none.

use super::{Catalogue, Remark, Weight, bent, plan};

fn review(text: &str) -> Vec<Remark> {
    plan(text).review()
}

/// What is put in another's place, the remark, its line, a part of what it says.
const BENT: &[(&str, &str, &str, Weight, usize, &str)] = {
    use Weight::{Fail, Warn};
    &[
        ("\"Contoso\"", "\"Your organisation\"", "placeholder", Fail, 1, "the organisation's name"),
        ("ea-01@contoso.", "ea-01@yourtenant.", "placeholder", Fail, 5, "the UPN of EA-01"),
        (
            "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f",
            "00000000-0000-0000-0000-000000000000",
            "placeholder",
            Fail,
            6,
            "object id",
        ),
        ("\"EA-02\"", "\"ea-01\"", "duplicate-account", Fail, 12, "line 4"),
        ("ea-02@contoso", "EA-01@Contoso", "duplicate-upn", Fail, 13, "line 5"),
        (
            "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10",
            "1F0C3E5A7B2D4C619E805A4B3C2D1E0F",
            "duplicate-object-id",
            Fail,
            14,
            "line 6",
        ),
        (
            "[[site]]\nname = \"Bonn\"",
            "[[site]]\nname = \"Bonn\"\n[[site]]\nname = \" BONN\"",
            "duplicate-site",
            Fail,
            27,
            "line 25",
        ),
        (
            "name = \"Bo Berg\"",
            "name = \"Bo Berg\"\n[[custodian]]\nname = \"bo berg\"",
            "duplicate-custodian",
            Fail,
            34,
            "line 32",
        ),
        (
            "sites = [\"Bonn\"]",
            "sites = [\"Bonn\", \"Born\"]",
            "unknown-site",
            Fail,
            17,
            "EA-02 names the site 'Born'",
        ),
        ("[\"Bo Berg\"]", "[\"Bob Berg\"]", "unknown-custodian", Fail, 18, "'Bob Berg'"),
        ("ea-01@contoso.onmicrosoft.com", "ea-01@contoso.com", "upn-domain", Warn, 5, "ea-01@contoso.com"),
        ("ea-01@contoso.onmicrosoft.com", "ea-01@onmicrosoft.com", "upn-domain", Warn, 5, ""),
        ("ea-01@contoso.onmicrosoft.com", "ea-01@evilonmicrosoft.com", "upn-domain", Warn, 5, ""),
        ("sites = [\"Bonn\"]", "sites = [\"Bonn\", \"berlin\"]", "shared-site", Warn, 17, "EA-01 and EA-02"),
        ("sites = [\"Bonn\"]", "sites = [\"Bonn\", \"bonn\"]", "site-twice", Warn, 17, "EA-02"),
        (
            "vendors = [\"Token2\", \"Feitian\"]",
            "vendors = [\"yubico\"]",
            "same-vendor",
            Fail,
            16,
            "EA-01 and EA-02",
        ),
        (
            "passkey_profile = \"policy/fido2.json\"\nprofile = \"Emergency access\"",
            "",
            "no-passkey-profile",
            Warn,
            0,
            "",
        ),
        (
            "passkey_profile = \"policy/fido2.json\"\n",
            "",
            "profile-without-file",
            Fail,
            43,
            "Emergency access",
        ),
        ("authentication_strength = \"policy/strength.json\"", "", "no-auth-strength", Warn, 0, ""),
        ("policy/strength.json", "policy/fido2.json", "same-policy-file", Fail, 45, "same file"),
        ("drill_interval_days = 30", "drill_interval_days = 91", "drill-interval", Warn, 37, "91 days"),
        ("pin_retries_floor = 4", "pin_retries_floor = 2", "pin-retries-floor", Warn, 38, "2"),
        ("min_pin_length = 8", "min_pin_length = 5", "min-pin-length", Warn, 40, "5"),
        ("keys = 3", "keys = 1", "one-key", Warn, 15, "EA-02"),
        ("keys_per_account = 2", "keys_per_account = 1", "one-key", Warn, 36, "EA-01"),
        (
            "[labels]",
            "[[drill.question]]\nid = \"alert\"\nask = false\n[labels]",
            "question-left-out",
            Warn,
            51,
            "do not ask 'alert'",
        ),
        (
            "[labels]",
            "[[drill.question]]\nid = \"role\"\nrequired = false\n[labels]",
            "question-not-required",
            Warn,
            51,
            "'role'",
        ),
        ("[labels]", "[drill]\nalert_limit_minutes = 61\n[labels]", "alert-limit", Warn, 51, "61 minutes"),
    ]
};

#[test]
fn each_bend_is_told_with_its_line_and_cure() {
    for (from, to, id, weight, line, says) in BENT {
        let found = review(&bent(from, to));
        let Some(remark) = found.iter().find(|remark| remark.id == *id) else {
            panic!("{to}: not told: {found:#?}")
        };
        assert_eq!((remark.status, remark.line), (*weight, *line), "{remark:?}");
        assert!(remark.what.contains(says) && !remark.cure.is_empty(), "{remark:?}");
        let allowed = |other: &Remark| other.id == *id || also(id, other.id);
        assert!(found.iter().all(allowed), "{to}: one bend, one remark: {found:#?}");
    }
}

/// What cannot be bent alone.
fn also(id: &str, other: &str) -> bool {
    matches!(
        (id, other),
        ("profile-without-file", "no-passkey-profile") | ("duplicate-account", "duplicate-account")
    )
}

#[test]
fn good_limits_are_not_told() {
    let good = [
        ("drill_interval_days = 30", "drill_interval_days = 90"),
        ("pin_retries_floor = 4", "pin_retries_floor = 3"),
        ("min_pin_length = 8", "min_pin_length = 6"),
        ("ea-01@contoso.onmicrosoft.com", "ea-01@CONTOSO.OnMicrosoft.COM"),
        ("ea-01@contoso.onmicrosoft.com", "ea-01@contoso.onmicrosoft.us"),
        ("ea-01@contoso.onmicrosoft.com", "ea-01@contoso.partner.onmschina.cn"),
    ];
    for (from, to) in good {
        assert_eq!(review(&bent(from, to)), [], "{to}");
    }
}

#[test]
fn a_plan_without_accounts_sites_or_custodians_is_told() {
    let head = "organisation = \"Contoso\"\n[rules]\npin_location = \"apart\"\n";
    let ids = |text: &str| review(text).iter().map(|remark| remark.id).collect::<Vec<_>>();
    let none = ["no-accounts", "no-custodians", "no-sites", "no-passkey-profile", "no-auth-strength"];
    let told = ids(head);
    assert!(none.iter().all(|id| told.contains(id)), "{told:?}");
    let one = format!(
        "{head}[[account]]\nname = \"EA-01\"\nupn = \"a@b.onmicrosoft.com\"\nobject_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f\"\n"
    );
    assert!(ids(&one).contains(&"one-account"));
}

#[test]
fn three_accounts_may_share_a_vendor_if_the_rule_is_survivable() {
    let third = "[[account]]\nname = \"EA-03\"\nupn = \"ea-03@contoso.onmicrosoft.com\"\nobject_id = \"3b2e5a7c-9d4f-4e83-b0a2-7c6d5e4f3a21\"\nvendors = [\"Yubico\"]\n\n[[site]]\nname = \"Berlin\"";
    let text = bent("[[site]]\nname = \"Berlin\"", third);
    assert_eq!(review(&text), []);
    let disjoint = text.replace("survivable", "disjoint");
    assert_eq!(review(&disjoint).iter().map(|remark| remark.id).collect::<Vec<_>>(), ["same-vendor"]);
}

#[test]
fn the_worst_of_a_line_comes_first_and_lines_are_in_order() {
    let text = bent("\"Contoso\"", "\"Your organisation\"")
        .replace("drill_interval_days = 30", "drill_interval_days = 180");
    let lines: Vec<_> = review(&text).iter().map(|remark| remark.line).collect();
    assert_eq!(lines, [1, 37]);
}

#[test]
fn a_vendor_that_no_key_has_is_told() {
    let catalogue = Catalogue::builtin().unwrap();
    let told = plan(&bent("\"Token2\"", "\"Token 2\"")).review_vendors(&catalogue);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].id, told[0].line), ("unknown-vendor", 16));
}
