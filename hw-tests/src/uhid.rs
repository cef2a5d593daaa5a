//! `/dev/uhid`: a HID device whose hardware is a process (linux/uhid.h). Events are packed structs in the byte order of
//! the machine, written and read here byte by byte.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};

/// Type and the largest body.
const EVENT: usize = 4 + 4372;
/// Where `size` stands in `uhid_output_req`: behind its 4096 bytes of data.
const OUTPUT_SIZE: usize = 4 + 4096;
const EIO: u16 = 5;
const BUS_USB: u16 = 3;

const DESTROY: u32 = 1;
const STOP: u32 = 3;
const OUTPUT: u32 = 6;
const GET_REPORT: u32 = 9;
const GET_REPORT_REPLY: u32 = 10;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const SET_REPORT: u32 = 13;
const SET_REPORT_REPLY: u32 = 14;

/// Usage page FIDO, usage CTAPHID, 64 bytes in, 64 bytes out, no report ids (CTAP §11.2.8.1).
pub const FIDO: &[u8] = &[
    0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95,
    0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xc0,
];
/// A vendor's own usage page: some HID device that is no key, for tests of what must stay closed.
pub const NO_KEY: &[u8] = &[
    0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95,
    0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xc0,
];

/// What the device shows of itself.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its name (`HID_NAME`).
    pub name: String,
    /// What tells it from all others (`HID_UNIQ`).
    pub uniq: String,
    /// USB vendor id.
    pub vendor: u16,
    /// USB product id.
    pub product: u16,
    /// Its report descriptor.
    pub descriptor: &'static [u8],
}

/// The device's side of a HID device.
pub trait Port: Send + Sync {
    /// Hands a report to every reader of the device.
    ///
    /// # Errors
    /// What the system says, for instance that the device is gone.
    fn input(&self, report: &[u8; 64]) -> io::Result<()>;

    /// Takes the device away.
    ///
    /// # Errors
    /// Where it is gone already.
    fn destroy(&self) -> io::Result<()>;

    /// Waits for the next thing that the kernel wants.
    ///
    /// # Errors
    /// What the system says.
    fn event(&self) -> io::Result<Event>;
}

/// One HID device. It is gone when this is closed or [`Port::destroy`] was called.
#[derive(Debug)]
pub struct Uhid(File);

/// What the kernel wants.
#[derive(Debug)]
pub enum Event {
    /// A client wrote a report.
    Output(Vec<u8>),
    /// The device is gone.
    Stop,
    /// Something that needs no answer, or has got one.
    Other,
}

impl Uhid {
    /// Makes the device.
    ///
    /// # Errors
    /// What the system says; most often that there is no `/dev/uhid` or that only root may use it.
    pub fn create(identity: &Identity) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/uhid")?;
        let mut event = CREATE2.to_ne_bytes().to_vec();
        text(&mut event, &identity.name, 128);
        text(&mut event, "glasskey/virtual", 64);
        text(&mut event, &identity.uniq, 64);
        let length = u16::try_from(identity.descriptor.len()).map_err(io::Error::other)?;
        event.extend(length.to_ne_bytes());
        event.extend(BUS_USB.to_ne_bytes());
        for number in [u32::from(identity.vendor), u32::from(identity.product), 0x0100, 0] {
            event.extend(number.to_ne_bytes());
        }
        event.extend(identity.descriptor);
        let this = Self(file);
        this.tell(&event)?;
        Ok(this)
    }

    /// One event is one write; what is left out at its end is zero.
    fn tell(&self, event: &[u8]) -> io::Result<()> {
        (&self.0).write_all(event)
    }
}

impl Port for Uhid {
    fn input(&self, report: &[u8; 64]) -> io::Result<()> {
        let mut event = INPUT2.to_ne_bytes().to_vec();
        event.extend(64_u16.to_ne_bytes());
        event.extend(report);
        self.tell(&event)
    }

    fn destroy(&self) -> io::Result<()> {
        self.tell(&DESTROY.to_ne_bytes())
    }

    /// Requests that no FIDO key knows are refused here.
    fn event(&self) -> io::Result<Event> {
        let mut event = [0; EVENT];
        let _ = (&self.0).read(&mut event)?;
        let number = |at: usize| -> [u8; 4] {
            event.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
        };
        let id = number(4);
        match u32::from_ne_bytes(number(0)) {
            STOP => return Ok(Event::Stop),
            OUTPUT => {
                let [a, b, ..] = number(OUTPUT_SIZE);
                let size = usize::from(u16::from_ne_bytes([a, b]));
                return Ok(Event::Output(event.iter().skip(4).take(size).copied().collect()));
            }
            GET_REPORT => {
                let body = [&GET_REPORT_REPLY.to_ne_bytes()[..], &id, &EIO.to_ne_bytes(), &[0, 0]];
                self.tell(&body.concat())?;
            }
            SET_REPORT => {
                self.tell(&[&SET_REPORT_REPLY.to_ne_bytes()[..], &id, &EIO.to_ne_bytes()].concat())?
            }
            _ => {}
        }
        Ok(Event::Other)
    }
}

/// A text field of fixed size, with a zero at its end.
fn text(event: &mut Vec<u8>, text: &str, size: usize) {
    let end = event.len() + size;
    event.extend(text.bytes().take(size - 1));
    event.resize(end, 0);
}
