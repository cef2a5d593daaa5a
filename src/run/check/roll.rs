//! Which enrolled keys are plugged in, where several keys are looked at: two that answer as one are an alarm.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The id of a custody credential, by which an enrolled key is known.
type CredentialId = Vec<u8>;

/// A key that is plugged in.
struct Here {
    path: String,
    /// Whether it has told who it is, or will not.
    told: bool,
    /// To which custody credential it answers.
    is: Option<CredentialId>,
}

/// The keys that are plugged in, by numbers that no two keys share.
pub(super) struct Roll {
    /// Whether all keys are there already, and the enrolled ones wait until each has told who it is.
    together: bool,
    here: Mutex<BTreeMap<usize, Here>>,
    changed: Condvar,
}

impl Roll {
    /// For keys that are all there already.
    pub(super) fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Arc<Self> {
        let roll = Self::new(true);
        (1..).zip(paths).for_each(|(number, path)| roll.came(number, path));
        Arc::new(roll)
    }

    /// For keys that come and go.
    pub(super) fn empty() -> Arc<Self> {
        Arc::new(Self::new(false))
    }

    fn new(together: bool) -> Self {
        Self { together, here: Mutex::default(), changed: Condvar::new() }
    }

    /// A key has come.
    pub(super) fn came(&self, number: usize, path: &str) {
        self.here().insert(number, Here { path: path.to_owned(), told: false, is: None });
    }

    /// The key at this path is gone.
    pub(super) fn went(&self, path: &str) {
        self.here().retain(|_, key| key.path != path);
        self.changed.notify_all();
    }

    /// The place of the key with this number.
    pub(super) fn place(self: &Arc<Self>, number: usize) -> Place {
        Place { roll: Arc::clone(self), number }
    }

    fn here(&self) -> MutexGuard<'_, BTreeMap<usize, Here>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one key; nobody waits for it once it is left.
pub(super) struct Place {
    roll: Arc<Roll>,
    number: usize,
}

impl Place {
    /// The key tells which enrolled key it answers as. An enrolled one then waits for all that are there: each of them
    /// tells within its time limits, or has left.
    pub(super) fn tells(&self, is: Option<CredentialId>) {
        let waits = self.roll.together && is.is_some();
        if let Some(key) = self.roll.here().get_mut(&self.number) {
            (key.told, key.is) = (true, is);
        }
        self.roll.changed.notify_all();
        let mut here = self.roll.here();
        while waits && here.values().any(|key| !key.told) {
            here = self.roll.changed.wait(here).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Where another key is that answers as the same enrolled key, if there is one.
    pub(super) fn twin(&self) -> Option<String> {
        let here = self.roll.here();
        let is = here.get(&self.number)?.is.as_ref()?;
        let mut others = here.iter().filter(|(number, _)| **number != self.number);
        others.find(|(_, key)| key.is.as_ref() == Some(is)).map(|(_, key)| key.path.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(key) = self.roll.here().get_mut(&self.number) {
            key.told = true;
        }
        self.roll.changed.notify_all();
    }
}
