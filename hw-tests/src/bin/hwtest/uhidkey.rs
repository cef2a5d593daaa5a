//! `hwtest uhidkey`: virtual FIDO2 keys behind `/dev/uhid`, or on USB. Real authenticator firmware, chosen faults, honest counts.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

use clap::Args;
use glasskey::soft::{self, FaultSpec, FirmwareVersion, Options, SoftKey, Touch};
use glasskey_hw_tests::catalogue;
use glasskey_hw_tests::plug::Plugged;
use serde_json::json;
use uuid::Uuid;

/// Virtual FIDO2 keys as devices of the kernel. They hold nothing of value, and they are keys for this whole machine: use a virtual one.
///
/// When all are plugged in, one line of JSON on standard output names their nodes. Commands come line by line on
/// standard input, and on the socket where one is named: `stats`, `unplug NAME`, `plug NAME`, `fault NAME SPEC`
/// (`fault NAME -` takes all faults away; both work from the next `plug`), `quit`. Each is answered by one line of JSON.
#[derive(Debug, Args)]
pub(crate) struct Uhidkey {
    /// How many keys
    #[arg(long, default_value_t = 1)]
    count: u16,
    /// USB vendor id, hex
    #[arg(long, default_value = "1209", value_parser = hex)]
    vid: u16,
    /// USB product id, hex
    #[arg(long, default_value = "0001", value_parser = hex)]
    pid: u16,
    /// The product string; `\e` stands for an escape character
    #[arg(long, default_value = "Virtual Key")]
    name: String,
    /// The model
    #[arg(long, default_value_t = catalogue::AAGUID)]
    aaguid: Uuid,
    /// The firmware version, X.Y.Z
    #[arg(long)]
    firmware: Option<FirmwareVersion>,
    /// Set this PIN on keys that are made
    #[arg(long)]
    pin: Option<String>,
    /// How a touch goes: auto, never or deny
    #[arg(long, default_value = "auto")]
    touch: Touch,
    /// How long a touch takes
    #[arg(long, default_value_t = 0, value_name = "MS")]
    touch_delay_ms: u32,
    /// Plug it in over USB, with a keyboard beside it, not as a bare HID device; one key only
    #[arg(long, conflicts_with = "count")]
    usb: bool,
    /// A fault, MODE[=ARG][@CMD][+SKIP][*TIMES]; may be given again
    #[arg(long, value_name = "SPEC")]
    fault: Vec<FaultSpec>,
    /// The folder where the keys are kept; those of this name that exist already are plugged in as they are
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Write a catalogue folder that makes the keys known and trusted
    #[arg(long, value_name = "DIR")]
    catalogue: Option<PathBuf>,
    /// Take commands on a socket, too
    #[arg(long, value_name = "PATH")]
    control: Option<PathBuf>,
}

fn hex(text: &str) -> Result<u16, String> {
    u16::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|error| error.to_string())
}

struct Slot {
    key: SoftKey,
    usb: bool,
    plugged: Option<Plugged>,
}

/// Plugs them in, and does what it is told until it is told to quit, or standard input ends.
pub(crate) fn run(typed: &Uhidkey) -> io::Result<()> {
    let mut slots = Vec::new();
    for number in 1..=typed.count {
        let key = key(typed, &format!("virtual-{number}"))?;
        let mut slot = Slot { key, usb: typed.usb, plugged: None };
        plug(&mut slot)?;
        slots.push(slot);
    }
    if let Some(dir) = &typed.catalogue {
        let models: Vec<_> = slots.iter().map(|slot| slot.key.aaguid()).collect();
        catalogue::write(dir, &typed.state, &models)?;
    }
    println!("{}", stats(&slots));
    if let Some(path) = &typed.control {
        let _ = fs::remove_file(path);
        let listener = UnixListener::bind(path)?;
        for client in listener.incoming() {
            if serve(&mut slots, client?)? {
                break;
            }
        }
        return fs::remove_file(path);
    }
    for line in io::stdin().lock().lines() {
        let (answer, quit) = command(&mut slots, &line?);
        println!("{answer}");
        if quit {
            break;
        }
    }
    Ok(())
}

/// One client of the socket; true where it said `quit`.
fn serve(slots: &mut [Slot], client: UnixStream) -> io::Result<bool> {
    let mut write = client.try_clone()?;
    for line in BufReader::new(client).lines() {
        let Ok(line) = line else { break };
        let (answer, quit) = command(slots, &line);
        if writeln!(write, "{answer}").is_err() || quit {
            return Ok(quit);
        }
    }
    Ok(false)
}

fn key(typed: &Uhidkey, name: &str) -> io::Result<SoftKey> {
    if typed.state.join(name).exists() {
        let known = soft::list(&typed.state).map_err(io::Error::other)?;
        if let Some(key) = known.into_iter().find(|key| key.name() == name) {
            return Ok(bend(typed, key));
        }
    }
    let options = Options { aaguid: typed.aaguid, firmware: typed.firmware, ..Options::default() };
    catalogue::make(&typed.state, name, &options, typed.pin.as_deref()).map(|key| bend(typed, key))
}

fn bend(typed: &Uhidkey, key: SoftKey) -> SoftKey {
    key.with_options(|options| {
        options.faults.clone_from(&typed.fault);
        options.touch = typed.touch;
        options.touch_delay_ms = typed.touch_delay_ms;
        options.vendor_id = typed.vid;
        options.product_id = typed.pid;
        options.product = Some(typed.name.replace("\\e", "\u{1b}"));
    })
}

fn plug(slot: &mut Slot) -> io::Result<()> {
    let plug = if slot.usb { Plugged::usb } else { Plugged::new };
    slot.plugged = Some(plug(&slot.key, slot.key.name())?);
    Ok(())
}

fn stats(slots: &[Slot]) -> serde_json::Value {
    let rows: Vec<_> = slots
        .iter()
        .map(|slot| {
            let plugged = slot.plugged.as_ref();
            json!({
                "name": slot.key.name(),
                "node": plugged.map(Plugged::node),
                "counts": plugged.map(Plugged::counts),
            })
        })
        .collect();
    json!({ "schema": "uhidkey/1", "keys": rows })
}

fn command(slots: &mut [Slot], line: &str) -> (serde_json::Value, bool) {
    let words: Vec<_> = line.split_whitespace().collect();
    let done = match words.as_slice() {
        ["stats"] => Ok(()),
        ["quit"] => return (stats(slots), true),
        ["unplug", name] => on(slots, name, |slot| {
            slot.plugged = None;
            Ok(())
        }),
        ["plug", name] => on(slots, name, |slot| {
            slot.plugged = None;
            plug(slot)
        }),
        ["fault", name, "-"] => on(slots, name, |slot| {
            slot.key = slot.key.clone().with_faults([]);
            Ok(())
        }),
        ["fault", name, spec] => spec.parse().map_err(io::Error::other).and_then(|spec: FaultSpec| {
            on(slots, name, |slot| {
                let faults = slot.key.options().faults.clone();
                slot.key = slot.key.clone().with_faults(faults.into_iter().chain([spec]));
                Ok(())
            })
        }),
        _ => Err(io::Error::other("no such command")),
    };
    match done {
        Ok(()) => (stats(slots), false),
        Err(error) => (json!({ "error": error.to_string() }), false),
    }
}

fn on(slots: &mut [Slot], name: &str, does: impl FnOnce(&mut Slot) -> io::Result<()>) -> io::Result<()> {
    match slots.iter_mut().find(|slot| slot.key.name() == name) {
        Some(slot) => does(slot),
        None => Err(io::Error::other(format!("there is no key {name}"))),
    }
}
