//! From the file as it is written to the plan: every value weighed, the first that cannot stand is the error.

use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

use toml::Spanned;

use super::name::{NameError, printable};
use super::place::position;
use super::raw::{List, Number, Raw, RawAccount, RawDrill, RawRules, Text};
use super::{
    Account, At, Custodian, Diversity, Drills, Entra, Labels, PinLocation, Plan, PlanError, PolicyFiles,
    Rules, Site, question,
};
use crate::webauthn::relying_party::{CUSTODY_RP_ID, RpId};

/// The file's name and text, to which every error refers.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

pub(super) fn plan(file: &str, text: &str) -> Result<Plan, PlanError> {
    let source = Source { file, text };
    let raw: Raw = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    let rules = source.rules(raw.rules)?;
    let policy = raw.policy.unwrap_or_default();
    let entra = raw.entra.unwrap_or_default();
    let labels = raw.labels.unwrap_or_default();
    let usual = Labels::default();
    let drill = source.drill(raw.drill.unwrap_or_default())?;
    Ok(Plan {
        file: file.to_owned(),
        organisation: source.needed(
            &(0..0),
            raw.organisation,
            "the plan",
            "organisation",
            super::Organisation::new,
        )?,
        custody_rp_id: source
            .maybe(raw.custody_rp_id, rp_id)?
            .map_or_else(|| rp_id(CUSTODY_RP_ID).map(At::nowhere), Ok)
            .map_err(|error| source.fault(&(0..0), error))?,
        accounts: raw
            .accounts
            .into_iter()
            .map(|account| source.account(account, rules.keys_per_account.value))
            .collect::<Result<_, _>>()?,
        sites: raw
            .sites
            .into_iter()
            .map(|site| {
                let (span, site) = (site.span(), site.into_inner());
                Ok(Site {
                    name: source.needed(&span, site.name, "a site", "name", super::SiteName::new)?,
                    place: source.text(site.place, "the place")?,
                })
            })
            .collect::<Result<_, PlanError>>()?,
        custodians: raw
            .custodians
            .into_iter()
            .map(|custodian| {
                let (span, custodian) = (custodian.span(), custodian.into_inner());
                let name = custodian.name;
                Ok(Custodian {
                    name: source.needed(&span, name, "a custodian", "name", super::CustodianName::new)?,
                    contact: source.text(custodian.contact, "the contact")?,
                })
            })
            .collect::<Result<_, PlanError>>()?,
        rules,
        policy: PolicyFiles {
            passkey_profile: source.maybe(policy.passkey_profile, path)?,
            profile: source.maybe(policy.profile, |text| printable("the profile's name", text, 256))?,
            authentication_strength: source.maybe(policy.authentication_strength, path)?,
        },
        entra: Entra {
            group: source.maybe(entra.group, super::ObjectId::new)?,
            administrative_unit: source.maybe(entra.administrative_unit, super::ObjectId::new)?,
            workspace: source.maybe(entra.workspace, super::ResourceId::new)?,
            action_group: source.maybe(entra.action_group, super::ResourceId::new)?,
        },
        catalogue: source.list(raw.catalogue.unwrap_or_default().folders, path)?,
        labels: Labels {
            width_mm: source
                .number(labels.width_mm, "width_mm", 20..=300)?
                .map_or(usual.width_mm, |at| at.value),
            height_mm: source
                .number(labels.height_mm, "height_mm", 10..=300)?
                .map_or(usual.height_mm, |at| at.value),
            contact: source.text(labels.contact, "the contact")?,
            show_upn: labels.show_upn.unwrap_or(usual.show_upn),
        },
        drill,
    })
}

