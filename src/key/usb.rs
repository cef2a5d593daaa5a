//! Keys over USB HID, through `hidapi`.

use std::ffi::CString;
use std::io;
use std::time::Instant;

use hidapi::{HidApi, HidDevice, HidError};

use super::found::{Bus, Found, OpenError};
#[cfg(target_os = "linux")]
use super::plugs::{Changes, Unsaid, dev::Dev};
use super::wire::Wire;
use crate::ctap::frame::{REPORT_LEN, Report};

/// The usage page and usage of a FIDO device (CTAP §11.2.8.1).
const FIDO: (u16, u16) = (0xf1d0, 0x01);

/// The machine's USB HID devices.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usb;

impl Bus for Usb {
    fn find(&self) -> io::Result<Vec<Found>> {
        let api = HidApi::new().map_err(to_io)?;
        let mut found: Vec<Found> = api
            .device_list()
            .filter(|device| (device.usage_page(), device.usage()) == FIDO)
            .map(|device| Found {
                path: device.path().to_string_lossy().into_owned(),
                vendor_id: device.vendor_id(),
                product_id: device.product_id(),
                product: device.product_string().unwrap_or_default().to_owned(),
                soft: false,
            })
            .collect();
        // hidraw9 comes before hidraw10.
        found.sort_by(|a, b| (a.path.len(), &a.path).cmp(&(b.path.len(), &b.path)));
        found.dedup_by(|a, b| a.path == b.path);
        Ok(found)
    }

    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
        let other = |reason: String| OpenError::Other { path: found.path.clone(), reason };
        let path = CString::new(found.path.as_str()).map_err(|error| other(error.to_string()))?;
        let api = HidApi::new().map_err(|error| other(error.to_string()))?;
        match api.open_path(&path) {
            Ok(device) => Ok(Box::new(Hid(device))),
            Err(error) => Err(denied(&found.path).unwrap_or_else(|| other(error.to_string()))),
        }
    }

    #[cfg(target_os = "linux")]
    fn changes(&self) -> Box<dyn Changes> {
        match Dev::new() {
            Some(dev) => Box::new(dev),
            None => Box::new(Unsaid),
        }
    }
}

/// hidapi tells only a text, so the system is asked again why.
#[cfg(unix)]
fn denied(path: &str) -> Option<OpenError> {
    use rustix::fs::{Access, access};
    let error = access(path, Access::READ_OK | Access::WRITE_OK).err()?;
    Some(OpenError::from_io(path, &error.into()))
}

#[cfg(not(unix))]
fn denied(_path: &str) -> Option<OpenError> {
    None
}

struct Hid(HidDevice);

impl Wire for Hid {
    fn send(&mut self, report: &Report) -> io::Result<()> {
        // Report id 0: the device has only one kind of report.
        let mut numbered = [0; REPORT_LEN + 1];
        for (place, byte) in numbered.iter_mut().skip(1).zip(report) {
            *place = *byte;
        }
        loop {
            match self.0.write(&numbered).map_err(to_io) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => return Ok(()),
                // A signal, for instance Ctrl-C: CTAPHID_CANCEL must still get out.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn receive(&mut self, until: Instant) -> io::Result<Option<Report>> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            // Rounded up, so that the last millisecond is not spent spinning.
            let millis = i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
            let mut report = [0; REPORT_LEN];
            match self.0.read_timeout(&mut report, millis).map_err(to_io) {
                Ok(0) if left.is_zero() => return Ok(None),
                Ok(0) => {}
                Ok(REPORT_LEN) => return Ok(Some(report)),
                Ok(length) => {
                    return Err(io::Error::other(format!(
                        "a report of {length} bytes instead of {REPORT_LEN}"
                    )));
                }
                // A signal is no loss of the key: whoever waits asks in between whether it was Ctrl-C.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn to_io(error: HidError) -> io::Error {
    match error {
        HidError::IoError { error } => error,
        other => io::Error::other(other.to_string()),
    }
}
