//! A client's end of CTAPHID (CTAP §11.2), held against keys that follow a script: whatever a key does, every
//! exchange ends in time, and nobody else's frame is taken for its answer.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "helpers of tests, which measure time")]

#[cfg(test)] // clippy allows helpers of tests what it allows tests
#[path = "support/scripted.rs"]
mod scripted;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use glasskey::ctap::frame::{Channel, Command, FrameError, MAX_PAYLOAD, Message};
use glasskey::ctap::init::InitError;
use glasskey::key::cancel::Cancel;
use glasskey::key::conversation::{Conversation, Waiting};
use glasskey::key::patience::{Pace, Patience};
use glasskey::key::talk_error::TalkError;
use glasskey::key::wire::Wire;
use scripted::{
    Hasty, OURS, PROCESSING, Received, ScriptedKey, Step, THEIRS, TOUCH, Turn, answers, foreign_flood,
    foreign_frames, keepalive, keepalives, opens, pause, refuses, says,
};

const NONCE: [u8; 8] = *b"nonce123";
const DURING: &str = "a test";
const EVERY: Duration = Duration::from_millis(5);

/// The real waits in small, with room for a busy machine between them.
const PATIENCE: Patience =
    Patience { quick: ms(150), work: ms(150), touch: ms(800), reset: ms(150), grace: ms(250) };
/// What a busy machine may add to a wait.
const SLACK: Duration = ms(500);

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A conversation, and what can be seen of it from outside.
struct Talk {
    conversation: Conversation,
    received: Received,
    cancel: Cancel,
    waits: Arc<Mutex<Vec<Option<Waiting>>>>,
}

fn connect(wire: Box<dyn Wire>, received: Received, cancel: Cancel) -> Result<Talk, TalkError> {
    let waits = Arc::<Mutex<Vec<_>>>::default();
    let heard = Arc::clone(&waits);
    let on_wait = Box::new(move |waiting| heard.lock().unwrap().push(waiting));
    let conversation = Conversation::open(wire, PATIENCE, cancel.clone(), on_wait, NONCE)?;
    waits.lock().unwrap().clear();
    Ok(Talk { conversation, received, cancel, waits })
}

fn open(key: ScriptedKey) -> Result<Talk, TalkError> {
    let received = key.received();
    connect(Box::new(key), received, Cancel::default())
}

/// A channel to a key that plays these turns.
fn with(turns: impl IntoIterator<Item = Turn>) -> Talk {
    open(ScriptedKey::that_plays(turns)).unwrap()
}

impl Talk {
    fn ask(&mut self, pace: Pace) -> Result<Vec<u8>, TalkError> {
        self.conversation.exchange(Command::Cbor, &[0x04], DURING, pace)
    }

    fn cancels(&self) -> usize {
        self.received.count(Command::Cancel)
    }

    /// The next command is understood: nothing of the last one is in the way.
    fn is_clean(&mut self) -> bool {
        self.ask(Pace::Quick).is_ok_and(|answer| answer == [0x00, 0xc1])
    }
}

/// What a key answers to the command that [`Talk::is_clean`] sends.
fn clean() -> Turn {
    answers(&[0x00, 0xc1])
}

fn timed<T>(does: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (does(), began.elapsed())
}

/// At least the limit, and not much more.
fn took(spent: Duration, limit: Duration) -> bool {
    spent >= limit && spent < limit * 2 + SLACK
}

#[test] // CTAP §11.2.9.1.3
fn an_answer_to_another_programs_init_is_skipped_and_ours_is_sent_once() {
    let key = ScriptedKey::that(|message| {
        let mut other = message.clone();
        other.payload = b"theirs!!".to_vec();
        let mut turn = vec![opens(&other); 20];
        turn.extend([pause(10), opens(&other), opens(message)]);
        turn
    });
    let talk = open(key).unwrap();
    assert_eq!(talk.conversation.version().device, [5, 7, 1]);
    assert_eq!(talk.received.count(Command::Init), 1);
}

