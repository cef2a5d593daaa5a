//! Queries that find every sign-in of the accounts, and every event about them. Each names each object id once.
//!
//! One query a table: a rule that runs every minute takes neither `union` nor `search`.

use super::{Artefact, Form};
use crate::plan::Plan;

/// A table of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Sign-ins by a person.
    SignIns,
    /// Sign-ins by what already has a token.
    NonInteractive,
    /// Changes in the directory.
    Audit,
}

impl Table {
    /// All of them.
    pub const ALL: &[Self] = &[Self::SignIns, Self::NonInteractive, Self::Audit];

    /// Its name in a workspace.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIns => "SigninLogs",
            Self::NonInteractive => "AADNonInteractiveUserSignInLogs",
            Self::Audit => "AuditLogs",
        }
    }

    /// The name of rules and files about it.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::SignIns => "sign-ins",
            Self::NonInteractive => "sign-ins-by-token",
            Self::Audit => "audit",
        }
    }

    /// What a rule about it tells.
    pub(super) fn tells(self) -> &'static str {
        match self {
            Self::SignIns => "Any sign-in of an emergency access account",
            Self::NonInteractive => {
                "Any sign-in of an emergency access account by a token that it has already"
            }
            Self::Audit => "Any change by or to an emergency access account",
        }
    }
}

/// The query about one table.
pub(super) fn query(plan: &Plan, table: Table) -> String {
    let names: Vec<_> = plan.accounts.iter().map(|account| account.name.to_string()).collect();
    let about = comment(&format!("{} of {}: {}", table.tells(), plan.organisation, names.join(", ")));
    let ids: Vec<_> = plan.accounts.iter().map(|account| literal(&account.object_id.to_string())).collect();
    // One a line: whoever shows the query may cut long lines.
    let accounts = format!("let accounts = dynamic([\n  {}\n]);", ids.join(",\n  "));
    let found = match table {
        Table::SignIns | Table::NonInteractive => "| where UserId in~ (accounts)",
        Table::Audit => {
            "| where tostring(InitiatedBy.user.id) in~ (accounts) or tostring(TargetResources) has_any (accounts)"
        }
    };
    format!("{about}\n{accounts}\n{}\n{found}\n", table.name())
}

pub(super) fn queries(plan: &Plan) -> Vec<Artefact> {
    let query = |table: &Table| Artefact {
        name: format!("{}.kql", table.slug()),
        what: format!("{}; {}", table.tells(), table.name()),
        form: Form::Query { text: query(plan, *table) },
    };
    Table::ALL.iter().map(query).collect()
}

/// A string literal of KQL. What is no plain ASCII is written by its number.
fn literal(text: &str) -> String {
    let mut out = String::from('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit).map(char::from) {
            Ok(c) if c == '"' || c == '\\' => out.extend(['\\', c]),
            Ok(c) if c == ' ' || c.is_ascii_graphic() => out.push(c),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}

/// A comment of one line, whatever the text holds.
fn comment(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    format!("// {}", text.replace(breaks, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(literal("a\"b\\c\n\u{2028}é😀"), r#""a\"b\\c\u000a\u2028\u00e9\ud83d\ude00""#);
        assert_eq!(comment("a\r\nSigninLogs | take 1\u{85}\u{2028}b"), "// a  SigninLogs | take 1  b");
    }
}
