//! The custody plan, `custody.toml`: accounts, sites, custodians, and the organisation's rules.
//!
//! [`Plan::parse`] is strict: a name that the format doesn't know, or a value that cannot stand there, is an error with its
//! line and the cure. What can stand there and is unwise, or contradicts another part, [`Plan::review`] tells. Nothing here
//! reads a file but [`Plan::load`].

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::webauthn::relying_party::{RelyingParty, RpId};

mod entra;
mod error;
mod name;
mod place;
pub mod question;
mod raw;
mod read;
mod review;
mod rules;
mod template;

pub use entra::{Entra, ResourceId};
pub use error::PlanError;
pub use name::{
    AccountName, CustodianName, NameError, ObjectId, Organisation, SiteName, Upn, VendorName, folded, same,
    shows, told,
};
pub use place::At;
pub use question::{About, Question};
pub use review::{Remark, Weight};
pub use rules::{Diversity, PinLocation, Rules};
pub use template::TEMPLATE;

/// The most bytes that a plan may have.
pub const LIMIT: usize = 1 << 20;

/// What an organisation decided about its emergency access accounts and their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The file it comes from, as it was named. Paths in the plan are relative to its folder.
    pub file: String,
    /// Whose accounts these are.
    pub organisation: At<Organisation>,
    /// The relying party id under which custody credentials are made. Never a real site's.
    pub custody_rp_id: At<RpId>,
    /// The emergency access accounts.
    pub accounts: Vec<Account>,
    /// Where keys lie.
    pub sites: Vec<Site>,
    /// Who keeps them.
    pub custodians: Vec<Custodian>,
    /// The rules.
    pub rules: Rules,
    /// The tenant's allow-lists, as exported.
    pub policy: PolicyFiles,
    /// What the accounts stand on in the tenant.
    pub entra: Entra,
    /// Folders that add to the built-in catalogue.
    pub catalogue: Vec<At<PathBuf>>,
    /// What labels look like.
    pub labels: Labels,
    /// What belongs to a drill.
    pub drill: Drills,
}

/// One emergency access account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its short name, such as `EA-01`.
    pub name: At<AccountName>,
    /// Its user principal name.
    pub upn: At<Upn>,
    /// Its object id in Entra.
    pub object_id: At<ObjectId>,
    /// How many keys it must have. The rule `keys_per_account` where the account says nothing.
    pub keys: At<u32>,
    /// Only keys of these vendors; any where it is empty.
    pub vendors: Vec<At<VendorName>>,
    /// Where its keys are to lie; anywhere where it is empty.
    pub sites: Vec<At<SiteName>>,
    /// Who may handle its keys; anybody named in the plan where it is empty.
    pub custodians: Vec<At<CustodianName>>,
}

impl Account {
    /// Whether the account may hold keys of a vendor.
    #[must_use]
    pub fn allows(&self, vendor: &str) -> bool {
        self.vendors.is_empty() || self.vendors.iter().any(|allowed| allowed.is(vendor))
    }
}

/// A place where keys lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its name.
    pub name: At<SiteName>,
    /// Where that is, for people.
    pub place: Option<String>,
}

/// Somebody who keeps keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Custodian {
    /// The name.
    pub name: At<CustodianName>,
    /// How to reach them.
    pub contact: Option<String>,
}

/// The tenant's allow-lists, as exported from Microsoft Graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PolicyFiles {
    /// The FIDO2 configuration with its passkey profiles.
    pub passkey_profile: Option<At<PathBuf>>,
    /// The profile that is meant for the accounts, by name or id, where the file has several.
    pub profile: Option<At<String>>,
    /// The authentication strength that guards the accounts.
    pub authentication_strength: Option<At<PathBuf>>,
}

/// What labels look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Labels {
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
    /// A line for whoever finds the key.
    pub contact: Option<String>,
    /// Whether the account's user principal name stands on them.
    pub show_upn: bool,
}

impl Default for Labels {
    fn default() -> Self {
        Self { width_mm: 62, height_mm: 29, contact: None, show_upn: false }
    }
}

/// What belongs to a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drills {
    /// How many minutes after the sign-in the alert is late.
    pub alert_limit_minutes: At<u32>,
    /// What people are asked, in the order in which they are asked.
    pub questions: Vec<Question>,
    /// The built-in questions that are not asked.
    pub left_out: Vec<At<String>>,
}