#[test] // CTAP §11.2.9.1.3
fn a_key_that_never_gives_our_nonce_is_silent() {
    let key = ScriptedKey::that(|message| {
        let mut bent = message.clone();
        bent.payload[7] ^= 1;
        let Step::Send(report) = opens(&bent) else { panic!("no report") };
        vec![Step::Repeat { report, every: EVERY, times: None }]
    });
    let received = key.received();
    let (result, spent) = timed(|| open(key));
    assert!(matches!(result.err(), Some(TalkError::Silent { during: "INIT", .. })));
    assert!(took(spent, PATIENCE.quick), "{spent:?}");
    assert_eq!(received.all().len(), 1, "INIT is sent once, and it can't be cancelled");
}

#[test] // CTAP §11.2.9.1.3, §11.2.4
fn an_answer_to_init_that_opens_nothing_is_refused() {
    let answer = |channel: [u8; 4], length: usize| {
        let key = ScriptedKey::that(move |message| {
            let payload = [&message.payload[..], &channel, &[2, 0, 0, 0, 4, 99, 99]].concat();
            says(Channel::BROADCAST, Command::Init, &payload[..length])
        });
        open(key).err()
    };
    assert!(answer(OURS.0, 17).is_none());
    assert!(answer(OURS.0, 19).is_none(), "what later versions add is skipped");
    assert!(matches!(answer([0xff; 4], 17), Some(TalkError::Init(InitError::ReservedChannel))));
    assert!(matches!(answer([0; 4], 17), Some(TalkError::Init(InitError::ReservedChannel))));
    assert!(matches!(answer(OURS.0, 16), Some(TalkError::Init(InitError::Length(16)))));
}

#[test] // CTAP §11.2.3: every reader of the device gets every report
fn frames_of_other_channels_are_skipped_before_and_within_an_answer() {
    let long = vec![0x5a; 300];
    let ours = answers(&long);
    let theirs = says(THEIRS, Command::Cbor, &[0x31; 200]);
    let mut turn: Turn =
        ours.iter().zip(theirs.iter().cycle()).flat_map(|(a, b)| [b.clone(), a.clone()]).collect();
    turn.splice(0..0, says(THEIRS, Command::Error, &[0x06]));
    turn.splice(0..0, says(Channel::BROADCAST, Command::Init, &[0; 17]));
    turn.splice(0..0, says(THEIRS, Command::Keepalive, &[TOUCH]));
    let mut talk = with([turn]);
    assert_eq!(talk.ask(Pace::Quick).unwrap(), long);
    assert_eq!(*talk.waits.lock().unwrap(), [Some(Waiting::Processing), None]);
}

#[test] // CTAP §11.2.4: from no byte to the longest message, and every border between packets
fn answers_of_every_length_come_whole() {
    for length in [0, 1, 57, 58, 116, 117, 1024, 3072, MAX_PAYLOAD] {
        let payload: Vec<u8> = (0..length).map(|place| u8::try_from(place % 251).unwrap()).collect();
        let mut talk = with([says(OURS, Command::Ping, &payload)]);
        let answer = talk.conversation.exchange(Command::Ping, &payload, DURING, Pace::Quick).unwrap();
        assert!(answer == payload, "{length}");
        assert_eq!(talk.received.all().last().unwrap().payload, payload);
    }
}

#[test] // CTAP §11.2.9.1.7
fn what_the_key_waits_for_is_told_when_it_changes_and_its_end_is_told() {
    let mut turn = vec![keepalive(PROCESSING), keepalive(TOUCH), keepalive(TOUCH), keepalive(TOUCH)];
    turn.extend([keepalive(PROCESSING), keepalive(0x77), keepalive(0x77)]);
    turn.extend(answers(&[0]));
    let mut talk = with([turn]);
    talk.ask(Pace::Touch).unwrap();
    let expected =
        [Waiting::Processing, Waiting::Touch(PATIENCE.touch), Waiting::Processing, Waiting::Other(0x77)];
    let expected: Vec<_> = expected.into_iter().map(Some).chain([None]).collect();
    assert_eq!(*talk.waits.lock().unwrap(), expected);
}

#[test]
fn a_silent_key_costs_the_silence_limit_and_is_told_to_stop() {
    let mut talk = with([vec![]]);
    let (result, spent) = timed(|| talk.ask(Pace::Touch));
    let Err(TalkError::Silent { during: DURING, after }) = result else { panic!("{result:?}") };
    assert_eq!(after, PATIENCE.work, "and not the total, which is longer");
    assert!(took(spent, PATIENCE.work + PATIENCE.grace) && spent < PATIENCE.touch + SLACK, "{spent:?}");
    assert_eq!(talk.cancels(), 1);
    assert_eq!(talk.waits.lock().unwrap().last(), Some(&None));
}

