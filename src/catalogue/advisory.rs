//! Published faults of keys, and the rules that say which keys have them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::firmware::{Firmware, Range};
use super::model::{Confidence, Kind, Model, Relation, Said, Transport};

/// Whether an advisory is about a key.
///
/// The order is that of three-valued logic: "and" is the least of several, "or" the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// It isn't.
    No,
    /// What is known of the key doesn't settle it.
    CannotTell,
    /// It is.
    Yes,
}

impl From<bool> for Applies {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// What part of a key a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Affects {
    /// Signing in with it.
    Fido,
    /// Another applet: OTP, PIV, OpenPGP.
    Other,
}

/// What is known of a key when advisories are looked up.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The AAGUID; `None` for a key that speaks only U2F.
    pub aaguid: Option<Uuid>,
    /// The model, where the catalogue has it.
    pub model: Option<&'a Model>,
    /// Who makes and sells it; empty where that isn't known.
    pub makers: Vec<Relation>,
    /// The firmware; `None` where the key doesn't tell it in a known way.
    pub firmware: Option<Firmware>,
}

/// One condition. All of its parts must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Vendors, brands or makers.
    pub vendors: Vec<String>,
    /// Only these AAGUIDs; any where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aaguids: Vec<Uuid>,
    /// Only keys with (or without) a fingerprint reader.
    #[serde(default)]
    pub bio: Said,
    /// Only keys with (or without) a FIPS claim.
    #[serde(default)]
    pub fips: Said,
    /// Only keys with one of these transports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<Transport>,
    /// Only keys without FIDO2, which have no AAGUID.
    #[serde(default)]
    pub u2f_only: bool,
    /// The firmware; any where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub firmware: Vec<Range>,
    /// What decides can't be read from a key, such as a mark on its back.
    #[serde(default)]
    pub undecidable: bool,
}

impl Rule {
    fn applies(&self, key: &Subject<'_>) -> Applies {
        let parts = [
            self.vendor(key),
            self.aaguid(key),
            said(self.bio, key.model.map(|model| model.bio)),
            said(self.fips, key.model.map(fips)),
            self.transport(key),
            self.version(key),
            if self.undecidable { Applies::CannotTell } else { Applies::Yes },
        ];
        parts.into_iter().min().unwrap_or(Applies::CannotTell)
    }

    fn vendor(&self, key: &Subject<'_>) -> Applies {
        if key.makers.is_empty() {
            return Applies::CannotTell;
        }
        let weigh = |maker: &Relation| match (self.vendors.contains(&maker.name), maker.confidence) {
            (true, Confidence::Stated) => Applies::Yes,
            (true, Confidence::Inferred) => Applies::CannotTell,
            (false, _) => Applies::No,
        };
        key.makers.iter().map(weigh).max().unwrap_or(Applies::No)
    }

    fn aaguid(&self, key: &Subject<'_>) -> Applies {
        match key.aaguid.filter(|aaguid| !aaguid.is_nil()) {
            None => Applies::from(self.aaguids.is_empty()),
            Some(_) if self.u2f_only => Applies::No,
            Some(aaguid) => Applies::from(self.aaguids.is_empty() || self.aaguids.contains(&aaguid)),
        }
    }

    fn transport(&self, key: &Subject<'_>) -> Applies {
        if self.transports.is_empty() {
            return Applies::Yes;
        }
        match key.model.and_then(|model| model.transports.as_ref()) {
            None => Applies::CannotTell,
            Some(has) => Applies::from(has.iter().any(|one| self.transports.contains(one))),
        }
    }

    /// Unknown firmware is never `No`. The AAGUID's series may make it `Yes`, where a range holds the whole series.
    fn version(&self, key: &Subject<'_>) -> Applies {
        if self.firmware.is_empty() {
            return Applies::Yes;
        }
        if let Some(version) = key.firmware {
            return Applies::from(self.firmware.iter().any(|range| range.holds(version)));
        }
        let series = key.model.and_then(|model| Some((model.firmware_min?, model.firmware_max?)));
        match series {
            Some((min, max))
                if self.firmware.iter().any(|range| range.holds(min.first()) && range.holds(max.last())) =>
            {
                Applies::Yes
            }
            _ => Applies::CannotTell,
        }
    }
}

/// Whether a model has a FIPS claim. Of what the catalogue itself has, none is a no; metadata don't speak of it.
fn fips(model: &Model) -> Said {
    match (&model.fips, model.kind) {
        (Some(_), _) => Said::Yes,
        (None, Kind::MetadataOnly) => Said::Unsaid,
        (None, _) => Said::No,
    }
}

/// How a condition on a property meets what is said of the model.
fn said(wanted: Said, has: Option<Said>) -> Applies {
    match (wanted, has.unwrap_or_default()) {
        (Said::Unsaid, _) => Applies::Yes,
        (_, Said::Unsaid) => Applies::CannotTell,
        (wanted, has) => Applies::from(wanted == has),
    }
}

/// One published fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// The vendor's number for it, or the CVE's.
    pub id: String,
    /// Its other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// One line.
    pub title: String,
    /// When it was published: a year, a month or a day.
    pub date: String,
    /// How bad its publisher holds it to be.
    pub severity: String,
    /// What part of the key it is in.
    pub affects: Affects,
    /// What it means for a key that lies in a safe.
    pub meaning: String,
    /// What to do.
    pub cure: String,
    /// Where it is from.
    pub sources: Vec<String>,
    /// How sure the facts are, e.g. `confirmed`.
    pub confidence: String,
    /// Which keys have it: any of these.
    #[serde(rename(deserialize = "rule"))]
    pub rules: Vec<Rule>,
    /// When it came into this organisation's folder; nobody here knew of it before.
    #[serde(skip)]
    pub added: Option<Timestamp>,
}

impl Advisory {
    /// Whether this key has the fault.
    #[must_use]
    pub fn applies(&self, key: &Subject<'_>) -> Applies {
        self.rules.iter().map(|rule| rule.applies(key)).max().unwrap_or(Applies::No)
    }

    /// Whether `date` is a year, a month or a day.
    pub(super) fn has_date(&self) -> bool {
        ["", "-01", "-01-01"].iter().any(|rest| format!("{}{rest}", self.date).parse::<Date>().is_ok())
    }
}
