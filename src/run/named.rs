//! Which key is meant: `--key` is a path, else a number, else a label. A label is no name that a key has: it is
//! recognised by its custody credential.

use super::World;
use super::record::{self, Known};
use crate::error::Error;
use crate::key::found::Found;
use crate::ledger::inventory::{Inventory, Key, State, may_be_label};
use crate::term::escape::escape;

impl World {
    /// The one key that is meant.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::SeveralKeys`], [`Error::NoSuchKey`], or what kept the ledger from being read.
    pub(super) fn one(&self) -> Result<Found, Error> {
        let keys = self.plugged()?;
        let Some(named) = self.named(&keys)? else { return self.only(&keys) };
        match named {
            Named::Key(found) => Ok(found),
            // Only here the ledger is needed.
            Named::Label(label) => {
                let ledger = self.ledger_if_any()?;
                let inventory = ledger.as_ref().map(|ledger| ledger.inventory());
                let (inventory, key) = enrolled(&keys, label, inventory)?;
                let answers = roll_call(self, &keys, inventory, false);
                by_label(answers, &keys, key)
            }
        }
    }

    /// The keys that are plugged in, one at the least.
    pub(super) fn plugged(&self) -> Result<Vec<Found>, Error> {
        let keys: Vec<_> = self.keys()?.into_iter().map(|(_, found)| found).collect();
        if keys.is_empty() { Err(Error::NoKey) } else { Ok(keys) }
    }

    /// What `--key` says; `None` where it was not given.
    pub(super) fn named(&self, keys: &[Found]) -> Result<Option<Named<'_>>, Error> {
        let Some(named) = self.key_named() else { return Ok(None) };
        let number = |at: usize| at.checked_add(1).is_some_and(|number| number.to_string() == named);
        let by_path = keys.iter().find(|found| found.path == named);
        let found =
            by_path.or_else(|| keys.iter().enumerate().find(|(at, _)| number(*at)).map(|(_, found)| found));
        match found {
            Some(found) => Ok(Some(Named::Key(found.clone()))),
            None if may_be_label(named) => Ok(Some(Named::Label(named))),
            None => Err(no_such(named, None, None, &listed(keys))),
        }
    }

    /// The only key that is plugged in.
    pub(super) fn only(&self, keys: &[Found]) -> Result<Found, Error> {
        match keys {
            [only] => Ok(only.clone()),
            _ => Err(Error::SeveralKeys(listed(keys))),
        }
    }
}

/// How `--key` names a key.
pub(super) enum Named<'a> {
    /// By its path or number: it is there.
    Key(Found),
    /// By what can only be a label.
    Label(&'a str),
}

/// The enrolled key that has, or had, this label, and the inventory that says so.
pub(super) fn enrolled<'i>(
    keys: &[Found],
    label: &str,
    inventory: Option<&'i Inventory>,
) -> Result<(&'i Inventory, &'i Key), Error> {
    let Some(inventory) = inventory else {
        let why = "there is no ledger here in which a label could be looked up";
        return Err(no_such(label, None, Some(why), &listed(keys)));
    };
    let why = "no key of the ledger has, or had, this label (`glasskey inventory`)";
    let key = inventory.ever(label).ok_or_else(|| no_such(label, None, Some(why), &listed(keys)))?;
    Ok((inventory, key))
}

/// What a key answered when it was asked who it is.
pub(super) type Answer<'i> = Result<Known<'i>, Error>;

/// Asks every key who it is, without PIN and touch; a dead one costs the others nothing. `new`: they may have come just
/// now, and the system not have said yet who may open them.
pub(super) fn roll_call<'i>(
    world: &World,
    keys: &[Found],
    inventory: &'i Inventory,
    new: bool,
) -> Vec<Answer<'i>> {
    let progress = world.progress();
    each(keys, |found| {
        let on_wait = progress.follow(&name(keys, found), "asking the key who it is");
        let mut session = if new { world.open_new(found, on_wait) } else { world.open_as(found, on_wait) }?;
        let info = session.info()?;
        Ok(record::recognise(&mut session, &info, inventory)?)
    })
}

