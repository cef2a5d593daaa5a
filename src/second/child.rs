//! The child: does the job with the crate and tells what comes of it, line by line.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::job::Job;
use super::report::{Assertion, Info, Line, Registration};

/// The second client, as the child drives it. An error is its words.
pub trait Client {
    /// Opens a channel.
    ///
    /// # Errors
    /// Its words.
    fn channel(&mut self) -> Result<[u8; 4], String>;
    /// getInfo.
    ///
    /// # Errors
    /// Its words.
    fn info(&mut self) -> Result<Info, String>;
    /// PIN attempts left.
    ///
    /// # Errors
    /// Its words.
    fn retries(&mut self) -> Result<i64, String>;
    /// makeCredential.
    ///
    /// # Errors
    /// Its words.
    fn register(&mut self, job: &Job, pin: &str) -> Result<Registration, String>;
    /// getAssertion, with the credential just made.
    ///
    /// # Errors
    /// Its words.
    fn assert(&mut self, job: &Job, pin: &str) -> Result<Assertion, String>;
}

/// The child's whole life. Whether it did its job.
pub fn main<C: Client>(open: impl FnOnce(&Job) -> Result<C, String>) -> bool {
    let Ok((job, pin)) = Job::take(&mut io::stdin().lock()) else { return false };
    die_in_time(job.seconds);
    tell_panics(&job);
    serve(&job, &pin, open, &mut io::stdout()).unwrap_or(false)
}

/// Does the job. Whether all of it was done.
///
/// # Errors
/// When nobody reads the report any more.
pub fn serve<C: Client>(
    job: &Job,
    pin: &str,
    open: impl FnOnce(&Job) -> Result<C, String>,
    out: &mut impl Write,
) -> io::Result<bool> {
    let mut unread = None;
    let mut tell = |line: Line| match out.write_all(marked(job, &line).as_bytes()).and_then(|()| out.flush())
    {
        Ok(()) => Ok(()),
        Err(error) => Err(unread.insert(error).to_string()),
    };
    let outcome = steps(job, pin, open, &mut tell);
    let told = match &outcome {
        Ok(()) => tell(Line::Done {}),
        Err(why) => tell(Line::Failed { why: why.clone() }),
    };
    drop(told);
    unread.map_or(Ok(outcome.is_ok()), Err)
}

fn steps<C: Client>(
    job: &Job,
    pin: &str,
    open: impl FnOnce(&Job) -> Result<C, String>,
    tell: &mut dyn FnMut(Line) -> Result<(), String>,
) -> Result<(), String> {
    let mut client = open(job)?;
    tell(Line::Channel { id: client.channel()? })?;
    let info = client.info()?;
    let model = info.aaguid.clone();
    tell(Line::Info(info))?;
    let before = client.retries()?;
    tell(Line::Retries { left: before })?;
    // Another key in this place, or another program's answer: the PIN stays here.
    if model != job.aaguid || i128::from(before) != i128::from(job.retries) {
        return Err("this is not the key that the PIN is for, so the PIN was not sent".into());
    }
    let registration = client.register(job, pin)?;
    tell(Line::Registration(registration))?;
    let after = client.retries()?;
    // The PIN is right. A key that takes attempts for it gets it no second time.
    if after < before {
        return Err(format!("PIN attempts went from {before} to {after}"));
    }
    tell(Line::Assertion(client.assert(job, pin)?))
}

/// A line on its way. It begins with a line feed, for whatever was printed before may not have ended with one.
pub(super) fn marked(job: &Job, line: &Line) -> String {
    let json = serde_json::to_string(line).unwrap_or_default();
    format!("\n{}{json}\n", job.marker)
}

/// Ends this process when its parent is gone, or has forgotten it.
fn die_in_time(seconds: u64) {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(seconds));
        die();
    });
    std::thread::spawn(|| {
        let mut pipe = io::stdin().lock();
        while matches!(pipe.read(&mut [0; 64]), Ok(1..)) {}
        die();
    });
}

#[expect(clippy::exit, reason = "the crate's read from the key has no end and cannot be ended otherwise")]
fn die() -> ! {
    std::process::exit(1)
}

/// Tells where it panicked, without the text: that may hold anything.
fn tell_panics(job: &Job) {
    let job = job.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let at = panic.location().map(|place| format!("{}:{}", short(place.file()), place.line()));
        let line = marked(&job, &Line::Panicked { at: at.unwrap_or_default() });
        let mut out = io::stdout();
        drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
    }));
}

/// A source file without the folders of whoever built this.
fn short(file: &str) -> &str {
    file.find("ctap-hid-fido2-")
        .and_then(|at| file.get(at..))
        .unwrap_or_else(|| file.rsplit(['/', '\\']).next().unwrap_or_default())
}
