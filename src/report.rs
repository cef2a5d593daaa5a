//! For people and paper: the whole record as a document, and labels for the bags. Pure: no file is read or written, and
//! the time is handed in.
//!
//! | file | what it holds |
//! |---|---|
//! | [`past`] | what the events tell of each key, folded while they stream by |
//! | [`model`], [`drills`] | what a report says; made once, and JSON as it stands |
//! | [`timeline`], [`plot`] | pictures, as whole numbers in a grid |
//! | [`html`], [`markdown`] | two renderings of one report |
//! | [`onboarding`] | an onboarding, in both |
//! | [`label`] | what stands on a label, and the label as a picture |
//! | [`escaper`] | how foreign text becomes inert in HTML, SVG and Markdown: the templates apply it to every value |
//!
//! The templates lie in `report/templates` and are compiled in. Nothing they make runs a script or asks for anything.

pub mod drills;
pub mod error;
pub mod escaper;
pub mod html;
pub mod label;
pub mod markdown;
pub mod model;
pub mod onboarding;
pub mod past;
pub mod plot;
pub mod timeline;
pub mod words;

pub use error::PaperError;
pub use label::Label;
pub use model::{Case, Report};
pub use onboarding::Onboarding;
pub use past::Past;

/// What every report in HTML begins with: by this it is known again, and may be replaced.
pub const HTML_MARK: &str = "<!DOCTYPE html><!-- glasskey.report/1 -->";
/// What every report in Markdown begins with.
pub const MARKDOWN_MARK: &str = "<!-- glasskey.report/1 -->";
/// What every label in SVG begins with.
pub const LABEL_MARK: &str = "<!-- glasskey.label/1 -->";
/// What every sheet of labels begins with.
pub const SHEET_MARK: &str = "<!DOCTYPE html><!-- glasskey.label/1 -->";
