//! Soft keys that say of themselves what real models say, each with its verdict. Why: docs/onboarding.md.

use glasskey::soft::{Options, Overlay};

use super::{FIRMWARE, Place, each, wrong};

/// What the firmware shows and a model may not.
const OPTIONS: [&str; 10] = [
    "rk",
    "up",
    "plat",
    "credMgmt",
    "largeBlobs",
    "pinUvAuthToken",
    "makeCredUvNotRqd",
    "authnrCfg",
    "setMinPINLength",
    "alwaysUv",
];
/// Members that are the state of one key, and stay the firmware's: AAGUID, options, forced change, firmware, slots.
const LIVE: [u8; 4] = [0x03, 0x04, 0x0e, 0x14];

/// A model's statement, as a soft key, and its least PIN length.
fn model(name: &str) -> (Options, Option<u64>) {
    let path = format!("{}/tests/data/onboard/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let file: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let said = file["info"].as_table().unwrap();
    let usb = file["usb"].as_str().unwrap().split_once(':').unwrap();
    let hex = |text: &str| u16::from_str_radix(text, 16).unwrap();
    let mut info = Overlay::default();
    for (member, value) in said {
        info = info.set(member.parse().unwrap(), value.clone());
    }
    let options = said.get("4").and_then(toml::Value::as_table);
    for option in OPTIONS.iter().filter(|option| options.is_none_or(|said| !said.contains_key(**option))) {
        info = info.remove(&format!("4.{option}"));
    }
    if options.is_none() {
        info = info.remove("4.clientPin");
    }
    for member in
        (1..=0x1f).filter(|member| !LIVE.contains(member) && !said.contains_key(&member.to_string()))
    {
        info = info.remove(&member.to_string());
    }
    let options = Options {
        aaguid: file["aaguid"].as_str().unwrap().parse().unwrap(),
        firmware: file.get("firmware").map(|version| version.as_str().unwrap().parse().unwrap()),
        vendor_id: hex(usb.0),
        product_id: hex(usb.1),
        info,
        ..Options::default()
    };
    let least = said.get("13").and_then(toml::Value::as_integer).map(|least| u64::try_from(least).unwrap());
    (options, least.filter(|least| *least > 4))
}

/// A statement, whether its sample is erased for the run, the verdict, and what is behind it.
type Row = (&'static str, bool, &'static str, &'static [(&'static str, &'static str)]);

const MODELS: &[Row] = &[
    ("yubikey-5-nfc", false, "fit-with-warnings", &[("advisory", "warn"), ("algorithms", "warn"), FIRMWARE]),
    ("token2-pin-plus", false, "fit-with-warnings", &[FIRMWARE]),
    (
        "nitrokey-3-xn",
        false,
        "fit-with-warnings",
        &[("entra-certified", "warn"), ("entra-listed", "warn"), FIRMWARE],
    ),
    ("solo", true, "fit-with-warnings", &[("advisory", "warn"), ("quirks", "warn")]),
    ("titan-v2", true, "fit-with-warnings", &[("quirks", "warn")]),
    ("ishield-fido2", true, "fit-with-warnings", &[("advisory", "warn"), ("algorithms", "warn")]),
    (
        "security-key-preview",
        false,
        "not-fit",
        &[
            ("hardware-model", "fail"),
            ("advisory", "warn"),
            ("entra-certified", "warn"),
            ("entra-listed", "warn"),
            ("algorithms", "warn"),
            FIRMWARE,
        ],
    ),
    (
        "idprime-3940",
        true,
        "not-fit",
        &[("entra-verification", "fail"), ("entra-resident-keys", "fail"), ("entra-hmac-secret", "warn")],
    ),
];

#[test]
fn each_model_gets_the_verdict_that_is_argued_for_it() {
    each(MODELS, |(name, erase, verdict, expected)| {
        let (options, least) = model(name);
        let place = Place::new(&options, least);
        let ran = if *erase { place.erasing() } else { place.onboard(&[]) };
        let document = ran.json();
        if document["verdict"] != *verdict || document["lists"].is_null() != (*verdict == "not-fit") {
            return Some(format!("{name}: {}, {:#}", document["verdict"], document["findings"]));
        }
        wrong(name, &ran, expected, i32::from(*verdict == "not-fit"))
    });
}
