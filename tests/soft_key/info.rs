//! The overlay on getInfo.

use ciborium::Value;
use glasskey::soft::{self, Options, Overlay, SoftError};

use crate::raw::{get_info, key, member, plugged_in};

#[test]
fn an_overlay_adds_replaces_merges_and_removes() {
    let overlay: Overlay = toml::from_str(
        r#"
        remove = ["0x08", "4.alwaysUv"]
        [set]
        "0x0d" = 6
        "12" = true
        "20" = 3
        "3" = "hex:00112233445566778899aabbccddeeff"
        "1" = ["FIDO_2_0", "FIDO_2_1"]
        "4" = { ep = true, credMgmt = false }
        "#,
    )
    .unwrap();
    let (_dir, mut client) = plugged_in(&Options { info: overlay, ..Options::default() });
    let info = client.map(&get_info());
    assert_eq!(member(&info, 8), None);
    assert_eq!(member(&info, 13), Some(6.into()));
    assert_eq!(member(&info, 12), Some(true.into()));
    assert_eq!(member(&info, 20), Some(3.into()));
    assert_eq!(member(&info, 3), Some(Value::Bytes((0..16).map(|i| i * 0x11).collect())));
    let options = member(&info, 4).unwrap();
    assert_eq!(member(&options, "ep"), Some(true.into()));
    assert_eq!(member(&options, "credMgmt"), Some(false.into()));
    assert_eq!(member(&options, "alwaysUv"), None);
    assert_eq!(member(&options, "rk"), Some(true.into()), "the others stay");
}

#[test]
fn get_info_stays_canonical_and_does_not_promise_u2f() {
    let overlay = Overlay::default().set(0x0e, 5).set(0x1a, true);
    let (_dir, mut client) = plugged_in(&Options { info: overlay, ..Options::default() });
    let answer = client.cbor(&get_info());
    let decoded = glasskey::ctap::cbor::decode(&answer[1..]).unwrap();
    assert_eq!(decoded.deviations, []);
    let versions = member(&decoded.value, 1).unwrap().into_array().unwrap();
    assert!(!versions.contains(&"U2F_V2".into()), "CTAPHID_MSG is refused, so U2F is not spoken");
}

#[test]
fn options_survive_their_file_and_a_bad_overlay_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        firmware: "1.2.3".parse().ok(),
        touch: soft::Touch::Deny,
        faults: vec!["silent@getassertion+1".parse().unwrap(), "ctap-error=0x31*2".parse().unwrap()],
        info: Overlay::default().set(20, 3).remove("4.uv"),
        ..Options::default()
    };
    key(&dir, "a", &options);
    let listed = soft::list(dir.path()).unwrap();
    let created = listed[0].options().created;
    assert!(created.is_some());
    assert_eq!(listed[0].options(), &Options { created, ..options });

    for (name, overlay) in [("b", Overlay::default().remove("x")), ("c", Overlay::default().set(3, "hex:0"))]
    {
        let key = key(&dir, name, &Options { info: overlay, ..Options::default() });
        assert!(matches!(key.plug_in(), Err(SoftError::Content { .. })));
    }
}
