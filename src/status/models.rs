//! Does the tenant still allow the models, and has anything come up against them?

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::fleet::{Fleet, Held};
use super::row::{Id, Row, day, listed, or_pass};
use crate::catalogue::{Advisory, Affects, Applies, Kind, Stand, Told};
use crate::policy::{Agreement, Allowed, PolicySet, Weight};

/// The active keys by model.
fn by_model<'f>(fleet: &Fleet<'f>) -> BTreeMap<Uuid, Vec<&'f Held<'f>>> {
    let mut models: BTreeMap<Uuid, Vec<&'f Held<'f>>> = BTreeMap::new();
    for key in &fleet.active {
        models.entry(key.aaguid).or_default().push(key);
    }
    models
}

fn labels<'f>(keys: &[&Held<'f>]) -> Vec<&'f str> {
    keys.iter().map(|key| key.label).collect()
}

/// A model in words.
fn name(fleet: &Fleet<'_>, aaguid: Uuid) -> String {
    match fleet.case.catalogue.model(aaguid) {
        Some(model) => format!("{} ({aaguid})", model.name),
        None => aaguid.to_string(),
    }
}

pub(super) fn model_known(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::ModelKnown;
    let models = by_model(fleet);
    if models.is_empty() {
        return vec![Row::skipped(id, "there is no active key")];
    }
    let mut rows = Vec::new();
    for (aaguid, keys) in &models {
        let keys = listed(&labels(keys));
        match fleet.case.catalogue.model(*aaguid) {
            None => {
                let cure =
                    "Describe the model in a catalogue folder that the plan names, or replace the keys.";
                rows.push(Row::fail(
                    id,
                    format!("the catalogue does not know the model {aaguid} of {keys}"),
                    cure,
                ));
            }
            Some(model) if fleet.case.catalogue.warning(*aaguid).is_some() => {
                let warned = fleet.case.catalogue.warning(*aaguid).map(|warned| warned.to_string());
                let saw = format!("of {}, the model of {keys}: {}", model.name, warned.unwrap_or_default());
                rows.push(Row::fail(id, saw, "Replace the keys."));
            }
            Some(model) if model.kind == Kind::MetadataOnly => {
                let from = model.sources.join(", ");
                let saw = format!("{}, the model of {keys}, is known by {from} alone", model.name);
                let cure = "Describe the model in a catalogue folder that the plan names.";
                rows.push(Row::warn(id, saw, cure));
            }
            Some(_) => {}
        }
    }
    or_pass(rows, id, "the catalogue knows every model, and FIDO's metadata warn of none")
}

fn policy<'f>(fleet: &Fleet<'f>) -> Option<&'f PolicySet> {
    fleet.case.policy.filter(|policy| !policy.policies.is_empty())
}

pub(super) fn allow_list(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::AllowList;
    let Some(policy) = policy(fleet) else {
        return vec![Row::skipped(id, "the plan names no policy file, so this could not be told")];
    };
    let models = by_model(fleet);
    if models.is_empty() {
        return vec![Row::skipped(id, "there is no active key")];
    }
    let mut rows = Vec::new();
    for (aaguid, keys) in &models {
        let judgements = policy.judge(*aaguid);
        let who = format!("{}, the model of {}", name(fleet, *aaguid), listed(&labels(keys)));
        let told = |wanted: fn(&Allowed) -> bool| {
            let rows =
                judgements.iter().filter(|judgement| wanted(&judgement.allowed)).map(ToString::to_string);
            rows.collect::<Vec<_>>().join("; ")
        };
        if judgements.iter().any(|judgement| matches!(judgement.allowed, Allowed::No(_))) {
            let saw = format!("{who}, is not allowed: {}", told(|allowed| matches!(allowed, Allowed::No(_))));
            let cure = "Put the AAGUID back into the passkey profile and the authentication strength now: a model that is not allowed cannot sign in either.";
            rows.push(Row::fail(id, saw, cure));
        } else if judgements.iter().any(|judgement| matches!(judgement.allowed, Allowed::CannotTell(_))) {
            let doubt = told(|allowed| matches!(allowed, Allowed::CannotTell(_)));
            let saw = format!("it cannot be told whether {who}, is allowed: {doubt}");
            rows.push(Row::warn(id, saw, "Export the policies again, whole."));
        }
    }
    let notes: Vec<String> = policy
        .policies
        .iter()
        .flat_map(|policy| policy.notes.iter().map(|note| (policy.source.as_str(), note)))
        .filter(|(_, note)| note.weight() == Weight::Warn)
        .map(|(source, note)| format!("{}: {note}", source.escape_debug()))
        .collect();
    if !notes.is_empty() {
        let cure = "Look at the policy: it does less than its author may think.";
        rows.push(Row::warn(id, notes.join("; "), cure));
    }
    or_pass(rows, id, "the policies allow the model of every active key")
}

pub(super) fn allow_list_agreement(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::AllowListAgreement;
    let row = match policy(fleet).map_or(Agreement::NothingToCompare, PolicySet::agreement) {
        Agreement::NothingToCompare => Row::skipped(id, "the plan names fewer than two policy files"),
        Agreement::Agree => Row::pass(id, "the policies allow the same models"),
        Agreement::Differ(differences) => {
            let told: Vec<_> = differences.iter().map(ToString::to_string).collect();
            Row::warn(id, told.join("; "), "Make the lists equal in the tenant.")
        }
        Agreement::CannotTell(doubts) => {
            let told =
                doubts.iter().map(|doubt| format!("{}: {}", doubt.source.escape_debug(), doubt.reason));
            Row::warn(id, told.collect::<Vec<_>>().join("; "), "Export the policies again, whole.")
        }
    };
    vec![row]
}

