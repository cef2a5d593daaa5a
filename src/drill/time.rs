//! A time as people tell it.

use jiff::civil;
use jiff::{SignedDuration, Timestamp, Zoned};

/// How far a told time may lie ahead of this machine's clock.
const AHEAD: SignedDuration = SignedDuration::from_mins(15);
/// How long before a drill what is told of it may have been.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// Why a text is no time that can be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It is none.
    #[error("'{}' is no time", .0.escape_debug())]
    NoTime(String),
    /// It is yet to come.
    #[error("{0} is yet to come")]
    Future(Timestamp),
    /// It was long before the drill.
    #[error("{0} was more than a day before the drill")]
    LongAgo(Timestamp),
}

impl TimeError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoTime(_) => {
                "write 10:15, 2026-11-21 10:15 (this machine's time zone), 2026-11-21T10:15:00Z, or now"
            }
            Self::Future(_) => "correct it, or the clock of this machine: `glasskey doctor` shows it",
            Self::LongAgo(_) => "correct it: what belongs to another drill is not this one's",
        }
    }
}

/// Reads a time: `now`; a time of the day, which is the last such one; a date and a time, both in the time zone of `now`; or
/// a time with its offset (RFC 3339).
///
/// # Errors
/// [`TimeError::NoTime`], [`TimeError::Future`].
pub fn parse(text: &str, now: &Zoned) -> Result<Timestamp, TimeError> {
    let text = text.trim();
    let none = || TimeError::NoTime(text.chars().take(60).collect());
    let latest = now.timestamp().checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    if text.eq_ignore_ascii_case("now") {
        return Ok(now.timestamp());
    }
    let local = |at: civil::DateTime| at.to_zoned(now.time_zone().clone()).map(|at| at.timestamp());
    let at = if let Ok(at) = text.parse::<Timestamp>() {
        at
    } else if let Some(time) = time_of_day(text) {
        let today = local(now.date().to_datetime(time)).map_err(|_| none())?;
        if today <= latest {
            today
        } else {
            let yesterday = now.date().yesterday().map_err(|_| none())?;
            local(yesterday.to_datetime(time)).map_err(|_| none())?
        }
    } else {
        let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
        let at = at.iter().find_map(|form| civil::DateTime::strptime(form, text).ok());
        at.and_then(|at| local(at).ok()).ok_or_else(none)?
    };
    if at > latest { Err(TimeError::Future(at)) } else { Ok(at) }
}

fn time_of_day(text: &str) -> Option<civil::Time> {
    ["%H:%M:%S", "%H:%M"].iter().find_map(|form| civil::Time::strptime(form, text).ok())
}

/// The same time, if it may belong to a drill that began then.
///
/// # Errors
/// [`TimeError::LongAgo`].
pub fn of_drill(at: Timestamp, begun: Timestamp) -> Result<Timestamp, TimeError> {
    if begun.duration_since(at) > BEFORE { Err(TimeError::LongAgo(at)) } else { Ok(at) }
}
