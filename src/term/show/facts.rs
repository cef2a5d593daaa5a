//! All facts of one key, each said or unsaid.

use super::{Tone, escape, heading, line, paint};
use crate::catalogue::{Model, Quirk};
use crate::ctap::init::DeviceVersion;
use crate::facts::Facts;

/// Every fact, and how keys of its model are known to misbehave. `firmware` is its version in the vendor's own count, where
/// that is known.
#[must_use]
pub fn info(facts: &Facts, model: Option<&Model>, firmware: Option<&str>, quirks: &[&Quirk]) -> String {
    let info = &facts.info;
    let [major, minor, build] = facts.device.device;
    let number = |value: Option<u64>| value.map(|value| value.to_string());
    let list = |value: &Option<Vec<String>>| value.as_ref().map(join);
    let numbers = |value: &Option<Vec<u64>>| value.as_ref().map(join);
    let flag = |value: Option<bool>| value.map(|value| if value { "yes" } else { "no" }.to_owned());
    let mut text = heading(&model.map_or_else(
        || "a model that the catalogue does not know".to_owned(),
        |model| format!("{} · {}", escape(&model.name), escape(&model.vendor)),
    ));
    if facts.soft {
        text.push_str(&paint(Tone::Warn, "SOFT KEY: no hardware"));
        text.push('\n');
    }
    let firmware = info.firmware_version.map(|raw| super::firmware(raw, firmware));
    let retries = facts.retries.map(|retries| match retries.power_cycle {
        Some(true) => format!("{}, after it has been unplugged", retries.left),
        _ => retries.left.to_string(),
    });
    let algorithms = info.algorithms.as_ref().map(|list| join(list.iter().map(|algorithm| algorithm.alg)));
    let certifications = info
        .certifications
        .as_ref()
        .map(|map| join(map.iter().map(|(name, level)| format!("{name} {level}"))));
    let capabilities = [(DeviceVersion::WINK, "wink"), (DeviceVersion::CBOR, "CTAP2")];
    let can = capabilities.iter().filter(|(bit, _)| facts.device.can(*bit)).map(|(_, name)| *name);
    let u2f = if facts.device.can(DeviceVersion::NO_MSG) { "no U2F" } else { "U2F" };
    let rows = [
        ("path", Some(facts.path.clone())),
        ("product", Some(facts.product.clone())),
        ("USB id", Some(format!("{:04x}:{:04x}", facts.vendor_id, facts.product_id))),
        ("AAGUID", Some(info.aaguid.to_string())),
        ("firmware", firmware),
        ("device version", Some(format!("{major}.{minor}.{build}, CTAPHID {}", facts.device.protocol))),
        ("capabilities", Some(join(can.chain([u2f])))),
        ("versions", Some(join(&info.versions))),
        ("extensions", list(&info.extensions)),
        ("transports", list(&info.transports)),
        ("algorithms", algorithms),
        ("attestation formats", list(&info.attestation_formats)),
        ("certifications", certifications),
        ("PIN set", flag(facts.pin_set)),
        ("PIN attempts left", retries),
        ("PIN must be changed", flag(info.force_pin_change)),
        ("PIN length, least", number(info.min_pin_length)),
        ("PIN length, most", number(info.max_pin_length)),
        ("PIN complexity policy", flag(info.pin_complexity_policy)),
        ("PIN complexity policy URL", info.pin_complexity_policy_url.clone()),
        ("PIN/UV auth protocols", numbers(&info.pin_uv_auth_protocols)),
        ("user verification built in", flag(info.option("uv"))),
        ("UV modality", number(info.uv_modality)),
        ("UV attempts by the platform", number(info.preferred_platform_uv_attempts)),
        ("UV count since the last PIN", number(info.uv_count_since_last_pin_entry)),
        ("free slots for passkeys", number(info.remaining_discoverable_credentials)),
        ("message size, bytes", info.max_msg_size.map(|size| size.to_string())),
        ("credentials in a list", number(info.max_credential_count_in_list)),
        ("credential id, bytes", number(info.max_credential_id_length)),
        ("large blobs, bytes", number(info.max_serialized_large_blob_array)),
        ("credBlob, bytes", number(info.max_cred_blob_length)),
        ("RP ids for minPinLength", number(info.max_rp_ids_for_set_min_pin_length)),
        ("config commands", numbers(&info.authenticator_config_commands)),
        ("vendor config commands", numbers(&info.vendor_prototype_config_commands)),
        ("long touch for reset", flag(info.long_touch_for_reset)),
        ("transports for reset", list(&info.transports_for_reset)),
        ("encrypted identifier", info.enc_identifier.clone()),
        ("encrypted credential state", info.enc_cred_store_state.clone()),
    ];
    text.extend(rows.map(|(name, value)| line(name, value)));
    text.push_str(&heading("options"));
    text.extend(info.options.iter().map(|(name, value)| line(&escape(name), flag(Some(*value)))));
    if !quirks.is_empty() {
        text.push_str(&heading("keys of this model are known to misbehave"));
        let told = |quirk: &&Quirk| line(&quirk.id, Some(format!("{}. {}", quirk.title, quirk.handled)));
        text.extend(quirks.iter().map(told));
    }
    if !info.unknown.is_empty() {
        text.push_str(&heading("members without a meaning here"));
        text.extend(info.unknown.iter().map(|(name, value)| line(&escape(name), Some(value.clone()))));
    }
    if !facts.deviations.is_empty() {
        let all = facts.deviations.iter().map(|(during, deviation)| format!("{during}: {deviation:?}"));
        text.push_str(&line("not canonical CBOR", Some(join(all))));
    }
    text
}

fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