impl Source<'_> {
    pub(super) fn fault(&self, span: &Range<usize>, error: NameError) -> PlanError {
        let (line, column) = position(self.text, span);
        PlanError::Invalid {
            file: self.file.to_owned(),
            line,
            column,
            problem: error.problem,
            cure: error.cure,
        }
    }

    fn syntax(&self, error: &toml::de::Error) -> PlanError {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().trim().replace('\n', ", ");
        let (problem, cure) = if let Some((problem, known)) = message.split_once(", expected one of ") {
            (problem.to_owned(), format!("correct its spelling or remove it; known here: {known}"))
        } else if let Some((problem, known)) = message.split_once(", expected `") {
            (problem.to_owned(), format!("correct its spelling or remove it; known here: `{known}"))
        } else if message.starts_with("invalid type") {
            (message, "texts stand in \"quotes\", numbers without, lists in [brackets]; a table's name is `[rules]`, and `[[account]]` where there may be several".to_owned())
        } else if message.starts_with("duplicate key") {
            (message, "keep one of the two".to_owned())
        } else {
            (
                message,
                "a line is `name = value`, with texts in \"quotes\"; docs/plan.md has a full example"
                    .to_owned(),
            )
        };
        self.fault(&span, NameError { problem, cure })
    }

    fn at<T>(&self, span: &Range<usize>, value: T) -> At<T> {
        At { value, line: position(self.text, span).0 }
    }

    fn value<T>(
        &self,
        text: &Spanned<String>,
        parse: impl Fn(&str) -> Result<T, NameError>,
    ) -> Result<At<T>, PlanError> {
        let value = parse(text.get_ref()).map_err(|error| self.fault(&text.span(), error))?;
        Ok(self.at(&text.span(), value))
    }

    pub(super) fn maybe<T>(
        &self,
        text: Text,
        parse: impl Fn(&str) -> Result<T, NameError>,
    ) -> Result<Option<At<T>>, PlanError> {
        text.map(|text| self.value(&text, parse)).transpose()
    }

    fn text(&self, text: Text, what: &str) -> Result<Option<String>, PlanError> {
        let text = self.maybe(text, |text| printable(what, text, 200))?;
        Ok(text.map(|at| at.value))
    }

    fn list<T>(
        &self,
        list: List,
        parse: impl Fn(&str) -> Result<T, NameError>,
    ) -> Result<Vec<At<T>>, PlanError> {
        list.into_iter().flatten().map(|text| self.value(&text, &parse)).collect()
    }

    /// A member that may not be missing. `span` is where the thing stands that lacks it.
    pub(super) fn needed<T>(
        &self,
        span: &Range<usize>,
        text: Text,
        of: &str,
        member: &str,
        parse: impl Fn(&str) -> Result<T, NameError>,
    ) -> Result<At<T>, PlanError> {
        self.maybe(text, parse)?.ok_or_else(|| {
            let problem = format!("{of} has no `{member}`");
            self.fault(span, NameError { problem, cure: format!("add `{member} = \"…\"` there") })
        })
    }

    fn number(
        &self,
        number: Number,
        what: &str,
        range: RangeInclusive<u32>,
    ) -> Result<Option<At<u32>>, PlanError> {
        let Some(number) = number else { return Ok(None) };
        match u32::try_from(*number.get_ref()).ok().filter(|value| range.contains(value)) {
            Some(value) => Ok(Some(self.at(&number.span(), value))),
            None => {
                let problem = format!("`{what}` is {}", number.get_ref());
                let cure = format!("write a number from {} to {}", range.start(), range.end());
                Err(self.fault(&number.span(), NameError { problem, cure }))
            }
        }
    }

    fn account(&self, raw: Spanned<RawAccount>, keys: u32) -> Result<Account, PlanError> {
        let (span, raw) = (raw.span(), raw.into_inner());
        let name = self.needed(&span, raw.name, "an account", "name", super::AccountName::new)?;
        let of = format!("account {name}");
        Ok(Account {
            upn: self.needed(&span, raw.upn, &of, "upn", super::Upn::new)?,
            object_id: self.needed(&span, raw.object_id, &of, "object_id", super::ObjectId::new)?,
            keys: self.number(raw.keys, "keys", 1..=100)?.unwrap_or(At::nowhere(keys)),
            vendors: self.list(raw.vendors, super::VendorName::new)?,
            sites: self.list(raw.sites, super::SiteName::new)?,
            custodians: self.list(raw.custodians, super::CustodianName::new)?,
            name,
        })
    }

    fn drill(&self, raw: RawDrill) -> Result<Drills, PlanError> {
        let minutes = self.number(raw.alert_limit_minutes, "alert_limit_minutes", 1..=1440)?;
        let (questions, left_out) = question::merged(self, raw.questions)?;
        Ok(Drills {
            alert_limit_minutes: minutes.unwrap_or(At::nowhere(Drills::ALERT_LIMIT_MINUTES)),
            questions,
            left_out,
        })
    }

    fn rules(&self, raw: Option<Spanned<RawRules>>) -> Result<Rules, PlanError> {
        let span = raw.as_ref().map_or(0..0, Spanned::span);
        let raw = raw.map(Spanned::into_inner).unwrap_or_default();
        let or = |found: Option<At<u32>>, usual: u32| found.unwrap_or(At::nowhere(usual));
        let pin_location = self.maybe(raw.pin_location, pin_location)?.ok_or_else(|| {
            let problem = "the plan does not state where the PINs are kept".to_owned();
            let cure = format!("under [rules], write {PIN_LOCATIONS}");
            self.fault(&span, NameError { problem, cure })
        })?;
        let keys = self.number(raw.keys_per_account, "keys_per_account", 1..=100)?;
        let days = self.number(raw.drill_interval_days, "drill_interval_days", 1..=366)?;
        let floor = self.number(raw.pin_retries_floor, "pin_retries_floor", 1..=7)?;
        let length = self.number(raw.min_pin_length, "min_pin_length", 4..=63)?;
        Ok(Rules {
            diversity: self.maybe(raw.diversity, diversity)?.unwrap_or(At::nowhere(Diversity::default())),
            keys_per_account: or(keys, Rules::KEYS_PER_ACCOUNT),
            drill_interval_days: or(days, Rules::DRILL_INTERVAL_DAYS),
            pin_retries_floor: or(floor, Rules::PIN_RETRIES_FLOOR),
            pin_location,
            min_pin_length: or(length, Rules::MIN_PIN_LENGTH),
        })
    }
}

