//! Waits that people see: a spinner after half a second, a touch prompt with the seconds left; of several keys a row each.
#![expect(clippy::disallowed_methods, reason = "a prompt counts seconds down")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Term, Tone, paint};
use crate::key::conversation::{OnWait, Waiting};

/// A wait shorter than this is not worth a spinner.
const WORTH_SHOWING: Duration = Duration::from_millis(500);
/// How often a row that counts is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// The waits of one run, one line for each key.
#[derive(Debug, Clone)]
pub struct Progress {
    term: Term,
    bars: MultiProgress,
    /// How many do something else with the terminal at the moment.
    asides: Arc<Mutex<usize>>,
}

impl Progress {
    /// None yet.
    #[must_use]
    pub fn new(term: Term) -> Self {
        let bars = MultiProgress::with_draw_target(target(term));
        Self { term, bars, asides: Arc::default() }
    }

    /// Follows one key's waits. `name` says which key: empty where there is only one. `does` says what is going on.
    #[must_use]
    pub fn follow(&self, name: &str, does: &'static str) -> OnWait {
        let this = self.clone();
        let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
        let mut bar: Option<ProgressBar> = None;
        Box::new(move |waiting| {
            if let Some(old) = bar.take() {
                old.finish_and_clear();
            }
            bar = match waiting {
                None => None,
                Some(Waiting::Touch(limit)) => this.touch(&name, limit).map(|style| this.show(style)),
                Some(Waiting::Processing | Waiting::Other(_)) => this.spin(format!("{name}{does}")),
            };
        })
    }

    /// A row for one key, which stays until its end. Where nobody looks, only touches are told.
    #[must_use]
    pub fn row(&self, name: &str) -> Row {
        let bar = self.term.watched().then(|| self.bars.add(ProgressBar::new_spinner()));
        let row = Row { progress: self.clone(), name: name.to_owned(), state: Arc::default(), bar };
        row.says("");
        row
    }

    /// Does something else with the terminal, for instance asks: meanwhile nothing is drawn, and nobody waits for it.
    pub fn aside<T>(&self, does: impl FnOnce() -> T) -> T {
        self.asides(|asides| {
            *asides = asides.saturating_add(1);
            // What is drawn is drawn again afterwards.
            self.bars.clear().unwrap_or_default();
            self.bars.set_draw_target(ProgressDrawTarget::hidden());
        });
        let done = does();
        self.asides(|asides| {
            *asides = asides.saturating_sub(1);
            if *asides == 0 {
                self.bars.set_draw_target(target(self.term));
            }
        });
        done
    }

    fn asides(&self, change: impl FnOnce(&mut usize)) {
        if self.term.watched() {
            change(&mut self.asides.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn spin(&self, text: String) -> Option<ProgressBar> {
        if !self.term.watched() {
            return None;
        }
        let began = Instant::now();
        let style = ProgressStyle::with_template("{late}").ok()?.with_key(
            "late",
            move |_: &indicatif::ProgressState, w: &mut dyn std::fmt::Write| {
                if began.elapsed() >= WORTH_SHOWING {
                    write!(w, "… {text} ({} s)", began.elapsed().as_secs()).unwrap_or_default();
                }
            },
        );
        Some(self.show(style))
    }

    /// The prompt for a touch, for which a person may take so long; where nobody looks, a note.
    fn touch(&self, name: &str, limit: Duration) -> Option<ProgressStyle> {
        let seconds = limit.as_secs();
        if !self.term.watched() {
            self.term.note(&format!("{name}touch the key within {seconds} s"));
            return None;
        }
        let text = self.term.painted(&format!("{name}{}", paint(Tone::Strong, "Touch the key now")));
        let end = Instant::now() + limit;
        let style = ProgressStyle::with_template("{spinner} {prompt}").ok()?.with_key(
            "prompt",
            move |_: &indicatif::ProgressState, w: &mut dyn std::fmt::Write| {
                let left = end.saturating_duration_since(Instant::now()).as_secs();
                write!(w, "{text} ({left} s left)").unwrap_or_default();
            },
        );
        Some(style)
    }

    fn show(&self, style: ProgressStyle) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        bar.enable_steady_tick(TICK);
        bar
    }
}

fn target(term: Term) -> ProgressDrawTarget {
    if term.watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
}

/// One key's row in a table that lives: which key, and what it does, waits for, or amounts to.
#[derive(Debug, Clone)]
pub struct Row {
    progress: Progress,
    name: String,
    /// What it says while the key waits for nobody.
    state: Arc<Mutex<String>>,
    bar: Option<ProgressBar>,
}

impl Row {
    /// Says how the key stands, until something else is said. Both texts must be escaped.
    pub fn says(&self, state: &str) {
        self.progress
            .term
            .painted(state)
            .clone_into(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.rest();
    }

    /// Follows the key's waits: a touch takes the place of what the row says, as long as it is awaited.
    #[must_use]
    pub fn follow(&self) -> OnWait {
        let row = self.clone();
        Box::new(move |waiting| match (waiting, &row.bar) {
            (Some(Waiting::Touch(limit)), bar) => {
                let style = row.progress.touch(&format!("{}: ", row.name), limit);
                if let Some((bar, style)) = bar.as_ref().zip(style) {
                    bar.set_style(style);
                    bar.enable_steady_tick(TICK);
                }
            }
            (None | Some(Waiting::Processing | Waiting::Other(_)), Some(_)) => row.rest(),
            (_, None) => {}
        })
    }

    /// Takes the row away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
            self.progress.bars.remove(bar);
        }
    }

    fn rest(&self) {
        let (Some(bar), Ok(style)) = (&self.bar, ProgressStyle::with_template("{wide_msg}")) else { return };
        bar.disable_steady_tick();
        bar.set_style(style);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        bar.set_message(format!("  {}  {state}", self.name));
    }
}
