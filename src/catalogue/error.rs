//! What can be wrong with a catalogue.

use uuid::Uuid;

/// A fault in a catalogue's files: which file, which entry, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// The folder can't be read.
    #[error("{path}: {problem}. Name a readable folder that holds catalogue files (*.toml, anchors/*.pem)")]
    Folder {
        /// The folder, or the file in it.
        path: String,
        /// What the operating system said.
        problem: String,
    },
    /// A file isn't TOML, or holds a name or value that the format doesn't know.
    #[error("{file}: {problem}. The format is described in aaguids/README.md")]
    Syntax {
        /// The file.
        file: String,
        /// What the reader said.
        problem: String,
    },
    /// One set of files names the same AAGUID twice.
    #[error("{file}: AAGUID {aaguid} is also in {other}. Remove one of the two entries")]
    Twice {
        /// The second file.
        file: String,
        /// The first file.
        other: String,
        /// The AAGUID.
        aaguid: Uuid,
    },
    /// An added folder names an AAGUID that the catalogue has already.
    #[error(
        "{file}: AAGUID {aaguid} is already known as {known}. Remove the entry, or write `replaces = true` into it to put it in the other's place"
    )]
    AlreadyKnown {
        /// The added file.
        file: String,
        /// The AAGUID.
        aaguid: Uuid,
        /// The model's name so far.
        known: String,
    },
    /// An entry says `replaces`, and there is nothing to replace.
    #[error("{file}: AAGUID {aaguid} replaces nothing. Remove `replaces`, or correct the AAGUID")]
    ReplacesNothing {
        /// The file.
        file: String,
        /// The AAGUID.
        aaguid: Uuid,
    },
    /// A model and its file name no vendor, or two.
    #[error(
        "{file}: AAGUID {aaguid} needs exactly one vendor: a [vendor] table in the file, or `vendor` in the entry"
    )]
    Vendor {
        /// The file.
        file: String,
        /// The AAGUID.
        aaguid: Uuid,
    },
    /// Two files disagree about a vendor.
    #[error("{file}: vendor {vendor} is already known with another firmware_scheme. Leave it out here")]
    VendorConflict {
        /// The file.
        file: String,
        /// The vendor.
        vendor: String,
    },
    /// Something that must have one id, has another's.
    #[error("{file}: `{id}` is already taken. Choose another id")]
    IdTaken {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// A model refers to an anchor that isn't there.
    #[error(
        "{file}: AAGUID {aaguid} names the anchor `{anchor}`, which no anchors.toml describes. Add it there"
    )]
    UnknownAnchor {
        /// The file.
        file: String,
        /// The AAGUID.
        aaguid: Uuid,
        /// The id that was looked for.
        anchor: String,
    },
    /// A model that isn't a production hardware key has anchors.
    #[error("{file}: AAGUID {aaguid} is {kind}, so it may have no anchors. Remove them, or correct `kind`")]
    AnchorsForbidden {
        /// The file.
        file: String,
        /// The AAGUID.
        aaguid: Uuid,
        /// What it is.
        kind: &'static str,
    },
    /// An anchor's certificate is missing, unreadable, or not the one described.
    #[error("anchors.toml: `{id}`: {problem}")]
    Anchor {
        /// The anchor's id.
        id: String,
        /// What is wrong, and the cure.
        problem: String,
    },
    /// An advisory breaks a rule of the format.
    #[error("{file}: advisory `{id}`: {problem}")]
    Advisory {
        /// The file.
        file: String,
        /// The advisory.
        id: String,
        /// What is wrong, and the cure.
        problem: &'static str,
    },
    /// An advisory is about a vendor or model that the catalogue doesn't have.
    #[error(
        "{file}: advisory `{id}` is about {stranger}, which the catalogue does not have, so it would be about nobody. Correct the name, or describe the model first"
    )]
    Stranger {
        /// The file.
        file: String,
        /// The advisory.
        id: String,
        /// The name or AAGUID.
        stranger: String,
    },
    /// An anchor that isn't marked soft was handed in as a soft key's test CA.
    #[error(
        "`{name}` isn't marked as a soft key's test CA. Vendors' certificates belong into a catalogue folder, where they are checked"
    )]
    NotSoft {
        /// The anchor's name.
        name: String,
    },
}
