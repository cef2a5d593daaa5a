//! What one key is and did. Gathers, never judges.

pub mod credentials;

use serde::Serialize;

use crate::ctap::cbor::Deviation;
use crate::ctap::client_pin::{Permissions, Retries};
use crate::ctap::credential::{
    AssertionAnswer, Attestation, ES256, Extensions, GetAssertion, MakeCredential,
};
use crate::ctap::info::Info;
use crate::ctap::init::DeviceVersion;
use crate::ctap::pin::Pin;
use crate::ctap::status::{Code, Refusal};
use crate::key::authority::Authority;
use crate::key::conversation::Traffic;
use crate::key::found::Found;
use crate::key::guard::Permit;
use crate::key::session::{KeyError, ProvenPin, Session};
use crate::key::talk_error::TalkError;
use crate::webauthn::client_data::{Challenge, ClientData};
use crate::webauthn::relying_party::RelyingParty;
use credentials::{Credentials, EntraProof, PasskeyLook};

/// What is known of one key, unjudged. What the key says may be a lie, and its texts are hostile.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// Where it is plugged in: a device path, or `soft:NAME`.
    pub path: String,
    /// What the device calls itself.
    pub product: String,
    /// USB vendor id.
    pub vendor_id: u16,
    /// USB product id.
    pub product_id: u16,
    /// Real firmware in this process, no hardware.
    pub soft: bool,
    /// What it said when the channel was opened.
    pub device: DeviceVersion,
    /// What it says of itself.
    pub info: Info,
    /// PIN attempts left before any was spent; unsaid where the key has no PIN protocol.
    pub retries: Option<Retries>,
    /// PIN attempts left after the right PIN, which sets them to the key's maximum; where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries_after: Option<Retries>,
    /// Whether a PIN is set (getInfo option `clientPin`); unsaid where the key can have none.
    pub pin_set: Option<bool>,
    /// Whether the key took the PIN in this run.
    pub pin_proven: bool,
    /// The discoverable credentials on the key; null in JSON where they were not read.
    #[serde(serialize_with = "credentials::listed")]
    pub credentials: Step<Credentials>,
    /// The test registration.
    #[serde(skip)]
    pub registration: Step<Registered>,
    /// The test assertion by the credential of the test registration.
    #[serde(skip)]
    pub assertion: Step<Asserted>,
    /// The proof that the passkey for Entra signs.
    #[serde(skip)]
    pub entra: Step<EntraProof>,
    /// Answers that were not canonical CBOR, with the command they answered.
    pub deviations: Vec<(&'static str, Deviation)>,
    /// What went over the wire.
    pub traffic: Traffic,
}

/// What came of one step.
#[derive(Debug, Clone)]
pub enum Step<T> {
    /// It was not tried, for this reason.
    Skipped(&'static str),
    /// The key did it.
    Done(T),
    /// The key said no.
    Refused(Refusal),
    /// Nobody touched the key in time, or the touch was refused.
    NotTouched(String),
    /// The key went silent or made no sense.
    Broke(String),
}

impl<T> Step<T> {
    /// What was done, if it was.
    #[must_use]
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(done) => Some(done),
            _ => None,
        }
    }

    /// Whether the key went silent or made no sense.
    #[must_use]
    pub fn broke(&self) -> bool {
        matches!(self, Self::Broke(_))
    }
}

/// A test registration, as a relying party would get it.
#[derive(Debug, Clone)]
pub struct Registered {
    /// What was asked to be signed.
    pub client_data: ClientData,
    /// The challenge within it.
    pub challenge: Challenge,
    /// What the key answered.
    pub attestation: Attestation,
}

/// A test assertion, as a relying party would get it.
#[derive(Debug, Clone)]
pub struct Asserted {
    /// What was asked to be signed.
    pub client_data: ClientData,
    /// The challenge within it.
    pub challenge: Challenge,
    /// What the key answered.
    pub answer: AssertionAnswer,
}

