//! What the end-to-end tests of copies cannot reach: giving up, places, owners.

use secrecy::SecretString;

use super::*;
use crate::decode::Passage;
use crate::domain::{Segment, Stamp};

fn thread() -> ThreadRef {
    ThreadRef { service: "sgp", id: "t".to_owned() }
}

fn access(base_url: &str, account: Option<&str>, key: Option<&str>) -> Access {
    Access {
        base_url: base_url.to_owned(),
        key: key.map(SecretString::from),
        account: account.map(str::to_owned),
        by_account: true,
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path(), 1 << 20);
    (home, store)
}

fn key_of(store: &Store, access: &Access) -> Key {
    store.shelf(&thread(), access).unwrap().key(Part::Messages)
}

#[test]
fn a_copy_belongs_to_the_account_else_to_the_key_and_to_the_place() {
    let (_home, store) = store();
    let base = key_of(&store, &access("https://a.example/v1/", Some("acc"), Some("k")));
    assert_eq!((base.base.as_str(), base.owner.as_str()), ("https://a.example/v1", "account acc"));
    let same = key_of(&store, &access(" https://A.example:443/v1", Some("acc"), Some("rotated")));
    assert_eq!(same, base);
    let by_key = key_of(&store, &access("https://a.example", None, Some("k")));
    assert!(by_key.owner.starts_with("key ") && !by_key.owner.ends_with(" k"));
    assert_ne!(by_key.owner, key_of(&store, &access("https://a.example", None, Some("l"))).owner);
    assert!(store.shelf(&thread(), &access("nonsense", None, Some("k"))).is_none());
}

#[test]
fn nothing_is_written_where_nobody_could_tell_whose_it_is() {
    let (_home, store) = store();
    let shelf = store.shelf(&thread(), &access("https://a.example", None, Some(" "))).unwrap();
    assert!(shelf.scribe(Part::Messages).is_none());
}

#[test]
fn a_disk_that_does_not_keep_up_costs_the_copy_and_the_old_one_stays() {
    let (_home, store) = store();
    let shelf = store.shelf(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let mut scribe = shelf.scribe(Part::Messages).unwrap();
    scribe.take(b"old");
    scribe.finish(Some(Extent::Whole)).wait();
    let cache = store.cache().unwrap().clone();
    // Not one byte may wait: the second piece finds the first one waiting, or it was written by then and counts again.
    let mut scribe = Scribe::start_with(cache, shelf.key(Part::Messages), Stamp(1), 0);
    for _ in 0..100_000 {
        scribe.take(&[7; 4096]);
        if scribe.has_given_up() {
            break;
        }
    }
    assert!(scribe.has_given_up());
    scribe.finish(Some(Extent::Whole)).wait();
    assert_eq!(shelf.find(Part::Messages, Owner::Same).unwrap().read_all().unwrap(), b"old");
}

#[test]
fn a_body_that_begins_again_is_kept_once_and_a_longer_part_is_not_replaced_by_a_shorter_one() {
    let (_home, store) = store();
    let shelf = store.shelf(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let write = |pieces: &[&str], extent| {
        let mut scribe = shelf.scribe(Part::Messages).unwrap();
        for piece in pieces {
            scribe.restart();
            scribe.take(piece.as_bytes());
        }
        scribe.finish(extent).wait();
        shelf.find(Part::Messages, Owner::Same).map(|entry| entry.read_all().unwrap())
    };
    assert_eq!(write(&["half"], None), None);
    assert_eq!(write(&["half", "a longer half"], Some(Extent::Partial)), Some(b"a longer half".to_vec()));
    assert_eq!(write(&["short"], Some(Extent::Partial)), Some(b"a longer half".to_vec()));
    assert_eq!(write(&["whole"], Some(Extent::Whole)), Some(b"whole".to_vec()));
    assert_eq!(write(&["much more, but a part"], Some(Extent::Partial)), Some(b"whole".to_vec()));
}

#[test]
fn what_is_shared_with_the_messages_may_wait_for_ever_and_is_kept() {
    let (_home, store) = store();
    let shelf = store.shelf(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let cache = store.cache().unwrap().clone();
    let mut scribe = Scribe::start_with(cache, shelf.key(Part::Messages), Stamp(1), 0);
    let segment = Arc::new(Segment::from(vec![b'm'; 4096]));
    for _ in 0..2000 {
        scribe.take_passage(Passage::Shared(Arc::clone(&segment)));
    }
    assert!(!scribe.has_given_up());
    scribe.finish(Some(Extent::Whole)).wait();
    let kept = shelf.find(Part::Messages, Owner::Same).unwrap().read_all().unwrap();
    assert!(kept == vec![b'm'; 2000 * 4096], "{} bytes", kept.len());
}

#[test]
fn a_body_that_cannot_be_read_is_kept_but_takes_the_place_of_none() {
    let (_home, store) = store();
    let shelf = store.shelf(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let write = |text: &str, is_readable: Option<bool>| {
        let mut scribe = shelf.scribe(Part::Messages).unwrap();
        scribe.take(text.as_bytes());
        let (tells, readable) = std::sync::mpsc::channel();
        if let Some(is_readable) = is_readable {
            tells.send(is_readable).unwrap();
        }
        drop(tells);
        scribe.finish_if(Some(Extent::Whole), readable).wait();
        shelf.find(Part::Messages, Owner::Same).map(|entry| entry.read_all().unwrap())
    };
    assert_eq!(write("strange", Some(false)), Some(b"strange".to_vec()));
    assert_eq!(write("good", Some(true)), Some(b"good".to_vec()));
    assert_eq!(write("strange", Some(false)), Some(b"good".to_vec()));
    assert_eq!(write("untold", None), Some(b"untold".to_vec()));
}
