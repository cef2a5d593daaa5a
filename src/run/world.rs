//! What a verb has at hand: the keys, the catalogue, the terminal, the clock.

mod models;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;

use super::check::guard_of;
use super::wait;
use crate::cli::{Global, PinGuard};
use crate::error::Error;
use crate::exit::Exit;
use crate::key::cancel::Cancel;
use crate::key::conversation::OnWait;
use crate::key::found::{Bus, Found};
use crate::key::guard::Guard;
use crate::key::patience::Patience;
use crate::key::plugs;
use crate::key::session::{Session, random};
use crate::key::usb::Usb;
use crate::key::wire::Wire;
use crate::ledger::store::place;
use crate::ledger::{Ledger, LedgerError, Writer};
use crate::plan::{Plan, PlanError};
use crate::term::Term;
use crate::term::escape::escape;
use crate::term::pin::PinSource;
use crate::term::progress::Progress;
use crate::webauthn::client_data::Challenge;

/// The ledger as a check has it.
pub(super) enum Access {
    /// Nothing is to be recorded.
    Read(Ledger),
    /// What is found is recorded.
    Write(Writer),
}

impl Access {
    /// The ledger, for reading.
    pub(super) fn ledger(&self) -> &Ledger {
        match self {
            Self::Read(ledger) => ledger,
            Self::Write(writer) => writer.ledger(),
        }
    }
}

/// What a verb has at hand.
pub(super) struct World {
    /// Where words go.
    pub(super) term: Term,
    /// Where keys are.
    pub(super) bus: Box<dyn Bus>,
    /// Where PINs come from.
    pub(super) pins: PinSource,
    /// Ctrl-C.
    pub(super) cancel: Cancel,
    /// When this run began: what is judged is judged by this time.
    pub(super) now: Timestamp,
    key: Option<String>,
    plan: Option<PathBuf>,
    touch: Duration,
    ledger: Option<PathBuf>,
    catalogue_dir: Option<PathBuf>,
    quirky: Mutex<Option<Vec<Uuid>>>,
    /// Something was begun that must be recorded.
    acted: Arc<AtomicBool>,
    planless: Once,
    #[cfg(feature = "softkey")]
    soft: Option<PathBuf>,
}

impl World {
    /// The real one.
    ///
    /// # Errors
    /// [`Error::Output`] where the system takes no signal handler.
    #[expect(clippy::disallowed_methods, reason = "the clock is read here, once, and handed in")]
    pub(super) fn new(global: &Global) -> Result<Self, Error> {
        let cancel = Cancel::on_signals()?;
        let pin_source = if global.pin_stdin { PinSource::Stdin } else { PinSource::Prompt };
        let pins = pin_source(cancel.clone());
        Ok(Self {
            term: Term::new(global.color, global.json, global.quiet),
            bus: bus(global),
            pins,
            cancel,
            now: Timestamp::now(),
            key: global.key.clone(),
            plan: global.plan.as_ref().filter(|file| !file.is_empty()).map(Into::into),
            touch: global.touch(),
            ledger: global.ledger.as_ref().filter(|file| !file.is_empty()).map(Into::into),
            catalogue_dir: global.catalogue.clone(),
            quirky: Mutex::default(),
            acted: Arc::default(),
            planless: Once::new(),
            #[cfg(feature = "softkey")]
            soft: global.soft.clone(),
        })
    }

    /// One for tests, with these keys and this ledger.
    #[cfg(test)]
    #[cfg(feature = "softkey")]
    pub(super) fn rehearsal(bus: Box<dyn Bus>, ledger: &Path) -> Self {
        Self {
            term: Term::new(crate::term::Color::Never, true, true),
            bus,
            pins: PinSource::Stdin(Cancel::default()),
            cancel: Cancel::default(),
            now: Self::clock(),
            key: None,
            plan: None,
            touch: Duration::from_secs(5),
            ledger: Some(ledger.to_owned()),
            catalogue_dir: None,
            soft: None,
            quirky: Mutex::default(),
            acted: Arc::default(),
            planless: Once::new(),
        }
    }

    /// The day, in UTC.
    pub(super) fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// Where the plan is, or would be.
    pub(super) fn plan_file(&self) -> &Path {
        self.plan.as_deref().unwrap_or(Path::new("custody.toml"))
    }

