//! `enroll`: a key is taken into custody. Intent before act, outcome after; what is not fit is refused.

mod batch;
mod event;

use serde_json::json;

use super::World;
use super::book::Book;
use super::check::{ask_pin, guard_of};
use super::make::{Make, Makes};
use super::pin::{new_pin, shorter};
use super::plan::{allow_lists, custodian, out_of_place, site, sound};
use super::record;
use crate::catalogue::{Catalogue, Effect};
use crate::cli::Enroll;
use crate::ctap::pin::Pin;
use crate::ctap::status::{Code, Refusal as Said};
use crate::custody;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::PasskeyLook;
use crate::facts::{self, Exercise, Facts, Step, look};
use crate::key::found::Found;
use crate::key::guard::{Permit, PinRefusal};
use crate::key::session::{KeyError, Session};
use crate::ledger::inventory::{Inventory, Refusal};
use crate::ledger::{LedgerError, Writer};
use crate::plan::{Account, Plan, same};
use crate::policy::PolicySet;
use crate::term::escape::escape;
use crate::verdict::Verdict;
use crate::verdict::finding::{Finding, Id, Status};
use event::Admitted;

/// What stands fixed before the key is touched.
struct Ceremony<'a> {
    world: &'a World,
    arguments: &'a Enroll,
    plan: Plan,
    catalogue: Catalogue,
    policy: Option<PolicySet>,
    account: String,
    site: Option<String>,
    custodian: Option<String>,
    witness: Option<String>,
    /// The label, as far as the ledger is known when the ceremony begins.
    label: String,
    /// Whether a person chose the label.
    chosen: bool,
}

pub(super) fn enroll(world: &World, arguments: &Enroll) -> Result<Exit, Error> {
    let mut ceremony = Ceremony::prepare(world, arguments)?;
    let writer = world.writer_of(&ceremony.plan)?;
    if let Some(file) = &arguments.batch {
        return batch::batch(ceremony, writer, file);
    }
    record::tell_pending(world, writer.inventory().pending());
    let name = arguments.account.as_deref().unwrap_or_default();
    let account = ceremony.plan.account(name).ok_or_else(|| Error::UnknownAccount(name.to_owned()))?;
    ceremony.account = account.name.as_str().to_owned();
    ceremony.chosen = arguments.label.is_some();
    ceremony.label = arguments.label.clone().unwrap_or_else(|| free_label(writer.inventory(), account));
    match writer.inventory().admit_label(&ceremony.label) {
        Ok(()) => {}
        Err(Refusal::LabelTaken(label)) => return Err(Error::LabelTaken(label)),
        Err(refusal) => return Err(LedgerError::Refused(refusal).into()),
    }
    out_of_place(world, account, ceremony.site.as_deref(), ceremony.custodian.as_deref());
    let found = world.one()?;
    let session = world.open(&found, &world.progress(), "", "the key is working")?;
    match ceremony.run(writer, &found, session)? {
        Came::ToSteps(facts) => ceremony.tell_steps(&facts),
        Came::In { facts, admitted } => {
            let Admitted { label, verdict, event } = *admitted;
            record::tell(world, &facts, &ceremony.catalogue, &verdict, &label, Some(&event))?;
            Ok(Exit::Yes)
        }
        Came::Unfit { facts, verdict, broke } => {
            record::tell(world, &facts, &ceremony.catalogue, &verdict, &ceremony.label, None)?;
            Ok(Error::NotFit { verdict, broke }.exit())
        }
    }
}

/// How far a key came.
enum Came {
    /// Nothing stands against it, and only the steps were to be shown.
    ToSteps(Box<Facts>),
    /// It is in custody.
    In { facts: Box<Facts>, admitted: Box<Admitted> },
    /// It is not fit.
    Unfit { facts: Box<Facts>, verdict: Box<Verdict>, broke: bool },
}

/// Whether it stands against the key's model, whatever PIN and touches will show.
fn stands_already(finding: &Finding) -> bool {
    let of_the_model = [
        Id::ModelKnown,
        Id::HardwareModel,
        Id::AllowList,
        Id::AllowListAgreement,
        Id::Certified,
        Id::EntraReady,
        Id::Advisory,
        Id::Quirks,
    ];
    finding.status == Status::Fail && of_the_model.contains(&finding.id)
}

/// `EA-01-A`, or the next letter that no key of the ledger ever had.
fn free_label(inventory: &Inventory, account: &Account) -> String {
    let label = |letter: char| format!("{}-{letter}", account.name.as_str());
    let free = ('A'..='Z').map(label).find(|label| inventory.ever(label).is_none());
    free.unwrap_or_else(|| format!("{}-{}", account.name.as_str(), inventory.events()))
}

