//! What only a trial asks of a key: to show itself, to echo, to stop, to sign with every passkey, to make secrets, and
//! to want a longer PIN.

use std::time::Duration;

use super::conversation::{Timing, Traffic};
use super::patience::Pace;
use super::session::{KeyError, ProvenPin, Session, malformed, random};
use super::talk_error::TalkError;
use crate::ctap::cbor::Deviation;
use crate::ctap::client_pin::ClientPinError;
use crate::ctap::config;
use crate::ctap::credential::{AssertionAnswer, GetAssertion, MakeCredential, NEXT};
use crate::ctap::frame::Command;
use crate::ctap::hmac_secret::{self, Salt, Secret};
use crate::ctap::protocol::{SharedSecret, Token};
use crate::ctap::status::Code;

/// What a key does that is told to stop while it waits for a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It stopped, after so long.
    InTime(Duration),
    /// It answered something else than that it stopped, after so long: its status byte.
    Otherwise(u8, Duration),
    /// It went on as if nothing had been said.
    Deaf,
    /// It never waited for a touch, or was touched before it could be told.
    NeverWaited,
}

/// What was measured in a session, or in several.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// How each exchange went.
    pub timings: Vec<Timing>,
    /// What went over the wire.
    pub traffic: Traffic,
    /// Answers that were not canonical CBOR, with the command they answered.
    pub deviations: Vec<(&'static str, Deviation)>,
}

impl Measured {
    /// Adds what was measured in another session.
    pub fn add(&mut self, more: Self) {
        self.timings.extend(more.timings);
        self.deviations.extend(more.deviations);
        self.traffic.add(more.traffic);
    }
}

impl Session {
    /// How each exchange of this session went, in time.
    #[must_use]
    pub fn timings(&self) -> &[Timing] {
        self.talk.timings()
    }

    /// Lets the key go, and takes with it what was measured. Whatever is asked of the key from now on finds it gone.
    pub fn hang_up(&mut self) -> Measured {
        let (timings, traffic) = self.talk.hang_up();
        Measured { timings, traffic, deviations: std::mem::take(&mut self.deviations) }
    }

    /// CTAPHID_WINK (CTAP §11.2.9.2.1): the key shows itself to the person.
    ///
    /// # Errors
    /// [`KeyError::Talk`].
    pub fn wink(&mut self) -> Result<(), KeyError> {
        Ok(self.talk.exchange(Command::Wink, &[], "WINK", Pace::Quick).map(drop)?)
    }

    /// CTAPHID_PING (CTAP §11.2.9.1.4): whether the key sends back what it was sent.
    ///
    /// # Errors
    /// [`KeyError::Talk`].
    pub fn ping(&mut self, data: &[u8]) -> Result<bool, KeyError> {
        Ok(self.talk.exchange(Command::Ping, data, "PING", Pace::Work)? == data)
    }

    /// Begins authenticatorMakeCredential, and tells the key to stop as soon as it waits for a touch.
    ///
    /// # Errors
    /// [`KeyError`], but none for a key that does not stop.
    pub fn stop_registration(
        &mut self,
        wanted: &MakeCredential<'_>,
        token: Option<&Token>,
    ) -> Result<Stopped, KeyError> {
        let during = "makeCredential, cancelled";
        let request = wanted.request(token).map_err(|error| malformed(during, error))?;
        let (answer, timing) = self.talk.break_off(Command::Cbor, &request, during)?;
        let told = timing.touch.then_some(timing.cancelled);
        match (answer, told) {
            (Err(TalkError::Interrupted), _) => Err(TalkError::Interrupted.into()),
            (Ok(answer), Some(Some(after))) => {
                Ok(Stopped::Otherwise(answer.first().copied().unwrap_or_default(), after))
            }
            (Ok(_), _) => Ok(Stopped::NeverWaited),
            (
                Err(TalkError::Silent { .. } | TalkError::NoTouch { .. } | TalkError::Endless { .. }),
                Some(told),
            ) => Ok(told.map_or(Stopped::Deaf, Stopped::InTime)),
            (Err(error), _) => Err(error.into()),
        }
    }

    /// authenticatorGetNextAssertion (CTAP §6.3): the next passkey signs, without another touch. `None` where there is none.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn next_assertion(&mut self) -> Result<Option<AssertionAnswer>, KeyError> {
        let during = "getNextAssertion";
        match self.value(&[NEXT], during, Pace::Work) {
            Err(KeyError::Refused { refusal, .. }) if refusal.is(Code::NotAllowed) => Ok(None),
            answer => AssertionAnswer::parse(answer?).map(Some).map_err(|error| malformed(during, error)),
        }
    }

    /// authenticatorGetAssertion with `hmac-secret`: one or two salts, and a secret for each. Waits for a touch.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn make_secrets(
        &mut self,
        wanted: &GetAssertion<'_>,
        token: &Token,
        shared: &SharedSecret,
        salts: &[Salt],
    ) -> Result<(AssertionAnswer, Vec<Secret>), KeyError> {
        let during = "getAssertion, hmac-secret";
        let wrong = |error: ClientPinError| malformed(during, error);
        let input = hmac_secret::input(shared, salts, &random()?).map_err(wrong)?;
        let request = wanted.extended(Some(token), Some((hmac_secret::NAME, input)));
        let request = request.map_err(|error| malformed(during, error))?;
        let answer = self.value(&request, during, Pace::Touch)?;
        let answer = AssertionAnswer::parse(answer).map_err(|error| malformed(during, error))?;
        let secrets = hmac_secret::output(&answer.auth_data, salts, shared).map_err(wrong)?;
        Ok((answer, secrets))
    }

    /// authenticatorConfig `setMinPINLength`: raises the least length of a PIN, **which only a reset takes back**, or
    /// has the key demand a new PIN. The token needs the permission `acfg`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn set_min_pin_length(
        &mut self,
        least: Option<u64>,
        force_change: bool,
        proof: &ProvenPin,
    ) -> Result<(), KeyError> {
        let during = "setMinPINLength";
        let request = config::set_min_pin_length(least, force_change, proof.token());
        self.nothing(&request.map_err(|error| malformed(during, error))?, during, Pace::Work)
    }
}
