//! What a key is asked, command by command: bytes out, values in.

use ciborium::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::cancel::Cancel;
use super::conversation::{Conversation, OnWait, Traffic};
use super::guard::{Guard, Permit, PinRefusal, pin_refusal};
use super::patience::{Pace, Patience};
use super::talk_error::TalkError;
use super::wire::Wire;
use crate::ctap::cbor::{self, CborError, Deviation};
use crate::ctap::client_pin::{self, ClientPinError, Retries, TokenKind};
use crate::ctap::credential::{AnswerError, AssertionAnswer, Attestation, GetAssertion, MakeCredential};
use crate::ctap::frame::Command;
use crate::ctap::info::Info;
use crate::ctap::init::DeviceVersion;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::{Protocol, SharedSecret, Token};
use crate::ctap::status::{self, Code, Refusal};

/// Why a key did not give what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It was not heard or not understood as CTAPHID.
    #[error(transparent)]
    Talk(#[from] TalkError),
    /// It said no.
    #[error("the key refused {during}: {refusal}")]
    Refused {
        /// The command.
        during: &'static str,
        /// The status byte.
        refusal: Refusal,
    },
    /// It says that it does not speak CTAP2.
    #[error("this key speaks only U2F, not CTAP2: it can hold no passkey")]
    OnlyU2f,
    /// Its answer cannot be read.
    #[error("the key's answer to {during} cannot be read: {source}")]
    Malformed {
        /// The command.
        during: &'static str,
        /// What is wrong.
        source: Malformed,
    },
    /// The PIN was not tried, or not taken.
    #[error(transparent)]
    Pin(#[from] PinRefusal),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It has no status byte, or a body where none may be, or none where one must be.
    #[error("it has no content of the right kind")]
    Empty,
    /// A credential or an assertion.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// An answer of clientPIN.
    #[error(transparent)]
    ClientPin(#[from] ClientPinError),
}

impl From<CborError> for Malformed {
    fn from(error: CborError) -> Self {
        Self::Answer(error.into())
    }
}

/// How often a PIN is sent to a key that is busy with another program each time, and has not looked at it.
const BUSY_TRIES: usize = 10;

/// A token, and with it the proof that the key has taken the PIN in this session.
#[expect(missing_debug_implementations, reason = "a token is never shown")]
pub struct ProvenPin {
    token: Token,
    /// Which gave leave for it.
    guard: Guard,
}

impl ProvenPin {
    /// The token.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }
}

/// Everything a verb may ask of one open key.
#[derive(Debug)]
pub struct Session {
    pub(super) talk: Conversation,
    pub(super) deviations: Vec<(&'static str, Deviation)>,
    distrust_two: Vec<Uuid>,
}

impl Session {
    /// Opens a channel to a key.
    ///
    /// # Errors
    /// [`KeyError::Talk`] or [`KeyError::Random`].
    pub fn open(
        wire: Box<dyn Wire>,
        patience: Patience,
        cancel: Cancel,
        on_wait: OnWait,
    ) -> Result<Self, KeyError> {
        let talk = Conversation::open(wire, patience, cancel, on_wait, random()?)?;
        Ok(Self { talk, deviations: Vec::new(), distrust_two: Vec::new() })
    }

    /// Keys of these models offer PIN/UV auth protocol two and are known not to keep it.
    #[must_use]
    pub fn distrusting_protocol_two(self, models: Vec<Uuid>) -> Self {
        Self { distrust_two: models, ..self }
    }

    /// What the key said when the channel was opened.
    #[must_use]
    pub fn version(&self) -> DeviceVersion {
        self.talk.version()
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.talk.traffic()
    }

    /// Where answers departed from canonical CBOR, with the command they answered.
    #[must_use]
    pub fn deviations(&self) -> &[(&'static str, Deviation)] {
        &self.deviations
    }

    /// authenticatorGetInfo.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn info(&mut self) -> Result<Info, KeyError> {
        let during = "getInfo";
        let answer = self.value(&[0x04], during, Pace::Quick).map_err(|error| match error {
            // CTAPHID error 0x01: an unknown command, from a key that never claimed to know it.
            KeyError::Talk(TalkError::ErrorFrame { code: 0x01, .. })
                if !self.version().can(DeviceVersion::CBOR) =>
            {
                KeyError::OnlyU2f
            }
            other => other,
        })?;
        let mut info = Info::parse(answer).map_err(|error| malformed(during, error))?;
        if self.distrust_two.contains(&info.aaguid) {
            info.distrust(Protocol::Two);
        }
        Ok(info)
    }

    /// How many PIN attempts are left. Costs none.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn retries(&mut self, protocol: Protocol) -> Result<Retries, KeyError> {
        let during = "getPINRetries";
        let request = client_pin::get_retries(protocol).map_err(|error| malformed(during, error))?;
        let answer = self.value(&request, during, Pace::Quick)?;
        client_pin::retries(answer).map_err(|error| malformed(during, error))
    }

    /// Agrees on a secret with the key. It serves until the key has met a wrong PIN, of whomever (CTAP §6.5.5.7).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn agree(&mut self, protocol: Protocol) -> Result<SharedSecret, KeyError> {
        let during = "getKeyAgreement";
        let request = client_pin::get_key_agreement(protocol).map_err(|error| malformed(during, error))?;
        let answer = self.value(&request, during, Pace::Work)?;
        let theirs = client_pin::key_agreement(answer).map_err(|error| malformed(during, error))?;
        SharedSecret::agree(protocol, &theirs, &Zeroizing::new(random()?))
            .map_err(|error| malformed(during, ClientPinError::from(error)))
    }

    /// Asks for a token with the PIN. **A wrong PIN costs one attempt.**
    ///
    /// # Errors
    /// [`KeyError::Pin`] when the PIN is not taken, with the attempts left read again.
    pub fn token(
        &mut self,
        permit: Permit,
        shared: &SharedSecret,
        pin: &Pin,
        kind: TokenKind<'_>,
    ) -> Result<ProvenPin, KeyError> {
        let token = self.fetch_token(shared, pin, kind);
        let token = self.pin_answer(token, shared.protocol(), PinRefusal::ChangeForced)?;
        Ok(ProvenPin { token, guard: permit.0 })
    }

    /// Asks for another token with a PIN that the key has just taken, under a secret that is agreed anew: another
    /// program's wrong PIN makes the last one void, and the right PIN would cost an attempt. Whether there was one, the
    /// key's new public key tells; then the guard is asked again.
    ///
    /// # Errors
    /// As [`Session::token`], and what the guard says.
    pub fn next_token(
        &mut self,
        proof: &ProvenPin,
        last: &SharedSecret,
        pin: &Pin,
        kind: TokenKind<'_>,
    ) -> Result<(SharedSecret, ProvenPin), KeyError> {
        let protocol = last.protocol();
        let shared = self.agree(protocol)?;
        if shared.their_key() != last.their_key() {
            let retries = self.retries(protocol)?;
            proof.guard.permit(retries)?;
        }
        let token = self.fetch_token(&shared, pin, kind);
        let token = self.pin_answer(token, protocol, PinRefusal::ChangeForced)?;
        Ok((shared, ProvenPin { token, guard: proof.guard }))
    }

    fn fetch_token(
        &mut self,
        shared: &SharedSecret,
        pin: &Pin,
        kind: TokenKind<'_>,
    ) -> Result<Token, KeyError> {
        let during = "getPinToken";
        for _ in 0..BUSY_TRIES {
            let request = client_pin::get_token(shared, pin, kind, &random()?)
                .map_err(|error| malformed(during, error))?;
            match self.value(&request, during, Pace::Pin) {
                // Another program has the key. Its public key is the same as long as no PIN was found wrong since.
                Err(KeyError::Talk(TalkError::Busy))
                    if self.agree(shared.protocol())?.their_key() == shared.their_key() => {}
                answer => {
                    return client_pin::token(answer?, shared).map_err(|error| malformed(during, error));
                }
            }
        }
        Err(TalkError::Busy.into())
    }

    /// Sets the first PIN.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn set_pin(&mut self, shared: &SharedSecret, new: &Pin) -> Result<(), KeyError> {
        let during = "setPIN";
        let request =
            client_pin::set_pin(shared, new, &random()?).map_err(|error| malformed(during, error))?;
        match self.nothing(&request, during, Pace::Pin) {
            // CTAP §6.5.5.5: a PIN is already set.
            Err(KeyError::Refused { refusal, .. }) if refusal.is(Code::PinAuthInvalid) => {
                Err(PinRefusal::AlreadySet.into())
            }
            answer => self.pin_answer(answer, shared.protocol(), PinRefusal::Policy),
        }
    }

    /// Changes the PIN. **A wrong current PIN costs one attempt.**
    ///
    /// # Errors
    /// [`KeyError::Pin`] when either PIN is not taken, with the attempts left read again.
    pub fn change_pin(
        &mut self,
        _permit: Permit,
        shared: &SharedSecret,
        current: &Pin,
        new: &Pin,
    ) -> Result<(), KeyError> {
        let during = "changePIN";
        let request = client_pin::change_pin(shared, current, new, [&random()?, &random()?])
            .map_err(|error| malformed(during, error))?;
        let answer = self.nothing(&request, during, Pace::Pin);
        self.pin_answer(answer, shared.protocol(), PinRefusal::Policy)
    }

    /// Gives a refusal of a PIN its meaning. `policy` is what a broken PIN policy means here.
    fn pin_answer<T>(
        &mut self,
        answer: Result<T, KeyError>,
        protocol: Protocol,
        policy: PinRefusal,
    ) -> Result<T, KeyError> {
        let Err(KeyError::Refused { during, refusal }) = answer else { return answer };
        match pin_refusal(refusal) {
            Some(PinRefusal::Wrong { .. }) => {
                let left = self.retries(protocol).ok().map(|retries| retries.left);
                Err(PinRefusal::Wrong { left }.into())
            }
            Some(PinRefusal::Policy) => Err(policy.into()),
            Some(other) => Err(other.into()),
            None => Err(KeyError::Refused { during, refusal }),
        }
    }

    /// authenticatorMakeCredential. Waits for a touch.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn make_credential(
        &mut self,
        wanted: &MakeCredential<'_>,
        token: Option<&Token>,
    ) -> Result<Attestation, KeyError> {
        let during = "makeCredential";
        let request = wanted.request(token).map_err(|error| malformed(during, error))?;
        let answer = self.value(&request, during, Pace::Touch)?;
        Attestation::parse(answer).map_err(|error| malformed(during, error))
    }

    /// authenticatorGetAssertion. Waits for a touch.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn get_assertion(
        &mut self,
        wanted: &GetAssertion<'_>,
        token: Option<&Token>,
    ) -> Result<AssertionAnswer, KeyError> {
        let during = "getAssertion";
        let request = wanted.request(token).map_err(|error| malformed(during, error))?;
        let pace = if wanted.touch { Pace::Touch } else { Pace::Work };
        let answer = self.value(&request, during, pace)?;
        AssertionAnswer::parse(answer).map_err(|error| malformed(during, error))
    }

    fn ask(&mut self, request: &[u8], during: &'static str, pace: Pace) -> Result<Vec<u8>, KeyError> {
        let mut answer = self.talk.exchange(Command::Cbor, request, during, pace)?;
        if answer.is_empty() {
            return Err(KeyError::Malformed { during, source: Malformed::Empty });
        }
        let body = answer.split_off(1);
        let status = answer.first().copied().unwrap_or_default();
        status::check(status).map_err(|refusal| KeyError::Refused { during, refusal })?;
        Ok(body)
    }

    pub(super) fn value(
        &mut self,
        request: &[u8],
        during: &'static str,
        pace: Pace,
    ) -> Result<Value, KeyError> {
        let body = self.ask(request, during, pace)?;
        if body.is_empty() {
            return Err(KeyError::Malformed { during, source: Malformed::Empty });
        }
        let decoded = cbor::decode(&body).map_err(|error| malformed(during, error))?;
        self.deviations.extend(decoded.deviations.into_iter().map(|deviation| (during, deviation)));
        Ok(decoded.value)
    }

    /// An answer with no body; some keys send an empty map (CTAP §8.1), which says as much.
    pub(super) fn nothing(
        &mut self,
        request: &[u8],
        during: &'static str,
        pace: Pace,
    ) -> Result<(), KeyError> {
        match self.ask(request, during, pace)?.as_slice() {
            [] | [0xa0] => Ok(()),
            _ => Err(KeyError::Malformed { during, source: Malformed::Empty }),
        }
    }
}

pub(super) fn malformed(during: &'static str, error: impl Into<Malformed>) -> KeyError {
    KeyError::Malformed { during, source: error.into() }
}

/// Random bytes.
///
/// # Errors
/// [`KeyError::Random`] where the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(bytes)
}
