//! What findings say, in words.

use jiff::Timestamp;

/// Names in a sentence. Of many only the first are told.
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 12;
    let told: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(MOST) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

/// `1 key`, `2 keys`.
#[must_use]
pub fn counted<N: std::fmt::Display>(count: N, one: &str) -> String {
    match count.to_string().as_str() {
        "1" => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

/// A day, in UTC: `2026-05-01`.
#[must_use]
pub fn day(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// A second, in UTC, as the portal can be made to show it: `2026-05-01 09:30:12Z`.
#[must_use]
pub fn second(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..15).map(|n| n.to_string()).collect();
        assert_eq!(listed(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more");
    }
}