impl Drills {
    /// The default of `alert_limit_minutes`: a rule that looks at the log every 5 minutes, and time for the log to come.
    pub const ALERT_LIMIT_MINUTES: u32 = 15;
}

impl Plan {
    /// Reads a plan. `name` is the file's name, for messages and for the paths in the plan.
    ///
    /// # Errors
    /// [`PlanError::Invalid`]: the first thing that cannot stand there, its line, and the cure.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlanError> {
        read::plan(name, text)
    }

    /// Reads a plan's file. At most [`LIMIT`] bytes and one are read.
    ///
    /// # Errors
    /// [`PlanError::Missing`], [`PlanError::Read`], [`PlanError::TooLarge`], and those of [`Plan::parse`].
    #[expect(clippy::disallowed_methods, reason = "the one place of this room that reads files")]
    pub fn load(path: &Path) -> Result<Self, PlanError> {
        let file = path.display().to_string();
        let fault = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => PlanError::Missing { file: file.clone() },
            _ => PlanError::Read { file: file.clone(), source },
        };
        let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(fault)?;
        if bytes.len() > LIMIT {
            return Err(PlanError::TooLarge { file, limit: LIMIT });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) => Err(PlanError::not_text(&file, &error)),
        }
    }

    /// Holds the plan to the ledger that it is used with.
    ///
    /// # Errors
    /// [`PlanError::OfAnother`] where the ledger says that it is another organisation's.
    pub fn belongs_to(&self, ledger: Option<&str>) -> Result<(), PlanError> {
        let own = self.organisation.as_str();
        match ledger {
            Some(ledger) if !same(ledger, own) => {
                Err(PlanError::OfAnother { plan: own.to_owned(), ledger: ledger.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// What is unwise in the plan, contradicts itself, or was left to be filled in; in the order of its lines.
    #[must_use]
    pub fn review(&self) -> Vec<Remark> {
        review::review(self)
    }

    /// The vendors' names that the catalogue doesn't know, and so cannot be met by any key.
    #[must_use]
    pub fn review_vendors(&self, catalogue: &Catalogue) -> Vec<Remark> {
        review::vendors(self, catalogue)
    }

    /// The account of this name, small and capital letters alike.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name.is(name))
    }

    /// The site of this name, small and capital letters alike.
    #[must_use]
    pub fn site(&self, name: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.name.is(name))
    }

    /// The custodian of this name, small and capital letters alike.
    #[must_use]
    pub fn custodian(&self, name: &str) -> Option<&Custodian> {
        self.custodians.iter().find(|custodian| custodian.name.is(name))
    }

    /// Who may handle an account's keys: its custodians, else everybody in the plan.
    #[must_use]
    pub fn custodians_of<'p>(&'p self, account: &'p Account) -> Vec<&'p str> {
        if account.custodians.is_empty() {
            self.custodians.iter().map(|custodian| custodian.name.as_str()).collect()
        } else {
            account.custodians.iter().map(|name| name.as_str()).collect()
        }
    }

    /// A path of the plan as seen from here: relative ones lead from the plan's folder.
    #[must_use]
    pub fn resolve(&self, path: &Path) -> PathBuf {
        Path::new(&self.file).parent().unwrap_or(Path::new("")).join(path)
    }

    /// The policy files, as seen from here.
    #[must_use]
    pub fn policy_files(&self) -> Vec<PathBuf> {
        let files = [&self.policy.passkey_profile, &self.policy.authentication_strength];
        files.into_iter().flatten().map(|path| self.resolve(path)).collect()
    }

    /// The name or id of the passkey profile that is meant for the accounts.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.policy.profile.as_ref().map(|name| name.as_str())
    }

    /// The folders that add to the catalogue, as seen from here.
    #[must_use]
    pub fn catalogue_folders(&self) -> Vec<PathBuf> {
        self.catalogue.iter().map(|path| self.resolve(path)).collect()
    }

    /// How long a good check counts.
    #[must_use]
    pub fn drill_interval(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(*self.rules.drill_interval_days).saturating_mul(24))
    }

    /// The relying party of custody credentials.
    #[must_use]
    pub fn custody(&self) -> RelyingParty {
        RelyingParty::https(self.custody_rp_id.value.clone())
    }
}
