//! A soft key as a device of the kernel.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use glasskey::soft::{Op, SoftDevice, SoftKey, SoftStats};
use serde::Serialize;

use crate::gadget::Gadget;
use crate::uhid::{Event, FIDO, Identity, Port, Uhid};

/// How long the kernel may take to make the device.
const APPEAR: Duration = Duration::from_secs(10);

/// A soft key that is plugged into this machine. Dropping it pulls the plug.
#[derive(Debug)]
pub struct Plugged {
    name: String,
    uniq: String,
    node: PathBuf,
    stats: Arc<SoftStats>,
    device: Arc<Mutex<Option<SoftDevice>>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a key has counted since it was plugged in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Commands, CTAPHID_INIT among them.
    pub transactions: u64,
    /// Each command that came, and how often.
    pub commands: BTreeMap<&'static str, u64>,
    /// Reports to the key.
    pub packets_in: u64,
    /// Reports from the key.
    pub packets_out: u64,
    /// CTAPHID_KEEPALIVE reports from the key.
    pub keepalives: u64,
    /// CTAPHID_CANCEL while a command ran.
    pub cancels: u64,
}

impl Counts {
    fn of(stats: &SoftStats) -> Self {
        let commands: BTreeMap<_, _> = Op::ALL
            .into_iter()
            .map(|op| (op.name(), stats.transactions(op)))
            .filter(|(_, count)| *count > 0)
            .collect();
        Self {
            transactions: commands.values().sum(),
            commands,
            packets_in: stats.packets_in(),
            packets_out: stats.packets_out(),
            keepalives: stats.keepalives(),
            cancels: stats.cancels(),
        }
    }

    /// How often a command came.
    #[must_use]
    pub fn command(&self, op: Op) -> u64 {
        self.commands.get(op.name()).copied().unwrap_or(0)
    }

    /// What came since an earlier count.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let commands: BTreeMap<_, _> = self
            .commands
            .iter()
            .map(|(name, count)| (*name, count - before.commands.get(name).unwrap_or(&0)))
            .filter(|(_, count)| *count > 0)
            .collect();
        Self {
            transactions: self.transactions - before.transactions,
            commands,
            packets_in: self.packets_in - before.packets_in,
            packets_out: self.packets_out - before.packets_out,
            keepalives: self.keepalives - before.keepalives,
            cancels: self.cancels - before.cancels,
        }
    }
}

impl Plugged {
    /// Plugs a key in as a HID device, and waits until the kernel has made its hidraw node.
    ///
    /// # Errors
    /// What the system says, or the soft key.
    pub fn new(key: &SoftKey, serial: &str) -> io::Result<Self> {
        Self::at(key, serial, "", |identity| Ok(Arc::new(Uhid::create(identity)?)))
    }

    /// Plugs a key in as a USB device that is a keyboard, too.
    ///
    /// # Errors
    /// What the system says, or the soft key.
    pub fn usb(key: &SoftKey, serial: &str) -> io::Result<Self> {
        Self::at(key, serial, "/input0", |identity| Ok(Arc::new(Gadget::create(identity)?)))
    }

    fn at(
        key: &SoftKey,
        serial: &str,
        interface: &str,
        port: impl FnOnce(&Identity) -> io::Result<Arc<dyn Port>>,
    ) -> io::Result<Self> {
        let (reports, out) = mpsc::channel();
        let device = key.device(reports).map_err(io::Error::other)?;
        let uniq = format!("{serial}-{}", std::process::id());
        let identity = Identity {
            name: key.product(),
            uniq: uniq.clone(),
            vendor: key.vendor_id(),
            product: key.product_id(),
            descriptor: FIDO,
        };
        let port = port(&identity)?;
        let stats = device.stats();
        let device = Arc::new(Mutex::new(Some(device)));
        let from_kernel = {
            let (port, device) = (Arc::clone(&port), Arc::clone(&device));
            thread::spawn(move || listen(port.as_ref(), &device))
        };
        let to_kernel = thread::spawn(move || {
            // It ends when the soft key lets go of its end: unplugged, vanished, or its firmware dead.
            for report in out {
                if port.input(&report).is_err() {
                    break;
                }
            }
            let _ = port.destroy();
        });
        let threads = vec![from_kernel, to_kernel];
        let name = key.name().to_owned();
        let mut this = Self { name, uniq, node: PathBuf::new(), stats, device, threads };
        this.node = node_of(&this.uniq, interface)?;
        Ok(this)
    }

    /// The hidraw node of the keyboard that a key on USB is, too.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] where it is none.
    pub fn keyboard(&self) -> io::Result<PathBuf> {
        node_of(&self.uniq, "/input1")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its hidraw node.
    #[must_use]
    pub fn node(&self) -> &Path {
        &self.node
    }

    /// What it has counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.stats)
    }

    /// Pulls the plug, now.
    pub fn unplug(&mut self) {
        drop(self.device.lock().unwrap_or_else(PoisonError::into_inner).take());
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.unplug();
    }
}

fn listen(port: &dyn Port, device: &Mutex<Option<SoftDevice>>) {
    loop {
        match port.event() {
            Ok(Event::Output(data)) => {
                // hidraw passes the report id on: 0 before the 64 bytes.
                let report = data.split_first_chunk::<1>().map_or(&data[..], |(_, rest)| rest);
                let report = if data.len() == 64 { &data[..] } else { report };
                let Some(report) = report.first_chunk::<64>() else { continue };
                if let Some(device) = &*device.lock().unwrap_or_else(PoisonError::into_inner) {
                    let _ = device.handle(report);
                }
            }
            Ok(Event::Other) => {}
            Ok(Event::Stop) | Err(_) => return,
        }
    }
}

/// The hidraw node of the device with this `HID_UNIQ`, of its interface whose `HID_PHYS` ends so, once it is there.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`].
pub fn node_of(uniq: &str, interface: &str) -> io::Result<PathBuf> {
    let end = Instant::now() + APPEAR;
    while Instant::now() < end {
        for entry in fs::read_dir("/sys/class/hidraw").into_iter().flatten().flatten() {
            let said = fs::read_to_string(entry.path().join("device/uevent")).unwrap_or_default();
            let is = |name: &str, fits: &dyn Fn(&str) -> bool| {
                said.lines().filter_map(|line| line.strip_prefix(name)).any(fits)
            };
            let node = Path::new("/dev").join(entry.file_name());
            if is("HID_UNIQ=", &|it| it == uniq)
                && is("HID_PHYS=", &|it| it.ends_with(interface))
                && node.exists()
            {
                return Ok(node);
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "the kernel made no hidraw node"))
}
