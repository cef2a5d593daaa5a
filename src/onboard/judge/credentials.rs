//! What it makes, keeps and gives up.

use super::{AGAIN, DIFFERS, Subject, signed, untried};
use crate::ctap::authdata::Flags;
use crate::ctap::status::Code;
use crate::facts::{Asserted, Step};
use crate::onboard::finding::{Finding, Id};
use crate::verdict::finding::{Id as CheckedId, Status};
use crate::webauthn::assertion::CounterMove;
use crate::webauthn::relying_party::RelyingParty;

pub(super) fn non_discoverable(subject: &Subject<'_>) -> Finding {
    let id = Id::NonDiscoverable;
    let registered = subject.checked(id, CheckedId::TestRegistration);
    if registered.status != Status::Pass {
        return registered;
    }
    subject.checked(id, CheckedId::TestAssertion)
}

pub(super) fn discoverable(subject: &Subject<'_>) -> Finding {
    let (id, held) = (Id::Discoverable, &subject.case.tried.credentials);
    if subject.passkeys().next().is_none() {
        return Finding::skipped(id, "no passkey was made");
    }
    if let Some(finding) = untried(id, &held.discovered) {
        return finding;
    }
    let found = match &held.discovered {
        Step::Refused(refusal) => {
            return Finding::fail(id, format!("made, and not found again: {refusal}"), DIFFERS);
        }
        found => found.done().and_then(|found| found.first()),
    };
    let Some(found) = found else { return Finding::fail(id, "made, and not found again", DIFFERS) };
    let told = found.answer.credential_id.as_ref();
    let Some((_, credential)) = subject.passkeys().find(|(_, made)| Some(&made.credential_id) == told) else {
        return Finding::fail(id, "another credential signs than those that were made", DIFFERS);
    };
    if let Err(error) = signed(found, &subject.rp, credential) {
        return Finding::fail(id, error, DIFFERS);
    }
    let account = held.accounts.iter().find(|account| {
        let made = account.made.done().and_then(|made| made.attestation.auth_data.attested.as_ref());
        made.is_some_and(|made| made.credential_id == credential.credential_id)
    });
    if found.answer.user_id.as_ref() != account.map(|account| &account.user_id) {
        return Finding::fail(id, "it signs, and does not tell for which user", DIFFERS);
    }
    let [_, listed] = &held.listed;
    let saw = match listed.done() {
        None => "made, found again without a list, tells its user",
        // Whether it lists all of them is asked by `many-credentials`.
        Some(list)
            if subject
                .passkeys()
                .any(|(_, made)| list.passkeys.iter().any(|one| one.credential_id == made.credential_id)) =>
        {
            "made, listed, found again without a list of credentials, tells its user"
        }
        Some(_) => return Finding::fail(id, "made, and not on the key's own list", DIFFERS),
    };
    Finding::pass(id, saw)
}

pub(super) fn many(subject: &Subject<'_>) -> Finding {
    let (id, held) = (Id::ManyCredentials, &subject.case.tried.credentials);
    let made: Vec<_> = subject.passkeys().map(|(_, credential)| credential).collect();
    if let Some(finding) = held.accounts.last().and_then(|account| untried(id, &account.made)) {
        return finding;
    }
    let full = held.accounts.last().and_then(|account| match &account.made {
        Step::Refused(refusal) => Some(*refusal),
        _ => None,
    });
    let [before, with] = &held.listed;
    if let (Some(before), Some(with)) = (before.done(), with.done()) {
        let grown = u64::from(with.count.existing.saturating_sub(before.count.existing));
        let listed = made
            .iter()
            .filter(|made| with.passkeys.iter().any(|listed| listed.credential_id == made.credential_id));
        let listed = listed.count();
        if Ok(grown) != u64::try_from(made.len()) || listed != made.len() {
            let saw = format!("{} made, {grown} more counted, {listed} of them listed", made.len());
            return Finding::fail(id, saw, DIFFERS);
        }
    }
    let wrong = held.discovered.done().into_iter().flatten().find_map(|one| {
        let credential =
            made.iter().find(|made| one.answer.credential_id.as_ref() == Some(&made.credential_id))?;
        signed(one, &subject.rp, credential).err()
    });
    if let Some(error) = wrong {
        return Finding::fail(id, error, DIFFERS);
    }
    let signing = held.discovered.done().map_or(0, Vec::len);
    match full {
        _ if made.is_empty() => Finding::skipped(id, "no passkey was made"),
        Some(refusal) => Finding::warn(
            id,
            format!("after {} passkeys the key refuses another: {refusal}", made.len()),
            "Mind the room on the key when it is to hold passkeys of several accounts.",
        ),
        None if signing != made.len() => {
            Finding::fail(id, format!("{} made for one site, and {signing} sign", made.len()), DIFFERS)
        }
        None => {
            Finding::pass(id, format!("{} made for one site; all are listed, and each signs", made.len()))
        }
    }
}

pub(super) fn exclude_list(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::ExcludeList, &subject.case.tried.credentials.excluded);
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    match step {
        Step::Refused(refusal) if refusal.is(Code::CredentialExcluded) => {
            Finding::pass(id, "it holds the one on the list, and makes no other")
        }
        Step::Refused(refusal) => {
            let saw = format!("it makes no other, but says {refusal}");
            Finding::warn(id, saw, "A client cannot tell why the key refuses.")
        }
        _ => Finding::fail(id, "it made another credential although it holds the one on the list", DIFFERS),
    }
}

