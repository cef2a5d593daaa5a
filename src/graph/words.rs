//! Foreign text: in messages, and ids that Graph writes in either case.

/// Most characters of one piece of foreign text in a message.
const SHOWN: usize = 300;

/// Foreign text, fit for a message: control and invisible characters escaped, cut to 300 characters.
#[must_use]
pub fn clean(text: &str) -> String {
    clean_to(text, SHOWN)
}

/// The same, cut to so many characters.
#[must_use]
pub fn clean_to(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(most) {
        match c {
            '\'' | '"' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

/// [`clean`], in quotation marks.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", clean(text))
}

/// Names in quotation marks, joined with commas.
#[must_use]
pub fn listed(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// Two ids are the same, whatever their case and the blanks around them.
#[must_use]
pub fn same_id(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_escaped_and_cut() {
        assert_eq!(clean("\u{1b}[31m\u{202e}\u{200b}\n\u{9b}"), r"\u{1b}[31m\u{202e}\u{200b}\n\u{9b}");
        assert_eq!(clean(r#"C:\Exporte\Schlüssel "A""#), r#"C:\Exporte\Schlüssel "A""#);
        assert_eq!(clean(&"x".repeat(1000)).chars().count(), SHOWN + 1);
    }
}