/// Reads what the key tells without a PIN and without a touch: two exchanges after INIT.
///
/// # Errors
/// [`KeyError`].
pub fn look(found: &Found, session: &mut Session) -> Result<Facts, KeyError> {
    let info = session.info()?;
    let pin_set = info.option("clientPin");
    let retries = match info.protocol().filter(|_| pin_set == Some(true)) {
        Some(protocol) => Some(session.retries(protocol)?),
        None => None,
    };
    Ok(Facts {
        path: found.path.clone(),
        product: found.product.clone(),
        vendor_id: found.vendor_id,
        product_id: found.product_id,
        soft: found.soft,
        device: session.version(),
        pin_set,
        info,
        retries,
        retries_after: None,
        pin_proven: false,
        credentials: Step::Skipped("not asked for"),
        entra: Step::Skipped("not asked for"),
        registration: Step::Skipped("not asked for"),
        assertion: Step::Skipped("not asked for"),
        deviations: session.deviations().to_vec(),
        traffic: session.traffic(),
    })
}

/// What the exercise needs from outside: the relying party and fresh challenges.
#[derive(Debug)]
pub struct Exercise {
    /// For whom the test credential is made.
    pub rp: RelyingParty,
    /// For the registration.
    pub register: Challenge,
    /// For the assertion.
    pub assert: Challenge,
    /// Credentials of the relying party that the key may not hold already.
    pub exclude: Vec<Vec<u8>>,
    /// The credential that is to sign the test assertion; the one of the test registration where it is `None`.
    pub custody: Option<Vec<u8>>,
    /// For the list of passkeys and the proof that the one for Entra signs; `None` leaves both out.
    pub passkeys: Option<PasskeyLook>,
}

/// Lists the passkeys, makes a non-discoverable test credential and has it sign, and has the passkey for Entra sign;
/// with the PIN where one is given. All that needs no touch comes first. Leaves nothing on the key. Gives back the
/// authority that the key granted for the PIN, where it did.
///
/// # Errors
/// Only what ends a check: the PIN was not taken, the person interrupted, another program holds the key.
/// All else is kept in the facts.
pub fn exercise<'p>(
    session: &mut Session,
    facts: &mut Facts,
    pin: Option<(Permit, &'p Pin)>,
    exercise: Exercise,
) -> Result<Option<Authority<'p>>, KeyError> {
    let outcome = run(session, facts, pin, exercise);
    facts.deviations = session.deviations().to_vec();
    facts.traffic = session.traffic();
    outcome
}

fn run<'p>(
    session: &mut Session,
    facts: &mut Facts,
    pin: Option<(Permit, &'p Pin)>,
    exercise: Exercise,
) -> Result<Option<Authority<'p>>, KeyError> {
    let Exercise { rp, register, assert, exclude, custody, passkeys } = exercise;
    let mut authority = None;
    let dialect = credentials::dialect(&facts.info, passkeys.as_ref(), pin.is_some());
    if let Err(why) = dialect {
        (facts.credentials, facts.entra) = (Step::Skipped(why), Step::Skipped(why));
    }
    if let Some((permit, pin)) = pin {
        // A token that may list is for no relying party, and one that may sign is for one: no token can do both.
        let (first, rp_id) = match dialect {
            Ok(_) => (Permissions::CREDENTIAL_MANAGEMENT, None),
            Err(_) => (Permissions::MAKE_CREDENTIAL, Some(rp.id().as_str())),
        };
        let mut proven = match Authority::prove(session, &facts.info, permit, pin, first, rp_id) {
            Ok(proven) => proven,
            Err(error) => return no_token(facts, error, dialect.is_ok()).map(|()| None),
        };
        facts.pin_proven = true;
        if let Ok(dialect) = dialect {
            facts.credentials = credentials::list(session, dialect, &proven)?;
            let turned = proven.turn_to(session, Permissions::MAKE_CREDENTIAL, Some(rp.id().as_str()));
            if let Err(error) = turned {
                return no_token(facts, error, false).map(|()| None);
            }
        }
        authority = Some(proven);
    }
    let steps = Test { rp: &rp, register, assert, exclude: &exclude, custody };
    test(session, facts, authority.as_mut(), steps)?;
    if let (Ok(_), Some(look), Some(authority)) = (dialect, &passkeys, &mut authority) {
        // A key that failed with a credential of its own is not asked for another touch.
        facts.entra = if facts.assertion.done().is_some() {
            credentials::prove_entra(session, &facts.credentials, look, authority)?
        } else {
            Step::Skipped("the test assertion before it failed")
        };
    }
    Ok(authority)
}

/// What the test registration and the test assertion need.
struct Test<'a> {
    rp: &'a RelyingParty,
    register: Challenge,
    assert: Challenge,
    exclude: &'a [Vec<u8>],
    custody: Option<Vec<u8>>,
}

