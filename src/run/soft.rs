//! `soft create`, `soft list`, and the trust in soft keys' test CA.

use std::path::Path;

use serde_json::json;

use super::World;
use crate::catalogue::Catalogue;
use crate::cli::{SoftCreate, SoftVerb};
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::exit::Exit;
use crate::key::cancel::Cancel;
use crate::key::guard::PinRefusal;
use crate::key::patience::Patience;
use crate::key::session::{KeyError, Session};
use crate::soft;
use crate::term::escape::escape;
use crate::webauthn::anchor::{Anchor, AnchorKind};

pub(super) fn soft(world: &World, verb: SoftVerb) -> Result<Exit, Error> {
    match verb {
        SoftVerb::Create(arguments) => create(world, arguments),
        SoftVerb::List { dir } => list(world, &dir),
    }
}

/// Lets the folder's test CA vouch for the models of the folder's keys, in this run, marked as soft.
pub(super) fn trust(catalogue: &mut Catalogue, dir: &Path) -> Result<(), Error> {
    let keys = soft::list(dir)?;
    if keys.is_empty() {
        return Ok(());
    }
    let anchor = Anchor {
        der: soft::ca_certificate(dir)?,
        kind: AnchorKind::Issuer,
        name: "glasskey soft CA".to_owned(),
        soft: true,
    };
    let aaguids: Vec<_> = keys.iter().map(soft::SoftKey::aaguid).collect();
    Ok(catalogue.add_soft_anchor(&aaguids, &anchor)?)
}

fn create(world: &World, arguments: SoftCreate) -> Result<Exit, Error> {
    let pin = arguments.initial_pin.map(Pin::parse).transpose()?;
    let options = soft::Options {
        aaguid: arguments.aaguid,
        firmware: arguments.firmware.map(|version| version.parse()).transpose()?,
        touch: arguments.touch.parse()?,
        faults: arguments.fault.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?,
        ..soft::Options::default()
    };
    let key = soft::create(&arguments.dir, &arguments.name, &options)?;
    if let Some(pin) = pin {
        set_pin(&key, &pin)?;
    }
    if world.term.json {
        let document = json!({ "schema": "glasskey.soft/1", "path": key.path(), "aaguid": key.aaguid() });
        world.term.document(&document)?;
    } else {
        world.term.out(&format!("{}  {}  made; it is no hardware\n", key.path(), key.aaguid()))?;
    }
    Ok(Exit::Yes)
}

/// Sets the first PIN as on any key, by this program's own client.
fn set_pin(key: &soft::SoftKey, pin: &Pin) -> Result<(), Error> {
    // Before its faults begin.
    let sound = key.clone().with_options(|options| options.faults.clear());
    let mut session = Session::open(sound.open()?, Patience::default(), Cancel::default(), Box::new(|_| {}))?;
    let protocol = session.info()?.protocol().ok_or(KeyError::Pin(PinRefusal::NoProtocol))?;
    let shared = session.agree(protocol)?;
    Ok(session.set_pin(&shared, pin)?)
}

fn list(world: &World, dir: &Path) -> Result<Exit, Error> {
    let keys = soft::list(dir)?;
    if world.term.json {
        let rows: Vec<_> = keys
            .iter()
            .map(|key| json!({ "path": key.path(), "aaguid": key.aaguid(), "product": key.product() }))
            .collect();
        world.term.document(&json!({ "schema": "glasskey.soft-list/1", "keys": rows }))?;
    } else {
        let rows: String = keys
            .iter()
            .map(|key| format!("{}  {}  {}\n", key.path(), key.aaguid(), escape(&key.product())))
            .collect();
        world.term.out(&rows)?;
    }
    Ok(Exit::Yes)
}
