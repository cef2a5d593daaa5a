//! Texts by strangers, from keys, plan and logs, stay texts: in HTML, SVG and Markdown.

use glasskey::ledger::bytes::Hash;
use glasskey::ledger::payload::*;
use glasskey::plan::Plan;
use glasskey::report::{Label, html, label, markdown};
use glasskey::verdict::finding::Id;
use proptest::prelude::*;
use serde_json::json;

use super::custody::Key;
use super::markup::tags;
use super::page::pages;
use super::story::{PLAN, Story};
use super::{keep, labels};

/// What strangers write.
const EVIL: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style></title></textarea><svg onload=alert(1)>",
    "<!-- --!><b>",
    "]]><?xml version='1.0'?><![CDATA[",
    "javascript:alert(1)",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example mailto:a@evil.example",
    "| a | b |\n|---|---|\n# heading\n- item\n```\ncode",
    "`code` **bold** ~~gone~~ $x$ :skull: &lt;b&gt; \\",
    "safe\u{202e}gnp.exe \u{2066}x\u{2069} \u{200b}\u{feff}",
    "\u{0}\u{7}\u{8}\u{b}\u{1b}[31m\u{9b}2J\u{7f}\u{85}\u{2028}",
    "{{ 7 * 7 }} {% include \"/etc/passwd\" %}",
    "{}</style><style>*{display:none}",
];

/// A story in which every text that strangers can write is this one.
fn story(evil: &str) -> (Story, Plan) {
    let mut story = Story::begins("2026-05-04T06:45:00Z");
    // A plan has rules of its own, and markup is not against them.
    let markup = "<script>alert(1)</script> & Söhne\\\" onload=\\\"x | [c](javascript:d)";
    let plan = ["Contoso Versicherungen AG", "Head office, room 1.23, safe 4", "Found? Call +49 30 1234567"]
        .iter()
        .fold(PLAN.to_owned(), |plan, text| {
            assert_eq!(plan.matches(text).count(), 1, "{text}");
            plan.replace(text, markup)
        });
    let plan = Plan::parse("<b>plan</b>.toml", &plan).unwrap();
    let mut key = Key::new(77);
    // Labels have rules of their own, and markup is not against them.
    key.label = "EA <svg onload=alert(1)>".into();
    let mut enrolled = key.enrolled("EA-01", false);
    for text in [
        &mut enrolled.site,
        &mut enrolled.custodian,
        &mut enrolled.witness,
        &mut enrolled.model,
        &mut enrolled.vendor,
        &mut enrolled.override_reason,
    ] {
        *text = Some(evil.into());
    }
    story.signed(&mut key, Payload::Enrolled(Box::new(enrolled)));
    let bag = Moved { label: key.label.clone(), bag: Some(evil.into()), ..Moved::default() };
    story.write(Payload::Moved(bag));
    let Payload::Checked(mut checked) = key.checked(Verdict::NotFit) else { panic!("a check") };
    checked.findings = json!([
        { "id": evil, "status": "fail", "saw": evil, "why": evil, "cure": evil },
        { "id": Id::Counter.name(), "status": evil, "saw": evil },
        evil, { "id": 7 },
    ]);
    checked.facts = json!({ "product": evil, "retries": { "left": evil } });
    checked.changes = vec![Change { what: evil.into(), before: Some(evil.into()), after: None }];
    story.signed(&mut key, Payload::Checked(checked));
    let begun = DrillBegun {
        accounts: vec![DrillAccount {
            name: evil.into(),
            custodians: vec![evil.into()],
            keys: vec![DrillKey { label: key.label.clone(), site: None, bag: Some(evil.into()) }],
        }],
        questions: vec![Question {
            id: evil.into(),
            text: evil.into(),
            about: glasskey::plan::About::Drill,
            required: true,
            may_not_apply: false,
            timed: false,
            before: false,
            owner: None,
        }],
        interval_days: 90,
        alert_limit_minutes: 15,
        by: Some(evil.into()),
        present: vec![evil.into()],
    };
    let drill = story.write(Payload::DrillBegun(Box::new(begun)));
    let why = evil.to_owned();
    story.write(Payload::NotChecked(NotChecked {
        drill,
        label: key.label.clone(),
        because: Because::Missing,
        why,
        by: Some(evil.into()),
    }));
    story.write(Payload::DrillAnswered(DrillAnswered {
        drill,
        question: evil.into(),
        account: None,
        label: None,
        answer: Answer::No,
        told: None,
        note: Some(evil.into()),
        by: Some(evil.into()),
    }));
    let seen = SignInSeen {
        at: jiff::Timestamp::UNIX_EPOCH,
        id: Some(evil.into()),
        error_code: 50126,
        methods: vec![evil.into(), evil.into()],
        application: Some(evil.into()),
        address: Some(evil.into()),
    };
    let change = ChangeSeen {
        at: jiff::Timestamp::UNIX_EPOCH,
        id: Some(evil.into()),
        activity: evil.into(),
        success: false,
        of_account: true,
        by_account: true,
    };
    for (log, sign_ins, changes) in [
        (LogKind::SignIns, vec![seen.clone(), SignInSeen { error_code: 0, ..seen }], vec![]),
        (LogKind::Audit, vec![], vec![change]),
    ] {
        story.write(Payload::EvidenceAttached(Box::new(EvidenceAttached {
            drill: Some(drill),
            account: evil.into(),
            log,
            file: evil.into(),
            sha256: Hash::ZERO,
            entries: 2,
            first: None,
            last: None,
            partial: true,
            sign_ins,
            changes,
            left_out: 3,
        })));
    }
    let at = "2026-05-05T00:00:00Z".parse().unwrap();
    story.write(Payload::AccountUsed(AccountUsed {
        account: evil.into(),
        from: at,
        until: at,
        why: evil.into(),
        by: Some(evil.into()),
    }));
    let action =
        Action { id: evil.into(), what: evil.into(), owner: Some(evil.into()), about: Some(evil.into()) };
    story.write(Payload::DrillEnded(Box::new(DrillEnded {
        drill,
        verdict: DrillVerdict::Failed,
        why: Some(evil.into()),
        accounts: vec![],
        actions: vec![action],
    })));
    (story, plan)
}

