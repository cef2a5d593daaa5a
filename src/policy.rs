//! Allow-lists.
