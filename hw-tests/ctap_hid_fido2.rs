//! The crate `ctap-hid-fido2`, as its README uses it, on the key at a path: `info`, `set-pin` or `exercise`, and then the
//! PIN/UV auth protocol, which it leaves to its caller. The PIN is one line of standard input. For `hw-tests/run --clients`: what the same job costs a key with this client.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a client that fails may panic"
)]

use ctap_hid_fido2::fidokey::{GetAssertionArgsBuilder, MakeCredentialArgsBuilder};
use ctap_hid_fido2::{FidoKeyHidFactory, HidParam, LibCfg, verifier};

const RP: &str = "rp.example";

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let (verb, path, protocol) = (arguments[1].as_str(), arguments[2].clone(), arguments[3].parse().unwrap());
    let mut pin = String::new();
    std::io::stdin().read_line(&mut pin).unwrap();
    let pin = pin.trim();
    let key = FidoKeyHidFactory::create_by_params(&[HidParam::Path(path)], &LibCfg::init()).unwrap();
    let key = key.with_pin_protocol_version(protocol);
    match verb {
        "info" => {
            assert_eq!(key.get_info().unwrap().aaguid.len(), 16);
            assert_eq!(key.get_pin_retries().unwrap(), 8);
        }
        "set-pin" => key.set_new_pin(pin).unwrap(),
        "exercise" => {
            let challenge = verifier::create_challenge();
            let wanted = MakeCredentialArgsBuilder::new(RP, &challenge).pin(pin).build();
            let made = key.make_credential_with_args(&wanted).unwrap();
            let made = verifier::verify_attestation(RP, &challenge, &made);
            assert!(made.is_success);
            let challenge = verifier::create_challenge();
            let wanted = GetAssertionArgsBuilder::new(RP, &challenge)
                .pin(pin)
                .credential_id(&made.credential_id)
                .build();
            let signed = key.get_assertion_with_args(&wanted).unwrap();
            assert!(verifier::verify_assertion(RP, &made.credential_public_key, &challenge, &signed[0]));
        }
        other => panic!("{other} is no job"),
    }
}
