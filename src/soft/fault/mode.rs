//! What can go wrong with a soft key, by name.

use std::fmt;

use super::habit::Habit;
use crate::soft::stats::Op;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// From here on nothing is answered, not even CTAPHID_INIT.
    Dead,
    /// CTAPHID_INIT is answered with another nonce.
    WrongNonce,
    /// The command is never answered.
    Silent,
    /// As many commands are answered, and then none.
    SilentAfter(u32),
    /// Keepalives for ever, deaf to cancel.
    KeepaliveForever,
    /// Keepalives in a flood, then the answer: `keepalive-flood=INTERVAL_MS/SECONDS`.
    KeepaliveFlood {
        /// Between two keepalives.
        interval_ms: u32,
        /// How long.
        seconds: u32,
    },
    /// Another channel's answer comes before this one's.
    ForeignBefore,
    /// Another channel's answer comes within this one's.
    ForeignWithin,
    /// Continuation packets are out of order.
    BadSeq,
    /// A continuation packet is lost.
    MissingPacket,
    /// A continuation packet comes twice.
    DoublePacket,
    /// The length in the first packet is too short.
    ShortBcnt,
    /// The length in the first packet is 65535.
    HugeBcnt,
    /// The CBOR is cut off.
    TruncatedCbor,
    /// Bytes follow the CBOR.
    TrailingGarbage,
    /// Every member has another type.
    WrongTypes,
    /// The map's keys are in descending order and its length is not in the shortest form.
    NonCanonical,
    /// Arrays nest a thousand deep.
    DeepCbor,
    /// A byte string claims 4 GiB.
    HugeAlloc,
    /// The authenticator data is cut off.
    TruncatedAuthdata,
    /// Another RP's hash, correctly signed.
    WrongRpidhash,
    /// The signature's last byte is flipped.
    WrongSignature,
    /// Other client data, correctly signed.
    WrongChallenge,
    /// No UV flag, correctly signed.
    UvFlagMissing,
    /// No UP flag, correctly signed.
    UpFlagMissing,
    /// Self attestation: no certificate, signed by the credential itself.
    NoX5c,
    /// Attestation format `none`.
    AttestationNone,
    /// The certificate is no certificate.
    BadX5c,
    /// The certificate is signed by another CA of the same name.
    WrongRoot,
    /// The certificate names another model.
    CertAaguidMismatch,
    /// The certificate names no model.
    CertAaguidMissing,
    /// This status, and the firmware never sees the command.
    CtapError(u8),
    /// The plug is pulled so many milliseconds after the command.
    Vanish(u32),
    /// So many milliseconds between reports.
    Slow(u32),
    /// getInfo's texts hold terminal escape sequences.
    EscapeInfo,
    /// So many milliseconds between keepalives.
    KeepaliveRare(u32),
    /// CTAPHID_WINK is claimed, and refused.
    WinkRefused,
    /// CTAPHID_PING comes back with a bit changed.
    PingBent,
    /// CTAPHID_INIT tells another protocol version.
    InitOdd,
    /// The list of credentials that it may not hold is not looked at.
    ExcludeIgnored,
    /// The list of credentials that may sign is not looked at.
    AllowIgnored,
    /// Extensions are not looked at.
    ExtensionsIgnored,
    /// A discoverable credential is not kept.
    NotDiscoverable,
    /// ES256, whatever was asked for.
    AlgorithmIgnored,
    /// `credProtect` of the weakest level, whatever was asked for.
    ProtectionLax,
    /// A deletion is confirmed, and not done.
    DeletePretended,
    /// authenticatorConfig is confirmed, and not done.
    ConfigPretended,
    /// A reset is confirmed, and not done.
    ResetPretended,
    /// A discoverable credential signs and does not tell its user.
    UserUnsaid,
    /// How many discoverable credentials could sign is not told.
    OthersUnsaid,
    /// Only the first discoverable credential of a relying party is listed.
    ListShort,
    /// Eight PIN attempts left, whatever was spent.
    RetriesStuck,
    /// A wrong PIN costs two attempts, by what is told.
    RetriesDouble,
    /// A right PIN brings no attempt back, by what is told.
    RetriesSticky,
    /// That it wants to be unplugged is called a wrong PIN.
    LockUnsaid,
    /// A wrong PIN costs its attempt, and is refused as something else.
    WrongPinUnsaid,
    /// A cancel is not heard.
    CancelDeaf,
    /// A cancel is answered as if the touch had been refused.
    CancelDenied,
    /// The signature counter stands still, correctly signed.
    CounterStuck,
    /// The UV flag, whether or not there was a PIN, correctly signed.
    UvFlagAlways,
    /// The UP flag, whether or not there was a touch, correctly signed.
    UpFlagAlways,
    /// Another secret of `hmac-secret` each time, correctly signed.
    SecretUnstable,
    /// Requests of a kind are refused, as some real models refuse them.
    Refuses(Habit),
}

