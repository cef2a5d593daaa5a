//! Who may sign a BLOB. Each case is one bend from a good one.

use glasskey::mds::{MdsError, Metadata, Proof};
use serde_json::json;

use crate::blob::{Blob, NOVEL, chain, entry, hosts, roots, signer, then, when};
use crate::mint::{Draft, basic_constraints, extension, key, key_cert_sign};

fn read(blob: &Blob) -> Result<Metadata, MdsError> {
    Metadata::read(&blob.jwt(), &roots(), then(), false)
}

fn good() -> Blob {
    Blob::with(&[entry(NOVEL)])
}

#[test]
fn a_good_blob_is_read_and_says_who_signed_it() {
    let metadata = read(&good()).unwrap();
    assert_eq!((metadata.number, metadata.next_update.to_string().as_str()), (300, "2026-12-15"));
    assert_eq!(metadata.name(), "FIDO MDS3 no. 300");
    let Proof::Signed { signer, root, at, not_after } = &metadata.proof else { panic!("{metadata:?}") };
    assert!(signer.contains("mds.fidoalliance.org") && root == "Metadata Root");
    assert_eq!((*at, not_after.to_string().as_str()), (then(), "2040-12-31T23:59:59Z"));
    assert_eq!(metadata.entry(NOVEL.parse().unwrap()).unwrap().description, "Novel Key");
}

#[test]
fn a_byte_order_mark_and_line_feeds_around_it_change_nothing() {
    let jwt = format!("\u{feff}\n{}\r\n", good().jwt());
    let metadata = Metadata::read(&jwt, &roots(), then(), false).unwrap();
    let plain = read(&good()).unwrap();
    assert_eq!(metadata.number, plain.number);
    assert_ne!(metadata.sha256, plain.sha256, "the hash is of the file as it came");
}

#[test]
fn the_certificate_must_be_for_fidos_host_by_its_alternative_name() {
    let (_, ca, _) = chain();
    let with = |names: &[&str]| {
        let extensions = vec![basic_constraints(false, None), hosts(names)];
        Blob::signed_under(Draft { extensions, ..signer() }.signed_by(&ca), &[&ca])
    };
    assert!(read(&with(&["www.example.org", "MDS.fidoalliance.org"])).is_ok(), "names know no case");
    let cases: [&[&str]; 5] = [
        &["fidoalliance.org"],
        &["*.fidoalliance.org"],
        &["mds.fidoalliance.org.example.org"],
        &["xmds.fidoalliance.org"],
        &["mds.fidoalliance.org\0.example.org"],
    ];
    for names in cases {
        assert!(matches!(read(&with(names)), Err(MdsError::Host(_))), "{names:?}");
    }
    // The common name alone, which anybody may write, does not do.
    let bare = Draft { extensions: vec![basic_constraints(false, None)], ..signer() }.signed_by(&ca);
    assert!(
        matches!(read(&Blob::signed_under(bare, &[&ca])), Err(MdsError::Host(hosts)) if hosts.is_empty())
    );
}

#[test]
fn other_certificates_may_lie_beside_the_path_in_any_order() {
    let (root, ca, leaf) = chain();
    let stranger = Draft::ca("Stranger", 40).self_signed();
    // The newer root signed by an older one, which nobody here trusts.
    let older = Draft::ca("Older Root", 41).self_signed();
    let crossed = Draft::ca("Metadata Root", 33).signed_by(&older);
    for others in [
        vec![&ca],
        vec![&ca, &root],
        vec![&stranger, &ca],
        vec![&crossed, &stranger, &ca, &older],
        vec![&ca, &crossed],
    ] {
        assert!(read(&Blob::signed_under(leaf.clone(), &others)).is_ok());
    }
    // Who trusts only the older root comes to it by the crossed one.
    let jwt = Blob::signed_under(leaf.clone(), &[&crossed, &ca]).jwt();
    let metadata = Metadata::read(&jwt, &[older.issuer()], then(), false).unwrap();
    assert!(matches!(metadata.proof, Proof::Signed { root, .. } if root == "Older Root"));
    let many: Vec<_> = std::iter::repeat_n(&stranger, 6).collect();
    assert!(matches!(read(&Blob::signed_under(leaf, &many)), Err(MdsError::Count(7))));
}

