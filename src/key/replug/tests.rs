use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::key::found::OpenError;
use crate::key::wire::Wire;

/// A bus that shows one picture after the other, and the last one for ever.
struct Pictures(Mutex<VecDeque<Vec<Found>>>);

impl Bus for Pictures {
    fn find(&self) -> io::Result<Vec<Found>> {
        let mut pictures = self.0.lock().unwrap();
        Ok(if pictures.len() > 1 { pictures.pop_front().unwrap() } else { pictures[0].clone() })
    }

    fn open(&self, found: &Found) -> Result<Box<dyn Wire>, OpenError> {
        Err(OpenError::Gone { path: found.path.clone() })
    }
}

fn key(path: &str, product_id: u16) -> Found {
    Found { path: path.into(), vendor_id: 1, product_id, product: "k".into(), soft: false }
}

fn waits<const N: usize>(pictures: [Vec<Found>; N]) -> Result<Found, ReplugError> {
    let bus = Pictures(Mutex::new(pictures.into()));
    wait(&bus, &key("a", 1), Duration::from_millis(150), &Cancel::default(), || {})
}

#[test]
fn the_key_that_comes_back_is_taken_at_another_path_too() {
    let (this, other, there) = (key("a", 1), key("b", 1), key("c", 1));
    assert_eq!(waits([vec![this.clone()], vec![], vec![this.clone()]]).unwrap(), this);
    let with_other = vec![this, other.clone()];
    assert_eq!(waits([with_other, vec![other.clone()], vec![other, there.clone()]]).unwrap(), there);
}

#[test]
fn what_did_not_go_did_not_come_or_is_another_is_told() {
    let (this, other) = (key("a", 1), key("b", 2));
    assert!(matches!(waits([vec![this.clone()]]), Err(ReplugError::NotOut(_))));
    assert!(matches!(waits([vec![this.clone()], vec![]]), Err(ReplugError::NotIn(_))));
    assert!(matches!(waits([vec![], vec![other.clone()]]), Err(ReplugError::Another { came: (1, 2), .. })));
    assert!(matches!(waits([vec![], vec![this, other]]), Err(ReplugError::Several)));
}

#[test]
fn ctrl_c_ends_it() {
    let bus = Pictures(Mutex::new([vec![key("a", 1)]].into()));
    let cancel = Cancel::default();
    cancel.request();
    let waited = wait(&bus, &key("a", 1), Duration::from_secs(9), &cancel, || {});
    assert!(matches!(waited, Err(ReplugError::Interrupted)));
}
