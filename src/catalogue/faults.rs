//! What is known against models, from its files: advisories, faults of chips, chips, quirks.

use uuid::Uuid;

use super::Catalogue;
use super::advisory::Advisory;
use super::chip::Chip;
use super::entry::{AdvisoryFile, ChipFile, QuirkFile};
use super::error::CatalogueError;
use super::load::{ADVISORIES, Content, Files, parse};
use super::model::Confidence;
use super::quirk::{Effect, Quirk};
use super::topic::{Stand, Statement, Topic};

impl Catalogue {
    pub(super) fn absorb_faults(&mut self, files: &Files) -> Result<(), CatalogueError> {
        let folder = format!("{ADVISORIES}/");
        for name in files.keys().filter(|name| *name == "advisories.toml" || name.starts_with(&folder)) {
            self.absorb_advisories(name, parse(files, name)?)?;
        }
        if files.contains_key("chips.toml") {
            for chip in parse::<ChipFile>(files, "chips.toml")?.chips {
                self.absorb_chip("chips.toml", chip)?;
            }
        }
        if files.contains_key("quirks.toml") {
            for quirk in parse::<QuirkFile>(files, "quirks.toml")?.quirks {
                self.absorb_quirk("quirks.toml", quirk)?;
            }
        }
        Ok(())
    }

    /// Takes in the advisories of one more file, each about vendors and models that the catalogue has; gives back their ids.
    ///
    /// # Errors
    /// A faulty file, an id that is taken, or a rule about somebody whom nobody knows, which would never hold.
    pub fn add_advisories(&mut self, name: &str, text: &str) -> Result<Vec<String>, CatalogueError> {
        let files = Files::from([(name.to_owned(), Content::Written(text.as_bytes().to_vec()))]);
        let read: AdvisoryFile = parse(&files, name)?;
        let mut next = self.clone();
        let before = next.advisories.len();
        next.absorb_advisories(name, read)?;
        let new = next.advisories.get(before..).unwrap_or_default();
        if new.is_empty() {
            let problem = "it holds no [[advisory]]".to_owned();
            return Err(CatalogueError::Syntax { file: name.to_owned(), problem });
        }
        for advisory in new {
            if let Some(stranger) = advisory.strangers(&next).into_iter().next() {
                return Err(CatalogueError::Stranger {
                    file: name.to_owned(),
                    id: advisory.id.clone(),
                    stranger,
                });
            }
        }
        let ids = new.iter().map(|advisory| advisory.id.clone()).collect();
        *self = next;
        Ok(ids)
    }

    fn absorb_advisories(&mut self, file: &str, read: AdvisoryFile) -> Result<(), CatalogueError> {
        for mut advisory in read.advisories {
            let id = advisory.id.clone();
            if self.advisories.iter().any(|known| known.id == id) {
                return Err(CatalogueError::IdTaken { file: file.to_owned(), id });
            }
            if let Some(problem) = advisory.problem() {
                return Err(CatalogueError::Advisory { file: file.to_owned(), id, problem });
            }
            advisory.added = read.added;
            self.advisories.push(advisory);
        }
        for topic in read.topics {
            if self.topics.iter().any(|known| known.id == topic.id) {
                return Err(CatalogueError::IdTaken { file: file.to_owned(), id: topic.id });
            }
            self.topics.push(topic);
        }
        Ok(())
    }

    fn absorb_chip(&mut self, file: &str, chip: Chip) -> Result<(), CatalogueError> {
        if let Some(aaguid) = chip.aaguids.iter().find(|aaguid| self.chip(**aaguid).is_some()) {
            return Err(CatalogueError::IdTaken { file: file.to_owned(), id: aaguid.to_string() });
        }
        self.chips.push(chip);
        Ok(())
    }

    fn absorb_quirk(&mut self, file: &str, quirk: Quirk) -> Result<(), CatalogueError> {
        if self.quirks.iter().any(|known| known.id == quirk.id) {
            return Err(CatalogueError::IdTaken { file: file.to_owned(), id: quirk.id });
        }
        self.quirks.push(quirk);
        Ok(())
    }

    /// The chip of a model, where a source tells it.
    #[must_use]
    pub fn chip(&self, aaguid: Uuid) -> Option<&Chip> {
        self.chips.iter().find(|chip| chip.aaguids.contains(&aaguid))
    }

