//! One short function for each verb, wiring the rooms in order. The only room that sees them all.

mod attestation;
mod catalogue;
mod check;
mod docs;
mod doctor;
mod info;
mod keys;
mod pin;
mod policy;
#[cfg(feature = "softkey")]
mod soft;
mod world;

use crate::cli::{AttestationVerb, Cli, PolicyVerb, Verb};
use crate::error::Error;
use crate::exit::Exit;

pub use world::World;

/// Does what was asked.
///
/// # Errors
/// [`Error`]: what ended the verb early.
pub fn run(cli: Cli) -> Result<Exit, Error> {
    let world = World::new(&cli.global)?;
    match cli.verb {
        Verb::Keys { watch: false } => keys::list(&world),
        Verb::Keys { watch: true } => keys::watch(&world),
        Verb::Info => info::info(&world),
        Verb::Check(arguments) => check::check(&world, &arguments),
        Verb::Pin(verb) => pin::pin(&world, &verb),
        Verb::Attestation(AttestationVerb::Verify { files }) => attestation::verify(&world, &files),
        Verb::Policy(PolicyVerb::Show { files }) => policy::show(&world, &files),
        Verb::Catalogue(verb) => catalogue::catalogue(&world, &verb),
        Verb::Doctor => doctor::doctor(&world),
        Verb::Completions { shell } => docs::completions(&world, shell),
        Verb::Man { dir } => docs::man(&world, &dir),
        #[cfg(feature = "softkey")]
        Verb::Soft(verb) => soft::soft(&world, verb),
    }
}

/// Tells an error to people, or as the one JSON document.
pub fn tell(error: &Error, json: bool, term: crate::term::Term) {
    use crate::term::{Tone, paint};
    if json {
        let document = serde_json::json!({
            "schema": "glasskey.error/1",
            "error": { "kind": error.kind(), "message": error.to_string(), "hint": error.hint() },
        });
        // Where the output is closed there is nobody to tell; the exit code tells.
        drop(term.document(&document));
        return;
    }
    term.complain(&format!("{} {error}", paint(Tone::Bad, "glasskey:")));
    if let Some(hint) = error.hint() {
        term.complain(&format!("{} {hint}", paint(Tone::Strong, "hint:")));
    }
}
