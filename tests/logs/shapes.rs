//! One list of sign-ins, as each of the places that give logs out would write it.

use serde_json::{Map, Value, json};

use super::{Log, parse, time};

/// A sign-in as Graph writes it.
pub(crate) fn graph(n: u64, upn: &str, code: i64) -> Value {
    let at = time("2026-11-21T10:00:00Z") + jiff::SignedDuration::from_secs(i64::try_from(n).unwrap());
    json!({
        "id": format!("id-{n}"), "createdDateTime": at, "userId": "1f0c3e5a-7b2d-4c61-9e80-5a4b3c2d1e0f",
        "userPrincipalName": upn, "appDisplayName": "Azure Portal", "ipAddress": "203.0.113.7",
        "authenticationDetails": [
            { "authenticationMethod": "Passkey (device-bound)", "succeeded": code == 0 },
            { "authenticationMethod": "Previously satisfied", "succeeded": true },
        ],
        "status": { "errorCode": code, "failureReason": "…" }, "riskState": "none",
    })
}

/// The same as a row of Log Analytics: capitals, and text where Graph has lists and objects.
fn row(graph: &Value) -> Map<String, Value> {
    let capital = |name: &str| match name {
        "ipAddress" => "IPAddress".to_owned(),
        _ => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
    };
    let mut row: Map<String, Value> = Map::new();
    for (name, value) in graph.as_object().unwrap() {
        let flat = if value.is_string() { value.clone() } else { Value::String(value.to_string()) };
        row.insert(capital(name), flat);
    }
    row.insert("TimeGenerated".into(), json!("2026-11-22T00:00:00Z"));
    row.insert("ResultType".into(), Value::String(graph["status"]["errorCode"].to_string()));
    row
}

fn lines(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| format!("{value}\r\n")).collect()
}

/// Every shape in which these entries may come.
pub(crate) fn all(entries: &[Value]) -> Vec<(&'static str, String)> {
    let rows: Vec<_> = entries.iter().map(row).collect();
    let columns: Vec<String> = rows.first().map(|row| row.keys().cloned().collect()).unwrap_or_default();
    let cells = |row: &Map<String, Value>| columns.iter().map(|name| row[name].clone()).collect::<Value>();
    let table = json!({ "tables": [{
        "name": "PrimaryResult",
        "columns": columns.iter().map(|name| json!({ "name": name, "type": "string" })).collect::<Vec<_>>(),
        "rows": rows.iter().map(cells).collect::<Vec<_>>(),
    }] });
    let record = |entry: &Value| {
        json!({ "time": "2026-11-22T00:00:00Z", "category": "SignInLogs", "operationName": "Sign-in activity",
            "resultType": "0", "properties": entry })
    };
    let page = |entries: &[Value], more: bool| {
        let mut page = json!({ "@odata.context": "…", "value": entries });
        if more {
            page["@odata.nextLink"] = json!("https://graph.microsoft.com/…");
        }
        page
    };
    let (first, second) = entries.split_at(entries.len() / 2);
    let pages = [page(first, true), page(second, false)];
    vec![
        ("one page", page(entries, false).to_string()),
        ("pages one after the other", pages.iter().map(|page| format!("{page:#}\n")).collect()),
        ("a list of pages", json!(pages).to_string()),
        ("a bare list", format!("\u{feff}{}", json!(entries))),
        ("one a line", lines(entries.iter().cloned())),
        ("rows of a query", json!(rows).to_string()),
        ("rows, one a line", lines(rows.into_iter().map(Value::Object))),
        ("tables", table.to_string()),
        ("records", json!({ "records": entries.iter().map(record).collect::<Vec<_>>() }).to_string()),
        ("records, one a line", lines(entries.iter().map(record))),
    ]
}

#[test]
fn the_same_sign_ins_in_every_shape() {
    let entries =
        [graph(1, "ea-01@contoso.onmicrosoft.com", 0), graph(2, "kim@contoso.com", 50126), graph(3, "", 0)];
    let wanted = parse(&json!(entries).to_string()).sign_ins;
    assert_eq!(wanted.len(), 3);
    assert_eq!(wanted[0].methods, ["Passkey (device-bound)", "Previously satisfied"]);
    assert_eq!(wanted[1].methods, ["Previously satisfied"], "a step that failed proved nothing");
    for (shape, text) in all(&entries) {
        let log = parse(&text);
        assert_eq!(log.sign_ins, wanted, "{shape}");
        assert!(!log.partial, "{shape}");
    }
    let wide: Vec<u8> = all(&entries)[0].1.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let powershell = [&[0xff, 0xfe], wide.as_slice()].concat();
    assert_eq!(Log::parse(&powershell).unwrap().sign_ins, wanted, "as Windows PowerShell writes it");
}

#[test]
fn a_page_of_several_says_so_unless_the_last_one_is_there() {
    let page = |link: Value| json!({ "value": [graph(1, "a@b", 0)], "@odata.nextLink": link }).to_string();
    assert!(parse(&page(json!("https://graph.microsoft.com/…"))).partial);
    assert!(!parse(&page(Value::Null)).partial);
    let last = json!({ "value": [] });
    assert!(!parse(&format!("{}\n{last}", page(json!("https://…")))).partial);
}

/// Log Analytics answers with status 200, rows, and an error beside them, where a query took too long.
#[test]
fn an_answer_that_broke_off_is_a_part_wherever_it_stands() {
    let error =
        json!({ "code": "PartialError", "message": "There were some errors when processing your query." });
    let (_, table) = all(&[graph(1, "a@b", 0)]).into_iter().find(|(shape, _)| *shape == "tables").unwrap();
    let mut torn: Value = serde_json::from_str(&table).unwrap();
    assert!(!parse(&torn.to_string()).partial);
    torn["error"] = Value::Null;
    assert!(!parse(&torn.to_string()).partial);
    torn["error"] = error.clone();
    assert!(parse(&torn.to_string()).partial);
    let whole = json!({ "value": [graph(2, "a@b", 0)] });
    assert!(parse(&format!("{torn}\n{whole}")).partial, "a later answer mends nothing");
    for name in ["value", "records"] {
        let page = json!({ name: [graph(1, "a@b", 0)], "error": error });
        assert!(parse(&page.to_string()).partial, "{name}");
    }
    assert!(Log::parse(json!({ "error": error }).to_string().as_bytes()).is_err(), "nothing but an error");
}
