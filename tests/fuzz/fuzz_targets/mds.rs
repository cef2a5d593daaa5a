#![no_main]
//! FIDO's metadata: files as they are, payloads that are really signed, chains that lead nowhere, what is kept on disk.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use blob::{Blob, chain, signer, then};
use glasskey::catalogue::{Catalogue, Kind};
use glasskey::mds::store::{self, Kept};
use glasskey::mds::{MdsError, Metadata};
use glasskey::term::escape::escape_lines;
use glasskey::term::show;
use glasskey::webauthn::anchor::Anchor;
use glasskey_fuzz::{Input, assert_harmless, assert_harmless_screen, bend};
use jiff::Timestamp;
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use mint::{Draft, Minted};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[path = "../../support/blob.rs"]
#[allow(dead_code)]
mod blob;
#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

static BUILTIN: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the compiled-in files are sound"));
/// The root that verifies minted BLOBs, and a good BLOB without entries: minted once, for that takes several signatures.
static ROOTS: LazyLock<Vec<Anchor>> = LazyLock::new(blob::roots);
static GOOD: LazyLock<Blob> = LazyLock::new(|| Blob::with(&[]));
/// Root, CA and signer of a good BLOB; then a stranger's CA, and a signer of another host's under the good CA.
static CHAIN: LazyLock<[Minted; 5]> = LazyLock::new(|| {
    let (root, ca, leaf) = chain();
    let stranger = Draft::ca("Stranger", 77).self_signed();
    let mut other = signer();
    other.extensions.pop();
    other.extensions.push(blob::hosts(&["example.org"]));
    let other = other.signed_by(&ca);
    [root, ca, leaf, stranger, other]
});

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    match input.below(4) {
        0 => raw(input),
        1 => signed(input),
        2 => chained(input),
        _ => kept(input),
    }
});

/// Any file: nobody has signed it for the fuzzer.
fn raw(input: Input<'_>) {
    let text = String::from_utf8_lossy(input.rest());
    match Metadata::read(&text, &ROOTS, then(), true) {
        Ok(metadata) => {
            assert!(!metadata.is_signed(), "a forgery");
            laid_beneath(metadata);
        }
        Err(error) => told(&error),
    }
    assert!(Metadata::read(&text, &ROOTS, then(), false).is_err(), "a forgery");
}

/// A payload that FIDO might sign, whatever it says. Then one byte of the file is not FIDO's.
fn signed(mut input: Input<'_>) {
    let place = usize::from(u16::from_be_bytes(input.array()));
    let flip = input.byte() | 1;
    let Ok(payload) = serde_json::from_slice::<Value>(input.rest()) else { return };
    let blob = Blob::signed_under(CHAIN[2].clone(), &[&CHAIN[1]]).bend(|blob| blob.payload = payload.clone());
    let jwt = blob.jwt();
    match (
        Metadata::read(&jwt, &ROOTS, then(), false),
        Metadata::read(&payload.to_string(), &[], then(), true),
    ) {
        (Ok(signed), Ok(bare)) => {
            assert!(signed.is_signed() && !bare.is_signed());
            assert_eq!((signed.number, &signed.tally), (bare.number, &bare.tally));
            assert!(signed.entries().eq(bare.entries()));
            laid_beneath(signed);
            laid_beneath(bare);
        }
        // A payload that is no object is no bare payload.
        (Err(error), Err(_)) => told(&error),
        (signed, bare) => panic!("one of them was read: {signed:?} {bare:?}"),
    }
    let mut bent = jwt.clone().into_bytes();
    let place = place % bent.len();
    bent[place] ^= flip;
    if let Ok(bent) = String::from_utf8(bent) {
        assert!(Metadata::read(&bent, &ROOTS, then(), true).is_err(), "a forgery, by byte {place}");
    }
}

