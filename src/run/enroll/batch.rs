//! `enroll --batch`: many keys, one after the other. Each row of the file waits for the next key that is plugged in.
#![expect(clippy::disallowed_methods, reason = "the list of keys is read here")]

use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Admitted, Came, Ceremony};
use crate::batch::{self, Row};
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::Found;
use crate::key::plugs::Plugs;
use crate::ledger::Writer;
use crate::run::plan::out_of_place;
use crate::run::record;
use crate::term::escape::escape;
use crate::term::show;
use crate::term::{Tone, paint};
use crate::verdict::Outcome;

/// How long the system is trusted to tell of a key before the bus is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How a row ends.
#[derive(Debug, Serialize)]
struct Ended {
    #[serde(flatten)]
    row: Row,
    /// `enrolled`, `enrolled-before`, `open`.
    state: &'static str,
    verdict: Option<Outcome>,
    event: Option<Value>,
}

/// A key that was plugged in for a row and not taken.
#[derive(Debug, Serialize)]
struct Refused {
    line: u64,
    path: String,
    error: Value,
}

pub(super) fn batch(mut ceremony: Ceremony<'_>, writer: Writer, file: &Path) -> Result<Exit, Error> {
    let name = || file.display().to_string();
    let bytes = read(file).map_err(|source| Error::File { file: name(), source })?;
    let rows = batch::read(&bytes, &ceremony.plan, writer.inventory())
        .map_err(|source| Error::Batch { file: name(), source })?;
    record::tell_pending(ceremony.world, writer.inventory().pending());
    drop(writer);
    let mut day = Day { ceremony: &mut ceremony, rows: Vec::new(), refused: Vec::new() };
    let end = day.go(rows);
    day.tell(end.as_ref().err())?;
    end
}

/// The bytes of a file, and no more than one too many.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(batch::LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Day<'d, 'a> {
    ceremony: &'d mut Ceremony<'a>,
    rows: Vec<Ended>,
    refused: Vec<Refused>,
}

impl Day<'_, '_> {
    fn go(&mut self, rows: Vec<Row>) -> Result<Exit, Error> {
        let world = self.ceremony.world;
        let mut plugs = Plugs::new(world.bus.as_ref());
        let open = |row: &Row| !row.enrolled;
        if rows.iter().any(open) && !self.ceremony.arguments.dry_run {
            // Whoever has the key of their own plugged in wants it left alone.
            for (_, found) in plugs.look().map_err(Error::List)?.come {
                world.term.note(&format!(
                    "{} ({}) was plugged in before, and is left alone; if it is meant, plug it in again when it is asked for",
                    escape(&found.path),
                    escape(&found.product),
                ));
            }
        }
        let mut end = Ok(Exit::Yes);
        for row in rows {
            let due = end.is_ok() && !self.ceremony.arguments.dry_run;
            let admitted = if due && !row.enrolled {
                self.row(&row, &mut plugs).map_err(|error| end = Err(error)).ok()
            } else {
                None
            };
            if due && row.enrolled {
                world.term.note(&format!("{}: enrolled already, skipped", words(&row)));
                // Each row has its line of standard input, also one that needs none.
                world.skip_pin();
            }
            let state = match (&admitted, row.enrolled) {
                (Some(_), _) => "enrolled",
                (None, true) => "enrolled-before",
                (None, false) => "open",
            };
            let verdict = admitted.as_ref().map(|admitted| admitted.verdict.outcome);
            let event = admitted.map(|admitted| record::place(&admitted.event));
            self.rows.push(Ended { row, state, verdict, event });
        }
        end
    }

    /// One row, until a key is enrolled for it.
    fn row(&mut self, row: &Row, plugs: &mut Plugs<'_>) -> Result<Admitted, Error> {
        let world = self.ceremony.world;
        self.ceremony.label.clone_from(&row.label);
        self.ceremony.account.clone_from(&row.account);
        self.ceremony.site.clone_from(&row.site);
        self.ceremony.chosen = true;
        if let Some(account) = self.ceremony.plan.account(&row.account) {
            out_of_place(world, account, row.site.as_deref(), self.ceremony.custodian.as_deref());
        }
        world.term.complain(&paint(Tone::Strong, &format!("{}: plug in the key", words(row))));
        loop {
            let found = match awaited(self.ceremony, plugs) {
                Err(error @ Error::CameTogether(_)) => {
                    self.refuse(row, None, &error)?;
                    continue;
                }
                found => found?,
            };
            let error = match self.try_key(&found) {
                Ok(admitted) => {
                    if !world.term.json {
                        let line = format!(
                            "{} {} event {}, head {}\n",
                            paint(Tone::Good, "✓ enrolled"),
                            words(row),
                            admitted.event.seq,
                            admitted.event.hash
                        );
                        world.term.out(&line)?;
                    }
                    return Ok(admitted);
                }
                Err(error) => error,
            };
            // One that is enrolled already was asked for nothing. For any other a PIN may have been spent: whoever typed
            // it may try again, but a line of standard input is for one attempt.
            let again =
                matches!(error, Error::AlreadyEnrolled { .. }) || (goes_on(&error) && !world.pins.is_stdin());
            if !again {
                return Err(error);
            }
            self.refuse(row, Some(&found), &error)?;
        }
    }