/// An advisory and the keys that it is, or may be, about.
struct Against<'f> {
    advisory: &'f Advisory,
    /// It is about these, and it came out after they were last checked well.
    fresh: Vec<&'f str>,
    /// It is about these.
    yes: Vec<&'f str>,
    /// It may be about these.
    perhaps: Vec<&'f str>,
}

pub(super) fn advisory(fleet: &Fleet<'_>) -> Vec<Row> {
    let id = Id::Advisory;
    if fleet.active.is_empty() {
        return vec![Row::skipped(id, "there is no active key")];
    }
    let catalogue = fleet.case.catalogue;
    let mut alike: BTreeMap<(Uuid, Told), Vec<&Held<'_>>> = BTreeMap::new();
    for key in &fleet.active {
        alike.entry((key.aaguid, key.firmware)).or_default().push(key);
    }
    let mut against: BTreeMap<&str, Against<'_>> = BTreeMap::new();
    for ((aaguid, told), keys) in &alike {
        let firmware = catalogue.told_firmware(*aaguid, *told).version();
        let found = catalogue.advisories_for(*aaguid, firmware);
        for (advisory, applies) in found.into_iter().filter(|(advisory, _)| advisory.affects == Affects::Fido)
        {
            let entry = against.entry(&advisory.id).or_insert_with(|| Against {
                advisory,
                fresh: Vec::new(),
                yes: Vec::new(),
                perhaps: Vec::new(),
            });
            for key in keys {
                let looked = key.last_good_check.unwrap_or(key.enrolled);
                match applies {
                    Applies::Yes if is_news(advisory, looked) => entry.fresh.push(key.label),
                    Applies::Yes => entry.yes.push(key.label),
                    Applies::CannotTell => entry.perhaps.push(key.label),
                    Applies::No => {}
                }
            }
        }
    }
    let mut rows: Vec<Row> = against.values().map(|against| told(id, against)).collect();
    let (open, unsaid) = open(fleet);
    rows.extend(open);
    let mut calm = unsaid;
    if rows.is_empty() {
        calm.insert(0, format!("nothing known against the keys; the catalogue is of {}", catalogue.date()));
    }
    if !calm.is_empty() {
        rows.push(Row::pass(id, calm.join("; ")));
    }
    rows
}

/// Faults of chips on which a vendor is silent: rows for keys whose chip has them, and words for those whose chip nobody
/// tells. That is no "not affected", and no "affected".
fn open(fleet: &Fleet<'_>) -> (Vec<Row>, Vec<String>) {
    let mut silent: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for (aaguid, keys) in &by_model(fleet) {
        for (topic, stand) in fleet.case.catalogue.stands(*aaguid) {
            let (with, unknown) = silent.entry(topic.id.as_str()).or_default();
            match stand {
                Stand::ThatChip(_) => with.extend(labels(keys)),
                Stand::NoStatement => unknown.extend(labels(keys)),
                Stand::Judged | Stand::Denied(_) | Stand::OtherChip(_) => {}
            }
        }
    }
    let (mut rows, mut unsaid) = (Vec::new(), Vec::new());
    for topic in fleet.case.catalogue.topics() {
        let Some((with, unknown)) = silent.get(topic.id.as_str()) else { continue };
        let maker = &topic.chip_maker;
        if !with.is_empty() {
            let keys = listed(with);
            let saw = format!("{}: {keys} have a chip by {maker}, and the vendor says nothing", topic.title);
            rows.push(Row::warn(Id::Advisory, saw, &topic.cure).about(&topic.id));
        }
        if !unknown.is_empty() {
            let keys = listed(unknown);
            let what = format!("{}: no statement by the vendor is known on chips by {maker}", topic.id);
            unsaid.push(format!("{what}, of {keys}"));
        }
    }
    (rows, unsaid)
}

/// Whether nobody can have known of an advisory then: it came out later, or into this organisation's folder.
fn is_news(advisory: &Advisory, looked: Timestamp) -> bool {
    published_after(&advisory.date, looked) || advisory.added.is_some_and(|added| added > looked)
}

/// Whether an advisory came out after a time for sure. Its date may be no more than a year or a month.
fn published_after(date: &str, at: Timestamp) -> bool {
    let looked = day(&at);
    looked.get(..date.len()).is_some_and(|looked| date > looked)
}

fn told(id: Id, against: &Against<'_>) -> Row {
    let Against { advisory, fresh, yes, perhaps } = against;
    let mut parts = vec![format!("{} ({})", advisory.title, advisory.date)];
    if !fresh.is_empty() {
        parts.push(format!("it came out after these were last checked well: {}", listed(fresh)));
    }
    if !yes.is_empty() {
        parts.push(format!("it is about {}", listed(yes)));
    }
    if !perhaps.is_empty() {
        parts.push(format!("it may be about {}", listed(perhaps)));
    }
    let saw = parts.join("; ");
    let row = if fresh.is_empty() {
        Row::warn(id, saw, &advisory.cure)
    } else {
        let cure =
            format!("{} A recorded check of the key that it signs itself takes note of it.", advisory.cure);
        Row::fail(id, saw, cure)
    };
    row.about(&advisory.id)
}
