use super::*;
use proptest::prelude::*;

fn secret(byte: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new([byte; 32])
}

fn public(byte: u8) -> Vec<u8> {
    cose_key(&SecretKey::from_slice(secret(byte).as_slice()).unwrap().public_key()).unwrap()
}

fn pair(protocol: Protocol) -> (SharedSecret, SharedSecret) {
    (
        SharedSecret::agree(protocol, &public(2), &secret(1)).unwrap(),
        SharedSecret::agree(protocol, &public(1), &secret(2)).unwrap(),
    )
}

proptest! {
    #[test]
    fn both_ends_agree_and_what_one_encrypts_the_other_reads(blocks in 1usize..5, byte: u8, iv: [u8; 16]) {
        for protocol in [Protocol::One, Protocol::Two] {
            let (ours, theirs) = pair(protocol);
            let plain = vec![byte; blocks * 16];
            let sent = ours.encrypt(&plain, &iv).unwrap();
            let read = theirs.decrypt(&sent).unwrap();
            prop_assert_eq!(read.as_slice(), plain);
            prop_assert_eq!(ours.authenticate(&[b"a", b"b"]), theirs.authenticate(&[b"ab"]));
        }
    }

    #[test]
    fn any_bytes_are_a_public_key_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = SharedSecret::agree(Protocol::Two, &bytes, &secret(1));
    }
}

#[test]
fn lengths_are_those_of_the_specification() {
    let (one, _) = pair(Protocol::One);
    let (two, _) = pair(Protocol::Two);
    assert_eq!(one.encrypt(&[0; 64], &[9; 16]).unwrap().len(), 64);
    assert_eq!(two.encrypt(&[0; 64], &[9; 16]).unwrap().len(), 80);
    assert_eq!(one.authenticate(&[b"x"]).len(), 16);
    assert_eq!(two.authenticate(&[b"x"]).len(), 32);
    assert_eq!(two.decrypt(&[0; 16]).err(), Some(ProtocolError::Length(16)));
    assert_eq!(one.decrypt(&[0; 17]).err(), Some(ProtocolError::Length(17)));
    let token = |protocol, length| Token::new(protocol, Zeroizing::new(vec![0; length])).is_ok();
    assert!(token(Protocol::One, 16) && token(Protocol::One, 32) && token(Protocol::Two, 32));
    assert!(!token(Protocol::Two, 16) && !token(Protocol::One, 48) && !token(Protocol::One, 0));
}

#[test]
fn a_point_off_the_curve_and_every_flip_of_a_good_key_are_refused_or_another_point() {
    let good = public(2);
    let (shared, _) = pair(Protocol::Two);
    for bit in 0..good.len() * 8 {
        let mut bent = good.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = SharedSecret::agree(Protocol::Two, &bent, &secret(1)) {
            // Only the redundant algorithm number may change without notice.
            assert!(
                other.authenticate(&[b"x"]) != shared.authenticate(&[b"x"]) || (3..7).contains(&(bit / 8)),
                "bit {bit}"
            );
        }
    }
}

/// Known answers, so that both ends being wrong alike would show: computed with an independent implementation.
#[test]
fn known_answers() {
    let (one, _) = pair(Protocol::One);
    let (two, _) = pair(Protocol::Two);
    insta::assert_snapshot!(hex::encode(one.authenticate(&[b"glasskey"])), @"f246c9c810296e9a039e93d4b3864002");
    insta::assert_snapshot!(hex::encode(two.authenticate(&[b"glasskey"])), @"08db0ac06868fd955decfe0b42b9979588357c4d5cac8bff7e933df524c62cd6");
    insta::assert_snapshot!(hex::encode(two.encrypt(&[7; 16], &[9; 16]).unwrap()), @"090909090909090909090909090909092b368d695ac3823f1d5db858632c2084");
}
