//! Ready bodies, templates and queries for the tenant, from the plan.
//!
//! What the plan has no id for is made; what it has one for gets its members. Whatever the plan says is data: in JSON a
//! string, in KQL a literal or a comment of one line, in ARM never the beginning of a text, for `[` there begins an
//! expression.

mod access;
mod alert;
mod directory;
mod kql;
mod sentinel;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::EntraError;
use crate::graph::Request;
use crate::plan::Plan;

pub use kql::Table;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The Conditional Access policy that guards the accounts.
    CaPolicies,
    /// The authentication strength.
    Strength,
    /// The role-assignable group, or its members.
    Group,
    /// The restricted management administrative unit, or its members.
    Rmau,
    /// Alert rules for Azure Monitor.
    AlertRule,
    /// Queries for Log Analytics and Sentinel.
    Kql,
    /// Near-real-time rules for Sentinel.
    SentinelRule,
}

impl What {
    /// All of it, in the order in which it is made.
    pub const ALL: &[Self] = &[
        Self::Group,
        Self::Rmau,
        Self::Strength,
        Self::CaPolicies,
        Self::AlertRule,
        Self::Kql,
        Self::SentinelRule,
    ];

    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CaPolicies => "ca-policies",
            Self::Strength => "strength",
            Self::Group => "group",
            Self::Rmau => "rmau",
            Self::AlertRule => "alert-rule",
            Self::Kql => "kql",
            Self::SentinelRule => "sentinel-rule",
        }
    }
}

/// One thing that was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Artefact {
    /// The name of its file.
    pub name: String,
    /// What it does, in words.
    pub what: String,
    /// The thing itself.
    #[serde(flatten)]
    pub form: Form,
}

/// In which form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Form {
    /// A request to Graph.
    Request(Request),
    /// A template of Azure Resource Manager.
    Template {
        /// The template.
        body: Value,
    },
    /// A query.
    Query {
        /// In KQL.
        text: String,
    },
}

impl Artefact {
    fn request(name: &str, what: impl Into<String>, request: Request) -> Self {
        Self { name: format!("{name}.json"), what: what.into(), form: Form::Request(request) }
    }

    fn template(name: &str, what: impl Into<String>, body: Value) -> Self {
        Self { name: format!("{name}.json"), what: what.into(), form: Form::Template { body } }
    }

    /// The JSON of its file; `None` for a query.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        match &self.form {
            Form::Request(request) => Some(&request.body),
            Form::Template { body } => Some(body),
            Form::Query { .. } => None,
        }
    }

    /// The command of the Azure CLI that sends it from a file; `None` where a person takes it from there.
    #[must_use]
    pub fn command(&self, plan: &Plan, file: &str) -> Option<String> {
        match &self.form {
            Form::Request(request) => Some(request.az_rest(file)),
            Form::Template { .. } => Some(alert::deploy(plan, file)),
            Form::Query { .. } => None,
        }
    }
}

/// Makes one thing. `strength` is the id of the authentication strength, where the plan's export tells it.
///
/// # Errors
/// [`EntraError::Lacks`] where the plan does not say an id that is needed.
pub fn make(plan: &Plan, what: What, strength: Option<Uuid>) -> Result<Vec<Artefact>, EntraError> {
    let lacks = |lacks, cure| Err(EntraError::Lacks { what: what.word(), lacks, cure });
    if plan.accounts.is_empty() {
        return lacks("[[account]]", "add the accounts to the plan");
    }
    Ok(match what {
        What::Group => directory::group(plan),
        What::Rmau => directory::rmau(plan),
        What::Strength => vec![access::strength(plan)],
        What::CaPolicies => {
            let Some(group) = &plan.entra.group else {
                return lacks(
                    "[entra] group",
                    "make it with `glasskey entra emit group`, and write its object id into the plan",
                );
            };
            let Some(strength) = strength else {
                return lacks(
                    "[policy] authentication_strength",
                    "make it with `glasskey entra emit strength`, export it, and name the export in the plan",
                );
            };
            vec![access::policy(**group, strength)]
        }
        What::AlertRule => vec![alert::rules(plan)],
        What::Kql => kql::queries(plan),
        What::SentinelRule => vec![sentinel::rules(plan)],
    })
}
