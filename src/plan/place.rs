//! Where something stands in the plan's file.

use std::fmt;
use std::ops::{Deref, Range};

use serde::{Serialize, Serializer};

/// A value and the line where it stands; 0 where it stands nowhere and is a default. Two are equal if their values are.
#[derive(Debug, Clone, Copy)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its line, counted from 1.
    pub line: usize,
}

impl<T> At<T> {
    /// A value that stands in no line: a default.
    pub fn nowhere(value: T) -> Self {
        Self { value, line: 0 }
    }
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

impl<T: fmt::Display> fmt::Display for At<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Line and column, from 1, of the place where a span begins. Columns count characters.
pub(super) fn position(text: &str, span: &Range<usize>) -> (usize, usize) {
    let bytes = text.as_bytes();
    let before = bytes.get(..span.start).unwrap_or(bytes);
    let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
    let head = before.get(start..).unwrap_or_default();
    let column = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').chars().count();
    (line, column.saturating_add(1))
}
