//! What came of a registration: the body in its file, words or JSON, and the command that sends it.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::emit::{body, reason};
use super::super::super::{World, record};
use crate::catalogue::Catalogue;
use crate::disk::NewFile;
use crate::entra::RegisterError;
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::Facts;
use crate::graph::Request;
use crate::ledger::Event;
use crate::ledger::payload::EntraRegistered;
use crate::plan::Account;
use crate::term::escape::escape;
use crate::term::show;
use crate::verdict::Verdict;

/// What came of it.
pub(super) struct Told<'a> {
    pub(super) account: &'a Account,
    pub(super) label: &'a str,
    pub(super) request: Request,
    pub(super) registered: &'a EntraRegistered,
    /// Until when Entra takes the body, where that is known.
    pub(super) expires: Option<Timestamp>,
    /// What was found of the key; nothing where the record alone was asked.
    pub(super) checked: Option<(&'a Facts, &'a Catalogue, &'a Verdict)>,
    pub(super) event: &'a Event,
    pub(super) remarks: &'a [String],
}

impl Told<'_> {
    /// The file, last: the passkey is on record by then.
    pub(super) fn write(&self, out: NewFile, file: &Path) -> Result<(), Error> {
        let text = body(&self.request.body)?;
        out.write(&text).map_err(|error| {
            let (label, file) = (self.label.to_owned(), file.display().to_string());
            RegisterError::NotWritten { label, file, source: reason(error) }.into()
        })
    }

    pub(super) fn tell(&self, world: &World, file: &Path) -> Result<Exit, Error> {
        let file = file.display().to_string();
        let command = self.request.az_rest(&file);
        for remark in self.remarks {
            world.term.complain(&escape(remark));
        }
        if world.term.json {
            let checked = self.checked.map(|(facts, _, verdict)| (facts, verdict));
            let passkey = json!({
                "credential_id": BASE64_URL_SAFE_NO_PAD.encode(self.registered.credential_id.as_slice()),
                "rp_id": self.registered.rp_id, "aaguid": self.registered.aaguid,
                "name": self.request.body.get("displayName"),
            });
            let request = json!({
                "method": self.request.method, "url": self.request.url, "file": file, "command": command,
                "expires": self.expires,
            });
            let event = record::place(self.event);
            world.term.document(&document(
                self.account,
                self.label,
                checked,
                [passkey, request, event],
                self.remarks,
            ))?;
            return Ok(world.ended());
        }
        if let Some((facts, catalogue, verdict)) = self.checked {
            world.term.out(&show::check(facts, catalogue, verdict))?;
        }
        world.term.out(&format!(
            "{} holds a passkey of {}\n{}{} is written\n",
            escape(self.label),
            escape(self.account.upn.as_str()),
            show::ledger::kept(self.event),
            escape(&file)
        ))?;
        match self.expires {
            Some(at) => world.term.complain(&format!("send it before {at}:")),
            None => world.term.complain("send it before its challenge runs out:"),
        }
        world.term.complain(&escape(&command));
        Ok(world.ended())
    }
}

/// Tells of a key that is not fit: nothing was made.
pub(super) fn refused(
    world: &World,
    facts: &Facts,
    catalogue: &Catalogue,
    verdict: &Verdict,
    account: &Account,
    label: &str,
) -> Result<(), Error> {
    if world.term.json {
        let nothing = [Value::Null, Value::Null, Value::Null];
        world.term.document(&document(account, label, Some((facts, verdict)), nothing, &[]))?;
    } else {
        world.term.out(&show::check(facts, catalogue, verdict))?;
    }
    Ok(())
}

fn document(
    account: &Account,
    label: &str,
    checked: Option<(&Facts, &Verdict)>,
    [passkey, request, event]: [Value; 3],
    remarks: &[String],
) -> Value {
    json!({
        "schema": "glasskey.entra-register/1", "account": account.name, "upn": account.upn, "label": label,
        "verdict": checked.map(|(_, verdict)| verdict.outcome),
        "key": checked.map(|(facts, _)| facts),
        "findings": checked.map(|(_, verdict)| &verdict.findings),
        "passkey": passkey, "request": request, "event": event, "remarks": remarks,
    })
}
