//! What is tried last: the plug in the middle, the second client, and the reset.

use super::bench::Bench;
use super::journal::Journal;
use super::sample;
use crate::ctap::pin::Pin;
use crate::error::Error;
use crate::facts::{Facts, Step};
use crate::key::session::KeyError;
use crate::key::talk_error::TalkError;
use crate::onboard::error::OnboardError;
use crate::onboard::tried::{Erased, Tried, Unplugged};
use crate::run::check::try_second;
use crate::second::{self, Leave, Second, WhyNot};
use crate::webauthn::relying_party::RelyingParty;

pub(super) fn test_credential(facts: &Facts) -> Option<Vec<u8>> {
    let made = facts.registration.done()?.attestation.auth_data.attested.as_ref()?;
    Some(made.credential_id.clone())
}

/// A person pulls the key out while it waits for a touch, and puts it in again.
pub(super) fn unplug(bench: &mut Bench<'_>, facts: &Facts, tried: &mut Tried) -> Result<(), Error> {
    let why_not = if bench.found.soft {
        Some("a soft key has no plug")
    } else if !bench.world.term.attended() {
        Some("nobody is at the terminal to pull the key out")
    } else {
        None
    };
    let (Some(test), None) = (test_credential(facts), why_not) else {
        tried.unplugged = Step::Skipped(why_not.unwrap_or("there is no test credential"));
        return Ok(());
    };
    bench.world.term.complain("Pull the key out now, while it blinks. Do not touch it.");
    let (custody, allow) = (RelyingParty::custody(), [test]);
    tried.unplugged = bench.attempt(|bench| {
        let before = bench.session.timings().len();
        let pulled = bench.sign(&custody, &allow, true, None);
        let noticed = match pulled {
            Err(error @ Error::Key(KeyError::Talk(TalkError::Interrupted))) => return Err(error),
            Err(Error::Key(KeyError::Talk(TalkError::Gone { .. }))) => bench.session.timings().get(before),
            _ => None,
        };
        let noticed = noticed.map(|timing| timing.silence);
        Ok(Unplugged { noticed, knows: bench.replug()? })
    })?;
    Ok(())
}

/// Has the second client do what ours has done, where there is one.
pub(super) fn second(bench: &mut Bench<'_>, facts: &Facts, pin: &Pin) -> Result<Second, Error> {
    if !second::in_this_build() {
        return Ok(Second::Skipped(WhyNot::NotInBuild));
    } else if let Err(why) = second::leave::may_try(facts) {
        return Ok(Second::Skipped(why));
    } else if bench.over().is_some() {
        return Ok(Second::Skipped(WhyNot::OursFailed));
    }
    let leave = match Leave::ask(facts, bench.retries()?, bench.guard) {
        Ok(leave) => leave,
        Err(why) => return Ok(Second::Skipped(why)),
    };
    // Ours ends here: the other client wants the key to itself.
    bench.let_go();
    let on_wait = bench.world.progress().follow("", "the second client is working");
    let second = try_second(bench.world, &bench.found, leave, pin, on_wait)?;
    bench.reopen()?;
    Ok(second)
}

/// Erases the sample, and looks what is left.
pub(super) fn erase(
    bench: &mut Bench<'_>,
    journal: &mut Journal<'_>,
    facts: &Facts,
    tried: &mut Tried,
) -> Result<(), Error> {
    let why_not = if !bench.erasable {
        Some("`--reset-allowed` was not given")
    } else if bench.lost {
        Some("the key fell silent or was lost before")
    } else {
        None
    };
    if let Some(why) = why_not {
        tried.reset = Step::Skipped(why);
        return Ok(());
    }
    tried.reset = match sample::erase(bench, journal) {
        Ok(()) => {
            let pin_set = bench.info.option("clientPin");
            let signs = match test_credential(facts) {
                None => Step::Skipped("there is no test credential"),
                Some(test) => bench
                    .anyway(|bench| Ok(bench.sign(&RelyingParty::custody(), &[test], false, None)?.answer))?,
            };
            Step::Done(Erased { pin_set, signs })
        }
        Err(Error::NotErased(why) | Error::Onboard(OnboardError::NotReplugged(why))) => Step::Broke(why),
        Err(Error::Key(error)) => bench.anyway(|_| Err(error.into()))?,
        Err(error) => return Err(error),
    };
    Ok(())
}