    /// The plan.
    ///
    /// # Errors
    /// [`Error::Plan`], also where there is none.
    pub(super) fn plan(&self) -> Result<Plan, Error> {
        Ok(Plan::load(self.plan_file())?)
    }

    /// The plan, where there is one. One that is named must be there.
    pub(super) fn plan_if_any(&self) -> Result<Option<Plan>, Error> {
        match Plan::load(self.plan_file()) {
            Err(PlanError::Missing { .. }) if self.plan.is_none() => Ok(None),
            plan => Ok(Some(plan?)),
        }
    }

    /// The plan whose rules are to be kept, where there is one. Where a ledger is kept and none is found, this may be the wrong
    /// folder, and that is told once.
    pub(super) fn rules_if_any(&self) -> Result<Option<Plan>, Error> {
        let plan = self.plan_if_any()?;
        if plan.is_none() && self.has_ledger()? {
            let file = escape(&self.plan_file().display().to_string());
            self.planless.call_once(|| {
                self.term.complain(&format!(
                    "there is no custody plan here ({file}), so none of its rules are kept, not for PINs either; name it with `--plan FILE` or GLASSKEY_PLAN"
                ));
            });
        }
        Ok(plan)
    }

    /// Where the ledger is, or would be.
    pub(super) fn ledger_file(&self) -> Result<PathBuf, Error> {
        Ok(self.ledger.clone().map_or_else(place::default, Ok)?)
    }

    /// The ledger, for reading, to conclude from it: all of it must be understood.
    pub(super) fn ledger(&self) -> Result<Ledger, Error> {
        let ledger = Ledger::open(&self.ledger_file()?)?;
        match ledger.newer() {
            Some(version) => Err(LedgerError::Newer(version).into()),
            None => Ok(ledger),
        }
    }

    /// The ledger, to show what it says: one of a later format, as far as that is understood, which is said.
    pub(super) fn ledger_to_show(&self) -> Result<Ledger, Error> {
        let ledger = Ledger::open(&self.ledger_file()?)?;
        if let Some(version) = ledger.newer() {
            self.term.complain(&format!(
                "this ledger is of format {version}, which this program does not know in full: not all of it is shown"
            ));
        }
        Ok(ledger)
    }

    /// How a verb ends that has shown what is in a ledger.
    pub(super) fn shown(ledger: &Ledger) -> Exit {
        if ledger.newer().is_some() { Exit::Ledger } else { Exit::Yes }
    }

    /// Writes what is in a ledger as a document, which tells the format where that is a later one.
    pub(super) fn show_document(&self, ledger: &Ledger, mut document: Value) -> Result<(), Error> {
        if let (Some(version), Value::Object(members)) = (ledger.newer(), &mut document) {
            members.insert("newer".into(), version.into());
        }
        Ok(self.term.document(&document)?)
    }

    /// The ledger, for recording.
    pub(super) fn writer(&self) -> Result<Writer, Error> {
        let wait_on = wait::on(self.term, self.cancel.clone(), Arc::clone(&self.acted));
        Ok(Writer::open(&self.ledger_file()?)?.waiting(wait_on))
    }

    /// From now on something is done that must be recorded: the ledger is waited for until somebody says no more.
    pub(super) fn acts(&self) {
        self.acted.store(true, Ordering::SeqCst);
    }

    /// The ledger for recording what rests on the plan.
    ///
    /// # Errors
    /// Those of [`World::writer`], and [`PlanError::OfAnother`] where it is another organisation's.
    pub(super) fn writer_of(&self, plan: &Plan) -> Result<Writer, Error> {
        let writer = self.writer()?;
        plan.belongs_to(writer.inventory().organisation())?;
        Ok(writer)
    }

    /// The ledger for recording, where there is one. One that is named must be there.
    pub(super) fn writer_if_any(&self) -> Result<Option<Writer>, Error> {
        if self.has_ledger()? { self.writer().map(Some) } else { Ok(None) }
    }

    /// The ledger for reading, where there is one. One that is named must be there.
    pub(super) fn ledger_if_any(&self) -> Result<Option<Ledger>, Error> {
        if self.has_ledger()? { self.ledger_to_show().map(Some) } else { Ok(None) }
    }

    /// Without a home folder there is no place where one could lie.
    fn has_ledger(&self) -> Result<bool, Error> {
        match (&self.ledger, place::default()) {
            (Some(_), _) => Ok(true),
            (None, Ok(file)) => Ok(place::is_there(&file)?),
            (None, Err(_)) => Ok(false),
        }
    }

