//! One short function for each verb, wiring the rooms in order. The only room that sees them all.

mod attestation;
mod book;
mod catalogue;
mod check;
mod confirm;
mod credentials;
mod docs;
mod doctor;
mod drill;
mod emit;
mod enroll;
mod entra;
mod info;
mod inventory;
mod keys;
mod label;
mod ledger;
mod make;
mod named;
mod onboard;
mod paper;
mod pin;
mod plan;
mod policy;
mod record;
mod report;
mod reset;
#[cfg(feature = "softkey")]
mod soft;
mod status;
mod tenant;
mod world;

use clap::Parser;
use serde_json::json;

use crate::cli::{AttestationVerb, Cli, PlanVerb, Verb};
use crate::error::Error;
use crate::exit::Exit;
use crate::term::escape::escape_lines;
use crate::term::{Color, Term, Tone, paint};

use world::World;

/// The whole program: arguments in, exit code out.
#[must_use]
pub fn main() -> Exit {
    // The child of `check --second-client` is told what to do on its standard input.
    if let Some(done) = crate::second::child_main() {
        return if done { Exit::Yes } else { Exit::CouldNotTell };
    }
    let cli = match Cli::try_parse().and_then(Cli::agree) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let (json, term) = (cli.global.json, Term::new(cli.global.color, cli.global.json, cli.global.quiet));
    run(cli).unwrap_or_else(|error| {
        tell(&error, json, term);
        error.exit()
    })
}

/// Help and version are answers; all else that clap says is a usage error, as JSON where JSON was asked for.
fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let document = json!({
            "schema": "glasskey.error/1",
            "error": { "kind": "usage", "message": error.to_string().trim(), "hint": "see `glasskey --help`" },
        });
        drop(Term::new(Color::Never, true, true).document(&document));
    } else {
        // Where the output is closed there is nobody to tell.
        drop(error.print());
    }
    if error.use_stderr() { Exit::CouldNotTell } else { Exit::Yes }
}

/// Does what was asked.
fn run(cli: Cli) -> Result<Exit, Error> {
    let world = World::new(&cli.global)?;
    match cli.verb {
        Verb::Keys { watch: false } => keys::list(&world),
        Verb::Keys { watch: true } => keys::watch(&world),
        Verb::Info => info::info(&world),
        Verb::Check(arguments) => check::check(&world, &arguments),
        Verb::Enroll(arguments) => enroll::enroll(&world, &arguments),
        Verb::Onboard(arguments) => onboard::onboard(&world, &arguments),
        Verb::Drill(arguments) => drill::drill(&world, &arguments),
        Verb::Pin(verb) => pin::pin(&world, &verb),
        Verb::Credentials(verb) => credentials::credentials(&world, &verb),
        Verb::Reset(arguments) => reset::reset(&world, &arguments),
        Verb::Attestation(AttestationVerb::Verify { files }) => attestation::verify(&world, &files),
        Verb::Policy(verb) => policy::policy(&world, &verb),
        Verb::Entra(verb) => entra::entra(&world, &verb),
        Verb::Tenant(verb) => tenant::tenant(&world, &verb),
        Verb::Status => status::status(&world),
        Verb::Plan(PlanVerb::Init { file }) => plan::init(&world, file.as_deref()),
        Verb::Plan(PlanVerb::Check) => plan::check(&world),
        Verb::Catalogue(verb) => catalogue::catalogue(&world, &verb),
        Verb::Ledger(verb) => ledger::ledger(&world, &verb),
        Verb::Inventory(arguments) => inventory::inventory(&world, arguments.verb),
        Verb::Report(arguments) => report::report(&world, &arguments),
        Verb::Label(arguments) => label::label(&world, &arguments),
        Verb::Doctor => doctor::doctor(&world),
        Verb::Completions { shell } => docs::completions(&world, shell),
        Verb::Man { dir } => docs::man(&world, &dir),
        #[cfg(feature = "softkey")]
        Verb::Soft(verb) => soft::soft(&world, verb),
    }
}

/// Tells an error to people, or as the one JSON document.
fn tell(error: &Error, json: bool, term: Term) {
    if json {
        let document = json!({ "schema": "glasskey.error/1", "error": record::fault(error) });
        // Where the output is closed there is nobody to tell; the exit code tells.
        drop(term.document(&document));
        return;
    }
    // An error may quote a file that somebody else wrote.
    term.complain(&format!("{} {}", paint(Tone::Bad, "glasskey:"), escape_lines(&error.to_string())));
    if let Some(hint) = error.hint() {
        term.complain(&format!("{} {}", paint(Tone::Strong, "hint:"), escape_lines(&hint)));
    }
}
