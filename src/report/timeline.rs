//! The picture of checks and drills: one lane for each account, time from left to right. Only whole numbers in a grid;
//! the template draws them. However long the record is, the picture stays small: what falls together is one spot.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::model::Case;
use super::words::{counted, day};
use crate::ledger::payload::{DrillVerdict, Verdict};
use crate::plan::folded;
use crate::status::AccountState;

/// Width of the picture, in units of its grid.
pub const WIDTH: i64 = 1000;
/// Where time begins, right of the names.
const LEFT: i64 = 150;
/// Where it ends.
const RIGHT: i64 = 980;
/// What is free above the lanes, for the word at the present.
const TOP: i64 = 20;
/// The height of a lane.
const LANE: i64 = 48;
/// Where drills stand in a lane, from above.
const DRILLS: i64 = 15;
/// Where checks stand.
const CHECKS: i64 = 33;
/// How far apart two spots are at least.
const STEP: i64 = 10;
/// The most accounts that are drawn.
const MOST_LANES: usize = 24;
/// The most ticks of the axis.
const MOST_TICKS: usize = 10;
/// The longest name beside a lane, in characters.
const LONGEST_NAME: usize = 18;

/// The picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// One for each account.
    pub lanes: Vec<Lane>,
    /// How many accounts are not drawn.
    pub left_out: u64,
    /// Along the axis.
    pub ticks: Vec<Tick>,
    /// Where the present is.
    pub today: i64,
    /// Its height.
    pub height: i64,
    /// What it shows, in words.
    pub says: String,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its name, cut to what fits. Foreign text.
    pub name: String,
    /// Where the lane begins, from above.
    pub y: i64,
    /// What happened.
    pub spots: Vec<Spot>,
    /// When its next drill, and the next check of a key, are due.
    pub dues: Vec<Due>,
}

/// Something that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// From the left.
    pub x: i64,
    /// From above.
    pub y: i64,
    /// Whether its day is past.
    pub late: bool,
    /// What is due.
    pub what: &'static str,
}

/// What happened at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// From the left.
    pub x: i64,
    /// From above.
    pub y: i64,
    /// How it is drawn.
    pub shape: Shape,
    /// What it was, in words.
    pub says: String,
}

/// How a spot is drawn: each by a form of its own, so that it can be told without colour. The worst is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Keys were enrolled.
    Enrolled,
    /// Keys were found fit.
    Fit,
    /// Some had warnings.
    Warned,
    /// Some were not fit.
    NotFit,
    /// A drill was passed.
    DrillPassed,
    /// A drill goes on, is incomplete, or was abandoned.
    DrillOpen,
    /// A drill was failed.
    DrillFailed,
}

impl Shape {
    /// The name of its symbol in the picture.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Fit => "fit",
            Self::Warned => "warned",
            Self::NotFit => "not-fit",
            Self::DrillPassed => "drill-passed",
            Self::DrillOpen => "drill-open",
            Self::DrillFailed => "drill-failed",
        }
    }

    fn of_check(verdict: Option<Verdict>) -> Self {
        match verdict {
            None => Self::Enrolled,
            Some(Verdict::Fit) => Self::Fit,
            Some(Verdict::FitWithWarnings) => Self::Warned,
            Some(Verdict::NotFit) => Self::NotFit,
        }
    }

    fn of_drill(verdict: Option<DrillVerdict>) -> Self {
        match verdict {
            Some(DrillVerdict::Passed) => Self::DrillPassed,
            Some(DrillVerdict::Failed) => Self::DrillFailed,
            Some(DrillVerdict::Incomplete | DrillVerdict::Abandoned) | None => Self::DrillOpen,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Fit => "fit",
            Self::Warned => "fit with warnings",
            Self::NotFit => "not fit",
            Self::DrillPassed => "drill passed",
            Self::DrillOpen => "drill not completed",
            Self::DrillFailed => "drill failed",
        }
    }
}

/// A date on the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// From the left.
    pub x: i64,
    /// The date, as far as it is needed.
    pub text: String,
}