/// The good signer's signature, over certificates in any order.
fn chained(mut input: Input<'_>) {
    let mut sent = Vec::new();
    let mut x5c = Vec::new();
    for _ in 0..input.below(8) {
        let which = usize::from(input.below(7));
        let der = match CHAIN.get(which) {
            Some(certificate) => certificate.der.clone(),
            None if which == 5 => bend(&mut input, &CHAIN[2].der),
            None => input.chunk().to_vec(),
        };
        sent.push(CHAIN.iter().position(|one| one.der == der));
        x5c.push(BASE64_STANDARD.encode(der));
    }
    let blob = GOOD.clone().bend(|blob| blob.header["x5c"] = x5c.into());
    match Metadata::read(&blob.jwt(), &ROOTS, then(), true) {
        Ok(_) => {
            assert_eq!(sent.first(), Some(&Some(2)), "another's certificate");
            assert!(sent.contains(&Some(1)), "no path");
        }
        Err(error) => told(&error),
    }
}

/// The file on disk: raw, or one that keeps a genuine BLOB and says anything of when that was.
fn kept(mut input: Input<'_>) {
    if input.flag() {
        let text = String::from_utf8_lossy(input.rest());
        return match store::parse(&text, &ROOTS) {
            Ok(kept) => {
                assert!(!kept.metadata.is_signed(), "a forgery");
                laid_beneath(kept.metadata);
            }
            Err(error) => told(&error),
        };
    }
    let mut time = || Timestamp::from_second(i64::from(u32::from_be_bytes(input.array()))).expect("a time");
    let (at, imported) = (time(), time());
    let good = GOOD.jwt();
    let raw = bend(&mut input, good.as_bytes());
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let document = json!({
        "schema": "glasskey.mds/1", "sha256": hex::encode(Sha256::digest(raw.as_bytes())),
        "imported": imported, "at": at, "source": "a file", "raw": raw,
    });
    let valid = (1_577_836_800..=2_240_611_199).contains(&at.as_second());
    match store::parse(&document.to_string(), &ROOTS) {
        Ok(kept) => assert!(kept.metadata.is_signed() && valid && at <= imported, "{document}"),
        Err(error) => {
            told(&error);
            let whole = raw.trim() == good;
            assert!(!(whole && valid && at <= imported), "{error}: {document}");
        }
    }
}

fn told(error: &MdsError) {
    assert_harmless(&escape_lines(&error.to_string()).replace('\n', ""));
}

/// Ours is as it was, but for roots that FIDO signed; nothing becomes hardware; nothing on the screen steers it.
fn laid_beneath(metadata: Metadata) {
    let tally = &metadata.tally;
    assert_eq!(tally.entries, tally.models + tally.u2f + tally.uaf + tally.left_out.len(), "{tally:?}");
    let (signed, mentioned) = (metadata.is_signed(), metadata.entries().map(|entry| entry.aaguid));
    let mentioned: Vec<_> = mentioned.take(50).collect();
    let mut catalogue = BUILTIN.clone();
    catalogue.add_metadata(Kept { metadata, imported: then(), source: "a\u{1b}[31m".into() });
    for model in BUILTIN.models() {
        let now = catalogue.model(model.aaguid).expect("nothing known is gone");
        assert!(now.anchors.starts_with(&model.anchors));
        assert!(signed || now == model, "what nobody signed changes nothing");
        assert_eq!((now.kind, &now.name, &now.vendor), (model.kind, &model.name, &model.vendor));
    }
    for aaguid in mentioned {
        let Some(model) = catalogue.model(aaguid) else { continue };
        if BUILTIN.model(aaguid).is_none() {
            assert!(model.kind == Kind::MetadataOnly && !model.kind.is_hardware_key());
            assert!(signed || model.anchors.is_empty());
        }
        assert_harmless_screen(&show::model(&catalogue, model, date(2026, 11, 22)));
        assert_harmless(
            &escape_lines(&catalogue.warning(aaguid).map(|warned| warned.to_string()).unwrap_or_default())
                .replace('\n', ""),
        );
    }
}
