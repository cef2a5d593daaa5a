//! Files, read no further than a limit.
#![expect(clippy::disallowed_methods, reason = "the one place of this room that reads files")]

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The bytes of a file, at most `limit` and one: whoever reads on sees by their count that there are too many.
///
/// # Errors
/// What the system says.
pub fn load(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
