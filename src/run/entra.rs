//! `entra register|forget|match|emit`: an account's passkeys, made, taken off, and held against the record and the key;
//! bodies, queries and rules for the tenant.

mod forget;
mod register;
mod which;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::emit::{body, write_new};
use super::{World, credentials, record};
use crate::cli::{EmitWhat, EntraVerb, Match};
use crate::ctap::credential_management::Dialect;
use crate::entra::EntraError;
use crate::entra::emit::{Artefact, Form, What, make};
use crate::entra::matching::{Case, Matched, OnKey, matched};
use crate::entra::methods::{LIMIT, Methods};
use crate::error::Error;
use crate::exit::Exit;
use crate::facts::credentials::try_list;
use crate::facts::look;
use crate::graph;
use crate::ledger::Inventory;
use crate::plan::Plan;
use crate::policy::PolicySource;
use crate::term::escape::{escape, escape_lines};
use crate::term::show;

pub(super) fn entra(world: &World, verb: &EntraVerb) -> Result<Exit, Error> {
    match verb {
        EntraVerb::Register(arguments) => register::register(world, arguments),
        EntraVerb::Forget(arguments) => forget::forget(world, arguments),
        EntraVerb::Match(arguments) => match_methods(world, arguments),
        EntraVerb::Emit { what, out } => emit(world, *what, out.as_deref()),
    }
}

fn methods(path: &Path) -> Result<Methods, Error> {
    let file = path.display().to_string();
    let bytes = graph::load(path, LIMIT).map_err(|source| EntraError::Read { file: file.clone(), source })?;
    Ok(Methods::parse(&file, &bytes)?)
}

fn match_methods(world: &World, arguments: &Match) -> Result<Exit, Error> {
    let plan = world.plan()?;
    let unknown = || Error::UnknownAccount(arguments.account.clone());
    let account = plan.account(&arguments.account).ok_or_else(unknown)?;
    let list = methods(&arguments.methods)?;
    let all = arguments.all_methods.as_deref().map(methods).transpose()?;
    let catalogue = world.catalogue_of(Some(&plan))?;
    let ledger = world.ledger()?;
    let inventory = ledger.inventory();
    let on_key = arguments.with_key.then(|| ask(world, arguments, inventory)).transpose()?;
    let case = Case {
        account,
        inventory,
        methods: &list,
        all: all.as_ref(),
        on_key: on_key.as_ref(),
        catalogue: &catalogue,
    };
    let answer = matched(&case);
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.entra-match/1", "well": answer.well, "account": account.name,
            "upn": account.upn, "findings": answer.findings, "passkeys": answer.passkeys,
        }))?;
    } else {
        world.term.out(&show::matched(account, &answer))?;
    }
    Ok(exit(&answer))
}

fn exit(answer: &Matched) -> Exit {
    match answer.well {
        Some(true) => Exit::Yes,
        Some(false) => Exit::No,
        None => Exit::CouldNotTell,
    }
}

/// Asks the key that is plugged in which passkeys it holds for Entra.
fn ask(world: &World, arguments: &Match, inventory: &Inventory) -> Result<OnKey, Error> {
    let found = world.one()?;
    let mut session = world.open(&found, &world.progress(), "", "the key is working")?;
    let facts = look(&found, &mut session)?;
    let dialect = Dialect::of(&facts.info).ok_or(Error::NoCredentialManagement)?;
    let label = match record::recognise(&mut session, &facts.info, inventory)? {
        record::Known::As(key) => Some(key.label.clone()),
        record::Known::AsNone | record::Known::CannotTell => None,
    };
    let (permit, pin) = credentials::ask_pin(world, &facts, arguments.pin)?;
    let authority = credentials::prove(&mut session, &facts, permit, &pin)?;
    let listed = try_list(&mut session, dialect, &authority)?;
    let passkey =
        |passkey: &crate::key::manage::Passkey| (passkey.credential_id.clone(), passkey.user_name.clone());
    Ok(OnKey { label, aaguid: facts.info.aaguid, passkeys: listed.entra().map(passkey).collect() })
}

