//! Ctrl-C, as a value that every wait asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGQUIT};
use signal_hook::consts::{SIGINT, SIGTERM};

/// What a person, or whoever stops programs, sends to end one; a second one ends it at once.
#[cfg(unix)]
const ASKED: &[i32] = &[SIGINT, SIGTERM, SIGQUIT];
#[cfg(not(unix))]
const ASKED: &[i32] = &[SIGINT, SIGTERM];

/// The terminal is gone. The system tells a program, and the shell tells it again; others may follow with a SIGTERM. So
/// it counts as the first word, never as the second: the key is to be told first.
#[cfg(unix)]
const HUNG_UP: &[i32] = &[SIGHUP];
#[cfg(not(unix))]
const HUNG_UP: &[i32] = &[];

/// Shared by all conversations of one run.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// One that the process's SIGINT, SIGTERM, SIGQUIT and SIGHUP set. A second one of the first three ends the process
    /// at once with 130.
    ///
    /// # Errors
    /// What the system says when a handler cannot be installed.
    pub fn on_signals() -> std::io::Result<Self> {
        let (flag, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in ASKED {
            signal_hook::flag::register_conditional_shutdown(*signal, 130, Arc::clone(&asked))?;
            signal_hook::flag::register(*signal, Arc::clone(&asked))?;
            signal_hook::flag::register(*signal, Arc::clone(&flag))?;
        }
        for signal in HUNG_UP {
            signal_hook::flag::register(*signal, Arc::clone(&flag))?;
        }
        Ok(Self(flag))
    }

    /// Asks every wait to end.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
