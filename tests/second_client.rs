//! The second client: what it told against what our own client knows; and, where the build has one, the child itself.
#![expect(clippy::disallowed_methods, reason = "a test measures time")]

#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "support/exercise.rs"]
mod exercise;

#[cfg(test)]
#[cfg(feature = "softkey")]
#[path = "second_client/compared.rs"]
mod compared;

#[cfg(test)]
#[cfg(feature = "second-client")]
#[path = "second_client/child.rs"]
mod child;

#[cfg(test)]
#[path = "second_client/lives.rs"]
mod lives;