impl<'a> Ceremony<'a> {
    /// What files and arguments say; for which key it is, is said later.
    fn prepare(world: &'a World, arguments: &'a Enroll) -> Result<Self, Error> {
        let plan = sound(world)?;
        let catalogue = world.catalogue_of(Some(&plan))?;
        world.heed(&catalogue);
        let policy = allow_lists(&plan)?;
        let site = site(&plan, arguments.site.as_deref())?;
        let keeper = custodian(&plan, arguments.custodian.as_deref())?;
        let witness = custodian(&plan, arguments.witness.as_deref())?;
        if keeper.as_ref().zip(witness.as_ref()).is_some_and(|(keeper, witness)| same(keeper, witness)) {
            return Err(Error::OwnWitness);
        }
        Ok(Self {
            world,
            arguments,
            plan,
            catalogue,
            policy,
            account: String::new(),
            site,
            custodian: keeper,
            witness,
            label: String::new(),
            chosen: false,
        })
    }

    /// Takes one key into custody.
    fn run(&self, writer: Writer, found: &Found, mut session: Session) -> Result<Came, Error> {
        let world = self.world;
        let details = json!({ "label": self.label });
        let book = &mut Book::for_account(world, writer, &self.account, details);
        let intended = book.writer().inventory().events();
        book.writer().inventory().admit_soft(found.soft).map_err(LedgerError::Refused)?;
        let mut facts = look(found, &mut session)?;
        self.refuse_if_enrolled(book.writer(), &mut session, &facts)?;
        // Before the key is asked for anything; the record of the moment decides in the end.
        let make = self.make(book.writer().inventory(), &facts)?;
        let (verdict, broke) = self.judge(&facts, &make);
        if verdict.findings.iter().any(stands_already) {
            return Ok(Came::Unfit { facts: Box::new(facts), verdict: Box::new(verdict), broke });
        }
        if self.arguments.dry_run {
            return Ok(Came::ToSteps(Box::new(facts)));
        }
        let pin = if facts.pin_set == Some(false) {
            let pin = self.set_pin(book, &mut session, &facts)?;
            facts = look(found, &mut session)?;
            Some(pin)
        } else {
            None
        };
        let chose = pin.is_some();
        let came = self.with_pin(book, intended, session, facts, pin);
        if chose && !matches!(came, Ok(Came::In { .. })) {
            let told = "the key is not enrolled; the PIN that was set stays on it";
            world.term.complain(&format!("{}: {told}", escape(&found.path)));
        }
        came
    }

    /// What follows once the key has a PIN: `pin` is one that was set just now.
    fn with_pin(
        &self,
        book: &mut Book<'_>,
        intended: u64,
        mut session: Session,
        mut facts: Facts,
        pin: Option<Pin>,
    ) -> Result<Came, Error> {
        let world = self.world;
        if facts.info.force_pin_change == Some(true) {
            return Err(KeyError::Pin(PinRefusal::ChangeForced).into());
        }
        let retries = facts.retries.ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let permit = guard_of(self.arguments.pin, Some(&self.plan)).permit(retries).map_err(KeyError::Pin)?;
        let pin = pin.map_or_else(|| self.ask_pin(&facts), Ok)?;
        let admitted = book.step(
            "make custody credential",
            &mut session,
            |book, session| self.take(book.writer(), session, &mut facts, (permit, &pin)),
            |_, _, admitted| Ok(admitted),
        );
        let admitted = match admitted {
            Err(Error::NotFit { verdict, broke }) => {
                return Ok(Came::Unfit { facts: Box::new(facts), verdict, broke });
            }
            admitted => admitted?,
        };
        let why = "a later enrolment took its place";
        record::give_up(world, book.writer(), why, |_, pending| {
            pending.intent.account.as_deref() == Some(&self.account) && pending.seq <= intended
        });
        Ok(Came::In { facts: Box::new(facts), admitted: Box::new(admitted) })
    }

    /// Makes the custody credential, judges the key with it, and has it sign the event that enrolls it.
    fn take(
        &self,
        writer: &mut Writer,
        session: &mut Session,
        facts: &mut Facts,
        pin: (Permit, &Pin),
    ) -> Result<Admitted, Error> {
        let (exclude, labels) = self.exclude(writer.inventory(), facts);
        let steps = Exercise {
            rp: self.plan.custody(),
            register: World::challenge()?,
            assert: World::challenge()?,
            exclude,
            custody: None,
            passkeys: Some(PasskeyLook { challenge: World::challenge()?, user: None }),
        };
        let authority = facts::exercise(session, facts, Some(pin), steps)?;
        if matches!(&facts.registration, Step::Refused(Said::Known(Code::CredentialExcluded))) {
            return Err(Error::EnrolledAsOneOf(labels));
        }
        self.admit(writer, session, authority, facts)
    }

