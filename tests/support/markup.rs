//! What markup there is in a page, and what there may be.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// The tags of a page, each with the names of its attributes; texts are looked over for markup that got out.
pub(crate) fn tags(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    assert!(page.split("href=\"").skip(1).all(|link| link.starts_with('#')), "only within the page: {page}");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (before, rest) = page.split_once("<style>").unwrap_or(("", page));
    let rest = rest.split_once("</style>").map_or(rest, |(_, rest)| rest);
    for part in [before, rest] {
        for tag in part.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap_or_else(|| panic!("an open tag: {tag}"));
            let name = tag.split([' ', '\n']).next().unwrap();
            let outside: String = tag.split('"').step_by(2).collect();
            let attributes =
                outside.split_whitespace().skip(1).map(|one| one.trim_end_matches(['=', '/']).to_owned());
            found.entry(name.to_owned()).or_default().extend(attributes.filter(|one| !one.is_empty()));
        }
    }
    found
}

/// A page runs nothing and asks for nothing.
pub(crate) fn inert(name: &str, page: &str) {
    let tags = tags(page);
    for tag in
        ["script", "iframe", "object", "embed", "link", "img", "image", "form", "base", "audio", "video"]
    {
        assert!(!tags.contains_key(tag), "{name}: {tag}");
    }
    for (tag, attributes) in &tags {
        let bad = attributes.iter().find(|name| {
            name.starts_with("on")
                || ["style", "src", "srcset", "action", "background"].contains(&name.as_str())
        });
        assert_eq!(bad, None, "{name}: {tag}");
    }
    let outside = page.matches("://").count() - page.matches("http://www.w3.org/2000/svg").count();
    assert_eq!(outside, 0, "{name}: no address at all");
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!style.contains("@import") && !style.replace("url(#dot)", "").contains("url("), "{name}");
}

/// Its policy lets in its own style and nothing else.
pub(crate) fn under_policy(name: &str, page: &str) {
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">"
    );
    let before = page.split_once(&policy).unwrap_or_else(|| panic!("{name}: {policy}")).0;
    // Nothing that a policy could forbid stands before it.
    assert!(before.ends_with("<meta charset=\"utf-8\">\n"), "{name}: {before}");
}
