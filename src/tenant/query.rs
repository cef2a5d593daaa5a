//! Whether a query of an alert finds an account, as far as reading it tells.
//!
//! A query is no list: it may name an object id and leave it out. So a `yes` is only for queries that do nothing but look
//! for ids in the columns where ids stand; any other that names the id is `perhaps`, and a drill shows.

use std::collections::BTreeSet;

/// What a query does about an object id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Watch {
    /// It does not read the table, or does not name the id.
    No,
    /// It names the id, and does more than look for it.
    Perhaps,
    /// Whatever stands in the table about the id, it finds.
    Yes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// The tokens of a query, without its comments.
fn tokens(query: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = query.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| !is_break(*c)).is_some() {},
            '"' | '\'' => {
                let raw = out.last() == Some(&Token::Sign('@'));
                let mut text = String::new();
                while let Some(next) = rest.next() {
                    match next {
                        '\\' if !raw => text.extend(rest.next()),
                        next if next == c => break,
                        next => text.push(next),
                    }
                }
                if raw {
                    out.pop();
                }
                out.push(Token::Text(text));
            }
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                // Operators such as `in~` end with their sign; `project-away` has a dash.
                while let Some(next) = rest.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '~')) {
                    word.push(next);
                }
                out.push(Token::Word(word));
            }
            c => out.push(Token::Sign(c)),
        }
    }
    out
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Words of a filter that looks for ids, beside names that were given by `let`.
const FILTER: &[&str] = &[
    "where",
    "or",
    "in",
    "in~",
    "has",
    "has_any",
    "contains",
    "tostring",
    "tolower",
    "dynamic",
    "UserId",
    "InitiatedBy",
    "user",
    "id",
    "TargetResources",
];
/// What a query may do with what it found.
const AFTER: &[&str] = &["project", "project-reorder", "order", "sort", "extend"];

/// What a query does about an object id, seen from this table.
pub(super) fn watch(query: &str, table: &str, id: &str) -> Watch {
    let tokens = tokens(query);
    let names_id =
        tokens.iter().any(|token| matches!(token, Token::Text(text) if text.eq_ignore_ascii_case(id)));
    let reads = tokens.iter().any(|token| matches!(token, Token::Word(word) if word == table));
    match (reads && names_id, is_plain(&tokens, table)) {
        (false, _) => Watch::No,
        (true, true) => Watch::Yes,
        (true, false) => Watch::Perhaps,
    }
}

/// Whether a query does nothing but look for ids: `let`s of lists, the table, filters, and then columns.
fn is_plain(tokens: &[Token], table: &str) -> bool {
    let mut names = BTreeSet::new();
    let mut statements: Vec<&[Token]> =
        tokens.split(|token| *token == Token::Sign(';')).filter(|part| !part.is_empty()).collect();
    let Some(last) = statements.pop() else { return false };
    for statement in statements {
        match statement {
            [Token::Word(word), Token::Word(name), Token::Sign('='), Token::Word(dynamic), list @ ..]
                if word == "let" && dynamic == "dynamic" && is_list(list) =>
            {
                names.insert(name.as_str());
            }
            _ => return false,
        }
    }
    let mut stages = last.split(|token| *token == Token::Sign('|'));
    if stages.next() != Some(&[Token::Word(table.to_owned())]) {
        return false;
    }
    let mut filtered = false;
    for stage in stages {
        match stage.first() {
            Some(Token::Word(word)) if word == "where" => {
                // A second filter takes away from what the first one found.
                if filtered || !is_filter(stage, &names) {
                    return false;
                }
                filtered = true;
            }
            Some(Token::Word(word)) if AFTER.contains(&word.as_str()) => {
                // Before the filter a column may get another meaning.
                let harmless = filtered || (word == "project" && keeps_columns(stage));
                if !harmless {
                    return false;
                }
            }
            _ => return false,
        }
    }
    filtered
}

