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

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(text: &str) -> Zoned {
        let zone = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        text.parse::<Timestamp>().unwrap().to_zoned(zone)
    }

    #[test]
    fn a_time_is_read_as_people_mean_it() {
        let now = berlin("2026-11-21T09:30:00Z"); // 10:30 there
        for (text, wanted) in [
            ("now", "2026-11-21T09:30:00Z"),
            ("10:15", "2026-11-21T09:15:00Z"),
            (" 10:15:30 ", "2026-11-21T09:15:30Z"),
            ("10:45", "2026-11-21T09:45:00Z"),
            ("10:46", "2026-11-20T09:46:00Z"),
            ("23:58", "2026-11-20T22:58:00Z"),
            ("2026-11-21 10:15", "2026-11-21T09:15:00Z"),
            ("2026-11-21T10:15:01", "2026-11-21T09:15:01Z"),
            ("2026-11-21T10:15:00Z", "2026-11-21T10:15:00Z"),
            ("2026-11-21T05:00:00-04:00", "2026-11-21T09:00:00Z"),
        ] {
            let read = parse(text, &now);
            match wanted.parse::<Timestamp>().unwrap() {
                at if at > now.timestamp() + AHEAD => assert_eq!(read, Err(TimeError::Future(at)), "{text}"),
                at => assert_eq!(read, Ok(at), "{text}"),
            }
        }
        for text in ["", "10", "25:00", "10:60", "2026-13-01 10:00", "tomorrow", "10:15 11:15"] {
            assert!(matches!(parse(text, &now), Err(TimeError::NoTime(_))), "{text}");
        }
        assert!(matches!(parse("2026-11-22 10:15", &now), Err(TimeError::Future(_))));
    }

    #[test]
    fn the_last_one_that_was_is_also_found_just_after_midnight_and_on_the_day_the_clock_changes() {
        let read = |text: &str, now: &str| parse(text, &berlin(now)).unwrap().to_string();
        assert_eq!(read("23:58", "2026-11-20T23:10:00Z"), "2026-11-20T22:58:00Z");
        // Back by an hour at three o'clock on 25 October.
        assert_eq!(read("01:30", "2026-10-25T04:00:00Z"), "2026-10-24T23:30:00Z");
        assert_eq!(read("04:30", "2026-10-25T04:00:00Z"), "2026-10-25T03:30:00Z");
    }

    #[test]
    fn what_was_a_day_before_belongs_to_another_drill() {
        let begun = "2026-11-21T09:30:00Z".parse::<Timestamp>().unwrap();
        assert!(of_drill(begun - BEFORE, begun).is_ok());
        let long_ago = begun - BEFORE - SignedDuration::from_secs(1);
        assert_eq!(of_drill(long_ago, begun), Err(TimeError::LongAgo(long_ago)));
    }
}
