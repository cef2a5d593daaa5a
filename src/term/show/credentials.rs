//! The passkeys on a key as people read them.

use comfy_table::Table;
use comfy_table::presets::NOTHING;

use super::escape;
use crate::ctap::credential::Protection;
use crate::facts::credentials::Credentials;

/// The least that is shown of a credential id, in characters of hexadecimal.
const SHORTEST: usize = 8;

/// One row for each passkey, and the counts. Ids are cut to what tells them apart.
#[must_use]
pub fn passkeys(credentials: &Credentials) -> String {
    let mut text = String::new();
    if !credentials.passkeys.is_empty() {
        let ids: Vec<_> =
            credentials.passkeys.iter().map(|passkey| hex::encode(&passkey.credential_id)).collect();
        let length = telling(&ids);
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(["site", "user", "credential id", "without the PIN"]);
        for (passkey, id) in credentials.passkeys.iter().zip(&ids) {
            let name = passkey.user_name.as_deref().or(passkey.display_name.as_deref());
            table.add_row([
                escape(&passkey.rp_id),
                name.map_or_else(|| "unnamed".to_owned(), escape),
                id.get(..length).unwrap_or(id).to_owned(),
                protection(passkey.protection).to_owned(),
            ]);
        }
        let lines: Vec<_> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        text.push_str(&format!("{}\n\n", lines.join("\n")));
    }
    let count = credentials.count;
    text.push_str(&format!("{} on the key, room for {} more\n", count.existing, count.remaining));
    if !credentials.whole() {
        let listed = credentials.passkeys.len();
        text.push_str(&format!("the key says that it holds {}, and lists {listed}\n", count.existing));
    }
    text
}

/// `credProtect` in words: whether the passkey can be used without the PIN.
fn protection(protection: Option<Protection>) -> &'static str {
    match protection {
        Some(Protection::Optional) => "usable",
        Some(Protection::OptionalWithId) => "usable by who knows the id",
        Some(Protection::Required) => "not usable",
        None => "unsaid",
    }
}

/// How many characters tell all ids apart.
fn telling(ids: &[String]) -> usize {
    let longest = ids.iter().map(String::len).max().unwrap_or(SHORTEST);
    let apart = |length: &usize| {
        let mut cut: Vec<_> = ids.iter().map(|id| id.get(..*length).unwrap_or(id)).collect();
        cut.sort_unstable();
        cut.dedup();
        cut.len() == ids.len()
    };
    (SHORTEST..longest).step_by(2).find(apart).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_cut_where_they_differ() {
        let ids = |ids: &[&str]| telling(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(ids(&["00112233445566", "99112233445566"]), 8);
        assert_eq!(ids(&["00112233445566", "00112233445567"]), 14);
        assert_eq!(ids(&["0011223344aa66", "0011223344bb66"]), 12);
        assert_eq!(ids(&["0011"]), 4);
    }
}
