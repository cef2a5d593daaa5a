//! `reset`: erases a key, guided. The reset of an enrolled key is recorded; it cannot sign it, for what it signed with is
//! gone.

use std::time::Duration;

use serde_json::json;

use super::World;
use super::book::{self, Book};
use super::named::is_key;
use super::record::{self, Recorded, Sighting};
use crate::cli::Reset;
use crate::ctap::info::Info;
use crate::ctap::init::DeviceVersion;
use crate::ctap::status::{Code, Refusal};
use crate::error::Error;
use crate::exit::Exit;
use crate::key::found::{Found, OpenError};
use crate::key::replug::{self, ReplugError};
use crate::key::session::{KeyError, Session};
use crate::ledger::inventory::{Key, State};
use crate::ledger::payload::{Payload, Reset as Erased};
use crate::plan::same;
use crate::term::escape::escape;
use crate::term::show;
use crate::term::{Tone, paint};

/// What must be typed before a key is erased.
const WORD: &str = "erase";
/// How long a person may take to pull the key out, and to put it in again.
pub(super) const REPLUG: Duration = Duration::from_secs(60);
/// How often a key that has just come is tried to be opened while the system still gives out its permissions.
const TRIES: u32 = 20;
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// A key before it is erased.
pub(super) struct Doomed {
    pub(super) found: Found,
    pub(super) info: Info,
    /// Its last words before it is pulled out; none where it could no longer be asked.
    pub(super) said: Option<Said>,
    /// Which enrolled key it is.
    pub(super) seen: Sighting,
}

/// What a key says of itself.
#[derive(Debug)]
pub(super) struct Said {
    version: DeviceVersion,
    info: Info,
}

/// Members of getInfo that a key may say anew each time that it is asked, or plugged in.
const FLEETING: [&str; 4] =
    ["enc_identifier", "enc_cred_store_state", "uv_count_since_last_pin_entry", "unknown"];

impl Said {
    pub(super) fn by(session: &mut Session) -> Result<Self, KeyError> {
        let info = session.info()?;
        Ok(Self { version: session.version(), info })
    }

    /// What it says otherwise than one that was there before, of all that no unplugging changes.
    fn differs(&self, before: &Self) -> Result<Vec<String>, Error> {
        let members =
            |info: &Info| Ok::<_, Error>(record::value(info)?.as_object().cloned().unwrap_or_default());
        let (then, now) = (members(&before.info)?, members(&self.info)?);
        let mut differ: Vec<String> =
            then.keys().filter(|name| now.get(*name) != then.get(*name)).cloned().collect();
        differ.retain(|name| !FLEETING.contains(&name.as_str()));
        if self.version != before.version {
            differ.push("device version".to_owned());
        }
        Ok(differ)
    }
}

pub(super) fn reset(world: &World, arguments: &Reset) -> Result<Exit, Error> {
    let found = world.one()?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let said = Said::by(&mut session)?;
    let info = said.info.clone();
    let writer = world.writer_if_any()?;
    let inventory = writer.as_ref().map(|writer| writer.inventory().clone()).unwrap_or_default();
    let seen = Sighting::take(&mut session, &info, inventory)?;
    let mut key = Doomed { found, info, said: Some(said), seen };
    let mut book = writer.and_then(|writer| Book::of_seen(world, writer, &key.found, &key.seen));
    may_be_reset(&key.info)?;
    if arguments.yes {
        must_tell(&key.seen)?;
    }
    confirm(world, arguments, &key, book.as_ref())?;
    // A soft key has no plug, and does not ask how long it has been in.
    if !key.found.soft {
        drop(session);
        (session, key.found) = replugged(world, &key)?;
    }
    let (after, recorded) = book::step(
        &mut book,
        "reset",
        &mut session,
        |session| {
            erase(session, &key)?;
            look_again(world, session, &key)
        },
        |book, session, _| {
            let erased = Erased { label: book.label().to_owned() };
            book.became(session, None, Payload::Reset(erased))
        },
    )?;
    tell(world, &key, &after, recorded.as_ref())
}

