//! Several labels on one page to print, each of its real size.

use askama::Template;

use super::Label;
use super::svg::Picture;
use crate::report::html::Style;
use crate::report::{PaperError, SHEET_MARK};

const STYLE: &str = include_str!("../templates/labels.css");

#[derive(Template)]
#[template(config = "src/report/askama.toml", path = "labels.html")]
struct Page<'a> {
    mark: &'static str,
    style: &'a Style,
    organisation: Option<&'a str>,
    date: &'a str,
    pictures: Vec<Picture<'a>>,
}

/// A page of labels.
///
/// # Errors
/// [`PaperError::Template`].
pub fn sheet(labels: &[Label], organisation: Option<&str>) -> Result<String, PaperError> {
    let pictures = (1..).zip(labels).map(|(number, label)| Picture::new(label, number)).collect();
    let date = labels.first().map(|label| label.date.as_str()).unwrap_or_default();
    let style = Style::new(STYLE.to_owned());
    Ok(Page { mark: SHEET_MARK, style: &style, organisation, date, pictures }.render()?)
}
