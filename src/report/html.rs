//! A report as one HTML file: no script, nothing asked for from anywhere, and a policy that would stop both.

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::model::{Key, Report};
use super::plot::{self, Plot};
use super::{HTML_MARK, PaperError, words};
use crate::ledger::inventory::State;
use crate::verdict::finding::Status as Sign;

/// The style of every document but the labels.
pub(super) const STYLE: &str = include_str!("templates/report.css");

#[derive(Template)]
#[template(config = "src/report/askama.toml", path = "report.html")]
struct Page<'a> {
    mark: &'static str,
    style: &'a Style,
    report: &'a Report,
    cards: Vec<Card<'a>>,
}

/// One key with its plots.
struct Card<'a> {
    key: &'a Key,
    retries: Option<Plot>,
    counter: Option<Plot>,
}

/// A style sheet, and the only one that the page's policy lets the browser use.
#[derive(Debug)]
pub(super) struct Style {
    pub(super) text: String,
    pub(super) hash: String,
}

impl Style {
    pub(super) fn new(text: String) -> Self {
        let hash = BASE64_STANDARD.encode(Sha256::digest(&text));
        Self { text, hash }
    }
}

/// The report as a page.
///
/// # Errors
/// [`PaperError::Template`], which the templates give no reason for.
pub fn html(report: &Report) -> Result<String, PaperError> {
    let floor = *report.rules.pin_retries_floor;
    let card = |key| Card {
        key,
        retries: plot::retries(&key.readings, floor),
        counter: plot::counter(&key.readings),
    };
    let style = Style::new(format!("{STYLE}{}", footer(report)));
    Ok(Page { mark: HTML_MARK, style: &style, report, cards: report.keys.iter().map(card).collect() }
        .render()?)
}

/// What stands at the foot of each printed page: digits only, so that no text of anybody gets into the style.
fn footer(report: &Report) -> String {
    let head: String = report.ledger.head.to_string().chars().take(16).collect();
    let (day, events) = (words::day(&report.at), report.ledger.events);
    format!("@page{{@bottom-left{{content:\"glasskey · {day} · event {events} · head {head}\"}}}}\n")
}
