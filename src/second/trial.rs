//! One trial: the child is started, followed and ended, the key is freed, and the attempts are read again.

use std::process::ChildStdin;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::free::free;
use super::job::{Bytes, Job};
use super::leave::Leave;
use super::listen::{Heard, listen};
use super::program::{Program, Running};
use super::report::{End, Line, Report};
use crate::ctap::client_pin::Retries;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::Protocol;
use crate::facts::Exercise;
use crate::key::cancel::Cancel;
use crate::key::conversation::{OnWait, Waiting};
use crate::key::found::{Bus, Found};
use crate::key::patience::Patience;
use crate::key::session::{KeyError, Session, random};
use crate::key::talk_error::TalkError;
use crate::webauthn::client_data::{Challenge, ClientData};

/// How often Ctrl-C is looked for; what the child tells wakes the wait at once.
const SLICE: Duration = Duration::from_millis(50);
/// What the child may take beside two touches.
const BESIDE_TOUCHES: Duration = Duration::from_secs(10);
/// What it may take after a touch.
const AFTER_TOUCH: Duration = Duration::from_secs(5);

const HALF: Duration = Duration::from_millis(500);

/// What a trial is made with.
#[expect(missing_debug_implementations, reason = "a bus has none")]
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The second client.
    pub program: &'a Program,
    /// Where the key is.
    pub bus: &'a dyn Bus,
    /// The key. Nobody of ours may have it open.
    pub found: &'a Found,
    /// How long things may take.
    pub patience: Patience,
    /// Ctrl-C.
    pub cancel: &'a Cancel,
}

/// What came of it, unjudged.
#[derive(Debug)]
pub struct Trial {
    /// What the child told.
    pub report: Report,
    /// How it ended.
    pub end: End,
    /// PIN attempts left before, as our own client read them.
    pub before: Retries,
    /// PIN attempts left after, as our own client read them, or why it could not.
    pub after: Result<Retries, String>,
    /// The challenge of the child's registration.
    pub register: Challenge,
    /// The challenge of the child's assertion.
    pub assert: Challenge,
}

/// Has the second client read the key, register and sign. Uses up the leave. Takes no longer than two touches and 10 s,
/// and what reading the attempts again takes.
///
/// # Errors
/// Only where the person interrupted, or the system gave no random bytes; the child is gone then and the key is free.
pub fn try_key(
    bench: &Bench<'_>,
    leave: Leave,
    pin: &Pin,
    exercise: &Exercise,
    mut on_wait: OnWait,
) -> Result<Trial, KeyError> {
    let limit = bench.patience.touch.saturating_mul(2).saturating_add(BESIDE_TOUCHES);
    let job = Job {
        marker: marker()?,
        path: bench.found.path.clone(),
        aaguid: Bytes(leave.aaguid.as_bytes().to_vec()),
        retries: leave.before.left,
        protocol: leave.protocol.number(),
        rp_id: exercise.rp.id().as_str().to_owned(),
        register: Bytes(ClientData::create(&exercise.rp, &exercise.register).as_bytes().to_vec()),
        assert: Bytes(ClientData::get(&exercise.rp, &exercise.assert).as_bytes().to_vec()),
        seconds: limit.as_secs().saturating_add(5),
    };
    on_wait(Some(Waiting::Processing));
    let (report, end) = attend(bench, &job, pin, limit, &mut on_wait);
    on_wait(None);
    if end != End::Finished
        && let Some(channel) = report.channel
        && let Ok(mut wire) = bench.bus.open(bench.found)
    {
        // Whether it helped shows below, where the key is asked again.
        drop(free(wire.as_mut(), channel, bench.patience.grace));
    }
    if end == End::Interrupted {
        return Err(TalkError::Interrupted.into());
    }
    let after = match attempts(bench, leave.protocol) {
        Err(interrupted @ KeyError::Talk(TalkError::Interrupted)) => return Err(interrupted),
        after => after.map_err(|error| error.to_string()),
    };
    let Exercise { register, assert, .. } = *exercise;
    Ok(Trial { report, end, before: leave.before, after, register, assert })
}

fn marker() -> Result<String, KeyError> {
    random::<16>().map(hex::encode)
}

/// Asks with our own client, on a channel of its own; a key that is still busy is asked until the time is up.
fn attempts(bench: &Bench<'_>, protocol: Protocol) -> Result<Retries, KeyError> {
    let gone = |error| TalkError::Gone { during: "opening it again", source: std::io::Error::other(error) };
    let wire = bench.bus.open(bench.found).map_err(gone)?;
    Session::open(wire, bench.patience, bench.cancel.clone(), Box::new(|_| ()))?.retries(protocol)
}

/// Starts the child, hands it the job, and stays with it to its end. When this returns there is no child any more.
pub(super) fn attend(
    bench: &Bench<'_>,
    job: &Job,
    pin: &Pin,
    limit: Duration,
    on_wait: &mut OnWait,
) -> (Report, End) {
    let mut report = Report::default();
    let deadline = Instant::now() + limit;
    let started = bench.program.start().and_then(|(running, mut stdin, stdout)| {
        let heard = listen(stdout, job.marker.clone())?;
        // A child that is gone already takes no job; that it is gone is noticed when it is listened to.
        drop(job.hand_over(pin, &mut stdin));
        Ok((running, stdin, heard))
    });
    let end = match started {
        Ok((running, stdin, heard)) => {
            let (cancel, patience) = (bench.cancel, bench.patience);
            let follow = Follow { deadline, patience, cancel, heard, running, stdin };
            follow.until_it_ends(&mut report, on_wait)
        }
        Err(error) => End::NotStarted(error.to_string()),
    };
    (report, end)
}

/// A child that runs.
struct Follow<'a> {
    /// The end of it all.
    deadline: Instant,
    /// Between two lines: for work, or for a touch where the key waits for one.
    patience: Patience,
    cancel: &'a Cancel,
    heard: Receiver<Heard>,
    running: Running,
    /// Open as long as the child is to live.
    stdin: ChildStdin,
}

impl Follow<'_> {
    fn until_it_ends(self, report: &mut Report, on_wait: &mut OnWait) -> End {
        let mut touching = false;
        let mut began = Instant::now();
        let end = loop {
            let step = match report.during() {
                _ if touching => self.patience.touch.saturating_add(AFTER_TOUCH),
                "getInfo" | "getPINRetries" => self.patience.quick,
                _ => self.patience.work,
            };
            let left = self.deadline.min(began + step).saturating_duration_since(Instant::now());
            if self.cancel.requested() {
                break End::Interrupted;
            } else if left.is_zero() {
                let during = report.during();
                break if touching {
                    End::NotTouched { during }
                } else {
                    // Rounded: the child was not ended before its time.
                    End::TimeUp { during, seconds: began.elapsed().saturating_add(HALF).as_secs() }
                };
            }
            match self.heard.recv_timeout(left.min(SLICE)) {
                Ok(Heard::Line(line)) => {
                    began = Instant::now();
                    let touch = *line == Line::Touch {};
                    if touch != touching {
                        touching = touch;
                        let now =
                            if touch { Waiting::Touch(self.patience.touch) } else { Waiting::Processing };
                        on_wait(Some(now));
                    }
                    if let Some(end) = report.take(*line) {
                        break end;
                    }
                }
                Ok(Heard::Nonsense(what)) => break End::Nonsense(what),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return End::Died { during: report.during(), status: self.running.end() };
                }
            }
        };
        drop(self.stdin);
        if let End::Finished | End::GaveUp { .. } | End::Panicked { .. } = end {
            // How it ends after its last word says nothing more.
            drop(self.running.end());
        }
        end
    }
}
