//! Soft keys broken in one way each: the finding that must catch it does, and no other one cries out.

use std::collections::BTreeSet;

use glasskey::onboard::finding::Id;
use glasskey::soft::{Options, Overlay};

use super::{FIRMWARE, Place, each, good, open, wrong};

/// What is broken, how, and what is found, beside what is found in every soft key.
struct Case {
    what: &'static str,
    faults: &'static [&'static str],
    bend: fn(&mut Options),
    erase: bool,
    /// Whether it comes to the choice between algorithms.
    chooses: bool,
    found: &'static [(&'static str, &'static str)],
}

const fn fault(
    what: &'static str,
    faults: &'static [&'static str],
    found: &'static [(&'static str, &'static str)],
) -> Case {
    Case { what, faults, bend: |_| (), erase: false, chooses: true, found }
}

const fn bent(
    what: &'static str,
    bend: fn(&mut Options),
    found: &'static [(&'static str, &'static str)],
) -> Case {
    Case { what, faults: &[], bend, erase: false, chooses: true, found }
}

const fn without_choice(case: Case) -> Case {
    Case { chooses: false, ..case }
}

const fn erased(case: Case) -> Case {
    Case { erase: true, ..case }
}

/// What comes after the choice between algorithms.
const CONDUCT: [&str; 3] = ["ping", "wink", "reset"];

fn strings(texts: &[&str]) -> toml::Value {
    toml::Value::Array(texts.iter().map(|text| (*text).into()).collect())
}

fn option(options: &mut Options, name: &str, value: bool) {
    let one = toml::Table::from_iter([(name.to_owned(), value.into())]);
    options.info = std::mem::take(&mut options.info).set(4, one);
}

fn overlay(options: &mut Options, edit: impl FnOnce(Overlay) -> Overlay) {
    options.info = edit(std::mem::take(&mut options.info));
}

