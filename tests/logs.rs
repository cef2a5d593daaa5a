//! Exported logs: the same in every shape, strict where it counts, and nobody's but the account's.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use glasskey::ledger::payload::{EvidenceAttached, LogKind};
use glasskey::logs::{Log, LogError, MOST};
use glasskey::plan::Plan;
use jiff::Timestamp;
use serde_json::{Value, json};

#[path = "logs/random.rs"]
mod random;
#[path = "logs/shapes.rs"]
mod shapes;

const BETA: &str = include_str!("data/logs/beta.json");
const ANALYTICS: &str = include_str!("data/logs/log-analytics.json");
const AUDIT: &str = include_str!("data/logs/audit.json");

fn plan() -> Plan {
    Plan::parse("custody.toml", include_str!("data/plan/good.toml")).unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn parse(text: &str) -> Log {
    Log::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What a log shows of EA-01.
fn evidence(text: &str) -> EvidenceAttached {
    parse(text).evidence(plan().account("EA-01").unwrap(), None, "f.json", None, |_| false)
}

#[test]
fn a_sign_in_is_found_by_id_or_name_with_its_method_and_nobody_elses() {
    let beta = evidence(BETA);
    assert_eq!((beta.log, beta.entries, beta.partial, beta.left_out), (LogKind::SignIns, 2, false, 0));
    assert_eq!(
        (beta.first, beta.last),
        (Some(time("2026-11-21T10:14:00Z")), Some(time("2026-11-21T10:15:03.1234567Z")))
    );
    let [one] = beta.sign_ins.as_slice() else { panic!("{beta:#?}") };
    assert_eq!((one.at, one.error_code), (time("2026-11-21T10:15:03.1234567Z"), 0));
    assert_eq!(one.methods, ["Passkey (device-bound)"]);
    assert_eq!(
        (one.application.as_deref(), one.address.as_deref()),
        (Some("Azure Portal"), Some("203.0.113.7"))
    );
    let kept = serde_json::to_string(&beta).unwrap();
    for not_ours in ["kim", "198.51.100.1", "Emergency access 1", "Berlin", "Office 365"] {
        assert!(!kept.contains(not_ours), "{not_ours}: {kept}");
    }
    let analytics = evidence(ANALYTICS);
    assert_eq!(analytics.sign_ins, beta.sign_ins, "the same sign-in, as Log Analytics writes it");
}

#[test]
fn an_audit_log_tells_what_was_done_to_the_account_and_to_the_policies() {
    let audit = evidence(AUDIT);
    assert_eq!((audit.log, audit.entries), (LogKind::Audit, 3));
    let told: Vec<_> =
        audit.changes.iter().map(|one| (one.activity.as_str(), one.success, one.of_account)).collect();
    assert_eq!(
        told,
        [("User registered security info", true, true), ("Update conditional access policy", false, false)]
    );
    assert!(!serde_json::to_string(&audit).unwrap().contains("kim"), "not even who did it");
    let since = parse(AUDIT).evidence(
        plan().account("EA-01").unwrap(),
        Some(7),
        "a",
        Some(time("2026-11-20T08:30:00Z")),
        |_| false,
    );
    assert_eq!(
        (since.changes.len(), since.drill),
        (1, Some(7)),
        "what was before the last drill is its business"
    );
}

#[test]
fn the_wrong_log_and_a_mixture_are_refused() {
    let other = parse(AUDIT).wanted(Some(LogKind::SignIns)).unwrap_err();
    assert_eq!(other.to_string(), "this is an audit log, not a sign-in log");
    assert!(other.hint().contains("--audit"));
    let mixed = format!("{BETA}\n{AUDIT}");
    assert_eq!(Log::parse(mixed.as_bytes()).unwrap_err(), LogError::Mixed);
}

#[test]
fn a_log_without_entries_is_what_it_says_that_it_is() {
    let empty = parse(r#"{"value": []}"#);
    let wanted = empty.clone().wanted(Some(LogKind::Audit)).unwrap();
    assert_eq!((empty.kind, wanted.kind), (None, Some(LogKind::Audit)), "the flag says what it is");
    let refused = empty.wanted(None).unwrap_err();
    assert_eq!((&refused, refused.hint().contains("--signins")), (&LogError::Empty, true));
    for (of, kind) in [("signIns", LogKind::SignIns), ("directoryAudits", LogKind::Audit)] {
        let context = format!("https://graph.microsoft.com/v1.0/$metadata#auditLogs/{of}");
        let log = parse(&json!({ "@odata.context": context, "value": [] }).to_string());
        assert_eq!(log.clone().wanted(None).unwrap().kind, Some(kind), "{of}");
        let other = if kind == LogKind::Audit { LogKind::SignIns } else { LogKind::Audit };
        assert_eq!(log.wanted(Some(other)), Err(LogError::Other { is: kind, wanted: other }));
    }
    let users = json!({ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": [] });
    assert_eq!(parse(&users.to_string()).wanted(None), Err(LogError::Empty));
}

/// What the account did, in each of the shapes in which its name is written.
#[test]
fn what_the_account_did_is_told_as_well_as_what_was_done_to_it() {
    let other =
        json!([{ "id": "99999999-8888-4777-8666-555555555555", "displayName": "Finance", "type": "Group" }]);
    let user = |id: &str, upn: &str| json!({ "user": { "id": id, "userPrincipalName": upn, "displayName": null }, "app": null });
    let (id, upn) = ("1F0C3E5A-7B2D-4C61-9E80-5A4B3C2D1E0F", "EA-01@contoso.onmicrosoft.com");
    let graph = |by: Value| {
        json!({ "id": "Directory_1", "category": "GroupManagement", "result": "success",
            "activityDisplayName": "Add member to group", "activityDateTime": "2026-11-20T08:00:00Z",
            "initiatedBy": by, "targetResources": other })
    };
    let row = |by: Value| {
        json!({ "Id": "Directory_1", "Category": "GroupManagement", "Result": "success", "OperationName": "Add member to group",
            "TimeGenerated": "2026-11-20T08:00:00Z", "InitiatedBy": by, "TargetResources": other.to_string() })
    };
    let record = |by: Value| json!({ "time": "2026-11-20T08:00:01Z", "category": "AuditLogs", "properties": graph(by) });
    let seen = |entry: Value| {
        let kept = evidence(&json!([entry]).to_string());
        kept.changes.iter().map(|one| (one.of_account, one.by_account)).collect::<Vec<_>>()
    };
    for by in [user(id, upn), user(id, ""), user("", upn)] {
        let text = Value::String(by.to_string());
        for entry in [graph(by.clone()), row(by.clone()), row(text), record(by.clone())] {
            assert_eq!(seen(entry.clone()), [(false, true)], "{entry:#}");
        }
    }
    for by in [
        user("0a1b2c3d-0000-4000-8000-00000000000a", "kim@contoso.com"),
        json!({ "app": { "appId": id } }),
        json!({}),
        Value::Null,
    ] {
        assert_eq!(seen(graph(by.clone())), [], "{by:#}");
        assert_eq!(seen(row(by)), []);
    }
    let mut itself = graph(user(id, upn));
    itself["targetResources"] = json!([{ "id": id }]);
    assert_eq!(seen(itself), [(true, true)]);
    for wrong in [json!([]), json!(7), json!({ "user": "kim" })] {
        let refused = Log::parse(json!([graph(wrong)]).to_string().as_bytes()).unwrap_err();
        assert!(refused.to_string().starts_with("$[0].initiatedBy"), "{refused}");
    }
}

/// What a sign-in is bent to, and a part of what is said of it.
#[test]
fn what_is_needed_must_be_there_and_of_its_type() {
    let good =
        json!({ "createdDateTime": "2026-11-21T10:15:00Z", "userId": "", "status": { "errorCode": 0 } });
    parse(&good.to_string());
    let bent = |member: &str, value: Value| {
        let mut entry = good.clone();
        entry[member] = value;
        entry
    };
    let mut twice = good.clone();
    twice["Status"] = json!({ "errorCode": 50126 });
    let cases = [
        (bent("createdDateTime", json!("21.11.2026 10:15")), "$[1].createdDateTime: must be a time"),
        (bent("createdDateTime", json!("2026-11-21T10:15:00")), "must be a time"),
        (bent("createdDateTime", json!(7)), "must be a text"),
        (bent("createdDateTime", Value::Null), "has no time"),
        (bent("status", json!({})), "$[1].status: does not say how it ended"),
        (bent("status", json!({ "errorCode": "none" })), "$[1].status.errorCode: must be a whole number"),
        (bent("status", json!({ "errorCode": 0.5 })), "must be a whole number"),
        (bent("status", json!([])), "must be an object"),
        (bent("status", json!("{")), "$[1].status: "),
        (bent("status", Value::Null), "neither a sign-in nor"),
        (bent("authenticationDetails", json!("[1]")), "must be a list of objects"),
        (bent("authenticationDetails", json!({})), "must be a list"),
        (bent("userPrincipalName", json!([])), "must be a text"),
        (twice, "stands there twice"),
        (json!("text"), "this is none"),
        (json!({}), "neither a sign-in nor"),
        (json!({ "tables": [{ "columns": [{ "name": "ResultType" }], "rows": [["0", "1"]] }] }), "1 cells"),
        (json!({ "tables": [{ "columns": [{}], "rows": [] }] }), "must have a `name`"),
    ];
    for (entry, says) in cases {
        let error = Log::parse(json!([good, entry]).to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains(says), "{says}: {error}");
        assert!(!error.hint().is_empty());
    }
    for (text, says) in [
        ("", "empty"),
        ("\u{fffe}{", "document 1"),
        ("[1", "document 1"),
        ("{\"a\":1,\"a\":2}", "two members"),
    ] {
        let error = Log::parse(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(says), "{says}: {error}");
    }
}

#[test]
fn a_failure_counts_before_a_success_where_both_are_told() {
    let entry = json!({ "CreatedDateTime": "2026-11-21T10:15:00Z", "UserPrincipalName": "ea-01@contoso.onmicrosoft.com",
        "ResultType": "53003", "Status": "{\"errorCode\":0}" });
    assert_eq!(evidence(&entry.to_string()).sign_ins[0].error_code, 53003);
}

#[test]
fn of_very_many_the_successful_ones_are_kept_and_the_rest_is_counted() {
    let entry = |n: usize| {
        let at = time("2026-11-01T00:00:00Z") + jiff::SignedDuration::from_secs(i64::try_from(n).unwrap());
        json!({ "createdDateTime": at, "userPrincipalName": "ea-01@contoso.onmicrosoft.com", "appDisplayName": "x".repeat(1000),
            "status": { "errorCode": if n % 100 == 99 { 0 } else { 50126 } } })
    };
    let many = evidence(&Value::Array((0..1000).map(entry).collect()).to_string());
    assert_eq!((many.entries, many.sign_ins.len(), many.left_out), (1000, MOST, 800));
    assert_eq!(many.sign_ins.iter().filter(|one| one.error_code == 0).count(), 10);
    assert!(many.sign_ins.is_sorted_by_key(|one| one.at));
    assert!(many.sign_ins.iter().all(|one| one.application.as_ref().unwrap().len() == 200));
}

/// Whoever signs in very often must not push the last sign-in out of what is kept.
#[test]
fn of_very_many_the_newest_are_kept() {
    let entry = |n: i64, code: i64| {
        let at = time("2026-11-01T00:00:00Z") + jiff::SignedDuration::from_secs(n);
        json!({ "createdDateTime": at, "userPrincipalName": "ea-01@contoso.onmicrosoft.com", "status": { "errorCode": code } })
    };
    let kept = |entries: Vec<Value>| evidence(&Value::Array(entries).to_string());
    let good = kept((0..300).map(|n| entry(n, 0)).collect());
    assert_eq!(
        (good.left_out, good.sign_ins[0].at, good.sign_ins.last().map(|one| one.at)),
        (100, time("2026-11-01T00:01:40Z"), good.last),
        "the newest 200"
    );
    let mixed = kept((0..300).map(|n| entry(n, if n == 0 { 0 } else { 50126 })).collect());
    assert_eq!((mixed.sign_ins[0].error_code, mixed.sign_ins[1].at), (0, time("2026-11-01T00:01:41Z")));
    let change = |n: i64| {
        let at = time("2026-11-01T00:00:00Z") + jiff::SignedDuration::from_secs(n);
        json!({ "activityDateTime": at, "activityDisplayName": "Update conditional access policy", "result": "success" })
    };
    let changes = kept((0..300).map(change).collect());
    assert_eq!(
        (changes.changes.len(), changes.left_out, changes.changes.last().map(|one| one.at)),
        (200, 100, changes.last)
    );
}
