//! The findings of an onboarding: one question each, with the clause that asks it.

use serde::Serialize;
use serde::ser::SerializeMap;

use crate::verdict::finding::{self, ids};

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// Which model is it?
    Identity,
    /// Is it genuine?
    Genuineness,
    /// Does it do all that Entra asks?
    Entra,
    /// How does it treat PINs?
    Pin,
    /// What does it make, keep and give up?
    Credentials,
    /// Which protocols and algorithms work?
    Protocol,
    /// How does it behave when things go wrong?
    Conduct,
}

impl Section {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Genuineness,
        Self::Entra,
        Self::Pin,
        Self::Credentials,
        Self::Protocol,
        Self::Conduct,
    ];

    /// Its heading.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::Genuineness => "Genuineness",
            Self::Entra => "Entra readiness",
            Self::Pin => "PIN behaviour",
            Self::Credentials => "Credentials",
            Self::Protocol => "Protocols and algorithms",
            Self::Conduct => "Conduct",
        }
    }
}

/// What one question found.
pub type Finding = finding::Finding<Id>;

/// One row a question: its id, its part, whether it decides (unanswered, the model is never `fit`), its clause, why it matters.
macro_rules! questions {
    ($($variant:ident $name:literal $section:ident $decides:literal $clause:literal $why:literal;)*) => {
        ids! {
            [
                fn place<M: SerializeMap>(self, told: &mut M) -> Result<(), M::Error> {
                    told.serialize_entry("section", &self.section())?;
                    told.serialize_entry("clause", self.clause())
                }
            ]
            $($variant $name $why;)*
        }

        impl Id {
            /// Of which part of the run it is.
            #[must_use]
            pub fn section(self) -> Section {
                match self { $(Self::$variant => Section::$section,)* }
            }

            /// Whether a model can only be `fit` when this question is answered.
            #[must_use]
            pub fn decides(self) -> bool {
                match self { $(Self::$variant => $decides,)* }
            }

            /// The clause that asks it.
            #[must_use]
            pub fn clause(self) -> &'static str {
                match self { $(Self::$variant => $clause,)* }
            }
        }
    };
}

