use glasskey::webauthn::{
    anchor::{Anchor, AnchorKind},
    certificate::{AaguidExtensionError, certificate_firmware},
    second_opinion::{SecondOpinion, second_opinion},
    trust::{TrustError, TrustedPath, check_path},
};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use crate::mint::{
    AAGUID, AAGUID_OID, Draft, Great, Minted, aaguid_extension, basic_constraints, extension, key_cert_sign,
    tlv,
};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-11-21T12:00:00Z")
}

fn check_at(x5c: &[&Minted], anchors: &[Anchor], at: Timestamp) -> Result<TrustedPath, TrustError> {
    let x5c: Vec<_> = x5c.iter().map(|minted| minted.der.clone()).collect();
    check_path(&x5c, anchors, Uuid::from_bytes(AAGUID), at)
}

fn check(x5c: &[&Minted], anchors: &[Anchor]) -> Result<TrustedPath, TrustError> {
    check_at(x5c, anchors, now())
}

fn root() -> Minted {
    Draft::ca("Soft Root CA", 2).self_signed()
}

fn leaf(change: impl FnOnce(&mut Draft)) -> Draft {
    let mut draft = Draft::leaf();
    change(&mut draft);
    draft
}

#[test]
fn a_leaf_of_the_root_is_trusted_and_the_path_tells_where_it_ends() {
    let root = root();
    let path = check(&[&Draft::leaf().signed_by(&root)], &[root.issuer()]).unwrap();
    assert_eq!(path.anchor(), "Soft Root CA");
    assert_eq!((path.kind(), path.soft()), (AnchorKind::Issuer, true));
    assert_eq!(path.aaguid().as_bytes(), &AAGUID);
    assert_eq!(path.at(), now());
}

