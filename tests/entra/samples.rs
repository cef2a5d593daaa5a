//! The samples of the shared research, as far as passkeys go. Which of them are policies, `tests/policy.rs` asks of each.

use glasskey::entra::credential_id::CredentialId;
use glasskey::entra::methods::Methods;

use super::*;

#[test]
fn the_list_of_methods_and_nothing_else_is_read_as_one() {
    let Some(folder) = shared("samples") else { return };
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let is_list = |path: &PathBuf| Methods::parse("x", &std::fs::read(path).unwrap()).is_ok();
    let lists: Vec<_> = files.filter(is_list).collect();
    assert_eq!(lists, [folder.join("fido2_methods_list.json")]);
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
