//! Export: the record for other programs. JSON Lines holds everything; CSV is an overview for a spreadsheet.

use serde_json::{Value, json};

use super::chain::Entry;

/// The columns of CSV.
pub const COLUMNS: [&str; 8] = ["seq", "at", "kind", "label", "says", "signed", "seal", "hash"];

/// One event as JSON, all that the file holds of it: whoever has it can verify it.
#[must_use]
pub fn object(entry: &Entry) -> Value {
    let event = &entry.event;
    json!({
        "seq": event.seq, "at": event.at, "kind": event.kind, "body": event.body, "prev": event.prev,
        "seal": event.seal, "receipt": event.receipt, "hash": event.hash,
    })
}

/// One event as cells of CSV.
#[must_use]
pub fn cells(entry: &Entry) -> [String; COLUMNS.len()] {
    let event = &entry.event;
    let label = entry.body.as_ref().and_then(|body| body.event.label()).unwrap_or_default();
    let signed = if event.receipt.is_some() { "yes" } else { "no" };
    [
        event.seq.to_string(),
        event.at.to_string(),
        neutral(&event.kind),
        neutral(label),
        neutral(&says(entry)),
        signed.to_owned(),
        event.seal.to_string(),
        event.hash.to_string(),
    ]
}

/// One line of CSV (RFC 4180).
///
/// # Errors
/// What the writer says; into memory it says nothing.
pub fn csv_line<I: AsRef<[u8]>>(cells: impl IntoIterator<Item = I>) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells)?;
    let line = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// What an event says in few words: its members but for the label and the long ones. Foreign text.
#[must_use]
pub fn says(entry: &Entry) -> String {
    let Some(body) = &entry.body else { return "written by a later version".to_owned() };
    let Ok(Value::Object(members)) = serde_json::to_value(&body.event) else { return String::new() };
    let short = members.iter().filter(|(name, _)| *name != "kind" && *name != "label");
    let words = short.filter_map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) | Value::Null => return None,
        };
        Some(format!("{}: {value}", name.replace('_', " ")))
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Text that a spreadsheet shows and does not run: a cell that it would take for a formula gets a `'` before it, and
/// control characters become spaces.
#[must_use]
pub fn neutral(text: &str) -> String {
    let calm: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let risky = text.starts_with(['\t', '\r', '\n']) || calm.trim_start().starts_with(formula);
    if risky { format!("'{calm}") } else { calm }
}