#[test] // CTAP §11.2.9.1.7: keepalives come at least every 100 ms, and a burst of them may not hide the answer
fn keepalives_move_the_silence_limit_and_none_of_them_loses_the_answer() {
    let mut turn = vec![keepalives(PROCESSING, EVERY, 70)];
    turn.extend(answers(&[0, 0xa0]));
    let mut talk = with([turn]);
    let (answer, spent) = timed(|| talk.ask(Pace::Touch));
    assert_eq!(answer.unwrap(), [0, 0xa0]);
    assert!(spent > PATIENCE.work * 2, "longer than the silence limit, {spent:?}");
}

#[test]
fn endless_keepalives_end_at_the_total() {
    for (pace, total) in [(Pace::Touch, PATIENCE.touch), (Pace::Work, PATIENCE.work)] {
        let mut talk = with([vec![keepalives(PROCESSING, EVERY, u32::MAX)]]);
        let (result, spent) = timed(|| talk.ask(pace));
        assert!(matches!(result, Err(TalkError::Endless { after, .. }) if after == total), "{result:?}");
        assert!(took(spent, total + PATIENCE.grace), "{spent:?}");
        assert_eq!(talk.cancels(), 1);
    }
}

#[test] // CTAP §11.2.9.1.5
fn when_nobody_touches_the_key_it_is_told_and_its_answer_is_read() {
    let mut turn = vec![keepalives(TOUCH, EVERY, None)];
    turn.extend(answers(&[0x2d]));
    let mut talk = with([turn, clean()]);
    let (result, spent) = timed(|| talk.ask(Pace::Touch));
    let error = result.unwrap_err();
    let limit = PATIENCE.touch;
    assert!(matches!(error, TalkError::NoTouch { after, stopped: true } if after == limit), "{error:?}");
    assert!(!error.to_string().contains("unplug"), "{error}");
    assert!(took(spent, PATIENCE.touch), "{spent:?}");
    assert_eq!(talk.cancels(), 1);
    assert!(talk.is_clean());
    assert_eq!(talk.received.count(Command::Init), 1, "the key had stopped, so nothing had to be cleared");
}

#[test] // CTAP §11.2.9.1.5
fn a_key_that_does_not_say_that_it_stopped_may_still_take_a_touch() {
    let error = with([vec![keepalives(TOUCH, EVERY, None)]]).ask(Pace::Touch).unwrap_err();
    assert!(matches!(error, TalkError::NoTouch { stopped: false, .. }), "{error:?}");
    assert!(error.to_string().contains("unplug it before anybody touches it"), "{error}");
}

#[test] // CTAP §11.2.9.1.5, §11.2.9.1.6
fn a_key_that_refuses_the_cancel_itself_has_not_stopped() {
    for code in [0x01, 0x06] {
        let deaf = || {
            let mut turn = vec![keepalives(TOUCH, EVERY, None)];
            turn.extend(refuses(code));
            turn.push(keepalives(TOUCH, EVERY, 1000));
            turn
        };
        let mut talk = with([deaf(), clean()]);
        let error = talk.ask(Pace::Touch).unwrap_err();
        assert!(matches!(error, TalkError::NoTouch { stopped: false, .. }), "{error:?}");
        assert!(talk.is_clean());
        assert_eq!(talk.received.count(Command::Init), 2, "what it still had to say was cleared");
        let mut talk = with([deaf()]);
        let (_, timing) = talk.conversation.break_off(Command::Cbor, &[0x01], DURING).unwrap();
        assert_eq!((timing.touch, timing.cancelled), (true, None));
    }
}

#[test] // CTAP §11.2.9.1.5: a cancel that crosses the answer is ignored by the key
fn an_answer_that_comes_after_the_cancel_counts() {
    let mut whole = vec![keepalives(TOUCH, EVERY, None), keepalive(TOUCH), pause(5)];
    whole.extend(says(THEIRS, Command::Cbor, &[0x2d]));
    whole.extend(answers(&[0x5a; 200]));
    let mut talk = with([whole]);
    assert_eq!(talk.ask(Pace::Touch).unwrap(), [0x5a; 200]);
    assert_eq!(talk.cancels(), 1);
}

