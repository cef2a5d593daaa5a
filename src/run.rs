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
mod wait;
mod world;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use serde_json::json;

use crate::cli::{AttestationVerb, Cli, EntraVerb, PlanVerb, Verb};
use crate::error::Error;
use crate::exit::Exit;
use crate::term::escape::escape_lines;
use crate::term::{Color, Term, Tone, core_dump, paint};

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
        Err(error) => return usage(&as_typed(error)),
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
            "error": { "kind": "usage", "message": message(error), "hint": "see `glasskey --help`" },
        });
        if Term::new(Color::Never, true, true).document(&document).is_err() {
            drop(error.print());
        }
    } else {
        // Where the output is closed there is nobody to tell.
        drop(error.print());
    }
    if error.use_stderr() { Exit::CouldNotTell } else { Exit::Yes }
}

/// The same error, told of what was typed: what the environment says is not shown as if it were wanted.
fn as_typed(error: clap::Error) -> clap::Error {
    // No variable has an empty name.
    let mut command = Cli::command();
    for name in ["plan", "ledger"] {
        command = command.mut_arg(name, |argument| argument.env(""));
    }
    let typed = command.try_get_matches().err();
    typed.filter(|typed| typed.kind() == error.kind()).unwrap_or(error)
}

/// What is wrong, without what clap writes around it for a terminal.
fn message(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "it is not said what to do".to_owned();
    }
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let end = ["\n\nUsage:", "\n\nFor more information"].iter().filter_map(|words| text.find(words)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text).trim().to_owned()
}

/// Whether a verb is about one key, or may be.
fn heeds_key(verb: &Verb) -> bool {
    match verb {
        Verb::Info
        | Verb::Check(_)
        | Verb::Enroll(_)
        | Verb::Onboard(_)
        | Verb::Drill(_)
        | Verb::Pin(_)
        | Verb::Credentials(_)
        | Verb::Reset(_)
        | Verb::Entra(EntraVerb::Register(_) | EntraVerb::Forget(_) | EntraVerb::Match(_)) => true,
        Verb::Keys { .. }
        | Verb::Attestation(_)
        | Verb::Policy(_)
        | Verb::Entra(EntraVerb::Emit { .. })
        | Verb::Tenant(_)
        | Verb::Status
        | Verb::Plan(_)
        | Verb::Catalogue(_)
        | Verb::Ledger(_)
        | Verb::Inventory(_)
        | Verb::Report(_)
        | Verb::Label(_)
        | Verb::Doctor
        | Verb::Completions { .. }
        | Verb::Man { .. } => false,
        #[cfg(feature = "softkey")]
        Verb::Soft(_) => false,
    }
}

/// Does what was asked.
fn run(cli: Cli) -> Result<Exit, Error> {
    core_dump::forbid();
    let world = World::new(&cli.global)?;
    if world.key_named().is_some() && !heeds_key(&cli.verb) {
        world.term.complain("`--key` means nothing to this verb: it is not about one key");
    }
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
    let document = || json!({ "schema": "glasskey.error/1", "error": record::fault(error) });
    // Where the document cannot be written, people are told on the other stream.
    if json && term.document(&document()).is_ok() {
        return;
    }
    // An error may quote a file that somebody else wrote.
    term.complain(&format!("{} {}", paint(Tone::Bad, "glasskey:"), escape_lines(&error.to_string())));
    if let Some(hint) = error.hint() {
        term.complain(&format!("{} {}", paint(Tone::Strong, "hint:"), escape_lines(&hint)));
    }
}
