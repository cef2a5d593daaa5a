use super::*;
use proptest::prelude::*;

fn message(length: usize) -> Message {
    let payload = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
    Message { channel: Channel([1, 2, 3, 4]), command: Command::Cbor, payload }
}

fn join(reports: &[Report]) -> Result<Assembly, FrameError> {
    let mut assembly = Partial::start(&Packet::parse(&reports[0]))?;
    for report in &reports[1..] {
        assembly = match assembly {
            Assembly::Complete(_) => panic!("whole before its last packet"),
            Assembly::Partial(partial) => partial.extend(&Packet::parse(report))?,
        };
    }
    Ok(assembly)
}

proptest! {
    #[test]
    fn a_message_cut_into_reports_joins_to_itself(length in 0usize..=MAX_PAYLOAD) {
        let whole = message(length);
        prop_assert_eq!(join(&whole.reports().unwrap()), Ok(Assembly::Complete(whole)));
    }

    #[test]
    fn any_report_is_a_packet_and_any_packet_is_taken_or_refused(reports in prop::collection::vec(any::<[u8; 32]>(), 1..6)) {
        let mut partial = None;
        for half in &reports {
            let mut report = [0; REPORT_LEN];
            report[..32].copy_from_slice(half);
            let packet = Packet::parse(&report);
            let next = match partial.take() {
                None => Partial::start(&packet),
                Some(partial) => Partial::extend(partial, &packet),
            };
            if let Ok(Assembly::Partial(waiting)) = next {
                partial = Some(waiting);
            }
        }
    }
}

#[test]
fn every_command_byte_comes_back() {
    for byte in 0..0x80 {
        assert_eq!(u8::from(Command::from(byte)), byte);
    }
}

#[test]
fn the_longest_message_takes_129_packets_and_one_byte_more_is_refused() {
    assert_eq!(message(MAX_PAYLOAD).reports().unwrap().len(), 129);
    assert_eq!(message(MAX_PAYLOAD + 1).reports(), Err(FrameError::TooLong(MAX_PAYLOAD + 1)));
}

#[test]
fn a_length_that_no_message_can_have_is_refused_at_once() {
    let mut report = message(10).reports().unwrap()[0];
    report[5..7].copy_from_slice(&0xffffu16.to_be_bytes());
    assert_eq!(Partial::start(&Packet::parse(&report)), Err(FrameError::TooLong(0xffff)));
}

#[test]
fn missing_doubled_and_swapped_packets_are_told() {
    let reports = message(300).reports().unwrap();
    let missing = [reports[0], reports[2]];
    assert_eq!(join(&missing), Err(FrameError::Sequence { expected: 0, found: 1 }));
    let doubled = [reports[0], reports[1], reports[1]];
    assert_eq!(join(&doubled), Err(FrameError::Sequence { expected: 1, found: 0 }));
    let swapped = [reports[0], reports[2], reports[1]];
    assert!(join(&swapped).is_err());
    let begun_again = [reports[0], reports[0]];
    assert_eq!(join(&begun_again), Err(FrameError::Interrupted));
    assert_eq!(join(&reports[1..2]), Err(FrameError::NotStarted));
}