/// The one key that answered as this one.
pub(super) fn by_label(answers: Vec<Answer<'_>>, keys: &[Found], key: &Key) -> Result<Found, Error> {
    let is = |answer: &Answer<'_>| matches!(answer, Ok(Known::As(other)) if other.enrolled == key.enrolled);
    let mut there = keys.iter().zip(&answers).filter(|(_, answer)| is(answer)).map(|(found, _)| found);
    match (there.next(), there.next()) {
        (Some(found), None) => return Ok(found.clone()),
        (Some(one), Some(other)) => {
            return Err(Error::Twins {
                label: key.label.clone(),
                paths: [one.path.clone(), other.path.clone()],
            });
        }
        (None, _) => {}
    }
    let seen: Vec<String> = keys.iter().zip(&answers).map(|(found, answer)| told(found, answer)).collect();
    let only = answers.into_iter().next().filter(|_| keys.len() == 1);
    match only {
        // The one key there is: what keeps it from answering, or which it is, is the answer.
        Some(Err(error)) => Err(error),
        Some(Ok(Known::As(other))) => Err(no_such(&key.label, Some(is_key(other)), None, &seen)),
        _ => Err(no_such(&key.label, None, None, &seen)),
    }
}

/// Which enrolled key it is, in words.
pub(super) fn is_key(key: &Key) -> String {
    let state = if key.state == State::Active { String::new() } else { format!(", {}", key.state.words()) };
    format!("{} of {}{state}", key.label, key.account)
}

fn told(found: &Found, answer: &Answer<'_>) -> String {
    let key = format!("  {} ({})", escape(&found.path), escape(&found.product));
    match answer {
        Ok(Known::As(other)) => format!("{key} is {}", is_key(other)),
        Ok(Known::AsNone) => format!("{key} is none of the enrolled keys"),
        Ok(Known::CannotTell) => {
            format!("{key} does not tell without a PIN which key it is: name it by its path")
        }
        Err(error) => format!("{key} cannot be asked: {error}"),
    }
}

fn listed(keys: &[Found]) -> Vec<String> {
    let line = |(number, found): (usize, &Found)| {
        format!("  {number}  {}  {}", escape(&found.path), escape(&found.product))
    };
    (1..).zip(keys).map(line).collect()
}

fn no_such(named: &str, instead: Option<String>, why: Option<&str>, seen: &[String]) -> Error {
    let why = why.map(|why| format!("{why}; ")).unwrap_or_default();
    let hint = format!("{why}plugged in (`glasskey keys`):\n{}", seen.join("\n"));
    Error::NoSuchKey { named: named.to_owned(), instead, hint }
}

/// Tells keys apart on the screen where there are several.
pub(super) fn name(keys: &[Found], found: &Found) -> String {
    if keys.len() > 1 { escape(&found.path) } else { String::new() }
}

/// Does something with each item in a thread of its own, so that a dead key costs the others nothing.
pub(super) fn each<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    does: impl Fn(T) -> Result<R, Error> + Sync,
) -> Vec<Result<R, Error>> {
    std::thread::scope(|scope| {
        let does = &does;
        let threads: Vec<_> = items.into_iter().map(|item| scope.spawn(move || does(item))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Err(Error::Bug))).collect()
    })
}

#[cfg(test)]
#[cfg(feature = "softkey")]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::key::found::{Bus, OpenError};
    use crate::key::wire::Wire;
    use crate::soft::bus::SoftBus;
    use crate::soft::{self, Options};

    /// A key that nobody may open yet when it is first seen.
    struct Late(SoftBus, AtomicU32);

    impl Bus for Late {
        fn find(&self) -> io::Result<Vec<Found>> {
            self.0.find()
        }

        fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
            match self.1.fetch_add(1, Ordering::SeqCst) {
                0..3 => Err(OpenError::Permission { path: found.path.clone() }),
                _ => self.0.open(found),
            }
        }
    }

    #[test]
    fn a_key_that_has_just_come_is_waited_for_until_the_system_lets_it_be_opened() {
        let dir = tempfile::tempdir().unwrap();
        soft::create(dir.path(), "a", &Options::default()).unwrap();
        let inventory = Inventory::default();
        let asked = |new| {
            let late = Late(SoftBus::new(dir.path()), AtomicU32::default());
            let world = World::rehearsal(Box::new(late), &dir.path().join("ledger.db"));
            let keys = world.plugged().unwrap();
            roll_call(&world, &keys, &inventory, new).remove(0).map(|known| matches!(known, Known::AsNone))
        };
        assert!(asked(true).unwrap());
        assert!(matches!(asked(false), Err(Error::Open(OpenError::Permission { .. }))));
    }
}
