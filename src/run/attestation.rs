//! `attestation verify`: stored registrations, verified again.

use std::path::PathBuf;

use serde_json::json;

use super::World;
use crate::error::Error;
use crate::exit::Exit;
use crate::term::show;
use crate::webauthn::stored::Stored;

#[expect(clippy::disallowed_methods, reason = "reads the files that are named on the command line")]
pub(super) fn verify(world: &World, files: &[PathBuf]) -> Result<Exit, Error> {
    let catalogue = world.catalogue_of(None)?;
    let mut answers = Vec::new();
    for path in files {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| Error::File { file: file.clone(), source })?;
        let stored = Stored::parse(&bytes).map_err(|source| Error::Stored { file: file.clone(), source })?;
        let mut answer = stored.verify(&file, |aaguid| catalogue.anchors(aaguid), world.now);
        let model = answer.aaguid.and_then(|aaguid| catalogue.model(aaguid));
        answer.model = model.map(|model| model.name.clone());
        answers.push(answer);
    }
    if world.term.json {
        world.term.document(&json!({ "schema": "glasskey.attestation/1", "results": answers }))?;
    } else {
        world.term.out(&show::attestations(&answers))?;
    }
    Ok(if answers.iter().all(|answer| answer.verified) { Exit::Yes } else { Exit::No })
}
