//! What things are called: each kind of name is a type of its own, and none holds what a screen or a label can't show.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

/// Why a text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NameError {
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub cure: String,
}

/// Whether two names are the same to people: small and capital letters alike, accents composed or not.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// What names are compared by: accents composed, small letters.
#[must_use]
pub fn folded(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

/// A text that can be printed: no control, no direction marks, nothing invisible, 1 to `most` characters, trimmed.
pub(super) fn printable(what: &str, text: &str, most: usize) -> Result<String, NameError> {
    let fault = |problem: String, cure: String| Err(NameError { problem, cure });
    let text: String = text.trim().nfc().collect();
    let length = text.chars().count();
    if length == 0 {
        return fault(format!("{what} is empty"), format!("write {what}, or leave the line out"));
    }
    if length > most {
        return fault(
            format!("{what} has {length} characters"),
            format!("shorten it to {most}: it must fit on a label and a line"),
        );
    }
    match text.chars().find(|c| !shows(*c)) {
        Some(c) => fault(
            format!("{what} holds {}, which cannot be printed", c.escape_unicode()),
            "type it anew: something invisible came along when it was pasted".to_owned(),
        ),
        None => Ok(text),
    }
}

/// What is told for the record on the command line: a reason, a name, the number of a bag. Trimmed.
///
/// # Errors
/// [`NameError`] where it is blank, longer than 500 characters, or holds what cannot be printed.
pub fn told(text: &str) -> Result<String, NameError> {
    let told = printable("what is to be recorded", text, 500);
    told.map_err(|error| match text.trim() {
        "" => NameError { cure: "say it in a few words".to_owned(), ..error },
        _ => error,
    })
}

/// Whether a character can be seen on a label, and stands for nothing else.
#[must_use]
pub fn shows(c: char) -> bool {
    match c {
        '\'' | '"' | '\\' => true,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => false,
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => false,
        _ => is_combining_mark(c) || c.escape_debug().len() == 1,
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident $what:literal $most:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Trimmed, and accents composed.
            ///
            /// # Errors
            /// [`NameError`] where it is empty, too long, or holds what cannot be printed.
            pub fn new(text: &str) -> Result<Self, NameError> {
                printable($what, text, $most).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether this names the same, small and capital letters alike.
            #[must_use]
            pub fn is(&self, other: &str) -> bool {
                same(&self.0, other)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// The organisation's name.
    Organisation "the organisation's name" 100;
    /// An account's short name, such as `EA-01`.
    AccountName "the account's name" 40;
    /// A site's name.
    SiteName "the site's name" 60;
    /// A custodian's name.
    CustodianName "the custodian's name" 60;
    /// A vendor's name, as the catalogue writes it.
    VendorName "the vendor's name" 60;
}

/// A user principal name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Upn(String);

/// The domains that Microsoft itself gives to tenants: the world, the US government, China.
const CLOUD: &[&str] = &[".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn"];

impl Upn {
    /// # Errors
    /// [`NameError`] unless it is `name@domain` in ASCII, without blanks, of at most 113 characters, as Entra wants it.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let wrong = |why: &str| NameError {
            problem: format!("'{text}' is no user principal name: {why}"),
            cure: "write it as Entra shows it, such as \"ea-01@contoso.onmicrosoft.com\"".to_owned(),
        };
        let (name, domain) = text.split_once('@').ok_or_else(|| wrong("it has no @"))?;
        if name.is_empty() || domain.contains('@') {
            return Err(wrong("one name, one @ and a domain are needed"));
        }
        if text.len() > 113 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("at most 113 ASCII characters without blanks are allowed"));
        }
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !domain.contains('.') || !domain.split('.').all(label) {
            return Err(wrong("what follows the @ is no domain"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this names the same account, small and capital letters alike.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// What follows the @, in small letters.
    #[must_use]
    pub fn domain(&self) -> String {
        self.0.split_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default()
    }

    /// Whether the domain is one that Microsoft gives to the tenant, which no federation and no lapsed registration can take away.
    #[must_use]
    pub fn is_cloud_domain(&self) -> bool {
        CLOUD.iter().any(|ending| self.domain().ends_with(ending))
    }
}

impl fmt::Display for Upn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account's object id in Entra.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ObjectId(Uuid);

impl ObjectId {
    /// # Errors
    /// [`NameError`] unless it is a UUID.
    pub fn new(text: &str) -> Result<Self, NameError> {
        Uuid::try_parse(text.trim()).map(Self).map_err(|_| NameError {
            problem: format!("'{text}' is no object id"),
            cure: "copy it from the account's page in Entra; it looks like \"1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f\""
                .to_owned(),
        })
    }

    /// The UUID.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