    /// All chips that are known.
    #[must_use]
    pub fn chips(&self) -> &[Chip] {
        &self.chips
    }

    /// In what ways a model is known to misbehave.
    pub fn quirks_of(&self, aaguid: Uuid) -> impl Iterator<Item = &Quirk> {
        self.quirks.iter().filter(move |quirk| quirk.aaguids.contains(&aaguid))
    }

    /// All quirks.
    #[must_use]
    pub fn quirks(&self) -> &[Quirk] {
        &self.quirks
    }

    /// Whether this program has to do something differently with a model.
    #[must_use]
    pub fn has_effect(&self, aaguid: Uuid, effect: Effect) -> bool {
        self.quirks_of(aaguid).any(|quirk| quirk.effect == Some(effect))
    }

    /// All faults of chips.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// How each fault of chips stands with a model that may be a hardware key; none for any other, and none for a model
    /// that nobody knows.
    #[must_use]
    pub fn stands(&self, aaguid: Uuid) -> Vec<(&Topic, Stand<'_>)> {
        let keys = self.model(aaguid).filter(|model| model.kind.may_be_hardware());
        let topics = self.topics.iter().filter(|_| keys.is_some());
        topics.map(|topic| (topic, self.stand(topic, aaguid))).collect()
    }

    fn stand<'a>(&'a self, topic: &'a Topic, aaguid: Uuid) -> Stand<'a> {
        let makers = self.makers(aaguid);
        let is_maker = |vendors: &[String]| {
            let stated = makers.iter().filter(|maker| maker.confidence == Confidence::Stated);
            stated.into_iter().any(|maker| vendors.contains(&maker.name))
        };
        let own = |advisory: &&Advisory| topic.advisories.contains(&advisory.id);
        let mut rules = self.advisories.iter().filter(own).flat_map(|advisory| &advisory.rules);
        if rules.any(|rule| is_maker(&rule.vendors)) {
            return Stand::Judged;
        }
        let denies = |statement: &&Statement| is_maker(&statement.vendors);
        if let Some(statement) = topic.statements.iter().find(denies) {
            return Stand::Denied(statement);
        }
        match self.chip(aaguid) {
            Some(chip) if chip.maker == topic.chip_maker => Stand::ThatChip(chip.to_string()),
            Some(chip) if chip.confidence == Confidence::Stated => Stand::OtherChip(chip.to_string()),
            _ => Stand::NoStatement,
        }
    }
}

impl Advisory {
    /// What is wrong with it, and the cure.
    fn problem(&self) -> Option<&'static str> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if self.id.is_empty() || self.id.len() > 64 || self.id.starts_with('.') || !self.id.chars().all(fits)
        {
            return Some(
                "its id serves as a file's name; write at most 64 letters, digits, `-`, `.` and `_`",
            );
        }
        if !self.has_date() {
            return Some("its date is none; write YYYY, YYYY-MM or YYYY-MM-DD");
        }
        if [&self.title, &self.meaning, &self.cure].iter().any(|text| text.trim().is_empty())
            || self.sources.is_empty()
        {
            return Some("it must say what it means for a key in a safe, what to do, and where it is from");
        }
        if self.rules.is_empty() || self.rules.iter().any(|rule| rule.vendors.is_empty()) {
            return Some("it needs a [[advisory.rule]], and each rule needs `vendors`");
        }
        let mut ranges = self.rules.iter().flat_map(|rule| &rule.firmware);
        ranges
            .any(|range| range.from.is_some_and(|from| from >= range.below))
            .then_some("a firmware range ends before it starts; `below` must be later than `from`")
    }

    /// Names in its rules that the catalogue doesn't have: such a rule is about nobody, which is likely a slip.
    fn strangers(&self, catalogue: &Catalogue) -> Vec<String> {
        let known = |name: &String| {
            catalogue.vendors().any(|vendor| vendor.name == *name)
                || catalogue.models().any(|model| {
                    model.vendor == *name || model.related.iter().any(|relation| relation.name == *name)
                })
        };
        let vendors = self.rules.iter().flat_map(|rule| &rule.vendors).filter(|name| !known(name)).cloned();
        let models = self.rules.iter().flat_map(|rule| &rule.aaguids);
        let models = models.filter(|aaguid| catalogue.model(**aaguid).is_none()).map(Uuid::to_string);
        vendors.chain(models).collect()
    }
}
