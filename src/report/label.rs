//! Labels for tamper-evident bags: what stands on one, as text and as a picture of its real size.
//!
//! Never a PIN; a user principal name only where the plan says so.

mod fit;
mod qr;
mod sheet;
mod svg;

use jiff::Timestamp;
use serde::Serialize;

use super::PaperError;
use super::words::day;
use crate::escape::escape;
use crate::ledger::bytes::Hash;
use crate::ledger::inventory::{Key, State};
use crate::plan::{Labels, Plan};

pub use sheet::sheet;
pub use svg::svg;

/// The longest values that a label tries, in characters; the shorter ones where its QR code would be too fine.
const LONGEST: [usize; 4] = [48, 32, 22, 14];

/// Where the ledger stands when a label is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stand {
    /// How many events there are.
    pub seq: u64,
    /// The hash of the newest.
    pub head: Hash,
}

/// What stands on a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The key's label.
    pub label: String,
    /// The account.
    pub account: String,
    /// The account's user principal name, where the plan says so.
    pub upn: Option<String>,
    /// The model.
    pub model: String,
    /// Where it lies.
    pub site: Option<String>,
    /// Who keeps it.
    pub custodian: Option<String>,
    /// The number of the seal: that of the bag.
    pub bag: Option<String>,
    /// The day on which the label was made.
    pub date: String,
    /// Its state, where it is not active.
    pub state: Option<&'static str>,
    /// Whether it is a soft key.
    pub soft: bool,
    /// Where the ledger stood.
    pub ledger: Stand,
    /// The same facts as they stand in the QR code.
    pub text: String,
    /// Its size.
    #[serde(skip)]
    size: Labels,
    #[serde(skip)]
    qr: qr::Qr,
}

impl Label {
    /// What stands on the label of a key.
    ///
    /// # Errors
    /// [`PaperError::TooSmall`] where the plan's size does not hold it.
    pub fn new(key: &Key, plan: Option<&Plan>, ledger: Stand, now: Timestamp) -> Result<Self, PaperError> {
        let size = plan.map(|plan| plan.labels.clone()).unwrap_or_default();
        let upn = plan.filter(|_| size.show_upn).and_then(|plan| plan.account(&key.account));
        let upn = upn.map(|account| account.upn.to_string());
        for longest in LONGEST {
            let short = |text: &str| fit::cut(&escape(text), longest);
            let may = |text: &Option<String>| text.as_deref().map(short);
            let mut label = Self {
                // Whole, whatever it costs: it is what the key is called by.
                label: escape(&key.label),
                account: short(&key.account),
                upn: upn.as_deref().map(short),
                model: short(&key.model.clone().unwrap_or_else(|| key.aaguid.to_string())),
                site: may(&key.site),
                custodian: may(&key.custodian),
                bag: may(&key.bag),
                date: day(&now),
                state: (key.state != State::Active).then(|| key.state.words()),
                soft: key.soft,
                ledger,
                text: String::new(),
                size: size.clone(),
                qr: qr::Qr::default(),
            };
            label.text = label.lines();
            if let Some(qr) = qr::Qr::new(&label.text)
                && svg::readable(&label, &qr)
            {
                label.qr = qr;
                return Ok(label);
            }
        }
        Err(PaperError::TooSmall { width_mm: size.width_mm, height_mm: size.height_mm })
    }

    /// The rows below the label itself: what each is, and what it says.
    fn rows(&self) -> Vec<(&'static str, String)> {
        let head: String = self.ledger.head.to_string().chars().take(16).collect();
        let rows = [
            ("account", Some(self.account.clone())),
            ("upn", self.upn.clone()),
            ("model", Some(self.model.clone())),
            ("site", self.site.clone()),
            ("custodian", self.custodian.clone()),
            ("seal", self.bag.clone()),
            ("state", self.state.map(str::to_uppercase)),
            ("date", Some(self.date.clone())),
            ("ledger", Some(format!("{} · {head}", self.ledger.seq))),
        ];
        rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The facts as text, one a line.
    fn lines(&self) -> String {
        let soft = self.soft.then(|| "soft key: a rehearsal".to_owned());
        let lines = [
            ("glasskey", Some("label 1".to_owned())),
            ("label", Some(self.label.clone())),
            ("account", Some(self.account.clone())),
            ("upn", self.upn.clone()),
            ("model", Some(self.model.clone())),
            ("site", self.site.clone()),
            ("custodian", self.custodian.clone()),
            ("seal", self.bag.clone()),
            ("state", self.state.map(str::to_owned)),
            ("note", soft),
            ("date", Some(self.date.clone())),
            ("event", Some(self.ledger.seq.to_string())),
            ("head", Some(self.ledger.head.to_string())),
        ];
        let lines = lines.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?)));
        lines.collect::<Vec<_>>().join("\n")
    }
}
