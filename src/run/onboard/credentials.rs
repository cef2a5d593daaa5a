//! What the key makes, keeps and gives up: passkeys of several users, lists that it must honour, extensions.

use super::super::World;
use super::bench::{Bench, Wanted};
use super::{ALGORITHMS, MANY};
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::{AssertionAnswer, Extensions, GetAssertion, Protection};
use crate::ctap::credential_management::{Dialect, Metadata};
use crate::ctap::hmac_secret::Salt;
use crate::error::Error;
use crate::facts::credentials::{Credentials, try_list};
use crate::facts::{Asserted, Facts, Registered, Step};
use crate::key::authority::Authority;
use crate::onboard::tried::{Account, Deleted, Foreign, Held, Secrets, done};
use crate::webauthn::client_data::ClientData;
use crate::webauthn::relying_party::RelyingParty;

/// The length of a user handle of Entra, and how it begins.
const ENTRA_USER: (usize, &[u8]) = (51, b"OF:");

/// One run through all of it.
pub(super) struct Trial<'t, 'w, 'p> {
    bench: &'t mut Bench<'w>,
    authority: &'t mut Authority<'p>,
    /// For whom passkeys are made.
    rp: RelyingParty,
    /// The test credential of the check, under the custody relying party.
    test: Option<Vec<u8>>,
    dialect: Result<Dialect, &'static str>,
}

impl<'t, 'w, 'p> Trial<'t, 'w, 'p> {
    pub(super) fn new(bench: &'t mut Bench<'w>, authority: &'t mut Authority<'p>, facts: &Facts) -> Self {
        let made = facts.registration.done().and_then(|made| made.attestation.auth_data.attested.as_ref());
        let test = made.map(|credential| credential.credential_id.clone());
        let dialect = Dialect::of(&bench.info)
            .ok_or("the key does not offer to list and delete passkeys (no credential management)");
        Self { bench, authority, rp: RelyingParty::onboarding(), test, dialect }
    }

    pub(super) fn run(mut self) -> Result<Held, Error> {
        let mut held = Held::default();
        (held.without_pin, held.without_touch) = self.flags()?;
        let [before, with] = &mut held.listed;
        *before = self.list()?;
        held.accounts = self.accounts()?;
        *with = self.list()?;
        let made = held.accounts.iter().find_map(|account| account.made.done());
        let first = made.and_then(|made| made.attestation.auth_data.attested.as_ref());
        let first = first.map(|credential| credential.credential_id.clone());
        if let Some(first) = &first {
            held.discovered = self.discover()?;
            held.excluded = self.exclude(first)?;
        }
        held.foreign = self.foreign(first.as_ref())?;
        held.protected = self.protect()?;
        held.secrets = self.secrets(first.as_ref())?;
        if let Some(first) = first {
            held.deleted = self.delete(first)?;
        }
        held.left = self.clean(held.listed.first().and_then(Step::done))?;
        Ok(held)
    }

    fn turn(&mut self, permissions: Permissions, rp: Option<&RelyingParty>) -> Result<(), Error> {
        let rp_id = rp.map(|rp| rp.id().as_str());
        Ok(self.authority.turn_to(&mut self.bench.session, permissions, rp_id)?)
    }

    /// Signs with a fresh token.
    fn sign(&mut self, rp: &RelyingParty, allow: &[Vec<u8>], touch: bool) -> Result<Asserted, Error> {
        self.turn(Permissions::GET_ASSERTION, Some(rp))?;
        self.bench.sign(rp, allow, touch, Some(self.authority.proof()))
    }

    /// Makes a credential with a fresh token.
    fn make(&mut self, wanted: &Wanted<'_>) -> Result<Registered, Error> {
        self.turn(Permissions::MAKE_CREDENTIAL, Some(wanted.rp))?;
        self.bench.make(wanted, Some(self.authority.proof()))
    }

