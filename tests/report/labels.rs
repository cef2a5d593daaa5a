//! Labels: what stands on them, what never does, and that it can be read.

use glasskey::ledger::inventory::{Key, State};
use glasskey::plan::Plan;
use glasskey::report::label::{self, Stand};
use glasskey::report::{Label, PaperError};
use proptest::prelude::*;

use super::keep;
use super::story::{PLAN, told};

/// The label of a key that is bent before.
pub(crate) fn of(name: &str, bend: impl FnOnce(&mut Key)) -> Result<Label, PaperError> {
    with(PLAN, name, bend)
}

fn with(plan: &str, name: &str, bend: impl FnOnce(&mut Key)) -> Result<Label, PaperError> {
    thread_local!(static KEYS: Vec<Key> = told().ledger().inventory().keys().to_vec());
    let mut key = KEYS.with(|keys| keys.iter().find(|key| key.label == name).cloned()).unwrap();
    bend(&mut key);
    let plan = Plan::parse("custody.toml", plan).unwrap();
    let stand = Stand { seq: 110, head: "ab".repeat(32).parse().unwrap() };
    Label::new(&key, Some(&plan), stand, "2026-05-04T06:45:00Z".parse().unwrap())
}

/// Reads the code of a label's picture, as a camera would see it.
fn read(picture: &str) -> String {
    let path = picture.rsplit("<path d=\"").next().unwrap().split('"').next().unwrap();
    let view = picture.rsplit("viewBox=\"-4 -4 ").next().unwrap().split(' ').next().unwrap();
    let (all, scale) = (view.parse::<usize>().unwrap(), 3);
    let mut dark = vec![false; all * all];
    for run in path.split('M').skip(1) {
        let (at, run) = run.split_once('h').unwrap();
        let (x, y) = at.split_once(' ').unwrap();
        let (x, y, long): (usize, usize, usize) =
            (x.parse().unwrap(), y.parse().unwrap(), run.split('v').next().unwrap().parse().unwrap());
        (x..x + long).for_each(|x| dark[(y + 4) * all + x + 4] = true);
    }
    let shade = |x: usize, y: usize| if dark[y / scale * all + x / scale] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(all * scale, all * scale, shade);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code");
    grids[0].decode().unwrap().1
}

#[test]
fn the_code_holds_the_facts() {
    let label = of("EA-01-A", |_| {}).unwrap();
    assert_eq!(read(&label::svg(&label).unwrap()), label.text);
    let head = "ab".repeat(32);
    let expected = format!(
        "glasskey label 1\nlabel EA-01-A\naccount EA-01\nmodel YubiKey 5 NFC\nsite Berlin\ncustodian Ana Ader\n\
         seal {}\ndate 2026-05-04\nevent 110\nhead {head}",
        label.bag.as_deref().unwrap()
    );
    assert_eq!(label.text, expected);
}

#[test]
fn what_is_printed_is_what_the_code_says() {
    let label = of("EA-02-B", |key| key.soft = true).unwrap();
    let picture = label::svg(&label).unwrap();
    for words in [
        "EA-02-B",
        "EA-02",
        "Token2 PIN+ Release3",
        "Bonn",
        "Bo Berg",
        "LOST",
        "2026-05-04",
        "110 · abababababababab",
        "Found? Call +49 30 1234567",
        "SOFT KEY · REHEARSAL",
    ] {
        assert!(picture.contains(&format!(">{words}</text>")), "{words}: {picture}");
    }
    assert!(label.text.contains("\nstate lost\nnote soft key: a rehearsal\n"), "{}", label.text);
    assert!(picture.contains("width=\"62mm\" height=\"29mm\" viewBox=\"0 0 6200 2900\""), "{picture}");
}

#[test]
fn a_user_name_stands_there_only_where_the_plan_says_so() {
    let upn = "ea-01@contoso.onmicrosoft.com";
    let label = of("EA-01-A", |_| {}).unwrap();
    assert!(!label.text.contains(upn) && !label::svg(&label).unwrap().contains("contoso"), "{}", label.text);
    let said = PLAN.replace("[labels]", "[labels]\nshow_upn = true");
    let label = with(&said, "EA-01-A", |_| {}).unwrap();
    assert!(label.text.contains(&format!("\nupn {upn}\n")), "{}", label.text);
    assert_eq!(read(&label::svg(&label).unwrap()), label.text);
}

#[test]
fn names_in_any_script_are_read_back() {
    for name in ["Łukasz Żółć", "Ελένη Παπά", "山田 太郎", "محمد علي", "Zoë 🗝"] {
        let label = of("EA-01-A", |key| key.custodian = Some(name.into())).unwrap();
        assert!(label.text.contains(&format!("\ncustodian {name}\n")), "{}", label.text);
        assert_eq!(read(&label::svg(&label).unwrap()), label.text);
    }
}

#[test]
fn a_long_name_is_cut_before_the_label_is_given_up() {
    let long =
        "Bundesanstalt für Finanzdienstleistungsaufsicht, Referat für Schlüsselangelegenheiten ".repeat(9);
    let wide = "鍵".repeat(64);
    let extremes = [long.as_str(), &wide, &"M".repeat(64), &"e\u{301}".repeat(300), &"i".repeat(5000)];
    for (number, text) in extremes.into_iter().enumerate() {
        let label = of("EA-01-A", |key| {
            for part in [&mut key.site, &mut key.custodian, &mut key.bag, &mut key.model, &mut key.why] {
                *part = Some(text.to_owned());
            }
            key.label = text.chars().take(64).collect();
            key.account = text.to_owned();
            (key.soft, key.state) = (true, State::Retired);
        });
        let label = label.unwrap();
        let picture = label::svg(&label).unwrap();
        assert_eq!(read(&picture), label.text);
        assert!(label.text.contains(&format!("label {}\n", label.label)), "the key's own name is whole");
        keep(&format!("extreme-{number}.svg"), &picture);
        keep(&format!("extreme-{number}.txt"), &label.text);
    }
}

#[test]
fn a_label_that_could_not_be_read_is_refused() {
    for (wide, high, fits) in [
        (62, 29, true),
        (100, 150, true),
        (54, 25, true),
        (29, 62, true),
        (300, 300, true),
        (20, 10, false),
        (300, 10, false),
        (20, 300, true),
        (40, 12, false),
    ] {
        let plan = PLAN.replace("[labels]", &format!("[labels]\nwidth_mm = {wide}\nheight_mm = {high}"));
        match with(&plan, "EA-01-A", |_| {}) {
            Ok(label) => {
                assert!(fits, "{wide} × {high}");
                assert_eq!(read(&label::svg(&label).unwrap()), label.text);
            }
            Err(error) => {
                assert!(!fits && matches!(error, PaperError::TooSmall { .. }), "{wide} × {high}: {error}")
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn any_text_makes_a_label_that_is_read_back(label in "[A-Za-z0-9 -]{1,64}", texts in prop::collection::vec(any::<String>(), 5)) {
        let label = of("EA-01-A", |key| {
            key.label = label;
            let parts = [&mut key.site, &mut key.custodian, &mut key.bag, &mut key.model];
            parts.into_iter().zip(&texts).for_each(|(part, text)| *part = Some(text.clone()));
            key.account.clone_from(&texts[4]);
        });
        let label = label.unwrap();
        prop_assert_eq!(read(&label::svg(&label).unwrap()), label.text);
    }
}
