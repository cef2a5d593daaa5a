//! The samples of the shared research, all of them: each is read by the room that it is for, and by no other.

use glasskey::entra::credential_id::CredentialId;
use glasskey::entra::methods::Methods;
use glasskey::policy::PolicySource;

use super::*;

#[test]
fn every_sample_is_read_by_its_room_and_refused_by_the_others() {
    let Some(folder) = shared("samples") else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let is = (Methods::parse(&name, &bytes).is_ok(), PolicySource::parse(&name, &bytes).is_ok());
        let wanted = match name.as_str() {
            "fido2_methods_list.json" => (true, false),
            name if name.contains("config")
                || name.contains("wrapper.json") && !name.contains("creation") =>
            {
                (false, true)
            }
            "authentication_strength_fido2.json" => (false, true),
            _ => (false, false),
        };
        assert_eq!(is, wanted, "{name}");
    }
    assert_eq!(seen, 9);
}

#[test]
fn the_ids_of_one_credential_in_three_encodings_are_one() {
    let Some(folder) = shared("samples") else { return };
    let ids = |file: &str, pointer: &str| {
        let value = read(&folder.join(file));
        let all = value.pointer(pointer).unwrap().as_array().unwrap().clone();
        all.iter().map(|one| CredentialId::parse(one["id"].as_str().unwrap()).unwrap()).collect::<Vec<_>>()
    };
    let v1 = ids("creation_options_v1.json", "/publicKey/excludeCredentials");
    let beta = ids("creation_options_beta_suffix_ids.json", "/publicKey/excludeCredentials");
    let classic = ids("creation_options_beta_value_wrapper.json", "/value/publicKey/excludeCredentials");
    let list = ids("fido2_methods_list.json", "/value");
    let readings = |id: &CredentialId| id.readings().map(<[u8]>::to_vec).collect::<Vec<_>>();
    let of48 = &readings(&v1[1])[0];
    assert_eq!(of48.len(), 48);
    assert!(beta[1].may_be(of48) && classic[0].may_be(of48) && list[0].may_be(of48));
    let of32 = &readings(&v1[0])[0];
    assert_eq!((of32.len(), readings(&beta[0]).len()), (32, 2), "with its digit it is ambiguous");
    assert!(beta[0].may_be(of32) && list[1].may_be(of32));
    assert!(beta[2] == list[2] && readings(&beta[2])[0].len() == 16);
}
