//! Mints attestation certificates with P-256 alone, good ones and odd ones.
//!
//! The soft keys are attested by these, and tests of the relying party make of them every shape that a verifier
//! must accept or refuse: each [`Mint`] begins good, and its fields bend it.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use uuid::Uuid;

use super::SoftError;
use super::der::{bits, explicit, integer, octets, oid, sequence, tlv, yes};

const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
/// 1.3.6.1.4.1.45724.1.1.4
const FIDO_AAGUID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];

/// A subject or issuer. WebAuthn §8.2.1 asks attestation certificates for all four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Two letters.
    pub country: Option<String>,
    /// The vendor.
    pub organization: Option<String>,
    /// `Authenticator Attestation` for a good leaf.
    pub unit: Option<String>,
    /// Anything.
    pub common: Option<String>,
}

impl Name {
    /// A good attestation certificate's subject.
    #[must_use]
    pub fn attestation(common: &str) -> Self {
        Self { unit: Some("Authenticator Attestation".to_owned()), ..Self::authority(common) }
    }

    /// An authority's subject.
    #[must_use]
    pub fn authority(common: &str) -> Self {
        Self {
            country: Some("ZZ".to_owned()),
            organization: Some("glasskey soft keys".to_owned()),
            unit: None,
            common: Some(common.to_owned()),
        }
    }

    /// The name's DER.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let attribute = |kind: u8, string_tag: u8, text: &Option<String>| {
            text.as_ref().map_or_else(Vec::new, |text| {
                let value = sequence(&[&oid(&[0x55, 0x04, kind]), &tlv(string_tag, &[text.as_bytes()])]);
                tlv(0x31, &[&value])
            })
        };
        sequence(&[
            &attribute(6, 0x13, &self.country),
            &attribute(10, 0x0c, &self.organization),
            &attribute(11, 0x0c, &self.unit),
            &attribute(3, 0x0c, &self.common),
        ])
    }
}

/// The BasicConstraints extension, critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// May it sign certificates?
    pub ca: bool,
    /// How many authorities may follow below it.
    pub path_len: Option<u8>,
}

/// The extension with the model's AAGUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AaguidExtension {
    /// There is none.
    Missing,
    /// As WebAuthn §8.2.1 wants it: not critical.
    Plain(Uuid),
    /// Marked critical, which is forbidden.
    Critical(Uuid),
    /// Without the inner octet string, as some vendors wrote it.
    Unwrapped(Uuid),
    /// Cut short to 15 bytes.
    Short(Uuid),
}

/// What one certificate is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mint {
    /// Whom it is about.
    pub subject: Name,
    /// Big-endian.
    pub serial: Vec<u8>,
    /// `YYYYMMDDHHMMSSZ`.
    pub not_before: String,
    /// `YYYYMMDDHHMMSSZ`.
    pub not_after: String,
    /// Dates as GeneralizedTime even before 2050: legal BER that RFC 5280 forbids and Feitian uses.
    pub generalized_time: bool,
    /// None: the extension is missing.
    pub basic_constraints: Option<BasicConstraints>,
    /// The first byte of the KeyUsage bits (0x80 digitalSignature, 0x04 keyCertSign, 0x02 cRLSign); None: missing.
    pub key_usage: Option<u8>,
    /// The model.
    pub aaguid: AaguidExtension,
}

impl Mint {
    /// A good authority.
    #[must_use]
    pub fn authority(common: &str) -> Self {
        Self {
            subject: Name::authority(common),
            serial: vec![1],
            not_before: "20200101000000Z".to_owned(),
            not_after: "20491231235959Z".to_owned(),
            generalized_time: false,
            basic_constraints: Some(BasicConstraints { ca: true, path_len: None }),
            key_usage: Some(0x06),
            aaguid: AaguidExtension::Missing,
        }
    }

    /// A good attestation certificate.
    #[must_use]
    pub fn leaf(common: &str, aaguid: Uuid) -> Self {
        Self {
            subject: Name::attestation(common),
            serial: vec![2],
            basic_constraints: Some(BasicConstraints { ca: false, path_len: None }),
            key_usage: None,
            aaguid: AaguidExtension::Plain(aaguid),
            ..Self::authority(common)
        }
    }

