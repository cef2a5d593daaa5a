//! The udev rules: what they open and what they don't, and that the list among them is the catalogue's.
//!
//! `make udev-rules` writes the list anew.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "helpers of tests read and write files")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

const MAIN: &str = "70-glasskey.rules";
const LIST: &str = "70-glasskey-usb-ids.rules";

/// What the list begins with.
const HEAD: &str = "\
# Lets the person at the machine open FIDO keys whose USB ids are listed here, and nothing else. Only for systems without
# systemd's 60-fido-id.rules (udev before 242, some other udevs); everywhere else install 70-glasskey.rules instead, which
# knows every key, listed or not.
#
# Written from aaguids/usb.toml by `make udev-rules`; not by hand.
#
# An id alone opens nothing: a key may have other nodes, for instance a keyboard for one-time passwords, under the same ids.
# The last rule opens a node of a listed device only if its report descriptor begins as that of a FIDO device does (usage
# page 0xF1D0, usage 0x01). fido_id reads the descriptor, too, but where it is missing there is only `od` to ask.
#
# The tag `uaccess` becomes an access list for whoever is logged in at the seat in 73-seat-late.rules, of logind or elogind.
# So: no MODE, no GROUP. Without either of them the tag is without effect.
";

/// What it ends with.
const TAIL: &str = r#"
ACTION!="remove", SUBSYSTEM=="hidraw", ENV{.GLASSKEY_LISTED}=="1", PROGRAM=="/usr/bin/od -An -tx1 -N5 /sys%p/device/report_descriptor", RESULT==" 06 d0 f1 09 01", TAG+="uaccess"
"#;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).expect(name)
}

/// The list as it must be: each device of the table, under its vendor's name.
fn list() -> String {
    let table: toml::Table = read("aaguids/usb.toml").parse().expect("usb.toml");
    let devices = table.get("device").and_then(toml::Value::as_array).expect("devices");
    let mut text = HEAD.to_owned();
    let mut last = "";
    for device in devices {
        let member = |name: &str| device.get(name).and_then(toml::Value::as_str).expect(name);
        let (vendor, vid, pid) = (member("vendor"), member("vendor_id"), member("product_id"));
        for id in [vid, pid] {
            assert!(id.len() == 4 && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{id}");
        }
        assert!(!vendor.contains(char::is_control));
        if vendor != last {
            writeln!(text, "\n# {vendor}").expect("a string");
            last = vendor;
        }
        writeln!(
            text,
            r#"ACTION!="remove", SUBSYSTEM=="hidraw", ATTRS{{idVendor}}=="{vid}", ATTRS{{idProduct}}=="{pid}", ENV{{.GLASSKEY_LISTED}}="1""#
        )
        .expect("a string");
    }
    text + TAIL
}

#[test]
fn the_list_is_the_catalogues() {
    if std::env::var_os("GLASSKEY_WRITE").is_some() {
        std::fs::write(file("udev").join(LIST), list()).expect("the list can be written");
    }
    assert_eq!(
        read(&format!("udev/{LIST}")),
        list(),
        "the table has changed: `make udev-rules` writes the list anew"
    );
}

/// One part of a rule: key, operator, value.
type Part = (String, String, String);

fn rules(name: &str) -> Vec<Vec<Part>> {
    let text = read(&format!("udev/{name}"));
    let part = |part: &str| {
        let (head, value) = part.trim().split_once('"').expect("a quoted value");
        let key = head.trim_end_matches(['=', '!', '+', '-', ':']);
        let operator = head.strip_prefix(key).unwrap_or_default();
        (key.to_owned(), operator.to_owned(), value.trim_end_matches('"').to_owned())
    };
    let rules = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    rules.map(|rule| rule.split(',').map(part).collect()).collect()
}

/// Whether a device with these properties is tagged. Knows only what the files use: no patterns.
fn is_tagged(rules: &[Vec<Part>], device: &[(&str, &str)]) -> bool {
    let mut own: Vec<(String, String)> =
        device.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let mut tagged = false;
    for rule in rules {
        let is = |key: &str| own.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str());
        let applies = rule.iter().all(|(key, operator, value)| match operator.as_str() {
            _ if key == "PROGRAM" => true, // its result is a property of the device here
            "==" => is(key) == value,
            "!=" => is(key) != value,
            _ => true,
        });
        let acts = rule.iter().filter(|(_, operator, _)| matches!(operator.as_str(), "=" | "+="));
        for (key, _, value) in acts.filter(|_| applies).cloned().collect::<Vec<_>>() {
            tagged |= key == "TAG" && value == "uaccess";
            own.push((key, value));
        }
    }
    tagged
}