/// What is left behind where the key gave no token and said nothing against the PIN. It is not asked again, with less
/// to ask for: one prompt is one attempt.
fn no_token(facts: &mut Facts, error: KeyError, to_list: bool) -> Result<(), KeyError> {
    facts.registration = broken(error)?;
    if to_list {
        let why = "the key gave no PIN token to list them; `--no-passkeys` asks for none";
        (facts.credentials, facts.entra) = (Step::Skipped(why), Step::Skipped(why));
    }
    Ok(())
}

/// The test registration, and the test assertion by what it made or by the custody credential.
fn test(
    session: &mut Session,
    facts: &mut Facts,
    mut authority: Option<&mut Authority<'_>>,
    steps: Test<'_>,
) -> Result<(), KeyError> {
    let rp = steps.rp;
    let token = authority.as_deref().map(Authority::proof);
    facts.registration = match register(session, rp, steps.register, steps.exclude, token) {
        Ok(registered) => Step::Done(registered),
        Err(error) => broken(error)?,
    };
    let Some(credential) = facts.registration.done().and_then(|r| r.attestation.auth_data.attested.as_ref())
    else {
        facts.assertion = Step::Skipped("there is no test credential to sign with");
        return Ok(());
    };
    let id = steps.custody.unwrap_or_else(|| credential.credential_id.clone());
    // The token was spent by its first use.
    let turned = authority.as_deref_mut().map_or(Ok(()), |authority| {
        authority.turn_to(session, Permissions::GET_ASSERTION, Some(rp.id().as_str()))
    });
    let token = authority.as_deref().map(Authority::proof);
    facts.assertion = match turned.and_then(|()| assert(session, rp, steps.assert, id, token)) {
        Ok(asserted) => Step::Done(asserted),
        Err(error) => broken(error)?,
    };
    Ok(())
}

fn register(
    session: &mut Session,
    rp: &RelyingParty,
    challenge: Challenge,
    exclude: &[Vec<u8>],
    token: Option<&ProvenPin>,
) -> Result<Registered, KeyError> {
    let client_data = ClientData::create(rp, &challenge);
    let wanted = MakeCredential {
        client_data_hash: client_data.hash(),
        rp_id: rp.id().as_str(),
        rp_name: "glasskey",
        user_id: b"glasskey",
        user_name: "glasskey",
        display_name: "glasskey",
        algorithms: &[ES256],
        exclude,
        extensions: Extensions::default(),
        discoverable: false,
    };
    let attestation = session.make_credential(&wanted, token.map(ProvenPin::token))?;
    Ok(Registered { client_data, challenge, attestation })
}

fn assert(
    session: &mut Session,
    rp: &RelyingParty,
    challenge: Challenge,
    credential_id: Vec<u8>,
    token: Option<&ProvenPin>,
) -> Result<Asserted, KeyError> {
    let client_data = ClientData::get(rp, &challenge);
    let wanted = GetAssertion {
        rp_id: rp.id().as_str(),
        client_data_hash: client_data.hash(),
        allow: &[credential_id],
        touch: true,
    };
    let answer = session.get_assertion(&wanted, token.map(ProvenPin::token))?;
    Ok(Asserted { client_data, challenge, answer })
}

/// What a failed step leaves behind; what ends the whole check goes on as an error.
///
/// # Errors
/// The error itself: a PIN that was not taken, an interruption, another program on the key, no randomness.
pub fn broken<T>(error: KeyError) -> Result<Step<T>, KeyError> {
    match error {
        KeyError::Pin(_) | KeyError::Random | KeyError::Talk(TalkError::Interrupted | TalkError::Busy) => {
            Err(error)
        }
        KeyError::Talk(TalkError::NoTouch { .. }) => Ok(Step::NotTouched(error.to_string())),
        KeyError::Refused { refusal: Refusal::Known(code), .. } if not_touched(code) => {
            Ok(Step::NotTouched(code.meaning().to_owned()))
        }
        KeyError::Refused { refusal, .. } => Ok(Step::Refused(refusal)),
        KeyError::Talk(_) | KeyError::Malformed { .. } | KeyError::OnlyU2f => {
            Ok(Step::Broke(error.to_string()))
        }
    }
}

fn not_touched(code: Code) -> bool {
    matches!(
        code,
        Code::OperationDenied | Code::UserActionTimeout | Code::KeepaliveCancel | Code::ActionTimeout
    )
}
