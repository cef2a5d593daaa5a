//! What a soft key is made with; kept as `key.toml` in its folder.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{FaultSpec, Overlay, SoftError};

/// How a soft key answers when the firmware waits for a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touch {
    /// It is touched, after the delay.
    #[default]
    Auto,
    /// Nobody touches it: the wait ends by the firmware's time limit or by a cancel.
    Never,
    /// The touch is refused, after the delay.
    Deny,
}

impl FromStr for Touch {
    type Err = SoftError;

    fn from_str(text: &str) -> Result<Self, SoftError> {
        match text {
            "auto" => Ok(Self::Auto),
            "never" => Ok(Self::Never),
            "deny" => Ok(Self::Deny),
            _ => Err(SoftError::Touch(text.to_owned())),
        }
    }
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Never => "never",
            Self::Deny => "deny",
        })
    }
}

/// A firmware version, `X.Y.Z`. In getInfo it is the number `X * 65536 + Y * 256 + Z`, as Yubico writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FirmwareVersion {
    /// X
    pub major: u8,
    /// Y
    pub minor: u8,
    /// Z
    pub patch: u8,
}

impl FirmwareVersion {
    /// The number that getInfo gives.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from_be_bytes([0, self.major, self.minor, self.patch])
    }
}

impl FromStr for FirmwareVersion {
    type Err = SoftError;

    fn from_str(text: &str) -> Result<Self, SoftError> {
        let parts: Vec<Option<u8>> = text.split('.').map(|part| part.parse().ok()).collect();
        match parts.as_slice() {
            [Some(major), Some(minor), Some(patch)] => {
                Ok(Self { major: *major, minor: *minor, patch: *patch })
            }
            _ => Err(SoftError::Version(text.to_owned())),
        }
    }
}

impl TryFrom<String> for FirmwareVersion {
    type Error = SoftError;

    fn try_from(text: String) -> Result<Self, SoftError> {
        text.parse()
    }
}

impl From<FirmwareVersion> for String {
    fn from(version: FirmwareVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for FirmwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What a soft key is made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The model it says it is; a UUID of its own by default, which no vendor uses.
    pub aaguid: Uuid,
    /// The firmware version that getInfo and CTAPHID_INIT show; unsaid in getInfo if none.
    pub firmware: Option<FirmwareVersion>,
    /// How it answers when a touch is awaited.
    pub touch: Touch,
    /// How long the touch takes.
    pub touch_delay_ms: u32,
    /// How long the firmware waits for it.
    pub touch_timeout_ms: u32,
    /// USB vendor id.
    pub vendor_id: u16,
    /// USB product id.
    pub product_id: u16,
    /// The product string; `Soft key NAME` if none.
    pub product: Option<String>,
    /// When it was made; the present time if none.
    pub created: Option<jiff::Timestamp>,
    /// What goes wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultSpec>,
    /// What getInfo shows in place of the firmware's answer.
    #[serde(skip_serializing_if = "is_default")]
    pub info: Overlay,
}

fn is_default(overlay: &Overlay) -> bool {
    *overlay == Overlay::default()
}

impl Default for Options {
    fn default() -> Self {
        Self {
            aaguid: Uuid::from_u128(0x676c_6173_736b_4579_8000_736f_6674_6b79),
            firmware: None,
            touch: Touch::Auto,
            touch_delay_ms: 0,
            touch_timeout_ms: 30_000,
            vendor_id: 0x1209,
            product_id: 0x0001,
            product: None,
            created: None,
            faults: Vec::new(),
            info: Overlay::default(),
        }
    }
}