/// From time to place.
#[derive(Debug, Clone, Copy)]
struct Scale {
    from: i64,
    until: i64,
}

impl Scale {
    fn x(self, at: Timestamp) -> i64 {
        let (all, part) =
            (self.until.saturating_sub(self.from).max(1), at.as_second().saturating_sub(self.from));
        let wide = RIGHT.saturating_sub(LEFT);
        LEFT.saturating_add(part.saturating_mul(wide).checked_div(all).unwrap_or(0)).clamp(LEFT, RIGHT)
    }
}

/// Spots of one lane that fall together: how many there are of each shape.
type Heap = BTreeMap<Shape, u64>;

impl Timeline {
    /// Draws a case.
    #[must_use]
    pub fn new(case: &Case<'_>) -> Self {
        let states = &case.status.accounts;
        let scale = scale(case);
        let drawn: Vec<_> = states.iter().take(MOST_LANES).collect();
        let place: BTreeMap<String, usize> =
            drawn.iter().enumerate().map(|(place, state)| (folded(&state.name), place)).collect();
        // By lane, row (drills above checks) and place.
        let mut heaps: BTreeMap<(usize, bool, i64), (Timestamp, Heap)> = BTreeMap::new();
        let mut put = |account: &str, is_check: bool, at: Timestamp, shape: Shape| {
            let Some(lane) = place.get(&folded(account)) else { return };
            let x = scale.x(at).saturating_sub(LEFT).div_euclid(STEP);
            let (_, heap) = heaps.entry((*lane, is_check, x)).or_insert_with(|| (at, Heap::new()));
            let count = heap.entry(shape).or_default();
            *count = count.saturating_add(1);
        };
        for mark in case.past.marks() {
            put(&mark.account, true, mark.at, Shape::of_check(mark.verdict));
        }
        for drill in case.inventory.drills() {
            let ended = drill.ended.as_ref();
            for account in &drill.set_out.accounts {
                let told = ended.and_then(|ended| {
                    ended.how.accounts.iter().find(|told| folded(&told.account) == folded(&account.name))
                });
                let verdict = told.map(|told| told.verdict).or(ended.map(|ended| ended.how.verdict));
                put(&account.name, false, drill.begun.at, Shape::of_drill(verdict));
            }
        }
        let due = |y: i64, row: i64, at: Option<Timestamp>, what| {
            at.map(|at| Due { x: scale.x(at), y: y.saturating_add(row), late: at < case.now, what })
        };
        let lane = |(row, state): (i64, &&AccountState)| {
            let y = TOP.saturating_add(row.saturating_mul(LANE));
            let drill = due(y, DRILLS, state.drill_due, "drill");
            let dues = drill.into_iter().chain(due(y, CHECKS, state.due, "check")).collect();
            Lane { name: cut(&state.name), y, spots: Vec::new(), dues }
        };
        let mut lanes: Vec<Lane> = (0_i64..).zip(&drawn).map(lane).collect();
        for ((lane, is_check, x), (at, heap)) in heaps {
            let Some(lane) = lanes.get_mut(lane) else { continue };
            let x = LEFT.saturating_add(x.saturating_mul(STEP)).saturating_add(STEP / 2);
            let y = lane.y.saturating_add(if is_check { CHECKS } else { DRILLS });
            let Some(shape) = heap.keys().next_back().copied() else { continue };
            lane.spots.push(Spot { x, y, shape, says: says(at, &heap) });
        }
        Self {
            height: i64::try_from(lanes.len()).unwrap_or(0).saturating_mul(LANE).saturating_add(TOP + 34),
            left_out: u64::try_from(states.len().saturating_sub(drawn.len())).unwrap_or(u64::MAX),
            ticks: ticks(scale),
            today: scale.x(case.now),
            says: in_words(case, &lanes),
            lanes,
        }
    }
}

