//! What the end-to-end tests of copies cannot reach: giving up, places, owners.

use secrecy::SecretString;

use super::*;
use crate::decode::BodyChunk;
use crate::domain::{Segment, Timestamp};

fn thread() -> ThreadRef {
    ThreadRef { service: "sgp", id: "t".to_owned() }
}

fn access(base_url: &str, account: Option<&str>, key: Option<&str>) -> ServiceAccess {
    ServiceAccess {
        base_url: base_url.to_owned(),
        api_key: key.map(SecretString::from),
        account_id: account.map(str::to_owned),
        fetch_by_account: true,
    }
}

fn temp_cache() -> (tempfile::TempDir, ThreadCache) {
    let home = tempfile::tempdir().unwrap();
    let store = ThreadCache::new(home.path(), 1 << 20);
    (home, store)
}

fn messages_key(store: &ThreadCache, access: &ServiceAccess) -> CacheKey {
    store.entry(&thread(), access).unwrap().key(BodyKind::Messages)
}

#[test]
fn a_copy_belongs_to_the_account_or_else_the_key_and_to_the_base_url() {
    let (_home, store) = temp_cache();
    let base = messages_key(&store, &access("https://a.example/v1/", Some("acc"), Some("k")));
    assert_eq!((base.base.as_str(), base.owner.as_str()), ("https://a.example/v1", "account acc"));
    let same = messages_key(&store, &access(" https://A.example:443/v1", Some("acc"), Some("rotated")));
    assert_eq!(same, base);
    let by_key = messages_key(&store, &access("https://a.example", None, Some("k")));
    assert!(by_key.owner.starts_with("key ") && !by_key.owner.ends_with(" k"));
    assert_ne!(by_key.owner, messages_key(&store, &access("https://a.example", None, Some("l"))).owner);
    assert!(store.entry(&thread(), &access("nonsense", None, Some("k"))).is_none());
}

#[test]
fn nothing_is_written_without_an_owner() {
    let (_home, store) = temp_cache();
    let shelf = store.entry(&thread(), &access("https://a.example", None, Some(" "))).unwrap();
    assert!(shelf.start_writer(BodyKind::Messages).is_none());
}

#[test]
fn a_slow_disk_drops_the_new_copy_and_keeps_the_old_one() {
    let (_home, store) = temp_cache();
    let shelf = store.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let mut scribe = shelf.start_writer(BodyKind::Messages).unwrap();
    scribe.write(b"old");
    scribe.finish(Some(BodyCompleteness::Complete)).wait();
    let cache = store.cache().unwrap().clone();
    // Not one byte may wait: the second piece finds the first one waiting, or it was written by then and counts again.
    let mut scribe =
        BackgroundWriter::start_with_limit(cache, shelf.key(BodyKind::Messages), Timestamp(1), 0);
    for _ in 0..100_000 {
        scribe.write(&[7; 4096]);
        if scribe.has_given_up() {
            break;
        }
    }
    assert!(scribe.has_given_up());
    scribe.finish(Some(BodyCompleteness::Complete)).wait();
    assert_eq!(shelf.open(BodyKind::Messages, CacheScope::SameOwner).unwrap().read_all().unwrap(), b"old");
}

#[test]
fn a_restarted_body_is_stored_once_and_never_replaced_by_a_shorter_part() {
    let (_home, store) = temp_cache();
    let shelf = store.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let write = |pieces: &[&str], extent| {
        let mut scribe = shelf.start_writer(BodyKind::Messages).unwrap();
        for piece in pieces {
            scribe.restart();
            scribe.write(piece.as_bytes());
        }
        scribe.finish(extent).wait();
        shelf.open(BodyKind::Messages, CacheScope::SameOwner).map(|entry| entry.read_all().unwrap())
    };
    assert_eq!(write(&["half"], None), None);
    assert_eq!(
        write(&["half", "a longer half"], Some(BodyCompleteness::Partial)),
        Some(b"a longer half".to_vec())
    );
    assert_eq!(write(&["short"], Some(BodyCompleteness::Partial)), Some(b"a longer half".to_vec()));
    assert_eq!(write(&["whole"], Some(BodyCompleteness::Complete)), Some(b"whole".to_vec()));
    assert_eq!(write(&["much more, but a part"], Some(BodyCompleteness::Partial)), Some(b"whole".to_vec()));
}

#[test]
fn shared_chunks_may_queue_without_limit_and_are_stored() {
    let (_home, store) = temp_cache();
    let shelf = store.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let cache = store.cache().unwrap().clone();
    let mut scribe =
        BackgroundWriter::start_with_limit(cache, shelf.key(BodyKind::Messages), Timestamp(1), 0);
    let segment = Arc::new(Segment::from(vec![b'm'; 4096]));
    for _ in 0..2000 {
        scribe.write_shared(BodyChunk::Shared(Arc::clone(&segment)));
    }
    assert!(!scribe.has_given_up());
    scribe.finish(Some(BodyCompleteness::Complete)).wait();
    let kept = shelf.open(BodyKind::Messages, CacheScope::SameOwner).unwrap().read_all().unwrap();
    assert!(kept == vec![b'm'; 2000 * 4096], "{} bytes", kept.len());
}

#[test]
fn an_unreadable_body_is_stored_but_replaces_no_copy() {
    let (_home, store) = temp_cache();
    let shelf = store.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let write = |text: &str, is_readable: Option<bool>| {
        let mut scribe = shelf.start_writer(BodyKind::Messages).unwrap();
        scribe.write(text.as_bytes());
        let (tells, readable) = std::sync::mpsc::channel();
        if let Some(is_readable) = is_readable {
            tells.send(is_readable).unwrap();
        }
        drop(tells);
        scribe.finish_if_readable(Some(BodyCompleteness::Complete), readable).wait();
        shelf.open(BodyKind::Messages, CacheScope::SameOwner).map(|entry| entry.read_all().unwrap())
    };
    assert_eq!(write("strange", Some(false)), Some(b"strange".to_vec()));
    assert_eq!(write("good", Some(true)), Some(b"good".to_vec()));
    assert_eq!(write("strange", Some(false)), Some(b"good".to_vec()));
    assert_eq!(write("untold", None), Some(b"untold".to_vec()));
}
