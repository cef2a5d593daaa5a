//! What no plan may hold: each error names the file, the line, and the cure.

use super::{GOOD, bent};
use glasskey::plan::{Plan, PlanError};

/// What is put in another's place, the line of the error, a part of what it says, a part of the cure.
const BENT: &[(&str, &str, usize, &str, &str)] = &[
    ("organisation = \"Contoso\"", "", 1, "the plan has no `organisation`", "add `organisation"),
    ("\"Contoso\"", "Contoso", 1, "", "texts in \"quotes\""),
    ("\"Contoso\"", "\"\"", 1, "the organisation's name is empty", "leave the line out"),
    ("\"Contoso\"", "7", 1, "invalid type: integer `7`", "\"quotes\""),
    ("\"Contoso\"", "\"Con\\u202Etoso\"", 1, "holds \\u{202e}", "invisible"),
    ("\"Contoso\"", "\"Con\\u001Btoso\"", 1, "holds \\u{1b}", "invisible"),
    ("\"Contoso\"", "\"Contoso\"\norganisation = \"B\"", 2, "duplicate key", "keep one of the two"),
    ("\"Contoso\"", "\"Contoso\"\norganization = \"B\"", 2, "unknown field `organization`", "`organisation`"),
    ("\"Contoso\"", "\"Contoso\"\ncustody_rp_id = \"login.microsoft.com\"", 2, "real site", ".invalid"),
    ("\"Contoso\"", "\"Contoso\"\ncustody_rp_id = \".invalid\"", 2, "real site", ".invalid"),
    ("\"Contoso\"", "\"Contoso\"\ncustody_rp_id = \"invalid\"", 2, "real site", ".invalid"),
    ("\"Contoso\"", "\"Contoso\"\ncustody_rp_id = \"Keys.Invalid\"", 2, "relying party", "small letters"),
    ("\"Contoso\"", "\"Contoso\"\ncustody_rp_id = \"glasskey.invalid.\"", 2, "", ".invalid"),
    ("\"EA-01\"", "\"  \"", 4, "the account's name is empty", ""),
    (
        "\"EA-01\"",
        "\"0123456789012345678901234567890123456789x\"",
        4,
        "has 41 characters",
        "shorten it to 40",
    ),
    ("name = \"EA-01\"", "", 3, "an account has no `name`", "add `name"),
    ("upn = \"ea-01@contoso.onmicrosoft.com\"", "", 3, "account EA-01 has no `upn`", "add `upn"),
    ("ea-01@contoso", "ea-01.contoso", 5, "it has no @", "ea-01@contoso.onmicrosoft.com"),
    ("ea-01@contoso", "a@b@contoso", 5, "no user principal name", "ea-01@"),
    ("ea-01@contoso", "ea 01@contoso", 5, "without blanks", "ea-01@"),
    ("ea-01@contoso.onmicrosoft.com", "ea-01@contoso", 5, "no domain", "ea-01@"),
    ("ea-01@contoso.onmicrosoft.com", "ea-01@contoso..com", 5, "no domain", "ea-01@"),
    ("ea-01@contoso", "éa@contoso", 5, "ASCII", "ea-01@"),
    ("1f0c3e5a-7b2d", "1f0c3e5a-7b2x", 6, "no object id", "Entra"),
    ("object_id = \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f\"", "", 3, "has no `object_id`", "add `object_id"),
    ("[\"Yubico\"]", "\"Yubico\"", 7, "invalid type: string", "lists in [brackets]"),
    ("[\"Yubico\"]", "[\"Yubico\", 3]", 7, "invalid type: integer", "\"quotes\""),
    ("[\"Yubico\"]", "[\"Yubico\", \"\"]", 7, "the vendor's name is empty", ""),
    ("keys = 3", "keys = 0", 15, "`keys` is 0", "from 1 to 100"),
    ("keys = 3", "keys = -1", 15, "`keys` is -1", "from 1 to 100"),
    ("keys = 3", "keys = \"3\"", 15, "invalid type: string", "numbers without"),
    ("keys = 3", "keys = 3.5", 15, "invalid type: floating point", "numbers without"),
    ("keys = 3", "key = 3", 15, "unknown field `key`", "`keys`"),
    ("keys = 3", "keys = 99999999999999999999", 15, "", ""),
    ("place = \"Head office, safe 4\"", "place = \"a\\nb\"", 22, "the place holds \\u{a}", "type it anew"),
    ("diversity = \"survivable\"", "diversity = \"Disjoint\"", 35, "'Disjoint' is no rule", "\"disjoint\""),
    (
        "pin_location = \"apart\"",
        "",
        34,
        "does not state where the PINs are kept",
        "pin_location = \"apart\"",
    ),
    ("pin_location = \"apart\"", "pin_location = \"safe\"", 39, "'safe' is no place", "\"with-key\""),
    ("drill_interval_days = 30", "drill_interval_days = 0", 37, "`drill_interval_days` is 0", "1 to 366"),
    ("drill_interval_days = 30", "drill_interval_days = 367", 37, "is 367", "1 to 366"),
    ("drill_interval_days = 30", "drill_interval_days = \"90 days\"", 37, "invalid type", "numbers without"),
    ("pin_retries_floor = 4", "pin_retries_floor = 0", 38, "is 0", "from 1 to 7"),
    ("pin_retries_floor = 4", "pin_retries_floor = 8", 38, "is 8", "from 1 to 7"),
    ("min_pin_length = 8", "min_pin_length = 3", 40, "is 3", "from 4 to 63"),
    ("[rules]", "[[rules]]", 34, "", ""),
    ("[rules]", "[rule]", 34, "unknown field `rule`", "`rules`"),
    ("[policy]", "[policy", 42, "", ""),
    ("\"policy/fido2.json\"", "\"\"", 43, "no path", "as seen from the plan's folder"),
    ("\"policy/fido2.json\"", "\"a\\u0000b\"", 43, "no path", "as seen from the plan's folder"),
    ("\"policy/fido2.json\"", "[\"policy/fido2.json\"]", 43, "invalid type: sequence", "lists in [brackets]"),
    ("width_mm = 50", "width_mm = 5", 51, "`width_mm` is 5", "from 20 to 300"),
    ("[labels]", "[drill]\nalert_limit_minutes = 0\n[labels]", 51, "`alert_limit_minutes` is 0", "1 to 1440"),
    ("[labels]", "[drill]\nquestions = []\n[labels]", 51, "unknown field `questions`", "`question`"),
    ("[labels]", "[[drill.question]]\ntext = \"A?\"\n[labels]", 50, "a question has no `id`", "add `id"),
    (
        "[labels]",
        "[[drill.question]]\nid = \"a\"\n[labels]",
        50,
        "the question 'a' has no `text`",
        "add `text",
    ),
    ("[labels]", "[[drill.question]]\nid = \"A b\"\n[labels]", 51, "'A b' is no id", "small letters"),
    ("[labels]", "[[drill.question]]\nid = \"a--b\"\n[labels]", 51, "is no id", "single dashes"),
    (
        "[labels]",
        "[[drill.question]]\nid = \"a\"\ntext = \"A?\"\nabout = \"site\"\n[labels]",
        53,
        "not asked about 'site'",
        "\"account\"",
    ),
    (
        "[labels]",
        "[[drill.question]]\nid = \"alert\"\ntimed = false\n[labels]",
        50,
        "'alert' is a built-in question",
        "another id",
    ),
    (
        "[labels]",
        "[[drill.question]]\nid = \"role\"\nask = false\n[[drill.question]]\nid = \"role\"\n[labels]",
        53,
        "'role' stands in line 51 already",
        "keep one of the two",
    ),
    ("[labels]", "[labels]\nfont = \"Arial\"", 51, "unknown field `font`", "`width_mm`"),
];