const CASES: &[Case] = &[
    // Identity.
    bent("another vendor's USB number", |o| o.vendor_id = 0x096e, &[("usb-id", "warn")]),
    bent(
        "a firmware that the model never had",
        |o| o.firmware = Some("5.2.7".parse().unwrap()),
        &[("firmware", "warn"), ("advisory", "warn")],
    ),
    bent(
        "a preview's AAGUID",
        |o| {
            o.aaguid = "34f5766d-1536-4a24-9033-0e294e510fb0".parse().unwrap();
            o.firmware = None;
        },
        &[
            ("hardware-model", "fail"),
            ("advisory", "warn"),
            ("entra-certified", "warn"),
            ("entra-listed", "warn"),
        ],
    ),
    fault("another CTAPHID version", &["init-odd"], &[("ctaphid", "warn")]),
    fault("CBOR that is not canonical", &["non-canonical@getinfo"], &[("get-info", "warn")]),
    fault("terminal commands in its texts", &["escape-info"], &[("get-info", "warn")]),
    fault(
        "a certificate for another model",
        &["cert-aaguid-mismatch"],
        &[
            ("aaguid-consistent", "fail"),
            ("attestation", "fail"),
            ("entra-registration", "fail"),
            ("entra-attestation", "fail"),
            ("non-discoverable", "fail"),
            ("flags", "fail"),
        ],
    ),
    bent(
        "a model that nobody has described",
        |o| o.aaguid = "12345678-1234-4123-8123-123456789abc".parse().unwrap(),
        &[("model-known", "fail"), ("entra-listed", "warn")],
    ),
    // Genuineness.
    fault(
        "a counterfeit: signed by another CA of the same name",
        &["wrong-root"],
        &[("attestation", "fail"), ("attestation-webauthn-rs", "warn"), ("entra-attestation", "fail")],
    ),
    fault(
        "a certificate for no model",
        &["cert-aaguid-missing"],
        &[("aaguid-consistent", "fail"), ("attestation", "fail"), ("entra-attestation", "fail")],
    ),
    fault(
        "self attestation",
        &["no-x5c"],
        &[
            ("attestation", "fail"),
            ("entra-registration", "fail"),
            ("entra-attestation", "fail"),
            ("non-discoverable", "fail"),
            ("flags", "fail"),
        ],
    ),
    // Entra.
    bent(
        "no FIDO 2.0",
        |o| overlay(o, |info| info.set(1, strings(&["FIDO_2_1_PRE"]))),
        &[("entra-fido2", "fail")],
    ),
    without_choice(bent(
        "no client PIN",
        |o| overlay(o, |info| info.remove("4.clientPin")),
        &[("entra-verification", "fail")],
    )),
    bent("no resident keys", |o| option(o, "rk", false), &[("entra-resident-keys", "fail")]),
    bent(
        "no hmac-secret",
        |o| overlay(o, |info| info.set(2, strings(&["credProtect", "minPinLength"]))),
        &[("entra-hmac-secret", "warn")],
    ),
    // PIN.
    without_choice(erased(fault(
        "the first PIN is refused",
        &["ctap-error=0x30@setpin"],
        &[("pin-set", "fail")],
    ))),
    fault("a wrong PIN costs nothing, by what is told", &["retries-stuck"], &[("pin-wrong", "fail")]),
    fault("a wrong PIN costs two attempts", &["retries-double"], &[("pin-wrong", "fail")]),
    fault("a right PIN brings nothing back", &["retries-sticky"], &[("pin-restored", "fail")]),
    bent(
        "it takes shorter PINs than it says",
        |o| overlay(o, |info| info.set(13, 8)),
        &[("pin-too-short", "fail")],
    ),
    fault("it locks without saying so", &["lock-unsaid"], &[("pin-soft-lock", "warn")]),
    fault(
        "the PIN cannot be changed",
        &["ctap-error=0x30@changepin"],
        &[("pin-change", "fail"), ("pin-too-short", "warn")],
    ),
    erased(fault(
        "a demand for a new PIN that is not heard",
        &["config-pretended"],
        &[("pin-forced-change", "fail"), ("pin-length-raised", "fail")],
    )),
    // Credentials.
    fault(
        "passkeys that it does not keep",
        &["not-discoverable@makecred+4"],
        &[
            ("entra-accounts", "fail"),
            ("discoverable", "fail"),
            ("many-credentials", "fail"),
            ("delete", "fail"),
        ],
    ),
    fault("no room after two passkeys", &["ctap-error=0x28@makecred+6*1"], &[("many-credentials", "warn")]),
    fault("a passkey that does not tell its user", &["user-unsaid"], &[("discoverable", "fail")]),
    fault(
        "passkeys that it forgets to mention",
        &["others-unsaid"],
        &[("entra-accounts", "fail"), ("many-credentials", "fail")],
    ),
    fault("a list that leaves passkeys out", &["list-short"], &[("many-credentials", "fail")]),
    fault("the list of excluded credentials is ignored", &["exclude-ignored"], &[("exclude-list", "fail")]),
    fault(
        "it signs with what it was not asked for",
        &["allow-ignored@getassertion+6*2"],
        &[("foreign-credential", "fail")],
    ),
    fault("UV without a PIN", &["uv-flag-always"], &[("flags", "fail")]),
    fault("UP without a touch", &["up-flag-always"], &[("flags", "fail")]),
    bent("it always wants the PIN, by what it says", |o| option(o, "alwaysUv", true), &[("flags", "fail")]),
    fault("a counter that stands still", &["counter-stuck"], &[("counter", "fail")]),
    fault("a counter that stands still later", &["counter-stuck@getassertion+1"], &[("counter", "fail")]),
    fault("credProtect is offered, and ignored", &["protection-lax"], &[("cred-protect", "fail")]),
    fault(
        "a secret that changes",
        &["secret-unstable"],
        &[("entra-hmac-secret", "fail"), ("hmac-secret", "fail")],
    ),
    fault(
        "extensions are offered, and ignored",
        &["extensions-ignored"],
        &[("entra-hmac-secret", "fail"), ("cred-protect", "fail"), ("hmac-secret", "fail")],
    ),
    fault(
        "a deletion that is not done",
        &["delete-pretended"],
        &[("delete", "fail"), ("left-behind", "fail")],
    ),
    fault(
        "signatures that are wrong",
        &["wrong-signature@getassertion"],
        &[
            ("entra-verification", "fail"),
            ("entra-hmac-secret", "fail"),
            ("non-discoverable", "fail"),
            ("discoverable", "fail"),
            ("many-credentials", "fail"),
            ("flags", "fail"),
            ("hmac-secret", "fail"),
        ],
    ),
    // Protocols and algorithms.
    fault(
        "protocol one is offered, and does not work",
        &["refuse-protocol-one"],
        &[("pin-protocol-one", "fail")],
    ),
    fault(
        "protocol two is offered, and does not work",
        &["refuse-protocol-two"],
        &[("pin-protocol-two", "fail")],
    ),
    bent(
        "an algorithm that it does not have",
        |o| {
            overlay(o, |info| {
                let one = |alg: i64| {
                    toml::Table::from_iter([
                        ("alg".to_owned(), alg.into()),
                        ("type".to_owned(), "public-key".into()),
                    ])
                };
                info.set(10, vec![one(-7), one(-8), one(-35)])
            });
        },
        &[("algorithms", "warn")],
    ),
    // Conduct.
    fault("an echo with a bit changed", &["ping-bent"], &[("ping", "fail")]),
    fault("WINK is claimed, and refused", &["wink-refused"], &[("wink", "warn")]),
    erased(fault("a reset that is not done", &["reset-pretended"], &[("reset", "fail")])),
];

