//! Whether a query of an alert finds an account, as far as reading it tells.
//!
//! A query is no list: it may name an object id and leave it out. So a `yes` is only for queries that do nothing but look
//! for ids, in the column where an account's stands in that table, in the way in which the logs write them; any other that
//! names the id is `perhaps`, and a drill shows.

use std::collections::BTreeMap;

/// What a query does about an object id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Watch {
    /// It does not read the table, or does not name the id.
    No,
    /// It names the id, and does more than look for it, or looks where it may not stand.
    Perhaps,
    /// It finds every row of the table whose column for the account holds the id: who signs in, and who is changed.
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

/// The most brackets of a query that is read further than for the id.
const BRACKETS: usize = 100;
/// What a query may do with what it found.
const AFTER: &[&str] = &["project", "project-reorder", "order", "sort", "extend"];

/// What a query does about an object id, seen from this table.
pub(super) fn watch(query: &str, table: &str, id: &str) -> Watch {
    let tokens = tokens(query);
    let names_id =
        tokens.iter().any(|token| matches!(token, Token::Text(text) if text.eq_ignore_ascii_case(id)));
    let reads = tokens.iter().any(|token| matches!(token, Token::Word(word) if word == table));
    if !(reads && names_id) {
        return Watch::No;
    }
    let finds = |all: Vec<Clause>| all.iter().any(|clause| clause.finds(table, id));
    if clauses(&tokens, table).is_some_and(finds) { Watch::Yes } else { Watch::Perhaps }
}

/// One comparison of a filter.
struct Clause {
    column: String,
    operator: String,
    texts: Vec<String>,
}

impl Clause {
    /// Whether it holds for every row about the account. Logs write ids in small letters, and `==` and `in` heed case.
    fn finds(&self, table: &str, id: &str) -> bool {
        let looks = match (table, self.column.as_str(), self.operator.as_str()) {
            ("SigninLogs", "UserId", _) => true,
            // A list of objects, which is never equal to an id.
            ("AuditLogs", "TargetResources", operator) => matches!(operator, "has" | "has_any" | "contains"),
            _ => false,
        };
        let heeds_case = matches!(self.operator.as_str(), "==" | "in");
        let is = |text: &String| if heeds_case { text == id } else { text.eq_ignore_ascii_case(id) };
        looks && self.texts.iter().any(is)
    }
}

/// The comparisons of which one must hold, of a query that does nothing but look for what meets any of them: `let`s of
/// lists, the table, one filter, and then columns.
fn clauses(tokens: &[Token], table: &str) -> Option<Vec<Clause>> {
    let brackets = tokens.iter().filter(|token| matches!(token, Token::Sign('(' | '['))).count();
    if brackets > BRACKETS {
        return None;
    }
    let mut lists = BTreeMap::new();
    let mut statements: Vec<&[Token]> =
        tokens.split(|token| *token == Token::Sign(';')).filter(|part| !part.is_empty()).collect();
    let last = statements.pop()?;
    for statement in statements {
        let [Token::Word(word), Token::Word(name), Token::Sign('='), list @ ..] = statement else {
            return None;
        };
        let mut reader = Reader { rest: list, lists: &BTreeMap::new(), found: Vec::new() };
        let texts = reader.values().filter(|_| word == "let" && reader.rest.is_empty())?;
        lists.insert(name.as_str(), texts);
    }
    let mut stages = last.split(|token| *token == Token::Sign('|'));
    if stages.next() != Some(&[Token::Word(table.to_owned())]) {
        return None;
    }
    let mut filter = None;
    for stage in stages {
        match stage {
            // A second filter takes away from what the first one found.
            [Token::Word(word), rest @ ..] if word == "where" && filter.is_none() => {
                let mut reader = Reader { rest, lists: &lists, found: Vec::new() };
                reader.any()?;
                filter = Some(reader.found).filter(|_| reader.rest.is_empty());
                filter.as_ref()?;
            }
            // Before the filter a column may get another meaning.
            [Token::Word(word), ..]
                if AFTER.contains(&word.as_str())
                    && (filter.is_some() || (word == "project" && keeps_columns(stage))) => {}
            _ => return None,
        }
    }
    filter
}

/// `project UserId, …` without a new meaning for a name.
fn keeps_columns(stage: &[Token]) -> bool {
    stage.iter().all(|token| matches!(token, Token::Word(_) | Token::Sign(',')))
}

