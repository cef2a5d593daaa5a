//! How it behaves: stop, keep alive, be quick, come back.

use std::time::Duration;

use super::{AGAIN, DIFFERS, Subject, untried};
use crate::facts::Step;
use crate::key::conversation::Timing;
use crate::key::trial::Stopped;
use crate::onboard::finding::{Finding, Id};
use crate::onboard::pace;
use crate::onboard::tried::Unplugged;

/// How long a key may take to stop.
const STOP: Duration = Duration::from_secs(1);
/// An answer that comes so soon after a cancel was on its way before.
const CROSSED: Duration = Duration::from_millis(100);
/// The longest silence of a key that works. The specification wants a keepalive every 100 ms; this is what clients bear easily.
const SILENCE: Duration = Duration::from_millis(500);
/// How long an answer may take that waits for nobody.
const SLOW: Duration = Duration::from_secs(2);

pub(super) fn ping(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::Ping, &subject.case.tried.ping);
    match step {
        Step::Done(true) => Finding::pass(id, "several packets came back as they were sent"),
        Step::Done(false) => Finding::fail(id, "other bytes came back than were sent", AGAIN),
        Step::Refused(refusal) => Finding::warn(id, refusal.to_string(), DIFFERS),
        Step::Broke(why) => Finding::warn(id, why.clone(), DIFFERS),
        step => untried(id, step).unwrap_or_else(|| Finding::skipped(id, "not tried")),
    }
}

pub(super) fn wink(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::Wink, &subject.case.tried.wink);
    match step {
        Step::Done(()) => {
            Finding::pass(id, "claimed, and answered; whether it could be seen, a person knows")
        }
        Step::Refused(refusal) => Finding::warn(id, format!("claimed, and refused: {refusal}"), DIFFERS),
        Step::Broke(why) => Finding::warn(id, format!("claimed, but: {why}"), DIFFERS),
        step => untried(id, step).unwrap_or_else(|| Finding::skipped(id, "not tried")),
    }
}

pub(super) fn cancel(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::Cancel, &subject.case.tried.cancel);
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    let cure = "After Ctrl-C, unplug the key before it is touched again.";
    match step {
        Step::Done(Stopped::InTime(after)) if *after <= STOP => {
            Finding::pass(id, format!("it stopped within {} ms", after.as_millis()))
        }
        Step::Done(Stopped::InTime(after)) => {
            Finding::warn(id, format!("it stopped, after {} ms", after.as_millis()), cure)
        }
        Step::Done(Stopped::Otherwise(0, after)) if *after <= CROSSED => {
            Finding::skipped(id, "it was touched just when it was told to stop")
        }
        Step::Done(Stopped::Otherwise(0, _)) => {
            Finding::fail(id, "it was told to stop, and made the credential all the same", cure)
        }
        Step::Done(Stopped::Otherwise(status, _)) => {
            Finding::warn(id, format!("it stopped, but says 0x{status:02x}, not that it was cancelled"), cure)
        }
        Step::Done(Stopped::Deaf) => Finding::fail(id, "it was told to stop, and did not", cure),
        Step::Done(Stopped::NeverWaited) => {
            Finding::skipped(id, "it was touched, or answered, before it could be told to stop")
        }
        Step::Refused(refusal) => Finding::skipped(id, format!("it refused the registration: {refusal}")),
        _ => Finding::skipped(id, "not tried"),
    }
}

pub(super) fn keepalive(subject: &Subject<'_>) -> Finding {
    let id = Id::Keepalive;
    // Answers that take less need no keepalive.
    let long: Vec<_> = subject.case.tried.timings.iter().filter(|timing| timing.took > SILENCE).collect();
    let kept = subject.case.tried.timings.iter().filter(|timing| timing.keepalives > 1);
    let longest = long.iter().copied().chain(kept).max_by_key(|timing| timing.silence);
    let Some(Timing { during, silence, .. }) = longest else {
        return Finding::skipped(id, "no answer took long enough to need one");
    };
    let told = format!("{} ms at the most between two packets ({during})", silence.as_millis());
    if *silence <= SILENCE {
        Finding::pass(id, told)
    } else {
        Finding::warn(id, told, "Try the browsers that you will use: some give up a key that is silent.")
    }
}

