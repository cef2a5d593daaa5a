//! What the key holds: the passkey for Entra, and anything else.

use super::Case;
use super::evidence::{Evidence, unanswered};
use super::finding::{Finding, Id};
use super::identity::Identity;
use crate::facts::Step;
use crate::facts::credentials::{Credentials, is_named};
use crate::key::manage::Passkey;
use crate::webauthn::relying_party::ENTRA_RP_ID;

const AGAIN: &str =
    "Plug the key in again and repeat the check; a key that fails again does not belong in a safe.";
const TOUCH: &str = "Repeat the check and touch the key when it blinks.";
const CLEAN: &str = "Use a new key for the account; or delete them with `glasskey credentials delete`, or erase the key with \
                     `glasskey reset`, if nobody needs them.";
const REGISTER: &str = "Register the key for the account in Entra.";
const GONE: &str = "It signs in to nothing: find out who deleted it, settle the record with `glasskey entra forget`, and register \
                    the key again.";

/// How many of a long list are named.
const NAMED: usize = 10;

/// The list, or the finding where there is none.
fn listed(id: Id, step: &Step<Credentials>) -> Result<&Credentials, Finding> {
    let saw = || unanswered(step);
    match step {
        Step::Done(credentials) => Ok(credentials),
        Step::Skipped(_) => Err(Finding::skipped(id, saw())),
        Step::Refused(_) | Step::NotTouched(_) => {
            Err(Finding::warn(id, format!("the key refused to list what it holds: {}", saw()), AGAIN))
        }
        Step::Broke(_) => Err(Finding::fail(id, saw(), AGAIN)),
    }
}

pub(super) fn stray_credentials(case: &Case<'_>, _: &Evidence<'_>) -> Finding {
    let id = Id::StrayCredentials;
    let credentials = match listed(id, &case.facts.credentials) {
        Ok(credentials) => credentials,
        Err(finding) => return finding,
    };
    let stray: Vec<_> = credentials.stray().collect();
    if !stray.is_empty() {
        let sites = some(stray.iter().map(|passkey| site(passkey)).collect());
        let saw = format!("{} of other sites than {ENTRA_RP_ID}: {sites}", passkeys(stray.len()));
        Finding::warn(id, saw, CLEAN)
    } else if credentials.whole() {
        Finding::pass(
            id,
            match credentials.passkeys.len() {
                0 => "the key holds no passkey".to_owned(),
                _ => format!("the key holds nothing but passkeys for {ENTRA_RP_ID}"),
            },
        )
    } else {
        let saw = format!(
            "the key says that it holds {} and lists {}",
            passkeys(usize::try_from(credentials.count.existing).unwrap_or(usize::MAX)),
            credentials.passkeys.len()
        );
        Finding::warn(id, saw, AGAIN)
    }
}

pub(super) fn entra_credential(case: &Case<'_>, evidence: &Evidence<'_>) -> Finding {
    let id = Id::EntraCredential;
    let credentials = match listed(id, &case.facts.credentials) {
        Ok(credentials) => credentials,
        Err(finding) => return finding,
    };
    let entra: Vec<_> = credentials.entra().collect();
    let users = || some(entra.iter().map(|passkey| user(passkey)).collect());
    let gone = gone(case, &entra);
    if entra.is_empty() && gone && credentials.whole() {
        let saw = format!("the passkey for {ENTRA_RP_ID} that is on record is no longer on the key");
        return Finding::fail(id, saw, GONE);
    }
    if entra.is_empty() {
        let saw = if credentials.whole() {
            format!("the key holds no passkey for {ENTRA_RP_ID} yet")
        } else {
            format!("the key does not list all that it holds, and no passkey for {ENTRA_RP_ID}")
        };
        return match case.user {
            Some(_) if case.drill && credentials.whole() => Finding::fail(id, saw, REGISTER),
            Some(_) => Finding::warn(id, saw, REGISTER),
            None => Finding::skipped(id, saw),
        };
    }
    if let Some(expected) = case.user.filter(|expected| !entra.iter().any(|p| is_named(p, expected))) {
        return Finding::fail(
            id,
            format!("the passkey for {ENTRA_RP_ID} is that of {}, not of {}", users(), quoted(expected)),
            "This key signs in to another account: find out whose it is, and register the account's own key.",
        );
    }
    match (&case.facts.entra, &evidence.entra) {
        (Step::Done(proof), Some(Ok(_))) if gone => Finding::warn(
            id,
            format!(
                "the passkey of {} for {ENTRA_RP_ID} signed, and it is not the one that is on record",
                user(&proof.passkey)
            ),
            "Ask Entra which of them it knows: `glasskey entra match` holds its list against the record.",
        ),
        (Step::Done(proof), Some(Ok(_))) if entra.len() == 1 => Finding::pass(
            id,
            format!(
                "the passkey of {} for {ENTRA_RP_ID} signed, and the signature was verified twice over",
                user(&proof.passkey)
            ),
        ),
        (Step::Done(proof), Some(Ok(_))) => Finding::warn(
            id,
            format!(
                "{} for {ENTRA_RP_ID}: {}; that of {} signed",
                passkeys(entra.len()),
                users(),
                user(&proof.passkey)
            ),
            "Keep each account on keys of its own: who loses this key loses them all.",
        ),
        (Step::Done(_), Some(Err(error))) => Finding::fail(
            id,
            format!("the passkey of {} signed what cannot be verified: {error}", users()),
            "Do not use this key: what it signs is not what it was asked to sign.",
        ),
        (step @ Step::NotTouched(_), _) => Finding::fail(id, unanswered(step), TOUCH),
        (step @ Step::Refused(_), _) => Finding::fail(
            id,
            format!("the passkey of {} does not sign: {}", users(), unanswered(step)),
            AGAIN,
        ),
        (step @ Step::Broke(_), _) => Finding::fail(id, unanswered(step), AGAIN),
        (step @ (Step::Skipped(_) | Step::Done(_)), _) => Finding::warn(
            id,
            format!(
                "the key holds the passkey of {} for {ENTRA_RP_ID}; that it signs is not proven: {}",
                users(),
                unanswered(step)
            ),
            "Sign in with the key, and see that it works.",
        ),
    }
}

/// Whether the record knows passkeys of this key, and it holds none of them.
fn gone(case: &Case<'_>, entra: &[&Passkey]) -> bool {
    let Identity::Enrolled(key) = case.identity else { return false };
    let held = entra.iter().any(|passkey| key.passkeys.contains(&passkey.credential_id));
    !key.passkeys.is_empty() && !held
}

/// Foreign texts, in quotes so that where they end can be seen.
fn quoted(text: &str) -> String {
    format!("'{}'", text.escape_debug())
}

fn user(passkey: &Passkey) -> String {
    passkey.user_name.as_deref().map_or_else(|| "an unnamed user".to_owned(), quoted)
}

/// The hash decides; a text that claims to be Entra's under another hash is shown for what it is.
fn site(passkey: &Passkey) -> String {
    let site = quoted(&passkey.rp_id);
    if passkey.rp_id == ENTRA_RP_ID { format!("{site} (by its hash another one)") } else { site }
}

fn passkeys(count: usize) -> String {
    if count == 1 { "1 passkey".to_owned() } else { format!("{count} passkeys") }
}

/// A list, each item once, and not without end.
fn some(mut items: Vec<String>) -> String {
    items.sort();
    items.dedup();
    let more = items.len().saturating_sub(NAMED);
    items.truncate(NAMED);
    let items = items.join(", ");
    if more == 0 { items } else { format!("{items} and {more} more") }
}
