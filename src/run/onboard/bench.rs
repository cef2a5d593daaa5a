//! The sample on the bench: one step at a time, and what came of it.

use super::super::World;
use super::super::record::Sighting;
use super::super::reset;
use super::state::State;
use crate::ctap::client_pin::{Permissions, Retries};
use crate::ctap::credential::{ES256, Extensions, GetAssertion, MakeCredential};
use crate::ctap::info::Info;
use crate::ctap::pin::Pin;
use crate::custody::{self, Recognised};
use crate::error::Error;
use crate::facts::{self, Asserted, Registered, Step};
use crate::key::authority::Authority;
use crate::key::found::Found;
use crate::key::guard::{Guard, Permit, PinRefusal};
use crate::key::replug::{self, ReplugError};
use crate::key::session::{KeyError, ProvenPin, Session};
use crate::key::talk_error::TalkError;
use crate::key::trial::Measured;
use crate::onboard::error::OnboardError;
use crate::webauthn::client_data::ClientData;
use crate::webauthn::relying_party::{ONBOARDING_RP_ID, RelyingParty};

/// The sample.
pub(super) struct Bench<'w> {
    pub(super) world: &'w World,
    pub(super) found: Found,
    pub(super) session: Session,
    /// What it said of itself when the run began, or after it was erased.
    pub(super) info: Info,
    /// As which enrolled key it answered: none, unless it does not tell.
    pub(super) seen: Sighting,
    /// The test credential, if the key answers for it without PIN and touch.
    test: Option<Vec<u8>>,
    pub(super) guard: Guard,
    pub(super) state: State,
    /// Whether it may be erased: then what only a reset takes back may be tried.
    pub(super) erasable: bool,
    /// Whether anything was done with it yet.
    pub(super) begun: bool,
    /// Why nothing more is tried.
    over: Option<&'static str>,
    /// Whether it fell silent or was lost.
    pub(super) lost: bool,
    /// Of sessions that are over.
    measured: Measured,
}

/// A registration to try. Nothing discoverable, ES256, and no extensions unless said otherwise.
pub(super) struct Wanted<'a> {
    pub(super) rp: &'a RelyingParty,
    pub(super) user_id: &'a [u8],
    pub(super) algorithms: &'a [i64],
    pub(super) exclude: &'a [Vec<u8>],
    pub(super) extensions: Extensions,
    pub(super) discoverable: bool,
}

impl<'a> Wanted<'a> {
    pub(super) fn plain(rp: &'a RelyingParty) -> Self {
        let (extensions, discoverable) = (Extensions::default(), false);
        Self { rp, user_id: b"onboarding", algorithms: &[ES256], exclude: &[], extensions, discoverable }
    }

    pub(super) fn request<'s>(&'s self, client_data: &ClientData) -> MakeCredential<'s> {
        MakeCredential {
            client_data_hash: client_data.hash(),
            rp_id: self.rp.id().as_str(),
            rp_name: "glasskey onboarding",
            user_id: self.user_id,
            user_name: "onboarding@glasskey.invalid",
            display_name: "Onboarding",
            algorithms: self.algorithms,
            exclude: self.exclude,
            extensions: self.extensions,
            discoverable: self.discoverable,
        }
    }
}

impl<'w> Bench<'w> {
    pub(super) fn new(
        world: &'w World,
        found: Found,
        session: Session,
        info: Info,
        seen: Sighting,
        guard: Guard,
        erasable: bool,
    ) -> Self {
        let (test, state, measured) = (None, State::default(), Measured::default());
        let (begun, over, lost) = (false, None, false);
        Self { world, found, session, info, seen, test, guard, state, erasable, begun, over, lost, measured }
    }

