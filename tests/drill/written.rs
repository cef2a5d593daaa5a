//! The report of a drill says what its document says: as HTML and as Markdown.

use super::*;

/// What stands on a page, without its tags.
fn plain(page: &str) -> String {
    let mut text = String::new();
    let mut tag = false;
    for c in page.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => tag = false,
            c if !tag => text.push(c),
            _ => {}
        }
    }
    let signs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.iter().fold(text, |text, (entity, sign)| text.replace(entity, sign))
}

/// Of a drill that has ended: its verdicts, the labels of its keys and what it left to do stand in both.
pub(crate) fn told(rig: &Rig, document: &Value) {
    for old in ["report.html", "report.md"] {
        drop(fs::remove_file(rig.at(old)));
    }
    let ran = rig.run("", &["report", "--html", "report.html", "--markdown", "report.md"]);
    assert!(ran.code < 2, "{ran:?}");
    let read = |name: &str| fs::read_to_string(rig.at(name)).unwrap();
    let mut options = comrak::Options::default();
    options.extension.table = true;
    let markdown = comrak::markdown_to_html(&read("report.md"), &options);
    for (form, page) in [("HTML", plain(&read("report.html"))), ("Markdown", plain(&markdown))] {
        let at =
            page.find("Record of the drill of").unwrap_or_else(|| panic!("no record in {form}:\n{page}"));
        let record = &page[at..];
        let has = |text: &str| assert!(record.contains(text), "{form} has no '{text}':\n{record}");
        for account in document["accounts"].as_array().unwrap() {
            has(account["account"].as_str().unwrap());
            if document["verdict"] != "abandoned" {
                has(account["verdict"].as_str().unwrap());
            }
            for key in account["keys"].as_array().unwrap() {
                has(key["label"].as_str().unwrap());
            }
        }
        for action in document["actions"].as_array().unwrap() {
            has(action["what"].as_str().unwrap());
        }
    }
}
