//! What a soft key states, taken apart with other people's parsers.

use ciborium::Value;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{DerSignature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::raw::{CLIENT_DATA_HASH, member};

/// A registration or an assertion: authenticator data, signature, and (registration) certificates.
pub(crate) struct Statement {
    pub(crate) format: Option<String>,
    pub(crate) auth_data: Vec<u8>,
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) x5c: Vec<Vec<u8>>,
}

impl Statement {
    pub(crate) fn registration(answer: &Value) -> Self {
        let statement = member(answer, 3).unwrap();
        let x5c = member(&statement, "x5c").map_or_else(Vec::new, |x5c| x5c.into_array().unwrap());
        Self {
            format: member(answer, 1).unwrap().into_text().ok(),
            auth_data: member(answer, 2).unwrap().into_bytes().unwrap(),
            signature: member(&statement, "sig").map(|sig| sig.into_bytes().unwrap()),
            x5c: x5c.into_iter().map(|der| der.into_bytes().unwrap()).collect(),
        }
    }

    pub(crate) fn assertion(answer: &Value) -> Self {
        Self {
            format: None,
            auth_data: member(answer, 2).unwrap().into_bytes().unwrap(),
            signature: member(answer, 3).map(|sig| sig.into_bytes().unwrap()),
            x5c: Vec::new(),
        }
    }

    pub(crate) fn flags(&self) -> u8 {
        self.auth_data[32]
    }

    pub(crate) fn aaguid(&self) -> &[u8] {
        &self.auth_data[37..53]
    }

    pub(crate) fn is_for(&self, rp_id: &str) -> bool {
        self.auth_data[..32] == Sha256::digest(rp_id)[..]
    }

    pub(crate) fn credential_id(&self) -> &[u8] {
        let length = usize::from(u16::from_be_bytes([self.auth_data[53], self.auth_data[54]]));
        &self.auth_data[55..55 + length]
    }

    /// The credential's public key.
    pub(crate) fn public_key(&self) -> VerifyingKey {
        let cose = &self.auth_data[55 + self.credential_id().len()..];
        let key: Value = ciborium::from_reader(cose).unwrap();
        let coordinate = |label: i64| member(&key, label).unwrap().into_bytes().unwrap();
        VerifyingKey::from_sec1_bytes(&[vec![4], coordinate(-2), coordinate(-3)].concat()).unwrap()
    }

    /// Is it signed by the key, over the client data that was asked for?
    pub(crate) fn signed_by(&self, key: &VerifyingKey) -> bool {
        self.signed_over(key, &CLIENT_DATA_HASH)
    }

    pub(crate) fn signed_over(&self, key: &VerifyingKey, client_data_hash: &[u8]) -> bool {
        let signature = DerSignature::from_bytes(self.signature.as_ref().unwrap()).unwrap();
        key.verify(&[&self.auth_data, client_data_hash].concat(), &signature).is_ok()
    }

    pub(crate) fn leaf(&self) -> Certificate {
        Certificate::from_der(&self.x5c[0]).unwrap()
    }
}

/// The public key of a certificate.
pub(crate) fn certified_key(certificate: &Certificate) -> VerifyingKey {
    let info = certificate.tbs_certificate().subject_public_key_info();
    VerifyingKey::from_sec1_bytes(info.subject_public_key.raw_bytes()).unwrap()
}

/// Did the issuer's key sign the certificate?
pub(crate) fn issued_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let signature = DerSignature::from_bytes(certificate.signature().raw_bytes()).unwrap();
    let body = certificate.tbs_certificate().to_der().unwrap();
    certified_key(issuer).verify(&body, &signature).is_ok()
}

/// The value of the AAGUID extension and whether it is critical.
pub(crate) fn aaguid_extension(certificate: &Certificate) -> Option<(Vec<u8>, bool)> {
    let extensions = certificate.tbs_certificate().extensions()?;
    let found = extensions.iter().find(|e| e.extn_id.to_string() == "1.3.6.1.4.1.45724.1.1.4")?;
    Some((found.extn_value.as_bytes().to_vec(), found.critical))
}
