//! What a verb has at hand: the keys, the catalogue, the terminal, the clock.

use std::time::Duration;

use jiff::Timestamp;

use crate::catalogue::Catalogue;
use crate::cli::Global;
use crate::error::Error;
use crate::key::cancel::Cancel;
use crate::key::found::{Bus, Found};
use crate::key::patience::Patience;
use crate::key::session::Session;
use crate::key::usb::Usb;
use crate::term::Term;
use crate::term::escape::escape;
use crate::term::pin::PinSource;
use crate::term::progress::Progress;

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
    /// The present time.
    pub(super) now: Timestamp,
    key: Option<String>,
    touch: Duration,
    catalogue_dir: Option<std::path::PathBuf>,
    #[cfg(feature = "softkey")]
    soft: Option<std::path::PathBuf>,
}

impl World {
    /// The real one.
    ///
    /// # Errors
    /// [`Error::Output`] where the system takes no signal handler.
    #[expect(clippy::disallowed_methods, reason = "the clock is read here, once, and handed in")]
    pub(super) fn new(global: &Global) -> Result<Self, Error> {
        let cancel = Cancel::on_signals()?;
        let pins = if global.pin_stdin { PinSource::Stdin } else { PinSource::Prompt(cancel.clone()) };
        Ok(Self {
            term: Term::new(global.color, global.json, global.quiet),
            bus: bus(global),
            pins,
            cancel,
            now: Timestamp::now(),
            key: global.key.clone(),
            touch: global.touch(),
            catalogue_dir: global.catalogue.clone(),
            #[cfg(feature = "softkey")]
            soft: global.soft.clone(),
        })
    }

    /// The catalogue with what was added to it. Read only by verbs that need it.
    pub(super) fn catalogue(&self) -> Result<Catalogue, Error> {
        let mut catalogue = Catalogue::builtin()?;
        if let Some(dir) = &self.catalogue_dir {
            catalogue.add_dir(dir)?;
        }
        #[cfg(feature = "softkey")]
        if let Some(dir) = &self.soft {
            super::soft::trust(&mut catalogue, dir)?;
        }
        Ok(catalogue)
    }

    /// All keys, with their numbers from 1.
    pub(super) fn keys(&self) -> Result<Vec<(usize, Found)>, Error> {
        Ok((1..).zip(self.bus.find().map_err(Error::List)?).collect())
    }

    /// The one key that is meant.
    pub(super) fn one(&self) -> Result<Found, Error> {
        let keys = self.keys()?;
        if let Some(named) = &self.key {
            let meant =
                |(number, found): &(usize, Found)| found.path == *named || number.to_string() == *named;
            let none = || if keys.is_empty() { Error::NoKey } else { Error::NoSuchKey(named.clone()) };
            return keys.iter().find(|key| meant(key)).map(|(_, found)| found.clone()).ok_or_else(none);
        }
        match keys.as_slice() {
            [] => Err(Error::NoKey),
            [(_, only)] => Ok(only.clone()),
            several => Err(Error::SeveralKeys(
                several
                    .iter()
                    .map(|(number, found)| {
                        format!("  {number}  {}  {}", escape(&found.path), escape(&found.product))
                    })
                    .collect(),
            )),
        }
    }

    /// Opens a channel to a key. `name` tells keys apart on the screen where there are several.
    pub(super) fn open(
        &self,
        found: &Found,
        progress: &Progress,
        name: &str,
        does: &'static str,
    ) -> Result<Session, Error> {
        let wire = self.bus.open(found)?;
        Ok(Session::open(wire, self.patience(), self.cancel.clone(), progress.follow(name, does))?)
    }

    /// The waits of this run.
    pub(super) fn progress(&self) -> Progress {
        Progress::new(self.term, self.touch)
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
        None => Box::new(Usb),
    }
}

#[cfg(not(feature = "softkey"))]
fn bus(_: &Global) -> Box<dyn Bus> {
    Box::new(Usb)
}
