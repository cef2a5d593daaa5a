//! The child itself, without a key.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

fn child() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasskey"));
    command.arg("__second-client").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn job(path: &str, seconds: u64) -> Vec<u8> {
    let job = serde_json::json!({
        "marker": "5ec0nd", "path": path, "aaguid": "", "retries": 8, "protocol": 2, "rp_id": "glasskey.invalid",
        "register": "e30", "assert": "e30", "seconds": seconds,
    });
    let mut padded = [0; 64];
    padded[..6].copy_from_slice(b"123456");
    [job.to_string().as_bytes(), b"\n", &padded].concat()
}

fn told(mut child: Child) -> (Option<i32>, String) {
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    (child.wait().unwrap().code(), out)
}

#[test]
fn it_tells_that_there_is_no_such_key() {
    let mut child = child();
    // Held, for its end would end the child before it has told.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&job("/no/such/key", 60)).unwrap();
    let (code, out) = told(child);
    drop(stdin);
    assert_eq!(code, Some(2));
    assert!(out.contains("\n5ec0nd{\"line\":\"failed\",\"why\":\""), "{out}");
    assert!(!out.contains("123456"));
}

#[test]
fn without_a_job_it_does_nothing() {
    for junk in [&b""[..], b"{}\n", b"\xff\xff\xff\n", &job("/x", 1)[..100]] {
        let mut child = child();
        child.stdin.take().unwrap().write_all(junk).unwrap();
        assert_eq!(told(child), (Some(2), String::new()), "{junk:?}");
    }
}

#[test]
fn help_and_completions_do_not_name_it() {
    for arguments in [&["--help"][..], &["completions", "bash"], &["check", "--help"]] {
        let out = Command::new(env!("CARGO_BIN_EXE_glasskey")).args(arguments).output().unwrap();
        let out = String::from_utf8(out.stdout).unwrap();
        assert!(!out.contains("__second-client"));
        assert!(arguments != ["check", "--help"] || out.contains("--second-client"));
    }
}
