//! The PIN: parsed once, zeroized when dropped, never shown.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use crate::escape::harmful;

/// The most bytes a PIN may have in UTF-8 (CTAP §6.5.1).
pub const MAX_BYTES: usize = 63;
/// The fewest Unicode code points any PIN may have (CTAP §6.5.1).
pub const MIN_CODE_POINTS: usize = 4;

/// A PIN in normalization form C, of 4 code points to 63 bytes. No `Clone`.
#[expect(missing_debug_implementations, reason = "a PIN is never shown")]
pub struct Pin(Zeroizing<String>);

/// Why a text can be no PIN. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Fewer than four code points.
    #[error("a PIN has at least {MIN_CODE_POINTS} characters; this has {0}")]
    TooShort(usize),
    /// More than 63 bytes.
    #[error("a PIN has at most {MAX_BYTES} bytes in UTF-8; this has {0}")]
    TooLong(usize),
    /// A control, format or private-use character: whoever typed it did not see it, and no other prompt takes it. The
    /// padding of a new PIN would swallow a NUL. Or the sign that stands for what could not be read.
    #[error(
        "it holds a character that cannot be seen or read, such as a control character or a byte order mark"
    )]
    Unseen,
    /// White space in a new PIN that nobody could tell from a blank, or from none.
    #[error("a new PIN begins and ends with no white space, and holds none but plain blanks")]
    White,
}

