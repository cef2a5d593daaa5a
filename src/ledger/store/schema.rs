//! The table and the triggers that guard it, word for word: a file whose schema reads otherwise is refused.

/// `GKEY`: tells a ledger from any other SQLite file.
pub(super) const APPLICATION_ID: i32 = 0x474b_4559;

/// Type and name of every object, and how it is made, in the order of names.
pub(super) const OBJECTS: [(&str, &str, &str); 4] = [
    (
        "table",
        "events",
        "CREATE TABLE events (
  seq INTEGER PRIMARY KEY NOT NULL CHECK (seq > 0),
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL CHECK (length(prev) = 32),
  seal BLOB NOT NULL CHECK (length(seal) = 32),
  receipt TEXT,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT",
    ),
    (
        "trigger",
        "events_are_never_changed",
        "CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    ),
    (
        "trigger",
        "events_are_never_removed",
        "CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END",
    ),
    (
        "trigger",
        "events_follow_one_another",
        "CREATE TRIGGER events_follow_one_another BEFORE INSERT ON events
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events follow one another'); END",
    ),
];

/// Everything, for a new file.
pub(super) fn all(format: u32) -> String {
    let objects = OBJECTS.map(|(_, _, sql)| format!("{sql};\n")).concat();
    format!("PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {format};\n{objects}")
}
