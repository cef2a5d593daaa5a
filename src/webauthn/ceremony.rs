//! What registrations and assertions have in common: the ceremony, and the flags that it must show (§6.1).

use crate::ctap::authdata::Flags;

/// Making a credential, or using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// Registration (§7.1).
    Create,
    /// Assertion (§7.2).
    Get,
}

impl Ceremony {
    /// The `type` member of client data (§5.8.1).
    #[must_use]
    pub fn client_data_type(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// Whether the key was asked to verify its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserVerification {
    /// With a PIN or a finger: the UV flag must be there.
    Required,
    /// Not asked for: the UV flag must not be there.
    Absent,
}

/// How flags depart from what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlagsError {
    /// The UP flag is missing (§7.1 step 16, §7.2 step 16).
    #[error("nobody touched the key: the UP flag is not set in {0}")]
    UserNotPresent(Flags),
    /// The UV flag is missing (§7.1 step 17, §7.2 step 17).
    #[error("the key did not verify its user: the UV flag is not set in {0}")]
    UserNotVerified(Flags),
    /// Other flags than the request can lead to: backup, extensions, reserved bits.
    #[error("the flags are {found}, not {expected} as asked for")]
    Unexpected {
        /// What the key set.
        found: Flags,
        /// What the request leads to.
        expected: Flags,
    },
}

/// The flags of a request without extensions, exactly.
pub(super) fn check_flags(
    ceremony: Ceremony,
    user: UserVerification,
    found: Flags,
) -> Result<(), FlagsError> {
    let mut expected = Flags::UP;
    if ceremony == Ceremony::Create {
        expected |= Flags::AT;
    }
    if user == UserVerification::Required {
        expected |= Flags::UV;
    }
    let expected = Flags(expected);
    if found == expected {
        Ok(())
    } else if !found.has(Flags::UP) {
        Err(FlagsError::UserNotPresent(found))
    } else if user == UserVerification::Required && !found.has(Flags::UV) {
        Err(FlagsError::UserNotVerified(found))
    } else {
        Err(FlagsError::Unexpected { found, expected })
    }
}