#[test]
fn an_answer_that_began_before_the_time_was_up_counts_too() {
    let mut turn = answers(&[0x5a; 200]);
    turn.insert(2, Step::UntilCancelled);
    let mut talk = with([turn]);
    assert_eq!(talk.ask(Pace::Quick).unwrap(), [0x5a; 200]);
}

#[test]
fn an_answer_that_trickles_past_the_total_is_no_missing_touch() {
    let mut turn = vec![keepalive(TOUCH)];
    for step in answers(&[0x5a; 3000]) {
        turn.extend([step, pause(30)]);
    }
    let (result, spent) = timed(|| with([turn]).ask(Pace::Touch));
    assert!(matches!(result, Err(TalkError::Endless { .. })), "{result:?}");
    assert!(took(spent, PATIENCE.touch + PATIENCE.grace), "{spent:?}");
}

#[test] // the trait lets a wire wake up early
fn a_wire_that_wakes_up_early_shortens_no_wait() {
    let mut turn = vec![keepalives(TOUCH, EVERY, None), pause(10)];
    turn.extend(answers(&[0x2d]));
    let key = ScriptedKey::that_plays([turn, clean()]);
    let received = key.received();
    let mut talk = connect(Box::new(Hasty(key)), received, Cancel::default()).unwrap();
    assert!(matches!(talk.ask(Pace::Touch), Err(TalkError::NoTouch { .. })));
    assert!(talk.is_clean());
    assert_eq!(talk.received.count(Command::Init), 1, "the answer to the cancel was read");
}

#[test] // CTAP §11.2.9.1.5
fn an_interruption_is_told_to_the_key_once_and_its_answer_is_read() {
    let cancel = Cancel::default();
    let mut turn = vec![keepalives(TOUCH, EVERY, 5), Step::Interrupt(cancel.clone())];
    turn.extend([keepalives(TOUCH, EVERY, None), pause(5)]);
    turn.extend(answers(&[0x2d]));
    let key = ScriptedKey::that_plays([turn]);
    let received = key.received();
    let mut talk = connect(Box::new(key), received, cancel).unwrap();
    let (result, spent) = timed(|| talk.ask(Pace::Touch));
    assert!(matches!(result, Err(TalkError::Interrupted)), "{result:?}");
    assert!(spent < PATIENCE.touch, "{spent:?}");
    assert_eq!(talk.cancels(), 1);
    assert!(talk.received.said_all(), "the answer to the cancel was read");
}

#[test]
fn an_interruption_ends_a_silent_wait_before_its_limit() {
    let patience = Patience { work: ms(30_000), touch: ms(30_000), ..PATIENCE };
    let key = ScriptedKey::that_plays([vec![]]);
    let cancel = Cancel::default();
    let other = cancel.clone();
    let mut talk = Conversation::open(Box::new(key), patience, cancel, Box::new(|_| {}), NONCE).unwrap();
    let other = thread::spawn(move || {
        thread::sleep(ms(20));
        other.request();
    });
    let (result, spent) = timed(|| talk.exchange(Command::Cbor, &[0x04], DURING, Pace::Touch));
    other.join().unwrap();
    assert!(matches!(result, Err(TalkError::Interrupted)), "{result:?}");
    assert!(spent < ms(5000), "{spent:?}");
}

#[test]
fn after_an_interruption_nothing_more_is_sent() {
    let mut talk = with([clean()]);
    talk.cancel.request();
    assert!(matches!(talk.ask(Pace::Work), Err(TalkError::Interrupted)));
    assert_eq!(talk.received.all().len(), 1, "INIT, and no request that might cost an attempt");
}

#[test]
fn an_interruption_ends_the_wait_for_a_channel() {
    let key = ScriptedKey::that(|_| vec![foreign_flood()]);
    let received = key.received();
    let cancel = Cancel::default();
    cancel.request();
    let (result, spent) =
        timed(|| Conversation::open(Box::new(key), PATIENCE, cancel, Box::new(|_| {}), NONCE));
    assert!(matches!(result, Err(TalkError::Interrupted)));
    assert!(spent < PATIENCE.quick, "{spent:?}");
    assert_eq!(received.count(Command::Cancel), 0, "there is nothing to cancel");
}

