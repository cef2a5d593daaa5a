//! What was tried on a sample, and what came of it. Unjudged; what the key says may be a lie.

use std::time::Duration;

use crate::ctap::client_pin::Retries;
use crate::ctap::credential::AssertionAnswer;
use crate::ctap::credential_management::Metadata;
use crate::ctap::hmac_secret::Secret;
use crate::ctap::protocol::Protocol;
use crate::facts::credentials::Credentials;
use crate::facts::{Asserted, Registered, Step};
use crate::key::conversation::Timing;
use crate::key::trial::Stopped;

const UNTRIED: &str = "the run did not come to it";

/// A step that the run did not come to.
#[must_use]
pub const fn untried<T>() -> Step<T> {
    Step::Skipped(UNTRIED)
}

/// All that was tried, beside what a check does.
#[derive(Debug)]
pub struct Tried {
    /// A PING of more than one packet: whether it came back as it was.
    pub ping: Step<bool>,
    /// WINK.
    pub wink: Step<()>,
    /// A registration that was cancelled when the key waited for a touch.
    pub cancel: Step<Stopped>,
    /// A signature without a touch under each PIN/UV auth protocol that the key offers.
    pub protocols: Vec<(Protocol, Step<Asserted>)>,
    /// A registration with each algorithm that the key offers.
    pub algorithms: Vec<(i64, Step<Registered>)>,
    /// A registration for which the key could choose between its algorithms: those asked for, the best first.
    pub order: (Vec<i64>, Step<Registered>),
    /// Credentials.
    pub credentials: Held,
    /// PIN behaviour.
    pub pin: PinTried,
    /// The key was pulled out while it waited for a touch, and put in again.
    pub unplugged: Step<Unplugged>,
    /// What was left of it after a reset.
    pub reset: Step<Erased>,
    /// How every exchange went, in time.
    pub timings: Vec<Timing>,
    /// Whether the key fell silent or was lost.
    pub lost: bool,
}

impl Default for Tried {
    fn default() -> Self {
        Self {
            ping: untried(),
            wink: untried(),
            cancel: untried(),
            protocols: Vec::new(),
            algorithms: Vec::new(),
            order: (Vec::new(), untried()),
            credentials: Held::default(),
            pin: PinTried::default(),
            unplugged: untried(),
            reset: untried(),
            timings: Vec::new(),
            lost: false,
        }
    }
}

/// A passkey that was asked for: for which user, and what the key made.
#[derive(Debug)]
pub struct Account {
    /// The user handle.
    pub user_id: Vec<u8>,
    /// The registration.
    pub made: Step<Registered>,
}

/// A credential that the key must not sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Random bytes.
    Unknown,
    /// A credential of its own with one bit changed.
    Bent,
    /// A credential of its own, asked for by another relying party.
    OtherParty,
}

impl Foreign {
    /// What to call it in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "an id that nobody made",
            Self::Bent => "its own credential with one bit changed",
            Self::OtherParty => "its own credential, for another relying party",
        }
    }
}

/// What credentials it makes, keeps and gives up.
#[derive(Debug)]
pub struct Held {
    /// The test credential signs without a PIN.
    pub without_pin: Step<Asserted>,
    /// The test credential signs without a touch and without a PIN.
    pub without_touch: Step<Asserted>,
    /// Passkeys, the first asked for as Entra does, each for another user of one relying party.
    pub accounts: Vec<Account>,
    /// What the key listed before and with them.
    pub listed: [Step<Credentials>; 2],
    /// Signatures without a list of credentials: one for each passkey that the key offers.
    pub discovered: Step<Vec<Asserted>>,
    /// Another registration, with the first passkey on the list of those that it may not hold.
    pub excluded: Step<Registered>,
    /// Signatures that the key must refuse.
    pub foreign: Vec<(Foreign, Step<AssertionAnswer>)>,
    /// A credential that is never to be used without user verification; used without, and with.
    pub protected: (Step<Registered>, [Step<Asserted>; 2]),
    /// `hmac-secret` of one salt, and of the same and another.
    pub secrets: [Step<Secrets>; 2],
    /// One passkey was deleted.
    pub deleted: Step<Deleted>,
    /// How many passkeys there were before the run, and when all that it made was deleted.
    pub left: Step<[Metadata; 2]>,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            without_pin: untried(),
            without_touch: untried(),
            accounts: Vec::new(),
            listed: [untried(), untried()],
            discovered: untried(),
            excluded: untried(),
            foreign: Vec::new(),
            protected: (untried(), [untried(), untried()]),
            secrets: [untried(), untried()],
            deleted: untried(),
            left: untried(),
        }
    }
}

