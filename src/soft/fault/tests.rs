use proptest::prelude::*;

use super::mode::PLAIN;
use super::*;

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        (0..PLAIN.len()).prop_map(|place| PLAIN[place].1),
        Just(Mode::EscapeInfo),
        any::<u32>().prop_map(Mode::SilentAfter),
        any::<u32>().prop_map(Mode::Vanish),
        any::<u32>().prop_map(Mode::Slow),
        (1..=u8::MAX).prop_map(Mode::CtapError),
        (1..u32::MAX, any::<u32>())
            .prop_map(|(interval_ms, seconds)| Mode::KeepaliveFlood { interval_ms, seconds }),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Usual),
        Just(Target::Any),
        (0..Op::ALL.len()).prop_map(|place| Target::Op(Op::ALL[place])),
    ]
}

proptest! {
    #[test]
    fn every_fault_is_printed_as_it_is_parsed(
        mode in mode(), target in target(), skip: u32, times in proptest::option::of(1..u32::MAX),
    ) {
        let spec = FaultSpec { mode, target, skip, times };
        let possible = Op::ALL.into_iter().any(|op| spec.concerns(op));
        prop_assert_eq!(spec.to_string().parse().ok(), possible.then_some(spec));
    }

    #[test]
    fn garbage_is_refused_without_panic(text in "\\PC{0,40}") {
        if let Ok(spec) = text.parse::<FaultSpec>() {
            prop_assert_eq!(spec.to_string().parse::<FaultSpec>().ok(), Some(spec));
        }
    }
}

#[test]
fn what_can_have_no_effect_is_refused() {
    for text in [
        "",
        "dad",
        "dead=1",
        "silent-after",
        "silent-after=x",
        "ctap-error",
        "ctap-error=0",
        "ctap-error=0x100",
        "keepalive-flood=0",
        "silent@nothing",
        "silent*0",
        "silent+x",
        "escape-info@reset",
        "no-x5c@getassertion",
        "wrong-nonce@getinfo",
        "bad-seq@init",
        "silent+1@any",
    ] {
        assert!(text.parse::<FaultSpec>().is_err(), "{text}");
    }
}

#[test]
fn arguments_have_their_defaults() {
    let printed = |text: &str| text.parse::<FaultSpec>().unwrap().to_string();
    assert_eq!(printed("vanish"), "vanish=0");
    assert_eq!(printed("slow"), "slow=20");
    assert_eq!(printed("keepalive-flood"), "keepalive-flood=5/15");
    assert_eq!(printed("keepalive-flood=50@getinfo*1"), "keepalive-flood=50/15@getinfo*1");
    assert_eq!(printed("ctap-error=49"), "ctap-error=0x31");
}

#[test]
fn a_fault_skips_and_ends() {
    let mut book = FaultBook::default();
    book.add("silent@getinfo+1*2".parse().unwrap(), None);
    let strikes: Vec<bool> = (0..5).map(|_| book.strike(Op::GetInfo).is_some()).collect();
    assert_eq!(strikes, [false, true, true, false, false]);
    assert!(book.strike(Op::Init).is_none());
}