questions! {
    SoftKey "soft-key" Identity true "none" "A soft key is a program: its verdict says nothing about hardware.";
    ModelKnown "model-known" Identity true "CTAP §6.4 (0x03)" "Nothing can be said for a model that nobody has described.";
    HardwareModel "hardware-model" Identity true "none" "A passkey in software can be copied; a break-glass key must be one thing in one place.";
    UsbId "usb-id" Identity false "CTAP §11.2.8.1" "A key that is plugged in under another vendor's number may be another vendor's key.";
    Ctaphid "ctaphid" Identity false "CTAP §11.2.9.1.3" "A key of another protocol version is not understood by every client.";
    GetInfo "get-info" Identity false "CTAP §6.4, §8" "Clients decide by what a key says of itself: what is odd or contradicts itself is read differently by each.";
    AaguidConsistent "aaguid-consistent" Identity true "WebAuthn §8.2.1" "The model that the key claims must be the one its vendor certified.";
    Firmware "firmware" Identity false "CTAP §6.4 (0x0E)" "Which faults a key has depends on its firmware; a false version hides them.";
    Advisory "advisory" Identity false "none" "A known fault in the firmware may let somebody copy the key or lock you out.";
    Quirks "quirks" Identity false "none" "A key may fail in another program as others of its model did, and that program is what signs in on the day.";

    Attestation "attestation" Genuineness true "WebAuthn §7.1, §8.2" "Only the vendor's signature proves that this is a genuine key of its model.";
    AttestationWebauthnRs "attestation-webauthn-rs" Genuineness false "WebAuthn §7.1" "A second verifier of the same path finds what the first one overlooks.";

    EntraFido2 "entra-fido2" Entra true "Entra: FIDO 2.0 or higher" "Entra takes keys of FIDO 2.0 or later only.";
    EntraVerification "entra-verification" Entra true "Entra: user verification or client PIN" "Entra wants the user verified, which a key without a PIN or a finger cannot do.";
    EntraResidentKeys "entra-resident-keys" Entra true "Entra: resident keys" "The passkey for Entra is a resident key: the key must hold it.";
    EntraHmacSecret "entra-hmac-secret" Entra true "Entra: hmac-secret or PRF" "Windows unlocks a machine offline by hmac-secret, and Entra asks models for it.";
    EntraAccounts "entra-accounts" Entra false "Windows: multiple accounts per RP" "One key may have to hold passkeys of several accounts of one tenant.";
    EntraRegistration "entra-registration" Entra true "Graph: creationOptions" "A key that refuses a registration with the options that Entra sends cannot be registered.";
    EntraAttestation "entra-attestation" Entra true "Entra: packed, complete chain" "With attestation enforced, Entra refuses a statement without a complete chain.";
    EntraCertified "entra-certified" Entra false "Entra: FIDO2 certification" "With attestation enforced, Entra refuses models without a FIDO certification.";
    EntraListed "entra-listed" Entra false "Entra: attestable models" "With attestation enforced, Entra refuses models that Microsoft has not taken from FIDO's metadata.";

    PinSet "pin-set" Pin false "CTAP §6.5.5.5" "A key whose first PIN does not stick is open to whoever holds it.";
    PinChange "pin-change" Pin true "CTAP §6.5.5.6" "A PIN that a leaver knows must be changed, and the new one must work on the day.";
    PinWrong "pin-wrong" Pin true "CTAP §6.5.5.7" "A wrong PIN must be refused and cost exactly one attempt: else the key can be guessed, or blocks early.";
    PinRestored "pin-restored" Pin true "CTAP §6.5.5.7" "A right PIN must bring the attempts back: else a key in use blocks itself over the years.";
    PinTooShort "pin-too-short" Pin false "CTAP §6.5.1, §6.5.5.6" "A key that takes shorter PINs than it says protects less than you think.";
    PinSoftLock "pin-soft-lock" Pin false "CTAP §6.5.5.7" "Three wrong PINs in a row must end in a lock that only unplugging opens, so that no program spends all attempts.";
    PinForcedChange "pin-forced-change" Pin false "CTAP §6.11.4" "A PIN that was handed over must be changed before the key works, where that is demanded.";
    PinLengthRaised "pin-length-raised" Pin false "CTAP §6.11.4" "A least length that the organisation sets must be enforced by the key.";

    NonDiscoverable "non-discoverable" Credentials true "CTAP §6.1, §6.2" "The custody credential by which a key is known again is such a credential.";
    Discoverable "discoverable" Credentials true "CTAP §6.1, §6.2, §6.8" "The passkey for Entra is found by the key itself, and told with its user.";
    ManyCredentials "many-credentials" Credentials false "CTAP §6.3, §6.8" "A key that loses a passkey when another is made locks an account out.";
    ExcludeList "exclude-list" Credentials false "CTAP §6.1.2" "Entra tells a key what it holds already, so that one key is not registered twice.";
    ForeignCredential "foreign-credential" Credentials true "CTAP §6.2.2" "A key that signs with what is not its own, or for another site, proves nothing.";
    Flags "flags" Credentials true "WebAuthn §6.1" "The flags are the only proof that somebody touched the key and gave the PIN.";
    Counter "counter" Credentials false "WebAuthn §6.1.1" "A signature counter that stands still or goes back hints at a copy.";
    CredProtect "cred-protect" Credentials false "CTAP §12.1 (credProtect)" "A credential that asks for a PIN must not be usable without one.";
    HmacSecret "hmac-secret" Credentials false "CTAP §12.7 (hmac-secret)" "A secret that is not the same next time locks a disk for good.";
    Delete "delete" Credentials false "CTAP §6.8.5" "A passkey that was deleted must be gone, also for who holds the key.";
    LeftBehind "left-behind" Credentials false "none" "The run must leave the sample as it found it.";

    PinProtocolOne "pin-protocol-one" Protocol false "CTAP §6.5.6" "A client takes the first protocol that it knows: each one that is offered must work.";
    PinProtocolTwo "pin-protocol-two" Protocol false "CTAP §6.5.7" "A client takes the first protocol that it knows: each one that is offered must work.";
    Algorithms "algorithms" Protocol true "CTAP §6.1.2, §6.4 (0x0A)" "An algorithm that is offered and does not work fails when a site prefers it; ES256 must work.";
    AlgorithmOrder "algorithm-order" Protocol false "CTAP §6.1.2" "The site names the algorithm that it wants most first, and the key must take that one.";

    Ping "ping" Conduct false "CTAP §11.2.9.1.4" "A key that does not send back what it was sent cannot be trusted with longer messages.";
    Wink "wink" Conduct false "CTAP §11.2.9.2.1" "With several keys plugged in, the one that is meant shows itself.";
    Cancel "cancel" Conduct false "CTAP §11.2.9.1.5" "A key that does not stop goes on waiting for a touch: the next touch approves what nobody asks for any more.";
    Keepalive "keepalive" Conduct false "CTAP §11.2.9.1.7" "A client gives up a key that is silent for too long.";
    Pace "pace" Conduct false "none" "A slow key runs into the limits of a browser.";
    SecondClient "second-client" Conduct false "none" "In an emergency a browser's client talks to the key, not this one.";
    Unplug "unplug" Conduct false "none" "A key that is pulled out in the middle must come back as it was.";
    Reset "reset" Conduct false "CTAP §6.6" "A key that is handed on must be erased in full.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_stand_by_section() {
        assert!(Id::ALL.is_sorted_by_key(|id| id.section()));
    }
}