#[test]
fn a_path_that_does_not_hold_is_refused() {
    let (root, ca, leaf) = chain();
    let is = |leaf: Draft, under: &crate::mint::Minted| {
        read(&Blob::signed_under(leaf.signed_by(under), &[under])).unwrap_err()
    };
    assert!(
        matches!(read(&Blob::signed_under(leaf.clone(), &[])), Err(MdsError::NoPath(_))),
        "the CA is missing"
    );
    let imposter = Draft::ca("Metadata CA", 50).signed_by(&Draft::ca("Metadata Root", 51).self_signed());
    assert!(matches!(is(signer(), &imposter), MdsError::NoPath(_)), "names alone prove nothing");
    let no_ca = Draft { extensions: vec![basic_constraints(false, None)], ..Draft::ca("Metadata CA", 32) };
    assert!(matches!(is(signer(), &no_ca.signed_by(&root)), MdsError::NoPath(_)), "not a CA");
    let no_issuer = Draft {
        // cRLSign alone.
        extensions: vec![basic_constraints(true, None), extension("2.5.29.15", true, &[3, 2, 1, 2])],
        ..Draft::ca("Metadata CA", 32)
    };
    assert!(matches!(is(signer(), &no_issuer.signed_by(&root)), MdsError::NoPath(_)), "may not issue");
    let short = Draft {
        extensions: vec![basic_constraints(true, Some(0)), key_cert_sign()],
        ..Draft::ca("Metadata CA", 32)
    };
    let short = short.signed_by(&root);
    assert!(read(&Blob::signed_under(signer().signed_by(&short), &[&short])).is_ok());
    let below = Draft::ca("Third CA", 52).signed_by(&short);
    let long = Blob::signed_under(signer().signed_by(&below), &[&below, &short]);
    assert!(matches!(read(&long), Err(MdsError::NoPath(_))), "longer than the CA allows");
    let demanding = vec![hosts(&["mds.fidoalliance.org"]), extension("1.2.3.4", true, &[5, 0])];
    assert!(matches!(is(Draft { extensions: demanding, ..signer() }, &ca), MdsError::Signer(_)));
    let a_ca = vec![basic_constraints(true, None), hosts(&["mds.fidoalliance.org"])];
    assert!(matches!(is(Draft { extensions: a_ca, ..signer() }, &ca), MdsError::Signer(_)));
    let no_signer = vec![hosts(&["mds.fidoalliance.org"]), key_cert_sign()];
    assert!(matches!(is(Draft { extensions: no_signer, ..signer() }, &ca), MdsError::Signer(_)));
    assert!(
        matches!(Metadata::read(&good().jwt(), &[], then(), false), Err(MdsError::NoPath(_))),
        "no roots"
    );
}

