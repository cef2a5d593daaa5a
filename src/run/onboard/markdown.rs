//! The report of an onboarding, for people and for the file: Markdown. What a key or a file says is escaped.

use super::outcome::{Outcome, PROGRAM};
use crate::ledger::Event;
use crate::onboard::finding::{Finding, Section};
use crate::term::escape::escape;
use crate::verdict::finding::Status;

/// Makes foreign text harmless in Markdown, in a table too.
fn text(foreign: &str) -> String {
    let mut safe = String::new();
    for c in escape(foreign).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '&' | '~' | '$'
        ) {
            safe.push('\\');
        }
        safe.push(c);
    }
    // Nothing that a viewer would make a link of by itself.
    safe.replace("://", ":\\/\\/")
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Warn => "**warn**",
        Status::Fail => "**FAIL**",
        Status::Skipped => "skipped",
    }
}

/// The whole report.
pub(super) fn report(outcome: &Outcome<'_>, event: Option<&Event>) -> String {
    let (case, facts) = (outcome.case, outcome.case.facts);
    let name = case.model().map_or_else(
        || format!("{}, a model that the catalogue does not know", text(&facts.product)),
        |model| format!("{} by {}", text(&model.name), text(&model.vendor)),
    );
    let mut report = format!("# Onboarding: {name}\n\n");
    if facts.soft {
        report.push_str("**A soft key: no hardware. What follows says nothing about a real key.**\n\n");
    }
    let answer = outcome.verdict.outcome.words();
    report.push_str(&format!("Verdict for break-glass accounts in Entra: **{answer}**.\n\n"));
    let [major, minor, build] = facts.device.device;
    let firmware = facts.info.firmware_version.map_or("unsaid".to_owned(), |number| number.to_string());
    let rows = [
        ("AAGUID", facts.info.aaguid.to_string()),
        ("USB", format!("{:04x}:{:04x}, {}", facts.vendor_id, facts.product_id, text(&facts.product))),
        ("Firmware, as getInfo counts", firmware),
        ("Device version", format!("{major}.{minor}.{build}, CTAPHID {}", facts.device.protocol)),
        ("Versions", text(&facts.info.versions.join(", "))),
        ("Tried at", case.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()),
        ("By", PROGRAM.to_owned()),
        ("Catalogue of", case.catalogue.date().to_string()),
        ("Took", format!("{} s, {} round trips", outcome.took.as_secs(), facts.traffic.transactions)),
    ];
    report.push_str("| | |\n|---|---|\n");
    report.extend(rows.iter().map(|(name, value)| format!("| {name} | {value} |\n")));
    if let Some(event) = event {
        report.push_str(&format!("| Recorded | event {}, head `{}` |\n", event.seq, event.hash));
    }
    for section in Section::ALL {
        report.push_str(&format!("\n## {}\n\n", section.heading()));
        report.push_str("| | finding | seen | clause |\n|---|---|---|---|\n");
        let findings = outcome.verdict.findings.iter().filter(|finding| finding.section == section);
        report.extend(findings.map(row));
    }
    report.push_str(&lists(outcome));
    report.push_str(&changes(outcome));
    report.push_str(&measured(outcome));
    report
}

fn row(finding: &Finding) -> String {
    let cure = finding.cure.as_deref().map(|cure| format!("<br>→ {} *{}*", text(cure), text(finding.why)));
    format!(
        "| {} | `{}` | {}{} | {} |\n",
        status(finding.status),
        finding.id.name(),
        text(&finding.saw),
        cure.unwrap_or_default(),
        text(finding.clause)
    )
}

fn lists(outcome: &Outcome<'_>) -> String {
    let Some(lists) = &outcome.lists else {
        return "\n## Lists\n\nNone: the model is not fit.\n".to_owned();
    };
    format!(
        "\n## Lists\n\nAn entry for each of the two lists; each list is replaced as a whole when it is sent.\n\n\
         - Passkey profile, `keyRestrictions.aaGuids`: `\"{0}\"`\n- Authentication strength, `allowedAAGUIDs`: `\"{0}\"`\n",
        lists.aaguid
    )
}

fn changes(outcome: &Outcome<'_>) -> String {
    let Some((at, changes)) = &outcome.changes else { return String::new() };
    let mut told = format!("\n## Since the run of {}\n\n", at.strftime("%Y-%m-%d %H:%M:%SZ"));
    if changes.is_empty() {
        told.push_str("Nothing changed.\n");
        return told;
    }
    told.push_str("| what | before | after |\n|---|---|---|\n");
    let value = |value: &Option<String>| value.as_deref().map_or_else(|| "unsaid".to_owned(), text);
    told.extend(changes.iter().map(|change| {
        format!("| {} | {} | {} |\n", text(&change.what), value(&change.before), value(&change.after))
    }));
    told
}

fn measured(outcome: &Outcome<'_>) -> String {
    let mut told = "\n## Times\n\nMilliseconds; an operation that waits for a touch takes as long as the person.\n\n\
         | operation | touch | count | least | median | most | longest silence |\n|---|---|---|---|---|---|---|\n"
        .to_owned();
    told.extend(outcome.operations.iter().map(|one| {
        let touch = if one.touch { "yes" } else { "" };
        format!(
            "| {} | {touch} | {} | {} | {} | {} | {} |\n",
            text(one.during),
            one.count,
            one.least_ms,
            one.median_ms,
            one.most_ms,
            one.silence_ms
        )
    }));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_says_is_text_in_a_table_cell_and_nothing_else() {
        assert_eq!(text("a|b\n<script>"), r"a\|b\\u\{a\}\<script\>");
        assert_eq!(
            text("[x](javascript:y) `z` *w* _v_ #u ![i]"),
            r"\[x\](javascript:y) \`z\` \*w\* \_v\_ \#u \!\[i\]"
        );
        assert_eq!(text("&lt; \u{1b}[2J https://x"), r"\&lt; \\u\{1b\}\[2J https:\/\/x");
        assert_eq!(text("getInfo says 5.7.4 (level 3)"), "getInfo says 5.7.4 (level 3)");
    }
}
