//! The custody plan: what it says, what is refused and in which line, and what its review tells.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, clippy::panic, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use glasskey::catalogue::Catalogue;
use glasskey::plan::question::built_in;
use glasskey::plan::{About, Diversity, PinLocation, Plan, PlanError, Remark, TEMPLATE, Weight};

#[path = "plan/random.rs"]
mod random;
#[path = "plan/refused.rs"]
mod refused;
#[path = "plan/reviewed.rs"]
mod reviewed;
#[path = "support/schema.rs"]
mod schema;
#[path = "plan/verb.rs"]
mod verb;

const GOOD: &str = include_str!("data/plan/good.toml");

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plan").join(name)
}

/// The good plan, bent in one place.
fn bent(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from:?} must stand once");
    GOOD.replacen(from, to, 1)
}

fn plan(text: &str) -> Plan {
    Plan::parse("custody.toml", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn a_plan_says_what_it_says() {
    let plan = Plan::load(&data("good.toml")).unwrap();
    assert_eq!(plan.organisation.as_str(), "Contoso");
    assert_eq!(plan.custody_rp_id.as_str(), "glasskey.invalid");
    let names: Vec<_> = plan.accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(names, ["EA-01", "EA-02"]);
    let account = plan.account("ea-02").unwrap();
    assert_eq!(account.upn.as_str(), "ea-02@contoso.onmicrosoft.com");
    assert_eq!(account.object_id.to_string(), "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10");
    assert_eq!((*account.keys, *plan.account("EA-01").unwrap().keys), (3, 2));
    assert!(account.allows("feitian") && !account.allows("Yubico"));
    assert_eq!(account.upn.line, 13);
    assert_eq!(plan.site("BERLIN").unwrap().place.as_deref(), Some("Head office, safe 4"));
    assert_eq!(plan.custodian("ana ader").unwrap().contact.as_deref(), Some("+49 30 1234567"));
    assert_eq!(*plan.rules.diversity, Diversity::Survivable);
    assert_eq!(*plan.rules.pin_location, PinLocation::Apart);
    assert_eq!((*plan.rules.pin_retries_floor, *plan.rules.min_pin_length), (4, 8));
    assert_eq!(plan.drill_interval().as_hours(), 30 * 24);
    assert_eq!(plan.policy_files(), [data("policy/fido2.json"), data("policy/strength.json")]);
    assert_eq!(plan.profile(), Some("Emergency access"));
    assert_eq!(plan.catalogue_folders(), [data("models")]);
    assert_eq!((plan.labels.width_mm, plan.labels.height_mm), (50, 25));
    assert_eq!(plan.custody().origin().as_str(), "https://glasskey.invalid");
    assert_eq!(plan.review(), []);
    assert_eq!(plan.review_vendors(&Catalogue::builtin().unwrap()), []);
}

#[test]
fn what_a_plan_leaves_out_has_a_default() {
    let plan = plan("organisation = \"Contoso\"\n[rules]\npin_location = \"known\"\n");
    assert_eq!(*plan.rules.diversity, Diversity::Disjoint);
    assert_eq!(*plan.rules.keys_per_account, 1);
    assert_eq!(*plan.rules.drill_interval_days, 90);
    assert_eq!(*plan.rules.pin_retries_floor, 3);
    assert_eq!(*plan.rules.min_pin_length, 6);
    assert_eq!((plan.labels.width_mm, plan.labels.height_mm), (62, 29));
    assert!(plan.policy_files().is_empty());
    assert_eq!((*plan.drill.alert_limit_minutes, &plan.drill.questions), (15, &built_in()));
    assert_eq!(plan.profile(), None);
}

#[test]
fn a_plan_words_its_own_questions_and_leaves_the_others_as_they_are() {
    let plan = plan(&format!(
        "{GOOD}[drill]\nalert_limit_minutes = 5\n[[drill.question]]\nid = \"role\"\ntext = \"Is it?\"\nowner = \"Cleo\"\n\
         [[drill.question]]\nid = \"two-networks\"\nask = false\n\
         [[drill.question]]\nid = \"phone-tree\"\ntext = \"All reached?\"\nabout = \"account\"\nrequired = false\n"
    ));
    let (asked, usual) = (&plan.drill.questions, built_in());
    assert_eq!((*plan.drill.alert_limit_minutes, asked.len()), (5, usual.len()));
    let of = |id: &str| asked.iter().find(|question| question.id.value == id);
    let role = of("role").unwrap();
    assert_eq!((role.text.as_str(), role.owner.as_deref(), role.required), ("Is it?", Some("Cleo"), true));
    assert_eq!(role.about, About::Account);
    assert!(of("two-networks").is_none() && plan.drill.left_out[0].value == "two-networks");
    let last = asked.last().unwrap();
    assert_eq!((last.id.as_str(), last.about, last.required), ("phone-tree", About::Account, false));
    let ids =
        |list: &[glasskey::plan::Question]| list.iter().map(|one| one.id.value.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&asked[..12]), ids(&usual[..12]), "their order stays");
}

#[test]
fn notepad_may_have_written_it() {
    let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    let read = plan(&windows);
    assert_eq!(read, plan(GOOD));
    assert_eq!(read.accounts[1].upn.line, 13);
}

#[test]
fn the_template_parses_and_asks_for_nothing_but_what_it_tells_to_fill_in() {
    let template = plan(TEMPLATE);
    let told: Vec<_> = TEMPLATE.lines().zip(1_usize..).filter(|(line, _)| line.contains("FILL IN")).collect();
    for remark in template.review() {
        match remark.id {
            "placeholder" => {
                assert!(told.iter().any(|(_, line)| *line == remark.line), "not told: {remark:?}");
            }
            "no-passkey-profile" | "no-auth-strength" => {}
            _ => panic!("the template is to be clean: {remark:?}"),
        }
    }
    let filled = TEMPLATE
        .replace("Your organisation", "Contoso")
        .replace("yourtenant", "contoso")
        .replacen("00000000-0000-0000-0000-000000000000", "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f", 1)
        .replacen("00000000-0000-0000-0000-000000000000", "2a1d4f6b-8c3e-4d72-af91-6b5c4d3e2f10", 1)
        .replace("First custodian (name)", "Ana Ader")
        .replace("Second custodian (name)", "Bo Berg")
        .replace("# passkey_profile", "passkey_profile")
        .replace("# authentication_strength", "authentication_strength");
    assert_eq!(plan(&filled).review(), []);
}

#[test]
fn every_member_of_the_template_that_is_commented_out_is_one() {
    let members: String = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(member) if member.split(" = ").next().is_some_and(is_name) => format!("{member}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_ne!(members, TEMPLATE);
    let plan = plan(&members);
    assert_eq!(*plan.accounts[0].keys, 2);
    assert!(plan.accounts[0].allows("Yubico") && plan.labels.contact.is_some());
    assert_eq!(plan.policy_files().len(), 2);
    assert!(plan.drill.questions.iter().any(|question| question.id.value == "phone-tree"));
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '[' | ']' | '.'))
}