    /// The same key twice under one ledger would be one key that counts for two.
    fn refuse_if_enrolled(&self, writer: &Writer, session: &mut Session, facts: &Facts) -> Result<(), Error> {
        match record::recognise(session, &facts.info, writer.inventory())? {
            record::Known::As(key) => Err(Error::AlreadyEnrolled {
                label: key.label.clone(),
                account: key.account.clone(),
                since: key.enrolled.at,
                state: key.state.words(),
            }),
            record::Known::AsNone => Ok(()),
            // The key itself will say no, where it can be told what it may not hold.
            record::Known::CannotTell => match self.exclude(writer.inventory(), facts) {
                (exclude, labels) if exclude.is_empty() => Err(Error::MayBeEnrolled {
                    labels,
                    refused: "it is not enrolled, perhaps a second time",
                    cure: "check it as each of them (`glasskey check --key LABEL`): PIN and touch tell; \
                           if it is none, `glasskey reset` makes it one that was never enrolled",
                }),
                _ => Ok(()),
            },
        }
    }

    /// The custody credentials that the key may not hold, and the labels of the keys of its model: it was asked for all of
    /// them before, as far as it tells, so only those that fit into one list, and first those of keys that it could be.
    fn exclude(&self, inventory: &Inventory, facts: &Facts) -> (Vec<Vec<u8>>, Vec<String>) {
        let rp = self.plan.custody();
        let mut keys: Vec<_> = inventory.keys().iter().filter(|key| key.signer.rp.id() == rp.id()).collect();
        keys.sort_by_key(|key| key.aaguid != facts.info.aaguid);
        let ids: Vec<&[u8]> = keys.iter().map(|key| key.signer.credential.id.as_slice()).collect();
        let refuses = self.catalogue.has_effect(facts.info.aaguid, Effect::NoExcludeList);
        let ids = if refuses { Vec::new() } else { custody::excludable(&facts.info, &rp, &ids) };
        let asked = if refuses { keys.len() } else { ids.len() };
        let labels = keys.iter().take(asked).filter(|key| key.aaguid == facts.info.aaguid);
        let labels = labels.map(|key| key.label.clone()).collect();
        (ids, labels)
    }

    /// What the key's make means for the accounts; an error where another account rests on it and nobody takes that on.
    fn make(&self, inventory: &Inventory, facts: &Facts) -> Result<Make, Error> {
        let aaguid = facts.info.aaguid;
        let vendor = self.catalogue.model(aaguid).map(|model| model.vendor.clone()).unwrap_or_default();
        if self.plan.account(&self.account).is_some_and(|account| !account.allows(&vendor)) {
            return Err(Error::VendorNotInPlan { account: self.account.clone(), vendor });
        }
        let makes = Makes { plan: &self.plan, catalogue: &self.catalogue };
        match makes.of_new(inventory, &self.account, aaguid, self.arguments.r#override.as_deref()) {
            Make::Conflict(conflict) => Err(Error::Diversity(conflict)),
            make => Ok(make),
        }
    }

    fn tell_steps(&self, facts: &Facts) -> Result<Exit, Error> {
        let pin = if facts.pin_set == Some(false) { "set a PIN" } else { "ask for the PIN, once" };
        let steps = [
            pin,
            "list the passkeys on the key (no touch)",
            "make the custody credential (touch); nothing discoverable is left on the key",
            "have it sign a test (touch)",
            "have the passkey for Entra sign, where there is one (touch)",
            "judge the key, and stop where it is not fit",
            "have the custody credential sign the record (touch)",
        ];
        if self.world.term.json {
            let document =
                json!({ "schema": "glasskey.enroll-steps/1", "label": self.label, "steps": steps });
            self.world.term.document(&document)?;
        } else {
            let lines = (1..).zip(steps).map(|(number, step): (usize, _)| format!("  {number}. {step}\n"));
            self.world.term.out(&format!(
                "{} for {}:\n{}",
                escape(&self.label),
                escape(&self.account),
                lines.collect::<String>()
            ))?;
        }
        Ok(Exit::Yes)
    }

    fn set_pin(&self, book: &mut Book<'_>, session: &mut Session, facts: &Facts) -> Result<Pin, Error> {
        let protocol = facts.info.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
        let pin = new_pin(self.world, &facts.info, Some(&self.plan))?;
        book.step(
            "set PIN",
            session,
            |_, session| {
                let shared = session.agree(protocol)?;
                Ok(session.set_pin(&shared, &pin)?)
            },
            |_, _, ()| Ok(()),
        )?;
        Ok(pin)
    }

    /// The PIN that the key has; not sent where the plan wants a longer one.
    fn ask_pin(&self, facts: &Facts) -> Result<Pin, Error> {
        let pin = ask_pin(self.world, facts)?;
        let least = u64::from(*self.plan.rules.min_pin_length);
        if shorter(&pin, least) { Err(Error::PinTooShort(least)) } else { Ok(pin) }
    }
}
