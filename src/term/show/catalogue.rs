//! Models, and FIDO's metadata, as people read them.

use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

use super::lists::word;
use super::{escape, heading, line, row};
use crate::catalogue::{Applies, Catalogue, Model, Stand};
use crate::mds::store::Kept;
use crate::mds::{HOST, Proof, Warning};
use crate::verdict::finding::Status;

/// Models, one a line.
#[must_use]
pub fn models(models: &[&Model]) -> String {
    let lines = models
        .iter()
        .map(|model| format!("{}  {} · {}\n", model.aaguid, escape(&model.vendor), escape(&model.name)));
    lines.collect::<String>() + &format!("{} models\n", models.len())
}

/// One model, with who makes it, what vouches for it, what FIDO says of it, and what is known against it.
#[must_use]
pub fn model(catalogue: &Catalogue, model: &Model, today: Date) -> String {
    let mut text = heading(&format!("{} · {}", escape(&model.name), escape(&model.vendor)));
    let said = |items: Vec<String>| if items.is_empty() { None } else { Some(items.join(", ")) };
    let makers = catalogue.makers(model.aaguid);
    let rows = [
        ("AAGUID", Some(model.aaguid.to_string())),
        ("kind", Some(model.kind.words().to_owned())),
        (
            "firmware series",
            model.firmware_min.map(|from| {
                model.firmware_max.map_or_else(|| from.to_string(), |to| format!("{from} to {to}"))
            }),
        ),
        ("form factor", said(model.form_factors.clone())),
        (
            "transports",
            model.transports.as_ref().map(|list| list.iter().map(word).collect::<Vec<_>>().join(", ")),
        ),
        ("fingerprint", Some(word(&model.bio))),
        ("FIPS", model.fips.clone()),
        ("FIDO certification", Some(word(&model.certification))),
        ("FIDO metadata status", model.mds_status.clone()),
        ("on Microsoft's list", Some(word(&model.entra_listed))),
        (
            "made or sold by",
            said(makers.iter().map(|maker| format!("{} ({})", maker.name, word(&maker.role))).collect()),
        ),
        ("chip", catalogue.chip(model.aaguid).map(|chip| format!("{chip} ({})", word(&chip.confidence)))),
        ("sources", said(model.sources.clone())),
    ];
    text.extend(rows.map(|(name, value)| line(name, value)));
    text.extend(model.notes.iter().map(|note| line("note", Some(note.clone()))));
    if let Some(warned) = catalogue.warning(model.aaguid) {
        text.push_str(&row(Status::Fail, "FIDO warns", &warned.to_string(), Some("Do not use this model.")));
    }
    if let Some(kept) = catalogue.metadata() {
        text.push_str(&metadata(catalogue, kept, model.aaguid, today));
    }
    text.push_str(&heading("anchors"));
    let mut anchors = 0_usize;
    for anchor in catalogue.anchor_records(model.aaguid) {
        anchors = anchors.saturating_add(1);
        text.push_str(&format!(
            "  {}  {} to {}  ({})\n",
            escape(&anchor.name),
            anchor.not_before,
            anchor.not_after,
            word(&anchor.kind)
        ));
    }
    if anchors == 0 {
        text.push_str("  none: it cannot be told whether such a key is genuine\n");
    }
    text.push_str(&quirks(catalogue, model.aaguid));
    text.push_str(&heading("advisories, for a key whose firmware is not known"));
    let advisories = catalogue.advisories_for(model.aaguid, None);
    for (advisory, applies) in &advisories {
        let status = if *applies == Applies::Yes { Status::Warn } else { Status::Skipped };
        text.push_str(&row(status, &advisory.id, &advisory.title, Some(&advisory.cure)));
    }
    for (topic, stand) in catalogue.stands(model.aaguid) {
        let (status, saw) = match stand {
            Stand::Judged => continue,
            Stand::Denied(statement) => (Status::Pass, format!("the vendor says: {}", statement.says)),
            Stand::OtherChip(chip) => (Status::Pass, format!("its chip is by {chip}")),
            Stand::ThatChip(chip) => {
                (Status::Warn, format!("its chip is by {chip}, and the vendor says nothing"))
            }
            Stand::NoStatement => {
                let of = &topic.chip_maker;
                (Status::Skipped, format!("no statement by the vendor is known on chips by {of}"))
            }
        };
        text.push_str(&row(status, &topic.id, &saw, None));
    }
    if advisories.is_empty() {
        text.push_str("  none known\n");
    }
    text
}

