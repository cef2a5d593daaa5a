//! Firmware versions: how a key reports one, and how two compare.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a vendor's keys write their version into getInfo's `firmwareVersion` (0x0E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirmwareScheme {
    /// `major << 16 | minor << 8 | patch`.
    ThreeByte,
    /// A number whose meaning isn't known: it is shown as it is and judged by nobody.
    #[default]
    Raw,
}

/// A firmware version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Firmware {
    /// The first number.
    pub major: u8,
    /// The second number.
    pub minor: u8,
    /// The third number.
    pub patch: u8,
}

impl Firmware {
    /// A version from its three numbers, e.g. those of the CTAPHID_INIT answer.
    #[must_use]
    pub fn new(major: u8, minor: u8, patch: u8) -> Self {
        Self { major, minor, patch }
    }

    /// Reads getInfo's number by the vendor's scheme.
    ///
    /// `None` means that the version stays unknown: the scheme is raw, the number doesn't fit into three bytes, or its
    /// major part is zero, which only unfinished firmware reports.
    #[must_use]
    pub fn decode(scheme: FirmwareScheme, raw: u64) -> Option<Self> {
        if scheme == FirmwareScheme::Raw {
            return None;
        }
        let [0, 0, 0, 0, 0, major, minor, patch] = raw.to_be_bytes() else { return None };
        (major != 0).then_some(Self { major, minor, patch })
    }
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A text that isn't a firmware version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version; write numbers below 256 with dots, such as 5.7.0 (a series: 5.7)")]
pub struct NotAVersion(String);

fn numbers<const N: usize>(text: &str) -> Result<[u8; N], NotAVersion> {
    let wrong = || NotAVersion(text.to_owned());
    let all: Vec<u8> =
        text.split('.').map(|part| part.parse::<u8>().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    all.try_into().map_err(|_| wrong())
}

impl FromStr for Firmware {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [major, minor, patch] = numbers(text)?;
        Ok(Self { major, minor, patch })
    }
}

/// A series of firmware versions, such as 5.7: all that share major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// The first number.
    pub major: u8,
    /// The second number.
    pub minor: u8,
}

impl Series {
    /// The first version of the series.
    #[must_use]
    pub fn first(self) -> Firmware {
        Firmware::new(self.major, self.minor, 0)
    }

    /// The last version that the series can hold.
    #[must_use]
    pub fn last(self) -> Firmware {
        Firmware::new(self.major, self.minor, u8::MAX)
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Series {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [major, minor] = numbers(text)?;
        Ok(Self { major, minor })
    }
}

/// Versions from one to another: `from` is inside, `below` is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first version inside; all earlier ones are inside too where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Firmware>,
    /// The first version outside again.
    pub below: Firmware,
}

impl Range {
    /// Whether the version is inside.
    #[must_use]
    pub fn holds(&self, version: Firmware) -> bool {
        self.from.is_none_or(|from| from <= version) && version < self.below
    }
}

macro_rules! as_text {
    ($($kind:ty),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
as_text!(Firmware, Series);

#[cfg(test)]
mod tests {
    use super::*;

    /// What Yubico keys of MDS no. 291 report, decimal, and what it means.
    const SEEN: &[(u64, &str)] = &[
        (328_706, "5.4.2"),
        (328_707, "5.4.3"),
        (328_964, "5.5.4"),
        (328_965, "5.5.5"),
        (329_222, "5.6.6"),
        (329_472, "5.7.0"),
        (329_473, "5.7.1"),
        (329_474, "5.7.2"),
        (329_475, "5.7.3"),
        (329_476, "5.7.4"),
        (329_728, "5.8.0"),
    ];

    #[test]
    fn three_bytes_are_read_as_yubico_writes_them() {
        for (raw, text) in SEEN {
            let version = Firmware::decode(FirmwareScheme::ThreeByte, *raw).expect(text);
            assert_eq!(version.to_string(), *text);
            assert_eq!(text.parse(), Ok(version));
        }
    }

    #[test]
    fn what_is_not_a_version_stays_unknown() {
        for raw in [0, 1, 256, 0xFFFF, 0x0100_0000, u64::MAX] {
            assert_eq!(Firmware::decode(FirmwareScheme::ThreeByte, raw), None, "{raw}");
        }
        assert_eq!(Firmware::decode(FirmwareScheme::Raw, 328_707), None);
    }

    #[test]
    fn versions_compare_by_number_not_by_text() {
        assert!(Firmware::new(5, 10, 0) > Firmware::new(5, 9, 200));
        assert!("5.7".parse::<Firmware>().is_err());
        assert!("5.7.256".parse::<Firmware>().is_err());
        assert!("5.7.0".parse::<Series>().is_err());
        assert!("5.-7.0".parse::<Firmware>().is_err());
    }

    #[test]
    fn a_range_holds_its_start_and_not_its_end() {
        let range = Range { from: Some(Firmware::new(5, 4, 1)), below: Firmware::new(5, 7, 4) };
        assert!(!range.holds(Firmware::new(5, 4, 0)));
        assert!(range.holds(Firmware::new(5, 4, 1)));
        assert!(range.holds(Firmware::new(5, 7, 3)));
        assert!(!range.holds(Firmware::new(5, 7, 4)));
    }
}
