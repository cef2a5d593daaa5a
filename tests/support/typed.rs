//! The program on a terminal of its own (`script` of util-linux): what stands on it, and what is typed. Every wait ends.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::rig::{PIN, Rig};

/// How long nothing may come: far longer than a busy machine takes, far shorter than a person waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with the program on it.
pub(crate) struct Typed {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    shown: Vec<u8>,
    seen: usize,
}

impl Typed {
    /// Runs the program; `None` where there is no `script`.
    pub(crate) fn run(rig: &Rig, arguments: &str) -> Option<Self> {
        Self::run_as(rig, "", &format!("--color never {arguments}"))
    }

    /// The same, after other commands or with other variables, and in its own colours.
    pub(crate) fn run_as(rig: &Rig, before: &str, arguments: &str) -> Option<Self> {
        let program = env!("CARGO_BIN_EXE_glasskey");
        let line = format!("{before} {program} --soft keys --ledger ledger.db --plan plan.toml {arguments}");
        let mut command = Command::new("script");
        command
            .args(["-q", "-e", "-c", &line, "/dev/null"])
            .current_dir(rig.at(""))
            .env("TZ", "UTC")
            .env("TERM", "xterm");
        // Where CI is set every terminal is taken for one with colours.
        command.env_remove("NO_COLOR").env_remove("CI");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let (keyboard, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Some(Self { child, keyboard, screen, shown: Vec::new(), seen: 0 })
    }

    /// Waits for more on the screen; whether it goes on.
    fn more(&mut self, what: &str) -> bool {
        match self.screen.recv_timeout(PATIENCE) {
            Ok(bytes) => self.shown.extend(bytes),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return false,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                drop(self.child.kill());
                panic!("waited for '{what}' in vain; on the screen stands\n{}", self.text());
            }
        }
        true
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Waits until this stands there, after what was waited for before.
    pub(crate) fn wait(&mut self, prompt: &str) {
        loop {
            let rest = &self.shown[self.seen..];
            // Nothing is there at once.
            if prompt.is_empty() {
                return;
            }
            if let Some(at) = rest.windows(prompt.len()).position(|there| there == prompt.as_bytes()) {
                self.seen += at + prompt.len();
                return;
            }
            assert!(self.more(prompt), "it ended without '{prompt}':\n{}", self.text());
        }
    }

    /// Sees to it that this does not stand there for so long, after what was waited for before.
    pub(crate) fn stays_without(&mut self, prompt: &str, long: Duration) {
        let end = Instant::now() + long;
        while let Ok(bytes) = self.screen.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.shown.extend(bytes);
        }
        let rest = String::from_utf8_lossy(&self.shown[self.seen..]);
        assert!(!rest.contains(prompt), "'{prompt}' came:\n{}", self.text());
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the program ends: its exit code, and all that stood on the screen.
    pub(crate) fn end(mut self) -> (i32, String) {
        while self.more("its end") {}
        let screen = self.text();
        assert!(!screen.contains(PIN), "a PIN is never shown: {screen}");
        (self.child.wait().unwrap().code().unwrap(), screen)
    }
}