    /// Tries one thing. What the key does of it is a result; only what ends the run is an error. After a key fell
    /// silent, refused the right PIN or was not touched nothing more is tried.
    pub(super) fn attempt<T>(
        &mut self,
        does: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Step<T>, Error> {
        match self.over {
            Some(why) => Ok(Step::Skipped(why)),
            None => self.anyway(does),
        }
    }

    /// The same, whatever came before.
    pub(super) fn anyway<T>(
        &mut self,
        does: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Step<T>, Error> {
        let error = match does(self) {
            Ok(done) => return Ok(Step::Done(done)),
            Err(Error::Key(error)) => error,
            Err(error) => return Err(error),
        };
        // An error frame is an answer.
        let lost = matches!(&error, KeyError::Talk(talk) if !matches!(talk, TalkError::ErrorFrame { .. }));
        if let KeyError::Pin(refusal) = error {
            self.over = Some(match refusal {
                PinRefusal::Guarded { .. } => "too few PIN attempts are left",
                _ => "the key did not take the right PIN before",
            });
            return Ok(Step::Broke(refusal.to_string()));
        }
        let step = facts::broken(error)?;
        match &step {
            Step::NotTouched(_) => self.over = Some("nobody touched the key before"),
            Step::Broke(_) if lost => {
                self.lost = true;
                self.over = Some("the key fell silent or was lost before");
            }
            _ => {}
        }
        Ok(step)
    }

    /// Ends the run early, for this reason.
    pub(super) fn end(&mut self, why: &'static str) {
        self.over.get_or_insert(why);
    }

    /// Why nothing more is tried.
    pub(super) fn over(&self) -> Option<&'static str> {
        self.over
    }

    /// PIN attempts left.
    pub(super) fn retries(&mut self) -> Result<Retries, Error> {
        let protocol = self.info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        Ok(self.session.retries(protocol)?)
    }

    /// Leave to spend one attempt.
    pub(super) fn permit(&mut self) -> Result<Permit, Error> {
        let retries = self.retries()?;
        Ok(self.guard.permit(retries).map_err(KeyError::Pin)?)
    }

    /// Gives the PIN, once, for what is to be done next.
    pub(super) fn prove<'p>(
        &mut self,
        pin: &'p Pin,
        permissions: Permissions,
        rp: Option<&RelyingParty>,
    ) -> Result<Authority<'p>, Error> {
        let permit = self.permit()?;
        let rp_id = rp.map(|rp| rp.id().as_str());
        Ok(Authority::prove(&mut self.session, &self.info, permit, pin, permissions, rp_id)?)
    }

    /// Gives a PIN, once, and nothing else: whether the key took it is in the answer.
    pub(super) fn spend(&mut self, pin: &Pin) -> Result<Result<(), PinRefusal>, Error> {
        let permit = self.permit()?;
        let (least, rp_id) = (Permissions::GET_ASSERTION, Some(ONBOARDING_RP_ID));
        match Authority::prove(&mut self.session, &self.info, permit, pin, least, rp_id) {
            Ok(_) => Ok(Ok(())),
            Err(KeyError::Pin(refusal)) => Ok(Err(refusal)),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a credential.
    pub(super) fn make(
        &mut self,
        wanted: &Wanted<'_>,
        proof: Option<&ProvenPin>,
    ) -> Result<Registered, Error> {
        let challenge = World::challenge()?;
        let client_data = ClientData::create(wanted.rp, &challenge);
        let request = wanted.request(&client_data);
        let attestation = self.session.make_credential(&request, proof.map(ProvenPin::token))?;
        Ok(Registered { client_data, challenge, attestation })
    }

    /// Has the key sign.
    pub(super) fn sign(
        &mut self,
        rp: &RelyingParty,
        allow: &[Vec<u8>],
        touch: bool,
        proof: Option<&ProvenPin>,
    ) -> Result<Asserted, Error> {
        let challenge = World::challenge()?;
        let client_data = ClientData::get(rp, &challenge);
        let rp_id = rp.id().as_str();
        let wanted = GetAssertion { rp_id, client_data_hash: client_data.hash(), allow, touch };
        let answer = self.session.get_assertion(&wanted, proof.map(ProvenPin::token))?;
        Ok(Asserted { client_data, challenge, answer })
    }

    /// Whether the key can lose its power now: a soft key always, another one where somebody is there to pull it out.
    pub(super) fn can_replug(&self) -> bool {
        self.found.soft || self.world.term.attended()
    }

    /// Remembers the test credential, if the key answers for it without PIN and touch: by it the sample is known again.
    pub(super) fn remember(&mut self, test: Option<Vec<u8>>) -> Result<(), Error> {
        let Some(test) = test else { return Ok(()) };
        let answer = self.attempt(|bench| bench.answers_for(&test))?;
        self.test = matches!(answer, Step::Done(Recognised::As(_))).then_some(test);
        Ok(())
    }

    fn answers_for(&mut self, credential: &[u8]) -> Result<Recognised, Error> {
        let rp = RelyingParty::custody();
        Ok(custody::recognise(&mut self.session, &self.info, &rp, &[credential])?)
    }

    /// Whether the key in hand knows the test credential of this run; `None` where there is none that it answers for.
    pub(super) fn knows(&mut self) -> Result<Option<bool>, Error> {
        let Some(test) = self.test.clone() else { return Ok(None) };
        Ok(Some(matches!(self.answers_for(&test)?, Recognised::As(_))))
    }

    /// Takes the power from the key and gives it back; whether it still knows the test credential. One that does not may
    /// be another key: nothing more is done with it, and it is not erased.
    ///
    /// # Errors
    /// [`OnboardError::NotReplugged`] where it is another key, for sure.
    pub(super) fn replug(&mut self) -> Result<Option<bool>, Error> {
        let tell = &self.world.term;
        if !self.found.soft {
            tell.complain("Unplug the key now.");
            let again = || tell.complain("Plug it in again.");
            let (bus, cancel) = (self.world.bus.as_ref(), &self.world.cancel);
            let came = replug::wait(bus, &self.found, reset::REPLUG, cancel, again);
            self.found = came.map_err(not_replugged)?;
        }
        self.reopen()?;
        let info = self.session.info()?;
        let why = match self.seen.differs(&mut self.session, &info)? {
            _ if info.aaguid != self.info.aaguid => {
                Some(format!("a key of another model came ({})", info.aaguid))
            }
            differs => differs,
        };
        if let Some(why) = why {
            return Err(OnboardError::NotReplugged(why).into());
        }
        let knows = self.knows()?;
        if knows == Some(false) {
            self.lost = true;
            self.end("the key that was plugged in again does not know the test credential");
        }
        Ok(knows)
    }

    /// Opens the key anew; the session that there was is over.
    pub(super) fn reopen(&mut self) -> Result<(), Error> {
        self.let_go();
        self.session = reset::open(self.world, &self.found)?;
        self.state.locked = false;
        Ok(())
    }

    /// Lets the key go, and keeps what was measured. A soft key is one program's at a time, and loses its power so.
    pub(super) fn let_go(&mut self) {
        self.measured.add(self.session.hang_up());
    }

    /// What was measured in all.
    pub(super) fn measured(mut self) -> Measured {
        self.let_go();
        self.measured
    }
}

fn not_replugged(error: ReplugError) -> Error {
    match error {
        ReplugError::Interrupted => KeyError::Talk(TalkError::Interrupted).into(),
        ReplugError::List(error) => Error::List(error),
        error => OnboardError::NotReplugged(error.to_string()).into(),
    }
}