#[test]
fn every_certificate_of_the_path_must_be_valid_at_the_time() {
    let (root, ca, _) = chain();
    let short = ["260101000000Z", "261231235959Z"];
    let leaf = Draft { validity: short, ..signer() }.signed_by(&ca);
    let old_ca = Draft { validity: short, ..Draft::ca("Metadata CA", 32) }.signed_by(&root);
    let old_root = Draft { validity: short, ..Draft::ca("Metadata Root", 33) }.self_signed();
    for (blob, roots) in [
        (Blob::signed_under(leaf, &[&ca]), roots()),
        (Blob::signed_under(signer().signed_by(&old_ca), &[&old_ca]), roots()),
        (good(), vec![old_root.issuer()]),
    ] {
        for (at, good) in [
            ("2025-12-31T23:59:59Z", false),
            ("2026-01-01T00:00:00Z", true),
            ("2026-12-31T23:59:59Z", true),
            ("2027-01-01T00:00:00Z", false),
        ] {
            let read = Metadata::read(&blob.jwt(), &roots, when(at), false);
            match read {
                Ok(metadata) => {
                    assert!(good, "{at}");
                    let end = "2026-12-31T23:59:59Z";
                    assert!(
                        matches!(metadata.proof, Proof::Signed { not_after, .. } if not_after.to_string() == end)
                    );
                }
                Err(error) => assert!(!good && matches!(error, MdsError::NotValid { .. }), "{at}: {error}"),
            }
        }
    }
    // A root that ran out does not hide the one that came after it, with the same name and key.
    let old = Draft { validity: ["200101000000Z", "251231235959Z"], ..Draft::ca("Metadata Root", 33) };
    let both = [vec![old.self_signed().issuer()], roots()].concat();
    let proof = Metadata::read(&good().jwt(), &both, then(), false).unwrap().proof;
    assert!(matches!(proof, Proof::Signed { .. }));
}

#[test]
fn the_algorithm_is_one_that_the_key_can_have() {
    for algorithm in ["none", "HS256", "RS256", "ES384", "es256", ""] {
        let blob = good().bend(|blob| blob.header["alg"] = algorithm.into());
        assert!(matches!(read(&blob), Err(MdsError::Algorithm(_))), "{algorithm}");
    }
    let critical = good().bend(|blob| blob.header["crit"] = json!(["b64"]));
    assert!(matches!(read(&critical), Err(MdsError::NoBlob(_))));
    let bare = good().bend(|blob| blob.header["x5c"] = json!([]));
    assert!(matches!(read(&bare), Err(MdsError::Count(0))));
    let another = good().bend(|blob| blob.leaf = Draft { key: key(77), ..signer() }.self_signed());
    assert!(matches!(read(&another), Err(MdsError::Signature)), "another key than the certificate's");
}

#[test]
fn what_is_no_blob_says_so_and_a_signature_cannot_be_taken_off() {
    let jwt = good().jwt();
    let parts: Vec<&str> = jwt.split('.').collect();
    for text in [
        String::new(),
        "hello".to_owned(),
        "a.b".to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{jwt}."),
        format!("{jwt}.{}", parts[2]),
        format!("{}..{}", parts[0], parts[2]),
        jwt.replace('.', " . "),
        format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
    ] {
        assert!(Metadata::read(&text, &roots(), then(), true).is_err(), "{text:.40}");
    }
    // A bare payload is unsigned, and is taken only where that is allowed.
    let payload = good().payload.to_string();
    assert!(matches!(Metadata::read(&payload, &roots(), then(), false), Err(MdsError::Unsigned)));
    let metadata = Metadata::read(&payload, &roots(), then(), true).unwrap();
    assert_eq!((metadata.is_signed(), metadata.name().as_str()), (false, "FIDO MDS3 no. 300, unsigned"));
    // What is signed must be signed well, also where a bare payload would be taken.
    let forged = good().bend(|blob| blob.leaf = Draft { key: key(77), ..signer() }.self_signed());
    assert!(matches!(Metadata::read(&forged.jwt(), &roots(), then(), true), Err(MdsError::Signature)));
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    let jwt = good().jwt();
    // Every third byte, the bits in turn, and all of the last ones, where base64 has bits to spare.
    let end = jwt.len() - 8;
    for place in (0..end).step_by(3).chain(end..jwt.len()) {
        let bit = [0x01, 0x04, 0x20][place % 7 % 3];
        let mut bytes = jwt.clone().into_bytes();
        bytes[place] ^= bit;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let read = Metadata::read(&text, &roots(), then(), false);
        assert!(read.is_err(), "byte {place}, bit {bit:#x}: {:?}", read.map(|metadata| metadata.number));
    }
}
