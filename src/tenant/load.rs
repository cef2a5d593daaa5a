//! The files of a folder.

use std::io;
use std::path::Path;

use super::Exports;
use super::exports::LIMIT;
use crate::graph;

/// Reads every `.json` file of a folder, in the order of their names; not those of folders within.
///
/// # Errors
/// What the system says of the folder. A file that cannot be read is told in [`Exports::files`].
pub fn load(folder: &Path) -> io::Result<Exports> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        if is_json && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, graph::load(path, LIMIT).map_err(|error| format!("can't be read: {error}")))
    };
    Ok(Exports::new(paths.iter().map(read)))
}
