//! Do several policies let in the same models?

use glasskey::policy::Unnamed;

use super::*;

#[test]
fn agreement_is_about_what_is_let_in() {
    let list = |ids: &[Uuid]| policy(&json!(ids));
    let safe = policy(&fixture("two-profiles.json"));
    let agree = |policies: &[&Policy]| {
        PolicySet { policies: policies.iter().map(|p| (*p).clone()).collect() }.agreement()
    };
    assert_eq!(agree(&[&safe]), Agreement::NothingToCompare);
    assert_eq!(agree(&[&safe, &list(&[TOKEN2, YUBI])]), Agreement::Agree);
    let Agreement::Differ(found) = agree(&[&safe, &list(&[YUBI, OTHER]), &list(&[TOKEN2, YUBI])]) else {
        panic!()
    };
    assert_eq!(found.len(), 2, "the first and the third agree");
    assert_eq!(found[0].only_in_a, [TOKEN2].into());
    assert_eq!(found[0].only_in_b, [OTHER].into());
    assert_eq!(found[0].unnamed, Unnamed::Same);

    let words = |a: &Policy, b: &Policy| match agree(&[a, b]) {
        Agreement::Differ(found) => found[0].to_string(),
        other => format!("{other:?}"),
    };
    let named = |mut policy: Policy, name: &str| {
        policy.source = name.to_owned();
        policy
    };
    let open = named(policy(&fixture("strengths.json")["value"][0]), "open");
    let block = named(policy(&fixture("legacy-block.json")), "block");
    let off = named(policy(&with(fixture("two-profiles.json"), "/state", json!("disabled"))), "off");
    let doubt = named(policy(&with(fixture("two-profiles.json"), "/state", json!("?"))), "doubt");
    let safe = named(safe, "safe");
    assert_snapshot!([words(&open, &safe), words(&safe, &block), words(&off, &safe), words(&open, &block)].join("\n"), @r#"
    "open" lets in models that neither names, "safe" doesn't
    only "safe" lets in eabb46cc-e241-80bf-ae9e-96fa6d2975cf; "block" lets in models that neither names, "safe" doesn't
    only "safe" lets in a25342c0-3cdc-4414-8e46-f4807fca511c, eabb46cc-e241-80bf-ae9e-96fa6d2975cf
    only "open" lets in eabb46cc-e241-80bf-ae9e-96fa6d2975cf
    "#);
    assert!(matches!(agree(&[&safe, &doubt]), Agreement::CannotTell(d) if d[0].source == "doubt"));
    assert!(matches!(agree(&[&safe, &doubt, &open]), Agreement::Differ(d) if d.len() == 1));
}