/// A key that may be an enrolled one is erased only if somebody types the word.
pub(super) fn must_tell(seen: &Sighting) -> Result<(), Error> {
    match seen.may_be() {
        [] => Ok(()),
        labels => Err(Error::MayBeEnrolled {
            labels: labels.to_vec(),
            refused: "it is not erased without a word typed",
            cure: "leave out `--yes`, and type the word if you are sure that it is none of them, or is meant to be erased",
        }),
    }
}

/// What is asked of a key that may be an enrolled one.
pub(super) fn doubt(seen: &Sighting) -> String {
    match seen.may_be() {
        [] => String::new(),
        labels => {
            format!("It does not tell without its PIN whether it is {}.\n", escape(&labels.join(" or ")))
        }
    }
}

pub(super) fn may_be_reset(info: &Info) -> Result<(), Error> {
    match &info.transports_for_reset {
        Some(transports) if !transports.iter().any(|transport| transport == "usb") => {
            Err(Error::NotErased("it can be reset over another interface than USB only".to_owned()))
        }
        _ => Ok(()),
    }
}

/// What the record says of the key, and of what its account has besides.
fn counted_on(book: &Book<'_>) -> String {
    let inventory = book.inventory();
    let Some(key) = inventory.key(book.label()) else { return String::new() };
    let active = |other: &&Key| other.state == State::Active && other.enrolled != key.enrolled;
    let others =
        inventory.keys().iter().filter(active).filter(|other| same(&other.account, &key.account)).count();
    let left = match others {
        0 => "no other active key".to_owned(),
        1 => "1 other active key".to_owned(),
        more => format!("{more} other active keys"),
    };
    format!("By the record it is {}, and {} has {left}.\n", escape(&is_key(key)), escape(&key.account))
}

fn confirm(world: &World, arguments: &Reset, key: &Doomed, book: Option<&Book<'_>>) -> Result<(), Error> {
    let record = book.map(counted_on).unwrap_or_default() + &doubt(&key.seen);
    let pin = if key.info.option("clientPin") == Some(true) { " its PIN," } else { "" };
    let question = format!(
        "{} erases {} ({}), AAGUID {}:{pin} every passkey on it, and every credential that it ever made.\n\
         How many there are it does not tell without the PIN (`glasskey credentials list` shows the passkeys).\n\
         {record}Accounts that have no other key lose their way in. Nothing brings it back.",
        paint(Tone::Bad, "Reset"),
        escape(&key.found.product),
        escape(&key.found.path),
        key.info.aaguid,
    );
    world.confirm(&question, WORD, arguments.yes)
}

/// Has the key pulled out and put in again, and makes sure, as far as that can be, that the same one came back: one of its
/// model, which answers in the same way when it is asked which enrolled key it is, and says of itself what that one said. So
/// no enrolled key is taken for another one, nor for one that is not, and a new key not for one that is in use.
pub(super) fn replugged(world: &World, key: &Doomed) -> Result<(Session, Found), Error> {
    let (tell, limit) = (&world.term, REPLUG.as_secs());
    tell.complain(&format!("Unplug the key now (within {limit} s)."));
    let long = if key.info.long_touch_for_reset == Some(true) { ", and keep your finger on it" } else { "" };
    let again = || {
        tell.complain(&format!(
            "Plug it in again (within {limit} s). Then touch it at once when it blinks{long}: it takes a reset only \
             within 10 s of being plugged in."
        ));
    };
    let found = replug::wait(world.bus.as_ref(), &key.found, REPLUG, &world.cancel, again)?;
    let mut session = open(world, &found)?;
    let said = Said::by(&mut session)?;
    if said.info.aaguid != key.info.aaguid {
        return Err(Error::AnotherKey { went: key.info.aaguid, came: said.info.aaguid });
    } else if let Some(why) = key.seen.differs(&mut session, &said.info)? {
        return Err(Error::NotErased(why));
    }
    let differ = key.said.as_ref().map_or_else(|| Ok(Vec::new()), |before| said.differs(before))?;
    if differ.is_empty() { Ok((session, found)) } else { Err(Error::NotErased(not_the_same(&differ))) }
}