fn is_list(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| match token {
        Token::Text(_) => true,
        Token::Sign(sign) => matches!(sign, '(' | ')' | '[' | ']' | ','),
        Token::Word(_) => false,
    })
}

fn is_filter(stage: &[Token], names: &BTreeSet<&str>) -> bool {
    stage.iter().all(|token| match token {
        Token::Word(word) => FILTER.contains(&word.as_str()) || names.contains(word.as_str()),
        Token::Text(text) => !text.is_empty(),
        Token::Sign(sign) => matches!(sign, '(' | ')' | ',' | '.' | '=' | '~'),
    })
}

/// `project UserId, …` without a new meaning for a name.
fn keeps_columns(stage: &[Token]) -> bool {
    stage.iter().all(|token| matches!(token, Token::Word(_) | Token::Sign(',')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f";

    fn sign_ins(query: &str) -> Watch {
        watch(&query.replace("ID", ID), "SigninLogs", ID)
    }

    #[test]
    fn a_query_that_only_looks_for_ids_is_a_yes() {
        for query in [
            "SigninLogs | where UserId == 'ID'",
            "SigninLogs\n| project UserId\n| where UserId == \"ID\" or UserId == \"x\"",
            "SigninLogs | where UserId in~ (\"x\", \"ID\") | project TimeGenerated, UserId",
            "// about\nlet a = dynamic([\"ID\"]);\nSigninLogs | where UserId in~ (a)\n",
            "SigninLogs | where UserId =~ @'ID' | order by TimeGenerated desc",
        ] {
            assert_eq!(sign_ins(query), Watch::Yes, "{query}");
        }
        let audit = "AuditLogs | where tostring(InitiatedBy.user.id) in~ ('ID') or tostring(TargetResources) has 'ID'";
        assert_eq!(watch(&audit.replace("ID", ID), "AuditLogs", ID), Watch::Yes);
    }

    #[test]
    fn a_query_that_does_more_is_a_perhaps() {
        for query in [
            "SigninLogs | where UserId != 'ID'",
            "SigninLogs | where UserId !in ('ID')",
            "SigninLogs | where not(UserId == 'ID')",
            "SigninLogs | where UserId == 'ID' and ResultType == '0'",
            "SigninLogs | where UserId == 'ID' | where ResultType == 0",
            "SigninLogs | where UserId == 'ID' | take 0",
            "SigninLogs | extend UserId = 'x' | where UserId == 'ID'",
            "SigninLogs | project UserId = AppId | where UserId == 'ID'",
            "union SigninLogs, AuditLogs | where UserId == 'ID'",
            "let a = dynamic(['ID']); SigninLogs | where AppId == 'x'",
            "SigninLogs | where AppId == 'ID'",
            "SigninLogs | project UserId, 'ID'",
        ] {
            assert_eq!(sign_ins(query), Watch::Perhaps, "{query}");
        }
    }

    #[test]
    fn a_comment_or_another_table_is_a_no() {
        for query in [
            "",
            "SigninLogs // 'ID'",
            "SigninLogs | where UserId == 'x' // or UserId == 'ID'\r\n",
            "AuditLogs | where UserId == 'ID'",
            "SigninLogs | where UserId == 'xID'",
            "'SigninLogs' 'ID'",
            "// SigninLogs | where UserId == 'ID'",
            "SigninLogs | where Url == 'http://x' // 'ID'",
        ] {
            assert_eq!(sign_ins(query), Watch::No, "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read(query in ".{0,200}") {
            // What does not hold the id is never taken for one that watches it.
            prop_assert_eq!(watch(&query, "SigninLogs", ID), Watch::No);
        }

        #[test]
        fn nothing_after_two_slashes_counts(before in "[a-zA-Z |=()]{0,30}", after in "[^\r\n\u{85}\u{2028}\u{2029}]{0,30}") {
            let query = format!("{before}// {after}'{ID}'");
            prop_assert_eq!(watch(&query, "SigninLogs", ID), Watch::No);
        }
    }
}
