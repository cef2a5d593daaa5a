//! What is known of models: the catalogue, what is added to it, and the quirks that matter to whoever opens a key.

use std::path::PathBuf;

use uuid::Uuid;

use super::World;
use crate::catalogue::{AnchorRecord, Catalogue, Effect};
use crate::error::Error;
use crate::ledger::store::place;
use crate::mds;
use crate::plan::Plan;

impl World {
    /// The compiled-in catalogue, with what `--catalogue` adds: enough for names, and read only by verbs that need it.
    pub(in crate::run) fn catalogue(&self) -> Result<Catalogue, Error> {
        let mut catalogue = Catalogue::builtin()?;
        if let Some(dir) = &self.catalogue_dir {
            catalogue.add_dir(dir)?;
        }
        #[cfg(feature = "softkey")]
        if let Some(dir) = &self.soft {
            crate::run::soft::trust(&mut catalogue, dir)?;
        }
        Ok(catalogue)
    }

    /// All that is known: the catalogue with what `--catalogue` and the plan add to it, and imported metadata beneath.
    pub(in crate::run) fn catalogue_of(&self, plan: Option<&Plan>) -> Result<Catalogue, Error> {
        let mut catalogue = self.catalogue()?;
        for folder in plan.map(Plan::catalogue_folders).unwrap_or_default() {
            catalogue.add_dir(&folder)?;
        }
        let roots: Vec<_> = catalogue.mds_roots().map(AnchorRecord::anchor).collect();
        for folder in self.metadata_folders(plan) {
            let kept = mds::store::read(&folder, &roots).map_err(|source| Error::KeptMetadata {
                file: mds::store::file(&folder).display().to_string(),
                source,
            })?;
            if let Some(kept) = kept {
                catalogue.add_metadata(kept);
                break;
            }
        }
        Ok(catalogue)
    }

    /// The folder of the organisation's own catalogue files: `--catalogue`, else the first that the plan names.
    pub(in crate::run) fn own_folder(&self, plan: Option<&Plan>) -> Option<PathBuf> {
        let planned = || plan.map(Plan::catalogue_folders).unwrap_or_default().into_iter().next();
        self.catalogue_dir.clone().or_else(planned)
    }

    /// Where imported metadata may lie; the first place that has some counts. The last is the user's data folder.
    fn metadata_folders(&self, plan: Option<&Plan>) -> Vec<PathBuf> {
        let named = self.catalogue_dir.iter().cloned();
        let planned = plan.map(Plan::catalogue_folders).unwrap_or_default();
        named.chain(planned).chain(data_folder()).collect()
    }

    /// Where metadata are imported to: the organisation's folder, else the user's data folder.
    pub(in crate::run) fn metadata_folder(&self, plan: Option<&Plan>) -> Result<PathBuf, Error> {
        let own = self.own_folder(plan).or_else(data_folder);
        own.ok_or(Error::NoFolder)
    }

    /// The models that are known not to keep the PIN protocol that they offer first; looked up once, however many ask.
    pub(super) fn distrust_two(&self) -> Result<Vec<Uuid>, Error> {
        let mut known = self.quirky.lock().map_err(|_| Error::Bug)?;
        if let Some(known) = known.as_ref() {
            return Ok(known.clone());
        }
        let mut catalogue = self.catalogue()?;
        // A quirk that is lost with a file that cannot be read may cost a PIN attempt: no key is opened then.
        for folder in self.plan_if_any()?.iter().flat_map(Plan::catalogue_folders) {
            catalogue.add_dir(&folder)?;
        }
        Ok(known.insert(distrusted(&catalogue)).clone())
    }

    /// Spares [`World::distrust_two`] its own reading of a catalogue, where a verb has the plan's at hand.
    pub(in crate::run) fn heed(&self, catalogue: &Catalogue) {
        if let Ok(mut known) = self.quirky.lock() {
            *known = Some(distrusted(catalogue));
        }
    }
}

fn distrusted(catalogue: &Catalogue) -> Vec<Uuid> {
    let one = catalogue.quirks().iter().filter(|quirk| quirk.effect == Some(Effect::PinProtocolOne));
    one.flat_map(|quirk| quirk.aaguids.iter().copied()).collect()
}

/// The user's data folder, in which the ledger lies too.
fn data_folder() -> Option<PathBuf> {
    Some(place::default().ok()?.parent()?.to_owned())
}