/// What was asked for, by the words of the room.
fn wanted(what: EmitWhat) -> &'static [What] {
    match what {
        EmitWhat::CaPolicies => &[What::CaPolicies],
        EmitWhat::Strength => &[What::Strength],
        EmitWhat::Group => &[What::Group],
        EmitWhat::Rmau => &[What::Rmau],
        EmitWhat::AlertRule => &[What::AlertRule],
        EmitWhat::Kql => &[What::Kql],
        EmitWhat::SentinelRule => &[What::SentinelRule],
        EmitWhat::All => What::ALL,
    }
}

fn emit(world: &World, what: EmitWhat, out: Option<&Path>) -> Result<Exit, Error> {
    let plan = world.plan()?;
    let strength = match &plan.policy.authentication_strength {
        Some(file) => PolicySource::load(&plan.resolve(file))?.strength_id(),
        None => None,
    };
    let (mut made, mut missing) = (Vec::new(), Vec::new());
    for one in wanted(what) {
        match make(&plan, *one, strength) {
            Ok(artefacts) => made.extend(artefacts),
            // One thing that cannot be made is told, and keeps the others from nobody.
            Err(error) if what == EmitWhat::All => missing.push((one.word(), error)),
            Err(error) => return Err(error.into()),
        }
    }
    let files = written(out, &made)?;
    if world.term.json {
        let artefact = |(artefact, file): (&Artefact, &Option<PathBuf>)| {
            let file = file.as_ref().map(|file| file.display().to_string());
            let command = artefact.command(&plan, file.as_deref().unwrap_or(&artefact.name));
            json!({ "artefact": artefact, "file": file, "command": command })
        };
        let missing = missing
            .iter()
            .map(|(what, error)| json!({ "what": what, "message": error.to_string(), "cure": error.hint() }));
        world.term.document(&json!({
            "schema": "glasskey.entra-emit/1",
            "artefacts": made.iter().zip(&files).map(artefact).collect::<Vec<_>>(),
            "missing": missing.collect::<Vec<_>>(),
        }))?;
    } else {
        if out.is_none() {
            print(world, &made)?;
        }
        tell(world, &plan, &made, &files);
        for (_, error) in &missing {
            world.term.complain(&escape(&format!("left out: {error}; {}", error.hint())));
        }
    }
    Ok(if missing.is_empty() { Exit::Yes } else { Exit::CouldNotTell })
}

/// Writes each thing to a file of its own, where a place is named: one to that file, several into that folder.
fn written(out: Option<&Path>, made: &[Artefact]) -> Result<Vec<Option<PathBuf>>, Error> {
    let Some(out) = out else { return Ok(vec![None; made.len()]) };
    let place = |artefact: &Artefact| if made.len() == 1 { out.to_owned() } else { out.join(&artefact.name) };
    if made.len() > 1 {
        let fault = |source| Error::File { file: out.display().to_string(), source };
        std::fs::create_dir_all(out).map_err(fault)?;
    }
    let write = |artefact: &Artefact| {
        let path = place(artefact);
        write_new(&path, &text(artefact)?)?;
        Ok(Some(path))
    };
    made.iter().map(write).collect()
}

fn text(artefact: &Artefact) -> Result<String, Error> {
    match &artefact.form {
        Form::Query { text } => Ok(text.clone()),
        Form::Request(request) => body(&request.body),
        Form::Template { body: template } => body(template),
    }
}

/// One body, or queries one below the other.
fn print(world: &World, made: &[Artefact]) -> Result<(), Error> {
    let queries = made.iter().all(|artefact| artefact.body().is_none());
    if made.len() > 1 && !queries {
        return Err(EntraError::Several(made.len()).into());
    }
    let texts = made.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let texts = texts.join("\n");
    Ok(world.term.out(&if queries { escape_lines(&texts) } else { texts })?)
}

/// What each thing does, and the command that sends it.
fn tell(world: &World, plan: &Plan, made: &[Artefact], files: &[Option<PathBuf>]) {
    for (artefact, file) in made.iter().zip(files) {
        let file = file.as_ref().map(|file| file.display().to_string());
        let named = file.as_deref().unwrap_or(&artefact.name);
        world.term.note(&escape(&format!("{named}: {}", artefact.what)));
        if let Some(command) = artefact.command(plan, named) {
            world.term.note(&escape(&command));
        }
    }
}