/// Reads a filter of comparisons joined by `or`, in brackets or not; `None` where there is anything else in it.
struct Reader<'t> {
    rest: &'t [Token],
    /// What was given a name by `let`.
    lists: &'t BTreeMap<&'t str, Vec<String>>,
    found: Vec<Clause>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<&Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn take(&mut self, wanted: &Token) -> Option<()> {
        let rest = self.rest.strip_prefix(std::slice::from_ref(wanted))?;
        self.rest = rest;
        Some(())
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.take(&Token::Sign(sign))
    }

    fn any(&mut self) -> Option<()> {
        self.one()?;
        while self.take(&Token::Word("or".to_owned())).is_some() {
            self.one()?;
        }
        Some(())
    }

    fn one(&mut self) -> Option<()> {
        if self.sign('(').is_some() {
            self.any()?;
            return self.sign(')');
        }
        let column = self.column()?;
        let operator = self.operator()?;
        let texts = self.values()?;
        self.found.push(Clause { column, operator, texts });
        Some(())
    }

    fn column(&mut self) -> Option<String> {
        let Token::Word(word) = self.next()? else { return None };
        let mut name = word.clone();
        if matches!(name.as_str(), "tostring" | "tolower") {
            self.sign('(')?;
            let inner = self.column()?;
            self.sign(')')?;
            return Some(inner);
        }
        while self.sign('.').is_some() {
            let Token::Word(word) = self.next()? else { return None };
            name = format!("{name}.{word}");
        }
        Some(name)
    }

    fn operator(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(word) if matches!(word.as_str(), "in" | "in~" | "has" | "has_any" | "contains") => {
                Some(word.clone())
            }
            Token::Sign('=') => match self.next()? {
                Token::Sign(second @ ('=' | '~')) => Some(format!("={second}")),
                _ => None,
            },
            _ => None,
        }
    }

    /// A text, a name that was given by `let`, or a list of them.
    fn values(&mut self) -> Option<Vec<String>> {
        let lists = self.lists;
        let end = match self.next()? {
            Token::Text(text) => return Some(vec![text.clone()]),
            Token::Word(word) if word == "dynamic" => {
                self.sign('(')?;
                let all = self.values()?;
                self.sign(')')?;
                return Some(all);
            }
            Token::Word(name) => return lists.get(name.as_str()).cloned(),
            Token::Sign('(') => ')',
            Token::Sign('[') => ']',
            Token::Sign(_) => return None,
        };
        let mut all = self.values()?;
        while self.sign(',').is_some() {
            all.extend(self.values()?);
        }
        self.sign(end)?;
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f";

    fn sign_ins(query: &str) -> Watch {
        watch(&query.replace("ID", ID), "SigninLogs", ID)
    }

    fn audit(query: &str) -> Watch {
        watch(&query.replace("ID", ID), "AuditLogs", ID)
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
        for query in [
            "AuditLogs | where tostring(InitiatedBy.user.id) in~ ('ID') or tostring(TargetResources) has 'ID'",
            "let a = dynamic(['x', 'ID']); AuditLogs | where (InitiatedBy.user.id == 'ID') or (TargetResources has_any (a))",
            "AuditLogs | where TargetResources contains 'ID'",
        ] {
            assert_eq!(audit(query), Watch::Yes, "{query}");
        }
    }

    #[test]
    fn ids_are_written_as_the_logs_write_them() {
        let upper = ID.to_uppercase();
        for (query, wanted) in [
            ("UserId == 'UP'", Watch::Perhaps),
            ("UserId in ('UP')", Watch::Perhaps),
            ("UserId in ('UP', 'ID')", Watch::Yes),
            ("tolower(UserId) == 'UP'", Watch::Perhaps),
            ("UserId =~ 'UP'", Watch::Yes),
            ("UserId in~ ('UP')", Watch::Yes),
            ("UserId has 'UP'", Watch::Yes),
            ("UserId == 'UP' or UserId has_any ('UP')", Watch::Yes),
        ] {
            assert_eq!(
                sign_ins(&format!("SigninLogs | where {}", query.replace("UP", &upper))),
                wanted,
                "{query}"
            );
        }
    }

    #[test]
    fn a_query_of_audit_events_that_looks_elsewhere_is_a_perhaps() {
        for query in [
            "AuditLogs | where tostring(InitiatedBy.user.id) == 'ID'",
            "AuditLogs | where UserId == 'ID'",
            "AuditLogs | where tostring(TargetResources) == 'ID'",
            "AuditLogs | where TargetResources in ('ID')",
            "AuditLogs | where TargetResources has 'x' or InitiatedBy has 'ID'",
            "AuditLogs | where TargetResources[0].id == 'ID'",
        ] {
            assert_eq!(audit(query), Watch::Perhaps, "{query}");
        }
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
            "let a = dynamic(['ID']); SigninLogs | where UserId == 'x'",
            "let a = dynamic(['ID']); SigninLogs | where UserId in ('x') | extend a",
            "SigninLogs | where TargetResources has 'ID'",
            "SigninLogs | where 'ID' == UserId",
            "SigninLogs | where UserId == 'x' or 'ID' == 'y'",
            "SigninLogs | where (UserId == 'ID'",
            "SigninLogs | where UserId = 'ID'",
        ] {
            assert_eq!(sign_ins(query), Watch::Perhaps, "{query}");
        }
        let deep = format!("SigninLogs | where UserId in {}'ID'", "(".repeat(1_000_000));
        assert_eq!(sign_ins(&deep), Watch::Perhaps);
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
