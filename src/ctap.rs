//! The language that clients and keys speak: CTAPHID frames, CBOR, and the CTAP2 requests and answers.
//!
//! Pure: no files, no clock, no randomness of its own, no printing. Random bytes are handed in.
//! Section numbers are those of the Client to Authenticator Protocol 2.2 (CTAP) unless said otherwise.

pub mod authdata;
pub mod cbor;
pub mod client_pin;
pub mod config;
pub mod credential;
pub mod credential_management;
pub mod frame;
pub mod hmac_secret;
pub mod info;
pub mod init;
pub mod pin;
pub mod protocol;
pub mod status;