/// Modes without an argument, by name.
pub(super) const PLAIN: [(&str, Mode); 62] = [
    ("dead", Mode::Dead),
    ("wrong-nonce", Mode::WrongNonce),
    ("silent", Mode::Silent),
    ("keepalive-forever", Mode::KeepaliveForever),
    ("foreign-before", Mode::ForeignBefore),
    ("foreign-within", Mode::ForeignWithin),
    ("bad-seq", Mode::BadSeq),
    ("missing-packet", Mode::MissingPacket),
    ("double-packet", Mode::DoublePacket),
    ("short-bcnt", Mode::ShortBcnt),
    ("huge-bcnt", Mode::HugeBcnt),
    ("truncated-cbor", Mode::TruncatedCbor),
    ("trailing-garbage", Mode::TrailingGarbage),
    ("wrong-types", Mode::WrongTypes),
    ("non-canonical", Mode::NonCanonical),
    ("deep-cbor", Mode::DeepCbor),
    ("huge-alloc", Mode::HugeAlloc),
    ("truncated-authdata", Mode::TruncatedAuthdata),
    ("wrong-rpidhash", Mode::WrongRpidhash),
    ("wrong-signature", Mode::WrongSignature),
    ("wrong-challenge", Mode::WrongChallenge),
    ("uv-flag-missing", Mode::UvFlagMissing),
    ("up-flag-missing", Mode::UpFlagMissing),
    ("no-x5c", Mode::NoX5c),
    ("attestation-none", Mode::AttestationNone),
    ("bad-x5c", Mode::BadX5c),
    ("wrong-root", Mode::WrongRoot),
    ("cert-aaguid-mismatch", Mode::CertAaguidMismatch),
    ("cert-aaguid-missing", Mode::CertAaguidMissing),
    ("wink-refused", Mode::WinkRefused),
    ("ping-bent", Mode::PingBent),
    ("init-odd", Mode::InitOdd),
    ("exclude-ignored", Mode::ExcludeIgnored),
    ("allow-ignored", Mode::AllowIgnored),
    ("extensions-ignored", Mode::ExtensionsIgnored),
    ("not-discoverable", Mode::NotDiscoverable),
    ("algorithm-ignored", Mode::AlgorithmIgnored),
    ("protection-lax", Mode::ProtectionLax),
    ("delete-pretended", Mode::DeletePretended),
    ("config-pretended", Mode::ConfigPretended),
    ("reset-pretended", Mode::ResetPretended),
    ("user-unsaid", Mode::UserUnsaid),
    ("others-unsaid", Mode::OthersUnsaid),
    ("list-short", Mode::ListShort),
    ("retries-stuck", Mode::RetriesStuck),
    ("retries-double", Mode::RetriesDouble),
    ("retries-sticky", Mode::RetriesSticky),
    ("lock-unsaid", Mode::LockUnsaid),
    ("wrong-pin-unsaid", Mode::WrongPinUnsaid),
    ("cancel-deaf", Mode::CancelDeaf),
    ("cancel-denied", Mode::CancelDenied),
    ("counter-stuck", Mode::CounterStuck),
    ("uv-flag-always", Mode::UvFlagAlways),
    ("up-flag-always", Mode::UpFlagAlways),
    ("secret-unstable", Mode::SecretUnstable),
    ("refuse-protocol-one", Mode::Refuses(Habit::ProtocolOne)),
    ("refuse-protocol-two", Mode::Refuses(Habit::ProtocolTwo)),
    ("refuse-exclude-list", Mode::Refuses(Habit::ExcludeList)),
    ("refuse-selection", Mode::Refuses(Habit::Selection)),
    ("refuse-transports", Mode::Refuses(Habit::Transports)),
    ("refuse-bare-retries", Mode::Refuses(Habit::BareRetries)),
    ("refuse-eddsa", Mode::Refuses(Habit::EdDsa)),
];

