//! `glasskey` checks, enrolls and drills the FIDO2 hardware keys behind break-glass accounts.
//!
//! Data flows one way, and a room uses only rooms above it in this list:
//!
//! | room | what it holds |
//! |---|---|
//! | [`ctap`] | the language: CTAPHID frames, CBOR, requests and answers; pure |
//! | [`key`] | the key: finding it, one conversation with it; the only room that touches hardware |
//! | [`soft`] | soft keys: real firmware in process, behind the same 64-byte reports (feature `softkey`) |
//! | [`webauthn`] | client data, and the relying party that verifies registrations and assertions |
//! | [`facts`] | what one key is and did, unjudged |
//! | [`second`] | another CTAP2 client on the same key, in a child process; what it told, compared (feature `second-client`) |
//! | [`catalogue`] | models, vendors, anchors and advisories, compiled in from `aaguids/` |
//! | [`policy`] | allow-lists as Microsoft Graph exports them |
//! | [`plan`] | the custody plan: accounts, sites, custodians, rules; strict, and reviewed |
//! | [`verdict`] | facts against policy and catalogue: findings and a verdict; pure |
//! | [`onboard`] | a model, tried on a sample: findings, what follows from them, what changed; pure |
//! | [`ledger`] | the append-only, hash-chained record, receipts by the keys, and the inventory that it adds up to |
//! | [`custody`] | which enrolled key this is, and its signature under what is recorded of it |
//! | [`status`] | the custody plan against the inventory: rules kept and broken; pure |
//! | [`term`] | words on the terminal; nothing else prints |
//! | [`exit`], [`error`] | how a verb ends, and the cure |
//! | [`cli`], [`run`] | arguments, one short function per verb |

pub mod catalogue;
pub mod cli;
pub mod ctap;
pub mod custody;
pub mod error;
pub mod exit;
pub mod facts;
pub mod key;
pub mod ledger;
pub mod onboard;
pub mod plan;
pub mod policy;
pub mod run;
pub mod second;
#[cfg(feature = "softkey")]
pub mod soft;
pub mod status;
pub mod term;
pub mod verdict;
pub mod webauthn;
