//! The exported files: what each holds, merged by kind; and what makes a kind unfit to judge by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};

use super::kind::Kind;
use crate::graph;

/// The most bytes that an export may have.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;

/// One file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it holds; `None` where that is not known.
    pub kind: Option<Kind>,
    /// How many entries of that kind.
    pub entries: usize,
    /// Why it counts for nothing, or not whole.
    pub problem: Option<String>,
}

/// All entries of a kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    /// Each entry once.
    pub(super) entries: Vec<Value>,
    /// Where each stands, by its id in small letters.
    places: HashMap<String, usize>,
    /// The files that they are from.
    pub(super) files: BTreeSet<String>,
    /// Why nothing may be concluded from them.
    pub(super) doubts: Vec<String>,
}

/// The exported files.
#[derive(Debug, Clone, Default)]
pub struct Exports {
    /// Every file, in the order of their names.
    pub files: Vec<File>,
    stores: BTreeMap<Kind, Store>,
    /// Each account's methods stand in an answer of their own, which names its user.
    pub(super) methods: Vec<Value>,
}

impl Exports {
    /// Takes the files of a folder: their names, and their bytes or why these could not be read.
    pub fn new(files: impl IntoIterator<Item = (String, Result<Vec<u8>, String>)>) -> Self {
        let mut exports = Self::default();
        for (name, bytes) in files {
            let file = match bytes.and_then(|bytes| document(&bytes)) {
                Ok(document) => exports.take(name, document),
                Err(problem) => File { name, kind: None, entries: 0, problem: Some(problem) },
            };
            exports.files.push(file);
        }
        exports
    }

    pub(super) fn store(&self, kind: Kind) -> Option<&Store> {
        self.stores.get(&kind)
    }

    fn take(&mut self, name: String, mut document: Value) -> File {
        let unfit = |problem: &str| (None, Some(problem.to_owned()));
        let (kind, problem) = if document.get("error").is_some() {
            unfit("an error answer of Graph or Azure")
        } else if document.pointer("/metadata/_generator/name").and_then(Value::as_str) == Some("glasskey") {
            unfit("a template that glasskey made: what is to be, not what the tenant has")
        } else {
            (kind(&document).or_else(|| empty(&document).then(|| Kind::of_file(&name)).flatten()), None)
        };
        let Some(kind) = kind else {
            let problem = problem.unwrap_or_else(|| "not recognised: no export that is asked for".to_owned());
            return File { name, kind: None, entries: 0, problem: Some(problem) };
        };
        let cut = document.get("nextLink").is_some_and(leads_on) || goes_on(&document);
        let store = self.stores.entry(kind).or_default();
        store.files.insert(name.clone());
        if cut {
            store.doubts.push(format!("{name} goes on on a next page, which is not in the folder"));
        }
        let entries = if kind == Kind::AuthenticationMethods {
            let count = document.get("value").and_then(Value::as_array).map_or(0, Vec::len);
            self.methods.push(document);
            count
        } else {
            let entries = entries(&mut document);
            let count = entries.len();
            for entry in entries {
                store.add(&name, entry);
            }
            count
        };
        File {
            name,
            kind: Some(kind),
            entries,
            problem: cut.then(|| "not whole: there is a next page".to_owned()),
        }
    }
}

fn document(bytes: &[u8]) -> Result<Value, String> {
    let text = graph::text(bytes, LIMIT).map_err(|error| error.to_string())?;
    graph::document(&text).map_err(|error| error.to_string())
}

fn leads_on(link: &Value) -> bool {
    !link.is_null() && link.as_str() != Some("")
}

/// Whether an answer of Graph, or a list within it such as a group's members, goes on on a next page.
fn goes_on(value: &Value) -> bool {
    match value {
        Value::Object(all) => all
            .iter()
            .any(|(name, inner)| (name.ends_with("@odata.nextLink") && leads_on(inner)) || goes_on(inner)),
        Value::Array(all) => all.iter().any(goes_on),
        _ => false,
    }
}

/// What a document holds, by what it says of itself.
fn kind(document: &Value) -> Option<Kind> {
    if let Some(context) = document.get("@odata.context").and_then(Value::as_str) {
        return Kind::of_context(context);
    }
    let list = |member: &str| document.get(member).and_then(Value::as_array);
    let Some(entries) = list("value").or_else(|| list("resources")).or_else(|| document.as_array()) else {
        return Kind::of_resource(document);
    };
    let kinds: BTreeSet<_> = entries.iter().filter_map(Kind::of_resource).collect();
    let mut kinds = kinds.into_iter();
    // Resources of two kinds in one file are told apart by nobody here.
    kinds.next().filter(|_| kinds.next().is_none())
}

/// An empty list that does not say of what.
fn empty(document: &Value) -> bool {
    let list = document.get("value").and_then(Value::as_array);
    list.is_some_and(Vec::is_empty) && document.get("@odata.context").is_none()
}

/// The entries of an answer: of its `value`, its `resources`, the list itself, or the one entity.
fn entries(document: &mut Value) -> Vec<Value> {
    let parameters = document.get("parameters").cloned();
    let is_template = document.get("$schema").is_some();
    let taken = ["value", "resources", "authenticationMethodConfigurations"]
        .iter()
        .find_map(|member| document.get_mut(member).filter(|inside| inside.is_array()).map(Value::take));
    let all = match taken {
        Some(Value::Array(all)) => all,
        Some(one) => vec![one],
        None => match document.take() {
            Value::Array(all) => all,
            one => vec![one],
        },
    };
    match parameters {
        Some(parameters) if is_template => all.into_iter().map(|one| resolved(one, &parameters)).collect(),
        _ => all,
    }
}

/// A resource of a template, with what its parameters are by default.
fn resolved(value: Value, parameters: &Value) -> Value {
    match value {
        Value::String(text) => {
            let name = text.strip_prefix("[parameters('").and_then(|rest| rest.strip_suffix("')]"));
            let default = name.and_then(|name| parameters.get(name)?.get("defaultValue"));
            default.cloned().unwrap_or(Value::String(text))
        }
        Value::Array(all) => all.into_iter().map(|one| resolved(one, parameters)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, one)| (name, resolved(one, parameters))).collect()
        }
        other => other,
    }
}

impl Store {
    /// Adds an entry. The same one in two files is one, if they do not contradict each other.
    fn add(&mut self, file: &str, entry: Value) {
        let Some(id) = entry.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase) else {
            self.entries.push(entry);
            return;
        };
        let known = self.places.get(&id).and_then(|place| self.entries.get_mut(*place));
        let (Some(Value::Object(known)), Value::Object(new)) = (known, &entry) else {
            self.places.insert(id, self.entries.len());
            self.entries.push(entry);
            return;
        };
        if let Some(member) = merge(known, new) {
            self.doubts.push(format!("{file} and another file differ in `{member}` of {id}"));
        }
    }
}

/// Adds what `new` says beyond `known`; the first member in which they contradict each other.
fn merge(known: &mut Map<String, Value>, new: &Map<String, Value>) -> Option<String> {
    for (name, value) in new.iter().filter(|(name, _)| !name.contains("@odata.")) {
        match known.get(name) {
            None => drop(known.insert(name.clone(), value.clone())),
            Some(before) if before == value => {}
            Some(_) => return Some(name.clone()),
        }
    }
    None
}
