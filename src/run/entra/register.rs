//! `entra register`: an account's passkey is made on a key that is enrolled for it. All that can be wrong without the key
//! is found before it is touched, all that can be wrong with it before anything is made.

mod ceremony;
mod tell;

use std::path::Path;

use super::super::World;
use super::super::emit;
use super::super::plan::{allow_lists, sound};
use crate::cli::Register;
use crate::entra::options::{CreationOptions, Edition, LIMIT};
use crate::entra::register::{DisplayName, accept, request};
use crate::entra::{EntraError, RegisterError};
use crate::error::Error;
use crate::exit::Exit;
use crate::graph;
use crate::ledger::inventory::{EntraCredential, Key};
use crate::ledger::payload::{EntraRegistered, Payload};
use crate::plan::{Account, Plan, same};
use crate::webauthn::client_data::ClientData;
use crate::webauthn::relying_party::RelyingParty;
use ceremony::Ceremony;
use tell::Told;

pub(super) fn register(world: &World, arguments: &Register) -> Result<Exit, Error> {
    let plan = sound(world)?;
    let unknown = || Error::UnknownAccount(arguments.account.clone());
    let account = plan.account(&arguments.account).ok_or_else(unknown)?;
    let options = arguments.options.as_deref().map(options).transpose()?;
    match options {
        _ if arguments.from_record => again(world, arguments, account, options),
        None => Err(Error::Bug),
        Some(options) => {
            let writer = world.writer_of(&plan)?;
            let accepted = accept(options, account, writer.inventory(), world.now)?;
            let out = emit::begin(&arguments.out)?;
            let catalogue = world.catalogue_of(Some(&plan))?;
            let policy = allow_lists(&plan)?;
            let ceremony = Ceremony { world, arguments, plan: &plan, account, accepted, catalogue, policy };
            ceremony.run(writer, out)
        }
    }
}

fn options(path: &Path) -> Result<CreationOptions, Error> {
    let file = path.display().to_string();
    let bytes = graph::load(path, LIMIT).map_err(|source| EntraError::Read { file: file.clone(), source })?;
    Ok(CreationOptions::parse(&file, &bytes)?)
}

/// Writes the body of the account's newest passkey on record once more. The record holds all of it.
fn again(
    world: &World,
    arguments: &Register,
    account: &Account,
    options: Option<CreationOptions>,
) -> Result<Exit, Error> {
    let ledger = world.ledger()?;
    let of_account = |key: &&Key| same(&key.account, account.name.as_str());
    let named = |key: &&Key| world.key_named().is_none_or(|label| same(label, &key.label));
    let keys = ledger.inventory().keys().iter().filter(of_account).filter(named);
    let all = keys.flat_map(|key| key.entra.iter().map(move |one: &EntraCredential| (key, one)));
    let Some((key, one)) = all.max_by_key(|(_, one)| one.registered.seq) else {
        return Err(RegisterError::NoneOnRecord(account.name.to_string()).into());
    };
    let entry = ledger.event(one.registered.seq)?.ok_or(Error::Bug)?;
    let Some(Payload::EntraRegistered(registered)) = entry.body.map(|body| body.event) else {
        return Err(Error::Bug);
    };
    if let Some(options) = &options {
        let rp = RelyingParty::https(options.rp_id.clone());
        let asked = ClientData::create_for(&rp, &options.challenge);
        if asked.as_bytes() != registered.registration.client_data.as_slice() {
            return Err(RegisterError::OtherChallenge.into());
        }
    }
    let out = emit::begin(&arguments.out)?;
    let unsaid =
        "the record does not say which Graph gave the options: if it was beta, write beta in place of v1.0";
    let remarks: Vec<String> = options.is_none().then(|| unsaid.to_owned()).into_iter().collect();
    let edition = options.as_ref().map_or(Edition::V1, |options| options.edition);
    let told = Told {
        account,
        label: &key.label,
        request: posted(arguments, account, edition, &registered),
        registered: &registered,
        expires: options.as_ref().map(|options| options.expires),
        checked: None,
        event: &entry.event,
        remarks: &remarks,
    };
    told.write(out, &arguments.out)?;
    told.tell(world, &arguments.out)
}

/// The request that hands a passkey on record to Entra.
fn posted(
    arguments: &Register,
    account: &Account,
    edition: Edition,
    registered: &EntraRegistered,
) -> graph::Request {
    let name = arguments.name.clone().unwrap_or_else(|| DisplayName::of_label(&registered.label));
    request(account, edition, &name, registered.credential_id.as_slice(), &registered.registration)
}
