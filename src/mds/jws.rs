//! The BLOB's envelope: a JWS in compact form (RFC 7515 §3.1, §7.1) with its certificates in the header.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use der::asn1::ObjectIdentifier;
use p256::ecdsa::Signature;
use serde::Deserialize;

use super::error::MdsError;
use crate::webauthn::certificate::{Certificate, ECDSA_SHA256, RSA_SHA256};

/// Other members are ignored, as RFC 7515 §4 asks; `x5u` would need a network.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    x5c: Vec<String>,
    crit: Option<serde_json::Value>,
}

/// A JWS, taken apart; its payload comes out only with the signature verified.
pub(super) struct Jws<'a> {
    /// What is signed: header, dot, payload.
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    algorithm: String,
    certificates: Vec<Vec<u8>>,
}

impl<'a> Jws<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, MdsError> {
        let none = |what: &str| MdsError::NoBlob(what.to_owned());
        let (signed, signature) =
            text.rsplit_once('.').ok_or_else(|| none("it has no three parts with dots between"))?;
        let (header, payload) =
            signed.split_once('.').ok_or_else(|| none("it has no three parts with dots between"))?;
        let header = decode(header, "header")?;
        let signature = decode(signature, "signature")?;
        let header: Header = serde_json::from_slice(&header)
            .map_err(|error| MdsError::NoBlob(format!("its header is not understood ({error})")))?;
        if header.crit.is_some() {
            return Err(none("its header demands an extension (`crit`) that is not understood here"));
        }
        let certificates = header.x5c.iter().map(|text| STANDARD.decode(text)).collect::<Result<_, _>>();
        let certificates = certificates.map_err(|_| none("a certificate in its header is not base64"))?;
        Ok(Self { signed, payload, signature, algorithm: header.alg, certificates })
    }

    /// The certificates of the header as they came: the signer's first.
    pub(super) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The payload, if the signer's key signed it.
    pub(super) fn payload(&self, signer: &Certificate) -> Result<Vec<u8>, MdsError> {
        let (algorithm, signature) = self.algorithm()?;
        match signer.verifies_with(algorithm, self.signed.as_bytes(), &signature) {
            Some(true) => decode(self.payload, "payload"),
            Some(false) => Err(MdsError::Signature),
            None => Err(MdsError::Algorithm(self.algorithm.clone())),
        }
    }

    /// The algorithm and the signature as certificates have them (RFC 7518 §3.3, §3.4).
    fn algorithm(&self) -> Result<(ObjectIdentifier, Vec<u8>), MdsError> {
        match self.algorithm.as_str() {
            "RS256" => Ok((RSA_SHA256, self.signature.clone())),
            "ES256" => {
                let signature = Signature::from_slice(&self.signature).map_err(|_| MdsError::Signature)?;
                Ok((ECDSA_SHA256, signature.to_der().as_bytes().to_vec()))
            }
            other => Err(MdsError::Algorithm(other.to_owned())),
        }
    }
}

fn decode(text: &str, what: &str) -> Result<Vec<u8>, MdsError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| MdsError::NoBlob(format!("its {what} is not base64url")))
}
