//! Makes the catalogue quick to read, and tells the program which commit and which catalogue it is made of, for `--version`.
#![expect(clippy::disallowed_methods, reason = "a build script reads files and its environment")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let about: toml::Table = toml::from_str(&fs::read_to_string("aaguids/catalogue.toml")?)?;
    let date = about.get("date").and_then(toml::Value::as_str);
    let date = date.ok_or("aaguids/catalogue.toml has no `date = \"...\"`")?;
    println!("cargo::rustc-env=GLASSKEY_CATALOGUE={date}");
    println!("cargo::rustc-env=GLASSKEY_COMMIT={}", commit().unwrap_or_else(|| "unknown".to_owned()));
    println!("cargo::rerun-if-changed=aaguids");
    let out = Path::new(&std::env::var("OUT_DIR")?).join("aaguids");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    compile(Path::new("aaguids"), &out)
}

/// Writes each TOML file as JSON and each PEM file as DER, under its own name: reading them as they are took most of a start.
fn compile(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let file = entry?.path();
        let to = to.join(file.file_name().unwrap_or_default());
        let fault = |e: &dyn Error| format!("{}: {e}", file.display());
        match file.extension().and_then(|ending| ending.to_str()) {
            _ if file.is_dir() => compile(&file, &to)?,
            Some("toml") => {
                let table: toml::Table =
                    toml::from_str(&fs::read_to_string(&file)?).map_err(|e| fault(&e))?;
                fs::write(to, serde_json::to_vec(&table)?)?;
            }
            Some("pem") => {
                let (_, der) = der::Document::from_pem(&fs::read_to_string(&file)?).map_err(|e| fault(&e))?;
                fs::write(to, der.as_bytes())?;
            }
            _ => {}
        }
    }
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
