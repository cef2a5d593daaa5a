//! The file as it is written: names and types, each value with its place. What the values mean is [`super::read`]'s task.

use serde::Deserialize;
use toml::Spanned;

pub(super) type Text = Option<Spanned<String>>;
pub(super) type Number = Option<Spanned<i64>>;
pub(super) type Flag = Option<Spanned<bool>>;
pub(super) type List = Option<Vec<Spanned<String>>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) organisation: Text,
    pub(super) custody_rp_id: Text,
    #[serde(default, rename = "account")]
    pub(super) accounts: Vec<Spanned<RawAccount>>,
    #[serde(default, rename = "site")]
    pub(super) sites: Vec<Spanned<RawSite>>,
    #[serde(default, rename = "custodian")]
    pub(super) custodians: Vec<Spanned<RawCustodian>>,
    pub(super) rules: Option<Spanned<RawRules>>,
    pub(super) policy: Option<RawPolicy>,
    pub(super) entra: Option<RawEntra>,
    pub(super) catalogue: Option<RawCatalogue>,
    pub(super) labels: Option<RawLabels>,
    pub(super) drill: Option<RawDrill>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAccount {
    pub(super) name: Text,
    pub(super) upn: Text,
    pub(super) object_id: Text,
    pub(super) keys: Number,
    pub(super) vendors: List,
    pub(super) sites: List,
    pub(super) custodians: List,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSite {
    pub(super) name: Text,
    pub(super) place: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCustodian {
    pub(super) name: Text,
    pub(super) contact: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRules {
    pub(super) diversity: Text,
    pub(super) keys_per_account: Number,
    pub(super) drill_interval_days: Number,
    pub(super) pin_retries_floor: Number,
    pub(super) pin_location: Text,
    pub(super) min_pin_length: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPolicy {
    pub(super) passkey_profile: Text,
    pub(super) profile: Text,
    pub(super) authentication_strength: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEntra {
    pub(super) group: Text,
    pub(super) administrative_unit: Text,
    pub(super) workspace: Text,
    pub(super) action_group: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCatalogue {
    pub(super) folders: List,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLabels {
    pub(super) width_mm: Number,
    pub(super) height_mm: Number,
    pub(super) contact: Text,
    pub(super) show_upn: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDrill {
    pub(super) alert_limit_minutes: Number,
    #[serde(default, rename = "question")]
    pub(super) questions: Vec<Spanned<RawQuestion>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuestion {
    pub(super) id: Text,
    pub(super) text: Text,
    pub(super) about: Text,
    pub(super) required: Flag,
    pub(super) may_not_apply: Flag,
    pub(super) timed: Flag,
    pub(super) before: Flag,
    pub(super) owner: Text,
    pub(super) ask: Flag,
}