    /// The ledger for a check: to be written, or only to be read where nothing is to be recorded.
    pub(super) fn access_if_any(&self, write: bool) -> Result<Option<Access>, Error> {
        Ok(if write {
            self.writer_if_any()?.map(Access::Write)
        } else {
            self.ledger_if_any()?.map(Access::Read)
        })
    }

    /// The PIN guard, with the floor of the plan where there is one.
    pub(super) fn guard(&self, typed: PinGuard) -> Result<Guard, Error> {
        Ok(guard_of(typed, self.rules_if_any()?.as_ref()))
    }

    /// What `--key` says.
    pub(super) fn key_named(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The time of an event: that of its record, not that at which a person was asked for a PIN.
    #[expect(clippy::disallowed_methods, reason = "the clock is read here, and handed in")]
    pub(super) fn clock() -> Timestamp {
        Timestamp::now()
    }

    /// 32 random bytes for an event.
    pub(super) fn nonce() -> Result<[u8; 32], Error> {
        Ok(random()?)
    }

    /// A challenge for one registration or assertion.
    pub(super) fn challenge() -> Result<Challenge, Error> {
        Self::nonce().map(Challenge::new)
    }

    /// All keys, with their numbers from 1.
    pub(super) fn keys(&self) -> Result<Vec<(usize, Found)>, Error> {
        Ok((1..).zip(self.bus.find().map_err(Error::List)?).collect())
    }

    /// Opens a channel to a key. `name` tells keys apart on the screen where there are several.
    pub(super) fn open(
        &self,
        found: &Found,
        progress: &Progress,
        name: &str,
        does: &'static str,
    ) -> Result<Session, Error> {
        self.open_as(found, progress.follow(name, does))
    }

    /// Opens a channel to a key whose waits are shown in another way.
    pub(super) fn open_as(&self, found: &Found, on_wait: OnWait) -> Result<Session, Error> {
        self.session(self.bus.open(found)?, on_wait)
    }

    /// Opens a channel to a key that has come just now.
    pub(super) fn open_new(&self, found: &Found, on_wait: OnWait) -> Result<Session, Error> {
        self.session(plugs::open_new(self.bus.as_ref(), found, &self.cancel)?, on_wait)
    }

    fn session(&self, wire: Box<dyn Wire>, on_wait: OnWait) -> Result<Session, Error> {
        let quirky = self.distrust_two()?;
        Ok(self.greet(wire, on_wait)?.distrusting_protocol_two(quirky))
    }

    /// A channel on which a key is only asked who it is: nothing that is known against models matters.
    pub(super) fn greet(&self, wire: Box<dyn Wire>, on_wait: OnWait) -> Result<Session, Error> {
        Ok(Session::open(wire, self.patience(), self.cancel.clone(), on_wait)?)
    }

    /// Reads a line that is nobody's PIN: of `--pin-stdin` each key has one, also one that is not asked, so that no PIN
    /// slips to another key.
    pub(super) fn skip_pin(&self) {
        if self.pins.is_stdin() {
            drop(self.pins.read("").map(zeroize::Zeroizing::new));
        }
    }

    /// How a verb ends that has done what was asked: also if it was interrupted afterwards, that is told.
    pub(super) fn ended(&self) -> Exit {
        if self.cancel.requested() { Exit::Interrupted } else { Exit::Yes }
    }

    /// Whether soft keys take the place of USB.
    pub(super) fn soft(&self) -> bool {
        #[cfg(feature = "softkey")]
        return self.soft.is_some();
        #[cfg(not(feature = "softkey"))]
        false
    }

    /// The waits of this run.
    pub(super) fn progress(&self) -> Progress {
        Progress::new(self.term)
    }

    /// How long keys and people may take.
    pub(super) fn patience(&self) -> Patience {
        Patience { touch: self.touch, ..Patience::default() }
    }
}

#[cfg(feature = "softkey")]
fn bus(global: &Global) -> Box<dyn Bus> {
    match &global.soft {
        Some(dir) => Box::new(crate::soft::bus::SoftBus::new(dir)),
        None => Box::new(Usb::default()),
    }
}

#[cfg(not(feature = "softkey"))]
fn bus(_: &Global) -> Box<dyn Bus> {
    Box::new(Usb::default())
}
