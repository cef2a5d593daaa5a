//! Other people's clients on a virtual key, and what each costs the key. A check that the virtual key is honest.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use glasskey::soft::Op;
use glasskey_hw_tests::catalogue::retries;
use glasskey_hw_tests::plug::{Counts, Plugged};

use crate::lab::{Lab, PIN, PIN_LINE, node};
use crate::process::{Job, Ran};
use crate::start;

const LIMIT: Duration = Duration::from_secs(60);

/// What a client is asked to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    Info,
    SetPin,
    Exercise,
}

impl Task {
    fn words(self) -> &'static str {
        match self {
            Self::Info => "read info and PIN attempts",
            Self::SetPin => "set the first PIN",
            Self::Exercise => "register and assert with the PIN, verify both",
        }
    }
}

impl Task {
    /// What our own wrappers of other clients call it.
    fn verb(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::SetPin => "set-pin",
            Self::Exercise => "exercise",
        }
    }
}

struct Row {
    client: &'static str,
    task: Task,
    works: Result<(), String>,
    counts: Counts,
    took: Duration,
}

type Client = fn(&Lab, Task, &str) -> io::Result<Ran>;

const OURS: &str = "glasskey";
const CLIENTS: [(&str, Client); 5] = [
    (OURS, glasskey),
    ("ctap-hid-fido2 (crates.io)", |lab, task, node| ctap_hid_fido2(lab, task, node, "1")),
    ("ctap-hid-fido2, told to use PIN protocol two", |lab, task, node| ctap_hid_fido2(lab, task, node, "2")),
    ("libfido2 (Debian's fido2-tools)", libfido2),
    ("python-fido2 (PyPI)", python),
];

pub(crate) fn run(lab: &Lab, table: &Path) -> io::Result<bool> {
    let mut rows = Vec::new();
    let mut skipped = Vec::new();
    for (number, (client, does)) in CLIENTS.iter().enumerate() {
        if client.starts_with("python") && !Path::new("/tmp/host/pylib/fido2").exists() {
            skipped.push(format!("{client}: the package could not be had on the host"));
            continue;
        }
        for task in [Task::Info, Task::SetPin, Task::Exercise] {
            let name = format!("client-{number}-{}", rows.len());
            let key = if task == Task::SetPin { lab.blank_key(&name) } else { lab.key(&name) }?;
            let plugged = Plugged::new(&key, &name)?;
            let ran = does(lab, task, &node(&plugged))?;
            let (counts, took) = (plugged.counts(), ran.took);
            drop(plugged);
            let mut works = ran.expect(0).map(drop);
            // Whatever the client says, the key itself is asked.
            if works.is_ok() && retries(&key)? != 8 {
                works = Err("a PIN attempt was lost".to_owned());
            }
            println!("{client}: {}: {}", task.words(), works.as_ref().err().map_or("works", String::as_str));
            rows.push(Row { client, task, works, counts, took });
        }
    }
    let mut good = rows.iter().all(|row| row.works.is_ok());
    let mut words = String::new();
    for ours in rows.iter().filter(|row| row.client == OURS && row.task != Task::SetPin) {
        for theirs in rows.iter().filter(|row| row.client != OURS && row.task == ours.task) {
            if let Err(more) = no_more(&rows, ours, theirs) {
                println!("FAILED: {more}");
                good = false;
            }
        }
    }
    for theirs in rows.iter().filter(|row| row.task == Task::Exercise && reads_nothing_first(row)) {
        if let Some((transactions, packets)) = less_reading(&rows) {
            let _ = writeln!(
                words,
                "\nRegister and assert without getInfo and the PIN attempts, like {}: `glasskey` takes {transactions} transactions and {packets} packets, it takes {} and {}.",
                theirs.client,
                theirs.counts.transactions,
                packets_of(&theirs.counts)
            );
        }
    }
    skipped.iter().for_each(|skip| println!("skipped: {skip}"));
    let text = sheet(&rows, &skipped) + &words;
    print!("\n{text}");
    fs::write(table, text + &start::table(lab)?)?;
    Ok(good)
}

fn packets_of(counts: &Counts) -> u64 {
    counts.packets_in + counts.packets_out
}

/// Whether a client sends the PIN without asking for anything first.
fn reads_nothing_first(row: &Row) -> bool {
    row.counts.command(Op::GetInfo) + row.counts.command(Op::Retries) == 0
}

/// What our registration and assertion take but for getInfo and the PIN attempts: these two, and INIT with a packet each
/// way, are all of the first job.
fn less_reading(rows: &[Row]) -> Option<(u64, u64)> {
    let ours = |task| rows.iter().find(|row| row.client == OURS && row.task == task).map(|row| &row.counts);
    let (read, all) = (ours(Task::Info)?, ours(Task::Exercise)?);
    let transactions = (all.transactions + 1).checked_sub(read.transactions)?;
    Some((transactions, (packets_of(all) + 2).checked_sub(packets_of(read))?))
}

