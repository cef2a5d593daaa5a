//! One entry: what FIDO says of one model (§3.1.1; FIDO Metadata Statement v3.0 §4).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::status::{Report, Standing, Warning, in_order, standing, warning};

/// Base64 as vendors write it: with or without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What FIDO says of one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The model.
    pub aaguid: Uuid,
    /// Its name; foreign text.
    pub description: String,
    /// Its version, in the vendor's own count.
    pub version: Option<u64>,
    /// How it is reached (`attachmentHint`), in FIDO's words; foreign text.
    pub attachment: Vec<String>,
    /// Where its keys live, in FIDO's words; foreign text.
    pub key_protection: Vec<String>,
    /// All status reports, in the order of the file.
    pub reports: Vec<Report>,
    /// The answer to getInfo that its vendor filed, as FIDO writes it; foreign text.
    pub get_info: Option<Value>,
    /// The certificates that its attestation may lead to, DER; those that can be read.
    #[serde(skip)]
    pub roots: Vec<Vec<u8>>,
    /// What could not be read in it, in words.
    pub remarks: Vec<String>,
}

impl Entry {
    /// Where it stands with certification.
    #[must_use]
    pub fn standing(&self) -> Standing {
        standing(&self.reports)
    }

    /// Whether FIDO warns of it.
    #[must_use]
    pub fn warning(&self) -> Option<Warning> {
        warning(&self.reports)
    }

    /// The newest report that says anything of its certification or its faults.
    #[must_use]
    pub fn newest(&self) -> Option<&Report> {
        in_order(&self.reports).last().copied()
    }

    /// Reads an entry that names an AAGUID. What is wrong with a part costs that part.
    pub(super) fn read(aaguid: &str, entry: &mut Value) -> Result<Self, String> {
        let aaguid: Uuid = aaguid.parse().map_err(|_| "its AAGUID is none".to_owned())?;
        if aaguid.is_nil() {
            return Err("its AAGUID is all zeros, which names no model".to_owned());
        }
        let statement = entry.get_mut("metadataStatement").ok_or("it has no metadata statement")?;
        let inner = statement.get("aaguid").and_then(Value::as_str).map(str::parse::<Uuid>);
        if inner.is_some_and(|inner| inner != Ok(aaguid)) {
            return Err("its statement is for another AAGUID".to_owned());
        }
        let mut remarks = Vec::new();
        let description =
            statement.get("description").and_then(Value::as_str).map(|name| name.trim().to_owned());
        let description = description.ok_or("it has no description")?;
        let get_info = statement.get_mut("authenticatorGetInfo").map(Value::take);
        let roots = roots(statement, &mut remarks);
        let (attachment, key_protection) =
            (words(statement, "attachmentHint"), words(statement, "keyProtection"));
        let version = statement.get("authenticatorVersion").and_then(Value::as_u64);
        let reports = reports(entry, &mut remarks)?;
        let get_info = get_info.filter(|info| !info.is_null());
        Ok(Self {
            aaguid,
            description,
            version,
            attachment,
            key_protection,
            reports,
            get_info,
            roots,
            remarks,
        })
    }
}

fn words(of: &Value, name: &str) -> Vec<String> {
    let words = of.get(name).and_then(Value::as_array).into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The certificates. Vendors file them with line feeds, spaces and wrong padding, and some are no certificates.
fn roots(statement: &Value, remarks: &mut Vec<String>) -> Vec<Vec<u8>> {
    let texts = statement.get("attestationRootCertificates").and_then(Value::as_array).into_iter().flatten();
    let mut roots: Vec<Vec<u8>> = Vec::new();
    for (number, text) in (1..).zip(texts) {
        let plain: String = text.as_str().unwrap_or("?").split_ascii_whitespace().collect();
        match LENIENT.decode(plain) {
            Ok(der) if roots.contains(&der) => {}
            Ok(der) => roots.push(der),
            Err(_) => remarks.push(format!("its root certificate {number} is not base64")),
        }
    }
    roots
}

/// The status reports. Without them nothing could be said of a fault, so that an entry without them is not read.
fn reports(entry: &Value, remarks: &mut Vec<String>) -> Result<Vec<Report>, String> {
    let all =
        entry.get("statusReports").and_then(Value::as_array).ok_or("it has no list of status reports")?;
    let mut reports = Vec::new();
    for report in all {
        let text = |name: &str| report.get(name).and_then(Value::as_str);
        let status = text("status").ok_or("one of its status reports has no status")?.to_owned();
        let date = text("effectiveDate").map(str::parse::<Date>);
        if date.as_ref().is_some_and(Result::is_err) {
            remarks.push(format!("the date of its status {status} is none"));
        }
        let version = report.get("authenticatorVersion").and_then(Value::as_u64);
        let report =
            Report { status, date: date.and_then(Result::ok), version, url: text("url").map(str::to_owned) };
        if !report.is_known() {
            remarks.push(format!("its status {} is not known to this program", report.status));
        }
        reports.push(report);
    }
    Ok(reports)
}
