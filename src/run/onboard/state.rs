//! What the run has made of the sample so far, in words for a person whose run was cut off.

use crate::webauthn::relying_party::ONBOARDING_RP_ID;

/// Which PIN the key has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum PinNow {
    /// The one that was given.
    #[default]
    Given,
    /// The one that was given, and [`LONGER`] behind it.
    Longer,
    /// The letters of [`crate::ctap::pin::Pin::too_short_for`], which it should have refused.
    Short,
    /// None: it was erased.
    None,
}

/// What is put behind the PIN to have another one that the person can type too.
pub(super) const LONGER: &str = "57";

/// What is not as it was before the run.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) pin: PinNow,
    /// It wants to be unplugged before it takes another PIN.
    pub(super) locked: bool,
    /// It may demand a new PIN.
    pub(super) forced: bool,
    /// Its least PIN length is this now.
    pub(super) least: Option<u64>,
    /// Passkeys of the run that are on it.
    pub(super) passkeys: Vec<Vec<u8>>,
}

impl State {
    /// One sentence for each thing; nothing where all is as it was.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        match self.pin {
            PinNow::Given => {}
            PinNow::Longer => words.push(format!(
                "its PIN is the one that you gave, followed by {LONGER}: change it with `glasskey pin change`"
            )),
            PinNow::Short => words.push(
                "it took a PIN that is too short, of letters such as äöü: erase it with `glasskey reset`"
                    .to_owned(),
            ),
            PinNow::None => words.push("it has no PIN: it was erased".to_owned()),
        }
        if self.locked {
            words.push("it takes no PIN until it has been unplugged and plugged in again".to_owned());
        }
        if self.forced {
            words.push("it may demand a new PIN: `glasskey pin change` gives it one".to_owned());
        }
        if let Some(least) = self.least {
            words.push(format!(
                "it wants PINs of {least} characters or more from now on: only `glasskey reset` takes that back"
            ));
        }
        if !self.passkeys.is_empty() {
            words.push(format!(
                "{} passkeys of this run for {} are on it: `glasskey credentials delete` deletes them",
                self.passkeys.len(),
                ONBOARDING_RP_ID
            ));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_that_is_as_it_was_has_nothing_to_tell() {
        assert_eq!(State::default().words(), [""; 0]);
        let all = State {
            pin: PinNow::Longer,
            locked: true,
            forced: true,
            least: Some(6),
            passkeys: vec![vec![1]],
        };
        assert_eq!(all.words().len(), 5);
    }
}
