//! Several allow-lists side by side: what each names, what is odd about it, and which enrolled keys it locks out.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

use super::agree::{Agreement, agreement};
use super::error::PolicyError;
use super::judge::{Allowed, Policy, Reason};
use super::model::KeyRestrictions;
use super::source::{Content, Kind, PolicySource};
use super::summary::Restriction;
use crate::catalogue::{Catalogue, Said};

mod remark;
pub(super) mod size;

pub use remark::Remark;

/// An enrolled key, as far as allow-lists are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolledKey {
    /// Its label.
    pub label: String,
    /// For which account.
    pub account: String,
    /// Its model.
    pub aaguid: Uuid,
}

/// One of the lists that are compared.
#[derive(Debug, Clone)]
pub struct Party<'a> {
    policy: Policy,
    /// The file; `None` for a custody plan.
    source: Option<&'a PolicySource>,
}

impl<'a> Party<'a> {
    /// A policy file; `profile` as in [`PolicySource::choose`], heeded where the file has profiles.
    ///
    /// # Errors
    /// Those of [`PolicySource::choose`].
    pub fn file(source: &'a PolicySource, profile: Option<&str>) -> Result<Self, PolicyError> {
        Ok(Self { policy: source.choose(profile)?, source: Some(source) })
    }

    /// A custody plan: the models of the keys that are enrolled for its accounts.
    #[must_use]
    pub fn plan(file: &str, keys: &[EnrolledKey]) -> Self {
        let policy = Policy {
            source: file.to_owned(),
            kind: Kind::AaguidList,
            profile: None,
            gate: Allowed::Yes,
            key_restrictions: KeyRestrictions::Allow(keys.iter().map(|key| key.aaguid).collect()),
            attestation_required: None,
            notes: Vec::new(),
        };
        Self { policy, source: None }
    }

    /// May the key be registered? `None`: that is not this kind's matter.
    fn registration(&self, key: &EnrolledKey, catalogue: &Catalogue) -> Option<Allowed> {
        let listed = self.policy.allows(key.aaguid);
        match self.policy.kind {
            Kind::AuthenticationStrength | Kind::CombinationConfiguration => return None,
            Kind::AaguidList => return Some(listed),
            Kind::Fido2Configuration => {}
        }
        let attestable = match (self.policy.attestation_required, catalogue.model(key.aaguid)) {
            (Some(false), _) => Allowed::Yes,
            (Some(true), Some(model)) if model.entra_listed == Said::Yes => Allowed::Yes,
            (Some(true), Some(model)) if model.entra_listed == Said::No => Allowed::No(Reason::NotAttestable),
            (Some(true) | None, _) => Allowed::CannotTell(Reason::AttestabilityUnknown),
        };
        Some(listed.and(attestable))
    }
}

/// What one list says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The file.
    pub source: String,
    /// What kind of policy it is; `None` for a custody plan.
    pub kind: Option<Kind>,
    /// The profile or strength: its name, else its id.
    pub profile: Option<String>,
    /// What its AAGUIDs mean.
    pub restriction: Restriction,
    /// Its AAGUIDs, also those without effect.
    pub aaguids: BTreeSet<Uuid>,
    /// What people should know.
    pub remarks: Vec<Remark>,
}

/// One model that any of the lists names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelRow {
    /// Its AAGUID.
    pub aaguid: Uuid,
    /// Its name.
    pub model: Option<String>,
    /// Its vendor.
    pub vendor: Option<String>,
    /// What each list says of it, in the order of the lists.
    pub allowed: Vec<Allowed>,
    /// Labels of the enrolled keys of this model.
    pub keys: Vec<String>,
}

/// An enrolled key that one of the lists locks out, or may lock out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockedOut {
    /// The key's label.
    pub label: String,
    /// For which account.
    pub account: String,
    /// Its model.
    pub aaguid: Uuid,
    /// The list.
    pub source: String,
    /// May it be registered? `None`: that is not this kind's matter.
    pub registration: Option<Allowed>,
    /// May it sign in?
    pub sign_in: Allowed,
}

