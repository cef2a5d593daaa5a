//! What a key or a file says is an attacker's text: escaped before a terminal or a page meets it.

/// The longest foreign text that is shown, in characters.
const LONGEST: usize = 1000;

/// Makes foreign text harmless on a terminal: control characters, line breaks, direction marks and invisible
/// characters become `\u{…}`, and a text too long is cut.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (place, c) in text.chars().enumerate() {
        if place == LONGEST {
            safe.push('…');
            break;
        }
        if harmful(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

/// The same for a message of several lines, whose breaks stay.
#[must_use]
pub fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// Makes JSON harmless on a terminal and proof against filters, and leaves its meaning as it is: within its strings,
/// the same characters become `\uXXXX`. Line breaks stand between its members only.
#[must_use]
pub fn escape_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && harmful(c) {
            safe.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A text as one word of a POSIX shell.
#[must_use]
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a character commands a terminal, changes the direction of what stands around it, cannot be seen, or means
/// what somebody privately agreed on.
pub(crate) fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quote("policy/fido2.json"), "policy/fido2.json");
        assert_eq!(quote("https://x/y?$filter=a eq 'b'"), r"'https://x/y?$filter=a eq '\''b'\'''");
        assert_eq!(quote("$(rm -rf /)`"), "'$(rm -rf /)`'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn terminal_commands_and_direction_tricks_become_visible() {
        assert_eq!(escape("\u{1b}[31mYubiKey\u{7}"), r"\u{1b}[31mYubiKey\u{7}");
        assert_eq!(escape("safe\u{202e}yek"), r"safe\u{202e}yek");
        assert_eq!(escape("two\nlines\u{9b}2J"), r"two\u{a}lines\u{9b}2J");
        assert_eq!(escape_lines("two\nlines\u{9b}2J"), "two\nlines\\u{9b}2J");
        assert_eq!(escape("Schlüssel №1 鍵"), "Schlüssel №1 鍵");
        assert_eq!(escape(&"x".repeat(5000)).chars().count(), LONGEST + 1);
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in any::<String>()) {
            prop_assert!(!escape(&text).chars().any(harmful));
        }

        #[test]
        fn json_is_harmless_and_means_the_same(text in any::<String>(), key in ".{0,5}") {
            let value = serde_json::json!({ key: [&text, "\u{7f}\u{9b}\u{e0041}"] });
            let safe = escape_json(&serde_json::to_string_pretty(&value).unwrap());
            prop_assert!(!safe.replace('\n', "").chars().any(harmful));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        }
    }
}