pub(super) fn pace(subject: &Subject<'_>) -> Finding {
    let id = Id::Pace;
    let operations = pace::operations(&subject.case.tried.timings);
    let slowest =
        operations.iter().filter(|operation| !operation.touch).max_by_key(|operation| operation.most_ms);
    let Some(slowest) = slowest else { return Finding::skipped(id, "nothing was measured") };
    let told = format!("{} takes {} ms at the most", slowest.during, slowest.most_ms);
    if u128::from(slowest.most_ms) <= SLOW.as_millis() {
        Finding::pass(id, format!("of what waits for nobody, {told}"))
    } else {
        Finding::warn(id, told, "Try the browsers that you will use, with their own limits.")
    }
}

pub(super) fn unplug(subject: &Subject<'_>) -> Finding {
    unplugged(&subject.case.tried.unplugged)
}

fn unplugged(step: &Step<Unplugged>) -> Finding {
    let id = Id::Unplug;
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    let Some(back) = step.done() else { return Finding::skipped(id, "not tried") };
    let noticed = match back.noticed {
        Some(after) => format!("pulled out while it waited, noticed after {} ms", after.as_millis()),
        None => "it was not pulled out while it waited".to_owned(),
    };
    match back.knows {
        Some(false) => Finding::fail(
            id,
            "a key of its model came back, and does not know the test credential: it has lost it, or it is another key",
            "Repeat the run with one key only; a model that loses its credential is not to be bought.",
        ),
        Some(true) => Finding::pass(id, format!("{noticed}; it came back as it was")),
        None => Finding::pass(
            id,
            format!(
                "{noticed}; it came back; that it is the same one it does not tell without PIN and touch"
            ),
        ),
    }
}

pub(super) fn reset(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::Reset, &subject.case.tried.reset);
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    let cure = "Do not hand such a key on: it keeps what it should forget.";
    match step {
        Step::Done(left) if left.pin_set == Some(true) => Finding::fail(id, "the PIN is still set", cure),
        Step::Done(left) if left.signs.done().is_some() => {
            Finding::fail(id, "a credential from before still signs", cure)
        }
        Step::Done(_) => Finding::pass(id, "no PIN, and a credential from before does not sign any more"),
        Step::Refused(refusal) => Finding::fail(id, format!("the key refused: {refusal}"), cure),
        _ => Finding::skipped(id, "not tried"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::finding::Status;

    #[test]
    fn a_key_that_was_pulled_out_is_to_come_back_as_it_was() {
        let back = |noticed: Option<u64>, knows| {
            Step::Done(Unplugged { noticed: noticed.map(Duration::from_millis), knows })
        };
        for (step, status, saw) in [
            (
                back(Some(12), Some(true)),
                Status::Pass,
                "pulled out while it waited, noticed after 12 ms; it came back as it was",
            ),
            (
                back(None, Some(true)),
                Status::Pass,
                "it was not pulled out while it waited; it came back as it was",
            ),
            (
                back(Some(12), None),
                Status::Pass,
                "pulled out while it waited, noticed after 12 ms; it came back; that it is the same one it does not tell \
                 without PIN and touch",
            ),
            (
                back(Some(12), Some(false)),
                Status::Fail,
                "a key of its model came back, and does not know the test credential: it has lost it, or it is another key",
            ),
            (Step::Broke("it did not open".to_owned()), Status::Fail, "it did not open"),
            (Step::Skipped("a soft key has no plug"), Status::Skipped, "a soft key has no plug"),
        ] {
            let found = unplugged(&step);
            assert_eq!((found.status, found.saw.as_str()), (status, saw));
        }
    }
}
