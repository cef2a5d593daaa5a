//! What the accounts stand on in the tenant: ids that only the tenant knows, each told once it exists.

use std::fmt;

use serde::Serialize;

use super::{At, NameError, ObjectId};

/// Ids in the tenant. Each may be missing: it is made, and then written into the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Entra {
    /// The role-assignable group whose members are the accounts.
    pub group: Option<At<ObjectId>>,
    /// The restricted management administrative unit that the accounts are in.
    pub administrative_unit: Option<At<ObjectId>>,
    /// The Log Analytics workspace that the logs go to.
    pub workspace: Option<At<ResourceId>>,
    /// Whom an alert calls.
    pub action_group: Option<At<ResourceId>>,
}

/// The id of an Azure resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// # Errors
    /// [`NameError`] unless it is a path of `/subscriptions/` and `/providers/` in plain characters.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let lower = text.to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-()".contains(c);
        let pairs = text.trim_start_matches('/').split('/').collect::<Vec<_>>();
        let whole = pairs.len() >= 8 && pairs.len() % 2 == 0 && pairs.iter().all(|part| !part.is_empty());
        if lower.starts_with("/subscriptions/")
            && lower.contains("/providers/")
            && text.chars().all(plain)
            && whole
        {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError {
            problem: format!("'{text}' is no id of an Azure resource"),
            cure: "copy the resource id from the resource's properties in the portal; it begins with \"/subscriptions/\""
                .to_owned(),
        })
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_id_is_a_path_of_plain_names() {
        let good = "/subscriptions/1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f/resourceGroups/rg-log/providers/Microsoft.OperationalInsights/workspaces/law-1";
        assert!(ResourceId::new(good).is_ok());
        for bad in [
            "",
            "law-1",
            "/subscriptions/x",
            &good.replace("rg-log", "rg'); evil"),
            &good.replace("law-1", ""),
            &good.replace("/providers/", "/provided/"),
        ] {
            assert!(ResourceId::new(bad).is_err(), "{bad}");
        }
    }
}
