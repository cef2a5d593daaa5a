//! `plan init` and `plan check`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::World;
use crate::disk::{self, Readers};
use crate::error::Error;
use crate::exit::Exit;
use crate::plan::{Account, At, Plan, PlanError, Remark, TEMPLATE, Weight, same};
use crate::policy::{Kind, PolicySet, PolicySource};
use crate::term::escape::escape;
use crate::term::show;

/// Writes the template where nothing is yet: also a dangling link counts as something.
pub(super) fn init(world: &World, file: Option<&Path>) -> Result<Exit, Error> {
    let path = file.unwrap_or(world.plan_file());
    let name = path.display().to_string();
    let fault = |source: std::io::Error| match source.kind() {
        ErrorKind::AlreadyExists => PlanError::Exists { file: name.clone() },
        _ => PlanError::Write { file: name.clone(), source },
    };
    disk::create(path, Readers::Usual, TEMPLATE).map_err(fault)?;
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.plan-init/1", "file": name }))?;
    } else {
        let told =
            format!("{} is written: fill in what it says, then `glasskey plan check`\n", escape(&name));
        world.term.out(&told)?;
    }
    Ok(Exit::Yes)
}

/// The plan, in which nothing is wrong: before anything rests on it that stays.
pub(super) fn sound(world: &World) -> Result<Plan, Error> {
    let plan = world.plan()?;
    match plan.review().into_iter().find(|remark| remark.status == Weight::Fail) {
        Some(remark) => Err(Error::PlanUnsound { line: remark.line, what: remark.what, cure: remark.cure }),
        None => Ok(plan),
    }
}

/// The allow-lists that the plan names, where it names any.
pub(super) fn allow_lists(plan: &Plan) -> Result<Option<PolicySet>, Error> {
    match plan.policy_files() {
        files if files.is_empty() => Ok(None),
        files => Ok(Some(PolicySet::load(&files, plan.profile())?)),
    }
}

/// A site as the plan writes it; one that is given must be there.
pub(super) fn site(plan: &Plan, given: Option<&str>) -> Result<Option<String>, Error> {
    as_planned("site", given, |name| Some(plan.site(name)?.name.to_string()))
}

/// A custodian as the plan writes them.
pub(super) fn custodian(plan: &Plan, given: Option<&str>) -> Result<Option<String>, Error> {
    as_planned("custodian", given, |name| Some(plan.custodian(name)?.name.to_string()))
}

fn as_planned(
    what: &'static str,
    given: Option<&str>,
    find: impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, Error> {
    let found = |name: &str| find(name).ok_or_else(|| Error::NotInPlan { what, name: name.to_owned() });
    given.map(found).transpose()
}

/// Tells at once where a key is not to be by the plan: `status` will say so every day.
pub(super) fn out_of_place(world: &World, account: &Account, site: Option<&str>, custodian: Option<&str>) {
    let tell = |what: &str, names: Vec<&str>, given: Option<&str>| {
        let elsewhere =
            given.filter(|given| !names.is_empty() && !names.iter().any(|name| same(name, given)));
        if let Some(given) = elsewhere {
            let told = format!(
                "{given} is no {what} of {} by the plan ({}): `glasskey status` will tell",
                account.name,
                names.join(", ")
            );
            world.term.complain(&escape(&told));
        }
    };
    tell("site", account.sites.iter().map(|name| name.as_str()).collect(), site);
    tell("custodian", account.custodians.iter().map(|name| name.as_str()).collect(), custodian);
}

/// Reads the plan and all that it names.
pub(super) fn check(world: &World) -> Result<Exit, Error> {
    let plan = world.plan()?;
    let mut remarks = plan.review();
    remarks.extend(named(world, &plan)?);
    remarks.sort_by_key(|remark| (remark.line, std::cmp::Reverse(remark.status)));
    let sound = remarks.iter().all(|remark| remark.status != Weight::Fail);
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.plan/1",
            "file": plan.file,
            "sound": sound,
            "organisation": plan.organisation,
            "custody_rp_id": plan.custody_rp_id.as_str(),
            "accounts": plan.accounts,
            "sites": plan.sites,
            "custodians": plan.custodians,
            "rules": plan.rules,
            "policy": plan.policy,
            "entra": plan.entra,
            "catalogue": plan.catalogue,
            "labels": plan.labels,
            "drill": plan.drill,
            "remarks": remarks,
        }))?;
    } else {
        world.term.out(&show::plan(&plan, &remarks))?;
    }
    Ok(if sound { Exit::Yes } else { Exit::No })
}

/// The files and folders that the plan names: can they be read, and are they what they are named as?
fn named(world: &World, plan: &Plan) -> Result<Vec<Remark>, Error> {
    let mut found = Vec::new();
    let mut catalogue = world.catalogue()?;
    for folder in &plan.catalogue {
        if let Err(error) = catalogue.add_dir(&plan.resolve(folder)) {
            let cure = "correct the path, or the files in the folder; paths are seen from the plan's folder";
            found.push(Remark::fail("catalogue-folder", folder.line, error.to_string(), cure));
        }
    }
    found.extend(plan.review_vendors(&catalogue));
    let mut sources = Vec::new();
    let configuration = [Kind::Fido2Configuration, Kind::AaguidList];
    let strength = [Kind::AuthenticationStrength, Kind::CombinationConfiguration, Kind::AaguidList];
    let files = [
        (&plan.policy.passkey_profile, configuration.as_slice()),
        (&plan.policy.authentication_strength, strength.as_slice()),
    ];
    for (file, kinds) in files {
        let Some(file) = file else { continue };
        match PolicySource::load(&plan.resolve(file)) {
            Ok(source) if kinds.contains(&source.kind) => sources.push(source),
            Ok(source) => found.push(mistaken(file, source.kind)),
            Err(error) => {
                let cure = error.hint().unwrap_or_else(|| "export it again".to_owned());
                found.push(Remark::fail("policy-file", file.line, error.to_string(), cure));
            }
        }
    }
    if found.iter().all(|remark| !remark.id.starts_with("policy-"))
        && let Err(error) = PolicySet::choose(&sources, plan.profile())
    {
        let line = plan.policy.profile.as_ref().map_or(0, |profile| profile.line);
        let cure = "name the profile that is meant for the accounts under [policy] as `profile`, as the export writes it";
        found.push(Remark::fail("policy-profile", line, error.to_string(), cure));
    }
    Ok(found)
}

fn mistaken(file: &At<PathBuf>, kind: Kind) -> Remark {
    let is = match kind {
        Kind::Fido2Configuration => "a FIDO2 configuration with passkey profiles",
        Kind::AuthenticationStrength => "an authentication strength",
        Kind::CombinationConfiguration => "a part of an authentication strength",
        Kind::AaguidList => "a plain list of AAGUIDs",
    };
    let what = format!("{} is {is}, and is named as something else", file.display());
    Remark::fail("policy-kind", file.line, what, "name each export where it belongs")
}
