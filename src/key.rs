//! The key: the only room that touches hardware.

pub mod wire;
