//! Ten thousand keys, and how long that takes.

use std::time::Instant;

use super::*;

#[test]
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
fn ten_thousand_keys() {
    let models: Vec<Uuid> = Catalogue::builtin().unwrap().models().map(|model| model.aaguid).collect();
    let mut took = Vec::new();
    for count in [2_500_usize, 5_000, 10_000] {
        let many = good().bend(|good| {
            good.keys = (0..count)
                .map(|n| {
                    let label: &'static str = Box::leak(format!("KEY-{n}").into_boxed_str());
                    let account = if n % 2 == 0 { "EA-01" } else { "EA-02" };
                    let site = if n % 2 == 0 { "Berlin" } else { "Bonn" };
                    let model = models[n % models.len()];
                    Held { last_good_check: Some(now() - days(100)), ..key(label, account, model, site) }
                })
                .collect();
        });
        let start = Instant::now();
        let status = many.status();
        took.push(format!("{count} keys: {:?}", start.elapsed()));
        assert_eq!(status.keys.len(), count);
        assert_eq!(rows(&status, Id::Drill).len(), count, "each of them is overdue");
    }
    println!("status of {}", took.join(", "));
}
