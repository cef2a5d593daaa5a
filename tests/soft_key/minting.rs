//! Minted certificates are what they say, in the eyes of `x509-cert`.

use glasskey::soft::mint::{AaguidExtension, Authority, BasicConstraints, Mint, Name, fresh_key};
use uuid::Uuid;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::statement::{aaguid_extension, certified_key, issued_by};

const MODEL: Uuid = Uuid::from_u128(0x2fc0579f_8113_47ea_b116_bb5a8db9202a);

fn minted(mint: &Mint) -> (Vec<u8>, Certificate) {
    let root = Authority::root(&Mint::authority("root")).unwrap();
    let der = root.issue(mint, fresh_key().unwrap().verifying_key()).unwrap();
    let certificate = Certificate::from_der(&der).unwrap();
    (der, certificate)
}

#[test]
fn a_good_leaf_is_good() {
    let (der, leaf) = minted(&Mint::leaf("leaf", MODEL));
    assert_eq!(leaf.to_der().unwrap(), der, "it is canonical DER");
    let subject = leaf.tbs_certificate().subject().to_string();
    assert!(subject.contains("OU=Authenticator Attestation") && subject.contains("C=ZZ"), "{subject}");
    let wanted = [&[0x04, 0x10], &MODEL.as_bytes()[..]].concat();
    assert_eq!(aaguid_extension(&leaf), Some((wanted, false)));
}

#[test]
fn a_chain_of_three_leads_to_its_root() {
    let root = Authority::root(&Mint::authority("root")).unwrap();
    let middle = root
        .below(&Mint {
            basic_constraints: Some(BasicConstraints { ca: true, path_len: Some(0) }),
            ..Mint::authority("middle")
        })
        .unwrap();
    let leaf = middle.issue(&Mint::leaf("leaf", MODEL), fresh_key().unwrap().verifying_key()).unwrap();
    let [root, middle, leaf] =
        [&root.certificate, &middle.certificate, &leaf].map(|der| Certificate::from_der(der).unwrap());
    assert!(issued_by(&root, &root) && issued_by(&middle, &root) && issued_by(&leaf, &middle));
    assert!(!issued_by(&leaf, &root));
}

#[test]
fn two_roots_may_have_one_name_and_two_keys() {
    let [a, b] = [0, 1].map(|_| Authority::root(&Mint::authority("same")).unwrap());
    assert_eq!(a.name, b.name);
    let [a, b] = [a, b].map(|root| Certificate::from_der(&root.certificate).unwrap());
    assert_eq!(a.tbs_certificate().subject(), b.tbs_certificate().subject());
    assert_ne!(certified_key(&a), certified_key(&b));
}

#[test]
fn every_odd_shape_can_be_parsed() {
    let good = Mint::leaf("leaf", MODEL);
    for aaguid in [
        AaguidExtension::Missing,
        AaguidExtension::Critical(MODEL),
        AaguidExtension::Unwrapped(MODEL),
        AaguidExtension::Short(MODEL),
    ] {
        let (_, leaf) = minted(&Mint { aaguid, ..good.clone() });
        let critical = aaguid_extension(&leaf).map(|(_, critical)| critical);
        let expected = match aaguid {
            AaguidExtension::Missing => None,
            AaguidExtension::Critical(_) => Some(true),
            _ => Some(false),
        };
        assert_eq!(critical, expected, "{aaguid:?}");
    }
    let bare = Mint { basic_constraints: None, key_usage: None, ..Mint::authority("bare root") };
    assert!(minted(&bare).1.tbs_certificate().extensions().is_none());
    let nobody = Name { country: None, organization: None, unit: None, common: None };
    assert!(minted(&Mint { subject: nobody, ..good.clone() }).1.tbs_certificate().subject().is_empty());
}

#[test]
fn dates_are_utc_or_generalized_time_as_asked() {
    let utc = [0x17, 0x0d];
    let generalized = [0x18, 0x0f];
    let holds = |der: &[u8], tag: [u8; 2], text: &str| {
        let wanted = [&tag[..], text.as_bytes()].concat();
        der.windows(wanted.len()).any(|window| window == wanted)
    };
    let good = Mint::leaf("leaf", MODEL);
    assert!(holds(&minted(&good).0, utc, "200101000000Z"));
    let odd = Mint { generalized_time: true, ..good.clone() };
    let (der, certificate) = minted(&odd);
    assert!(holds(&der, generalized, "20200101000000Z"));
    assert_ne!(
        certificate.to_der().unwrap(),
        der,
        "re-encoding changes it: the trap that real Feitian keys set"
    );
    let far = Mint { not_after: "99991231235959Z".to_owned(), ..good.clone() };
    assert!(holds(&minted(&far).0, generalized, "99991231235959Z"));
    for bad in ["", "2020", "20200101000000", "2020010100000xZ"] {
        let mint = Mint { not_before: bad.to_owned(), ..good.clone() };
        assert!(Authority::root(&mint).is_err(), "{bad:?}");
    }
}