/// From the first event to what is due next, with the present within, and never less than a month.
fn scale(case: &Case<'_>) -> Scale {
    let month = SignedDuration::from_hours(24 * 30);
    let earlier = |at: Timestamp| at.checked_sub(month / 2).unwrap_or(Timestamp::MIN);
    let later = |at: Timestamp| at.checked_add(month / 2).unwrap_or(Timestamp::MAX);
    let dues = case.status.accounts.iter().flat_map(|account| [account.due, account.drill_due]).flatten();
    let from = case.past.first().unwrap_or(case.now).min(earlier(case.now));
    let until = dues.max().unwrap_or(case.now).max(later(case.now));
    Scale { from: from.as_second(), until: until.as_second() }
}

fn says(at: Timestamp, heap: &Heap) -> String {
    let parts: Vec<String> =
        heap.iter().rev().map(|(shape, count)| format!("{count} {}", shape.words())).collect();
    format!("{}: {}", day(&at), parts.join(", "))
}

fn in_words(case: &Case<'_>, lanes: &[Lane]) -> String {
    let checks = case.past.marks().iter().filter(|mark| mark.verdict.is_some()).count();
    let [accounts, checks, drills] = [lanes.len(), checks, case.inventory.drills().len()]
        .map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    let from = case.past.first().unwrap_or(case.now);
    format!(
        "{}, {} and {} from {} to {}. The tables of drills and keys tell the same.",
        counted(accounts, "account"),
        counted(checks, "check"),
        counted(drills, "drill"),
        day(&from),
        day(&case.now)
    )
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// The first of months, or of years, as many as fit.
fn ticks(scale: Scale) -> Vec<Tick> {
    let date = |second| Timestamp::from_second(second).ok().map(|at| at.to_zoned(TimeZone::UTC).date());
    let (Some(from), Some(until)) = (date(scale.from), date(scale.until)) else { return Vec::new() };
    let months = i32::from(until.year())
        .saturating_sub(i32::from(from.year()))
        .saturating_mul(12)
        .saturating_add(i32::from(until.month()).saturating_sub(i32::from(from.month())));
    let most = i32::try_from(MOST_TICKS).unwrap_or(i32::MAX);
    let steps = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200, 6000, 12000];
    let step = steps.into_iter().find(|step| months.checked_div(*step).is_some_and(|count| count < most));
    let step = step.unwrap_or(24000);
    // From the beginning of the year, so that the ticks are the same ones every time.
    let Ok(first) = Date::new(from.year(), 1, 1) else { return Vec::new() };
    let at = |number: i32| {
        let date = first.checked_add(Span::new().try_months(number.checked_mul(step)?).ok()?).ok()?;
        let second = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
        Some((date, second))
    };
    let all = (0..).map_while(at).take_while(|(_, second)| *second <= scale.until);
    let shown = all.filter(|(_, second)| *second >= scale.from);
    shown
        .filter_map(|(date, second)| {
            let text = if step < 12 { date.strftime("%Y-%m") } else { date.strftime("%Y") }.to_string();
            Some(Tick { x: scale.x(Timestamp::from_second(second).ok()?), text })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn the_axis_has_few_ticks_however_long_the_time_is() {
        for (from, until, first, count) in [
            ("2026-01-10T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02", 1),
            ("2026-01-01T00:00:00Z", "2026-06-20T00:00:00Z", "2026-01", 6),
            ("2024-05-04T00:00:00Z", "2026-06-20T00:00:00Z", "2024-07", 8),
            ("1999-05-04T00:00:00Z", "2026-06-20T00:00:00Z", "2004", 5),
            ("-009990-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "-9990", 10),
        ] {
            let ticks = ticks(Scale { from: second(from), until: second(until) });
            let told = (ticks.first().map(|tick| tick.text.as_str()), ticks.len());
            assert_eq!(told, (Some(first), count), "{from} {until}: {ticks:?}");
            assert!(ticks.is_sorted_by_key(|tick| tick.x));
        }
    }

    #[test]
    fn a_place_is_within_the_picture_whatever_the_time() {
        for scale in
            [Scale { from: 0, until: 0 }, Scale { from: 0, until: 1 << 20 }, Scale { from: 1, until: 0 }]
        {
            for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
                assert!((LEFT..=RIGHT).contains(&scale.x(at)), "{scale:?} {at}");
            }
        }
    }
}