    /// Tries one thing.
    fn attempt<T>(&mut self, does: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<Step<T>, Error> {
        if let Some(why) = self.bench.over() {
            return Ok(Step::Skipped(why));
        }
        let result = does(self);
        self.bench.attempt(|_| result)
    }

    /// The test credential signs without a PIN, and then without a touch too.
    fn flags(&mut self) -> Result<(Step<Asserted>, Step<Asserted>), Error> {
        let Some(test) = self.test.clone() else {
            let why = "there is no test credential to sign with";
            return Ok((Step::Skipped(why), Step::Skipped(why)));
        };
        let (custody, allow) = (RelyingParty::custody(), [test]);
        let without_pin = self.bench.attempt(|bench| bench.sign(&custody, &allow, true, None))?;
        let without_touch = self.bench.attempt(|bench| bench.sign(&custody, &allow, false, None))?;
        Ok((without_pin, without_touch))
    }

    fn list(&mut self) -> Result<Step<Credentials>, Error> {
        let dialect = match self.dialect {
            Ok(dialect) => dialect,
            Err(why) => return Ok(Step::Skipped(why)),
        };
        self.attempt(|trial| {
            trial.turn(Permissions::CREDENTIAL_MANAGEMENT, None)?;
            Ok(try_list(&mut trial.bench.session, dialect, trial.authority)?)
        })
    }

    /// Passkeys for several users, as Entra asks for them, as many as there is room for.
    fn accounts(&mut self) -> Result<Vec<Account>, Error> {
        let mut accounts = Vec::new();
        let why_not = if self.bench.info.option("rk") != Some(true) {
            Some("the key does not offer resident keys")
        } else if self.dialect.is_err() && !self.bench.erasable {
            Some("the key cannot delete a passkey, and may not be erased (`--reset-allowed`)")
        } else {
            None
        };
        if let Some(why) = why_not {
            return Ok(vec![Account { user_id: Vec::new(), made: Step::Skipped(why) }]);
        }
        let extensions = Extensions {
            hmac_secret: self.bench.info.extends("hmac-secret"),
            protection: self.bench.info.extends("credProtect").then_some(Protection::Optional),
        };
        let rp = self.rp.clone();
        for _ in 0..MANY {
            let user_id = user_id()?;
            let wanted = Wanted {
                user_id: &user_id,
                algorithms: &ALGORITHMS,
                extensions,
                discoverable: true,
                ..Wanted::plain(&rp)
            };
            let made = self.attempt(|trial| trial.make(&wanted))?;
            let done = made.done().and_then(|made| made.attestation.auth_data.attested.as_ref());
            let id = done.map(|credential| credential.credential_id.clone());
            let went_on = id.is_some();
            self.bench.state.passkeys.extend(id);
            accounts.push(Account { user_id, made });
            if !went_on {
                break;
            }
        }
        Ok(accounts)
    }

    /// Signatures by whatever passkeys the key finds for the relying party.
    fn discover(&mut self) -> Result<Step<Vec<Asserted>>, Error> {
        let rp = self.rp.clone();
        self.attempt(|trial| {
            let first = trial.sign(&rp, &[], true)?;
            let more = first.answer.credentials.unwrap_or(1).min(u32::try_from(MANY).unwrap_or(u32::MAX));
            let mut signed = vec![first.clone()];
            for _ in 1..more {
                let Some(answer) = trial.bench.session.next_assertion()? else { break };
                signed.push(Asserted { answer, ..first.clone() });
            }
            Ok(signed)
        })
    }

    fn exclude(&mut self, first: &[u8]) -> Result<Step<Registered>, Error> {
        let (rp, exclude) = (self.rp.clone(), [first.to_vec()]);
        self.attempt(|trial| trial.make(&Wanted { exclude: &exclude, ..Wanted::plain(&rp) }))
    }

    /// What must be refused, asked for without a touch.
    fn foreign(&mut self, passkey: Option<&Vec<u8>>) -> Result<Vec<(Foreign, Step<AssertionAnswer>)>, Error> {
        let custody = RelyingParty::custody();
        // Its own credential, whose it is, and who else asks for it.
        let (own, theirs, other) = match (passkey, &self.test) {
            (Some(passkey), _) => (passkey.clone(), self.rp.clone(), custody),
            (None, Some(test)) => (test.clone(), custody, self.rp.clone()),
            (None, None) => return Ok(Vec::new()),
        };
        let mut bent = own.clone();
        if let Some(last) = bent.last_mut() {
            *last ^= 1;
        }
        let seed = World::nonce()?;
        let unknown = seed.iter().copied().cycle().take(own.len()).collect();
        let mut refused = Vec::new();
        for (foreign, id, rp) in [
            (Foreign::Unknown, unknown, &theirs),
            (Foreign::Bent, bent, &theirs),
            (Foreign::OtherParty, own, &other),
        ] {
            let step = self.attempt(|trial| Ok(trial.sign(rp, &[id], false)?.answer))?;
            refused.push((foreign, step));
        }
        Ok(refused)
    }

    /// A credential that is never to be used without user verification; used without, and with.
    fn protect(&mut self) -> Result<(Step<Registered>, [Step<Asserted>; 2]), Error> {
        let skipped = |why| Ok((Step::Skipped(why), [Step::Skipped(why), Step::Skipped(why)]));
        if !self.bench.info.extends("credProtect") {
            return skipped("the key does not offer credProtect");
        }
        let rp = self.rp.clone();
        let extensions = Extensions { protection: Some(Protection::Required), ..Extensions::default() };
        let made = self.attempt(|trial| trial.make(&Wanted { extensions, ..Wanted::plain(&rp) }))?;
        let credential = made.done().and_then(|made| made.attestation.auth_data.attested.as_ref());
        let Some(allow) = credential.map(|credential| [credential.credential_id.clone()]) else {
            let why = "the credential was not made";
            return Ok((made, [Step::Skipped(why), Step::Skipped(why)]));
        };
        let without = self.bench.attempt(|bench| bench.sign(&rp, &allow, false, None))?;
        let with = self.attempt(|trial| trial.sign(&rp, &allow, false))?;
        Ok((made, [without, with]))
    }

    /// `hmac-secret` of one salt, and of the same and another.
    fn secrets(&mut self, passkey: Option<&Vec<u8>>) -> Result<[Step<Secrets>; 2], Error> {
        let skipped = |why| Ok([Step::Skipped(why), Step::Skipped(why)]);
        if !self.bench.info.extends("hmac-secret") {
            return skipped("the key does not offer hmac-secret");
        }
        let rp = self.rp.clone();
        let id = match passkey {
            Some(passkey) => Some(passkey.clone()),
            None => {
                let extensions = Extensions { hmac_secret: true, ..Extensions::default() };
                let made = self.attempt(|trial| trial.make(&Wanted { extensions, ..Wanted::plain(&rp) }))?;
                let made = made.done().and_then(|made| made.attestation.auth_data.attested.as_ref());
                made.map(|credential| credential.credential_id.clone())
            }
        };
        let Some(id) = id else { return skipped("there is no credential for it") };
        let allow = [id];
        let salts = [World::nonce()?, World::nonce()?];
        let first = self.attempt(|trial| trial.secret(&rp, &allow, salts.get(..1).unwrap_or_default()))?;
        let second = self.attempt(|trial| trial.secret(&rp, &allow, &salts))?;
        Ok([first, second])
    }

    fn secret(&mut self, rp: &RelyingParty, allow: &[Vec<u8>], salts: &[Salt]) -> Result<Secrets, Error> {
        self.turn(Permissions::GET_ASSERTION, Some(rp))?;
        let challenge = World::challenge()?;
        let client_data = ClientData::get(rp, &challenge);
        let rp_id = rp.id().as_str();
        let wanted = GetAssertion { rp_id, client_data_hash: client_data.hash(), allow, touch: true };
        let (token, shared) = (self.authority.proof().token(), self.authority.shared());
        let (answer, secrets) = self.bench.session.make_secrets(&wanted, token, shared, salts)?;
        Ok((Asserted { client_data, challenge, answer }, secrets))
    }

    /// Deletes one passkey, and asks for it.
    fn delete(&mut self, id: Vec<u8>) -> Result<Step<Deleted>, Error> {
        let dialect = match self.dialect {
            Ok(dialect) => dialect,
            Err(why) => return Ok(Step::Skipped(why)),
        };
        let counts = self.attempt(|trial| {
            trial.turn(Permissions::CREDENTIAL_MANAGEMENT, None)?;
            let (session, proof) = (&mut trial.bench.session, trial.authority.proof());
            let before = session.creds_metadata(dialect, proof)?.existing;
            session.delete_credential(dialect, proof, &id)?;
            Ok((before, session.creds_metadata(dialect, proof)?.existing))
        })?;
        let (before, after) = match done(counts) {
            Ok(counts) => counts,
            Err(step) => return Ok(step),
        };
        let (rp, allow) = (self.rp.clone(), [id.clone()]);
        let signs = self.attempt(|trial| Ok(trial.sign(&rp, &allow, false)?.answer))?;
        if after < before {
            self.bench.state.passkeys.retain(|made| *made != id);
        }
        Ok(Step::Done(Deleted { before, after, signs }))
    }

    /// Deletes all that the run has made, and counts.
    pub(super) fn clean(&mut self, before: Option<&Credentials>) -> Result<Step<[Metadata; 2]>, Error> {
        let (dialect, before) = match (self.dialect, before) {
            (Ok(dialect), Some(before)) => (dialect, before.count),
            (Err(why), _) => return Ok(Step::Skipped(why)),
            (Ok(_), None) => return Ok(Step::Skipped("what the key held before is not known")),
        };
        for id in self.bench.state.passkeys.clone() {
            // One that cannot be deleted does not keep the others; an interruption forgets none that is left.
            let deleted = self.attempt(|trial| {
                trial.turn(Permissions::CREDENTIAL_MANAGEMENT, None)?;
                let (session, proof) = (&mut trial.bench.session, trial.authority.proof());
                Ok(session.delete_credential(dialect, proof, &id)?)
            })?;
            if deleted.done().is_some() {
                self.bench.state.passkeys.retain(|made| *made != id);
            }
        }
        self.attempt(|trial| {
            trial.turn(Permissions::CREDENTIAL_MANAGEMENT, None)?;
            Ok([before, trial.bench.session.creds_metadata(dialect, trial.authority.proof())?])
        })
    }
}

/// A user handle as Entra makes it, for nobody.
fn user_id() -> Result<Vec<u8>, Error> {
    let (length, head) = ENTRA_USER;
    let seed = World::nonce()?;
    Ok(head.iter().chain(seed.iter().cycle()).copied().take(length).collect())
}
