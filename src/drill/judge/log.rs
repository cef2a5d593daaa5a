//! What the logs show of an account, against what people told.

use jiff::{SignedDuration, Timestamp};

use super::{MOST, OUTSIDE, Tally, successes};
use crate::drill::logs::{MARGIN, Shown, Stands, is_passkey, tells};
use crate::escape::quote;
use crate::ledger::inventory::Drill;
use crate::ledger::payload::{Answer, ChangeSeen, DrillAnswered, SignInSeen};
use crate::logs::of_policies;
use crate::plan::question::SIGN_IN;
use crate::verdict::words::{counted, second};

/// Sign-ins, changes, and what is to be done about them.
pub(super) fn judge(tally: &mut Tally, drill: &Drill, account: &str, shown: &Shown<'_>) {
    let (owner, about) = (drill.set_out.by.as_deref(), Some(account));
    let outside: Vec<_> = successes(shown, |stands| stands == Stands::Outside).collect();
    for one in outside.iter().take(MOST) {
        let what = format!(
            "Find out who signed in: {}. Was it an emergency or other work, record it (`glasskey inventory use {} --at {} --why REASON`); else it is misuse.",
            words(one),
            quote(account),
            one.at
        );
        tally.fail(OUTSIDE, about, owner, what);
    }
    if let Some(more) = outside.len().checked_sub(MOST).filter(|more| *more > 0) {
        tally.fail(OUTSIDE, about, owner, format!("Find out about {more} more sign-ins outside drills."));
    }
    let nobodys = |stands| matches!(stands, Stands::Outside | Stands::Untold);
    let attempts = shown.sign_ins.iter().filter(|(stands, one)| nobodys(*stands) && one.error_code != 0);
    if let Some(count) = Some(attempts.count()).filter(|count| *count > 0) {
        let what = format!(
            "Find out who tried: {} since the last drill failed, and nobody told of that.",
            counted(count, "sign-in")
        );
        tally.action("sign-in-attempts", about, owner, what);
    }
    let said = drill.answer(SIGN_IN, Some(account), None).map(|answered| &answered.said);
    methods(tally, account, owner, shown);
    let untold: Vec<_> = successes(shown, |stands| stands == Stands::Untold).collect();
    let untold = match (said, untold.as_slice()) {
        (Some(said), [first, rest @ ..]) if taken_for_it(tally, account, owner, said, shown, first) => rest,
        (_, all) => all,
    };
    if let Some(first) = untold.first() {
        let what = format!(
            "Find out whose they are: {} while the drill went on that nobody told of, the first: {}.",
            counted(untold.len(), "sign-in"),
            words(first)
        );
        tally.action("sign-in-untold", about, owner, what);
    }
    if let Some(said) = said.filter(|said| said.answer == Answer::Yes) {
        missing(tally, drill, account, said, shown);
    }
    changes(tally, drill, account, shown);
}

/// An emergency account signs in with a passkey and with nothing else.
fn methods(tally: &mut Tally, account: &str, owner: Option<&str>, shown: &Shown<'_>) {
    for one in successes(shown, |stands| matches!(stands, Stands::Told | Stands::Untold)) {
        let telling: Vec<&str> =
            one.methods.iter().map(String::as_str).filter(|method| tells(method)).collect();
        if !telling.is_empty() && !telling.iter().any(|method| is_passkey(method)) {
            let what = format!(
                "Take every other method off the account: it signed in with {} ({}).",
                telling.join(", "),
                words(one)
            );
            tally.fail("sign-in-method", Some(account), owner, what);
        }
    }
}

/// Whether a sign-in at another time than was told, or although people said that there was none, is taken for what they
/// spoke of.
fn taken_for_it(
    tally: &mut Tally,
    account: &str,
    owner: Option<&str>,
    said: &DrillAnswered,
    shown: &Shown<'_>,
    one: &SignInSeen,
) -> bool {
    let found = successes(shown, |stands| stands == Stands::Told).next().is_some();
    let (id, what) = match said.answer {
        Answer::No => (
            "sign-in-told-otherwise",
            "Find out what happened: people said that it did not sign in, and the log says that it did",
        ),
        Answer::Yes if !found => (
            "sign-in-time-differs",
            "Find out when it was: the log has no sign-in at the time that was told, but",
        ),
        Answer::Yes | Answer::NotApplicable => return false,
    };
    tally.action(id, Some(account), owner, format!("{what}: {}.", words(one)));
    true
}

/// The sign-in that people told of, where no log shows any.
fn missing(tally: &mut Tally, drill: &Drill, account: &str, said: &DrillAnswered, shown: &Shown<'_>) {
    let any = successes(shown, |stands| matches!(stands, Stands::Told | Stands::Untold)).next().is_some();
    if any || !shown.looked {
        return;
    }
    let (owner, about) = (drill.set_out.by.as_deref(), Some(account));
    let at = said.told.unwrap_or(drill.begun.at);
    let goes_on = shown.last.is_some_and(|last| last.duration_since(at) > MARGIN);
    if goes_on && !shown.partial {
        let what = "Find out into what it signed in: people said that it did, and the log, which goes on after that, shows nothing.";
        tally.fail("sign-in-not-in-log", about, owner, what);
    } else {
        let what = "Export the sign-in log again, whole and later, and attach it: it does not show the sign-in, and ends before it or is a part only.";
        tally.action("sign-in-log-ends-early", about, owner, what);
    }
}

/// What was changed about the account, by it, and about what lets it in.
fn changes(tally: &mut Tally, drill: &Drill, account: &str, shown: &Shown<'_>) {
    let owner = drill.set_out.by.as_deref();
    let signed_in = successes(shown, |stands| stands == Stands::Told).map(|one| one.at).min();
    let signed_in = signed_in.or_else(|| super::told(drill, account));
    let mut tell = |id: &str, what: &str, is: &dyn Fn(&ChangeSeen) -> bool| {
        let ours: Vec<_> = shown.changes.iter().filter(|one| one.success && is(one)).collect();
        let told: Vec<_> =
            ours.iter().take(MOST).map(|one| format!("{} at {}", one.activity, second(&one.at))).collect();
        let more = match ours.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        if !ours.is_empty() {
            tally.action(id, Some(account), owner, format!("{what}: {}{more}.", told.join(", ")));
        }
    };
    tell(
        "account-changed",
        "Find out who did it, and why: the account was changed since the last drill",
        &|one| one.of_account,
    );
    // What it does right after its sign-in is the task that a drill asks for.
    tell(
        "account-acted",
        "Find out who did it with the account, and why: it made changes since the last drill",
        &|one| one.by_account && !one.of_account && !signed_in.is_some_and(|at| task(one.at, at)),
    );
    tell(
        "policy-changed",
        "Export the policies again and check the keys against them: they were changed since the last drill",
        &|one| !one.of_account && of_policies(&one.activity),
    );
}

/// Whether something was done just after the sign-in of the drill.
fn task(at: Timestamp, signed_in: Timestamp) -> bool {
    let after = at.duration_since(signed_in);
    after >= SignedDuration::ZERO && after <= MARGIN
}

fn words(one: &SignInSeen) -> String {
    let part = |word: &str, text: &Option<String>| text.as_ref().map(|text| format!(" {word} {text}"));
    let parts = [part("into", &one.application), part("from", &one.address)];
    format!("{}{}", second(&one.at), parts.into_iter().flatten().collect::<String>())
}
