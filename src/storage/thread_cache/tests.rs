//! Cases that the end-to-end tests of the cache cannot reach: a slow disk, cache keys, owners.

use secrecy::SecretString;

use super::*;
use crate::decode::BodyChunk;
use crate::domain::{Segment, Timestamp};

fn thread() -> ThreadRef {
    ThreadRef::new("sgp", "t")
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
    let cache = ThreadCache::new(home.path(), 1 << 20);
    (home, cache)
}

fn messages_key(cache: &ThreadCache, access: &ServiceAccess) -> CacheKey {
    cache.entry(&thread(), access).unwrap().key(BodyKind::Messages)
}

#[test]
fn a_copy_belongs_to_the_account_or_else_the_key_and_to_the_base_url() {
    let (_home, cache) = temp_cache();
    let base = messages_key(&cache, &access("https://a.example/v1/", Some("acc"), Some("k")));
    assert_eq!((base.base.as_str(), base.owner.as_str()), ("https://a.example/v1", "account acc"));
    let same = messages_key(&cache, &access(" https://A.example:443/v1", Some("acc"), Some("rotated")));
    assert_eq!(same, base);
    let by_key = messages_key(&cache, &access("https://a.example", None, Some("k")));
    assert!(by_key.owner.starts_with("key ") && !by_key.owner.ends_with(" k"));
    assert_ne!(by_key.owner, messages_key(&cache, &access("https://a.example", None, Some("l"))).owner);
    assert!(cache.entry(&thread(), &access("nonsense", None, Some("k"))).is_none());
}

#[test]
fn nothing_is_written_without_an_owner() {
    let (_home, cache) = temp_cache();
    let entry = cache.entry(&thread(), &access("https://a.example", None, Some(" "))).unwrap();
    assert!(entry.start_writer(BodyKind::Messages).is_none());
}

#[test]
fn a_slow_disk_drops_the_new_copy_and_keeps_the_old_one() {
    let (_home, cache) = temp_cache();
    let entry = cache.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let mut writer = entry.start_writer(BodyKind::Messages).unwrap();
    writer.write(b"old");
    writer.finish(Some(BodyCompleteness::Complete)).wait();
    let file_cache = cache.cache().unwrap().clone();
    // No byte may wait: the second chunk finds the first one in the queue, or the first was written and counts again.
    let mut writer = BackgroundWriter::start_with_limit(
        file_cache,
        entry.key(BodyKind::Messages),
        (Timestamp(1), WriteFailure::default()),
        0,
    );
    for _ in 0..100_000 {
        writer.write(&[7; 4096]);
        if writer.has_given_up() {
            break;
        }
    }
    assert!(writer.has_given_up());
    writer.finish(Some(BodyCompleteness::Complete)).wait();
    assert_eq!(entry.open(BodyKind::Messages, CacheScope::SameOwner).unwrap().read_all().unwrap(), b"old");
}

#[test]
fn a_restarted_body_is_stored_once_and_never_replaced_by_a_shorter_part() {
    let (_home, cache) = temp_cache();
    let entry = cache.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let write = |attempts: &[&str], completeness| {
        let mut writer = entry.start_writer(BodyKind::Messages).unwrap();
        for body in attempts {
            writer.restart();
            writer.write(body.as_bytes());
        }
        writer.finish(completeness).wait();
        entry.open(BodyKind::Messages, CacheScope::SameOwner).map(|body| body.read_all().unwrap())
    };
    assert_eq!(write(&["half"], None), None);
    assert_eq!(
        write(&["half", "a longer half"], Some(BodyCompleteness::Partial)),
        Some(b"a longer half".to_vec())
    );
    assert_eq!(write(&["short"], Some(BodyCompleteness::Partial)), Some(b"a longer half".to_vec()));
    assert_eq!(write(&["whole"], Some(BodyCompleteness::Complete)), Some(b"whole".to_vec()));
    assert_eq!(write(&["longer, but partial"], Some(BodyCompleteness::Partial)), Some(b"whole".to_vec()));
}

#[test]
fn shared_chunks_may_queue_without_limit_and_are_stored() {
    let (_home, cache) = temp_cache();
    let entry = cache.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let file_cache = cache.cache().unwrap().clone();
    let mut writer = BackgroundWriter::start_with_limit(
        file_cache,
        entry.key(BodyKind::Messages),
        (Timestamp(1), WriteFailure::default()),
        0,
    );
    let segment = Arc::new(Segment::from(vec![b'm'; 4096]));
    for _ in 0..2000 {
        writer.write_shared(BodyChunk::Shared(Arc::clone(&segment)));
    }
    assert!(!writer.has_given_up());
    writer.finish(Some(BodyCompleteness::Complete)).wait();
    let stored = entry.open(BodyKind::Messages, CacheScope::SameOwner).unwrap().read_all().unwrap();
    assert!(stored == vec![b'm'; 2000 * 4096], "{} bytes", stored.len());
}

#[test]
fn an_unreadable_body_is_stored_but_replaces_no_copy() {
    let (_home, cache) = temp_cache();
    let entry = cache.entry(&thread(), &access("https://a.example", None, Some("k"))).unwrap();
    let write = |text: &str, is_readable: Option<bool>| {
        let mut writer = entry.start_writer(BodyKind::Messages).unwrap();
        writer.write(text.as_bytes());
        let (sender, readable) = std::sync::mpsc::channel();
        if let Some(is_readable) = is_readable {
            sender.send(is_readable).unwrap();
        }
        drop(sender);
        writer.finish_if_readable(Some(BodyCompleteness::Complete), readable).wait();
        entry.open(BodyKind::Messages, CacheScope::SameOwner).map(|body| body.read_all().unwrap())
    };
    assert_eq!(write("strange", Some(false)), Some(b"strange".to_vec()));
    assert_eq!(write("good", Some(true)), Some(b"good".to_vec()));
    assert_eq!(write("strange", Some(false)), Some(b"good".to_vec()));
    assert_eq!(write("unknown", None), Some(b"unknown".to_vec()));
}
