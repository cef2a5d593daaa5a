//! Findings: one check's result each, with what was seen, why it matters, and the cure.

use serde::Serialize;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Well.
    Pass,
    /// To be looked at.
    Warn,
    /// Wrong.
    Fail,
    /// Not checked, and why.
    Skipped,
}

/// One check's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which check.
    pub id: Id,
    /// What it found.
    pub status: Status,
    /// What was seen. May hold what the key or a file says: hostile text.
    pub saw: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it; `None` where nothing is to be done.
    pub cure: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn pass(id: Id, saw: impl Into<String>) -> Self {
        Self { id, status: Status::Pass, saw: saw.into(), why: id.why(), cure: None }
    }

    /// To be looked at.
    pub fn warn(id: Id, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { id, status: Status::Warn, saw: saw.into(), why: id.why(), cure: Some(cure.into()) }
    }

    /// Wrong.
    pub fn fail(id: Id, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { id, status: Status::Fail, saw: saw.into(), why: id.why(), cure: Some(cure.into()) }
    }

    /// Not checked.
    pub fn skipped(id: Id, saw: impl Into<String>) -> Self {
        Self { id, status: Status::Skipped, saw: saw.into(), why: id.why(), cure: None }
    }
}

/// One row a check: its id, whether it decides (unanswered, the key is never `fit`), and why it matters.
macro_rules! ids {
    ($($variant:ident $name:literal $decides:literal $why:literal;)*) => {
        /// The checks, by their stable ids.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Id { $(#[doc = $why] $variant,)* }

        impl Id {
            /// Every check.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable id, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether a key can only be `fit` when this question is answered.
            #[must_use]
            pub fn decides(self) -> bool {
                match self { $(Self::$variant => $decides,)* }
            }

            /// Why it matters.
            #[must_use]
            pub fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }
        }
    };
}

ids! {
    SoftKey "soft-key" true "A soft key is a program: its verdict says nothing about hardware.";
    ModelKnown "model-known" true "Nothing can be said for a model that nobody has described.";
    HardwareModel "hardware-model" true "A passkey in software can be copied; a break-glass key must be one thing in one place.";
    AllowList "allow-list" true "Entra lets a model register and sign in only while the passkey profile and the authentication strength allow its AAGUID.";
    AllowListAgreement "allow-list-agreement" false "A model that only one of the lists allows registers and then cannot sign in.";
    Certified "certified" false "With attestation enforced, Entra refuses models without a FIDO certification.";
    EntraReady "entra-ready" true "Entra asks FIDO 2.0, resident keys, a PIN or user verification, and hmac-secret of a security key.";
    Advisory "advisory" false "A known fault in the firmware may let somebody copy the key or lock you out.";
    Quirks "quirks" false "A key may fail in another program as others of its model did, and that program is what signs in on the day.";
    Attestation "attestation" true "Only the vendor's signature proves that this is a genuine key of its model.";
    AaguidConsistent "aaguid-consistent" true "The model that the key claims must be the one its vendor certified.";
    PinSet "pin-set" true "Without a PIN, whoever holds the key is the account; and Entra wants user verification.";
    PinRetries "pin-retries" true "When the last attempt is spent, the key can only be erased.";
    PinPolicy "pin-policy" false "A key that demands a new PIN on the day of the emergency does not sign in.";
    UvProven "uv-proven" true "Only a PIN that the key has taken today is known to be right.";
    TestRegistration "test-registration" true "A key that cannot register now will not register in Entra.";
    TestAssertion "test-assertion" true "A key that cannot sign now will not sign in on the day.";
    SameKey "same-key" false "CTAP2 shows no serial number: only the custody credential proves that this is the key that was enrolled.";
    Counter "counter" false "A signature counter that stands still or goes back hints at a copy.";
    Slots "slots" false "The Entra passkey needs a free slot for a discoverable credential.";
    StrayCredentials "stray-credentials" false "Other passkeys on the key mean that it is somebody's private key.";
    EntraCredential "entra-credential" false "The passkey for the account is what signs in.";
    VendorDiversity "vendor-diversity" false "One vendor's fault must not take out every account.";
    SecondClient "second-client" false "In an emergency a browser's client talks to the key, not this one.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_json_says() {
        for id in Id::ALL {
            assert_eq!(serde_json::to_value(id).unwrap(), id.name());
        }
    }
}
