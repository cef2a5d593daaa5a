//! The keys of one day: a CSV file with a row for each key that is to be enrolled, held against the plan and the ledger.
//! Pure: whoever reads the file hands in its bytes.
//!
//! ```csv
//! label,account,site
//! EA-01-A,EA-01,Berlin
//! EA-02-A,EA-02,
//! ```
//!
//! The first line is exactly this one. A label and an account in every row; a site where one is known. Nothing is guessed:
//! all that is wrong is told, and then no row counts.

use std::collections::HashMap;
use std::iter::{Enumerate, Peekable};
use std::slice;

use serde::Serialize;

use crate::escape::escape;
use crate::ledger::inventory::{Inventory, Refusal, State};
use crate::plan::{Plan, folded, same};

/// The most bytes of a file that are read.
pub const LIMIT: usize = 1 << 20;
/// The most rows: more keys than anybody enrolls with one file.
pub const MOST: usize = 1000;
/// The most characters of a cell that are told: as many as a label may have.
const SHOWN: usize = 64;
/// The first line.
const HEADER: [&str; 3] = ["label", "account", "site"];

/// One key that is to be in custody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Its label.
    pub label: String,
    /// Its account, as the plan writes it.
    pub account: String,
    /// Where it will lie, as the plan writes it.
    pub site: Option<String>,
    /// Whether a key is enrolled for it already.
    #[serde(skip)]
    pub enrolled: bool,
}

/// Something that is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which, from 1.
    pub line: u64,
    /// What; escaped.
    pub what: String,
}

/// Why no row counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// More than [`LIMIT`] bytes.
    #[error("larger than {LIMIT} bytes, no list of keys is that large")]
    TooLarge,
    /// More than [`MOST`] rows.
    #[error("more than {MOST} rows")]
    TooMany,
    /// No row at all.
    #[error("it names no key")]
    Empty,
    /// What is wrong, line by line.
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
}

fn listed(faults: &[Fault]) -> String {
    let lines = faults.iter().map(|fault| format!("\n  line {}: {}", fault.line, fault.what));
    format!("nothing was done{}", lines.collect::<String>())
}

/// Reads the rows of a file.
///
/// # Errors
/// [`BatchError`]: all that is wrong with all lines at once.
pub fn read(bytes: &[u8], plan: &Plan, inventory: &Inventory) -> Result<Vec<Row>, BatchError> {
    if bytes.len() > LIMIT {
        return Err(BatchError::TooLarge);
    }
    // Spreadsheets put a mark before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut record = csv::ByteRecord::new();
    let mut headed = false;
    let mut lines = Lines { bytes: bytes.iter().enumerate().peekable(), line: 1 };
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        if !headed {
            headed = true;
            if record != HEADER[..] {
                let what = format!("the first line is not `{}`", HEADER.join(","));
                return Err(BatchError::Faults(vec![Fault { line, what }]));
            }
            continue;
        }
        if rows.len() == MOST {
            return Err(BatchError::TooMany);
        }
        let mut told = Vec::new();
        let row = row(&record, line, plan, inventory, &mut told);
        if let Some(row) = row {
            if let Some(first) = seen.insert(folded(&row.label), line) {
                told.push(format!("line {first} has the label {} too", quoted(&row.label)));
            }
            rows.push(row);
        }
        faults.extend(told.into_iter().map(|what| Fault { line, what }));
    }
    match (faults.is_empty(), rows.is_empty()) {
        (false, _) => Err(BatchError::Faults(faults)),
        (true, true) => Err(BatchError::Empty),
        (true, false) => Ok(rows),
    }
}

/// Counts the lines of a file, from 1, as they are read. A line ends with LF, CR LF or CR.
struct Lines<'b> {
    bytes: Peekable<Enumerate<slice::Iter<'b, u8>>>,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that is read from this byte on: the end of the line before, and blank lines, come before it.
    fn of(&mut self, byte: u64) -> u64 {
        let is_end = |byte: u8| matches!(byte, b'\r' | b'\n');
        let before =
            |(at, there): &(usize, &u8)| u64::try_from(*at).is_ok_and(|at| at < byte) || is_end(**there);
        while let Some((_, there)) = self.bytes.next_if(before) {
            let half = *there == b'\r' && self.bytes.peek().is_some_and(|(_, next)| **next == b'\n');
            if is_end(*there) && !half {
                self.line += 1;
            }
        }
        self.line
    }
}

/// One row, as far as it can be read; what is wrong with it goes to `told`.
fn row(
    record: &csv::ByteRecord,
    line: u64,
    plan: &Plan,
    inventory: &Inventory,
    told: &mut Vec<String>,
) -> Option<Row> {
    let cells: Vec<Option<&str>> = record.iter().map(|cell| str::from_utf8(cell).ok()).collect();
    let [Some(label), Some(account), Some(site)] = cells.as_slice() else {
        told.push(match cells.len() {
            3 => "it is not UTF-8".to_owned(),
            count => format!("{count} cells instead of {}", HEADER.len()),
        });
        return None;
    };
    let planned = plan.account(account).map(|account| account.name.as_str());
    if planned.is_none() {
        told.push(format!("the plan has no account {}", quoted(account)));
    }
    let place = plan.site(site).map(|site| site.name.to_string());
    if place.is_none() && !site.is_empty() {
        told.push(format!("the plan has no site {}", quoted(site)));
    }
    let enrolled = enrolled(label, planned, inventory).unwrap_or_else(|what| {
        told.push(what);
        false
    });
    let account = planned.unwrap_or(account).to_owned();
    Some(Row { line, label: (*label).to_owned(), account, site: place, enrolled })
}

/// Whether the label is that of an active key of this account; an error where it cannot be a new key's.
fn enrolled(label: &str, account: Option<&str>, inventory: &Inventory) -> Result<bool, String> {
    let named = quoted(label);
    match (inventory.admit_label(label), inventory.key(label)) {
        (Ok(()), _) => Ok(false),
        (Err(Refusal::LabelTaken(_)), Some(key)) if key.state != State::Active => {
            Err(format!("the label {named} is that of a key that is {}", key.state.words()))
        }
        (Err(Refusal::LabelTaken(_)), Some(key)) => match account {
            Some(account) if !same(account, &key.account) => {
                Err(format!("{named} is enrolled for {}", quoted(&key.account)))
            }
            _ => Ok(true),
        },
        (Err(Refusal::LabelTaken(_)), None) => Err(format!("a key had the label {named} before")),
        (Err(Refusal::BadLabel { why, .. }), _) => Err(format!("{named} is no label: {why}")),
        (Err(refusal), _) => Err(escape(&refusal.to_string())),
    }
}

/// A cell; a long one is cut, for what is wrong with it stands behind it, and a line too long for the screen is cut there.
fn quoted(text: &str) -> String {
    let cut = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("'{}{cut}'", escape(&text.chars().take(SHOWN).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::escape_lines;

    #[test]
    fn what_is_wrong_with_a_long_cell_is_not_cut() {
        let plan = Plan::parse("p", include_str!("../tests/data/plan/good.toml")).unwrap();
        for cell in ["\u{18}".repeat(170), "x".repeat(2000), "\u{10fffd}".repeat(65)] {
            let file = format!("label,account,site\n{cell},{cell},{cell}\n");
            let told = read(file.as_bytes(), &plan, &Inventory::default()).unwrap_err().to_string();
            assert_eq!(escape_lines(&told), told, "as it is shown");
            for wrong in ["the plan has no account '", "the plan has no site '", "' is no label: it has "] {
                assert!(told.contains(wrong), "{told}");
            }
        }
    }
}
