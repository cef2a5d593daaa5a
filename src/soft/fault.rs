//! Faults that a soft key can show, written as `MODE[=ARG][@CMD][+SKIP][*TIMES]`.
//!
//! `silent@getassertion+1` lets the first assertion pass and never answers another; `ctap-error=0x31@pintoken*1`
//! refuses one PIN without the firmware's knowing of it. Without `@CMD` a fault strikes wherever it has a meaning,
//! but CTAPHID_INIT only for `dead` and `wrong-nonce`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod habit;
mod mode;

pub use habit::Habit;
pub use mode::Mode;

use super::SoftError;
use super::stats::Op;

/// Which commands a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Target {
    /// Wherever it has a meaning; CTAPHID_INIT only for `dead` and `wrong-nonce`.
    #[default]
    Usual,
    /// Wherever it has a meaning, CTAPHID_INIT among them.
    Any,
    /// This command.
    Op(Op),
}

/// One fault: what, where, after how many, how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FaultSpec {
    /// What goes wrong.
    pub mode: Mode,
    /// For which commands.
    pub target: Target,
    /// How many of them pass first.
    pub skip: u32,
    /// How many of them it strikes; all if none.
    pub times: Option<u32>,
}

impl FaultSpec {
    /// Does it concern the command?
    #[must_use]
    pub fn concerns(&self, op: Op) -> bool {
        let usual = op != Op::Init || matches!(self.mode, Mode::Dead | Mode::WrongNonce | Mode::InitOdd);
        self.mode.reaches(op)
            && match self.target {
                Target::Usual => usual,
                Target::Any => true,
                Target::Op(target) => target == op,
            }
    }
}

impl From<Mode> for FaultSpec {
    fn from(mode: Mode) -> Self {
        Self { mode, target: Target::Usual, skip: 0, times: None }
    }
}

impl FromStr for FaultSpec {
    type Err = SoftError;

    fn from_str(text: &str) -> Result<Self, SoftError> {
        parse(text).ok_or_else(|| SoftError::Fault(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<FaultSpec> {
    let (rest, times) = match text.split_once('*') {
        Some((rest, times)) => (rest, Some(times.parse().ok().filter(|times| *times > 0)?)),
        None => (text, None),
    };
    let (rest, skip) = match rest.split_once('+') {
        Some((rest, skip)) => (rest, skip.parse().ok()?),
        None => (rest, 0),
    };
    let (rest, target) = match rest.split_once('@') {
        Some((rest, "any")) => (rest, Target::Any),
        Some((rest, name)) => (rest, Target::Op(Op::ALL.into_iter().find(|op| op.name() == name)?)),
        None => (rest, Target::Usual),
    };
    let mode = match rest.split_once('=') {
        Some((name, argument)) => Mode::parse(name, Some(argument))?,
        None => Mode::parse(rest, None)?,
    };
    let spec = FaultSpec { mode, target, skip, times };
    // One that can never strike is a mistake.
    Op::ALL.into_iter().any(|op| spec.concerns(op)).then_some(spec)
}

impl fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mode)?;
        match self.target {
            Target::Usual => {}
            Target::Any => f.write_str("@any")?,
            Target::Op(op) => write!(f, "@{}", op.name())?,
        }
        if self.skip > 0 {
            write!(f, "+{}", self.skip)?;
        }
        self.times.map_or(Ok(()), |times| write!(f, "*{times}"))
    }
}

impl TryFrom<String> for FaultSpec {
    type Error = SoftError;

    fn try_from(text: String) -> Result<Self, SoftError> {
        text.parse()
    }
}

impl From<FaultSpec> for String {
    fn from(spec: FaultSpec) -> Self {
        spec.to_string()
    }
}

/// A fault that strikes, and the certificate that it puts in place of the true one.
#[derive(Debug, Clone)]
pub(super) struct Strike {
    pub(super) mode: Mode,
    pub(super) certificate: Option<Vec<u8>>,
}

/// The faults of one open key, and how often each could have struck.
#[derive(Debug, Default)]
pub(super) struct FaultBook(Vec<(FaultSpec, u64, Option<Vec<u8>>)>);

impl FaultBook {
    pub(super) fn add(&mut self, spec: FaultSpec, certificate: Option<Vec<u8>>) {
        self.0.push((spec, 0, certificate));
    }

    /// The first fault that strikes this command. All that concern it count it.
    pub(super) fn strike(&mut self, op: Op) -> Option<Strike> {
        let mut first = None;
        for (spec, seen, certificate) in self.0.iter_mut().filter(|(spec, ..)| spec.concerns(op)) {
            let more = if let Mode::SilentAfter(count) = spec.mode { count } else { 0 };
            let skip = u64::from(spec.skip).saturating_add(u64::from(more));
            let strikes =
                *seen >= skip && spec.times.is_none_or(|times| seen.saturating_sub(skip) < u64::from(times));
            *seen = seen.saturating_add(1);
            if strikes && first.is_none() {
                first = Some(Strike { mode: spec.mode, certificate: certificate.clone() });
            }
        }
        first
    }
}

#[cfg(test)]
#[path = "fault/tests.rs"]
mod tests;
