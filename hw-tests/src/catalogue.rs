//! Keys, and a catalogue that describes them, so that a `glasskey` without soft keys can judge them: a vendor that does not exist.

use std::fs;
use std::io;
use std::path::Path;

use glasskey::ctap::client_pin::Permissions;
use glasskey::ctap::credential::{ES256, Extensions, MakeCredential};
use glasskey::ctap::pin::Pin;
use glasskey::key::authority::Authority;
use glasskey::key::cancel::Cancel;
use glasskey::key::guard::Guard;
use glasskey::key::patience::Patience;
use glasskey::key::session::Session;
use glasskey::soft::{self, Options, SoftKey};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The model that virtual keys are of, unless told otherwise. No vendor uses it.
pub const AAGUID: Uuid = Uuid::from_u128(0x676c_6173_736b_4579_8000_7669_7274_7561);
/// The vendor that does not exist.
pub const VENDOR: &str = "Virtual Keys Inc. (does not exist)";

/// Describes the models of the virtual keys in `keys`, in a folder for `--catalogue`: a vendor of hardware keys, anchored in
/// the test CA that made them.
///
/// # Errors
/// What the system says.
pub fn write(dir: &Path, keys: &Path, models: &[Uuid]) -> io::Result<()> {
    let certificate = soft::ca_certificate(keys).map_err(io::Error::other)?;
    let sha256 = hex::encode(Sha256::digest(&certificate));
    fs::create_dir_all(dir.join("anchors"))?;
    fs::copy(keys.join("ca.pem"), dir.join("anchors/virtual.pem"))?;
    let anchor = format!(
        "updated = \"2026-01-01\"\n\n[[anchor]]\nid = \"virtual\"\nfile = \"virtual.pem\"\nname = \"Virtual keys' test CA\"\n\
         kind = \"issuer\"\nsha256 = \"{sha256}\"\nsubject = \"CN=glasskey soft CA\"\nissuer = \"self\"\n\
         not_before = \"2020-01-01\"\nnot_after = \"2049-12-31\"\nsource = \"made for this run\"\n"
    );
    fs::write(dir.join("anchors.toml"), anchor)?;
    let mut text = format!(
        "updated = \"2026-01-01\"\n\n[vendor]\nname = \"{VENDOR}\"\nfirmware_scheme = \"three-byte\"\nusb_vendor_ids = [\"1209\"]\n"
    );
    let mut models = models.to_vec();
    models.sort_unstable();
    models.dedup();
    for model in models {
        text.push_str(&format!(
            "\n[[model]]\naaguid = \"{model}\"\nname = \"Virtual Key\"\nkind = \"hardware\"\ntransports = [\"usb\"]\nbio = \"no\"\n\
             certification = \"L1\"\nmds_status = \"FIDO_CERTIFIED_L1\"\nmds_status_date = \"2026-01-01\"\nentra_listed = \"yes\"\n\
             anchors = [\"virtual\"]\nsources = [\"made for this run\"]\n"
        ));
    }
    fs::write(dir.join("virtual.toml"), text)
}

/// Makes a key, with a PIN if one is given.
///
/// # Errors
/// What the soft key says.
pub fn make(dir: &Path, name: &str, options: &Options, pin: Option<&str>) -> io::Result<SoftKey> {
    let key = soft::create(dir, name, options).map_err(io::Error::other)?;
    if let Some(pin) = pin {
        let pin = Pin::parse(pin.to_owned()).map_err(io::Error::other)?;
        let mut session = sound(&key)?;
        let protocol = session.info().map_err(io::Error::other)?.protocol();
        let protocol = protocol.ok_or_else(|| io::Error::other("the key has no PIN protocol"))?;
        let shared = session.agree(protocol).map_err(io::Error::other)?;
        session.set_pin(&shared, &pin).map_err(io::Error::other)?;
    }
    Ok(key)
}

/// Makes a passkey for `rp.example` on a key that is not plugged in, as a browser would.
///
/// # Errors
/// What the soft key says.
pub fn passkey(key: &SoftKey, pin: Option<&str>) -> io::Result<()> {
    let mut session = sound(key)?;
    let rp_id = "rp.example";
    let pin = pin.map(|pin| Pin::parse(pin.to_owned())).transpose().map_err(io::Error::other)?;
    let info = session.info().map_err(io::Error::other)?;
    let protocol = info.protocol().ok_or_else(|| io::Error::other("the key has no PIN protocol"))?;
    let authority = match &pin {
        Some(pin) => {
            let left = session.retries(protocol).map_err(io::Error::other)?;
            let permit = Guard::default().permit(left).map_err(io::Error::other)?;
            let (may, rp_id) = (Permissions::MAKE_CREDENTIAL, Some(rp_id));
            Some(Authority::prove(&mut session, &info, permit, pin, may, rp_id).map_err(io::Error::other)?)
        }
        None => None,
    };
    let wanted = MakeCredential {
        client_data_hash: [7; 32],
        rp_id,
        rp_name: rp_id,
        user_id: b"somebody",
        user_name: "somebody",
        display_name: "somebody",
        algorithms: &[ES256],
        exclude: &[],
        extensions: Extensions::default(),
        discoverable: true,
    };
    let token = authority.as_ref().map(|authority| authority.proof().token());
    session.make_credential(&wanted, token).map(drop).map_err(io::Error::other)
}

/// How many PIN attempts a key that is not plugged in has left; read past the kernel, and past the key's faults.
///
/// # Errors
/// What the soft key says.
pub fn retries(key: &SoftKey) -> io::Result<u64> {
    let mut session = sound(key)?;
    let protocol = session.info().map_err(io::Error::other)?.protocol();
    let protocol = protocol.ok_or_else(|| io::Error::other("the key has no PIN protocol"))?;
    Ok(session.retries(protocol).map_err(io::Error::other)?.left)
}

/// Copies a key's folder, so that many keys need only one PIN to be set.
///
/// # Errors
/// What the system says.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn sound(key: &SoftKey) -> io::Result<Session> {
    let sound = key.clone().with_options(|options| {
        options.faults.clear();
        options.touch = soft::Touch::Auto;
    });
    let wire = sound.open().map_err(io::Error::other)?;
    Session::open(wire, Patience::default(), Cancel::default(), Box::new(|_| {})).map_err(io::Error::other)
}
