//! `check --all`: every key that is plugged in, each in its own thread, with its own conversation and deadlines.

use serde_json::json;

use super::Check;
use super::desk::{Desk, Seat};
use super::report::{Judged, Told};
use super::roll::{Place, Roll};
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::Found;
use crate::key::session::Session;
use crate::run::named::each;
use crate::term::escape::escape;
use crate::term::progress::Row;

pub(super) fn all(check: &Check<'_>, keys: &[Found]) -> Result<Exit, Error> {
    let world = check.world;
    let progress = world.progress();
    let desk = Desk::new(world, &progress, keys.len());
    let roll = Roll::of(keys.iter().map(|found| found.path.as_str()));
    // People read all of it, in the order of the numbers; programs a line as soon as there is one.
    let at_once = !world.term.json && !world.term.read();
    let numbered = (1..).zip(keys);
    let rows: Vec<(usize, &Found, Row)> =
        numbered.map(|(number, found)| (number, found, progress.row(&name(number, found)))).collect();
    let judged = each(&rows, |(number, found, row)| {
        let (seat, place) = (desk.seat(*number), roll.place(*number));
        let opened = world.open_as(found, row.follow());
        let judged = opened.and_then(|session| check.through(found, session, (seat, place), row));
        let told = told(check, found, &judged);
        row.says(told.line().trim_end());
        if at_once {
            told.glance(&world.term)?;
        }
        judged
    });
    rows.iter().for_each(|(_, _, row)| row.end());
    let all: Vec<Told<'_>> =
        keys.iter().zip(&judged).map(|(found, judged)| told(check, found, judged)).collect();
    if world.term.json {
        let checks: Vec<_> = all.iter().map(Told::document).collect();
        world.term.document(&json!({ "schema": "glasskey.check-all/1", "checks": checks }))?;
    } else if !at_once {
        all.iter().try_for_each(|told| told.show(world))?;
        let lines: String = all.iter().map(Told::line).collect();
        world.term.out(&format!("\n{lines}"))?;
    }
    Ok(all.iter().map(Told::exit).max().unwrap_or(Exit::NoKey))
}

impl Check<'_> {
    /// One of several keys, from the first question to the verdict.
    pub(super) fn through(
        &self,
        found: &Found,
        session: Session,
        (seat, place): (Seat<'_>, Place),
        row: &Row,
    ) -> Result<Judged, Error> {
        row.says("asking the key who it is");
        let candidate = self.see(found, session)?.among(place);
        let candidate = self.with_pin(candidate, |facts| {
            row.says("waits for its PIN");
            seat.pin(facts)
        })?;
        row.says("waits until all PINs are there");
        seat.go();
        row.says("the key is working");
        self.finish(found, candidate, || row.follow())
    }
}

fn told<'t>(check: &'t Check<'_>, found: &'t Found, judged: &'t Result<Judged, Error>) -> Told<'t> {
    Told { found, judged, catalogue: &check.catalogue }
}

/// What tells a row from the others.
fn name(number: usize, found: &Found) -> String {
    format!("{number:>2}  {}", escape(&found.path))
}