#[test]
fn each_error_names_the_file_the_line_and_the_cure() {
    for (from, to, wanted, says, cures) in BENT {
        let text = bent(from, to);
        let Err(error) = Plan::parse("custody.toml", &text) else { panic!("not refused: {to}") };
        let PlanError::Invalid { line, column, .. } = &error else { panic!("{error}") };
        let (told, hint) = (error.to_string(), error.hint());
        assert_eq!(line, wanted, "{to}: {told}");
        assert!(*column >= 1 && told.starts_with(&format!("custody.toml: line {line}, column ")), "{told}");
        assert!(told.contains(says), "{to}: {told}");
        assert!(hint.contains(cures) && !hint.is_empty(), "{to}: {told}: {hint}");
        assert!(!told.contains(['\n', '\u{1b}', '\u{202e}']), "{told:?}");
    }
}

#[test]
fn garbage_is_no_plan() {
    let long = "[".repeat(200_000);
    let deep = format!("organisation = {}", "[".repeat(5000));
    let garbage =
        ["", "\0", "<html>", "{}", "= =", "organisation", "\"\"\"", "[[account]]", &long, &deep, "a.b.c = 1"];
    for text in garbage {
        let error = Plan::parse("custody.toml", text).unwrap_err();
        assert!(matches!(error, PlanError::Invalid { .. }), "{error}");
        assert!(error.to_string().len() < 5000 && !error.hint().is_empty());
    }
}

#[test]
fn every_line_may_be_cut_off() {
    let lines: Vec<_> = GOOD.lines().collect();
    for end in 0..lines.len() {
        let text = lines[..end].join("\n");
        if let Err(error) = Plan::parse("custody.toml", &text) {
            assert!(matches!(error, PlanError::Invalid { line, .. } if line <= end.max(1)), "{error}");
        }
    }
}
