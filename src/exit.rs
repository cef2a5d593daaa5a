//! How the program ends: one documented number for each kind of end.

/// The exit codes of `glasskey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: fit, verified, all well.
    Yes,
    /// 1: not fit, not verified, a rule broken.
    No,
    /// 2: could not tell: usage, files.
    CouldNotTell,
    /// 3: no key.
    NoKey,
    /// 4: a key is there but may not be opened.
    NotPermitted,
    /// 5: PIN refused, blocked or guarded.
    Pin,
    /// 6: the ledger is broken, or newer than this program.
    Ledger,
    /// 7: the key misbehaved or went silent.
    Misbehaved,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The number. With several keys the highest counts, which is the order of the variants.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::CouldNotTell => 2,
            Self::NoKey => 3,
            Self::NotPermitted => 4,
            Self::Pin => 5,
            Self::Ledger => 6,
            Self::Misbehaved => 7,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
