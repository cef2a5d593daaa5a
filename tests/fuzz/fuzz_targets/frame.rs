#![no_main]
//! CTAPHID frames: reports in any order are joined or refused; what is joined is cut into the same reports again.

use glasskey::ctap::frame::{
    Assembly, CONT_DATA, Channel, Command, INIT_DATA, MAX_PAYLOAD, Message, Packet, Partial,
};
use glasskey_fuzz::Input;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    if input.flag() { cut(input) } else { join(input) }
});

/// A message is cut and joined again.
fn cut(mut input: Input<'_>) {
    let message = Message {
        channel: Channel(input.array()),
        command: Command::from(input.byte()),
        payload: input.rest().to_vec(),
    };
    let Ok(reports) = message.reports() else {
        assert!(message.payload.len() > MAX_PAYLOAD);
        return;
    };
    let more = message.payload.len().saturating_sub(INIT_DATA).div_ceil(CONT_DATA);
    assert_eq!(reports.len(), 1 + more);
    assert_eq!(whole(&reports), Some(message));
}

/// Any reports are joined.
fn join(mut input: Input<'_>) {
    let mut reports = Vec::new();
    let mut partial: Option<Partial> = None;
    while !input.is_empty() {
        let report: [u8; 64] = input.array();
        let packet = Packet::parse(&report);
        assert_eq!(packet.channel().0, report[..4]);
        let next = match partial.take() {
            None => {
                reports.clear();
                Partial::start(&packet)
            }
            Some(partial) => partial.extend(&packet),
        };
        reports.push(report);
        match next {
            Ok(Assembly::Partial(more)) => partial = Some(more),
            Ok(Assembly::Complete(message)) => {
                assert!(message.payload.len() <= MAX_PAYLOAD);
                assert_eq!(
                    message.payload.len(),
                    usize::from(u16::from_be_bytes([reports[0][5], reports[0][6]]))
                );
                let again = message.reports().expect("it came in reports");
                assert_eq!(again.len(), reports.len());
                assert_eq!(again[0][..7], reports[0][..7]);
                assert_eq!(whole(&again), Some(message));
            }
            Err(error) => drop(error.to_string()),
        }
    }
}

/// The message, if the last of the reports and no earlier one makes it whole.
fn whole(reports: &[[u8; 64]]) -> Option<Message> {
    let (first, rest) = reports.split_first()?;
    let start = Partial::start(&Packet::parse(first)).ok()?;
    let end = rest.iter().try_fold(start, |so_far, report| match so_far {
        Assembly::Partial(partial) => partial.extend(&Packet::parse(report)).ok(),
        Assembly::Complete(_) => None,
    })?;
    match end {
        Assembly::Complete(message) => Some(message),
        Assembly::Partial(_) => None,
    }
}
