//! What `webauthn-rs` says of the certificate path, recorded beside our own answer and never instead of it.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;
use webauthn_rs::prelude::{AttestationCaListBuilder, ParsedAttestationData};
use webauthn_rs_core::attestation::verify_attestation_ca_chain;

use super::{
    anchor::{Anchor, AnchorKind},
    certificate::Certificate,
};

/// The library's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "answer", content = "because")]
pub enum SecondOpinion {
    /// It trusts the path.
    Ok,
    /// Its answer would say nothing: it cannot work with these certificates, genuine or not.
    NotEvaluable(String),
    /// It refuses the path.
    Refused(String),
}

impl std::fmt::Display for SecondOpinion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ok => write!(f, "webauthn-rs chain: ok"),
            Self::NotEvaluable(because) => write!(f, "webauthn-rs chain: not evaluable because {because}"),
            Self::Refused(because) => write!(f, "webauthn-rs chain: refused because {because}"),
        }
    }
}

/// Asks `webauthn-rs` whether `x5c` leads to one of `anchors` at that time.
///
/// It tries only one of several anchors of the same name, so it is asked about each anchor alone.
#[must_use]
pub fn second_opinion(x5c: &[Vec<u8>], anchors: &[Anchor], aaguid: Uuid, at: Timestamp) -> SecondOpinion {
    let Ok(chain) = x5c.iter().map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>() else {
        return SecondOpinion::Refused("a certificate is malformed".into());
    };
    let encoded_anew = chain.iter().any(Certificate::reencodes_differently);
    let data = ParsedAttestationData::Basic(chain.into_iter().map(|certificate| certificate.inner).collect());
    let seconds = u64::try_from(at.as_second()).unwrap_or_default();
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    let time = time.unwrap_or(SystemTime::UNIX_EPOCH);
    let mut opinion =
        SecondOpinion::NotEvaluable("it can work with none of the vendor's certificates".into());
    for anchor in anchors {
        let Ok(issuer) = Certificate::parse(&anchor.der) else { continue };
        let unfit = unfit(anchor, &issuer);
        let mut list = AttestationCaListBuilder::new();
        let listed = list.insert_device_x509(issuer.inner, aaguid, anchor.name.clone(), Default::default());
        if let Some(because) = unfit {
            if !matches!(opinion, SecondOpinion::Refused(_)) {
                opinion = SecondOpinion::NotEvaluable(because.into());
            }
        } else if listed.is_ok() {
            match verify_attestation_ca_chain(&data, &list.build(), time) {
                Ok(Some(_)) => return SecondOpinion::Ok,
                Ok(None) => opinion = SecondOpinion::Refused("it found no authority".into()),
                Err(error) => opinion = SecondOpinion::Refused(format!("{error:?}")),
            }
        }
    }
    match opinion {
        SecondOpinion::Refused(_) if encoded_anew => SecondOpinion::NotEvaluable(
            "it encodes a certificate anew before it checks the signature, which changes this one".into(),
        ),
        opinion => opinion,
    }
}

/// Why the library cannot work with an anchor, whatever key it signed.
fn unfit(anchor: &Anchor, issuer: &Certificate) -> Option<&'static str> {
    if anchor.kind == AnchorKind::ExactLeaf {
        Some("it knows no anchor that is an attestation certificate itself")
    } else if !issuer.is_ca() || !issuer.has_key_usage() {
        Some("the vendor's certificate lacks basic constraints or a key usage, which it demands")
    } else {
        None
    }
}