impl Mode {
    pub(super) fn parse(name: &str, argument: Option<&str>) -> Option<Self> {
        let number = |default: u32| argument.map_or(Some(default), |text| text.parse().ok());
        match (name, argument) {
            ("escape-info", None) => Some(Self::EscapeInfo),
            ("silent-after", Some(count)) => count.parse().ok().map(Self::SilentAfter),
            ("vanish", _) => number(0).map(Self::Vanish),
            ("slow", _) => number(20).map(Self::Slow),
            ("keepalive-rare", _) => number(1500).filter(|ms| *ms > 0).map(Self::KeepaliveRare),
            ("keepalive-flood", _) => {
                let (interval, seconds) =
                    argument.unwrap_or("5").split_once('/').unwrap_or((argument.unwrap_or("5"), "15"));
                let interval_ms = interval.parse().ok().filter(|ms| *ms > 0)?;
                Some(Self::KeepaliveFlood { interval_ms, seconds: seconds.parse().ok()? })
            }
            ("ctap-error", Some(code)) => {
                let code = match code.strip_prefix("0x") {
                    Some(hex) => u8::from_str_radix(hex, 16),
                    None => code.parse(),
                };
                code.ok().filter(|code| *code != 0).map(Self::CtapError)
            }
            (_, None) => PLAIN.iter().find(|(plain, _)| *plain == name).map(|(_, mode)| *mode),
            _ => None,
        }
    }

    /// Has the fault a meaning for the command?
    #[must_use]
    pub fn reaches(self, op: Op) -> bool {
        match self {
            Self::WinkRefused => op == Op::Wink,
            Self::PingBent => op == Op::Ping,
            Self::InitOdd => op == Op::Init,
            // CTAPHID's own commands know no other fault.
            _ if matches!(op, Op::Wink | Op::Ping) => false,
            Self::ExcludeIgnored | Self::NotDiscoverable | Self::AlgorithmIgnored | Self::ProtectionLax => {
                op == Op::MakeCred
            }
            Self::AllowIgnored
            | Self::UserUnsaid
            | Self::OthersUnsaid
            | Self::CounterStuck
            | Self::UvFlagAlways
            | Self::UpFlagAlways
            | Self::SecretUnstable => op == Op::GetAssertion,
            Self::ExtensionsIgnored | Self::CancelDeaf | Self::CancelDenied => {
                matches!(op, Op::MakeCred | Op::GetAssertion)
            }
            Self::LockUnsaid | Self::WrongPinUnsaid => op == Op::PinToken,
            Self::DeletePretended | Self::ListShort => op == Op::CredMgmt,
            Self::ConfigPretended => op == Op::Config,
            Self::ResetPretended => op == Op::Reset,
            Self::RetriesStuck | Self::RetriesDouble | Self::RetriesSticky => op == Op::Retries,
            Self::Dead | Self::Silent | Self::ForeignBefore | Self::Vanish(_) | Self::Slow(_) => true,
            Self::WrongNonce => op == Op::Init,
            Self::EscapeInfo => op == Op::GetInfo,
            Self::Refuses(habit) => habit.reaches(op),
            Self::TruncatedAuthdata
            | Self::WrongRpidhash
            | Self::WrongSignature
            | Self::WrongChallenge
            | Self::UvFlagMissing
            | Self::UpFlagMissing => matches!(op, Op::MakeCred | Op::GetAssertion),
            Self::NoX5c
            | Self::AttestationNone
            | Self::BadX5c
            | Self::WrongRoot
            | Self::CertAaguidMismatch
            | Self::CertAaguidMissing => op == Op::MakeCred,
            _ => op != Op::Init,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SilentAfter(count) => write!(f, "silent-after={count}"),
            Self::KeepaliveFlood { interval_ms, seconds } => {
                write!(f, "keepalive-flood={interval_ms}/{seconds}")
            }
            Self::CtapError(code) => write!(f, "ctap-error={code:#04x}"),
            Self::Vanish(ms) => write!(f, "vanish={ms}"),
            Self::Slow(ms) => write!(f, "slow={ms}"),
            Self::KeepaliveRare(ms) => write!(f, "keepalive-rare={ms}"),
            Self::EscapeInfo => f.write_str("escape-info"),
            plain => f.write_str(PLAIN.iter().find(|(_, mode)| mode == plain).map_or("", |(name, _)| name)),
        }
    }
}
