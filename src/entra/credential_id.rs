//! Credential ids as Graph writes them, in three encodings that do not say which they are.
//!
//! | form | who writes it |
//! |---|---|
//! | base64url without padding | v1.0 |
//! | base64url without padding, and one digit: how many `=` were taken away | beta, and `id` in lists of methods |
//! | classic base64 | older samples |
//!
//! The digit is a letter of the alphabet, too, so one form is ambiguous: 3k+2 bytes with their digit `1` look like 3k+3
//! bytes without one. Whoever compares takes both readings; nothing is decided by guessing.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use uuid::Uuid;

/// The most bytes that a credential id may have (WebAuthn §4).
const LONGEST: usize = 1023;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(false);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const CLASSIC: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);

/// Why a text is no credential id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialIdError {
    /// Nothing.
    #[error("the credential id is empty")]
    Empty,
    /// In none of the three encodings.
    #[error("the credential id is in none of the encodings that Graph uses")]
    NotBase64,
    /// Longer than any key makes one.
    #[error("the credential id is longer than {LONGEST} bytes")]
    TooLong,
}

/// What a text may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialId {
    /// These bytes.
    Bytes(Vec<u8>),
    /// One of two.
    Ambiguous {
        /// Base64url with its digit: what beta and lists of methods write.
        with_digit: Vec<u8>,
        /// Base64url without one: what v1.0 writes.
        plain: Vec<u8>,
    },
    /// A name that Entra gave: it says nothing of the key's own id.
    Opaque(Uuid),
}

impl CredentialId {
    /// Reads an id as Graph writes it. White space counts for nothing.
    ///
    /// # Errors
    /// [`CredentialIdError`].
    pub fn parse(text: &str) -> Result<Self, CredentialIdError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.is_empty() {
            return Err(CredentialIdError::Empty);
        }
        if text.len() == uuid::fmt::Hyphenated::LENGTH
            && let Ok(name) = Uuid::try_parse(&text)
        {
            return Ok(Self::Opaque(name));
        }
        if text.contains(['=', '+', '/']) {
            let engine = if text.contains(['-', '_']) { &URL } else { &CLASSIC };
            return decoded(engine, &text).map(Self::Bytes);
        }
        let digit = |digit: char| text.strip_suffix(digit);
        match (text.len() % 4, digit('0'), digit('1'), digit('2')) {
            // No base64url has this length, so the digit is one.
            (1, Some(rest), _, _) => decoded(&URL, rest).map(Self::Bytes),
            // At the end of such a length `2` would leave bits that nobody reads, so the digit is one.
            (3, _, _, Some(rest)) => decoded(&URL, rest).map(Self::Bytes),
            (0, _, Some(rest), _) => {
                let plain = decoded(&URL, &text)?;
                Ok(match decoded(&URL, rest) {
                    Ok(with_digit) => Self::Ambiguous { with_digit, plain },
                    // The letter before the digit says bits that nobody would read: it is no digit.
                    Err(_) => Self::Bytes(plain),
                })
            }
            _ => decoded(&URL, &text).map(Self::Bytes),
        }
    }

    /// All that the text may mean, the likelier reading first: for a list of methods or beta, that with the digit.
    pub fn readings(&self) -> impl Iterator<Item = &[u8]> {
        let (first, second) = match self {
            Self::Bytes(bytes) => (Some(bytes), None),
            Self::Ambiguous { with_digit, plain } => (Some(with_digit), Some(plain)),
            Self::Opaque(_) => (None, None),
        };
        first.into_iter().chain(second).map(Vec::as_slice)
    }

    /// Whether the text may mean these bytes.
    #[must_use]
    pub fn may_be(&self, id: &[u8]) -> bool {
        self.readings().any(|reading| reading == id)
    }
}

/// Bytes in base64url or classic base64, padded or not, never with a digit. White space counts for nothing.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let engine = if text.contains(['-', '_']) { &URL } else { &CLASSIC };
    engine.decode(text).ok()
}

