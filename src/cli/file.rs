//! Files that are written.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};

/// The name of a file or folder to write. `-` would be a file of that name, and is meant by nobody.
pub(super) fn out() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let dash = path.as_os_str() == "-";
        if dash {
            Err("standard output is not written to: name a file (`./-` for one of that name)")
        } else {
            Ok(path)
        }
    })
}