fn not_the_same(differ: &[String]) -> String {
    format!("the key that was plugged in is not the one that was there: it differs in {}", differ.join(", "))
}

pub(super) fn open(world: &World, found: &Found) -> Result<Session, Error> {
    let mut tries = TRIES;
    loop {
        tries = tries.saturating_sub(1);
        match world.open(found, &world.progress(), "", "the key is working") {
            Err(Error::Open(OpenError::Permission { .. } | OpenError::Gone { .. })) if tries > 0 => {
                if world.cancel.requested() {
                    return Err(Error::Interrupted);
                }
                std::thread::sleep(PAUSE);
            }
            opened => return opened,
        }
    }
}

/// Asks the key, once. A key that says no has erased nothing.
pub(super) fn erase(session: &mut Session, key: &Doomed) -> Result<(), Error> {
    let Err(error) = session.reset() else { return Ok(()) };
    let why = match &error {
        KeyError::Refused { refusal: Refusal::Known(Code::NotAllowed), .. } => {
            "it takes a reset only within 10 s of being plugged in; plug it in again, and touch it at once"
        }
        KeyError::Refused { refusal: Refusal::Known(Code::OperationDenied), .. } => "the touch was refused",
        KeyError::Refused {
            refusal: Refusal::Known(Code::UserActionTimeout | Code::ActionTimeout), ..
        } if key.info.long_touch_for_reset == Some(true) => {
            "nobody touched it long enough; it wants a long touch, of five seconds or more"
        }
        KeyError::Refused {
            refusal: Refusal::Known(Code::UserActionTimeout | Code::ActionTimeout), ..
        } => "nobody touched it in time",
        _ => return Err(error.into()),
    };
    Err(Error::NotErased(why.to_owned()))
}

/// What the key tells afterwards; some start anew when they are erased, and then are opened again.
fn look_again(world: &World, session: &mut Session, key: &Doomed) -> Result<Info, Error> {
    let info = match session.info() {
        Err(KeyError::Talk(_)) if !world.cancel.requested() => {
            // A soft key is one program's at a time.
            drop(session.hang_up());
            open(world, &key.found).and_then(|opened| {
                *session = opened;
                Ok(session.info()?)
            })
        }
        answer => answer.map_err(Error::from),
    };
    let info = info.map_err(|error| Error::Unseen(Box::new(error)))?;
    if info.option("clientPin") == Some(true) { Err(Error::StillSet) } else { Ok(info) }
}

fn tell(world: &World, key: &Doomed, after: &Info, recorded: Option<&Recorded>) -> Result<Exit, Error> {
    let set = |info: &Info| info.option("clientPin");
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.reset/1",
            "path": key.found.path,
            "aaguid": after.aaguid,
            "pin_was_set": set(&key.info),
            "pin_set": set(after),
            "event": recorded.map(|recorded| record::place(&recorded.event)),
        }))?;
    } else {
        let path = escape(&key.found.path);
        world.term.out(&format!("{path}: the key says that it is erased; no PIN is set\n"))?;
        if let Some(recorded) = recorded {
            world.term.out(&show::ledger::kept(&recorded.event))?;
        }
    }
    Ok(world.ended())
}

impl From<ReplugError> for Error {
    fn from(error: ReplugError) -> Self {
        match error {
            ReplugError::Interrupted => Self::Interrupted,
            ReplugError::List(error) => Self::List(error),
            error => Self::NotErased(error.to_string()),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "reset/tests.rs"]
pub(super) mod tests;
