//! A label as an SVG picture of its real size. Its grid is in hundredths of a millimetre.

use askama::Template;

use super::Label;
use super::fit::{self, width};
use super::qr::{QUIET, Qr};
use crate::plan::Labels;
use crate::report::{LABEL_MARK, PaperError};

/// The smallest text, in hundredths of a millimetre.
pub(super) const SMALLEST: i64 = 130;
/// The largest text of a row.
const LARGEST: i64 = 330;
/// The finest modules of the QR code that an ordinary printer and telephone manage.
const FINEST: i64 = 25;
/// The coarsest modules: a larger code reads no better.
const COARSEST: i64 = 60;
/// What is left free at the edge.
const EDGE: i64 = 150;
/// A row's height, in hundredths of its text's size.
const LEADING: i64 = 126;
/// The height of the label's own line, in hundredths of a row's.
const TITLE: i64 = 215;
/// The height of the line that warns of a soft key.
const WARNING: i64 = 130;
/// The height of the line that asks to call.
const CONTACT: i64 = 130;

#[derive(Template)]
#[template(config = "src/report/askama.toml", path = "label.svg")]
pub(super) struct Picture<'a> {
    pub(super) mark: &'a str,
    label: &'a Label,
    /// Tells the ids of several labels on one page apart.
    number: usize,
    wide: i64,
    high: i64,
    /// The height of a row.
    line: i64,
    text: Area,
    code: Area,
    title: Placed,
    /// What warns of a soft key.
    warning: Option<Placed>,
    rows: Vec<(Placed, Placed)>,
    contact: Option<Placed>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    x: i64,
    y: i64,
    wide: i64,
    high: i64,
}

/// A text in its place, seen from the corner of the area of text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Placed {
    x: i64,
    y: i64,
    size: i64,
    text: String,
}

impl Placed {
    /// A text that is made to fit into a width.
    fn within(x: i64, y: i64, size: i64, room: i64, text: &str) -> Self {
        let (text, size) = fit::within(text, size, SMALLEST, room);
        Self { x, y, size, text }
    }
}

fn hundredths(millimetres: u32) -> i64 {
    i64::from(millimetres).saturating_mul(100)
}

/// The QR code on the right where the label is wide, else below.
fn areas(size: &Labels, qr: &Qr) -> (Area, Area) {
    let (wide, high) = (hundredths(size.width_mm), hundredths(size.height_mm));
    let coarsest = qr.with_quiet().saturating_mul(COARSEST);
    if wide >= high {
        let side = coarsest.min(high).min(wide * 48 / 100);
        let code = Area { x: wide - side, y: (high - side) / 2, wide: side, high: side };
        (Area { x: EDGE, y: EDGE, wide: wide - side - EDGE, high: high - 2 * EDGE }, code)
    } else {
        let side = coarsest.min(wide).min(high * 50 / 100);
        let code = Area { x: (wide - side) / 2, y: high - side, wide: side, high: side };
        (Area { x: EDGE, y: EDGE, wide: wide - 2 * EDGE, high: high - side - EDGE }, code)
    }
}

/// The height of a row: the label's own line counts as two of them, what warns and what asks to call as one and a bit.
fn row_height(text: Area, label: &Label) -> i64 {
    let rows = i64::try_from(label.rows().len()).unwrap_or(i64::MAX).saturating_mul(100);
    let more = |is: bool, tenths: i64| if is { tenths } else { 0 };
    let all = rows + TITLE + more(label.soft, WARNING) + more(label.size.contact.is_some(), CONTACT);
    (text.high * 100 / all).min(LARGEST * LEADING / 100)
}

/// Whether a label with this code can be read.
pub(super) fn readable(label: &Label, qr: &Qr) -> bool {
    let (text, code) = areas(&label.size, qr);
    let size = row_height(text, label) * 100 / LEADING;
    code.wide / qr.with_quiet() >= FINEST && size >= SMALLEST && text.wide >= 12 * SMALLEST
}

impl<'a> Picture<'a> {
    pub(super) fn new(label: &'a Label, number: usize) -> Self {
        let (text, code) = areas(&label.size, &label.qr);
        let line = row_height(text, label);
        let (size, told) = (line * 100 / LEADING, label.rows());
        let mut y = 0;
        // The foot of a line's letters, a fifth of a row above where the next one begins.
        let mut foot = |share: i64| {
            y += line * share / 100;
            y - line * 22 / 100
        };
        let title =
            Placed::within(0, foot(TITLE) - line * 25 / 100, line * 170 / 100, text.wide, &label.label);
        let warns =
            |y| Placed::within(line * 30 / 100, y, size, text.wide - line * 60 / 100, "SOFT KEY · REHEARSAL");
        let warning = label.soft.then(|| warns(foot(WARNING) - line * 15 / 100));
        let names = size * 82 / 100;
        let column = told.iter().map(|(name, _)| width(name)).max().unwrap_or(0) * names / 1000 + size / 4;
        let row = |(name, value): &(&str, String)| {
            let y = foot(100);
            let name = Placed { x: 0, y, size: names, text: (*name).to_owned() };
            (name, Placed::within(column, y, size, text.wide - column, value))
        };
        let rows = told.iter().map(row).collect();
        let contact = label.size.contact.as_ref();
        let contact =
            contact.map(|call| Placed::within(0, text.high - line * 22 / 100, size, text.wide, call));
        let (wide, high) = (hundredths(label.size.width_mm), hundredths(label.size.height_mm));
        Self { mark: "", label, number, wide, high, line, text, code, title, warning, rows, contact }
    }

    fn view_of_code(&self) -> String {
        let all = self.label.qr.with_quiet();
        format!("-{QUIET} -{QUIET} {all} {all}")
    }
}

/// A label as a picture for itself.
///
/// # Errors
/// [`PaperError::Template`].
pub fn svg(label: &Label) -> Result<String, PaperError> {
    Ok(Picture { mark: LABEL_MARK, ..Picture::new(label, 1) }.render()?)
}
