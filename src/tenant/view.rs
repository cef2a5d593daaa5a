//! The exports as the rules look at them: typed, and the group, the unit and the alerts found once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::exports::Exports;
use super::kind::{GLOBAL_ADMINISTRATOR, Kind};
use super::wire::{self, Assignment, Group, Resource, Unit, User};
use crate::entra::methods::Methods;
pub(super) use crate::graph::words::same_id;
use crate::graph::{self, Object};
use crate::plan::{Account, Plan};
use crate::policy::PolicySource;

/// The exports, typed.
pub(super) struct View<'a> {
    pub(super) plan: &'a Plan,
    /// The strength that guards the accounts, as the plan's export tells it.
    pub(super) strength: Option<Uuid>,
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) units: Vec<Unit>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) schedules: Vec<Assignment>,
    pub(super) eligibilities: Vec<Assignment>,
    pub(super) access: Vec<wire::Access>,
    pub(super) strengths: Vec<wire::Strength>,
    /// The strengths as they stand.
    pub(super) strength_values: Vec<Value>,
    pub(super) fido2: Option<PolicySource>,
    pub(super) methods: Vec<Methods>,
    pub(super) domains: Vec<wire::Domain>,
    pub(super) settings: Vec<Resource<wire::Setting>>,
    pub(super) alerts: Vec<Resource<wire::Alert>>,
    pub(super) action_groups: Vec<Resource<wire::ActionGroup>>,
    /// Why a kind cannot be understood.
    pub(super) faults: BTreeMap<Kind, String>,
}

/// Entries of a kind, typed; the first that is not what it should be makes the kind faulty.
struct Reader<'e> {
    exports: &'e Exports,
    faults: BTreeMap<Kind, String>,
}

impl Reader<'_> {
    fn entries(&self, kind: Kind) -> &[Value] {
        self.exports.store(kind).map(|store| store.entries.as_slice()).unwrap_or_default()
    }

    fn typed<T: DeserializeOwned>(&mut self, kind: Kind) -> Vec<T> {
        let read: Result<Vec<Object<T>>, _> =
            self.entries(kind).iter().map(|entry| graph::typed("an entry", entry)).collect();
        match read {
            Ok(all) => all.into_iter().map(|Object(one)| one).collect(),
            Err(error) => {
                self.fault(kind, error.to_string());
                Vec::new()
            }
        }
    }

    fn policy(&mut self, kind: Kind) -> Option<PolicySource> {
        let entries = self.entries(kind);
        if entries.is_empty() {
            return None;
        }
        match PolicySource::parse(kind.words(), json!({ "value": entries }).to_string().as_bytes()) {
            Ok(source) => Some(source),
            Err(error) => {
                self.fault(kind, error.to_string());
                None
            }
        }
    }

    /// Assignments of Global Administrator. One that does not say where it holds may be for the whole directory.
    fn administrators(&mut self, kind: Kind) -> Vec<Assignment> {
        let mut all: Vec<Assignment> = self.typed(kind);
        all.retain(|one| same_id(&one.role_definition_id, GLOBAL_ADMINISTRATOR));
        if all.iter().any(|one| one.directory_scope_id.is_none()) {
            self.fault(kind, "one does not say `directoryScopeId`".to_owned());
        }
        all
    }

    fn methods(&mut self, plan: &Plan) -> Vec<Methods> {
        let kind = Kind::AuthenticationMethods;
        let mut all = Vec::new();
        for document in &self.exports.methods {
            match Methods::of(document) {
                Ok(Some(methods)) => all.push(methods),
                Ok(None) => {}
                Err(error) => self.fault(kind, error.to_string()),
            }
        }
        for account in &plan.accounts {
            let lists: Vec<_> = all.iter().filter(|list| is_of(list, account)).collect();
            let other = |one: &&Methods| lists.iter().any(|two| one.contradicts(two));
            if lists.iter().any(other) {
                self.fault(kind, format!("two lists of {} differ", account.name));
            }
        }
        all
    }

    fn fault(&mut self, kind: Kind, why: String) {
        self.faults.entry(kind).or_insert(format!("{} cannot be understood: {why}", kind.words()));
    }
}

impl<'a> View<'a> {
    pub(super) fn new(plan: &'a Plan, exports: &Exports, strength: Option<Uuid>) -> Self {
        let mut reader = Reader { exports, faults: BTreeMap::new() };
        Self {
            plan,
            strength,
            users: reader.typed(Kind::Users),
            groups: reader.typed(Kind::Groups),
            units: reader.typed(Kind::AdministrativeUnits),
            assignments: reader.administrators(Kind::RoleAssignments),
            schedules: reader.administrators(Kind::RoleSchedules),
            eligibilities: reader.administrators(Kind::RoleEligibilities),
            access: reader.typed(Kind::ConditionalAccess),
            strengths: reader.typed(Kind::AuthenticationStrengths),
            strength_values: reader.entries(Kind::AuthenticationStrengths).to_vec(),
            fido2: reader.policy(Kind::Fido2Configuration),
            methods: reader.methods(plan),
            domains: reader.typed(Kind::Domains),
            settings: reader.typed(Kind::DiagnosticSettings),
            alerts: reader.typed(Kind::AlertRules),
            action_groups: reader.typed(Kind::ActionGroups),
            faults: reader.faults,
        }
    }

    /// The accounts of the plan, each with what the tenant says of it.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (&'a Account, Option<&User>)> {
        let user = |account: &Account| self.users.iter().find(|user| is_id(&user.id, account));
        self.plan.accounts.iter().map(move |account| (account, user(account)))
    }

    /// The accounts' group: the plan's; else the only one that has all accounts as members.
    pub(super) fn group(&self) -> Option<&Group> {
        match &self.plan.entra.group {
            Some(id) => self.groups.iter().find(|group| same_id(&group.id, &id.to_string())),
            None => only(self.groups.iter().filter(|group| self.holds_all(group.members.as_deref()))),
        }
    }

    /// The id of the accounts' group, which the plan may tell also where no export holds it.
    pub(super) fn group_id(&self) -> Option<String> {
        let planned = self.plan.entra.group.as_ref().map(|id| id.to_string());
        planned.or_else(|| self.group().map(|group| group.id.clone()))
    }

    /// The accounts' administrative unit: the plan's; else the only one that has all accounts as members.
    pub(super) fn unit(&self) -> Option<&Unit> {
        match &self.plan.entra.administrative_unit {
            Some(id) => self.units.iter().find(|unit| same_id(&unit.id, &id.to_string())),
            None => only(self.units.iter().filter(|unit| self.holds_all(unit.members.as_deref()))),
        }
    }

    fn holds_all(&self, members: Option<&[wire::Member]>) -> bool {
        let has =
            |account: &Account| members.is_some_and(|all| all.iter().any(|one| is_id(&one.id, account)));
        !self.plan.accounts.is_empty() && self.plan.accounts.iter().all(has)
    }

    /// The names of accounts for which something does not hold.
    pub(super) fn without(&self, holds: impl Fn(&Account) -> bool) -> Vec<String> {
        let all = self.plan.accounts.iter().filter(|account| !holds(account));
        all.map(|account| account.name.to_string()).collect()
    }
}

/// The only one, if there is one.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    all.next().filter(|_| all.next().is_none())
}

/// Whether a list of methods is the account's, as its context says.
pub(super) fn is_of(list: &Methods, account: &Account) -> bool {
    list.user.as_deref().is_some_and(|user| account.upn.is(user) || is_id(user, account))
}

/// Whether an id is the account's.
pub(super) fn is_id(id: &str, account: &Account) -> bool {
    same_id(id, &account.object_id.to_string())
}
