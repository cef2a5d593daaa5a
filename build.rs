//! Tells the program which commit and which catalogue it is made of, for `--version`.
#![expect(clippy::disallowed_methods, reason = "a build script reads files and its environment")]

use std::error::Error;
use std::fs;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let catalogue = fs::read_to_string("aaguids/catalogue.toml")?;
    let date = catalogue.lines().find_map(|line| line.strip_prefix("date = \"")?.strip_suffix('"'));
    let date = date.ok_or("aaguids/catalogue.toml has no line `date = \"...\"`")?;
    println!("cargo::rustc-env=GLASSKEY_CATALOGUE={date}");
    println!("cargo::rustc-env=GLASSKEY_COMMIT={}", commit().unwrap_or_else(|| "unknown".to_owned()));
    println!("cargo::rerun-if-changed=aaguids/catalogue.toml");
    Ok(())
}

/// The commit: of the clone, else of the package that Cargo made (which keeps it in a file), else unknown.
///
/// While glasskey is worked on, a commit alone is no reason to build anew; a release always is built in a fresh folder or says so.
fn commit() -> Option<String> {
    let log = ".git/logs/HEAD";
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release")
        && fs::exists(log).is_ok_and(|is| is)
    {
        println!("cargo::rerun-if-changed={log}");
    }
    println!("cargo::rerun-if-env-changed=GLASSKEY_COMMIT");
    if let Ok(told) = std::env::var("GLASSKEY_COMMIT") {
        return Some(told);
    }
    if let Ok(packaged) = fs::read_to_string(".cargo_vcs_info.json") {
        let (_, rest) = packaged.split_once("\"sha1\": \"")?;
        return rest.get(..12).map(str::to_owned);
    }
    let arguments = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    let said = Command::new("git").args(arguments).output().ok().filter(|said| said.status.success())?;
    Some(String::from_utf8(said.stdout).ok()?.trim().to_owned())
}
