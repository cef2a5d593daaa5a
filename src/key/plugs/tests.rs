use std::sync::Mutex;

use super::*;

/// A bus whose keys the test sets.
#[derive(Default)]
struct Bench(Mutex<Vec<Found>>);

impl Bus for Bench {
    fn find(&self) -> io::Result<Vec<Found>> {
        Ok(self.0.lock().unwrap().clone())
    }

    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
        Err(OpenError::Gone { path: found.path.clone() })
    }
}

fn key(path: &str) -> Found {
    Found { path: path.to_owned(), vendor_id: 1, product_id: 2, product: String::new(), soft: false }
}

fn paths(change: &Change) -> (Vec<&str>, Vec<(usize, &str)>) {
    let gone = change.gone.iter().map(|found| found.path.as_str()).collect();
    (gone, change.come.iter().map(|(number, found)| (*number, found.path.as_str())).collect())
}

#[test]
fn what_came_and_what_went_is_told_once() {
    let bench = Bench::default();
    let mut plugs = Plugs::new(&bench);
    let now = |paths: &[&str]| *bench.0.lock().unwrap() = paths.iter().map(|path| key(path)).collect();
    now(&["a", "b"]);
    assert_eq!(paths(&plugs.look().unwrap()), (vec![], vec![(1, "a"), (2, "b")]));
    assert_eq!(paths(&plugs.look().unwrap()), (vec![], vec![]));
    now(&["b", "c"]);
    assert_eq!(paths(&plugs.look().unwrap()), (vec!["a"], vec![(2, "c")]));
}

#[test]
fn another_key_at_the_same_path_is_another_key() {
    let bench = Bench::default();
    *bench.0.lock().unwrap() = vec![key("a"), key("b")];
    let mut plugs = Plugs::new(&bench);
    plugs.look().unwrap();
    let change = plugs.since(&["a".to_owned()]).unwrap();
    assert_eq!(paths(&change), (vec!["a"], vec![(1, "a")]));
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_waited_for_longer_than_the_limit() {
    let began = Instant::now();
    let gone = dev::Dev::new().map(|mut dev| dev.wait(Duration::from_millis(30)));
    assert!(gone.is_none_or(|gone| gone.is_empty()) && began.elapsed() < Duration::from_secs(5));
}