fn quirks(catalogue: &Catalogue, aaguid: Uuid) -> String {
    let mut text = String::new();
    for quirk in catalogue.quirks_of(aaguid) {
        if text.is_empty() {
            text.push_str(&heading("quirks"));
        }
        let status = if quirk.matters.is_some() { Status::Warn } else { Status::Pass };
        let matters = quirk.matters.as_deref().map(|matters| format!(" {matters}")).unwrap_or_default();
        let saw = format!("{} (seen on {}). {}{matters}", quirk.title, quirk.seen_on, quirk.handled);
        text.push_str(&row(status, &quirk.id, &saw, quirk.cure.as_deref()));
    }
    text
}

/// What imported metadata says of a model, and how old it is.
fn metadata(catalogue: &Catalogue, kept: &Kept, aaguid: Uuid, today: Date) -> String {
    let metadata = &kept.metadata;
    let mut text = heading(&format!("imported: {}", metadata.name()));
    let next = if metadata.is_stale(today) {
        format!("{}, which is over: import a newer BLOB", metadata.next_update)
    } else {
        metadata.next_update.to_string()
    };
    text.push_str(&line("imported at", Some(kept.imported.to_string())));
    text.push_str(&line("next update", Some(next)));
    if catalogue.metadata_is_behind() {
        let than =
            format!("older than no. {}, of which the catalogue was made", catalogue.about().mds_number);
        text.push_str(&line("counts", Some(format!("only where it warns: it is {than}"))));
    }
    match metadata.entry(aaguid) {
        None => text.push_str("  it does not list the model\n"),
        Some(entry) => {
            text.push_str(&line("name there", Some(entry.description.clone())));
            for report in &entry.reports {
                let since = report.date.map(|date| format!(" since {date}")).unwrap_or_default();
                let of = report.version.map(|version| format!(", of version {version}")).unwrap_or_default();
                text.push_str(&line("status", Some(format!("{}{since}{of}", report.status))));
            }
            text.extend(entry.remarks.iter().map(|remark| line("unread", Some(remark.clone()))));
        }
    }
    text
}

/// What an import brought.
#[derive(Debug)]
pub struct Imported {
    /// The metadata as they are kept now.
    pub kept: Kept,
    /// Where.
    pub file: String,
    /// The number of those that were kept before.
    pub before: Option<u32>,
    /// Whether newer ones should be out already.
    pub stale: bool,
    /// The number that the catalogue was made from, where that is higher.
    pub behind: Option<u32>,
    /// Models that the catalogue does not have.
    pub new: Vec<(Uuid, String)>,
    /// Models that FIDO warns of.
    pub warned: Vec<(Uuid, String, Warning)>,
    /// What could not be read in an entry.
    pub remarks: Vec<String>,
}

