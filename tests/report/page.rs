//! What any page of ours must be: one file that runs nothing, asks for nothing, and can be read by everybody.

use std::collections::BTreeSet;

use glasskey::report::{html, label};

use super::markup::{inert, under_policy};
use super::story;

pub(crate) fn pages() -> Vec<(&'static str, String)> {
    let story = story::told();
    let plan = story.plan();
    let sheet = label::sheet(&story.labels(&plan), Some("Contoso")).unwrap();
    vec![("report", html::html(&story.report(&plan)).unwrap()), ("labels", sheet)]
}

#[test]
fn no_page_can_run_or_fetch_anything() {
    pages().iter().for_each(|(name, page)| inert(name, page));
}

#[test]
fn the_policy_lets_in_this_style_and_nothing_else() {
    pages().iter().for_each(|(name, page)| under_policy(name, page));
}

/// What a validator does not ask: headings in order, ids once, names for what is pointed at, scopes for every header.
#[test]
fn everybody_can_read_it() {
    for (name, page) in pages() {
        assert!(page.contains("<html lang=\"en\">") && page.contains("<main"), "{name}");
        let levels: Vec<u32> =
            page.split("<h").skip(1).filter_map(|heading| heading.chars().next()?.to_digit(10)).collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{name}");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
        let values = |attribute: &str| -> Vec<String> {
            let before = format!(" {attribute}=\"");
            page.split(&before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let ids = values("id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: an id stands twice");
        let mut pointed: Vec<String> = values("aria-labelledby")
            .iter()
            .flat_map(|ids| ids.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        pointed.extend(values("href").iter().map(|link| link.trim_start_matches('#').to_owned()));
        assert_eq!(pointed.iter().find(|id| !ids.contains(id)), None, "{name}");
        assert!(
            page.split("<th").skip(1).all(|th| th.starts_with(" scope=") || th.starts_with("ead")),
            "{name}"
        );
        assert_eq!(page.matches("<table").count(), page.matches("<caption>").count(), "{name}");
        for svg in page.split("<svg").skip(1).filter_map(|svg| svg.split("</svg>").next()) {
            let told = svg.contains("role=\"img\"") && svg.contains("<title");
            let inner = svg.contains("shape-rendering") || svg.contains("font-family");
            assert!(told || inner || svg.contains("aria-hidden=\"true\""), "{name}: {svg}");
        }
    }
}

/// The paper is white, also for who reads in the dark; no row is cut; every page says to which head it belongs.
#[test]
fn it_prints() {
    for (name, page) in pages() {
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let dark = "(prefers-color-scheme: dark)";
        let on_screens = style.matches(&format!("@media screen and {dark}")).count();
        assert_eq!((on_screens, style.matches(dark).count()), (1, 1), "{name}: dark is for screens only");
        assert!(style.contains("@media print") && style.contains("break-inside: avoid"), "{name}");
    }
    let (_, report) = &pages()[0];
    let head = report.split("ledger verify --head ").nth(1).unwrap();
    assert!(report.contains(&format!(" · head {}\"", &head[..16])), "{}", &head[..70]);
}
