//! What `plan init` writes.

/// A commented plan with every member of the format. It parses; its review tells what is left to fill in.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The organisation's name in the template.
pub(super) const ORGANISATION: &str = "Your organisation";
/// The domain of the UPNs in the template.
pub(super) const TENANT: &str = "yourtenant.onmicrosoft.com";
/// What is in the custodians' names in the template.
pub(super) const PERSON: &str = "(name)";