    /// The certificate, signed.
    ///
    /// # Errors
    /// [`SoftError::Mint`] for dates that cannot be written.
    pub fn sign(&self, public: &VerifyingKey, issuer: &Name, key: &SigningKey) -> Result<Vec<u8>, SoftError> {
        let algorithm = sequence(&[&oid(ECDSA_SHA256)]);
        let point = public.to_sec1_point(false);
        let public = sequence(&[&sequence(&[&oid(EC_PUBLIC_KEY), &oid(P256)]), &bits(point.as_bytes())]);
        let extensions = self.extensions();
        let extensions =
            if extensions.is_empty() { extensions } else { explicit(3, &sequence(&[&extensions])) };
        let body = sequence(&[
            &explicit(0, &integer(&[2])),
            &integer(&self.serial),
            &algorithm,
            &issuer.der(),
            &sequence(&[&self.date(&self.not_before)?, &self.date(&self.not_after)?]),
            &self.subject.der(),
            &public,
            &extensions,
        ]);
        let signature: DerSignature = key.sign(&body);
        Ok(sequence(&[&body, &algorithm, &bits(signature.as_bytes())]))
    }

    fn date(&self, text: &str) -> Result<Vec<u8>, SoftError> {
        let digits = text.strip_suffix('Z').ok_or(SoftError::Mint("a date does not end in Z"))?;
        if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SoftError::Mint("a date is not 14 digits and a Z"));
        }
        match text.split_at_checked(2) {
            Some(("19", short)) if !self.generalized_time && digits >= "1950" => {
                Ok(tlv(0x17, &[short.as_bytes()]))
            }
            Some(("20", short)) if !self.generalized_time && digits < "2050" => {
                Ok(tlv(0x17, &[short.as_bytes()]))
            }
            _ => Ok(tlv(0x18, &[text.as_bytes()])),
        }
    }

    fn extensions(&self) -> Vec<u8> {
        let extension = |id: &[u8], critical: bool, value: &[u8]| {
            let critical = if critical { yes() } else { Vec::new() };
            sequence(&[&oid(id), &critical, &octets(value)])
        };
        let mut all = Vec::new();
        match self.aaguid {
            AaguidExtension::Missing => {}
            AaguidExtension::Plain(id) => all.extend(extension(FIDO_AAGUID, false, &octets(id.as_bytes()))),
            AaguidExtension::Critical(id) => all.extend(extension(FIDO_AAGUID, true, &octets(id.as_bytes()))),
            AaguidExtension::Unwrapped(id) => all.extend(extension(FIDO_AAGUID, false, id.as_bytes())),
            AaguidExtension::Short(id) => {
                let short: Vec<u8> = id.as_bytes().iter().copied().take(15).collect();
                all.extend(extension(FIDO_AAGUID, false, &octets(&short)));
            }
        }
        if let Some(BasicConstraints { ca, path_len }) = self.basic_constraints {
            let ca = if ca { yes() } else { Vec::new() };
            let length = path_len.map_or_else(Vec::new, |length| integer(&[length]));
            all.extend(extension(BASIC_CONSTRAINTS, true, &sequence(&[&ca, &length])));
        }
        if let Some(usage) = self.key_usage {
            let unused = u8::try_from(usage.trailing_zeros().min(7)).unwrap_or(0);
            all.extend(extension(KEY_USAGE, true, &tlv(0x03, &[&[unused, usage]])));
        }
        all
    }
}

/// A certificate and the key that it is about.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Its private key.
    pub key: SigningKey,
    /// Its subject, which certificates that it issues name.
    pub name: Name,
    /// Its own certificate, DER.
    pub certificate: Vec<u8>,
}

impl Authority {
    /// A self-signed authority with a fresh key.
    ///
    /// # Errors
    /// [`SoftError::Random`], [`SoftError::Mint`].
    pub fn root(mint: &Mint) -> Result<Self, SoftError> {
        let key = fresh_key()?;
        let certificate = mint.sign(key.verifying_key(), &mint.subject, &key)?;
        Ok(Self { key, name: mint.subject.clone(), certificate })
    }

    /// An authority below this one, with a fresh key.
    ///
    /// # Errors
    /// [`SoftError::Random`], [`SoftError::Mint`].
    pub fn below(&self, mint: &Mint) -> Result<Self, SoftError> {
        let key = fresh_key()?;
        let certificate = self.issue(mint, key.verifying_key())?;
        Ok(Self { key, name: mint.subject.clone(), certificate })
    }

    /// A certificate for somebody's key.
    ///
    /// # Errors
    /// [`SoftError::Mint`].
    pub fn issue(&self, mint: &Mint, public: &VerifyingKey) -> Result<Vec<u8>, SoftError> {
        mint.sign(public, &self.name, &self.key)
    }
}

/// A P-256 key from the system's randomness.
///
/// # Errors
/// [`SoftError::Random`].
pub fn fresh_key() -> Result<SigningKey, SoftError> {
    loop {
        let mut scalar = [0; 32];
        getrandom::fill(&mut scalar).map_err(SoftError::Random)?;
        // One in 2^32 draws is no scalar of the curve.
        if let Ok(key) = SigningKey::from_slice(&scalar) {
            return Ok(key);
        }
    }
}
