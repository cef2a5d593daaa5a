#![no_main]
//! Paths of certificates that are well formed and really signed, but say anything.

use glasskey::webauthn::anchor::{Anchor, AnchorKind};
use glasskey::webauthn::second_opinion::second_opinion;
use glasskey::webauthn::trust::{MAX_CERTIFICATES, check_path};
use glasskey_fuzz::{Input, assert_harmless};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use mint::{Draft, Minted};
use uuid::Uuid;

#[path = "../../support/mint.rs"]
#[allow(dead_code)]
mod mint;

/// From and to, as certificates and as seconds.
const TIMES: [([&str; 2], [i64; 2]); 3] = [
    (["200101000000Z", "401231235959Z"], [1_577_836_800, 2_240_611_199]),
    (["20200101000000Z", "20210101000000Z"], [1_577_836_800, 1_609_459_200]),
    (["19700101000000Z", "99991231235959Z"], [0, 253_402_300_799]),
];

struct Made {
    minted: Minted,
    valid: [i64; 2],
    /// Its name and key: those of one CA, or those of all leaves.
    holder: usize,
    /// Whose name and key signed it.
    issuer: usize,
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let mut made: Vec<Made> = Vec::new();
    for index in 0..2 + input.below(3) {
        let next = make(&mut input, index, &made);
        made.push(next);
    }
    let aaguid = Uuid::from_bytes(if input.flag() { input.array() } else { mint::AAGUID });
    let seconds = if input.flag() { i64::from(u32::from_be_bytes(input.array())) } else { 1_600_000_000 };
    let at = Timestamp::from_second(seconds).expect("a time");
    let pick = |input: &mut Input<'_>| usize::from(input.byte()) % made.len();
    let sent: Vec<_> = (0..input.below(6)).map(|_| pick(&mut input)).collect();
    let anchors: Vec<_> = (0..input.below(4))
        .map(|_| {
            let kind = if input.flag() { AnchorKind::ExactLeaf } else { AnchorKind::Issuer };
            let place = pick(&mut input);
            Anchor { name: place.to_string(), ..made[place].minted.anchor(kind) }
        })
        .collect();
    let x5c: Vec<_> = sent.iter().map(|place| made[*place].minted.der.clone()).collect();
    drop(second_opinion(&x5c, &anchors, aaguid, at));
    let path = match check_path(&x5c, &anchors, aaguid, at) {
        Ok(path) => path,
        Err(error) => return assert_harmless(&error.to_string()),
    };
    assert!((1..=MAX_CERTIFICATES).contains(&x5c.len()));
    assert_eq!((path.aaguid(), path.at(), path.expired_by(at)), (aaguid, at, None));
    let anchor = anchors.iter().find(|anchor| anchor.name == path.anchor() && anchor.kind == path.kind());
    let anchor = anchor.expect("the path ends in an anchor");
    assert_eq!(path.soft(), anchor.soft);
    let leaf = &made[sent[0]];
    assert!(leaf.valid[0] <= seconds && seconds <= leaf.valid[1]);
    if path.kind() == AnchorKind::ExactLeaf {
        return assert_eq!(anchor.der, leaf.minted.der);
    }
    // From each certificate to the next, as far as the anchor, by those who really signed.
    let end = &made[anchor.name.parse::<usize>().expect("its place")];
    let mut below: Option<&Made> = None;
    for one in sent.iter().map(|place| &made[*place]) {
        assert!(below.is_none_or(|below| below.issuer == one.holder), "no path");
        if one.issuer == end.holder || one.minted.der == end.minted.der {
            return;
        }
        below = Some(one);
    }
    panic!("no path to its anchor");
});

fn make(input: &mut Input<'_>, index: u8, made: &[Made]) -> Made {
    let names = ["Soft Root CA", "Soft Middle CA", "Soft Other CA"];
    let ca = names.get(usize::from(index)).filter(|_| index == 0 || !input.flag());
    let mut draft = ca.map_or_else(Draft::leaf, |name| Draft::ca(name, 2 + index));
    let holder = if ca.is_some() { usize::from(index) } else { usize::MAX };
    let (validity, valid) = TIMES[usize::from(input.below(3))];
    draft.validity = validity;
    if input.flag() {
        draft.extensions.clear();
        for _ in 0..input.below(4) {
            draft.extensions.push(extension(input));
        }
    }
    match made.get(usize::from(input.below(4))) {
        Some(issuer) => {
            Made { minted: draft.signed_by(&issuer.minted), valid, holder, issuer: issuer.holder }
        }
        None => Made { minted: draft.self_signed(), valid, holder, issuer: holder },
    }
}

fn extension(input: &mut Input<'_>) -> Vec<u8> {
    match input.below(5) {
        0 => mint::basic_constraints(input.flag(), input.flag().then(|| input.byte() & 0x7f)),
        1 => mint::key_cert_sign(),
        2 => mint::aaguid_extension(input.flag(), &mint::AAGUID),
        3 => mint::aaguid_extension(false, input.chunk()),
        _ => mint::extension("1.2.3.4", input.flag(), input.chunk()),
    }
}