impl LockedOut {
    /// Whether it is locked out for sure.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        let no = |allowed: &Allowed| matches!(allowed, Allowed::No(_));
        no(&self.sign_in) || self.registration.as_ref().is_some_and(no)
    }
}

/// Several lists side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The lists.
    pub sources: Vec<Side>,
    /// Do they let in the same models?
    pub agreement: Agreement,
    /// Every model that one of them names, or that a key is of.
    pub models: Vec<ModelRow>,
    /// The enrolled keys that one of them locks out.
    pub locked_out: Vec<LockedOut>,
}

impl Comparison {
    /// Whether the lists let in the same models and every enrolled key; `None` where that cannot be told.
    #[must_use]
    pub fn well(&self) -> Option<bool> {
        if matches!(self.agreement, Agreement::Differ(_)) || self.locked_out.iter().any(LockedOut::is_certain)
        {
            return Some(false);
        }
        let clear = self.agreement == Agreement::Agree && self.locked_out.is_empty();
        clear.then_some(true)
    }
}

/// Compares the lists with each other, and holds them against the enrolled keys.
#[must_use]
pub fn compare(parties: &[Party<'_>], keys: &[EnrolledKey], catalogue: &Catalogue) -> Comparison {
    let policies: Vec<Policy> = parties.iter().map(|party| party.policy.clone()).collect();
    let named = policies.iter().flat_map(|policy| policy.key_restrictions.list().aaguids.iter().copied());
    let models: BTreeSet<Uuid> = named.chain(keys.iter().map(|key| key.aaguid)).collect();
    Comparison {
        sources: parties.iter().map(|party| side(party, catalogue)).collect(),
        agreement: agreement(&policies),
        models: models.into_iter().map(|aaguid| row(aaguid, &policies, keys, catalogue)).collect(),
        locked_out: parties.iter().flat_map(|party| locked_out(party, keys, catalogue)).collect(),
    }
}

fn side(party: &Party<'_>, catalogue: &Catalogue) -> Side {
    let policy = &party.policy;
    let config = match party.source.map(|source| &source.content) {
        Some(Content::Fido2(config)) => Some(config),
        Some(Content::Strengths(_) | Content::List(_)) | None => None,
    };
    Side {
        source: policy.source.clone(),
        kind: party.source.map(|source| source.kind),
        profile: policy.profile.clone(),
        restriction: (&policy.key_restrictions).into(),
        aaguids: policy.key_restrictions.list().aaguids.clone(),
        remarks: remark::remarks(policy, config, catalogue),
    }
}

fn row(aaguid: Uuid, policies: &[Policy], keys: &[EnrolledKey], catalogue: &Catalogue) -> ModelRow {
    let model = catalogue.model(aaguid);
    let own = keys.iter().filter(|key| key.aaguid == aaguid);
    ModelRow {
        aaguid,
        model: model.map(|model| model.name.clone()),
        vendor: model.map(|model| model.vendor.clone()),
        allowed: policies.iter().map(|policy| policy.allows(aaguid)).collect(),
        keys: own.map(|key| key.label.clone()).collect(),
    }
}

fn locked_out<'k>(
    party: &'k Party<'_>,
    keys: &'k [EnrolledKey],
    catalogue: &'k Catalogue,
) -> impl Iterator<Item = LockedOut> + 'k {
    let judged = move |key: &'k EnrolledKey| LockedOut {
        label: key.label.clone(),
        account: key.account.clone(),
        aaguid: key.aaguid,
        source: party.policy.source.clone(),
        registration: party.registration(key, catalogue),
        sign_in: party.policy.allows(key.aaguid),
    };
    let open = |key: &LockedOut| {
        key.sign_in == Allowed::Yes && key.registration.as_ref().is_none_or(|answer| *answer == Allowed::Yes)
    };
    keys.iter().map(judged).filter(move |key| !open(key))
}
