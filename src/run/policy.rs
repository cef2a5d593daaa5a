//! `policy show|compare|emit`: what allow-lists say, how they differ, and the requests that change them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{World, emit};
use crate::cli::{EmitList, PolicyEmit, PolicyVerb};
use crate::error::Error;
use crate::exit::Exit;
use crate::graph;
use crate::ledger::Inventory;
use crate::ledger::inventory::State;
use crate::plan::Plan;
use crate::policy::{
    EmitError, EnrolledKey, Export, LIMIT, Party, PolicyError, PolicySource, Wanted, compare,
};
use crate::term::show;

pub(super) fn policy(world: &World, verb: &PolicyVerb) -> Result<Exit, Error> {
    match verb {
        PolicyVerb::Show { files } => show(world, files),
        PolicyVerb::Compare { files, profile } => side_by_side(world, files, profile.as_deref()),
        PolicyVerb::Emit(PolicyEmit::PasskeyProfile { profile, list }) => {
            passkey_profile(world, profile.as_deref(), list)
        }
        PolicyVerb::Emit(PolicyEmit::AuthenticationStrength { list }) => authentication_strength(world, list),
    }
}

fn show(world: &World, files: &[PathBuf]) -> Result<Exit, Error> {
    let sources = files.iter().map(|file| PolicySource::load(file)).collect::<Result<Vec<_>, _>>()?;
    let summaries: Vec<_> = sources.iter().map(PolicySource::summary).collect();
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.policy/1", "policies": summaries }))?;
    } else {
        let catalogue = world.catalogue_of(None)?;
        world.term.out(&show::policies(&summaries, &catalogue))?;
    }
    Ok(Exit::Yes)
}

/// The active keys, as far as allow-lists are concerned.
pub(super) fn enrolled(inventory: &Inventory) -> Vec<EnrolledKey> {
    let active = inventory.keys().iter().filter(|key| key.state == State::Active);
    let key = |key: &crate::ledger::inventory::Key| EnrolledKey {
        label: key.label.clone(),
        account: key.account.clone(),
        aaguid: key.aaguid,
    };
    active.map(key).collect()
}

/// A file that is compared.
enum Compared {
    File(PolicySource),
    Plan(Plan),
}

impl Compared {
    fn load(file: &Path) -> Result<Self, Error> {
        let is_plan = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        Ok(if is_plan { Self::Plan(Plan::load(file)?) } else { Self::File(PolicySource::load(file)?) })
    }
}

fn side_by_side(world: &World, files: &[PathBuf], profile: Option<&str>) -> Result<Exit, Error> {
    let compared = files.iter().map(|file| Compared::load(file)).collect::<Result<Vec<_>, _>>()?;
    let has_plan = compared.iter().any(|one| matches!(one, Compared::Plan(_)));
    // Without a ledger a plan stands for nothing.
    let ledger = if has_plan { Some(world.ledger()?) } else { world.ledger_if_any()? };
    let keys = ledger.as_ref().map(|ledger| enrolled(ledger.inventory())).unwrap_or_default();
    let party = |one| match one {
        &Compared::File(ref source) => Party::file(source, profile).map_err(Error::from),
        Compared::Plan(plan) => {
            let planned = |key: &&EnrolledKey| plan.account(&key.account).is_some();
            let own: Vec<_> = keys.iter().filter(planned).cloned().collect();
            Ok(Party::plan(&plan.file, &own))
        }
    };
    let parties = compared.iter().map(party).collect::<Result<Vec<_>, _>>()?;
    let comparison = compare(&parties, &keys, &world.catalogue()?);
    let well = comparison.well();
    if world.term.json {
        world.term.document(&json!({
            "schema": "glasskey.policy-compare/1", "well": well, "comparison": comparison,
            "keys": ledger.is_some().then_some(keys.len()),
        }))?;
    } else {
        world.term.out(&show::comparison(&comparison, ledger.is_some().then_some(keys.len())))?;
    }
    Ok(match well {
        Some(true) => Exit::Yes,
        Some(false) => Exit::No,
        None => Exit::CouldNotTell,
    })
}

/// What the tenant has, from the file that is named, else from the one that the plan names.
fn export(list: &EmitList, planned: Option<PathBuf>) -> Result<Option<Export>, Error> {
    let Some(path) = list.export.clone().or(planned) else { return Ok(None) };
    let name = path.display().to_string();
    let bytes =
        graph::load(&path, LIMIT).map_err(|source| PolicyError::Read { file: name.clone(), source })?;
    Ok(Some(Export::parse(&name, &bytes)?))
}

/// What stands by for both kinds of list.
struct Bench {
    plan: Option<Plan>,
    keys: Vec<EnrolledKey>,
    add: BTreeSet<uuid::Uuid>,
    drop: BTreeSet<uuid::Uuid>,
    catalogue: crate::catalogue::Catalogue,
}

impl Bench {
    fn new(world: &World, list: &EmitList) -> Result<Self, Error> {
        let plan = world.plan_if_any()?;
        Ok(Self {
            catalogue: world.catalogue_of(plan.as_ref())?,
            plan,
            // Without the ledger nobody knows which models must stay.
            keys: enrolled(world.ledger()?.inventory()),
            add: list.add.iter().copied().collect(),
            drop: list.drop.iter().copied().collect(),
        })
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { keys: &self.keys, add: &self.add, drop: &self.drop, catalogue: &self.catalogue }
    }
}

fn passkey_profile(world: &World, profile: Option<&str>, list: &EmitList) -> Result<Exit, Error> {
    let bench = Bench::new(world, list)?;
    let plan = bench.plan.as_ref();
    let planned = plan.and_then(|plan| Some(plan.resolve(plan.policy.passkey_profile.as_ref()?)));
    let export = export(list, planned)?.ok_or(PolicyError::Emit(EmitError::NoExport))?;
    let profile = profile.or_else(|| plan.and_then(Plan::profile));
    let group = plan.and_then(|plan| plan.entra.group.as_ref()).map(|group| group.uuid());
    let emitted = export.passkey_profile(profile, group, bench.wanted())?;
    emit::policy(world, "passkey-profile", list, &emitted)
}

fn authentication_strength(world: &World, list: &EmitList) -> Result<Exit, Error> {
    let bench = Bench::new(world, list)?;
    let plan = bench.plan.as_ref();
    let planned = plan.and_then(|plan| Some(plan.resolve(plan.policy.authentication_strength.as_ref()?)));
    let emitted = match export(list, planned)? {
        Some(export) => export.authentication_strength(bench.wanted())?,
        None => bench.wanted().new_strength().map_err(PolicyError::from)?,
    };
    emit::policy(world, "authentication-strength", list, &emitted)
}
