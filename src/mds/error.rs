//! Why metadata is not taken.

use std::io;

use jiff::Timestamp;

use super::chain::{HOST, MOST};
use crate::webauthn::certificate::CertificateError;

/// Why metadata is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MdsError {
    /// A file.
    #[error("{}: {source}", .file.escape_debug())]
    File {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is far larger than a BLOB.
    #[error("the file has {0} bytes, more than any metadata BLOB")]
    TooLarge(usize),
    /// Not text, or not the three parts of a compact JWS (RFC 7515 §3.1).
    #[error("the file is no metadata BLOB: {0}")]
    NoBlob(String),
    /// The payload alone, without a signature.
    #[error("the file is a bare payload: nobody signed it, so anybody may have written it")]
    Unsigned,
    /// A signature algorithm that is not checked here.
    #[error("the BLOB is signed with '{}', which is not checked here", .0.escape_debug())]
    Algorithm(String),
    /// No certificate at all, or too many.
    #[error("the BLOB has {0} certificates, not 1 to {MOST}")]
    Count(usize),
    /// A certificate is malformed.
    #[error("certificate {position} of the BLOB: {source}")]
    Certificate {
        /// 1 is the signer's.
        position: usize,
        /// What is wrong.
        source: CertificateError,
    },
    /// The signer's certificate is not FIDO's.
    #[error("the signer's certificate is for {}, not for {HOST}", told(.0))]
    Host(Vec<String>),
    /// The signer's certificate is that of a CA, or may not sign.
    #[error("the signer's certificate may not sign a BLOB: {0}")]
    Signer(&'static str),
    /// A certificate of the path was not valid then.
    #[error("the certificate '{}' is valid from {not_before} to {not_after}, not at {at}", .name.escape_debug())]
    NotValid {
        /// Whose.
        name: String,
        /// The first second of its validity.
        not_before: Timestamp,
        /// The last second of its validity.
        not_after: Timestamp,
        /// The time asked about.
        at: Timestamp,
    },
    /// The certificates lead to no trusted root.
    #[error("the signer's certificate, issued by '{}', leads to no root that is trusted for metadata", .0.escape_debug())]
    NoPath(String),
    /// The signature does not hold.
    #[error("the signature is false: the file was changed since it was signed")]
    Signature,
    /// The payload is not what a BLOB holds (§3.1.6).
    #[error("the payload cannot be read: {0}")]
    Payload(String),
    /// Going back to older metadata would forget what has come up since.
    #[error("this is number {number}, and number {last} was imported before")]
    Older {
        /// Of the file.
        number: u32,
        /// Of what was imported last.
        last: u32,
    },
    /// A bare payload may not take the place of what FIDO signed.
    #[error("what was imported before, number {0}, is signed: a bare payload does not take its place")]
    UnsignedOverSigned(u32),
    /// The kept file is not what was imported.
    #[error("the file was changed since it was imported")]
    Changed,
}

impl MdsError {
    /// Whether the file was understood and refused; else it could not be told.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Unsigned
            | Self::Host(_)
            | Self::Signer(_)
            | Self::NotValid { .. }
            | Self::NoPath(_)
            | Self::Signature
            | Self::Older { .. }
            | Self::UnsignedOverSigned(_)
            | Self::Changed => true,
            Self::File { .. }
            | Self::TooLarge(_)
            | Self::NoBlob(_)
            | Self::Algorithm(_)
            | Self::Count(_)
            | Self::Certificate { .. }
            | Self::Payload(_) => false,
        }
    }

    /// What a person who imports the file can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "name a file that can be read, and a folder that can be written",
            Self::Unsigned => {
                "get the signed BLOB from https://mds3.fidoalliance.org; `--unsigned` takes the payload as it is, and says so wherever it is used"
            }
            Self::NotValid { .. } => {
                "for a BLOB that you know to be old, `--at TIME` judges its certificates at the time when you got it"
            }
            Self::NoPath(_) => {
                "get the BLOB again; if FIDO has changed its root, add the new one to `anchors.toml` of a folder for `--catalogue`, as aaguids/README.md says"
            }
            Self::Older { .. } => "import a newer BLOB; to go back on purpose, remove the kept file first",
            Self::UnsignedOverSigned(_) => "import a signed BLOB, or remove the kept file first",
            Self::Algorithm(_) => "ask for a newer release of this program",
            Self::TooLarge(_)
            | Self::NoBlob(_)
            | Self::Count(_)
            | Self::Certificate { .. }
            | Self::Host(_)
            | Self::Signer(_)
            | Self::Signature
            | Self::Payload(_)
            | Self::Changed => "get the BLOB again from https://mds3.fidoalliance.org",
        }
    }
}

fn told(hosts: &[String]) -> String {
    let hosts: Vec<_> = hosts.iter().map(|host| format!("'{}'", host.escape_debug())).collect();
    if hosts.is_empty() { "no host".to_owned() } else { hosts.join(", ") }
}
