//! Whether a text fits, without the font at hand: by the widths of a bold sans serif, rounded up.

use unicode_width::UnicodeWidthChar;

/// How wide a text is, in thousandths of its font's size.
pub(super) fn width(text: &str) -> i64 {
    text.chars().map(of_char).sum()
}

fn of_char(c: char) -> i64 {
    match c {
        'i' | 'l' | 'j' | 'I' | '.' | ',' | ' ' | '/' | '\\' | '\'' | '|' => 280,
        't' | 'f' | 'r' | '(' | ')' | '[' | ']' | '-' | '!' | ':' | ';' | '`' | '{' | '}' | '*' => 390,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 980,
        'A'..='Z' => 780,
        ' '..='~' => 612,
        _ => match c.width() {
            Some(0) => 0,
            Some(2) => 1100,
            Some(_) | None => 900,
        },
    }
}

/// The beginning of a text, at most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A text and the size in which it fits into a width: smaller down to `least`, and cut where that is not enough.
pub(super) fn within(text: &str, size: i64, least: i64, room: i64) -> (String, i64) {
    let wide = width(text).max(1);
    let fits = room.saturating_mul(1000).checked_div(wide).unwrap_or(size);
    if fits >= least {
        return (text.to_owned(), size.min(fits));
    }
    let mut left = room.saturating_mul(1000).checked_div(least.max(1)).unwrap_or(0).saturating_sub(1000);
    let mut kept = String::new();
    for c in text.chars() {
        left = left.saturating_sub(of_char(c));
        if left < 0 {
            break;
        }
        kept.push(c);
    }
    (format!("{}…", kept.trim_end()), least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_shrinks_before_it_is_cut() {
        assert_eq!(within("EA-01-A", 500, 200, 2000), ("EA-01-A".into(), 460));
        assert_eq!(within("EA-01-A", 500, 200, 1200), ("EA-01-A".into(), 276));
        let (text, size) = within("MMMMMMMMMMMM", 500, 200, 1200);
        assert_eq!((text.as_str(), size), ("MMMMM…", 200));
    }

    proptest! {
        #[test]
        fn what_is_given_fits(text in "\\PC{1,80}", size in 100_i64..900, room in 400_i64..9000) {
            let least = size.min(180);
            let (text, size) = within(&text, size, least, room);
            prop_assert!(size >= least);
            // The sign that something was cut needs its room, too.
            prop_assert!(width(&text) * size <= room * 1000 || text.chars().count() <= 1, "{} {}", text, size);
        }
    }
}
