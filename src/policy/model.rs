//! What a policy file says, in types that carry the meaning.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

/// Is the method on in the tenant?
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodState {
    /// Passkeys may be used.
    Enabled,
    /// Nobody can use a passkey.
    Disabled,
    /// The file doesn't say.
    Unsaid,
    /// A word that this program doesn't know.
    Unknown(String),
}

/// One kind of passkey that a profile admits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyType {
    /// Bound to one device: hardware keys are of this kind.
    DeviceBound,
    /// Synced between devices.
    Synced,
    /// A word that this program doesn't know. It admits nothing.
    Unknown(String),
}

/// Does registration ask for attestation?
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attestation {
    /// No.
    Disabled,
    /// At registration; never at sign-in.
    RegistrationOnly,
    /// The file doesn't say.
    Unsaid,
    /// A word that this program doesn't know.
    Unknown(String),
}

impl Attestation {
    /// Whether a key must be attested to be registered; `None` where that can't be told.
    #[must_use]
    pub fn required(&self) -> Option<bool> {
        match self {
            Self::Disabled => Some(false),
            Self::RegistrationOnly => Some(true),
            Self::Unsaid | Self::Unknown(_) => None,
        }
    }
}

/// AAGUIDs as a file lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AaguidList {
    /// Each one once.
    pub aaguids: BTreeSet<Uuid>,
    /// Those that the file names more than once.
    pub duplicates: BTreeSet<Uuid>,
}

impl FromIterator<Uuid> for AaguidList {
    fn from_iter<I: IntoIterator<Item = Uuid>>(items: I) -> Self {
        let mut list = Self::default();
        for aaguid in items {
            if !list.aaguids.insert(aaguid) {
                list.duplicates.insert(aaguid);
            }
        }
        list
    }
}

/// Which models may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRestrictions {
    /// No restriction is enforced: every model may. A list may be there all the same, without effect.
    Open {
        /// The list without effect.
        inert: AaguidList,
    },
    /// Only these.
    Allow(AaguidList),
    /// All but these.
    Block(AaguidList),
    /// The file doesn't say, or says it in a way that this program doesn't know. Allows nothing.
    Unknown {
        /// What is missing or unknown.
        why: String,
        /// The list that is there.
        list: AaguidList,
    },
}

impl KeyRestrictions {
    /// The list in the file, whatever its effect.
    #[must_use]
    pub fn list(&self) -> &AaguidList {
        match self {
            Self::Open { inert: list }
            | Self::Allow(list)
            | Self::Block(list)
            | Self::Unknown { list, .. } => list,
        }
    }
}

/// Whom the method is for, or not for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// A group's object id, or `all_users`.
    pub id: String,
    /// Ids of the profiles that these people may use; empty in a tenant without profiles.
    pub profiles: Vec<String>,
}

impl Target {
    /// Does it mean everybody?
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        same_id(&self.id, "all_users")
    }
}

/// One passkey profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyProfile {
    /// Its id; a profile that is still to be made has none.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The kinds of passkey it admits; empty if the file doesn't say.
    pub passkey_types: BTreeSet<PasskeyType>,
    /// Does registration ask for attestation?
    pub attestation_enforcement: Attestation,
    /// The models it admits.
    pub key_restrictions: KeyRestrictions,
}

/// The tenant's FIDO2 configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fido2Config {
    /// Is the method on?
    pub state: MethodState,
    /// Id of the default profile; `None` in a tenant without profiles.
    pub default_profile: Option<String>,
    /// Whom it is for; `None` if the file doesn't say.
    pub include: Option<Vec<Target>>,
    /// Who is shut out, whatever `include` says.
    pub exclude: Option<Vec<Target>>,
    /// The profiles.
    pub profiles: Vec<PasskeyProfile>,
    /// The restrictions outside all profiles. Where there are profiles they only mirror the default one.
    pub legacy_restrictions: KeyRestrictions,
    /// Attestation outside all profiles.
    pub legacy_attestation: Attestation,
    /// May people register passkeys themselves? Where they may not, the provisioning API fails too.
    pub self_service: Option<bool>,
}

impl Fido2Config {
    /// Does the tenant use passkey profiles, whether or not the file holds them?
    #[must_use]
    pub fn is_migrated(&self) -> bool {
        let named = self.include.iter().flatten().any(|target| !target.profiles.is_empty());
        self.default_profile.is_some() || !self.profiles.is_empty() || named
    }
}

/// Does a strength let a FIDO2 key sign in?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fido2Combination {
    /// `fido2`, by itself, is one of the combinations.
    Listed,
    /// It isn't: no FIDO2 key signs in under this strength.
    Absent,
    /// The file doesn't say.
    Unsaid,
}

/// One authentication strength, or the combination configurations of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// Its id.
    pub id: Option<String>,
    /// Its display name.
    pub name: Option<String>,
    /// Is `fido2` one of its combinations?
    pub fido2: Fido2Combination,
    /// The models it admits.
    pub key_restrictions: KeyRestrictions,
    /// How many combination configurations for `fido2` it has. With several, only what all of them list counts.
    pub configurations: usize,
}

/// Two ids are the same, whatever their case and the blanks around them.
pub(super) fn same_id(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// A name and an id for people.
pub(super) fn label(name: Option<&str>, id: Option<&str>) -> String {
    match (name, id) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "without name and id".to_owned(),
    }
}