#[test]
fn a_file_that_is_none_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("custody.toml");
    assert!(matches!(Plan::load(&path), Err(PlanError::Missing { .. })));
    assert!(matches!(Plan::load(dir.path()), Err(PlanError::Read { .. })));
    std::fs::write(&path, vec![b'#'; glasskey::plan::LIMIT + 1]).unwrap();
    assert!(matches!(Plan::load(&path), Err(PlanError::TooLarge { .. })));
    std::fs::write(&path, b"organisation = \"x\"\n# \xff\n").unwrap();
    let Err(PlanError::Invalid { line, column, .. }) = Plan::load(&path) else { panic!("UTF-8") };
    assert_eq!((line, column), (2, 3));
}

#[test]
fn the_example_in_the_documentation_is_a_sound_plan_and_every_remark_is_there() {
    let doc = std::fs::read_to_string(data("../../../docs/plan.md")).unwrap();
    let example = doc.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(plan(example).review(), []);
    for id in glasskey::status::Id::ALL {
        assert!(doc.contains(&format!("| `{}` |", id.name())), "{id:?}");
    }
    for question in built_in() {
        let row = doc.lines().find(|line| line.starts_with(&format!("| `{}` |", question.id)));
        let row = row.unwrap_or_else(|| panic!("{}", question.id));
        assert!(row.ends_with(&format!("| {} |", question.text)), "{row}");
        for (is, word) in [
            (question.timed, "with its time"),
            (!question.required, "not required"),
            (question.may_not_apply, "may not apply"),
            (question.before, "before"),
        ] {
            assert_eq!(row.contains(word), is, "{row}: {word}");
        }
    }
    let sources = [include_str!("../src/plan/review.rs"), include_str!("../src/run/plan.rs")];
    let words = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
    let ids = words.filter(|word| {
        word.contains('-') && !word.ends_with('-') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    });
    for id in ids {
        assert!(doc.contains(&format!("`{id}`")), "{id}");
    }
}