#[test]
fn a_rule_may_tag_and_nothing_else() {
    let acts = |name: &str| -> BTreeSet<Part> {
        let rules = rules(name);
        let patterns = rules.iter().flatten().filter(|(_, _, value)| value.contains(['*', '?', '[', '|']));
        assert_eq!(patterns.count(), 0, "{name}: patterns match what nobody thought of");
        for rule in &rules {
            let has = |key: &str, operator: &str, value: &str| {
                rule.contains(&(key.to_owned(), operator.to_owned(), value.to_owned()))
            };
            assert!(has("SUBSYSTEM", "==", "hidraw") && has("ACTION", "!=", "remove"), "{name}: {rule:?}");
        }
        rules.into_iter().flatten().filter(|(_, operator, _)| operator != "==" && operator != "!=").collect()
    };
    let act =
        |key: &str, operator: &str, value: &str| (key.to_owned(), operator.to_owned(), value.to_owned());
    let tag = act("TAG", "+=", "uaccess");
    let mark = act("ENV{.GLASSKEY_LISTED}", "=", "1");
    assert_eq!(acts(MAIN), BTreeSet::from([tag.clone()]), "no MODE, GROUP, RUN or GOTO");
    assert_eq!(acts(LIST), BTreeSet::from([mark, tag]), "no MODE, GROUP, RUN or GOTO");
}

const HIDRAW: (&str, &str) = ("SUBSYSTEM", "hidraw");
const ADD: (&str, &str) = ("ACTION", "add");
const FIDO: (&str, &str) = ("ENV{ID_FIDO_TOKEN}", "1");
const YUBICO: (&str, &str) = ("ATTRS{idVendor}", "1050");
const YUBIKEY: (&str, &str) = ("ATTRS{idProduct}", "0407");
/// As `od` shows the first bytes of a report descriptor.
const DESCRIBES_FIDO: (&str, &str) = ("RESULT", " 06 d0 f1 09 01");
const DESCRIBES_KEYBOARD: (&str, &str) = ("RESULT", " 05 01 09 06 a1");

#[test]
fn the_rule_gives_away_fido_devices_and_no_other_node() {
    let rules = rules(MAIN);
    assert!(is_tagged(&rules, &[ADD, HIDRAW, FIDO, YUBICO]), "a FIDO key");
    assert!(is_tagged(&rules, &[("ACTION", "change"), HIDRAW, FIDO]), "a FIDO key after `udevadm trigger`");
    let no: [&[(&str, &str)]; 8] = [
        &[ADD, HIDRAW],         // a keyboard, a mouse
        &[ADD, HIDRAW, YUBICO], // a key's own keyboard for one-time passwords
        &[ADD, HIDRAW, YUBICO, ("ENV{ID_FIDO_TOKEN}", "0")],
        &[ADD, HIDRAW, ("ENV{ID_INPUT_KEYBOARD}", "1")],
        &[ADD, HIDRAW, ("ENV{ID_SECURITY_TOKEN}", "1"), ("ENV{ID_INPUT_KEYBOARD}", "1")],
        &[ADD, ("SUBSYSTEM", "input"), ("ENV{ID_INPUT_KEYBOARD}", "1")],
        &[ADD, ("SUBSYSTEM", "usb"), FIDO, YUBICO], // the whole USB device, keyboard and all
        &[("ACTION", "remove"), HIDRAW, FIDO],
    ];
    for device in no {
        assert!(!is_tagged(&rules, device), "{device:?}");
    }
}

#[test]
fn the_list_gives_away_fido_nodes_of_listed_devices_and_no_other_node() {
    let rules = rules(LIST);
    let key = [HIDRAW, YUBICO, YUBIKEY, DESCRIBES_FIDO];
    assert!(is_tagged(&rules, &[&key[..], &[ADD]].concat()), "a listed key");
    assert!(is_tagged(&rules, &[&key[..], &[("ACTION", "change")]].concat()), "after `udevadm trigger`");
    let no: [&[(&str, &str)]; 8] = [
        &[ADD, HIDRAW],
        &[ADD, HIDRAW, DESCRIBES_FIDO], // no USB device at all
        &[ADD, HIDRAW, YUBICO, ("ATTRS{idProduct}", "0405"), DESCRIBES_FIDO],
        &[ADD, HIDRAW, ("ATTRS{idVendor}", "046d"), YUBIKEY, DESCRIBES_FIDO],
        &[ADD, HIDRAW, YUBICO, YUBIKEY, DESCRIBES_KEYBOARD], // the same key's keyboard for one-time passwords
        &[ADD, HIDRAW, YUBICO, YUBIKEY],                     // `od` could not read
        &[ADD, ("SUBSYSTEM", "usb"), YUBICO, YUBIKEY, DESCRIBES_FIDO],
        &[("ACTION", "remove"), HIDRAW, YUBICO, YUBIKEY, DESCRIBES_FIDO],
    ];
    for device in no {
        assert!(!is_tagged(&rules, device), "{device:?}");
    }
}

#[test]
fn rules_come_after_fido_id_and_before_the_seat() {
    let entries = std::fs::read_dir(file("udev")).expect("udev");
    let names: BTreeSet<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names, BTreeSet::from([MAIN, LIST].map(str::to_owned)));
    for name in names {
        assert!(name.as_str() > "60-fido-id.rules" && name.as_str() < "73-seat-late.rules", "{name}");
    }
}
