//! The organisation's rules, and what holds where the plan says nothing.

use serde::Serialize;

use super::At;

/// How different the accounts' keys must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Diversity {
    /// No two accounts share a vendor, a brand or a maker.
    #[default]
    Disjoint,
    /// No single vendor's, brand's or maker's failure takes out all accounts.
    Survivable,
}

impl Diversity {
    /// The word in the plan.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Disjoint => "disjoint",
            Self::Survivable => "survivable",
        }
    }
}

/// Where the PINs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinLocation {
    /// In the same envelope or safe as the key.
    WithKey,
    /// Written down, in another place than the key.
    Apart,
    /// In people's heads alone.
    Known,
}

impl PinLocation {
    /// The word in the plan.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::WithKey => "with-key",
            Self::Apart => "apart",
            Self::Known => "known",
        }
    }
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// How different the accounts' keys must be.
    pub diversity: At<Diversity>,
    /// How many keys each account must have, unless it says otherwise itself.
    pub keys_per_account: At<u32>,
    /// How many days a good check counts.
    pub drill_interval_days: At<u32>,
    /// At so many PIN attempts or fewer, none is sent without a person's word.
    pub pin_retries_floor: At<u32>,
    /// Where the PINs are kept. The organisation must state it.
    pub pin_location: At<PinLocation>,
    /// The least characters of a PIN that is set at enrolment.
    pub min_pin_length: At<u32>,
}

impl Rules {
    /// The default of `keys_per_account`.
    pub const KEYS_PER_ACCOUNT: u32 = 1;
    /// The default of `drill_interval_days`: what Microsoft asks at least.
    pub const DRILL_INTERVAL_DAYS: u32 = 90;
    /// The default of `pin_retries_floor`.
    pub const PIN_RETRIES_FLOOR: u32 = 3;
    /// The default of `min_pin_length`.
    pub const MIN_PIN_LENGTH: u32 = 6;
}
