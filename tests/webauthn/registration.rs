use ciborium::Value;
use glasskey::webauthn::{
    ceremony::{FlagsError, UserVerification},
    client_data::{Challenge, ClientData, ClientDataError},
    cose::{Algorithm, KeyError},
    registration::{
        AttestationObjectError, ExpectedForeign, ExpectedRegistration, Registration, RegistrationError,
        VerifiedRegistration, verify_foreign, verify_registration,
    },
    relying_party::{CUSTODY_ORIGIN, CUSTODY_RP_ID, RelyingParty, RpId},
    trust::check_path,
};
use proptest::prelude::*;

use crate::mint::{CHALLENGE, Draft, Maker, cose_key, credential_key, vendor};

fn verify_bytes(object: &[u8], client_data: &[u8]) -> Result<VerifiedRegistration, RegistrationError> {
    let rp = RelyingParty::custody();
    let expected = ExpectedRegistration { rp: &rp, challenge: &CHALLENGE, user: UserVerification::Required };
    verify_registration(&Registration { attestation_object: object, client_data }, &expected)
}

fn verify(maker: &Maker) -> Result<VerifiedRegistration, RegistrationError> {
    verify_bytes(&maker.object(), &maker.client_data)
}

fn foreign(maker: &Maker) -> Result<VerifiedRegistration, RegistrationError> {
    let object = maker.object();
    let registration = Registration { attestation_object: &object, client_data: &maker.client_data };
    verify_foreign(&registration, &ExpectedForeign { rp_id: Some("glasskey.invalid"), ..Default::default() })
}

fn bent(bend: impl FnOnce(&mut Maker)) -> Maker {
    let (_, mut maker) = vendor();
    bend(&mut maker);
    maker
}

#[test]
fn a_good_registration_is_verified_and_tells_what_it_holds() {
    let (_, maker) = vendor();
    let verified = verify(&maker).unwrap();
    assert_eq!(verified.credential_id(), [0xcd; 16]);
    assert_eq!(verified.aaguid().as_bytes(), &maker.aaguid);
    assert_eq!(verified.counter(), 3);
    assert_eq!(verified.flags().0, 0x45);
    assert_eq!(verified.public_key().cose().len(), 77);
    assert_eq!(verified.x5c(), maker.x5c());
    assert_eq!(verified.attestation_algorithm(), Algorithm::ES256);
    foreign(&maker).unwrap();
}

