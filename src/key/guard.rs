//! The PIN guard: an attempt is money. Nothing that costs one can be sent without a [`Permit`].

use crate::ctap::client_pin::Retries;
use crate::ctap::status::{Code, Refusal};

/// Leave to spend one PIN attempt. Only [`Guard::permit`] makes one, and spending it uses it up.
#[derive(Debug)]
pub struct Permit(pub(super) Guard);

/// When an attempt may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// At or below this many attempts nothing is sent.
    pub floor: u64,
    /// The person accepts by name that one of the last attempts is spent.
    pub spend_scarce: bool,
}

impl Default for Guard {
    fn default() -> Self {
        Self { floor: 3, spend_scarce: false }
    }
}

/// Why a PIN was not tried, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinRefusal {
    /// The guard kept the attempt.
    #[error("only {left} PIN attempt{} left on this key; no PIN was sent", if *.left == 1 { " is" } else { "s are" })]
    Guarded {
        /// Attempts left.
        left: u64,
    },
    /// No attempt is left.
    #[error("the PIN is blocked: no attempts are left")]
    Blocked,
    /// The key wants to lose power before it takes another attempt.
    #[error("the key takes no PIN until it has been unplugged and plugged in again")]
    PowerCycle,
    /// One attempt was spent.
    #[error("the PIN is wrong; {}", left_in_words(*.left))]
    Wrong {
        /// Attempts left, where the key could still be asked.
        left: Option<u64>,
    },
    /// No PIN is set.
    #[error("no PIN is set on this key")]
    NotSet,
    /// A PIN is set already.
    #[error("a PIN is already set on this key")]
    AlreadySet,
    /// The key wants its PIN changed first.
    #[error("the key demands a new PIN before it works")]
    ChangeForced,
    /// The new PIN breaks the key's rules.
    #[error("the key refused the new PIN by its own policy")]
    Policy,
    /// The key can have no PIN.
    #[error("this key has no PIN protocol that is known here")]
    NoProtocol,
}

fn left_in_words(left: Option<u64>) -> String {
    match left {
        None => "the key no longer tells how many attempts are left".to_owned(),
        Some(0) => "no attempt is left: the PIN is blocked".to_owned(),
        Some(1) => "1 attempt is left".to_owned(),
        Some(left) => format!("{left} attempts are left"),
    }
}

impl Guard {
    /// Decides on one attempt, after the retries have been read.
    ///
    /// # Errors
    /// [`PinRefusal::Blocked`], [`PinRefusal::PowerCycle`] or [`PinRefusal::Guarded`].
    pub fn permit(&self, retries: Retries) -> Result<Permit, PinRefusal> {
        let left = retries.left;
        if left == 0 {
            Err(PinRefusal::Blocked)
        } else if retries.power_cycle == Some(true) {
            Err(PinRefusal::PowerCycle)
        } else if left <= self.floor && !self.spend_scarce {
            Err(PinRefusal::Guarded { left })
        } else {
            Ok(Permit(*self))
        }
    }
}

/// What a status byte means where a PIN was sent; `None` where it has nothing to do with the PIN.
pub(super) fn pin_refusal(refusal: Refusal) -> Option<PinRefusal> {
    let Refusal::Known(code) = refusal else { return None };
    match code {
        Code::PinInvalid => Some(PinRefusal::Wrong { left: None }),
        Code::PinBlocked => Some(PinRefusal::Blocked),
        Code::PinAuthBlocked => Some(PinRefusal::PowerCycle),
        Code::PinNotSet => Some(PinRefusal::NotSet),
        Code::PinPolicyViolation => Some(PinRefusal::Policy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_permitted_above_the_floor_only() {
        let permit = |guard: Guard, left, power_cycle| guard.permit(Retries { left, power_cycle }).err();
        let guard = Guard::default();
        assert_eq!(permit(guard, 8, None), None);
        assert_eq!(permit(guard, 4, Some(false)), None);
        assert_eq!(permit(guard, 3, None), Some(PinRefusal::Guarded { left: 3 }));
        assert_eq!(permit(guard, 1, None), Some(PinRefusal::Guarded { left: 1 }));
        assert_eq!(permit(guard, 8, Some(true)), Some(PinRefusal::PowerCycle));
        let named = Guard { spend_scarce: true, ..guard };
        assert_eq!(permit(named, 1, None), None);
        // Nothing that a person says makes an attempt out of none, or saves a key from wanting power off.
        assert_eq!(permit(named, 0, None), Some(PinRefusal::Blocked));
        assert_eq!(permit(named, 2, Some(true)), Some(PinRefusal::PowerCycle));
    }
}
