//! The key: finding it, and one conversation with it. The only room that touches hardware.
#![expect(
    clippy::disallowed_methods,
    reason = "a conversation has deadlines, so this room looks at the clock"
)]

pub mod authority;
pub mod cancel;
pub mod conversation;
pub mod found;
pub mod guard;
pub mod manage;
pub mod patience;
pub mod plugs;
pub mod pulse;
pub mod replug;
pub mod session;
pub mod talk_error;
pub mod trial;
pub mod usb;
pub mod wire;
