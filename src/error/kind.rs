//! A stable word for each error, for scripts.

use super::Error;
use crate::exit::Exit;
use crate::key::session::KeyError;

impl Error {
    /// A stable word for scripts.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.exit() {
            Exit::NoKey => "no-key",
            Exit::NotPermitted => "not-permitted",
            Exit::Pin => "pin",
            Exit::Interrupted => "interrupted",
            Exit::Ledger => "ledger",
            Exit::Misbehaved => "key-misbehaved",
            Exit::Yes | Exit::No | Exit::CouldNotTell => match self {
                Self::Key(KeyError::OnlyU2f) => "only-u2f",
                Self::PlanUnsound { .. }
                | Self::UnknownAccount(_)
                | Self::NotInPlan { .. }
                | Self::OwnWitness => "plan",
                Self::LabelTaken(_)
                | Self::AlreadyEnrolled { .. }
                | Self::EnrolledAsOneOf(_)
                | Self::MayBeEnrolled { .. } => "already-enrolled",
                Self::Twins { .. } => "copy",
                Self::VendorNotInPlan { .. } | Self::Diversity(_) => "vendor-diversity",
                Self::NotFit { .. } => "not-fit",
                Self::SeveralKeys(_) | Self::CameTogether(_) => "several-keys",
                Self::Batch { .. } => "batch",
                Self::Policy(_) => "policy",
                Self::Plan(_) => "plan",
                Self::Entra(_) | Self::Register(_) => "entra",
                Self::Ledger(_) | Self::NotRecorded { .. } => "ledger",
                Self::Catalogue(_) | Self::UnknownModel(_) | Self::NoFolder => "catalogue",
                Self::Metadata(_) | Self::KeptMetadata { .. } => "metadata",
                Self::PinInput(_) => "pin-input",
                Self::Bug => "bug",
                Self::List(_) | Self::Output(_) | Self::Key(_) => "system",
                Self::NoCredentialManagement
                | Self::CredentialIdShort(_)
                | Self::NoSuchCredential(_)
                | Self::SeveralCredentials(_) => "credential",
                Self::Said(_) | Self::NoDrill | Self::SeveralActions { .. } | Self::NotInDrill { .. } => {
                    "drill"
                }
                Self::NotConfirmed => "not-confirmed",
                Self::Onboard(error) if error.is_no_sample() => "no-sample",
                Self::NotErased(_) | Self::AnotherKey { .. } => "not-erased",
                _ => "file",
            },
        }
    }
}
