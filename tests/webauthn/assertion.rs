use glasskey::webauthn::{
    assertion::{
        Assertion, AssertionError, CounterMove, Credential, ExpectedAssertion, VerifiedAssertion,
        verify_assertion,
    },
    ceremony::{FlagsError, UserVerification},
    client_data::{Challenge, ClientData, ClientDataError},
    cose::PublicKey,
    relying_party::{RelyingParty, RpId},
};
use p256::ecdsa::{Signature, SigningKey};
use proptest::prelude::*;

use crate::mint::{CHALLENGE, Maker, credential_key, es256_key, key, vendor};

/// What the custody credential of a key answers, unless it is told otherwise.
struct Answer {
    maker: Maker,
    id: Vec<u8>,
    key: SigningKey,
    known: Credential,
}

impl Answer {
    fn new() -> Self {
        let (_, mut maker) = vendor();
        maker.flags = 0x05;
        maker.counter = 9;
        maker.client_data = ClientData::get(&maker.rp, &CHALLENGE).as_bytes().to_vec();
        let cose = glasskey::ctap::cbor::encode(&es256_key()).unwrap();
        let known = Credential { id: vec![1; 16], key: PublicKey::parse(&cose).unwrap(), counter: 8 };
        Self { maker, id: vec![1; 16], key: credential_key(), known }
    }

    fn signature(&self) -> Vec<u8> {
        self.maker.sign(&self.key)
    }

    fn check(&self, auth_data: &[u8], signature: &[u8]) -> Result<VerifiedAssertion, AssertionError> {
        let rp = RelyingParty::custody();
        let assertion =
            Assertion { credential_id: &self.id, auth_data, signature, client_data: &self.maker.client_data };
        let expected = ExpectedAssertion {
            rp: &rp,
            challenge: &CHALLENGE,
            credential: &self.known,
            user: UserVerification::Required,
        };
        verify_assertion(&assertion, &expected)
    }

    fn verify(&self) -> Result<VerifiedAssertion, AssertionError> {
        self.check(&self.maker.auth_data(), &self.signature())
    }
}

fn bent(bend: impl FnOnce(&mut Answer)) -> Result<VerifiedAssertion, AssertionError> {
    let mut answer = Answer::new();
    bend(&mut answer);
    answer.verify()
}

#[test]
fn a_good_assertion_is_verified() {
    let verified = bent(|_| {}).unwrap();
    assert_eq!(verified.credential_id(), [1; 16]);
    assert_eq!(verified.flags().0, 0x05);
    assert_eq!((verified.counter(), verified.counter_move()), (9, CounterMove::Advanced));
}

#[test]
fn the_counter_is_told_not_judged() {
    let moved = |before, after| {
        let set = |answer: &mut Answer| (answer.known.counter, answer.maker.counter) = (before, after);
        bent(|answer| set(answer)).unwrap().counter_move()
    };
    assert_eq!(moved(0, 0), CounterMove::NotKept);
    assert_eq!(moved(0, 4), CounterMove::Advanced);
    assert_eq!(moved(7, u32::MAX), CounterMove::Advanced);
    assert_eq!(moved(7, 7), CounterMove::Same);
    assert_eq!(moved(7, 6), CounterMove::WentBack);
    assert_eq!(moved(7, 0), CounterMove::WentBack);
}

#[test]
fn flags_are_exactly_those_asked_for() {
    for flags in 0..=u8::MAX {
        // Attested credential data and extensions make the length wrong, or are there: refused either way.
        let result = bent(|answer| answer.maker.flags = flags);
        assert_eq!(result.is_ok(), flags == 0x05, "{flags:02x}");
    }
    let refused = |flags| bent(|answer| answer.maker.flags = flags).unwrap_err();
    assert!(matches!(refused(0x04), AssertionError::Flags(FlagsError::UserNotPresent(_))));
    assert!(matches!(refused(0x01), AssertionError::Flags(FlagsError::UserNotVerified(_))));
    for flags in [0x07, 0x0d, 0x15, 0x25, 0x45] {
        assert!(
            matches!(refused(flags), AssertionError::Flags(FlagsError::Unexpected { .. })),
            "{flags:02x}"
        );
    }
    let extended = bent(|answer| {
        answer.maker.flags = 0x85;
        answer.maker.tail = vec![0xa0];
    });
    assert!(matches!(extended, Err(AssertionError::Flags(FlagsError::Unexpected { .. }))));
}

