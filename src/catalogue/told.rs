//! Which firmware a key has, by all that is told of it: in three places, which may contradict each other.

use uuid::Uuid;

use super::Catalogue;
use super::firmware::{Firmware, FirmwareScheme};

/// Where a firmware version was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirmwareSource {
    /// getInfo 0x0E.
    Info,
    /// The vendor's extension of the attestation certificate.
    Certificate,
    /// CTAPHID_INIT.
    Device,
}

/// What is known of the firmware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirmwareTold {
    /// The key does not tell it in a way that is known.
    Unsaid,
    /// This version, read there.
    Version(Firmware, FirmwareSource),
    /// What is told in one place cannot be true with what is told in another; in words.
    Contradiction(String),
}

impl FirmwareTold {
    /// The version, where it is told and believable.
    #[must_use]
    pub fn version(&self) -> Option<Firmware> {
        match self {
            Self::Version(version, _) => Some(*version),
            Self::Unsaid | Self::Contradiction(_) => None,
        }
    }
}

/// What a key, its certificate and its plug tell of the firmware, undecoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Told {
    /// getInfo's number.
    pub info: Option<u64>,
    /// Major, minor, patch in the attestation certificate.
    pub certificate: Option<[u8; 3]>,
    /// Major, minor, build in the answer to CTAPHID_INIT.
    pub device: Option<[u8; 3]>,
}

impl From<Option<u64>> for Told {
    /// What getInfo says, and nothing else.
    fn from(info: Option<u64>) -> Self {
        Self { info, ..Self::default() }
    }
}

impl Catalogue {
    /// The firmware: what getInfo says, else what the vendor signed, else what CTAPHID_INIT says; each only for a
    /// vendor whose way of telling it is known. What the vendor signed, and the model's series, contradict a false claim.
    #[must_use]
    pub fn told_firmware(&self, aaguid: Uuid, told: Told) -> FirmwareTold {
        let Some(model) = self.model(aaguid) else { return FirmwareTold::Unsaid };
        let scheme = self.vendor(&model.vendor).map(|vendor| vendor.firmware_scheme);
        if scheme != Some(FirmwareScheme::ThreeByte) {
            return FirmwareTold::Unsaid;
        }
        let version = |[major, minor, patch]: [u8; 3]| Firmware::new(major, minor, patch);
        let said = told.info.and_then(|raw| Firmware::decode(FirmwareScheme::ThreeByte, raw));
        let signed = told.certificate.map(version);
        let opened = told.device.map(version).filter(|version| version.major > 0);
        if let Some((said, signed)) = said.zip(signed).filter(|(said, signed)| said != signed) {
            return FirmwareTold::Contradiction(format!(
                "the key says firmware {said}, and its vendor signed {signed}"
            ));
        }
        let told = [
            (said, FirmwareSource::Info),
            (signed, FirmwareSource::Certificate),
            (opened, FirmwareSource::Device),
        ];
        let Some((version, source)) = told.into_iter().find_map(|(version, source)| Some((version?, source)))
        else {
            return FirmwareTold::Unsaid;
        };
        let too_old = model.firmware_min.is_some_and(|series| version < series.first());
        let too_new = model.firmware_max.is_some_and(|series| version > series.last());
        if too_old || too_new {
            return FirmwareTold::Contradiction(format!(
                "the key says firmware {version}, which this model never had"
            ));
        }
        FirmwareTold::Version(version, source)
    }
}
