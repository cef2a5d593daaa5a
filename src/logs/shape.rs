//! Where the entries are: pages, tables, records, lists, or one a line.

use serde_json::{Map, Value};

use super::LogError;
use super::entry::wrong;

/// The entries of a file, each with its place.
pub(super) struct Found {
    pub(super) entries: Vec<(String, Map<String, Value>)>,
    /// The last page's `@odata.context`, which says what it is a page of.
    pub(super) context: Option<String>,
    /// Whether the last page says that another one follows.
    follows: bool,
    /// Whether an answer says that it could not give all.
    torn: bool,
}

pub(super) fn entries(documents: Vec<Value>) -> Result<Found, LogError> {
    let mut found = Found { entries: Vec::new(), context: None, follows: false, torn: false };
    let alone = documents.len() == 1;
    for (number, document) in documents.into_iter().enumerate() {
        // Counted from 1, as lines are.
        let at = if alone { "$".to_owned() } else { format!("document {}: $", number.saturating_add(1)) };
        found.take(at, document)?;
    }
    Ok(found)
}

impl Found {
    /// Whether there is more than the file holds.
    pub(super) fn partial(&self) -> bool {
        self.follows || self.torn
    }

    fn take(&mut self, at: String, value: Value) -> Result<(), LogError> {
        match value {
            Value::Array(items) => self.list(&at, items),
            Value::Object(object) => self.object(at, object),
            _ => Err(wrong(at, "a log is made of objects, and this is none")),
        }
    }

    fn list(&mut self, at: &str, items: Vec<Value>) -> Result<(), LogError> {
        for (place, item) in items.into_iter().enumerate() {
            self.take(format!("{at}[{place}]"), item)?;
        }
        Ok(())
    }

    fn object(&mut self, at: String, mut object: Map<String, Value>) -> Result<(), LogError> {
        let list = |object: &mut Map<String, Value>, name: &str| match object.remove(name) {
            Some(Value::Array(items)) => Some(items),
            Some(other) => {
                object.insert(name.to_owned(), other);
                None
            }
            None => None,
        };
        let value = list(&mut object, "value");
        // Beside entries: an answer that broke off (`PartialError` of Log Analytics).
        let holds = ["records", "tables"].iter().any(|name| object.get(*name).is_some_and(Value::is_array));
        self.torn |= (value.is_some() || holds) && object.get("error").is_some_and(|error| !error.is_null());
        if let Some(items) = value {
            let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            // Of pages one after the other only the last one says whether more is to come.
            self.follows = text("@odata.nextLink").or_else(|| text("nextLink")).is_some();
            self.context = text("@odata.context").map(str::to_owned);
            return self.list(&format!("{at}.value"), items);
        }
        if let Some(items) = list(&mut object, "records") {
            return self.list(&format!("{at}.records"), items);
        }
        if let Some(tables) = list(&mut object, "tables") {
            for (place, table) in tables.into_iter().enumerate() {
                self.table(&format!("{at}.tables[{place}]"), table)?;
            }
            return Ok(());
        }
        self.entries.push((at, record(object)));
        Ok(())
    }

    /// A table of a Log Analytics query: columns with names, rows with as many cells.
    fn table(&mut self, at: &str, table: Value) -> Result<(), LogError> {
        let Value::Object(mut table) = table else { return Err(wrong(at, "a table must be an object")) };
        let mut list = |name: &str| match table.remove(name) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(wrong(at, format!("a table must have a list `{name}`"))),
        };
        let names = list("columns")?.into_iter().map(|column| {
            let name = column.get("name").and_then(Value::as_str).map(str::to_owned);
            name.ok_or_else(|| wrong(at, "every column must have a `name`"))
        });
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        for (place, row) in list("rows")?.into_iter().enumerate() {
            let at = format!("{at}.rows[{place}]");
            match row {
                Value::Array(cells) if cells.len() == names.len() => {
                    self.entries.push((at, names.iter().cloned().zip(cells).collect()));
                }
                _ => {
                    return Err(wrong(
                        at,
                        format!("a row must have {} cells, as there are columns", names.len()),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// A record of a diagnostic setting keeps the entry in `properties`; its time may stand outside of it.
fn record(mut object: Map<String, Value>) -> Map<String, Value> {
    if !object.contains_key("category") {
        return object;
    }
    match object.remove("properties") {
        Some(Value::Object(mut properties)) => {
            if let Some(time) = object.remove("time") {
                properties.entry("time").or_insert(time);
            }
            properties
        }
        Some(other) => {
            object.insert("properties".to_owned(), other);
            object
        }
        None => object,
    }
}