#[test]
fn client_data_is_serialised_as_the_standard_says() {
    let rp = RelyingParty::custody();
    let json = |data: ClientData| String::from_utf8(data.as_bytes().to_vec()).unwrap();
    assert_eq!(
        json(ClientData::create(&rp, &CHALLENGE)),
        r#"{"type":"webauthn.create","challenge":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","origin":"https://glasskey.invalid","crossOrigin":false}"#
    );
    assert!(json(ClientData::get(&rp, &CHALLENGE)).starts_with(r#"{"type":"webauthn.get","#));
}

#[test]
fn relying_parties_are_domains_and_their_origins() {
    for bad in ["", "Example.com", "a b", "1.2.3.4", "https://x.y", "ex\"ample", "é.fr"] {
        assert!(RpId::new(bad).is_err(), "{bad}");
    }
    let id = RpId::new("example.com").unwrap();
    assert_eq!(RelyingParty::https(id).origin().as_str(), "https://example.com");
    let custody = RelyingParty::custody();
    assert_eq!((custody.id().as_str(), custody.origin().as_str()), (CUSTODY_RP_ID, CUSTODY_ORIGIN));
}

#[test]
fn each_flag_but_those_asked_for_is_refused() {
    for bit in [0x02, 0x08, 0x10, 0x18, 0x20] {
        let flags = 0x45 | bit;
        let error = verify(&bent(|maker| maker.flags = flags)).unwrap_err();
        assert!(
            matches!(error, RegistrationError::Flags(FlagsError::Unexpected { .. })),
            "{flags:02x} {error}"
        );
    }
    let error = verify(&bent(|maker| maker.flags = 0x44)).unwrap_err();
    assert!(matches!(error, RegistrationError::Flags(FlagsError::UserNotPresent(_))), "{error}");
    let error = verify(&bent(|maker| maker.flags = 0x41)).unwrap_err();
    assert!(matches!(error, RegistrationError::Flags(FlagsError::UserNotVerified(_))), "{error}");
    // Without attested credential data, and with extensions that nobody asked for.
    let error = verify(&bent(|maker| maker.flags = 0x05)).unwrap_err();
    assert!(matches!(error, RegistrationError::Flags(FlagsError::Unexpected { .. })), "{error}");
    let extended = bent(|maker| {
        maker.flags = 0xc5;
        maker.tail = vec![0xa1, 0x6b, b'c', b'r', b'e', b'd', b'P', b'r', b'o', b't', b'e', b'c', b't', 1];
    });
    let error = verify(&extended).unwrap_err();
    assert!(matches!(error, RegistrationError::Flags(FlagsError::Unexpected { .. })), "{error}");
    assert_eq!(foreign(&extended).unwrap().flags().0, 0xc5);
}

#[test]
fn a_flag_that_was_not_asked_for_is_not_a_bonus() {
    let (_, maker) = vendor();
    let rp = RelyingParty::custody();
    let expected = ExpectedRegistration { rp: &rp, challenge: &CHALLENGE, user: UserVerification::Absent };
    let check = |maker: &Maker| {
        let object = maker.object();
        let registration = Registration { attestation_object: &object, client_data: &maker.client_data };
        verify_registration(&registration, &expected).map(|_| ())
    };
    assert!(matches!(check(&maker), Err(RegistrationError::Flags(FlagsError::Unexpected { .. }))));
    assert_eq!(check(&bent(|maker| maker.flags = 0x41)), Ok(()));
}

#[test]
fn foreign_registrations_without_presence_or_verification_are_told_not_refused() {
    for flags in [0x40, 0x41, 0x44, 0x4d, 0x5d, 0x51] {
        let verified = foreign(&bent(|maker| maker.flags = flags)).unwrap();
        assert_eq!(verified.flags().0, flags);
    }
    // And still the statement is verified, where the library will not say anything.
    let maker = bent(|maker| maker.flags = 0x40);
    let mut statement = maker.statement();
    statement[1].1 = maker.sign(&credential_key()).into();
    let object = maker.object_of("packed", statement);
    let registration = Registration { attestation_object: &object, client_data: &maker.client_data };
    assert_eq!(
        verify_foreign(&registration, &ExpectedForeign::default()).unwrap_err(),
        RegistrationError::BadSignature
    );
}

#[test]
fn client_data_is_compared_byte_for_byte() {
    let rp = RelyingParty::custody();
    let with = |json: &str| bent(|maker| maker.client_data = json.as_bytes().to_vec());
    let good = String::from_utf8(vendor().1.client_data).unwrap();
    let refusal = |json: &str| match verify(&with(json)).unwrap_err() {
        RegistrationError::ClientData(error) => error,
        error => panic!("{error}"),
    };
    let get = good.replace("webauthn.create", "webauthn.get");
    assert!(matches!(refusal(&get), ClientDataError::WrongType { .. }));
    let other = ClientData::create(&rp, &Challenge::new([8; 32])).as_bytes().to_vec();
    assert_eq!(refusal(&String::from_utf8(other).unwrap()), ClientDataError::WrongChallenge);
    let origin = good.replace("https://glasskey", "https://evil.glasskey");
    assert!(matches!(refusal(&origin), ClientDataError::WrongOrigin { .. }));
    // The same meaning in other bytes, an unknown member, and what webauthn-rs overlooks.
    for same in [
        good.replace("\":", "\": "),
        good.replace('}', r#","extra":1}"#),
        good.replace("false", "true"),
        format!("{good}\n"),
    ] {
        assert_eq!(refusal(&same), ClientDataError::OtherBytes, "{same}");
    }
    let port = good.replace("invalid\"", "invalid:443\"");
    assert!(matches!(refusal(&port), ClientDataError::WrongOrigin { .. }));
    let twice = good.replace('}', r#","challenge":"AAAA"}"#);
    assert!(matches!(refusal(&twice), ClientDataError::Unreadable(_)));
    assert!(matches!(refusal("{}"), ClientDataError::Unreadable(_)));
    // Another maker's client data is taken as it is, with an extra member and across origins.
    foreign(&with(&good.replace('}', r#","extra":1}"#))).unwrap();
    foreign(&with(&good.replace("false", "true"))).unwrap();
    assert!(foreign(&with(&get)).is_err());
    assert!(foreign(&with(&twice)).is_err());
}

/// Found by fuzzing: a list of the three values was read as the object that has them as members.
#[test]
fn client_data_that_is_a_list_is_refused() {
    let list = r#"["webauthn.create","AAAA","https://glasskey.invalid"]"#;
    let error = foreign(&bent(|maker| maker.client_data = list.into())).unwrap_err();
    assert!(matches!(error, RegistrationError::ClientData(ClientDataError::Unreadable(_))), "{error}");
}

#[test]
fn what_is_known_of_a_foreign_registration_is_compared() {
    let (_, maker) = vendor();
    let object = maker.object();
    let registration = Registration { attestation_object: &object, client_data: &maker.client_data };
    let verify = |expected: ExpectedForeign<'_>| verify_foreign(&registration, &expected).map(|_| ());
    let all = ExpectedForeign {
        rp_id: Some("glasskey.invalid"),
        origin: Some("https://glasskey.invalid"),
        challenge: Some(&[7; 32]),
    };
    assert_eq!(verify(all), Ok(()));
    assert_eq!(verify(ExpectedForeign::default()), Ok(()));
    let wrong = ExpectedForeign { rp_id: Some("login.microsoft.com"), ..all };
    assert_eq!(verify(wrong), Err(RegistrationError::WrongRpIdHash("login.microsoft.com".into())));
    let wrong = ExpectedForeign { origin: Some("https://glasskey.invalid:1"), ..all };
    assert!(matches!(verify(wrong), Err(RegistrationError::ClientData(ClientDataError::WrongOrigin { .. }))));
    for challenge in [&[8; 32][..], &[7; 31], &[]] {
        let wrong = ExpectedForeign { challenge: Some(challenge), ..all };
        assert_eq!(verify(wrong), Err(ClientDataError::WrongChallenge.into()));
    }
}

#[test]
fn another_relying_party_is_refused() {
    let maker = bent(|maker| maker.rp = RelyingParty::https(RpId::new("login.microsoft.com").unwrap()));
    assert_eq!(verify(&maker).unwrap_err(), RegistrationError::WrongRpIdHash("glasskey.invalid".into()));
}

#[test]
fn other_formats_are_refused_by_name() {
    let (_, maker) = vendor();
    for format in ["none", "fido-u2f", "tpm", "android-key", "apple", "pa\u{1b}cked"] {
        let object = maker.object_of(format, maker.statement());
        let error = verify_bytes(&object, &maker.client_data).unwrap_err();
        assert_eq!(error, AttestationObjectError::NotPacked(format.into()).into());
        assert!(!error.to_string().contains('\u{1b}'));
    }
    let none = maker.object_of("none", vec![]);
    let error = verify_bytes(&none, &maker.client_data).unwrap_err();
    assert_eq!(error.to_string(), "the attestation's format is 'none', not 'packed'");
}

#[test]
fn self_attestation_is_refused_though_its_signature_is_good() {
    let (_, maker) = vendor();
    let statement = vec![("alg", (-7).into()), ("sig", maker.sign(&credential_key()).into())];
    let error = verify_bytes(&maker.object_of("packed", statement), &maker.client_data).unwrap_err();
    assert_eq!(error, AttestationObjectError::SelfAttestation.into());
}

#[test]
fn other_algorithms_are_refused_by_name() {
    let okp =
        |alg: i64| cose_key(&[(1, 1.into()), (3, alg.into()), (-1, 6.into()), (-2, vec![1; 32].into())]);
    let akp = |alg: i64| cose_key(&[(1, 7.into()), (3, alg.into()), (-1, vec![1; 64].into())]);
    let rsa =
        cose_key(&[(1, 3.into()), (3, (-257).into()), (-1, vec![1; 256].into()), (-2, vec![1, 0, 1].into())]);
    for (key, name) in [(okp(-8), "EdDSA"), (akp(-48), "ML-DSA-44"), (akp(-50), "ML-DSA-87"), (rsa, "RS256")]
    {
        let error = verify(&bent(|maker| maker.cose = key)).unwrap_err();
        assert!(matches!(error, RegistrationError::Key(KeyError::Algorithm(_))), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    // A key of another type or curve that only says it is for ES256, and a point off the curve.
    let off = cose_key(&[
        (1, 2.into()),
        (3, (-7).into()),
        (-1, 1.into()),
        (-2, vec![1; 32].into()),
        (-3, vec![1; 32].into()),
    ]);
    let p384 = cose_key(&[
        (1, 2.into()),
        (3, (-7).into()),
        (-1, 2.into()),
        (-2, vec![1; 48].into()),
        (-3, vec![1; 48].into()),
    ]);
    for key in [okp(-7), off, p384, cose_key(&[(1, 2.into())])] {
        let error = verify(&bent(|maker| maker.cose = key)).unwrap_err();
        assert!(matches!(error, RegistrationError::Key(KeyError::Malformed(_))), "{error}");
    }
}

#[test]
fn statements_that_do_not_fit_are_refused() {
    let (_, maker) = vendor();
    let with =
        |statement| verify_bytes(&maker.object_of("packed", statement), &maker.client_data).unwrap_err();
    let mut statement = maker.statement();
    statement[0].1 = (-257).into();
    assert_eq!(with(statement), RegistrationError::StatementAlgorithm(Algorithm(-257)));
    let mut statement = maker.statement();
    statement[1].1 = maker.sign(&credential_key()).into();
    assert_eq!(with(statement), RegistrationError::BadSignature);
    let mut statement = maker.statement();
    statement[2].1 = Value::Array(vec![]);
    assert_eq!(with(statement), RegistrationError::NoCertificate);
    let mut statement = maker.statement();
    statement.push(("ecdaaKeyId", vec![1].into()));
    assert_eq!(with(statement), AttestationObjectError::Ecdaa.into());
    let mut statement = maker.statement();
    statement.push(("ver", "2.0".into()));
    assert_eq!(with(statement), AttestationObjectError::UnknownMember("attestation statement").into());
}

#[test]
fn bytes_too_many_or_too_few_are_refused() {
    let (_, maker) = vendor();
    let object = maker.object();
    for end in 0..object.len() {
        let error = verify_bytes(&object[..end], &maker.client_data).unwrap_err();
        assert!(matches!(error, RegistrationError::Object(AttestationObjectError::Cbor(_))), "{error}");
    }
    let error = verify_bytes(&[&object[..], &[0]].concat(), &maker.client_data).unwrap_err();
    assert!(matches!(error, RegistrationError::Object(AttestationObjectError::Cbor(_))), "{error}");
    let trailing = bent(|maker| maker.tail = vec![0]);
    for error in [verify(&trailing).unwrap_err(), foreign(&trailing).unwrap_err()] {
        assert!(matches!(error, RegistrationError::Object(AttestationObjectError::AuthData(_))), "{error}");
    }
}

#[test]
fn attestation_certificates_meet_the_packed_requirements() {
    let (root, _) = vendor();
    let with = |change: fn(&mut Draft)| {
        let mut draft = Draft::leaf();
        change(&mut draft);
        verify(&Maker::new(draft.signed_by(&root))).map(|_| ())
    };
    assert_eq!(with(|_| {}), Ok(()));
    for change in [
        |draft: &mut Draft| draft.version = 1,
        |draft: &mut Draft| draft.subject[0] = "",
        |draft: &mut Draft| draft.subject[1] = "",
        |draft: &mut Draft| draft.subject[2] = "Somebody",
        |draft: &mut Draft| draft.subject[3] = "",
        |draft: &mut Draft| drop(draft.extensions.remove(0)),
        |draft: &mut Draft| draft.extensions[0] = crate::mint::basic_constraints(true, None),
    ] {
        assert_eq!(with(change), Err(RegistrationError::LeafRequirements));
    }
}

/// The bit-by-bit proof: what a flip hits decides the reason, and no flip of a good attestation passes.
#[test]
fn every_one_bit_bend_is_refused_for_its_reason() {
    let (root, maker) = vendor();
    let object = maker.object();
    let place = |part: &[u8]| object.windows(part.len()).position(|window| window == part).unwrap();
    let auth_data = place(&maker.auth_data());
    let statement = maker.statement();
    let signature = place(statement[1].1.as_bytes().unwrap());
    let leaf = place(&maker.leaf.der);
    let leaf_end = leaf + maker.leaf.der.len();
    let at = "2026-11-21T00:00:00Z".parse().unwrap();
    for bit in 0..object.len() * 8 {
        let mut bent = object.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let byte = bit / 8;
        let refused = verify_bytes(&bent, &maker.client_data);
        if (auth_data..auth_data + 32).contains(&byte) {
            assert!(matches!(refused, Err(RegistrationError::WrongRpIdHash(_))), "{bit} {refused:?}");
        } else if byte == auth_data + 32 {
            let told = matches!(refused, Err(RegistrationError::Flags(_) | RegistrationError::Object(_)));
            assert!(told, "{bit} {refused:?}");
        } else if (auth_data + 33..auth_data + 37).contains(&byte) {
            // The counter.
            assert_eq!(refused, Err(RegistrationError::BadSignature), "{bit}");
        } else if (signature..signature + statement[1].1.as_bytes().unwrap().len()).contains(&byte) {
            assert_eq!(refused, Err(RegistrationError::BadSignature), "{bit}");
        } else if (leaf..leaf_end).contains(&byte) {
            // Inside the certificate: no statement, or a certificate that the vendor did not sign.
            if let Ok(verified) = refused {
                let path = check_path(verified.x5c(), &[root.issuer()], verified.aaguid(), at);
                assert!(path.is_err(), "{bit} {path:?}");
            }
        } else {
            assert!(refused.is_err(), "{bit}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused(object in prop::collection::vec(any::<u8>(), 0..300), data in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(verify_bytes(&object, &vendor().1.client_data).is_err());
        let registration = Registration { attestation_object: &object, client_data: &data };
        prop_assert!(verify_foreign(&registration, &ExpectedForeign::default()).is_err());
    }

    /// A hostile certificate inside a good object reaches the certificate parsers of all libraries.
    #[test]
    fn arbitrary_bytes_in_place_of_any_part_are_refused(start in 0usize..900, bytes in prop::collection::vec(any::<u8>(), 1..9)) {
        let (root, maker) = vendor();
        let mut object = maker.object();
        let start = start.min(object.len() - bytes.len());
        object[start..start + bytes.len()].copy_from_slice(&bytes);
        if object != maker.object() && let Ok(verified) = verify_bytes(&object, &maker.client_data) {
            let at = "2026-11-21T00:00:00Z".parse().unwrap();
            prop_assert!(check_path(verified.x5c(), &[root.issuer()], verified.aaguid(), at).is_err());
        }
    }
}
