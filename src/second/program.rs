//! How the child is started and surely ended.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// The hidden argument. It is no verb, so help, completions and man pages do not show it.
const ARGUMENT: &str = "__second-client";
/// How long a child that has said its last word may take to end.
const LAST_BREATH: Duration = Duration::from_secs(1);
/// How often an ending child is asked.
const SLICE: Duration = Duration::from_millis(10);

/// Whether these are the arguments of a child.
#[cfg(any(test, feature = "second-client"))]
pub(super) fn is_child(mut arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.nth(1).is_some_and(|argument| argument == ARGUMENT) && arguments.next().is_none()
}

/// The program that is the second client.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// This program again, as the child.
    ///
    /// # Errors
    /// When the system does not tell where this program lies.
    pub fn this() -> io::Result<Self> {
        Ok(Self { path: std::env::current_exe()?, arguments: vec![ARGUMENT.into()] })
    }

    /// Another program, for tests of what a child may do.
    #[cfg(test)]
    pub(super) fn shell(script: &str) -> Self {
        Self { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] }
    }

    #[cfg(test)]
    pub(super) fn moved(self, path: &str) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Starts it, in a process group of its own: Ctrl-C is for the parent, which ends the child and frees the key.
    pub(super) fn start(&self) -> io::Result<(Running, ChildStdin, ChildStdout)> {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).env("RUST_BACKTRACE", "0");
        // Standard error is dropped unread: all that is worth knowing is in the report.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut running = Running(command.spawn()?);
        let pipes = running.0.stdin.take().zip(running.0.stdout.take());
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((running, stdin, stdout))
    }
}

/// A child that is ended and reaped, whatever happens here.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    /// Lets a child that has said its last word end, and ends it if it does not.
    pub(super) fn end(mut self) -> String {
        let end = Instant::now() + LAST_BREATH;
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return status.to_string(),
                Ok(None) if Instant::now() < end => std::thread::sleep(SLICE),
                Ok(None) => return "it did not end by itself".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where the child has ended and was reaped already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
