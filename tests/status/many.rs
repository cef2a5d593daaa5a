//! Ten thousand keys: the time grows with their number, and not with its square.

use std::time::{Duration, Instant};

use super::*;

#[test]
#[expect(clippy::disallowed_methods, reason = "the time is what is measured")]
fn four_times_as_many_keys_take_about_four_times_as_long() {
    let models: Vec<Uuid> = Catalogue::builtin().unwrap().models().map(|model| model.aaguid).collect();
    let takes = |count: usize| -> Duration {
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
        // The best of three: another program may have the machine for a moment.
        let once = || {
            let start = Instant::now();
            let status = many.status();
            let took = start.elapsed();
            assert_eq!(status.keys.len(), count);
            assert_eq!(rows(&status, Id::Drill).len(), count, "each of them is overdue");
            took
        };
        (0..3).map(|_| once()).min().unwrap()
    };
    let (few, many) = (takes(2_500), takes(10_000));
    println!("status of 2,500 keys: {few:?}, of 10,000: {many:?}");
    assert!(many < few * 8, "2,500 keys: {few:?}, 10,000: {many:?}");
}
