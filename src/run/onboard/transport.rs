//! PING, WINK, and a cancel while the key waits for a touch.

use super::super::World;
use super::bench::{Bench, Wanted};
use crate::ctap::client_pin::Permissions;
use crate::ctap::frame::INIT_DATA;
use crate::ctap::init::DeviceVersion;
use crate::error::Error;
use crate::facts::Step;
use crate::key::authority::Authority;
use crate::onboard::tried::Tried;
use crate::webauthn::client_data::ClientData;
use crate::webauthn::relying_party::RelyingParty;

/// Some bytes that fill several packets.
const ECHO: usize = 4 * INIT_DATA;

/// PING and WINK.
pub(super) fn echo(bench: &mut Bench<'_>, tried: &mut Tried) -> Result<(), Error> {
    let seed = World::nonce()?;
    let data: Vec<u8> = seed.iter().copied().cycle().take(ECHO).collect();
    tried.ping = bench.attempt(|bench| Ok(bench.session.ping(&data)?))?;
    tried.wink = if bench.session.version().can(DeviceVersion::WINK) {
        bench.world.term.note("the key shows itself now, if it can: it blinks");
        // A key that answers with an error has refused, and goes on.
        bench.attempt(|bench| Ok(bench.session.wink()?))?
    } else {
        Step::Skipped("the key does not claim to show itself")
    };
    Ok(())
}

/// A registration that is cancelled.
pub(super) fn cancel(
    bench: &mut Bench<'_>,
    authority: &mut Authority<'_>,
    tried: &mut Tried,
) -> Result<(), Error> {
    bench.world.term.note("do not touch the key now");
    let rp = RelyingParty::custody();
    tried.cancel = bench.attempt(|bench| {
        authority.turn_to(&mut bench.session, Permissions::MAKE_CREDENTIAL, Some(rp.id().as_str()))?;
        let client_data = ClientData::create(&rp, &World::challenge()?);
        let wanted = Wanted::plain(&rp);
        let token = authority.proof().token();
        Ok(bench.session.stop_registration(&wanted.request(&client_data), Some(token))?)
    })?;
    Ok(())
}