#[test]
fn each_way_to_be_broken_is_found_by_the_finding_that_is_for_it() {
    assert!(CASES.len() >= 25);
    each(CASES, |case| {
        let mut options = good();
        options.faults = case.faults.iter().map(|fault| fault.parse().unwrap()).collect();
        (case.bend)(&mut options);
        let place = if case.erase { Place::blank(&options) } else { Place::new(&options, None) };
        let ran = if case.erase { place.erasing() } else { place.onboard(&[]) };
        // Where the firmware could choose, it chose wrongly, as always.
        let mut found = case.found.to_vec();
        if case.chooses {
            let place = found.iter().position(|(id, _)| CONDUCT.contains(id)).unwrap_or(found.len());
            found.insert(place, FIRMWARE);
        }
        let fails = found.iter().any(|(_, status)| *status == "fail");
        wrong(case.what, &ran, &found, i32::from(fails))
    });
}

/// Findings that no case here brings about, and where else each is seen to fail or warn.
const ELSEWHERE: [(Id, &str); 7] = [
    (Id::SoftKey, "every key here is a soft key, and is told to be one: tests/verdict.rs"),
    (Id::Quirks, "models.rs: solo, titan-v2"),
    (Id::Cancel, "outcome.rs: time_is_judged_too"),
    (Id::Keepalive, "outcome.rs: time_is_judged_too"),
    (Id::Pace, "outcome.rs: time_is_judged_too"),
    (Id::SecondClient, "tests/second_client: a build of its own"),
    (Id::Unplug, "src/onboard/judge/conduct.rs: a soft key has no plug"),
];

#[test]
fn every_finding_is_seen_to_cry_out() {
    let caught = CASES.iter().flat_map(|case| case.found.iter().map(|(id, _)| *id));
    let elsewhere = ELSEWHERE.iter().map(|(id, _)| id.name());
    let seen: BTreeSet<&str> = caught.chain(elsewhere).chain([FIRMWARE.0]).collect();
    assert_eq!(seen, Id::ALL.iter().map(|id| id.name()).collect());
}

#[test]
fn a_key_without_a_fault_has_none() {
    let place = Place::new(&good(), None);
    for ran in [place.onboard(&[]), place.erasing()] {
        let document = ran.json();
        assert_eq!(open(&document), [(FIRMWARE.0.to_owned(), FIRMWARE.1.to_owned())], "{document:#}");
        assert_eq!(ran.code, 0);
    }
}
