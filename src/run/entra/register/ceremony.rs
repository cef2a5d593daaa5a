//! The part with the key: who it is, whether it is fit, the passkey, the record, the file.

use serde_json::json;

use super::super::which::{HANDLE, begun_for, enrolled, meant, open};
use super::tell::{Told, refused};
use super::{Account, Plan, posted};
use crate::catalogue::Catalogue;
use crate::cli::Register;
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::{Attestation, MakeCredential};
use crate::ctap::credential_management::Dialect;
use crate::ctap::status::Code;
use crate::disk::NewFile;
use crate::entra::RegisterError;
use crate::entra::register::{ALGORITHMS, Accepted, Asked, handle_hash};
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::{PasskeyLook, try_list};
use crate::facts::{self, Exercise, Facts, look};
use crate::key::authority::Authority;
use crate::key::manage::Passkey;
use crate::key::session::{KeyError, Session};
use crate::ledger::Writer;
use crate::ledger::bytes::Bytes;
use crate::ledger::inventory::{Inventory, Key};
use crate::ledger::payload::{EntraRegistered, Payload, REGISTER_PASSKEY, RawRegistration};
use crate::policy::PolicySet;
use crate::run::book::Book;
use crate::run::make::{Make, Makes};
use crate::run::{World, credentials, record};
use crate::verdict::evidence::Evidence;
use crate::verdict::identity::{Enrolled, Identity};
use crate::verdict::{Case, Outcome, Verdict, judge};
use crate::webauthn::registration::{Registration, verify_passkey};
use crate::webauthn::trust::{TrustError, check_path};

/// What stands fixed before the key is touched.
pub(super) struct Ceremony<'a> {
    pub(super) world: &'a World,
    pub(super) arguments: &'a Register,
    pub(super) plan: &'a Plan,
    pub(super) account: &'a Account,
    pub(super) accepted: Accepted,
    pub(super) catalogue: Catalogue,
    pub(super) policy: Option<PolicySet>,
}