const PIN_LOCATIONS: &str = "`pin_location = \"apart\"` (in another place than the key), \"with-key\" (beside it) or \"known\" (in people's heads)";

fn pin_location(word: &str) -> Result<PinLocation, NameError> {
    let all = [PinLocation::WithKey, PinLocation::Apart, PinLocation::Known];
    all.into_iter().find(|location| location.word() == word).ok_or_else(|| NameError {
        problem: format!("'{word}' is no place for PINs"),
        cure: format!("write {PIN_LOCATIONS}"),
    })
}

fn diversity(word: &str) -> Result<Diversity, NameError> {
    let all = [Diversity::Disjoint, Diversity::Survivable];
    all.into_iter().find(|diversity| diversity.word() == word).ok_or_else(|| NameError {
        problem: format!("'{word}' is no rule of diversity"),
        cure: "write \"disjoint\" (no two accounts share a vendor or maker) or \"survivable\" (no single one's failure takes out all accounts)".to_owned(),
    })
}

fn path(text: &str) -> Result<PathBuf, NameError> {
    if text.trim().is_empty() || text.contains('\0') {
        let cure = "write the path, as seen from the plan's folder, or leave the line out".to_owned();
        return Err(NameError { problem: "this is no path".to_owned(), cure });
    }
    Ok(PathBuf::from(text))
}

/// A custody credential must never be of use to a site, so its relying party must be one that cannot exist.
fn rp_id(text: &str) -> Result<RpId, NameError> {
    let cure = || {
        format!(
            "write a domain in small letters that ends in .invalid, or leave it out: \"{CUSTODY_RP_ID}\" is the default"
        )
    };
    let id = RpId::new(text).map_err(|error| NameError { problem: error.to_string(), cure: cure() })?;
    let real = || NameError { problem: format!("'{text}' could be a real site"), cure: cure() };
    match id.as_str().strip_suffix(".invalid") {
        Some(name) if !name.is_empty() => Ok(id),
        _ => Err(real()),
    }
}
