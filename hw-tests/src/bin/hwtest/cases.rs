//! The faults, each with what `glasskey` must make of it.

/// What runs against the faulty key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Keys,
    Info,
    /// Without the list of passkeys, so that the counts of `pintoken` are those of the registration.
    Check,
    /// As people run it.
    Whole,
    Verify,
    Set,
    Change,
}

/// What it must say, besides its exit code.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    /// The error's kind.
    Error(&'static str),
    /// A finding and its status.
    Finding(&'static str, &'static str),
    /// All is well in spite of it.
    Well,
}

/// How long it may take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// INIT, getInfo, PIN retries: 5 s.
    Quick,
    /// Other steps without a touch: 12 s.
    Work,
    /// The touch limit and 5 s.
    Touch,
}

/// The touch limit of all cases, in seconds.
pub(crate) const TOUCH: u64 = 6;

impl Bound {
    pub(crate) fn seconds(self) -> u64 {
        match self {
            Self::Quick => 5,
            Self::Work => 12,
            Self::Touch => TOUCH + 5,
        }
    }
}

pub(crate) struct Case {
    /// A fault, or `touch=never`, `touch=deny`, `touch=MS`.
    pub(crate) fault: &'static str,
    pub(crate) verb: Verb,
    pub(crate) exit: i32,
    pub(crate) expect: Expect,
    pub(crate) bound: Bound,
}

const MISBEHAVED: Expect = Expect::Error("key-misbehaved");

const fn case(fault: &'static str, verb: Verb, exit: i32, expect: Expect, bound: Bound) -> Case {
    Case { fault, verb, exit, expect, bound }
}

/// The key can't be read: exit 7.
const fn unread(fault: &'static str) -> Case {
    case(fault, Verb::Info, 7, MISBEHAVED, Bound::Quick)
}

/// `info` reads the key in spite of it.
const fn read(fault: &'static str) -> Case {
    case(fault, Verb::Info, 0, Expect::Well, Bound::Quick)
}

/// The step breaks: exit 7, and its finding fails.
const fn broken(fault: &'static str, finding: &'static str, bound: Bound) -> Case {
    case(fault, Verb::Check, 7, Expect::Finding(finding, "fail"), bound)
}

/// The answer is understood and is bad: exit 1, and the finding fails.
const fn bad(fault: &'static str, finding: &'static str) -> Case {
    case(fault, Verb::Check, 1, Expect::Finding(finding, "fail"), Bound::Touch)
}

/// `check` finds the key good in spite of it.
const fn good(fault: &'static str) -> Case {
    case(fault, Verb::Check, 0, Expect::Well, Bound::Touch)
}

const REG: &str = "test-registration";
const LIST: &str = "stray-credentials";
const ASSERT: &str = "test-assertion";