impl Ceremony<'_> {
    pub(super) fn run(&self, writer: Writer, out: NewFile) -> Result<Exit, Error> {
        let world = self.world;
        let inventory = writer.inventory().clone();
        let (found, named) = meant(world, &inventory)?;
        let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
        let mut facts = look(&found, &mut session)?;
        let account = Some(self.account.name.as_str());
        let (key, answered) = enrolled(&mut session, &facts.info, &inventory, named, account)?;
        let about = inventory.pending().filter(|step| record::about(&inventory, step, &key.label));
        record::tell_pending(world, about);
        let changes = record::changes(writer.ledger(), &self.catalogue, key, &facts)?;
        let known = record::enrolled(key, answered, &changes);

        let (permit, pin) = credentials::ask_pin(world, &facts, self.arguments.pin)?;
        let steps = Exercise {
            rp: key.signer.rp.clone(),
            register: World::challenge()?,
            assert: World::challenge()?,
            exclude: Vec::new(),
            custody: Some(key.signer.credential.id.clone()),
            // The passkey of another user on the key is not asked to sign: it is refused or told below.
            passkeys: Some(PasskeyLook {
                challenge: World::challenge()?,
                user: Some(self.account.upn.to_string()),
            }),
        };
        let authority = facts::exercise(&mut session, &mut facts, Some((permit, &pin)), steps)?;
        let (verdict, broke) = self.judge(&inventory, key, &known, &facts);
        let (Some(authority), false) = (authority, verdict.outcome == Outcome::NotFit) else {
            refused(world, &facts, &self.catalogue, &verdict, self.account, &key.label)?;
            return Ok(Error::NotFit { verdict: Box::new(verdict), broke }.exit());
        };
        let listed = facts.credentials.done();
        let handle = self.accepted.handle().to_string();
        let was_open = open(&inventory, &key.label).any(|pending| begun_for(pending) == Some(&handle));
        let asked = self.accepted.ask(key, &facts.info, listed, was_open)?;
        self.accepted.in_time(World::clock())?;

        let details = json!({ "rp_id": self.accepted.rp().id().as_str(), HANDLE: handle });
        let mut book = Book::of_label(world, writer, &key.label, details);
        let (registered, recorded) = book.step(
            REGISTER_PASSKEY,
            &mut session,
            |_, session| self.make(session, &facts, authority, &asked, &key.label),
            |book, session, (registered, authority)| {
                let payload = Payload::EntraRegistered(Box::new(registered.clone()));
                Ok((registered, book.became(session, Some(authority), payload)?))
            },
        )?;
        let writer = book.writer();
        let taken = "a later registration took its place";
        record::give_up(world, writer, taken, |inventory, pending| {
            pending.intent.registers_passkey() && record::about(inventory, pending, &key.label)
        });
        let remarks: Vec<String> = self.accepted.remarks().iter().chain(&asked.remarks).cloned().collect();
        let options = self.accepted.options();
        let told = Told {
            account: self.account,
            label: &key.label,
            request: posted(self.arguments, self.account, options.edition, &registered),
            registered: &registered,
            expires: Some(options.expires),
            checked: Some((&facts, &self.catalogue, &verdict)),
            event: &recorded.event,
            remarks: &remarks,
        };
        told.write(out, &self.arguments.out)?;
        told.tell(world, &self.arguments.out)
    }

    /// The verdict, and whether the key went silent or made no sense.
    fn judge(&self, inventory: &Inventory, key: &Key, known: &Enrolled, facts: &Facts) -> (Verdict, bool) {
        let make: Make = Makes { plan: self.plan, catalogue: &self.catalogue }.of_enrolled(inventory, key);
        // Its passkey comes now, so no user name is expected yet.
        let case = Case {
            policy: self.policy.as_ref(),
            rp: Some(&key.signer.rp),
            identity: Identity::Enrolled(known),
            diversity: make.as_diversity(),
            ..Case::alone(facts, &self.catalogue, self.world.now)
        };
        (judge(&case), Evidence::broke(&case))
    }

    /// Has the key make the passkey, verifies it as Entra would, and sees that the key lists it.
    fn make<'p>(
        &self,
        session: &mut Session,
        facts: &Facts,
        mut authority: Authority<'p>,
        asked: &Asked,
        label: &str,
    ) -> Result<(EntraRegistered, Authority<'p>), Error> {
        let rp_id = self.accepted.rp().id().as_str();
        let [rp_name, user_name, display_name] = self.accepted.names();
        let wanted = MakeCredential {
            client_data_hash: self.accepted.client_data().hash(),
            rp_id,
            rp_name,
            user_id: &self.accepted.options().user.handle,
            user_name,
            display_name,
            algorithms: ALGORITHMS,
            exclude: &asked.exclude,
            extensions: asked.extensions,
            discoverable: true,
        };
        authority.turn_to(session, Permissions::MAKE_CREDENTIAL, Some(rp_id))?;
        let made = session.make_credential(&wanted, Some(authority.proof().token()));
        let made = made.map_err(|error| meaning(error, label))?;
        let registered = self.verified(facts, made, label)?;
        let dialect = Dialect::of(&facts.info);
        let is_listed =
            dialect.map_or(Ok(true), |dialect| lists(session, dialect, &mut authority, &registered));
        match is_listed {
            Ok(true) => {}
            Ok(false) => return Err(RegisterError::NotListed.into()),
            // Whether it is there nobody can tell from these either, and they say so themselves.
            Err(error @ (KeyError::Talk(_) | KeyError::Malformed { .. })) => return Err(error.into()),
            Err(error) => return Err(RegisterError::Unlisted(error).into()),
        }
        Ok((registered, authority))
    }

    /// The passkey as it is to be recorded, once its statement and the path to its vendor hold.
    fn verified(
        &self,
        facts: &Facts,
        made: Attestation,
        label: &str,
    ) -> Result<EntraRegistered, RegisterError> {
        let client_data = self.accepted.client_data().as_bytes();
        let registration = Registration { attestation_object: &made.object, client_data };
        let options = self.accepted.options();
        let verified = verify_passkey(&registration, self.accepted.rp(), &options.challenge)?;
        let anchors = self.catalogue.anchors(verified.aaguid());
        match check_path(verified.x5c(), &anchors, facts.info.aaguid, self.world.now) {
            // The verdict has warned of it.
            Ok(_) | Err(TrustError::AnchorExpired { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(EntraRegistered {
            label: label.to_owned(),
            account: self.account.name.to_string(),
            rp_id: options.rp_id.as_str().to_owned(),
            credential_id: Bytes(verified.credential_id().to_vec()),
            user_handle_sha256: self.accepted.handle(),
            aaguid: verified.aaguid(),
            registration: RawRegistration {
                attestation_object: Bytes(made.object),
                client_data: Bytes(client_data.to_vec()),
            },
        })
    }
}

/// Whether the key lists the passkey that it has just made.
fn lists(
    session: &mut Session,
    dialect: Dialect,
    authority: &mut Authority<'_>,
    registered: &EntraRegistered,
) -> Result<bool, KeyError> {
    authority.turn_to(session, Permissions::CREDENTIAL_MANAGEMENT, None)?;
    let listed = try_list(session, dialect, authority)?;
    let is_ours = |passkey: &Passkey| {
        passkey.credential_id == registered.credential_id.0
            && handle_hash(&passkey.user_id) == registered.user_handle_sha256
    };
    Ok(listed.entra().any(is_ours))
}

/// What a refusal means where a passkey was to be made.
fn meaning(error: KeyError, label: &str) -> Error {
    let label = || label.to_owned();
    match error {
        KeyError::Refused { refusal, .. } if refusal.is(Code::CredentialExcluded) => {
            RegisterError::Excluded { label: label(), id: None }.into()
        }
        KeyError::Refused { refusal, .. } if refusal.is(Code::KeyStoreFull) => {
            RegisterError::Full(label()).into()
        }
        other => other.into(),
    }
}
