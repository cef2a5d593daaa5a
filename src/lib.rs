//! `glasskey` checks, enrolls and drills the FIDO2 hardware keys behind break-glass accounts.
//!
//! Data flows one way, and a room uses only rooms above it in this list:
//!
//! | room | what it holds |
//! |---|---|
//! | [`escape`] | foreign text, made harmless to look at; pure |
//! | [`disk`] | new files: their mode, and the folder that is synchronised |
//! | [`ctap`] | the language: CTAPHID frames, CBOR, requests and answers; pure |
//! | [`key`] | the key: finding it, one conversation with it; the only room that touches hardware |
//! | [`soft`] | soft keys: real firmware in process, behind the same 64-byte reports (feature `softkey`) |
//! | [`webauthn`] | client data, and the relying party that verifies registrations and assertions |
//! | [`mds`] | FIDO's metadata: a BLOB verified offline, read tolerantly, kept |
//! | [`facts`] | what one key is and did, unjudged |
//! | [`second`] | another CTAP2 client on the same key, in a child process; what it told, compared (feature `second-client`) |
//! | [`catalogue`] | models, vendors, anchors and advisories, compiled in from `aaguids/` |
//! | [`graph`] | JSON as Microsoft Graph and Azure write it, read strictly, from a file or from bytes |
//! | [`policy`] | allow-lists as Microsoft Graph exports them |
//! | [`plan`] | the custody plan: accounts, sites, custodians, rules; strict, and reviewed |
//! | [`verdict`] | facts against policy and catalogue: findings and a verdict; pure |
//! | [`onboard`] | a model, tried on a sample: findings, what follows from them, what changed; pure |
//! | [`ledger`] | the append-only, hash-chained record, receipts by the keys, and the inventory that it adds up to |
//! | [`logs`] | exported sign-in and audit logs, looked through for one account; pure |
//! | [`custody`] | which enrolled key this is, what has changed of it, and its signature under what is recorded of it |
//! | [`batch`] | the keys of one day as a CSV file, held against plan and ledger; pure |
//! | [`drill`] | a drill: what it sets out to do, what is left, what it amounts to; pure |
//! | [`entra`] | Graph files in and out: an account's passkeys, bodies and queries for the tenant; pure |
//! | [`tenant`] | the tenant's exported configuration against the custody plan; pure, but for reading the folder |
//! | [`status`] | the custody plan against the inventory: rules kept and broken; pure |
//! | [`report`] | the record as a document, and labels for bags; pure |
//! | [`term`] | words on the terminal; nothing else prints |
//! | [`exit`], [`error`] | how a verb ends, and the cure |
//! | [`cli`], [`run`] | arguments, one short function per verb |

pub mod batch;
pub mod catalogue;
pub mod cli;
pub mod ctap;
pub mod custody;
pub mod disk;
pub mod drill;
pub mod entra;
pub mod error;
pub mod escape;
pub mod exit;
pub mod facts;
pub mod graph;
pub mod key;
pub mod ledger;
pub mod logs;
pub mod mds;
pub mod onboard;
pub mod plan;
pub mod policy;
pub mod report;
pub mod run;
pub mod second;
#[cfg(feature = "softkey")]
pub mod soft;
pub mod status;
pub mod tenant;
pub mod term;
pub mod verdict;
pub mod webauthn;
