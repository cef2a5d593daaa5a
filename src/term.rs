//! Words on the terminal. Data goes to standard output, everything else to standard error; nothing else prints.

pub mod ask;
pub mod confirm;
pub mod core_dump;
pub mod pin;
pub mod progress;
pub mod show;

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

pub use crate::escape;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal that wants it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a word means; its colour only underlines that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Look at this.
    Warn,
    /// This is wrong.
    Bad,
    /// Less important.
    Quiet,
    /// A heading.
    Strong,
}

impl Tone {
    fn style(self) -> Style {
        let colored = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
        match self {
            Self::Good => colored(AnsiColor::Green),
            Self::Warn => colored(AnsiColor::Yellow),
            Self::Bad => colored(AnsiColor::Red),
            Self::Quiet => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }
}

/// Wraps a text in its tone's colour. [`Term`] strips it where colour is not wanted.
#[must_use]
pub fn paint(tone: Tone, text: &str) -> String {
    let style = tone.style();
    format!("{style}{text}{style:#}")
}

/// Where words go.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    /// Whether standard output holds one JSON document.
    pub json: bool,
    /// Whether notes are left out.
    pub quiet: bool,
    color: anstream::ColorChoice,
}

impl Term {
    /// Sets the colour for both streams.
    #[must_use]
    pub fn new(color: Color, json: bool, quiet: bool) -> Self {
        let color = match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        Self { json, quiet, color }
    }

    /// Writes text for people to standard output. A closed pipe is the reader's choice, not an error.
    ///
    /// # Errors
    /// What the system says, but for a closed pipe.
    pub fn out(&self, text: &str) -> io::Result<()> {
        let mut out = anstream::AutoStream::new(io::stdout().lock(), self.color);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Writes one JSON document to standard output.
    ///
    /// # Errors
    /// What the system says, but for a closed pipe.
    pub fn document(&self, document: &impl serde::Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(document).map_err(io::Error::other)?;
        let mut text = escape::escape_json(&text);
        text.push('\n');
        self.out(&text)
    }

    /// Writes one JSON document of many to standard output: one line.
    ///
    /// # Errors
    /// What the system says, but for a closed pipe.
    pub fn document_line(&self, document: &serde_json::Value) -> io::Result<()> {
        self.out(&format!("{}\n", escape::escape_json(&document.to_string())))
    }

    /// Writes a line for people to standard error, unless they asked for quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Writes a line to standard error. Where even that is closed there is nobody to tell.
    pub fn complain(&self, text: &str) {
        let mut err = anstream::AutoStream::new(io::stderr().lock(), self.color);
        drop(writeln!(err, "{text}"));
    }

    /// Whether a person reads standard output.
    #[must_use]
    pub fn read(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether a person looks at standard error, on a terminal that can draw what changes: a dumb one gets plain lines,
    /// as a pipe does.
    #[must_use]
    pub fn watched(&self) -> bool {
        !self.quiet && !indicatif::ProgressDrawTarget::stderr().is_hidden()
    }

    /// A text for standard error that does not go through here, without colour where none is wanted.
    fn painted(&self, text: &str) -> String {
        let wanted = match self.color {
            anstream::ColorChoice::Auto => anstream::AutoStream::choice(&io::stderr()),
            chosen => chosen,
        };
        match wanted {
            anstream::ColorChoice::Never => anstream::adapter::strip_str(text).to_string(),
            _ => text.to_owned(),
        }
    }
}
