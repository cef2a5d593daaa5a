//! A sign-in.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::entry::{Entry, wrong};
use super::{LogError, cut};
use crate::ledger::payload::SignInSeen;

/// A sign-in, whosever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// The entry's id.
    pub id: Option<String>,
    /// Whose, by object id.
    pub user_id: Option<Uuid>,
    /// Whose, by name.
    pub upn: Option<String>,
    /// Entra's error code; 0 is success.
    pub error_code: i64,
    /// How it was proven who signs in, where the log tells: v1.0 of Microsoft Graph does not.
    pub methods: Vec<String>,
    /// Into which application.
    pub application: Option<String>,
    /// From which address.
    pub address: Option<String>,
}

impl SignIn {
    pub(super) fn of(entry: &Entry<'_>) -> Result<Self, LogError> {
        let text = |name| entry.text(name).map(|text| text.map(str::to_owned));
        Ok(Self {
            at: entry.time(&["createdDateTime", "timeGenerated", "time"])?,
            id: text("id")?,
            user_id: entry.uuid("userId")?,
            upn: text("userPrincipalName")?,
            error_code: error_code(entry)?,
            methods: methods(entry)?,
            application: text("appDisplayName")?,
            address: text("ipAddress")?,
        })
    }

    /// What is kept of it.
    pub(super) fn seen(&self) -> SignInSeen {
        let short = |text: &Option<String>| text.as_deref().map(cut);
        SignInSeen {
            at: self.at,
            id: short(&self.id),
            error_code: self.error_code,
            methods: self.methods.iter().map(|method| cut(method)).collect(),
            application: short(&self.application),
            address: short(&self.address),
        }
    }
}

/// `status.errorCode` of Graph; `ResultType` of Log Analytics, which has the other one, too. A failure counts before a success.
fn error_code(entry: &Entry<'_>) -> Result<i64, LogError> {
    let inner = match entry.nested("status")?.as_deref() {
        Some(Value::Object(status)) => Entry::new(&entry.place("status"), status).number("errorCode")?,
        Some(_) => return Err(wrong(entry.place("status"), "must be an object")),
        None => None,
    };
    match (inner, entry.number("resultType")?) {
        (Some(0), Some(outer)) => Ok(outer),
        (Some(code), _) | (None, Some(code)) => Ok(code),
        (None, None) => {
            Err(wrong(entry.place("status"), "does not say how it ended: no `errorCode`, no `ResultType`"))
        }
    }
}

/// The methods of the steps that did not fail, each once; beta's short list where there are no steps.
fn methods(entry: &Entry<'_>) -> Result<Vec<String>, LogError> {
    let mut methods: Vec<String> = Vec::new();
    let mut add = |method: &str| {
        if !method.is_empty() && methods.len() < MOST && !methods.iter().any(|known| known == method) {
            methods.push(method.to_owned());
        }
    };
    let (place, used) = (entry.place("authenticationDetails"), entry.nested("authenticationMethodsUsed")?);
    for step in entry.objects("authenticationDetails")? {
        let step = Entry::new(&place, &step);
        if step.get("succeeded")? != Some(&Value::Bool(false)) {
            add(step.text("authenticationMethod")?.unwrap_or_default());
        }
    }
    for method in used.as_deref().and_then(Value::as_array).into_iter().flatten() {
        add(method.as_str().unwrap_or_default());
    }
    Ok(methods)
}

/// No sign-in takes more methods than that.
const MOST: usize = 8;