fn decoded(engine: &GeneralPurpose, text: &str) -> Result<Vec<u8>, CredentialIdError> {
    let bytes = engine.decode(text).map_err(|_| CredentialIdError::NotBase64)?;
    if bytes.is_empty() {
        Err(CredentialIdError::Empty)
    } else if bytes.len() > LONGEST {
        Err(CredentialIdError::TooLong)
    } else {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    /// .NET's `UrlTokenEncode`.
    fn with_digit(bytes: &[u8]) -> String {
        let padded = BASE64_URL_SAFE.encode(bytes);
        let bare = padded.trim_end_matches('=');
        format!("{bare}{}", padded.len() - bare.len())
    }

    fn bytes(text: &str) -> Vec<u8> {
        match CredentialId::parse(text) {
            Ok(CredentialId::Bytes(bytes)) => bytes,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn any_sign_of_classic_base64_is_classic_base64() {
        assert_eq!(bytes("+/8="), [0xfb, 0xff]);
        assert_eq!(bytes("+/8"), [0xfb, 0xff]);
        assert_eq!(bytes("AQ=="), [1]);
        assert_eq!(bytes("-_8="), [0xfb, 0xff], "base64url, padded");
        assert_eq!(CredentialId::parse("-/8="), Err(CredentialIdError::NotBase64), "of both alphabets");
    }

    #[test]
    fn a_zero_after_a_whole_number_of_groups_is_a_digit() {
        let told = bytes("XDjx9wXDrVWBmE2MbPSkXdeMERfv6gN98uxavJ0ZrSyT8jYUs2BHKjAmh4P_T3Av0");
        assert_eq!(told.len(), 48);
        assert_eq!(with_digit(&told), "XDjx9wXDrVWBmE2MbPSkXdeMERfv6gN98uxavJ0ZrSyT8jYUs2BHKjAmh4P_T3Av0");
        assert_eq!(
            CredentialId::parse("AAAA1"),
            Err(CredentialIdError::NotBase64),
            "no other digit, no other form"
        );
    }

    #[test]
    fn a_two_at_the_end_of_such_a_length_is_a_digit() {
        assert_eq!(bytes("-2_GRUg2-HYz6_1YG4YRAQ2").len(), 16);
        assert_eq!(bytes("Oy0dkr_kI6lp0loPvgEWqA2").len(), 16);
        assert_eq!(bytes("AAA").len(), 2, "without one it is plain");
    }

    #[test]
    fn a_one_is_a_digit_or_a_letter_and_both_are_told() {
        let text = "MMeD8wrNCZ-0hbfdYvvAIzrsrTGd_uXdt2iXbYlGJSs1";
        let id = CredentialId::parse(text).unwrap();
        let CredentialId::Ambiguous { with_digit: first, plain } = &id else { panic!("{id:?}") };
        assert_eq!((first.len(), plain.len()), (32, 33));
        assert_eq!(with_digit(first), text);
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(plain), text);
        assert_eq!(id.readings().collect::<Vec<_>>(), [first.as_slice(), plain.as_slice()]);
        assert!(id.may_be(first) && id.may_be(plain) && !id.may_be(&[1]));
        // `t` has a bit set that a last letter of 3k+2 bytes cannot have.
        assert_eq!(bytes("MMeD8wrNCZ-0hbfdYvvAIzrsrTGd_uXdt2iXbYlGJSt1").len(), 33);
    }

    #[test]
    fn all_else_is_plain() {
        assert_eq!(bytes("0ebTcQkYyyrVSi0XuB_lXo8saFaJRH4X3z8VlvLpciW44lMinIWWVTxto_a82kDY").len(), 48);
        assert_eq!(bytes("evvC7IRxN8f7uf4EFgMReo9RWH3Di4pUkugn-34cE00").len(), 32);
        assert_eq!(bytes("OEVEMkQzNTctNzNEMi00RjEzLTk5MjYtODdGNjFCMjRBMzQy").len(), 36);
        let name = "8ED2D357-73D2-4F13-9926-87F61B24A342";
        assert_eq!(CredentialId::parse(name), Ok(CredentialId::Opaque(name.parse().unwrap())));
        assert_eq!(CredentialId::parse(name).unwrap().readings().count(), 0);
        for (bad, error) in [
            ("", CredentialIdError::Empty),
            (" \n", CredentialIdError::Empty),
            ("=", CredentialIdError::NotBase64),
            ("A", CredentialIdError::NotBase64),
            ("0", CredentialIdError::Empty),
            ("AB", CredentialIdError::NotBase64),
            ("Schlüssel", CredentialIdError::NotBase64),
            (&"A".repeat(1368), CredentialIdError::TooLong),
        ] {
            assert_eq!(CredentialId::parse(bad), Err(error), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_encoding_of_an_id_may_be_that_id(id in prop::collection::vec(any::<u8>(), 1..80)) {
            let forms = [
                with_digit(&id),
                BASE64_URL_SAFE_NO_PAD.encode(&id),
                BASE64_URL_SAFE.encode(&id),
                BASE64_STANDARD.encode(&id),
                BASE64_STANDARD_NO_PAD.encode(&id),
            ];
            for form in forms {
                let read = CredentialId::parse(&form).unwrap();
                prop_assert!(read.may_be(&id) || matches!(read, CredentialId::Opaque(_)), "{form}: {read:?}");
                prop_assert!(read.readings().count() <= 2);
            }
            // The ambiguity is no larger than it must be: ids of 3k or 3k+1 bytes have one reading in each form.
            if id.len() % 3 == 1 {
                prop_assert_eq!(CredentialId::parse(&with_digit(&id)), Ok(CredentialId::Bytes(id)));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(id) = CredentialId::parse(&text) {
                prop_assert!(id.readings().all(|reading| !reading.is_empty()));
            }
        }
    }
}
