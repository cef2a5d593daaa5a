//! What FIDO says of a model's certification and of its faults (§3.1.3, §3.1.4).

use jiff::civil::Date;
use serde::Serialize;

/// Statuses that warn of a model (§3.1.4).
const BAD: [&str; 5] = [
    "ATTESTATION_KEY_COMPROMISE",
    "REVOKED",
    "USER_KEY_PHYSICAL_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_VERIFICATION_BYPASS",
];

/// Certificates, the lowest first, by their statuses and by the levels that the catalogue names.
const LEVELS: [(&str, &str); 7] = [
    ("FIDO_CERTIFIED", "certified"),
    ("FIDO_CERTIFIED_L1", "L1"),
    ("FIDO_CERTIFIED_L1plus", "L1+"),
    ("FIDO_CERTIFIED_L2", "L2"),
    ("FIDO_CERTIFIED_L2plus", "L2+"),
    ("FIDO_CERTIFIED_L3", "L3"),
    ("FIDO_CERTIFIED_L3plus", "L3+"),
];

/// Statuses that neither certify nor warn.
const OTHER: [&str; 4] = ["NOT_FIDO_CERTIFIED", "RETIRED", "SELF_ASSERTION_SUBMITTED", "UPDATE_AVAILABLE"];

/// Whether a status warns of a model: revoked, compromised, or its user verification bypassed.
#[must_use]
pub fn is_bad(status: &str) -> bool {
    BAD.contains(&status)
}

/// One status report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The status, as FIDO writes it; foreign text.
    pub status: String,
    /// Since when.
    pub date: Option<Date>,
    /// For which version of the authenticator, in the vendor's own count.
    pub version: Option<u64>,
    /// Where more is said; foreign text.
    pub url: Option<String>,
}

impl Report {
    /// Whether this program knows what the status means.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let status = self.status.as_str();
        is_bad(status) || OTHER.contains(&status) || LEVELS.iter().any(|(name, _)| *name == status)
    }
}

/// FIDO warns of the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The status.
    pub status: String,
    /// Since when.
    pub date: Option<Date>,
    /// For which version, in the vendor's own count.
    pub version: Option<u64>,
    /// Where more is said; foreign text.
    pub url: Option<String>,
    /// Whether an update came out since, which may cure it: a key that has it must tell so itself.
    pub updated_since: bool,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.status)?;
        if let Some(date) = self.date {
            write!(f, " since {date}")?;
        }
        if let Some(version) = self.version {
            write!(f, ", of its version {version}")?;
        }
        if self.updated_since {
            f.write_str("; an update came out since")?;
        }
        Ok(())
    }
}

/// Where a model stands with FIDO's certification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has a certificate; the level in the catalogue's words.
    Certified {
        /// `certified` where the level is not told, else `L1` to `L3+`.
        level: &'static str,
        /// The status that says so.
        status: &'static str,
    },
    /// It has none, or has it no more.
    NotCertified,
    /// Nothing is said.
    Unsaid,
}

/// The highest certificate that no later report took back.
pub(super) fn standing(reports: &[Report]) -> Standing {
    let takes_back =
        |report: &Report| ["NOT_FIDO_CERTIFIED", "REVOKED", "RETIRED"].contains(&report.status.as_str());
    let level = |report: &Report| LEVELS.iter().rposition(|(name, _)| *name == report.status);
    let mut best = None;
    let mut said = false;
    for report in in_order(reports) {
        if takes_back(report) {
            (best, said) = (None, true);
        } else if let Some(level) = level(report) {
            (best, said) = (best.max(Some(level)), true);
        }
    }
    match best.and_then(|level| LEVELS.get(level)) {
        Some((status, level)) => Standing::Certified { level, status },
        None if said => Standing::NotCertified,
        None => Standing::Unsaid,
    }
}

/// The newest report that warns, if any: a warning is not taken back by silence.
pub(super) fn warning(reports: &[Report]) -> Option<Warning> {
    let reports = in_order(reports);
    let at = reports.iter().rposition(|report| is_bad(&report.status))?;
    let later = reports.get(at..).unwrap_or_default();
    let report = later.first()?;
    Some(Warning {
        status: report.status.clone(),
        date: report.date,
        version: report.version,
        url: report.url.clone(),
        updated_since: later.iter().any(|report| report.status == "UPDATE_AVAILABLE"),
    })
}

/// By date; those of one day as they stand. A report without a date holds while it is there, so that it comes last.
pub(super) fn in_order(reports: &[Report]) -> Vec<&Report> {
    let mut sorted: Vec<&Report> = reports.iter().collect();
    sorted.sort_by_key(|report| (report.date.is_none(), report.date));
    sorted
}