/// What was signed, and the secrets that came with it.
pub type Secrets = (Asserted, Vec<Secret>);

/// A passkey that the key said to have deleted.
#[derive(Debug)]
pub struct Deleted {
    /// How many there were.
    pub before: u32,
    /// How many there are.
    pub after: u32,
    /// Whether it signs all the same.
    pub signs: Step<AssertionAnswer>,
}

/// How it treats PINs.
#[derive(Debug)]
pub struct PinTried {
    /// The first PIN was set; attempts told then.
    pub set: Step<Retries>,
    /// A wrong PIN.
    pub wrong: Step<Wrong>,
    /// Attempts after the right PIN that followed.
    pub restored: Step<Retries>,
    /// A PIN shorter than the key's least, and that least. Done: the key took it.
    pub short: (u64, Step<()>),
    /// The PIN was changed to another one, and back. Done: each was taken when it was the PIN.
    pub changed: Step<()>,
    /// Three wrong PINs in a row.
    pub locked: Step<Locked>,
    /// The key was told to demand a new PIN.
    pub forced: Step<Forced>,
    /// The key was told to want longer PINs.
    pub raised: Step<Raised>,
}

impl PinTried {
    /// Nothing was tried, for this reason.
    #[must_use]
    pub const fn skipped(why: &'static str) -> Self {
        Self {
            set: Step::Skipped(why),
            wrong: Step::Skipped(why),
            restored: Step::Skipped(why),
            short: (4, Step::Skipped(why)),
            changed: Step::Skipped(why),
            locked: Step::Skipped(why),
            forced: Step::Skipped(why),
            raised: Step::Skipped(why),
        }
    }
}

impl Default for PinTried {
    fn default() -> Self {
        Self::skipped(UNTRIED)
    }
}

/// What came of a wrong PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    /// Attempts before.
    pub before: u64,
    /// Attempts after.
    pub after: u64,
    /// Whether the key gave a token for it.
    pub taken: bool,
}

/// What came of three wrong PINs in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// Attempts before the first, after the last, and after the right PIN that followed.
    pub left: [u64; 3],
    /// After how many the key said that it wants to be unplugged; `None` where it never did.
    pub after: Option<u8>,
    /// Whether it took the right PIN before it was unplugged.
    pub took_right: bool,
    /// Whether it took the right PIN after it was unplugged; `None` where it was not unplugged, or may be another key.
    pub opened: Option<bool>,
}

/// What came of the demand for a new PIN.
#[derive(Debug)]
pub struct Forced {
    /// What getInfo said then.
    pub told: Option<bool>,
    /// A token for the old PIN. Done: the key gave one.
    pub token: Step<()>,
    /// What getInfo said when the PIN was changed.
    pub cleared: Option<bool>,
}

/// What came of a longer least PIN length.
#[derive(Debug)]
pub struct Raised {
    /// What it was told to be.
    pub to: u64,
    /// What getInfo said then.
    pub told: Option<u64>,
    /// A PIN that is too short now. Done: the key took it.
    pub short: Step<()>,
}

/// What became of a key that was pulled out in the middle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplugged {
    /// How long until this program knew; `None` where the request ended otherwise.
    pub noticed: Option<Duration>,
    /// Whether it still knows its test credential; `None` where it does not tell without PIN and touch.
    pub knows: Option<bool>,
}

/// What is left after a reset.
#[derive(Debug)]
pub struct Erased {
    /// What getInfo says of a PIN.
    pub pin_set: Option<bool>,
    /// The test credential from before. Done: the key still signs with it.
    pub signs: Step<AssertionAnswer>,
}

impl Erased {
    /// Whether nothing is known to be left.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.pin_set != Some(true) && self.signs.done().is_none()
    }
}

/// What a step gave, or why the next one, which rests on it, gave nothing.
///
/// # Errors
/// The same reason for the next step.
pub fn done<T, U>(step: Step<T>) -> Result<T, Step<U>> {
    match step {
        Step::Done(done) => Ok(done),
        Step::Skipped(why) => Err(Step::Skipped(why)),
        Step::Refused(refusal) => Err(Step::Refused(refusal)),
        Step::NotTouched(why) => Err(Step::NotTouched(why)),
        Step::Broke(why) => Err(Step::Broke(why)),
    }
}