pub(crate) const CASES: &[Case] = &[
    // INIT
    unread("dead"),
    unread("wrong-nonce"),
    unread("silent@init"),
    unread("vanish@init"),
    read("foreign-before@init"),
    read("slow=20@init"),
    case("dead", Verb::Keys, 7, Expect::Well, Bound::Quick),
    case("dead", Verb::Check, 7, MISBEHAVED, Bound::Quick),
    case("dead", Verb::Verify, 7, MISBEHAVED, Bound::Quick),
    // getInfo
    unread("silent@getinfo"),
    unread("keepalive-forever@getinfo"),
    unread("keepalive-flood=5/15@getinfo"),
    read("keepalive-flood=5/1@getinfo"),
    read("keepalive-flood=50/2@getinfo"),
    read("foreign-before@getinfo"),
    read("foreign-within@getinfo"),
    unread("bad-seq@getinfo"),
    unread("missing-packet@getinfo"),
    unread("double-packet@getinfo"),
    unread("short-bcnt@getinfo"),
    unread("huge-bcnt@getinfo"),
    unread("truncated-cbor@getinfo"),
    unread("trailing-garbage@getinfo"),
    unread("wrong-types@getinfo"),
    unread("deep-cbor@getinfo"),
    unread("huge-alloc@getinfo"),
    read("non-canonical@getinfo"),
    unread("ctap-error=0x01@getinfo"),
    unread("ctap-error=0x7f@getinfo"),
    unread("vanish@getinfo"),
    read("slow=20@getinfo"),
    read("escape-info"),
    // PIN retries
    unread("silent-after=1@any"),
    unread("silent@retries"),
    unread("keepalive-forever@retries"),
    read("foreign-before@retries"),
    unread("truncated-cbor@retries"),
    unread("wrong-types@retries"),
    unread("trailing-garbage@retries"),
    unread("ctap-error=0x36@retries"),
    unread("vanish@retries"),
    case("silent@retries", Verb::Check, 7, MISBEHAVED, Bound::Quick),
    // key agreement and token
    broken("silent@keyagreement", REG, Bound::Work),
    broken("wrong-types@keyagreement", REG, Bound::Work),
    broken("truncated-cbor@keyagreement", REG, Bound::Work),
    broken("silent@pintoken", REG, Bound::Work),
    broken("keepalive-forever@pintoken", REG, Bound::Work),
    good("keepalive-flood=5/2@pintoken"),
    good("foreign-before@pintoken"),
    good("foreign-within@keyagreement"),
    broken("truncated-cbor@pintoken", REG, Bound::Work),
    broken("wrong-types@pintoken", REG, Bound::Work),
    broken("vanish@pintoken", REG, Bound::Work),
    case("ctap-error=0x31@pintoken", Verb::Check, 5, Expect::Error("pin"), Bound::Work),
    case("ctap-error=0x32@pintoken", Verb::Check, 5, Expect::Error("pin"), Bound::Work),
    case("ctap-error=0x34@pintoken", Verb::Check, 5, Expect::Error("pin"), Bound::Work),
    case("silent@pintoken", Verb::Verify, 7, MISBEHAVED, Bound::Work),
    case("truncated-cbor@pintoken", Verb::Verify, 7, MISBEHAVED, Bound::Work),
    case("vanish@pintoken", Verb::Verify, 7, MISBEHAVED, Bound::Work),
    case("silent@setpin", Verb::Set, 7, MISBEHAVED, Bound::Work),
    case("ctap-error=0x37@setpin", Verb::Set, 5, Expect::Error("pin"), Bound::Work),
    case("vanish@setpin", Verb::Set, 7, MISBEHAVED, Bound::Work),
    case("silent@changepin", Verb::Change, 7, MISBEHAVED, Bound::Work),
    case("ctap-error=0x31@changepin", Verb::Change, 5, Expect::Error("pin"), Bound::Work),
    // the list of passkeys
    case("silent@credmgmt", Verb::Whole, 7, Expect::Finding(LIST, "fail"), Bound::Work),
    case("keepalive-forever@credmgmt", Verb::Whole, 7, Expect::Finding(LIST, "fail"), Bound::Work),
    case("truncated-cbor@credmgmt", Verb::Whole, 7, Expect::Finding(LIST, "fail"), Bound::Work),
    case("foreign-within@credmgmt", Verb::Whole, 0, Expect::Well, Bound::Touch),
    case("vanish@credmgmt", Verb::Whole, 7, Expect::Finding(LIST, "fail"), Bound::Work),
    // registration
    broken("silent@makecred", REG, Bound::Touch),
    broken("keepalive-forever@makecred", REG, Bound::Touch),
    good("keepalive-flood=5/2@makecred"),
    good("keepalive-flood=50/2@makecred"),
    good("foreign-before@makecred"),
    good("foreign-within@makecred"),
    broken("bad-seq@makecred", REG, Bound::Touch),
    broken("missing-packet@makecred", REG, Bound::Touch),
    broken("double-packet@makecred", REG, Bound::Touch),
    broken("short-bcnt@makecred", REG, Bound::Touch),
    broken("huge-bcnt@makecred", REG, Bound::Touch),
    broken("truncated-cbor@makecred", REG, Bound::Touch),
    broken("trailing-garbage@makecred", REG, Bound::Touch),
    broken("wrong-types@makecred", REG, Bound::Touch),
    broken("deep-cbor@makecred", REG, Bound::Touch),
    broken("huge-alloc@makecred", REG, Bound::Touch),
    broken("truncated-authdata@makecred", REG, Bound::Touch),
    bad("wrong-rpidhash@makecred", REG),
    bad("wrong-signature@makecred", REG),
    bad("wrong-challenge@makecred", REG),
    bad("uv-flag-missing@makecred", REG),
    bad("up-flag-missing@makecred", REG),
    bad("no-x5c", "attestation"),
    bad("attestation-none", "attestation"),
    bad("bad-x5c", "attestation"),
    bad("wrong-root", "attestation"),
    bad("cert-aaguid-mismatch", "attestation"),
    bad("cert-aaguid-missing", "attestation"),
    bad("ctap-error=0x26@makecred", REG),
    bad("ctap-error=0x27@makecred", REG),
    bad("ctap-error=0x2f@makecred", REG),
    broken("vanish@makecred", REG, Bound::Touch),
    good("slow=10@makecred"),
    // assertion
    broken("silent@getassertion", ASSERT, Bound::Touch),
    broken("keepalive-forever@getassertion", ASSERT, Bound::Touch),
    good("foreign-within@getassertion"),
    broken("bad-seq@getassertion", ASSERT, Bound::Touch),
    broken("trailing-garbage@getassertion", ASSERT, Bound::Touch),
    broken("wrong-types@getassertion", ASSERT, Bound::Touch),
    broken("truncated-authdata@getassertion", ASSERT, Bound::Touch),
    bad("wrong-rpidhash@getassertion", ASSERT),
    bad("wrong-signature@getassertion", ASSERT),
    bad("wrong-challenge@getassertion", ASSERT),
    bad("uv-flag-missing@getassertion", ASSERT),
    bad("up-flag-missing@getassertion", ASSERT),
    bad("ctap-error=0x2e@getassertion", ASSERT),
    broken("vanish@getassertion", ASSERT, Bound::Touch),
    // touches
    bad("touch=never", REG),
    bad("touch=deny", REG),
    good("touch=1500"),
    // everything is slow
    good("slow=2"),
];
