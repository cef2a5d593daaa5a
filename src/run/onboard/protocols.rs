//! Each PIN/UV auth protocol and each algorithm that the key offers, tried.

use super::bench::{Bench, Wanted};
use crate::ctap::client_pin::Permissions;
use crate::ctap::credential::ES256;
use crate::ctap::credential_management::Dialect;
use crate::ctap::pin::Pin;
use crate::ctap::protocol::Protocol;
use crate::ctap::status::{Code, Refusal};
use crate::error::Error;
use crate::facts::{Facts, Registered, Step};
use crate::key::authority::Authority;
use crate::key::guard::PinRefusal;
use crate::key::session::KeyError;
use crate::onboard::tried::Tried;
use crate::webauthn::relying_party::RelyingParty;

/// Finds a protocol under which the key takes the PIN and what is proven by it, the usual one first, and stays with it.
/// Tells how many passkeys the key holds, if it does. A PIN that was typed is tried again only where the key has not
/// called it wrong, and the first try cost no attempt; `certain`: this run has set it.
pub(super) fn settle(bench: &mut Bench<'_>, pin: &Pin, certain: bool) -> Result<Option<u32>, Error> {
    let usual = bench.info.protocol();
    let mut offered = known(&bench.info.pin_uv_auth_protocols);
    offered.sort_by_key(|protocol| Some(*protocol) != usual);
    let (mut takes_pin, mut last) = (None, KeyError::Pin(PinRefusal::NoProtocol));
    for protocol in offered {
        bench.info.pin_uv_auth_protocols = Some(vec![protocol.number()]);
        let before = bench.retries()?.left;
        match held(bench, pin, || _ = takes_pin.get_or_insert(protocol)) {
            Ok(held) => return Ok(held),
            Err(Error::Key(error @ KeyError::Pin(PinRefusal::Wrong { .. }))) if certain => last = error,
            Err(Error::Key(error @ (KeyError::Refused { .. } | KeyError::Malformed { .. })))
                if certain || bench.retries()?.left >= before =>
            {
                last = error;
            }
            Err(error) => return Err(error),
        }
    }
    match takes_pin {
        // What such a key holds is gone already, and what it refuses is for the findings.
        Some(protocol) if certain => {
            bench.info.pin_uv_auth_protocols = Some(vec![protocol.number()]);
            Ok(None)
        }
        _ => Err(last.into()),
    }
}

/// How many passkeys the key holds, where it can tell. `proven`: it has taken the PIN.
fn held(bench: &mut Bench<'_>, pin: &Pin, proven: impl FnOnce()) -> Result<Option<u32>, Error> {
    let Some(dialect) = Dialect::of(&bench.info) else {
        bench.prove(pin, Permissions::GET_ASSERTION, Some(&RelyingParty::custody()))?;
        return Ok(None);
    };
    let authority = bench.prove(pin, Permissions::CREDENTIAL_MANAGEMENT, None)?;
    proven();
    Ok(Some(bench.session.creds_metadata(dialect, authority.proof())?.existing))
}

/// The protocols that are known here, in the order of their numbers.
fn known(offered: &Option<Vec<u64>>) -> Vec<Protocol> {
    let offered = offered.as_deref().unwrap_or_default();
    [Protocol::One, Protocol::Two].into_iter().filter(|known| offered.contains(&known.number())).collect()
}

/// A signature under each protocol that is offered. Needs no touch.
pub(super) fn each(bench: &mut Bench<'_>, facts: &Facts, pin: &Pin, tried: &mut Tried) -> Result<(), Error> {
    let rp = RelyingParty::custody();
    let credential = facts.registration.done().and_then(|made| made.attestation.auth_data.attested.clone());
    let allow: Vec<_> = credential.into_iter().map(|credential| credential.credential_id).collect();
    if allow.is_empty() {
        return Ok(());
    }
    for protocol in known(&facts.info.pin_uv_auth_protocols) {
        let step = bench.attempt(|bench| {
            let permit = bench.permit()?;
            let (info, rp_id) = (&bench.info, Some(rp.id().as_str()));
            let get = Permissions::GET_ASSERTION;
            let proven = Authority::prove_by(&mut bench.session, info, protocol, permit, pin, get, rp_id);
            let proven = proven.map_err(unmeant)?;
            bench.sign(&rp, &allow, false, Some(proven.proof()))
        })?;
        tried.protocols.push((protocol, step));
    }
    Ok(())
}

/// A PIN that the key has taken before, and calls wrong under another protocol, says that the protocol does not work.
fn unmeant(error: KeyError) -> KeyError {
    match error {
        KeyError::Pin(PinRefusal::Wrong { .. }) => {
            KeyError::Refused { during: "getPinToken", refusal: Refusal::Known(Code::PinInvalid) }
        }
        error => error,
    }
}

/// A registration with each algorithm that is offered, and one for which the key may choose.
pub(super) fn algorithms(
    bench: &mut Bench<'_>,
    authority: &mut Authority<'_>,
    tried: &mut Tried,
) -> Result<(), Error> {
    let told = bench.info.algorithms.iter().flatten().filter(|algorithm| algorithm.kind == "public-key");
    let mut offered: Vec<i64> = told.map(|algorithm| algorithm.alg).collect();
    // A key that tells of none has ES256 all the same.
    if !offered.contains(&ES256) {
        offered.insert(0, ES256);
    }
    offered.dedup();
    for alg in &offered {
        let step = register(bench, authority, std::slice::from_ref(alg))?;
        tried.algorithms.push((*alg, step));
    }
    let others = offered.iter().copied().filter(|alg| *alg != ES256);
    let order: Vec<i64> = [ES256].into_iter().chain(others).collect();
    if order.len() > 1 {
        let step = register(bench, authority, &order)?;
        tried.order = (order, step);
    }
    Ok(())
}

fn register(
    bench: &mut Bench<'_>,
    authority: &mut Authority<'_>,
    algorithms: &[i64],
) -> Result<Step<Registered>, Error> {
    let rp = RelyingParty::custody();
    bench.attempt(|bench| {
        authority.turn_to(&mut bench.session, Permissions::MAKE_CREDENTIAL, Some(rp.id().as_str()))?;
        bench.make(&Wanted { algorithms, ..Wanted::plain(&rp) }, Some(authority.proof()))
    })
}