#[test]
fn the_authenticator_data_is_37_bytes() {
    let trailing = bent(|answer| answer.maker.tail = vec![0]);
    assert!(matches!(trailing, Err(AssertionError::AuthData(_))));
    let answer = Answer::new();
    for end in 0..37 {
        let cut = answer.check(&answer.maker.auth_data()[..end], &answer.signature());
        assert!(matches!(cut, Err(AssertionError::AuthData(_))), "{end}");
    }
}

#[test]
fn another_credential_party_key_or_challenge_is_refused() {
    assert_eq!(bent(|answer| answer.id = vec![2; 16]).unwrap_err(), AssertionError::WrongCredential);
    assert_eq!(bent(|answer| answer.key = key(98)).unwrap_err(), AssertionError::BadSignature);
    let entra = || RelyingParty::https(RpId::new("login.microsoft.com").unwrap());
    assert!(matches!(bent(|answer| answer.maker.rp = entra()), Err(AssertionError::WrongRpIdHash(_))));
    let client_data =
        |data: ClientData| bent(|answer| answer.maker.client_data = data.as_bytes().to_vec()).unwrap_err();
    let rp = RelyingParty::custody();
    assert_eq!(
        client_data(ClientData::get(&rp, &Challenge::new([8; 32]))),
        ClientDataError::WrongChallenge.into()
    );
    assert!(matches!(
        client_data(ClientData::create(&rp, &CHALLENGE)),
        AssertionError::ClientData(ClientDataError::WrongType { .. })
    ));
    assert!(matches!(
        client_data(ClientData::get(&entra(), &CHALLENGE)),
        AssertionError::ClientData(ClientDataError::WrongOrigin { .. })
    ));
    // What webauthn-rs overlooks in assertions: a frame of another site.
    let framed = bent(|answer| {
        let text = String::from_utf8(answer.maker.client_data.clone()).unwrap();
        answer.maker.client_data = text.replace("false", "true").into_bytes();
    });
    assert_eq!(framed.unwrap_err(), ClientDataError::OtherBytes.into());
}

#[test]
fn every_one_bit_bend_is_refused() {
    let answer = Answer::new();
    let (auth_data, signature) = (answer.maker.auth_data(), answer.signature());
    for bit in 0..auth_data.len() * 8 {
        let mut bent = auth_data.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let refused = answer.check(&bent, &signature).unwrap_err();
        match bit / 8 {
            0..32 => assert!(matches!(refused, AssertionError::WrongRpIdHash(_)), "{bit} {refused}"),
            32 => {
                let told = matches!(refused, AssertionError::Flags(_) | AssertionError::AuthData(_));
                assert!(told, "{bit} {refused}");
            }
            _ => assert_eq!(refused, AssertionError::BadSignature, "{bit}"),
        }
    }
    for bit in 0..signature.len() * 8 {
        let mut bent = signature.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(answer.check(&auth_data, &bent), Err(AssertionError::BadSignature), "{bit}");
    }
    for end in 0..signature.len() {
        assert_eq!(answer.check(&auth_data, &signature[..end]), Err(AssertionError::BadSignature));
    }
}

/// Signatures are malleable, which is why none is ever an identifier.
#[test]
fn the_other_signature_of_the_same_meaning_passes_too() {
    let answer = Answer::new();
    let signature = Signature::from_der(&answer.signature()).unwrap();
    let (r, s) = signature.split_scalars();
    let other = Signature::from_scalars(*r, -*s).unwrap();
    assert_ne!(other, signature);
    answer.check(&answer.maker.auth_data(), other.to_der().as_bytes()).unwrap();
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused(auth_data in prop::collection::vec(any::<u8>(), 0..60), signature in prop::collection::vec(any::<u8>(), 0..80)) {
        let answer = Answer::new();
        prop_assert!(answer.check(&auth_data, &signature).is_err());
        prop_assert!(answer.check(&answer.maker.auth_data(), &signature).is_err());
        prop_assert!(PublicKey::parse(&auth_data).is_err());
    }
}
