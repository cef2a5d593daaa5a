//! Findings: one question's answer each, with what was seen, why it matters, and the cure.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Well; a rule is kept.
    Pass,
    /// To be looked at.
    Warn,
    /// Wrong; a rule is broken.
    Fail,
    /// Not checked, or not to be told, and why.
    Skipped,
}

/// A question, a check or a rule, by its stable id.
pub trait Question: Copy {
    /// Whether its findings tell what they are about: where there may be several.
    const ABOUT: bool = false;

    /// The stable id, in kebab case.
    fn name(self) -> &'static str;

    /// Why it matters.
    fn why(self) -> &'static str;

    /// Writes what JSON tells of the question beside its id.
    ///
    /// # Errors
    /// As the serializer.
    fn place<M: SerializeMap>(self, _told: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

/// One answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<I = Id> {
    /// Which question.
    pub id: I,
    /// What was found.
    pub status: Status,
    /// What it is about: an account, a key, a site; `None` where it is about all that was looked at.
    pub about: Option<String>,
    /// What was seen. May hold what a key, a file or the ledger says: hostile text.
    pub saw: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it; `None` where nothing is to be done.
    pub cure: Option<String>,
}

impl<I: Question> Finding<I> {
    fn new(id: I, status: Status, saw: impl Into<String>, cure: Option<String>) -> Self {
        Self { id, status, about: None, saw: saw.into(), why: id.why(), cure }
    }

    /// All is well.
    pub fn pass(id: I, saw: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, saw, None)
    }

    /// To be looked at.
    pub fn warn(id: I, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(id, Status::Warn, saw, Some(cure.into()))
    }

    /// Wrong.
    pub fn fail(id: I, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(id, Status::Fail, saw, Some(cure.into()))
    }

    /// Not checked, or not to be told.
    pub fn skipped(id: I, saw: impl Into<String>) -> Self {
        Self::new(id, Status::Skipped, saw, None)
    }

    /// What it is about.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        Self { about: Some(what.to_owned()), ..self }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..self }
    }

    /// The same, as the answer to another question.
    #[must_use]
    pub fn answers<J: Question>(&self, id: J) -> Finding<J> {
        Finding::new(id, self.status, self.saw.clone(), self.cure.clone())
    }
}

impl<I: Question> Serialize for Finding<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut told = serializer.serialize_map(None)?;
        told.serialize_entry("id", self.id.name())?;
        self.id.place(&mut told)?;
        told.serialize_entry("status", &self.status)?;
        if I::ABOUT {
            told.serialize_entry("about", &self.about)?;
        }
        told.serialize_entry("saw", &self.saw)?;
        told.serialize_entry("why", self.why)?;
        told.serialize_entry("cure", &self.cure)?;
        told.end()
    }
}

/// What breaks a rule, or one finding that it is kept.
pub fn or_pass<I: Question>(wrong: Vec<Finding<I>>, id: I, saw: impl Into<String>) -> Vec<Finding<I>> {
    if wrong.is_empty() { vec![Finding::pass(id, saw)] } else { wrong }
}

/// Questions by their stable ids: one row each, with its name, and why it matters. Before them what else there is to say
/// in their [`Question`].
macro_rules! ids {
    ($([$($more:tt)*])? $($variant:ident $name:literal $why:literal;)*) => {
        /// The questions, by their stable ids.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id { $(#[doc = $why] $variant,)* }

        impl Id {
            /// Every question, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable id, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Why it matters.
            #[must_use]
            pub fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }
        }

        impl $crate::verdict::finding::Question for Id {
            $($($more)*)?

            fn name(self) -> &'static str {
                self.name()
            }

            fn why(self) -> &'static str {
                self.why()
            }
        }
    };
}
pub(crate) use ids;

/// One row a check: its id, whether it decides (unanswered, the key is never `fit`), and why it matters.
macro_rules! checks {
    ($($variant:ident $name:literal $decides:literal $why:literal;)*) => {
        ids! { $($variant $name $why;)* }

        impl Id {
            /// Whether a key can only be `fit` when this question is answered.
            #[must_use]
            pub fn decides(self) -> bool {
                match self { $(Self::$variant => $decides,)* }
            }
        }
    };
}

checks! {
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
