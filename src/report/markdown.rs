//! A report as Markdown, for a wiki or a ticket.

use askama::Template;

use super::model::Report;
use super::{MARKDOWN_MARK, PaperError, words};
use crate::ledger::inventory::State;

#[derive(Template)]
#[template(config = "src/report/askama.toml", path = "report.md", whitespace = "preserve")]
struct Page<'a> {
    mark: &'static str,
    report: &'a Report,
}

/// The report as Markdown.
///
/// # Errors
/// [`PaperError::Template`], which the templates give no reason for.
pub fn markdown(report: &Report) -> Result<String, PaperError> {
    Ok(Page { mark: MARKDOWN_MARK, report }.render()?)
}
