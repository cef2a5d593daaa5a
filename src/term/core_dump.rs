//! A program that dies leaves no picture of its memory, in which a PIN may stand.

/// From now on neither a core dump nor another program of the same user gets at the memory of this one. What the system
/// does not grant, it is told by nobody: a fault that would need it is one already.
#[cfg(unix)]
pub fn forbid() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).unwrap_or_default();
    // A core dump that is piped to a program asks for no limit (core(5)).
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable).unwrap_or_default();
    }
}

/// There is no such thing to be forbidden.
#[cfg(not(unix))]
pub fn forbid() {}
