//! How long a key may take. Every wait ends (two limits on each exchange: silence and total).

use std::time::Duration;

/// What a command may cost in time, and whether it may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// INIT, getInfo, PIN retries: answered from memory.
    Quick,
    /// Computes or writes.
    Work,
    /// The same with a PIN, which may cost an attempt: a key that says that it is busy is not asked again by itself.
    Pin,
    /// Waits for a person.
    Touch,
    /// Erases.
    Reset,
}

/// The limits of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For [`Pace::Quick`], silence and total alike.
    pub quick: Duration,
    /// For [`Pace::Work`] and [`Pace::Pin`], silence and total alike; for [`Pace::Touch`] the silence.
    pub work: Duration,
    /// For [`Pace::Touch`], the total: how long a person may take.
    pub touch: Duration,
    /// For [`Pace::Reset`], the silence, and the total where that of a touch is shorter.
    pub reset: Duration,
    /// How long the answer to a cancel is awaited.
    pub grace: Duration,
}

impl Default for Patience {
    /// Slow smart cards compute for seconds, and not all send keepalives while they do.
    fn default() -> Self {
        Self {
            quick: Duration::from_secs(3),
            work: Duration::from_secs(10),
            touch: Duration::from_secs(30),
            reset: Duration::from_secs(30),
            grace: Duration::from_secs(1),
        }
    }
}

/// The two limits on one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Between two packets.
    pub silence: Duration,
    /// From the request to the answer's last packet.
    pub total: Duration,
}

impl Patience {
    /// The limits for a command.
    #[must_use]
    pub fn limits(&self, pace: Pace) -> Limits {
        let (silence, total) = match pace {
            Pace::Quick => (self.quick, self.quick),
            Pace::Work | Pace::Pin => (self.work, self.work),
            Pace::Touch => (self.work, self.touch),
            Pace::Reset => (self.reset, self.reset.max(self.touch)),
        };
        Limits { silence, total }
    }
}