#[test]
fn a_flood_of_foreign_frames_holds_up_neither_the_limits_nor_an_interruption() {
    let mut talk = with([vec![foreign_flood()]]);
    let (result, spent) = timed(|| talk.ask(Pace::Touch));
    assert!(matches!(result, Err(TalkError::Silent { .. })), "{result:?}");
    assert!(took(spent, PATIENCE.work + PATIENCE.grace), "{spent:?}");

    let cancel = Cancel::default();
    let turn = vec![keepalive(TOUCH), foreign_frames(1000), Step::Interrupt(cancel.clone()), foreign_flood()];
    let key = ScriptedKey::that_plays([turn]);
    let received = key.received();
    let mut talk = connect(Box::new(key), received, cancel).unwrap();
    let (result, spent) = timed(|| talk.ask(Pace::Touch));
    assert!(matches!(result, Err(TalkError::Interrupted)), "{result:?}");
    assert!(spent < PATIENCE.touch, "{spent:?}");
}

#[test]
fn a_key_that_vanishes_is_gone_wherever_it_was() {
    let begun = [answers(&[0; 200])[0].clone(), Step::Vanish];
    for turn in [vec![Step::Vanish], vec![keepalive(TOUCH), Step::Vanish], begun.to_vec()] {
        let mut talk = with([turn]);
        let (result, spent) = timed(|| talk.ask(Pace::Touch));
        assert!(matches!(result, Err(TalkError::Gone { during: DURING, .. })), "{result:?}");
        assert!(spent < PATIENCE.quick, "{spent:?}");
        // And it stays gone; the wait that was begun is told to be over.
        assert!(matches!(talk.ask(Pace::Touch), Err(TalkError::Gone { .. })));
        assert_eq!(talk.waits.lock().unwrap().last(), Some(&None));
    }
}

#[test] // CTAP §11.2.9.1.6, ERR_CHANNEL_BUSY
fn a_busy_key_is_asked_again_until_it_is_free_or_the_time_is_up() {
    let mut talk = with([refuses(0x06), refuses(0x06), clean()]);
    assert!(talk.ask(Pace::Touch).is_ok());
    assert_eq!(talk.received.count(Command::Cbor), 3);

    let mut talk = with(vec![refuses(0x06); 100]);
    let (result, spent) = timed(|| talk.ask(Pace::Touch));
    assert!(matches!(result, Err(TalkError::Busy)), "{result:?}");
    assert!(spent < PATIENCE.touch + SLACK, "{spent:?}");
    assert!(talk.received.count(Command::Cbor) <= 8, "it is left in peace in between");
    assert_eq!(talk.cancels(), 0, "it is another program's transaction");
}

#[test] // CTAP §11.2.9.1.6
fn every_other_error_ends_the_exchange_with_its_code() {
    for code in [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0a, 0x0b, 0x7f] {
        let mut talk = with([refuses(code), clean()]);
        let result = talk.ask(Pace::Quick);
        assert!(matches!(result, Err(TalkError::ErrorFrame { code: c, .. }) if c == code), "{result:?}");
        assert!(talk.is_clean());
    }
}

#[test] // CTAP §11.2.4, §11.2.5
fn broken_messages_are_refused_at_once() {
    let good = answers(&[0x5a; 300]);
    let swapped = vec![good[0].clone(), good[2].clone(), good[1].clone()];
    let missing = vec![good[0].clone(), good[1].clone(), good[3].clone()];
    let doubled = vec![good[0].clone(), good[1].clone(), good[1].clone()];
    let begun_again = vec![good[0].clone(), good[0].clone()];
    let Step::Send(mut long) = good[0] else { panic!("no report") };
    long[5..7].copy_from_slice(&7610u16.to_be_bytes());
    for (turn, expected) in [
        (swapped, FrameError::Sequence { expected: 0, found: 1 }),
        (missing, FrameError::Sequence { expected: 1, found: 2 }),
        (doubled, FrameError::Sequence { expected: 1, found: 0 }),
        (begun_again, FrameError::Interrupted),
        (good[1..].to_vec(), FrameError::NotStarted),
        (vec![Step::Send(long)], FrameError::TooLong(7610)),
    ] {
        let mut talk = with([turn]);
        let (result, spent) = timed(|| talk.ask(Pace::Touch));
        assert!(
            matches!(result, Err(TalkError::Frame { source, .. }) if source == expected),
            "{result:?}, not {expected:?}"
        );
        assert!(spent < PATIENCE.work, "{spent:?}");
    }
}

