//! A folder of soft keys in the place of USB.

use std::io;
use std::path::{Path, PathBuf};

use super::{SoftError, SoftKey, list};
use crate::key::found::{Bus, Found, OpenError};
use crate::key::wire::Wire;

/// The soft keys of one folder.
#[derive(Debug, Clone)]
pub struct SoftBus {
    dir: PathBuf,
}

impl SoftBus {
    /// The keys kept in `dir`.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }
}

impl Bus for SoftBus {
    fn find(&self) -> io::Result<Vec<Found>> {
        let keys = list(&self.dir).map_err(io::Error::other)?;
        Ok(keys.iter().map(found).collect())
    }

    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
        let path = || found.path.clone();
        let other = |error: SoftError| OpenError::Other { path: path(), reason: error.to_string() };
        let keys = list(&self.dir).map_err(other)?;
        let key = keys
            .iter()
            .find(|key| key.path() == found.path)
            .ok_or_else(|| OpenError::Gone { path: path() })?;
        key.open().map_err(|error| match error {
            SoftError::InUse(_) => OpenError::Busy { path: path() },
            error => other(error),
        })
    }
}

fn found(key: &SoftKey) -> Found {
    Found {
        path: key.path(),
        vendor_id: key.vendor_id(),
        product_id: key.product_id(),
        product: key.product(),
        soft: true,
    }
}
