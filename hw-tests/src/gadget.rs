//! A USB device of the kernel's own: host controller and device in one machine (dummy_hcd), described in configfs. It has
//! what a uhid device lacks: a USB parent with ids and strings, usbhid, and a second interface, a keyboard, as keys that
//! type one-time passwords have. The machine has room for one at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::uhid::{Event, FIDO, Identity, Port};

const CONFIGFS: &str = "/sys/kernel/config/usb_gadget";
/// Usage page generic desktop, usage keyboard: modifiers, and six keys at once (HID 1.11, appendix B.1).
const KEYBOARD: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75,
    0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x06, 0x75, 0x08, 0x15, 0x00,
    0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
];
/// How often it is looked whether the plug was pulled, in nanoseconds.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// One USB device with two interfaces: a FIDO key and a keyboard.
#[derive(Debug)]
pub struct Gadget {
    dir: PathBuf,
    fido: Option<File>,
    pulled: AtomicBool,
}

impl Gadget {
    /// Makes the device.
    ///
    /// # Errors
    /// What the system says; most often that dummy_hcd is not there, or in use.
    pub fn create(identity: &Identity) -> io::Result<Self> {
        let dir = Path::new(CONFIGFS).join("key");
        fs::create_dir(&dir)?;
        let mut this = Self { dir, fido: None, pulled: AtomicBool::new(false) };
        this.write("idVendor", &format!("{:#06x}", identity.vendor))?;
        this.write("idProduct", &format!("{:#06x}", identity.product))?;
        fs::create_dir(this.dir.join("strings/0x409"))?;
        this.write("strings/0x409/manufacturer", "glasskey")?;
        this.write("strings/0x409/product", &identity.name)?;
        this.write("strings/0x409/serialnumber", &identity.uniq)?;
        fs::create_dir(this.dir.join("configs/c.1"))?;
        // Subclass 1, protocol 1: a keyboard that a BIOS understands.
        this.interface("fido", "0", "64", FIDO)?;
        this.interface("keyboard", "1", "8", KEYBOARD)?;
        let controllers = fs::read_dir("/sys/class/udc")?.flatten().next();
        let controller = controllers.ok_or_else(|| io::Error::other("there is no dummy_hcd"))?.file_name();
        this.write("UDC", &controller.to_string_lossy())?;
        let number = fs::read_to_string(this.dir.join("functions/hid.fido/dev"))?;
        let minor = number.trim().split_once(':').map_or("0", |(_, minor)| minor).to_owned();
        this.fido = Some(OpenOptions::new().read(true).write(true).open(format!("/dev/hidg{minor}"))?);
        Ok(this)
    }

    fn interface(&self, name: &str, boot: &str, length: &str, descriptor: &[u8]) -> io::Result<()> {
        let function = format!("functions/hid.{name}");
        fs::create_dir(self.dir.join(&function))?;
        self.write(&format!("{function}/subclass"), boot)?;
        self.write(&format!("{function}/protocol"), boot)?;
        self.write(&format!("{function}/report_length"), length)?;
        fs::write(self.dir.join(&function).join("report_desc"), descriptor)?;
        symlink(self.dir.join(&function), self.dir.join(format!("configs/c.1/hid.{name}")))
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.dir.join(file), text)
    }

    fn file(&self) -> io::Result<&File> {
        self.fido.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Port for Gadget {
    fn input(&self, report: &[u8; 64]) -> io::Result<()> {
        self.file()?.write_all(report)
    }

    fn destroy(&self) -> io::Result<()> {
        self.pulled.store(true, Ordering::SeqCst);
        self.write("UDC", "\n")
    }

    fn event(&self) -> io::Result<Event> {
        let mut file = self.file()?;
        while !self.pulled.load(Ordering::SeqCst) {
            if poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&LOOK))? > 0 {
                let mut report = [0; 64];
                let size = file.read(&mut report)?;
                return Ok(Event::Output(report.iter().take(size).copied().collect()));
            }
        }
        Ok(Event::Stop)
    }
}

impl Drop for Gadget {
    /// Leaves room for the next one. What fails here fails there, and is told.
    fn drop(&mut self) {
        let _ = self.destroy();
        drop(self.fido.take());
        for link in ["configs/c.1/hid.fido", "configs/c.1/hid.keyboard"] {
            let _ = fs::remove_file(self.dir.join(link));
        }
        for dir in ["functions/hid.fido", "functions/hid.keyboard", "configs/c.1", "strings/0x409", ""] {
            let _ = fs::remove_dir(self.dir.join(dir));
        }
    }
}
