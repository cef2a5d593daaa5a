//! How long each operation takes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::key::conversation::Timing;

/// One operation, over the whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// The command.
    pub during: &'static str,
    /// Whether it waited for a touch: then the times are the person's.
    pub touch: bool,
    /// How often it was asked for.
    pub count: usize,
    /// The shortest, in milliseconds.
    pub least_ms: u64,
    /// The middle one.
    pub median_ms: u64,
    /// The longest.
    pub most_ms: u64,
    /// The longest silence in between.
    pub silence_ms: u64,
}

/// Every operation, in the order of their names; with and without a touch apart.
#[must_use]
pub fn operations(timings: &[Timing]) -> Vec<Operation> {
    let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut grouped: BTreeMap<(&'static str, bool), Vec<&Timing>> = BTreeMap::new();
    for timing in timings {
        grouped.entry((timing.during, timing.touch)).or_default().push(timing);
    }
    let operation = |((during, touch), timings): ((&'static str, bool), Vec<&Timing>)| {
        let mut took: Vec<u64> = timings.iter().map(|timing| millis(timing.took)).collect();
        took.sort_unstable();
        Operation {
            during,
            touch,
            count: took.len(),
            least_ms: took.first().copied().unwrap_or_default(),
            median_ms: took.get(took.len() / 2).copied().unwrap_or_default(),
            most_ms: took.last().copied().unwrap_or_default(),
            silence_ms: timings.iter().map(|timing| millis(timing.silence)).max().unwrap_or_default(),
        }
    };
    grouped.into_iter().map(operation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_told_for_each_operation_with_and_without_a_touch() {
        let timing = |during, ms, touch| Timing {
            during,
            took: Duration::from_millis(ms),
            silence: Duration::from_millis(ms / 2),
            keepalives: 0,
            touch,
            cancelled: None,
        };
        let all = [
            timing("getAssertion", 10, false),
            timing("getAssertion", 30, false),
            timing("getAssertion", 900, true),
            timing("getInfo", 4, false),
            timing("getAssertion", 20, false),
        ];
        let told = operations(&all);
        let rows: Vec<_> = told
            .iter()
            .map(|one| {
                (one.during, one.touch, one.count, one.least_ms, one.median_ms, one.most_ms, one.silence_ms)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("getAssertion", false, 3, 10, 20, 30, 15),
                ("getAssertion", true, 1, 900, 900, 900, 450),
                ("getInfo", false, 1, 4, 4, 4, 2),
            ]
        );
    }
}