#[test]
fn an_answer_of_another_command_is_told() {
    let mut talk = with([says(OURS, Command::Wink, &[])]);
    let result = talk.ask(Pace::Quick);
    assert!(matches!(result, Err(TalkError::Unexpected { found: Command::Wink, .. })), "{result:?}");
}

#[test] // CTAP §11.2.9.1.3: INIT on one's own channel clears it
fn an_answer_to_an_older_command_is_never_taken_for_the_next_ones() {
    let long = || answers(&[0xde; 100]);
    let stale = move || [answers(&[0x00, 0xde, 0xad]), long()[1..].to_vec(), long()[..1].to_vec()].concat();
    // The key answers long after the client has given up, or just before it hears that its channel is cleared.
    let late = move || [vec![pause(5000)], stale()].concat();
    let mut turns = vec![clean(), late()];
    let key = ScriptedKey::that(move |message| match message.command {
        Command::Init if message.channel == OURS => [stale(), vec![opens(message)]].concat(),
        Command::Init => vec![opens(message)],
        _ => turns.pop().unwrap(),
    });
    let mut talk = open(key).unwrap();
    assert!(matches!(talk.ask(Pace::Quick), Err(TalkError::Silent { .. })));
    assert!(talk.is_clean());
}

#[test] // CTAP §11.2.9.1.3
fn a_broken_answers_rest_is_not_taken_for_the_next_answer() {
    let good = answers(&[0x5a; 300]);
    let mut broken = vec![good[0].clone(), good[2].clone()];
    broken.extend(answers(&[0x00, 0xde, 0xad]));
    let mut talk = with([broken, clean()]);
    assert!(matches!(talk.ask(Pace::Quick), Err(TalkError::Frame { .. })));
    assert!(talk.is_clean());
}

/// A key that answers nothing, and clears its channel by these steps.
fn that_clears(clears: impl Fn(&Message) -> Turn + Send + 'static, then: Turn) -> Talk {
    let mut turns = vec![then, vec![]];
    let key = ScriptedKey::that(move |message| match message.command {
        Command::Init if message.channel == OURS => clears(message),
        Command::Init => vec![opens(message)],
        _ => turns.pop().unwrap_or_default(),
    });
    open(key).unwrap()
}

#[test]
fn a_channel_that_is_cleared_slowly_takes_no_time_from_the_next_command() {
    let slow = || pause(80);
    let answer = [vec![slow()], clean()].concat();
    let mut talk = that_clears(move |init| vec![slow(), opens(init)], answer);
    assert!(matches!(talk.ask(Pace::Quick), Err(TalkError::Silent { .. })));
    let (_, spent) = timed(|| assert!(talk.is_clean(), "two waits, each within its own limit"));
    assert!(spent > PATIENCE.quick, "{spent:?}");
    let told = talk.conversation.timings().last().unwrap().took;
    assert!(told < PATIENCE.quick, "what is told of the command is of the command: {told:?}");
}

#[test]
fn a_key_that_does_not_clear_its_channel_is_asked_nothing_more() {
    let mut talk = that_clears(|_| vec![], vec![]);
    assert!(matches!(talk.ask(Pace::Quick), Err(TalkError::Silent { .. })));
    let sent = talk.received.count(Command::Cbor);
    assert!(matches!(talk.ask(Pace::Quick), Err(TalkError::Silent { .. })));
    assert!(talk.conversation.break_off(Command::Cbor, &[0x01], DURING).is_err());
    assert_eq!(talk.received.count(Command::Cbor), sent, "no request that might cost an attempt");
    assert_eq!(talk.conversation.timings().len(), 1, "what was not sent was not measured");
}

#[test]
fn traffic_is_counted() {
    let mut turn = says(THEIRS, Command::Cbor, &[0]);
    turn.extend(answers(&[0; 100]));
    let mut talk = with([turn]);
    talk.conversation.exchange(Command::Cbor, &[7; 100], DURING, Pace::Quick).unwrap();
    let traffic = talk.conversation.traffic();
    assert_eq!((traffic.transactions, traffic.sent, traffic.received), (2, 3, 4));
}