/// What an import brought, and what of it is to be looked at.
#[must_use]
pub fn imported(imported: &Imported) -> String {
    let metadata = &imported.kept.metadata;
    let tally = &metadata.tally;
    let mut text = heading(&metadata.name());
    let mut tell = |status, name: &str, saw: String, cure: Option<&str>| {
        text.push_str(&row(status, name, &saw, cure));
    };
    match &metadata.proof {
        Proof::Signed { root, at, .. } => {
            let saw = format!("by the certificate of {HOST}, which leads to {root} and was valid at {at}");
            tell(Status::Pass, "signature", saw, None);
        }
        Proof::Unsigned => {
            let saw =
                "nobody signed it; it is marked wherever it is used, and its root certificates don't count";
            tell(Status::Warn, "signature", saw.to_owned(), Some("Import the signed BLOB when you have it."));
        }
    }
    let next = format!("the next was promised for {}", metadata.next_update);
    if imported.stale {
        tell(Status::Warn, "age", format!("{next}, which is over"), Some("Get a newer BLOB."));
    } else {
        tell(Status::Pass, "age", next, None);
    }
    if let Some(number) = imported.behind {
        let saw =
            format!("older than no. {number}, of which the catalogue was made: only its warnings count");
        tell(Status::Warn, "number", saw, Some("Get a newer BLOB."));
    }
    let left = tally.left_out.len();
    let counts = format!(
        "{} entries: {} FIDO2 models, {} U2F, {} UAF, {left} not read",
        tally.entries, tally.models, tally.u2f, tally.uaf
    );
    tell(if left == 0 { Status::Pass } else { Status::Warn }, "entries", counts, None);
    for out in &tally.left_out {
        let name = out.name.as_deref().unwrap_or("no name");
        tell(Status::Warn, "not read", format!("entry {} ({name}): {}", out.place, out.why), None);
    }
    for remark in &imported.remarks {
        tell(Status::Skipped, "in part", remark.clone(), None);
    }
    for (aaguid, name, warning) in &imported.warned {
        tell(Status::Fail, "FIDO warns", format!("{name} ({aaguid}): {warning}"), None);
    }
    tell(
        Status::Pass,
        "new",
        format!("{} models that the catalogue does not have", imported.new.len()),
        None,
    );
    for (aaguid, name) in &imported.new {
        text.push_str(&format!("    {aaguid}  {}\n", escape(name)));
    }
    let before = imported.before.map(|number| format!(", in place of no. {number}")).unwrap_or_default();
    text.push_str(&format!(
        "kept in {}{before}\nSHA-256 {}\n",
        escape(&imported.file),
        hex::encode(metadata.sha256)
    ));
    text
}

/// An enrolled key that an advisory is about.
#[derive(Debug, Serialize)]
pub struct Concerned {
    /// Its label.
    pub label: String,
    /// For which account.
    pub account: String,
    /// Whether it is about the key for sure, and not only perhaps.
    pub sure: bool,
}

/// An advisory that was added.
#[derive(Debug, Serialize)]
pub struct NewAdvisory {
    /// Its id.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it means for a key in a safe.
    pub meaning: String,
    /// What to do.
    pub cure: String,
    /// How many active keys were judged by it; `None` where there is no ledger.
    pub judged: Option<usize>,
    /// Those that it is, or may be, about.
    pub keys: Vec<Concerned>,
}

/// Advisories that were added, and the enrolled keys that each is about.
#[must_use]
pub fn advisories(file: &str, new: &[NewAdvisory]) -> String {
    let mut text = String::new();
    for advisory in new {
        text.push_str(&heading(&format!("{}: {}", escape(&advisory.id), escape(&advisory.title))));
        text.push_str(&row(Status::Skipped, "in a safe", &advisory.meaning, None));
        for key in &advisory.keys {
            let may = if key.sure { "it is about" } else { "it may be about" };
            let saw = format!("{may} {} of {}", key.label, key.account);
            text.push_str(&row(Status::Warn, "enrolled key", &saw, Some(&advisory.cure)));
        }
        match advisory.judged {
            None => {
                text.push_str(&row(Status::Skipped, "enrolled keys", "there is no ledger to judge", None))
            }
            Some(judged) if advisory.keys.is_empty() => {
                let saw = format!("none of the {judged} active keys");
                text.push_str(&row(Status::Pass, "enrolled keys", &saw, None));
            }
            Some(_) => {}
        }
    }
    text + &format!("kept in {}; `glasskey status` judges by it from now on\n", escape(file))
}
