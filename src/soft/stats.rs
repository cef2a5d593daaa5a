//! What a soft key counts, for tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ciborium::Value;

use crate::ctap::cbor;

/// What a client asks of a key, as counters and faults tell commands apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// CTAPHID_INIT
    Init,
    /// authenticatorGetInfo
    GetInfo,
    /// PIN or UV retries
    Retries,
    /// The PIN/UV protocol's public key
    KeyAgreement,
    /// Any way to a pinUvAuthToken
    PinToken,
    /// setPIN
    SetPin,
    /// changePIN
    ChangePin,
    /// authenticatorMakeCredential
    MakeCred,
    /// authenticatorGetAssertion
    GetAssertion,
    /// authenticatorReset
    Reset,
    /// authenticatorCredentialManagement
    CredMgmt,
    /// authenticatorConfig
    Config,
    /// Any other CTAP2 command
    Other,
    /// CTAPHID_WINK
    Wink,
    /// CTAPHID_PING
    Ping,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Init,
        Self::GetInfo,
        Self::Retries,
        Self::KeyAgreement,
        Self::PinToken,
        Self::SetPin,
        Self::ChangePin,
        Self::MakeCred,
        Self::GetAssertion,
        Self::Reset,
        Self::CredMgmt,
        Self::Config,
        Self::Other,
        Self::Wink,
        Self::Ping,
    ];

    /// Its name in fault specifications.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::GetInfo => "getinfo",
            Self::Retries => "retries",
            Self::KeyAgreement => "keyagreement",
            Self::PinToken => "pintoken",
            Self::SetPin => "setpin",
            Self::ChangePin => "changepin",
            Self::MakeCred => "makecred",
            Self::GetAssertion => "getassertion",
            Self::Reset => "reset",
            Self::CredMgmt => "credmgmt",
            Self::Config => "config",
            Self::Other => "other",
            Self::Wink => "wink",
            Self::Ping => "ping",
        }
    }

    /// Which one a CTAPHID_CBOR payload asks for.
    #[must_use]
    pub fn of_cbor(payload: &[u8]) -> Self {
        match payload.split_first() {
            Some((0x01, _)) => Self::MakeCred,
            Some((0x02, _)) => Self::GetAssertion,
            Some((0x04, _)) => Self::GetInfo,
            Some((0x06, parameters)) => Self::of_client_pin(parameters),
            Some((0x07, _)) => Self::Reset,
            Some((0x0a | 0x41, _)) => Self::CredMgmt,
            Some((0x0d, _)) => Self::Config,
            _ => Self::Other,
        }
    }

    fn of_client_pin(parameters: &[u8]) -> Self {
        let Ok(decoded) = cbor::decode(parameters) else { return Self::Other };
        let Value::Map(members) = decoded.value else { return Self::Other };
        let subcommand = members.iter().find(|(key, _)| *key == Value::from(2)).map(|(_, value)| value);
        match subcommand.and_then(Value::as_integer).and_then(|number| u8::try_from(number).ok()) {
            Some(1 | 7) => Self::Retries,
            Some(2) => Self::KeyAgreement,
            Some(3) => Self::SetPin,
            Some(4) => Self::ChangePin,
            Some(5 | 6 | 9) => Self::PinToken,
            _ => Self::Other,
        }
    }
}

/// What a soft key has done since its wire was opened.
#[derive(Debug, Default)]
pub struct SoftStats {
    packets_in: AtomicU64,
    packets_out: AtomicU64,
    keepalives: AtomicU64,
    cancels: AtomicU64,
    transactions: Mutex<BTreeMap<Op, u64>>,
}

impl SoftStats {
    /// Reports that came in.
    #[must_use]
    pub fn packets_in(&self) -> u64 {
        self.packets_in.load(Ordering::Relaxed)
    }

    /// Reports that went out.
    #[must_use]
    pub fn packets_out(&self) -> u64 {
        self.packets_out.load(Ordering::Relaxed)
    }

    /// CTAPHID_KEEPALIVE reports that went out.
    #[must_use]
    pub fn keepalives(&self) -> u64 {
        self.keepalives.load(Ordering::Relaxed)
    }

    /// CTAPHID_CANCEL reports that came in while their channel's command ran.
    #[must_use]
    pub fn cancels(&self) -> u64 {
        self.cancels.load(Ordering::Relaxed)
    }

    /// How often a command was asked for.
    #[must_use]
    pub fn transactions(&self, op: Op) -> u64 {
        let counts = self.transactions.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&op).copied().unwrap_or(0)
    }

    pub(super) fn count_in(&self) {
        self.packets_in.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_out(&self) {
        self.packets_out.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_keepalive(&self) {
        self.keepalives.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_cancel(&self) {
        self.cancels.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_transaction(&self, op: Op) {
        let mut counts = self.transactions.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(op).or_default();
        *count = count.saturating_add(1);
    }
}
