//! What a faulty key signs in place of the truth.
//!
//! The lie is told where the firmware asks for its signature, so the answer is correctly signed for the wrong
//! thing: stronger than flipped bits, which any signature check catches.

use sha2::{Digest as _, Sha256};

use super::fault::Mode;

const HASH: usize = 32;
const FLAGS: usize = 32;
const UP: u8 = 0x01;
const UV: u8 = 0x04;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;
const COUNTER: std::ops::Range<usize> = 33..37;
/// Where attested credential data begins, with the AAGUID.
const AAGUID: std::ops::Range<usize> = 37..53;

/// One lie about authenticator data and client data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    FlagOff(u8),
    FlagOn(u8),
    /// The signature counter stands still.
    Counter,
    /// The secret of `hmac-secret` changes with the counter.
    Secret,
    OtherRp,
    OtherClientData,
    /// The firmware is made to think that it has no attestation key; then it knows no AAGUID either.
    SelfAttested([u8; 16]),
}

impl Lie {
    pub(super) fn of(mode: Mode, aaguid: [u8; 16]) -> Option<Self> {
        match mode {
            Mode::UvFlagMissing => Some(Self::FlagOff(UV)),
            Mode::UpFlagMissing => Some(Self::FlagOff(UP)),
            Mode::UvFlagAlways => Some(Self::FlagOn(UV)),
            Mode::UpFlagAlways => Some(Self::FlagOn(UP)),
            Mode::CounterStuck => Some(Self::Counter),
            Mode::SecretUnstable => Some(Self::Secret),
            Mode::WrongRpidhash => Some(Self::OtherRp),
            Mode::WrongChallenge => Some(Self::OtherClientData),
            Mode::NoX5c => Some(Self::SelfAttested(aaguid)),
            _ => None,
        }
    }

    /// Bends authenticator data.
    pub(super) fn about(self, auth_data: &mut [u8]) {
        let attested = auth_data.get(FLAGS).is_some_and(|flags| flags & ATTESTED != 0);
        match self {
            Self::FlagOff(flag) => {
                if let Some(flags) = auth_data.get_mut(FLAGS) {
                    *flags &= !flag;
                }
            }
            Self::FlagOn(flag) => {
                if let Some(flags) = auth_data.get_mut(FLAGS) {
                    *flags |= flag;
                }
            }
            Self::Counter => overwrite(auth_data.get_mut(COUNTER), &[0, 0, 0, 1]),
            Self::Secret => {
                let extended = auth_data.get(FLAGS).is_some_and(|flags| flags & EXTENDED != 0);
                let step =
                    auth_data.get(COUNTER).and_then(|counter| counter.last()).map_or(1, |last| last | 1);
                if let Some(last) = auth_data.last_mut().filter(|_| extended) {
                    *last ^= step;
                }
            }
            Self::OtherRp => overwrite(auth_data.get_mut(..HASH), &Sha256::digest(b"elsewhere.example")),
            Self::SelfAttested(aaguid) if attested => overwrite(auth_data.get_mut(AAGUID), &aaguid),
            Self::SelfAttested(_) | Self::OtherClientData => {}
        }
    }

    /// Bends what is signed: authenticator data and the hash of the client data.
    pub(super) fn signed(self, message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        let split = message.len().saturating_sub(HASH);
        if let Some((auth_data, client_data_hash)) = message.split_at_mut_checked(split) {
            self.about(auth_data);
            if self == Self::OtherClientData {
                overwrite(Some(client_data_hash), &Sha256::digest(b"other client data"));
            }
        }
        message
    }
}

fn overwrite(place: Option<&mut [u8]>, bytes: &[u8]) {
    if let Some(place) = place.filter(|place| place.len() == bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