pub(super) fn foreign(subject: &Subject<'_>) -> Finding {
    let (id, tried) = (Id::ForeignCredential, &subject.case.tried.credentials.foreign);
    if tried.is_empty() {
        return Finding::skipped(id, "there is no credential to try it with");
    }
    let signs: Vec<_> =
        tried.iter().filter(|(_, step)| step.done().is_some()).map(|(foreign, _)| foreign.words()).collect();
    if !signs.is_empty() {
        return Finding::fail(id, format!("it answers for {}", signs.join(", ")), DIFFERS);
    }
    if let Some(finding) = tried.iter().find_map(|(_, step)| untried(id, step)) {
        return finding;
    }
    let all: Vec<_> = tried.iter().map(|(foreign, _)| foreign.words()).collect();
    Finding::pass(id, format!("refused: {}", all.join(", ")))
}

/// What is wrong with the flags of a signature that must not have these.
fn flags_of(subject: &Subject<'_>, step: &Step<Asserted>, what: &str, exactly: u8) -> Option<String> {
    let asserted = step.done()?;
    let credential = subject.evidence.credential?;
    match signed(asserted, &RelyingParty::custody(), credential) {
        Err(error) => Some(format!("{what}: {error}")),
        Ok(auth_data) if auth_data.flags == Flags(exactly) => None,
        Ok(auth_data) => Some(format!("{what}: the flags are {}, not {}", auth_data.flags, Flags(exactly))),
    }
}

pub(super) fn flags(subject: &Subject<'_>) -> Finding {
    let (id, held) = (Id::Flags, &subject.case.tried.credentials);
    let with_both = subject.checked(id, CheckedId::TestAssertion);
    if with_both.status != Status::Pass {
        return with_both;
    }
    let wrong: Vec<_> = [
        flags_of(subject, &held.without_pin, "touched, without the PIN", Flags::UP),
        flags_of(subject, &held.without_touch, "neither touched nor with the PIN", 0),
    ]
    .into_iter()
    .flatten()
    .collect();
    let always = subject.case.facts.info.option("alwaysUv") == Some(true);
    if always && held.without_pin.done().is_some() {
        let saw = "the key says that it always wants the PIN (alwaysUv), and signed without it";
        return Finding::fail(id, saw, DIFFERS);
    }
    if !wrong.is_empty() {
        return Finding::fail(
            id,
            wrong.join("; "),
            "Do not buy this model: what it signs of its user is not true.",
        );
    }
    if let Some(finding) = untried(id, &held.without_pin).or_else(|| untried(id, &held.without_touch)) {
        return finding;
    }
    let signs =
        |step: &Step<Asserted>| if step.done().is_some() { "the flag is off" } else { "it does not sign" };
    let saw = format!(
        "UP and UV with touch and PIN; without the PIN {}, without a touch {}",
        signs(&held.without_pin),
        signs(&held.without_touch)
    );
    Finding::pass(id, saw)
}

pub(super) fn counter(subject: &Subject<'_>) -> Finding {
    let id = Id::Counter;
    let first = subject.checked(id, CheckedId::Counter);
    let after = match &subject.evidence.assertion {
        Some(Ok(assertion)) if first.status == Status::Pass => assertion.counter(),
        _ => return first,
    };
    let Some(next) = subject.case.tried.credentials.without_pin.done() else { return first };
    let next = next.answer.auth_data.counter;
    match CounterMove::between(after, next) {
        CounterMove::Advanced | CounterMove::NotKept => {
            Finding::pass(id, format!("{}, {next} then", first.saw))
        }
        CounterMove::Same | CounterMove::WentBack => {
            Finding::fail(id, format!("{}, and {next} then", first.saw), AGAIN)
        }
    }
}

pub(super) fn delete(subject: &Subject<'_>) -> Finding {
    let (id, step) = (Id::Delete, &subject.case.tried.credentials.deleted);
    if let Some(finding) = untried(id, step) {
        return finding;
    }
    match step {
        Step::Done(gone) if gone.signs.done().is_some() => {
            Finding::fail(id, "the key says that a passkey is deleted, and still signs with it", DIFFERS)
        }
        Step::Done(gone) if gone.after.saturating_add(1) != gone.before => Finding::fail(
            id,
            format!("{} passkeys before, {} after one was deleted", gone.before, gone.after),
            DIFFERS,
        ),
        Step::Done(gone) => Finding::pass(
            id,
            format!("{} before, {} after, and it does not sign any more", gone.before, gone.after),
        ),
        Step::Refused(refusal) => Finding::fail(id, format!("the key refused: {refusal}"), DIFFERS),
        _ => Finding::skipped(id, "not tried"),
    }
}

pub(super) fn left_behind(subject: &Subject<'_>) -> Finding {
    let (id, tried) = (Id::LeftBehind, subject.case.tried);
    if tried.reset.done().is_some() {
        return Finding::pass(id, "the sample was erased");
    }
    if subject.passkeys().next().is_none() {
        return Finding::pass(id, "nothing that stays was made");
    }
    match &tried.credentials.left {
        Step::Done([before, after]) if after.existing == before.existing => {
            Finding::pass(id, format!("{} passkeys, as before the run", after.existing))
        }
        Step::Done([before, after]) => Finding::fail(
            id,
            format!("{} passkeys before the run, {} after", before.existing, after.existing),
            "Delete them with `glasskey credentials delete`, or erase the sample with `glasskey reset`.",
        ),
        _ => Finding::warn(
            id,
            "it is not known whether the passkeys of the run are gone",
            "Look with `glasskey credentials list`, or erase the sample with `glasskey reset`.",
        ),
    }
}