    fn try_key(&mut self, found: &Found) -> Result<Admitted, Error> {
        let world = self.ceremony.world;
        // One that was not there when the day began is vouched for only now.
        if found.soft {
            self.ceremony.catalogue = world.catalogue_of(Some(&self.ceremony.plan))?;
        }
        let session = world.open_new(found, world.progress().follow("", "the key is working"))?;
        match self.ceremony.run(world.writer()?, found, session)? {
            Came::In { admitted, .. } => Ok(*admitted),
            Came::ToSteps(_) => Err(Error::Bug),
            Came::Unfit { facts, verdict, broke } => {
                if !world.term.json {
                    world.term.out(&show::check(&facts, &self.ceremony.catalogue, &verdict))?;
                }
                Err(Error::NotFit { verdict, broke })
            }
        }
    }

    /// Tells why a key is not taken for this row, which goes on waiting.
    fn refuse(&mut self, row: &Row, found: Option<&Found>, error: &Error) -> Result<(), Error> {
        let term = self.ceremony.world.term;
        let path = found.map(|found| found.path.clone()).unwrap_or_default();
        let why = escape(&error.to_string());
        term.complain(&format!("{} {} {why}", paint(Tone::Bad, "✗ not taken:"), escape(&path)));
        if let Some(hint) = error.hint() {
            term.complain(&format!("  {} {}", paint(Tone::Strong, "→"), escape(&hint)));
        }
        term.complain(&format!("{}: plug in another key", words(row)));
        let (kind, message) = (error.kind(), error.to_string());
        let error = json!({ "kind": kind, "message": message, "hint": error.hint() });
        self.refused.push(Refused { line: row.line, path, error });
        Ok(())
    }

    /// What the day came to; what ended it early is told by the caller.
    fn tell(&self, error: Option<&Error>) -> Result<(), Error> {
        let world = self.ceremony.world;
        let count = |state: &str| self.rows.iter().filter(|ended| ended.state == state).count();
        let [enrolled, before, open] = ["enrolled", "enrolled-before", "open"].map(count);
        if world.term.json {
            if error.is_none() {
                world.term.document(&json!({
                    "schema": "glasskey.enroll-batch/1", "rows": self.rows, "refused": self.refused,
                }))?;
            }
            return Ok(());
        }
        if self.ceremony.arguments.dry_run {
            let lines = self.rows.iter().map(|ended| format!("{}: {}\n", words(&ended.row), ended.state));
            world.term.out(&lines.collect::<String>())?;
        }
        Ok(world.term.out(&format!("{enrolled} enrolled, {before} enrolled before, {open} open\n"))?)
    }
}

/// Waits for the next key. Keys that come together are told from each other by nobody.
fn awaited(ceremony: &Ceremony<'_>, plugs: &mut Plugs<'_>) -> Result<Found, Error> {
    loop {
        if ceremony.world.cancel.requested() {
            return Err(Error::Interrupted);
        }
        let come = plugs.next(LOOK).map_err(Error::List)?.come;
        match come.as_slice() {
            [] => {}
            [(_, found)] => return Ok(found.clone()),
            several => return Err(Error::CameTogether(several.len())),
        }
    }
}

/// Whether the next key may be another story: what was wrong is wrong with this key, or with what was typed for it.
fn goes_on(error: &Error) -> bool {
    !matches!(error.exit(), Exit::Interrupted | Exit::Ledger)
        && matches!(
            error,
            Error::Open(_)
                | Error::Key(_)
                | Error::Pin(_)
                | Error::PinTooShort(_)
                | Error::NewPinTooShort { .. }
                | Error::NewPinNotTaken(_)
                | Error::PinInput(_)
                | Error::NotFit { .. }
                | Error::EnrolledAsOneOf(_)
                | Error::MayBeEnrolled { .. }
                | Error::VendorNotInPlan { .. }
                | Error::Diversity(_)
        )
}

/// A row in words.
fn words(row: &Row) -> String {
    let site = row.site.as_deref().map(|site| format!(", {}", escape(site))).unwrap_or_default();
    format!("line {}: {} ({}{site})", row.line, escape(&row.label), escape(&row.account))
}