impl Pin {
    /// Reads a PIN as it was typed. The text is zeroized, taken or not. What nobody can see or type elsewhere is refused.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn parse(mut typed: String) -> Result<Self, PinError> {
        // Composing makes a text at most three times as long, so nothing grows and leaves a copy behind.
        let mut pin = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(3)));
        pin.extend(typed.nfc());
        typed.zeroize();
        let code_points = pin.chars().count();
        if pin.contains(|c| harmful(c) || c == char::REPLACEMENT_CHARACTER) {
            Err(PinError::Unseen)
        } else if code_points < MIN_CODE_POINTS {
            Err(PinError::TooShort(code_points))
        } else if pin.len() > MAX_BYTES {
            Err(PinError::TooLong(pin.len()))
        } else {
            Ok(Self(pin))
        }
    }

    /// Reads a PIN that a key is to be given, and that a person must be able to read off paper and type elsewhere.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn parse_new(typed: String) -> Result<Self, PinError> {
        let pin = Self::parse(typed)?;
        let odd = |c: char| c == '\u{2800}' || (c.is_whitespace() && c != ' ');
        if pin.0.trim() != pin.0.as_str() || pin.0.contains(odd) { Err(PinError::White) } else { Ok(pin) }
    }

    /// This PIN with more behind it: one that a person can type who knows this one.
    ///
    /// # Errors
    /// [`PinError`], above all where it is too long.
    pub fn followed_by(&self, more: &str) -> Result<Self, PinError> {
        let mut longer = String::with_capacity(self.0.len().saturating_add(more.len()));
        longer.push_str(&self.0);
        longer.push_str(more);
        Self::parse(longer)
    }

    /// What is no PIN for a key that wants at least `least` code points: one fewer, and at least one, each of two bytes,
    /// so that a key that counts bytes takes it. Only to see it refused.
    #[must_use]
    pub fn too_short_for(least: u64) -> Self {
        let count = usize::try_from(least).unwrap_or(MAX_BYTES).saturating_sub(1).clamp(1, MAX_BYTES / 2);
        Self(Zeroizing::new("äöüßéèñç".chars().cycle().take(count).collect()))
    }

    /// How many code points it has; what a key's minimum length counts.
    #[must_use]
    pub fn code_points(&self) -> usize {
        self.0.chars().count()
    }

    /// The left half of its SHA-256, which proves the PIN (CTAP §6.5.5.7).
    #[must_use]
    pub fn hash(&self) -> Zeroizing<[u8; 16]> {
        let mut digest: [u8; 32] = Sha256::digest(self.0.as_bytes()).into();
        let mut left = Zeroizing::new([0; 16]);
        for (place, byte) in left.iter_mut().zip(&digest) {
            *place = *byte;
        }
        digest.zeroize();
        left
    }

    /// Its bytes padded with zeros to 64, which is how a new PIN travels (CTAP §6.5.5.5).
    #[must_use]
    pub fn padded(&self) -> Zeroizing<[u8; 64]> {
        let mut padded = Zeroizing::new([0; 64]);
        for (place, byte) in padded.iter_mut().zip(self.0.as_bytes()) {
            *place = *byte;
        }
        padded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<PinError> {
        Pin::parse(text.to_owned()).err()
    }

    #[test]
    fn length_is_counted_in_code_points_below_and_in_bytes_above() {
        assert_eq!(refusal("123"), Some(PinError::TooShort(3)));
        assert_eq!(refusal("1234"), None);
        assert_eq!(refusal("🗝🗝🗝🗝"), None);
        assert_eq!(refusal(&"a".repeat(63)), None);
        assert_eq!(refusal(&"a".repeat(64)), Some(PinError::TooLong(64)));
        assert_eq!(refusal(&"ä".repeat(32)), Some(PinError::TooLong(64)));
    }

    #[test]
    fn what_nobody_can_see_or_type_elsewhere_is_in_no_pin() {
        for unseen in [
            "\0",
            "\u{8}",
            "\t",
            "\r",
            "\u{1b}[D",
            "\u{7f}",
            "\u{85}",
            "\u{ad}",
            "\u{200b}",
            "\u{200d}",
            "\u{202e}",
            "\u{2060}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{fffd}",
            "\u{e000}",
            "\u{e0041}",
            "\u{100000}",
        ] {
            for pin in [format!("{unseen}739201"), format!("739{unseen}201"), format!("739201{unseen}")] {
                assert_eq!(refusal(&pin), Some(PinError::Unseen), "{pin:?}");
            }
        }
    }

    #[test]
    fn a_new_pin_holds_no_white_space_but_blanks_between() {
        let new = |text: &str| Pin::parse_new(text.to_owned()).err();
        for pin in [
            " 739201",
            "739201 ",
            "      ",
            "739\u{a0}201",
            "739\u{3000}201",
            "739201\u{2003}",
            "739\u{2800}201",
        ] {
            assert_eq!((new(pin), refusal(pin)), (Some(PinError::White), None), "{pin:?}");
        }
        assert_eq!((new("quagga 7731"), new("Schlüssel №1 鍵🗝")), (None, None));
        assert_eq!(new("739\u{feff}201"), Some(PinError::Unseen));
    }

    #[test]
    fn a_pin_that_is_too_short_has_one_code_point_less_and_bytes_enough() {
        for (least, code_points) in [(0, 1), (1, 1), (4, 3), (6, 5), (63, 31), (u64::MAX, 31)] {
            let short = Pin::too_short_for(least);
            assert_eq!((short.code_points(), short.0.len()), (code_points, 2 * code_points), "{least}");
        }
    }

    #[test]
    fn a_longer_pin_is_the_old_one_and_what_follows() {
        let pin = Pin::parse("739201".to_owned()).unwrap();
        assert_eq!(*pin.followed_by("57").unwrap().0, "73920157");
        let longest = Pin::parse("a".repeat(62)).unwrap();
        assert_eq!(longest.followed_by("57").err(), Some(PinError::TooLong(64)));
    }

    #[test]
    fn composed_and_decomposed_spellings_are_one_pin() {
        let composed = Pin::parse("Schlüssel".to_owned()).unwrap();
        let decomposed = Pin::parse("Schlu\u{308}ssel".to_owned()).unwrap();
        assert_eq!(composed.hash(), decomposed.hash());
        // Four letters that compose to three characters are too short.
        assert_eq!(refusal("abu\u{308}"), Some(PinError::TooShort(3)));
    }
}
