//! Small plots of one key: PIN attempts and signature counter, check by check.

use std::fmt::Write as _;

use super::past::Reading;
use super::words::{counted, day};

/// Width of a plot, in units of its grid.
pub const WIDTH: u64 = 240;
/// Height of a plot.
pub const HEIGHT: u64 = 48;
/// What is left free around the line.
const PAD: u64 = 5;

/// A plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// The points of the line.
    pub points: String,
    /// A level that is marked: the plan's floor.
    pub level: Option<u64>,
    /// Where a value went back that never may.
    pub back: Vec<(u64, u64)>,
    /// The value at the bottom.
    pub least: u64,
    /// The value at the top.
    pub most: u64,
    /// The last value.
    pub last: u64,
    /// What it shows, in words.
    pub says: String,
}

/// PIN attempts that were left, with the plan's floor.
#[must_use]
pub fn retries(readings: &[Reading], floor: u32) -> Option<Plot> {
    let values: Vec<_> = readings.iter().filter_map(|reading| Some((reading, reading.retries?))).collect();
    let most = values.iter().map(|(_, value)| *value).max()?.max(8);
    let lowest = values.iter().min_by_key(|(_, value)| *value)?;
    let says = format!("lowest {} on {}", lowest.1, day(&lowest.0.at));
    let mut plot = Plot::new("PIN attempts left", &values, 0, most, &says)?;
    plot.level = Some(y(u64::from(floor), 0, most));
    Some(plot)
}

/// The signature counter, with the places where it did not go on.
#[must_use]
pub fn counter(readings: &[Reading]) -> Option<Plot> {
    let values: Vec<_> =
        readings.iter().filter_map(|reading| Some((reading, u64::from(reading.counter?)))).collect();
    let least = values.iter().map(|(_, value)| *value).min()?;
    let most = values.iter().map(|(_, value)| *value).max()?.max(least.saturating_add(1));
    let fell = |pair: &[(&Reading, u64)]| matches!(pair, [(_, before), (_, after)] if after < before);
    let places: Vec<usize> =
        (1..).zip(values.windows(2)).filter(|(_, pair)| fell(pair)).map(|(at, _)| at).collect();
    let says = match places.len() {
        0 => "it never went back".to_owned(),
        1 => "it went back once".to_owned(),
        times => format!("it went back {times} times"),
    };
    let mut plot = Plot::new("Signature counter", &values, least, most, &says)?;
    let spot = |place: &usize| {
        values.get(*place).map(|(_, value)| (x(*place, values.len()), y(*value, least, most)))
    };
    plot.back = places.iter().filter_map(spot).collect();
    Some(plot)
}

impl Plot {
    fn new(what: &str, values: &[(&Reading, u64)], least: u64, most: u64, says: &str) -> Option<Self> {
        let ((from, first), (until, last)) = (values.first()?, values.last()?);
        let mut points = String::new();
        for (place, (_, value)) in values.iter().enumerate() {
            write!(points, "{},{} ", x(place, values.len()), y(*value, least, most)).ok()?;
        }
        let count = counted(values.len(), "reading");
        let says = format!(
            "{what}: {count} from {} to {}, first {first}, last {last}; {says}",
            day(&from.at),
            day(&until.at)
        );
        Some(Self {
            points: points.trim_end().to_owned(),
            level: None,
            back: Vec::new(),
            least,
            most,
            last: *last,
            says,
        })
    }
}

/// One reading beside the other, whenever they were.
fn x(place: usize, count: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or(u64::MAX);
    let gaps = u64::try_from(count).unwrap_or(u64::MAX).saturating_sub(1);
    let wide = WIDTH.saturating_sub(2 * PAD);
    // A single one stands in the middle.
    let along = place.saturating_mul(wide).checked_div(gaps).unwrap_or(wide / 2);
    PAD.saturating_add(along)
}

fn y(value: u64, least: u64, most: u64) -> u64 {
    let high = HEIGHT.saturating_sub(2 * PAD);
    let value = u128::from(value.clamp(least, most).saturating_sub(least)).saturating_mul(high.into());
    let all = u128::from(most.saturating_sub(least));
    let up = value.checked_div(all).and_then(|up| u64::try_from(up).ok()).unwrap_or(0);
    HEIGHT.saturating_sub(PAD).saturating_sub(up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn reading(retries: Option<u64>, counter: Option<u32>) -> Reading {
        Reading { seq: 1, at: Timestamp::UNIX_EPOCH, retries, counter }
    }

    #[test]
    fn a_counter_that_goes_back_is_marked() {
        let told = [3, 9, 4, 4, 11].map(|counter| reading(None, Some(counter)));
        let plot = counter(&told).unwrap();
        assert_eq!((plot.back.len(), plot.least, plot.most, plot.last), (1, 3, 11, 11));
        assert!(plot.says.ends_with("it went back once"), "{}", plot.says);
        assert_eq!(retries(&told, 3), None);
    }

    #[test]
    fn attempts_are_drawn_from_none_to_eight_at_least() {
        let told = [8, 5, 8].map(|left| reading(Some(left), None));
        let plot = retries(&told, 3).unwrap();
        assert_eq!(plot.points, "5,5 120,20 235,5");
        assert_eq!(plot.level, Some(29));
        assert!(plot.says.contains("lowest 5 on 1970-01-01"), "{}", plot.says);
    }

    proptest! {
        #[test]
        fn every_point_is_within_the_picture(told in prop::collection::vec((any::<Option<u64>>(), any::<Option<u32>>()), 0..30), floor: u32) {
            let told: Vec<_> = told.into_iter().map(|(retries, counter)| reading(retries, counter)).collect();
            for plot in [retries(&told, floor), counter(&told)].into_iter().flatten() {
                for point in plot.points.split(' ') {
                    let (x, y) = point.split_once(',').unwrap();
                    prop_assert!(x.parse::<u64>().unwrap() <= WIDTH && y.parse::<u64>().unwrap() <= HEIGHT);
                }
            }
        }
    }
}
