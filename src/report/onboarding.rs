//! An onboarding as a document: what was tried on a sample of a model, what was found, and what follows.

use std::time::Duration;

use askama::Template;
use jiff::Timestamp;

use super::html::Style;
use super::{PaperError, html, words};
use crate::ledger::Event;
use crate::onboard::compare::Change;
use crate::onboard::finding::{Finding, Section};
use crate::onboard::lists::Lists;
use crate::onboard::pace::Operation;
use crate::onboard::{Case, Verdict};
use crate::verdict::finding::Status as Sign;

/// What every such page begins with.
pub const HTML_MARK: &str = "<!DOCTYPE html><!-- glasskey.onboarding/1 -->";
/// What every such document in Markdown begins with.
pub const MARKDOWN_MARK: &str = "<!-- glasskey.onboarding/1 -->";

/// All that stands in it.
#[derive(Debug, Clone)]
pub struct Onboarding<'a> {
    /// What was judged, and by what.
    pub case: &'a Case<'a>,
    /// What was found.
    pub verdict: &'a Verdict,
    /// Name and version of this program.
    pub program: &'static str,
    /// How long the run took.
    pub took: Duration,
    /// How long each operation took.
    pub operations: Vec<Operation>,
    /// The lines for the lists of the tenant; none for a model that is not fit.
    pub lists: Option<Lists>,
    /// When an earlier run was, and what changed since.
    pub since: Option<(Timestamp, Vec<Change>)>,
    /// Where it is recorded.
    pub event: Option<&'a Event>,
}

impl Onboarding<'_> {
    /// The model, or what the key calls itself.
    fn name(&self) -> &str {
        self.case.model().map_or(&self.case.facts.product, |model| &model.name)
    }

    fn vendor(&self) -> &str {
        self.case.model().map_or("a model that the catalogue does not know", |model| &model.vendor)
    }

    fn day(&self) -> String {
        words::day(&self.case.now)
    }

    /// The rows at the head of the document.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let facts = self.case.facts;
        let [major, minor, build] = facts.device.device;
        let firmware = facts.info.firmware_version;
        let mut rows = vec![
            ("AAGUID", facts.info.aaguid.to_string()),
            ("USB", format!("{:04x}:{:04x}, {}", facts.vendor_id, facts.product_id, facts.product)),
            ("Firmware", firmware.map_or("unsaid".to_owned(), |number| format!("{number} by getInfo"))),
            ("Device", format!("version {major}.{minor}.{build}, CTAPHID {}", facts.device.protocol)),
            ("Versions", words::list(&facts.info.versions)),
            ("Tried on", format!("{} UTC, by {}", words::minute(&self.case.now), self.program)),
            ("Catalogue", format!("of {}", self.case.catalogue.date())),
            (
                "Run",
                format!(
                    "{}, {}",
                    words::delay(&i64::try_from(self.took.as_secs()).unwrap_or(i64::MAX)),
                    words::counted(facts.traffic.transactions, "round trip")
                ),
            ),
        ];
        if let Some(event) = self.event {
            rows.push(("Record", format!("event {}, head {}", event.seq, event.hash)));
        }
        rows
    }

    fn sign(&self) -> Sign {
        words::of_verdict(&self.verdict.outcome.into())
    }

    fn count(&self, status: Sign) -> usize {
        self.verdict.findings.iter().filter(|finding| finding.status == status).count()
    }

    /// What is to be looked at, the worst first.
    fn open(&self) -> Vec<&Finding> {
        let of = |status| self.verdict.findings.iter().filter(move |finding| finding.status == status);
        of(Sign::Fail).chain(of(Sign::Warn)).collect()
    }

    fn of(&self, section: &Section) -> Vec<&Finding> {
        self.verdict.findings.iter().filter(|finding| finding.id.section() == *section).collect()
    }
}

#[derive(Template)]
#[template(config = "src/report/askama.toml", path = "onboarding.html")]
struct Page<'a> {
    mark: &'static str,
    style: &'a Style,
    told: &'a Onboarding<'a>,
}

#[derive(Template)]
#[template(config = "src/report/askama.toml", path = "onboarding.md", whitespace = "preserve")]
struct Text<'a> {
    mark: &'static str,
    told: &'a Onboarding<'a>,
}

impl Onboarding<'_> {
    /// It as a page.
    ///
    /// # Errors
    /// [`PaperError::Template`], which the templates give no reason for.
    pub fn html(&self) -> Result<String, PaperError> {
        // Digits and dashes only: no text of anybody gets into the style.
        let (day, aaguid) = (self.day(), self.case.facts.info.aaguid);
        let foot = format!("@page{{@bottom-left{{content:\"glasskey · {day} · {aaguid}\"}}}}\n");
        let style = Style::new(format!("{}{foot}", html::STYLE));
        Ok(Page { mark: HTML_MARK, style: &style, told: self }.render()?)
    }

    /// It as Markdown.
    ///
    /// # Errors
    /// [`PaperError::Template`], which the templates give no reason for.
    pub fn markdown(&self) -> Result<String, PaperError> {
        Ok(Text { mark: MARKDOWN_MARK, told: self }.render()?)
    }
}
