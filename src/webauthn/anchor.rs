//! A vendor certificate that a model's attestation may lead to.

/// How a certificate may serve as the end of an attestation path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorKind {
    /// It issues attestation certificates: the path may end in a certificate that it signed.
    Issuer,
    /// It is itself the attestation certificate of the key: the path must hold these very bytes, and it may sign nothing.
    ExactLeaf,
}

/// One trusted certificate for a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The certificate as the vendor or FIDO MDS published it, DER.
    pub der: Vec<u8>,
    /// What it may be used for.
    pub kind: AnchorKind,
    /// A short name for people, e.g. `Yubico U2F Root CA Serial 457200631`.
    pub name: String,
    /// True for a soft key's test CA; never true for a vendor's certificate.
    pub soft: bool,
}