/// Ours takes no more than theirs, like for like. Of those that read nothing first only the exchanges are compared: their
/// requests hold less than ours, which name the relying party and the user in full.
fn no_more(rows: &[Row], ours: &Row, theirs: &Row) -> Result<(), String> {
    let all = (ours.counts.transactions, packets_of(&ours.counts));
    let blind = ours.task == Task::Exercise && reads_nothing_first(theirs);
    let (transactions, packets) = if blind { less_reading(rows).unwrap_or(all) } else { all };
    let longer = !blind && packets > packets_of(&theirs.counts);
    let more = longer || transactions > theirs.counts.transactions;
    let words =
        || format!("{} takes {transactions} and {packets}, more than {}", ours.task.words(), theirs.client);
    if more && theirs.works.is_ok() { Err(words()) } else { Ok(()) }
}

fn sheet(rows: &[Row], skipped: &[String]) -> String {
    let mut text = String::from(
        "| job | client | works | transactions | packets to key | packets from key | commands | time |\n|---|---|---|---|---|---|---|---|\n",
    );
    for task in [Task::Info, Task::SetPin, Task::Exercise] {
        for row in rows.iter().filter(|row| row.task == task) {
            let commands: Vec<_> = row
                .counts
                .commands
                .iter()
                .map(|(name, count)| if *count == 1 { (*name).to_owned() } else { format!("{count} {name}") })
                .collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {:.1} s |",
                task.words(),
                row.client,
                if row.works.is_ok() { "yes" } else { "**no**" },
                row.counts.transactions,
                row.counts.packets_in,
                row.counts.packets_out,
                commands.join(", "),
                row.took.as_secs_f32()
            );
        }
    }
    for skip in skipped {
        let _ = writeln!(text, "\nSkipped: {skip}.");
    }
    text
}

fn glasskey(lab: &Lab, task: Task, node: &str) -> io::Result<Ran> {
    let verb: &[&str] = match task {
        Task::Info => &["info"],
        Task::SetPin => &["pin", "set", "--pin-stdin"],
        Task::Exercise => &["check", "--no-passkeys", "--pin-stdin", "--policy", lab.policy()],
    };
    lab.glasskey(&[verb, &["--json", "--key", node]].concat()).input(PIN_LINE).limit(LIMIT).run()
}

/// Of itself it takes protocol one, whatever the key can do.
fn ctap_hid_fido2(_: &Lab, task: Task, node: &str, protocol: &str) -> io::Result<Ran> {
    Job::new("ctap-hid-fido2", &[task.verb(), node, protocol]).input(PIN_LINE).limit(LIMIT).run()
}

/// Each step is a process of its own; the PIN is typed on a terminal.
fn libfido2(_: &Lab, task: Task, node: &str) -> io::Result<Ran> {
    match task {
        Task::Info => {
            let ran = Job::new("fido2-token", &["-I", node]).limit(LIMIT).run()?;
            let told = ran.out.contains("pin retries: 8");
            Ok(if told { ran } else { Ran { code: Some(99), ..ran } })
        }
        Task::SetPin => {
            let prompts = [("Enter new PIN", PIN), ("Enter the same PIN", PIN)];
            Job::answered(&format!("fido2-token -S {node}"), &prompts, LIMIT)
        }
        Task::Exercise => {
            let script = format!(
                "set -e; cd $(mktemp -d)\n\
                 python3 -c 'import base64,hashlib; print(base64.b64encode(hashlib.sha256(b\"one\").digest()).decode())' >c\n\
                 (cat c; echo rp.example; echo user; echo dXNlcg==) >param\n\
                 fido2-cred -M -v -i param -o cred {node}\n\
                 fido2-cred -V -v -i cred -o verified\n\
                 head -n 1 verified >id; tail -n +2 verified >public\n\
                 (cat c; echo rp.example; cat id) >param\n\
                 fido2-assert -G -v -i param -o assertion {node}\n\
                 fido2-assert -V -v -i assertion public es256\n"
            );
            fs::write("/tmp/libfido2.sh", script)?;
            Job::answered("bash /tmp/libfido2.sh", &[("Enter PIN", PIN), ("Enter PIN", PIN)], LIMIT)
        }
    }
}

fn python(_: &Lab, task: Task, node: &str) -> io::Result<Ran> {
    let job = Job::new("python3", &["/tmp/host/clients.py", task.verb(), node]);
    job.env("PYTHONPATH", "/tmp/host/pylib").input(PIN_LINE).limit(LIMIT).run()
}
