//! Which single failure would take out every account: what vendors and brands share behind their names.

use super::*;

/// YubiKey 5 of firmware 5.2, and the first iShield Key: chips by Infineon.
const YUBIKEY_INFINEON: Uuid = uuid!("2fc0579f-8113-47ea-b116-bb5a8db9202a");
const ISHIELD: Uuid = uuid!("5d629218-d3a5-11ed-afa1-0242ac120002");
/// Two vendors, one root.
const SI0X: Uuid = uuid!("912435d9-4a88-42f3-972d-1244b0d51420");
const STARSIGN: Uuid = uuid!("c89674e3-a765-4b07-888a-7c086fbdf04b");
/// Nitrokey 3 with a chip by Nordic, and with one by NXP.
const NITROKEY_NORDIC: Uuid = uuid!("2cd2f727-f6ca-44da-8f48-5c2e5da000a2");
const NITROKEY_NXP: Uuid = uuid!("ec99db19-cd1f-4c06-a2a9-940f17a6a30b");
const SOLO_NXP: Uuid = uuid!("8652abe9-fbd8-4810-a840-d6fc442a8c2c");

/// The first account holds keys of one model, the second of another.
fn with(first: Uuid, second: Uuid) -> Status {
    with_keys([first, first, second, second])
}

fn with_keys(models: [Uuid; 4]) -> Status {
    good()
        .plan("vendors = [\"Yubico\"]\n", "")
        .bend(|good| {
            for (key, aaguid) in good.keys.iter_mut().zip(models) {
                key.aaguid = aaguid;
            }
            good.policy = Some(lists(&[&models]));
        })
        .status()
}

fn row(status: &Status) -> (Sign, &str) {
    let rows = rows(status, Id::SingleFailure);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    (rows[0].status, rows[0].saw.as_str())
}

#[test]
fn two_vendors_on_chips_of_one_maker() {
    let status = with(YUBIKEY_INFINEON, ISHIELD);
    assert!(rows(&status, Id::VendorDiversity).iter().all(|row| row.status == Sign::Pass), "{status:#?}");
    assert_eq!(
        row(&status),
        (Sign::Warn, "each of these alone would take out EA-01, EA-02: a fault of chips by Infineon")
    );
}

#[test]
fn two_vendors_under_one_attestation_certificate() {
    let status = with(SI0X, STARSIGN);
    let (sign, saw) = row(&status);
    assert_eq!(sign, Sign::Warn);
    assert!(saw.contains("the loss of the attestation certificate 'FIDO Root CA 01'"), "{saw}");
    assert!(saw.contains("which chip is in") && saw.contains("is not known"), "{saw}");
}

#[test]
fn two_accounts_of_one_vendor_on_two_chips() {
    let status = with(NITROKEY_NORDIC, NITROKEY_NXP);
    let (sign, saw) = row(&status);
    assert_eq!(sign, Sign::Warn);
    assert!(saw.contains("a fault or recall by Nitrokey") && !saw.contains("chips by"), "{saw}");
}

#[test]
fn one_key_of_another_make_is_enough() {
    let status = with_keys([YUBIKEY_INFINEON, SOLO_NXP, ISHIELD, ISHIELD]);
    assert_eq!(row(&status).0, Sign::Pass, "{status:#?}");
    // With its chip by the maker of another one, it is not.
    let status = with_keys([NITROKEY_NXP, NITROKEY_NXP, SOLO_NXP, SOLO_NXP]);
    assert!(row(&status).1.ends_with("a fault of chips by NXP"), "{status:#?}");
}

#[test]
fn where_a_chip_that_nobody_tells_may_be_the_one_in_common_it_cannot_be_told() {
    for status in [good().status(), with(TOKEN2, YUBIKEY)] {
        let (sign, saw) = row(&status);
        assert_eq!(sign, Sign::Skipped, "unknown is not no");
        assert!(
            saw.contains("a maker of chips may; which chip is in EA-01-A, EA-01-B, EA-02-A, EA-02-B"),
            "{saw}"
        );
    }
    let one_known = with_keys([YUBIKEY_INFINEON, YUBIKEY_INFINEON, TOKEN2, TOKEN2]);
    assert_eq!(row(&one_known).0, Sign::Skipped, "{one_known:#?}");
    // Two that are known to differ: whatever the others are, there is none in every key.
    let two_known = with_keys([YUBIKEY_INFINEON, YUBIKEY_INFINEON, SOLO_NXP, TOKEN2]);
    let (sign, saw) = row(&two_known);
    assert!(sign == Sign::Pass && saw.ends_with("which chip is in EA-02-B is not known"), "{saw}");
}

#[test]
fn with_one_account_that_holds_keys_there_is_nothing_to_share() {
    let status = good().bend(|good| good.keys.truncate(2)).status();
    assert_eq!(row(&status).0, Sign::Skipped);
}

#[test]
fn silence_of_a_vendor_on_a_chip_with_the_fault_is_a_warning_and_on_an_unknown_chip_is_told() {
    // Infineon's own keys hold the chip, and no advisory speaks of them.
    let secora = uuid!("3b3faa7b-2c56-4489-bcd3-53b83ee75768");
    let status = with(secora, TOKEN2);
    let told = rows(&status, Id::Advisory);
    let warned = told.iter().find(|row| row.status == Sign::Warn).unwrap();
    assert_eq!(warned.about.as_deref(), Some("EUCLEAK"));
    assert!(
        warned.saw.contains("EA-01-A, EA-01-B have a chip by Infineon, and the vendor says nothing"),
        "{warned:#?}"
    );
    let unsaid = told.iter().find(|row| row.status == Sign::Pass).unwrap();
    assert!(unsaid.saw.contains("no statement by the vendor is known") && unsaid.saw.contains("EA-02-A"));
    // Nitrokey has said what is in its keys.
    let status = with(NITROKEY_NXP, SOLO_NXP);
    assert!(!rows(&status, Id::Advisory).iter().any(|row| row.saw.contains("EUCLEAK")), "{status:#?}");
}