fn shown(evil: &str) -> String {
    let (story, plan) = story(evil);
    html::html(&story.report(&plan)).unwrap()
}

#[test]
fn no_text_becomes_a_tag_or_an_attribute() {
    let tame = pages().into_iter().map(|(_, page)| tags(&page)).reduce(|mut all, page| {
        page.into_iter().for_each(|(tag, names)| all.entry(tag).or_default().extend(names));
        all
    });
    let tame = tame.unwrap();
    for evil in EVIL {
        let page = shown(evil);
        for (tag, names) in tags(&page) {
            let known = tame.get(&tag).unwrap_or_else(|| panic!("{evil:?} became a tag: {tag}"));
            assert!(names.is_subset(known), "{evil:?} became an attribute of {tag}: {names:?}");
        }
        let harmful = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        assert_eq!(page.chars().find(|c| harmful(*c)), None, "{evil:?} is invisible");
    }
    keep("hostile.html", &shown(&EVIL.concat()));
}

#[test]
fn no_text_becomes_a_tag_of_a_label() {
    let tame = tags(&label::svg(&labels::of("EA-01-A", |_| {}).unwrap()).unwrap());
    for evil in EVIL {
        let (story, plan) = story(evil);
        let ledger = story.ledger();
        let key = ledger.inventory().keys().last().unwrap();
        let stand = label::Stand { seq: 1, head: ledger.head() };
        let label = Label::new(key, Some(&plan), stand, jiff::Timestamp::UNIX_EPOCH).unwrap();
        let picture = label::svg(&label).unwrap();
        for (tag, names) in tags(&picture) {
            assert!(tame.get(&tag).is_some_and(|known| names.is_subset(known)), "{evil:?}: {tag} {names:?}");
        }
        assert!(
            !label.text.contains(['\r', '\u{202e}', '\0']) && label.text.lines().count() <= 12,
            "{}",
            label.text
        );
    }
}

/// GitHub's Markdown, with raw HTML let through: the worst case.
fn rendered(text: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(text, &options)
}

#[test]
fn no_text_becomes_markup_of_markdown() {
    let of = |evil: &str| {
        let (story, plan) = story(evil);
        rendered(&markdown::markdown(&story.report(&plan)).unwrap())
    };
    let count = |page: &str, tag: &str| page.matches(tag).count();
    let tame = of("a");
    for evil in EVIL {
        let page = of(evil);
        for tag in
            ["<table", "<tr", "<td", "<h1", "<h2", "<h3", "<li", "<code", "<pre", "<strong", "<em", "<del"]
        {
            assert_eq!(count(&page, tag), count(&tame, tag), "{evil:?}: {tag}");
        }
        for tag in ["<script", "<img", "<svg", "<b>", "<style", "href=\"http", "href=\"javascript"] {
            assert_eq!(count(&page, tag), 0, "{evil:?}: {tag}");
        }
    }
}

#[test]
fn an_account_that_looks_like_a_list_stays_a_name() {
    for name in ["1. X", "- X", "+ X", "# X"] {
        let (mut story, plan) = story("a");
        let mut key = Key::new(78);
        let enrolled = key.enrolled(name, false);
        story.signed(&mut key, Payload::Enrolled(Box::new(enrolled)));
        let page = rendered(&markdown::markdown(&story.report(&plan)).unwrap());
        assert!(page.contains(&format!("<p>Account: {name}, ")), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever one cell holds, it stays one cell.
    #[test]
    fn any_text_stays_in_its_cell(text in "\\PC{0,40}|[-`*_\\[\\]<>#|~&$@:./ \\\\a!(){}=+^\"']{0,30}") {
        use askama::filters::Escaper;
        let mut cell = String::new();
        glasskey::report::escaper::Markdown.write_escaped_str(&mut cell, &text).unwrap();
        let page = rendered(&format!("| a | b |\n|---|---|\n| x{cell}x | last |\n"));
        prop_assert_eq!(page.matches("<td>").count(), 2, "{}", page);
        prop_assert!(page.contains("<td>last</td>"), "{}", page);
        let inside = page.split("<td>").nth(1).unwrap().split("</td>").next().unwrap();
        let inside = inside.replace("<a href=\"mailto:", "").replace("</a>", "");
        prop_assert!(!inside.contains('<') || text.contains('@'), "{}", inside);
    }
}
