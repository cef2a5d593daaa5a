//! Waits that people see: a spinner after half a second, a touch prompt with the seconds left.
#![expect(clippy::disallowed_methods, reason = "a prompt counts seconds down")]

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Term, Tone, paint};
use crate::key::conversation::{OnWait, Waiting};

/// A wait shorter than this is not worth a spinner.
const WORTH_SHOWING: Duration = Duration::from_millis(500);

/// The waits of one run, one line for each key.
#[derive(Debug, Clone)]
pub struct Progress {
    term: Term,
    bars: MultiProgress,
    touch: Duration,
}

impl Progress {
    /// `touch`: how long a person may take to touch a key.
    #[must_use]
    pub fn new(term: Term, touch: Duration) -> Self {
        let target = if term.watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { term, bars: MultiProgress::with_draw_target(target), touch }
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
                Some(Waiting::Touch) => this.prompt(&name),
                Some(Waiting::Processing | Waiting::Other(_)) => this.spin(format!("{name}{does}")),
            };
        })
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

    fn prompt(&self, name: &str) -> Option<ProgressBar> {
        let seconds = self.touch.as_secs();
        if !self.term.watched() {
            self.term.note(&format!("{name}touch the key within {seconds} s"));
            return None;
        }
        let text = format!("{name}{}", paint(Tone::Strong, "Touch the key now"));
        let end = Instant::now() + self.touch;
        let style = ProgressStyle::with_template("{spinner} {prompt}").ok()?.with_key(
            "prompt",
            move |_: &indicatif::ProgressState, w: &mut dyn std::fmt::Write| {
                let left = end.saturating_duration_since(Instant::now()).as_secs();
                write!(w, "{text} ({left} s left)").unwrap_or_default();
            },
        );
        Some(self.show(style))
    }

    fn show(&self, style: ProgressStyle) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}