#[test]
fn bad_leaves_and_wrong_roots_are_refused() {
    let (root, other) = (root(), Draft::ca("Soft Root CA", 3).self_signed());
    let good = Draft::leaf().signed_by(&root);
    let refused = |result: Result<TrustedPath, TrustError>| result.unwrap_err();
    assert!(matches!(refused(check(&[&good], &[other.issuer()])), TrustError::NoPath(_)));
    let stranger = Draft::ca("Another Root CA", 2).self_signed();
    assert!(matches!(refused(check(&[&good], &[stranger.issuer()])), TrustError::NoPath(_)));
    assert!(matches!(refused(check(&[&good], &[])), TrustError::NoAnchor(_)));
    assert_eq!(refused(check(&[], &[root.issuer()])), TrustError::Count(0));
    assert_eq!(refused(check(&[&good; 5], &[root.issuer()])), TrustError::Count(5));
    let mut bent = good.clone();
    let last = bent.der.len() - 1;
    bent.der[last] ^= 1;
    assert!(matches!(refused(check(&[&bent], &[root.issuer()])), TrustError::NoPath(_)));
    let outer = leaf(|draft| draft.outer_algorithm = Some("1.2.840.10045.4.3.3")).signed_by(&root);
    assert!(matches!(refused(check(&[&outer], &[root.issuer()])), TrustError::NoPath(_)));
    let ca = leaf(|draft| draft.extensions[0] = basic_constraints(true, None)).signed_by(&root);
    assert_eq!(refused(check(&[&ca], &[root.issuer()])), TrustError::LeafIsCa);
    let odd = leaf(|draft| draft.extensions.push(extension("1.2.3.4", true, &[5, 0]))).signed_by(&root);
    assert!(matches!(refused(check(&[&odd], &[root.issuer()])), TrustError::CriticalExtension { .. }));
    // The words of a forger are escaped.
    let forger = Draft { subject: ["SE", "\u{1b}[2J", "", "x"], ..Draft::ca("x", 9) }.self_signed();
    let told = refused(check(&[&Draft::leaf().signed_by(&forger)], &[root.issuer()])).to_string();
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn roots_of_the_same_name_are_all_tried_in_either_order() {
    let (first, second) = (Draft::ca("Twin CA", 4).self_signed(), Draft::ca("Twin CA", 5).self_signed());
    for issuer in [&first, &second] {
        let leaf = Draft::leaf().signed_by(issuer);
        check(&[&leaf], &[first.issuer(), second.issuer()]).unwrap();
        check(&[&leaf], &[second.issuer(), first.issuer()]).unwrap();
        let x5c = [leaf.der.clone()];
        let anchors = [first.issuer(), second.issuer()];
        assert_eq!(second_opinion(&x5c, &anchors, Uuid::from_bytes(AAGUID), now()), SecondOpinion::Ok);
    }
}

#[test]
fn an_anchor_that_cannot_be_read_does_not_hide_the_others() {
    let root = root();
    let junk = Anchor { der: vec![0x30, 0x80], ..root.issuer() };
    check(&[&Draft::leaf().signed_by(&root)], &[junk.clone(), root.issuer()]).unwrap();
    assert!(check(&[&Draft::leaf().signed_by(&root)], &[junk]).is_err());
}

#[test]
fn dates_in_either_form_and_to_the_end_of_time_are_read() {
    let eternal = Draft { validity: ["20241201000000Z", "99991231235959Z"], ..Draft::ca("Eternal CA", 2) };
    let eternal = eternal.self_signed();
    let leaf = leaf(|draft| draft.validity = ["20250101000000Z", "20451231235959Z"]).signed_by(&eternal);
    let path = check(&[&leaf], &[eternal.issuer()]).unwrap();
    assert_eq!(path.expired_by(time("2045-12-31T23:59:59Z")), None);
    assert_eq!(path.expired_by(time("2046-01-01T00:00:00Z")), Some(time("2045-12-31T23:59:59Z")));
    // The very reason for a check of our own: the library encodes this leaf anew.
    let opinion = second_opinion(&[leaf.der], &[eternal.issuer()], Uuid::from_bytes(AAGUID), now());
    assert!(matches!(opinion, SecondOpinion::NotEvaluable(_)), "{opinion}");
}

#[test]
fn a_root_without_constraints_is_trusted_because_it_is_pinned() {
    let root = Draft { extensions: vec![], ..Draft::ca("Plain Root", 2) }.self_signed();
    let leaf = Draft::leaf().signed_by(&root);
    check(&[&leaf], &[root.issuer()]).unwrap();
    // Also where the key sends it along.
    check(&[&leaf, &root], &[root.issuer()]).unwrap();
    let opinion = second_opinion(&[leaf.der], &[root.issuer()], Uuid::from_bytes(AAGUID), now());
    assert!(matches!(opinion, SecondOpinion::NotEvaluable(_)), "{opinion}");
}

#[test]
fn chains_of_three_end_at_any_pinned_certificate() {
    let root = root();
    let middle = Draft::ca("Middle CA", 6).signed_by(&root);
    let low = Draft::ca("Low CA", 7).signed_by(&middle);
    let leaf = Draft::leaf().signed_by(&low);
    let whole = [&leaf, &low, &middle, &root];
    for (length, anchors) in [(4, &[&root, &middle, &low][..]), (3, &[&root, &middle]), (2, &[&middle, &low])]
    {
        for anchor in anchors {
            check(&whole[..length], &[anchor.issuer()]).unwrap_or_else(|error| panic!("{length} {error}"));
        }
    }
    // Beyond the end of the path the vendor's next certificate may stand, though its own issuer is not known.
    check(&whole[..3], &[low.issuer()]).unwrap();
    check(&[&leaf], &[low.issuer()]).unwrap();
    // A certificate is missing, the order is wrong, or a stranger is added.
    assert!(matches!(check(&[&leaf, &low], &[root.issuer()]), Err(TrustError::NoPath(_))));
    assert_eq!(check(&[&leaf, &middle], &[root.issuer()]), Err(TrustError::BrokenChain(1)));
    assert_eq!(check(&[&leaf, &middle, &low], &[root.issuer()]), Err(TrustError::BrokenChain(1)));
    let stranger = Draft::ca("Stranger", 8).self_signed();
    assert_eq!(check(&[&leaf, &low, &stranger], &[low.issuer()]), Err(TrustError::BrokenChain(2)));
    // Beyond the pinned certificate, the rest must still hold together.
    let vouched = Draft::ca("Vouched CA", 10).signed_by(&stranger);
    let own = Draft::leaf().signed_by(&vouched);
    check(&[&own, &vouched, &stranger], &[vouched.issuer()]).unwrap();
    let imitation = Draft::ca("Soft Root CA", 2).signed_by(&stranger);
    let anchors = [low.issuer(), root.issuer()];
    assert_eq!(check(&[&leaf, &low, &middle, &imitation], &anchors), Err(TrustError::Imitation(4)));
}

/// Feitian's newest root is on P-521, its CAs on P-384, the keys on P-256.
#[test]
fn greater_curves_sign_too() {
    let p384 = || p384::ecdsa::SigningKey::from_slice(&[3; 48]).unwrap();
    let p521 = || p521::ecdsa::SigningKey::from_slice(&[&[0, 1], &[3; 64][..]].concat()).unwrap();
    for top in [Great::P521Sha512(p521()), Great::P521Sha384(p521()), Great::P384Sha384(p384())] {
        for middle in [Great::P384Sha384(p384()), Great::P384Sha256(p384())] {
            let root = Draft { great: Some(top.clone()), ..Draft::ca("Great Root", 2) }.self_signed();
            let middle = Draft { great: Some(middle), ..Draft::ca("Great CA", 6) }.signed_by(&root);
            let leaf = Draft::leaf().signed_by(&middle);
            check(&[&leaf, &middle, &root], &[root.issuer()]).unwrap();
            check(&[&leaf, &middle, &root], &[middle.issuer()]).unwrap();
            check(&[&leaf, &middle], &[root.issuer()]).unwrap();
            let mut bent = middle.clone();
            let last = bent.der.len() - 1;
            bent.der[last] ^= 1;
            assert!(check(&[&leaf, &bent], &[root.issuer()]).is_err());
        }
    }
}

#[test]
fn certificates_that_may_not_sign_are_refused() {
    let root = root();
    let with = |extensions: Vec<Vec<u8>>| {
        let middle = Draft { extensions, ..Draft::ca("Middle CA", 6) }.signed_by(&root);
        check(&[&Draft::leaf().signed_by(&middle), &middle], &[root.issuer()]).map(|_| ())
    };
    assert_eq!(with(vec![basic_constraints(true, Some(0)), key_cert_sign()]), Ok(()));
    assert_eq!(with(vec![basic_constraints(true, None)]), Ok(()));
    assert_eq!(with(vec![basic_constraints(false, None), key_cert_sign()]), Err(TrustError::NotCa(2)));
    assert_eq!(with(vec![]), Err(TrustError::NotCa(2)));
    let signs_data = extension("2.5.29.15", true, &[3, 2, 7, 0x80]);
    assert_eq!(with(vec![basic_constraints(true, None), signs_data]), Err(TrustError::NotCa(2)));
    // A root, or a CA below it, that allows no CA below itself.
    let narrow = Draft { extensions: vec![basic_constraints(true, Some(0))], ..Draft::ca("Narrow", 2) };
    let narrow = narrow.self_signed();
    let middle = Draft::ca("Middle CA", 6).signed_by(&narrow);
    let leaf = Draft::leaf().signed_by(&middle);
    assert_eq!(check(&[&leaf, &middle], &[narrow.issuer()]), Err(TrustError::PathTooLong("Narrow".into())));
    check(&[&Draft::leaf().signed_by(&narrow), &narrow], &[narrow.issuer()]).unwrap();
}

#[test]
fn validity_is_that_of_the_time_asked_about() {
    let expired = Draft { validity: ["150101000000Z", "230101000000Z"], ..Draft::ca("Old Root", 2) };
    let expired = expired.self_signed();
    let leaf = Draft::leaf().signed_by(&expired);
    let at = |at: &str| check_at(&[&leaf], &[expired.issuer()], time(at));
    let path = at("2022-06-01T00:00:00Z").unwrap();
    assert_eq!(path.expired_by(time("2022-12-31T00:00:00Z")), None);
    assert_eq!(path.expired_by(now()), Some(time("2023-01-01T00:00:00Z")));
    at("2023-01-01T00:00:00Z").unwrap();
    for x5c in [&[&leaf][..], &[&leaf, &expired]] {
        match check_at(x5c, &[expired.issuer()], now()).unwrap_err() {
            TrustError::AnchorExpired { name, not_after, .. } => {
                assert_eq!((name.as_str(), not_after), ("Old Root", time("2023-01-01T00:00:00Z")));
            }
            error => panic!("{error}"),
        }
    }
    // The leaf's own validity begins in 2020.
    match at("2019-12-31T23:59:59Z").unwrap_err() {
        TrustError::NotYetValid { whose, not_before, .. } => {
            assert_eq!((whose.as_str(), not_before), ("certificate 1", time("2020-01-01T00:00:00Z")));
        }
        error => panic!("{error}"),
    }
    // A root that begins after its leaf: a clock between the two is as wrong.
    let young =
        Draft { validity: ["210101000000Z", "400101000000Z"], ..Draft::ca("Young Root", 2) }.self_signed();
    let leaf_of_it = Draft::leaf().signed_by(&young);
    for x5c in [&[&leaf_of_it][..], &[&leaf_of_it, &young]] {
        let early = check_at(x5c, &[young.issuer()], time("2020-06-01T00:00:00Z")).unwrap_err();
        assert!(
            matches!(&early, TrustError::NotYetValid { whose, .. } if whose.contains("Young Root")),
            "{early}"
        );
    }
    at("2020-01-01T00:00:00Z").unwrap();
    // A renewed root of the same name and key still vouches.
    let renewed = Draft::ca("Old Root", 2).self_signed();
    check(&[&leaf], &[expired.issuer(), renewed.issuer()]).unwrap();
    check(&[&leaf, &renewed], &[expired.issuer(), renewed.issuer()]).unwrap();
}

#[test]
fn an_exact_leaf_is_trusted_itself_and_may_sign_nothing() {
    let leaf = Draft { key: crate::mint::key(1), ..Draft::leaf() }.self_signed();
    let exact = leaf.anchor(AnchorKind::ExactLeaf);
    assert_eq!(check(&[&leaf], std::slice::from_ref(&exact)).unwrap().kind(), AnchorKind::ExactLeaf);
    // As an issuer it is no attestation certificate; as an exact leaf it issues none.
    assert!(matches!(check(&[&leaf], &[leaf.issuer()]), Err(TrustError::NoPath(_))));
    let issued = Draft { key: crate::mint::key(11), ..Draft::leaf() }.signed_by(&leaf);
    assert!(matches!(check(&[&issued], std::slice::from_ref(&exact)), Err(TrustError::NoPath(_))));
    assert!(check(&[&issued, &leaf], std::slice::from_ref(&exact)).is_err());
    let root = root();
    let ca = root.anchor(AnchorKind::ExactLeaf);
    assert!(check(&[&Draft::leaf().signed_by(&root)], &[ca]).is_err());
    let at = time("2041-01-01T00:00:00Z");
    assert!(matches!(check_at(&[&leaf], &[exact], at), Err(TrustError::NotValid { .. })));
}

#[test]
fn the_aaguid_extension_is_there_once_uncritical_whole_and_equal() {
    let root = root();
    let with = |extensions: &[Vec<u8>]| {
        let draft = leaf(|draft| {
            draft.extensions.truncate(1);
            draft.extensions.extend_from_slice(extensions);
        });
        check(&[&draft.signed_by(&root)], &[root.issuer()]).map(|_| ())
    };
    let good = aaguid_extension(false, &AAGUID);
    assert_eq!(with(std::slice::from_ref(&good)), Ok(()));
    assert_eq!(with(&[]), Err(AaguidExtensionError::Missing.into()));
    assert_eq!(with(&[aaguid_extension(true, &AAGUID)]), Err(AaguidExtensionError::Critical.into()));
    assert_eq!(with(&[good.clone(), good.clone()]), Err(AaguidExtensionError::Twice.into()));
    assert_eq!(with(&[good, aaguid_extension(false, &[1; 16])]), Err(AaguidExtensionError::Twice.into()));
    let long = [AAGUID.to_vec(), vec![0]].concat();
    for malformed in [
        aaguid_extension(false, &AAGUID[..15]),
        aaguid_extension(false, &long),
        extension(AAGUID_OID, false, &AAGUID),
        extension(AAGUID_OID, false, &[tlv(4, &AAGUID), vec![0]].concat()),
        extension(AAGUID_OID, false, &tlv(0x24, &tlv(4, &AAGUID))),
        extension(AAGUID_OID, false, &[]),
    ] {
        assert_eq!(with(&[malformed]), Err(AaguidExtensionError::Malformed.into()));
    }
    assert!(matches!(with(&[aaguid_extension(false, &[1; 16])]), Err(TrustError::WrongAaguid { .. })));
}

#[test]
fn the_firmware_of_a_yubikey_is_read_from_its_certificate() {
    let root = root();
    let with = |value: &[u8]| {
        let firmware = extension("1.3.6.1.4.1.41482.13.1", false, value);
        certificate_firmware(&leaf(|draft| draft.extensions.push(firmware)).signed_by(&root).der)
    };
    assert_eq!(with(&tlv(4, &[5, 7, 4])), Some([5, 7, 4]));
    assert_eq!(with(&tlv(4, &[5, 7])), None);
    assert_eq!(with(&[5, 7, 4]), None);
    assert_eq!(certificate_firmware(&Draft::leaf().signed_by(&root).der), None);
    assert_eq!(certificate_firmware(&[]), None);
}

#[test]
fn the_second_opinion_says_no_to_what_it_can_tell() {
    let (root, other) = (root(), Draft::ca("Soft Root CA", 3).self_signed());
    let leaf = Draft::leaf().signed_by(&root);
    let opinion = |anchor: Anchor| {
        second_opinion(std::slice::from_ref(&leaf.der), &[anchor], Uuid::from_bytes(AAGUID), now())
    };
    assert_eq!(opinion(root.issuer()).to_string(), "webauthn-rs chain: ok");
    assert!(matches!(opinion(other.issuer()), SecondOpinion::Refused(_)));
    assert!(matches!(opinion(leaf.anchor(AnchorKind::ExactLeaf)), SecondOpinion::NotEvaluable(_)));
}

#[test]
fn every_one_bit_bend_of_a_chain_with_its_root_is_refused() {
    let root = root();
    let middle = Draft::ca("Middle CA", 6).signed_by(&root);
    let leaf = Draft::leaf().signed_by(&middle);
    let x5c = [leaf.der, middle.der.clone(), root.der.clone()];
    // The path may end at the root, or below it, so that the root is one certificate too many.
    for anchors in [&[root.issuer()][..], &[middle.issuer(), root.issuer()], &[middle.issuer()]] {
        for (place, der) in x5c.iter().enumerate() {
            for bit in 0..der.len() * 8 {
                let mut bent = x5c.clone();
                bent[place][bit / 8] ^= 1 << (bit % 8);
                let refused = check_path(&bent, anchors, Uuid::from_bytes(AAGUID), now()).is_err();
                // A root that is not pinned at all is as good as not sent.
                assert!(refused || (place == 2 && anchors.len() == 1), "certificate {place} bit {bit}");
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_path(junk in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..400) {
        let root = root();
        let leaf = Draft::leaf().signed_by(&root);
        let aaguid = Uuid::from_bytes(AAGUID);
        prop_assert!(check_path(std::slice::from_ref(&junk), &[root.issuer()], aaguid, now()).is_err());
        let _ = second_opinion(std::slice::from_ref(&junk), &[root.issuer()], aaguid, now());
        let _ = certificate_firmware(&junk);
        let cut = cut.min(leaf.der.len() - 1);
        prop_assert!(check_path(&[leaf.der[..cut].to_vec()], &[root.issuer()], aaguid, now()).is_err());
        let odd = Anchor { der: junk, ..root.issuer() };
        prop_assert!(check_path(&[leaf.der], &[odd], aaguid, now()).is_err());
    }
}
