//! `/dev` as the kernel and udev change it: a device that is made, taken away, or given to somebody.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use super::Changes;

/// All that inotify says of `/dev`.
#[derive(Debug)]
pub(in crate::key) struct Dev(OwnedFd);

impl Dev {
    /// `None` where the system has no room for one more watch.
    pub(in crate::key) fn new() -> Option<Self> {
        let told = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
        let what = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::ATTRIB;
        inotify::add_watch(&told, c"/dev", what).ok()?;
        Some(Self(told))
    }
}

impl Changes for Dev {
    fn wait(&mut self, limit: Duration) -> Vec<String> {
        let limit = Timespec::try_from(limit).ok();
        // A signal ends the wait too, and the caller asks whether it was Ctrl-C.
        let _ = poll(&mut [PollFd::new(&self.0, PollFlags::IN)], limit.as_ref());
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        let mut gone = Vec::new();
        // Until nothing is left to read.
        while let Ok(event) = reader.next() {
            if let Some(name) = event.file_name().filter(|_| event.events().contains(ReadFlags::DELETE)) {
                gone.push(format!("/dev/{}", name.to_string_lossy()));
            }
        }
        gone
    }
}
