mod kill;

use std::{
    thread,
    time::{Duration, SystemTime},
};

use proptest::prelude::*;
use tempfile::TempDir;

use super::entry::DamagedEntry;
use super::maintenance::VerifyReport;
use super::*;

/// A limit that no test reaches, in bytes.
const DEFAULT_LIMIT: u64 = 1 << 30;

fn key(id: &str) -> CacheKey {
    CacheKey {
        service: "sgp".into(),
        id: id.into(),
        base: "https://api.example.com/public".into(),
        owner: "account-1".into(),
        part: "messages".into(),
    }
}

fn temp_cache(limit: u64) -> (TempDir, Cache) {
    let home = tempfile::tempdir().unwrap();
    let cache = Cache::open(home.path(), limit).unwrap();
    (home, cache)
}

fn put(cache: &Cache, key: &CacheKey, fetched: i64, body: &[u8]) {
    let mut writer = cache.write(key, Timestamp(fetched)).unwrap();
    body.chunks(1000.max(body.len() / 7)).for_each(|chunk| writer.push(chunk).unwrap());
    writer.commit(BodyCompleteness::Complete).unwrap();
}

fn get(cache: &Cache, key: &CacheKey) -> Option<Vec<u8>> {
    cache.read(key)?.read_all().ok()
}

/// Part of it compresses and part does not.
fn sample_body(length: usize) -> Vec<u8> {
    let mut word = 1u64;
    let mut next = || {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (word >> 56) as u8
    };
    (0..length)
        .map(|index| if index / 100_000 % 2 == 0 { b'a' + (index % 7) as u8 } else { next() })
        .collect()
}

/// File names of entries and of unfinished entries.
fn file_names(cache: &Cache) -> Vec<String> {
    let entries = fs::read_dir(&cache.folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "salt")
        .collect()
}

#[test]
fn bodies_are_read_back_unchanged() {
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    for length in [0, 1, block::SIZE - 1, block::SIZE, block::SIZE + 1, 1_000_000] {
        let body = sample_body(length);
        put(&cache, &key("a"), 5, &body);
        let entry = Cache::open(home.path(), 1).unwrap().read(&key("a")).unwrap();
        assert_eq!(
            (entry.fetched_at(), entry.body_size(), entry.completeness()),
            (Timestamp(5), length as u64, BodyCompleteness::Complete)
        );
        assert!(entry.read_all().unwrap() == body, "{length}");
    }
    assert!(cache.size() < 600_000);
}

#[test]
fn another_account_host_service_or_body_kind_is_another_entry() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, b"mine");
    let others = [
        CacheKey { owner: "account-2".into(), ..key("a") },
        CacheKey { base: "https://other.example.com".into(), ..key("a") },
        CacheKey { service: "camelai".into(), ..key("a") },
        CacheKey { part: "details".into(), ..key("a") },
        key("A"),
    ];
    for other in &others {
        assert_eq!(get(&cache, other), None, "{other:?}");
        // Nor if its file has the name of the other entry.
        fs::copy(cache.path(&key("a")), cache.path(other)).unwrap();
        assert_eq!(get(&cache, other), None, "{other:?}");
    }
    assert_eq!(get(&cache, &key("a")).unwrap(), b"mine");
}

#[test]
fn file_names_contain_no_untrusted_text() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("../../../etc/passwd\0\n"), 1, b"x");
    let name = file_names(&cache).pop().unwrap();
    assert!(
        name.len() == 37 && name.trim_end_matches(".body").bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{name}"
    );
}

#[test]
fn a_key_fingerprint_identifies_a_key_without_revealing_it() {
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    let [one, two] = ["canary-1", "canary-2"].map(SecretString::from);
    assert_eq!(cache.key_fingerprint(&one), Cache::open(home.path(), 1).unwrap().key_fingerprint(&one));
    assert_ne!(cache.key_fingerprint(&one), cache.key_fingerprint(&two));
    let elsewhere = tempfile::tempdir().unwrap();
    assert_ne!(cache.key_fingerprint(&one), Cache::open(elsewhere.path(), 1).unwrap().key_fingerprint(&one));
    assert!(!cache.key_fingerprint(&one).contains("canary"));
}

#[test]
fn a_dropped_or_restarted_writer_leaves_none_of_its_bytes() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, b"old");
    let mut writer = cache.write(&key("a"), Timestamp(2)).unwrap();
    writer.push(&sample_body(600_000)).unwrap();
    assert_eq!(get(&cache, &key("a")).unwrap(), b"old", "an unfinished entry is invisible");
    drop(writer);
    assert_eq!((file_names(&cache).len(), get(&cache, &key("a")).unwrap()), (1, b"old".to_vec()));
    let mut writer = cache.write(&key("a"), Timestamp(3)).unwrap();
    writer.push(&sample_body(600_000)).unwrap();
    writer.restart().unwrap();
    writer.push(b"new").unwrap();
    writer.commit(BodyCompleteness::Partial).unwrap();
    let entry = cache.read(&key("a")).unwrap();
    assert_eq!(
        (entry.fetched_at(), entry.completeness(), entry.read_all().unwrap()),
        (Timestamp(3), BodyCompleteness::Partial, b"new".to_vec())
    );
}

#[test]
fn leftovers_of_killed_instances_are_swept_and_files_in_progress_are_not() {
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    let mut writer = cache.write(&key("a"), Timestamp(1)).unwrap();
    writer.push(b"slow").unwrap();
    fs::write(cache.folder.join(".unspool-killed.tmp"), "half").unwrap();
    Cache::open(home.path(), DEFAULT_LIMIT).unwrap();
    assert_eq!(file_names(&cache).len(), 1);
    writer.commit(BodyCompleteness::Complete).unwrap();
    assert_eq!(get(&cache, &key("a")).unwrap(), b"slow");
}

#[test]
fn every_truncated_file_is_a_miss_and_is_removed() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, b"a body that is short");
    let path = cache.path(&key("a"));
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(get(&cache, &key("a")), None, "{length}");
        assert!(!path.exists(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn damage_anywhere_never_gives_a_wrong_byte(damage in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4)) {
        let (_home, cache) = temp_cache(DEFAULT_LIMIT);
        let body = [sample_body(3000), sample_body(101_000).split_off(100_000)].concat();
        let mut writer = cache.write(&key("a"), Timestamp(1)).unwrap();
        writer.block_size = 500;
        writer.push(&body).unwrap();
        writer.commit(BodyCompleteness::Complete).unwrap();
        let path = cache.path(&key("a"));
        let mut bytes = fs::read(&path).unwrap();
        let good = bytes.clone();
        for (index, flip) in damage {
            let index = index.index(bytes.len());
            bytes[index] ^= flip;
        }
        prop_assume!(bytes != good);
        fs::write(&path, &bytes).unwrap();
        let mut read = Vec::new();
        if let Some(mut entry) = cache.read(&key("a")) {
            while let Ok(Some(chunk)) = entry.next_chunk() {
                read.extend_from_slice(chunk);
            }
        }
        prop_assert!(body.starts_with(&read));
        // Different compressed bytes can decompress to the same; then nothing is lost.
        match get(&cache, &key("a")) {
            Some(read) => prop_assert!(read == body),
            None => prop_assert!(!path.exists(), "a damaged entry is removed"),
        }
    }

    #[test]
    fn random_files_are_misses(noise in prop::collection::vec(any::<u8>(), 0..200), magic: bool) {
        let (_home, cache) = temp_cache(DEFAULT_LIMIT);
        let mut bytes = if magic { b"unspool1".to_vec() } else { Vec::new() };
        bytes.extend_from_slice(&noise);
        fs::write(cache.path(&key("a")), bytes).unwrap();
        prop_assert!(get(&cache, &key("a")).is_none());
    }
}

#[test]
fn an_entry_that_claims_more_than_its_file_can_hold_is_a_miss() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, b"a body");
    let path = cache.path(&key("a"));
    let mut bytes = fs::read(&path).unwrap();
    let seed = u32::from_le_bytes(bytes[12..16].try_into().unwrap());
    bytes.truncate(bytes.len() - format::FOOTER_SIZE);
    let footer =
        format::Footer { plain_len: u64::MAX, block_count: 1, completeness: BodyCompleteness::Complete };
    bytes.extend_from_slice(&footer.encode(seed));
    fs::write(&path, bytes).unwrap();
    assert!(cache.read(&key("a")).is_none() && !path.exists());
}

#[test]
fn a_block_of_another_entry_is_damage() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, b"body of one entry");
    put(&cache, &key("b"), 1, b"body of the other");
    let [one, other] = ["a", "b"].map(|id| fs::read(cache.path(&key(id))).unwrap());
    let block = one.len() - format::FOOTER_SIZE - block::HEADER_SIZE - 17;
    let mut mixed = one[..block].to_vec();
    mixed.extend_from_slice(&other[block..other.len() - format::FOOTER_SIZE]);
    mixed.extend_from_slice(&one[one.len() - format::FOOTER_SIZE..]);
    fs::write(cache.path(&key("a")), mixed).unwrap();
    assert_eq!(get(&cache, &key("a")), None);
}

#[test]
fn reading_a_damaged_entry_does_not_remove_its_replacement() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, &sample_body(block::SIZE * 2));
    let path = cache.path(&key("a"));
    let mut bytes = fs::read(&path).unwrap();
    let index = bytes.len() - 100;
    bytes[index] ^= 1;
    fs::write(&path, bytes).unwrap();
    let entry = cache.read(&key("a")).unwrap();
    put(&cache, &key("a"), 2, b"good");
    assert_eq!(entry.read_all(), Err(DamagedEntry));
    assert_eq!(get(&cache, &key("a")).unwrap(), b"good");
}

#[test]
fn concurrent_writers_leave_one_complete_entry() {
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    thread::scope(|scope| {
        for writer in 0..4u8 {
            let cache = Cache::open(home.path(), DEFAULT_LIMIT).unwrap();
            scope.spawn(move || {
                for _ in 0..5 {
                    put(&cache, &key("a"), i64::from(writer), &vec![writer; 300_000]);
                    let read = get(&cache, &key("a")).unwrap();
                    assert!(read.len() == 300_000 && read.iter().all(|byte| *byte == read[0]));
                }
            });
        }
    });
    assert_eq!(file_names(&cache).len(), 1);
}

/// Sets the age of an entry's file, because a test writes faster than file times advance.
fn set_age(cache: &Cache, key: &CacheKey, seconds: u64) {
    let file = fs::File::options().write(true).open(cache.path(key)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - seconds)).unwrap();
}

#[test]
fn the_oldest_entries_are_evicted() {
    let (_home, cache) = temp_cache(2_000);
    let noise = &sample_body(200_000)[100_000..100_500];
    for (id, seconds) in [("middle", 2), ("oldest", 3), ("newest", 1)] {
        put(&cache, &key(id), 1, noise);
        set_age(&cache, &key(id), seconds);
    }
    assert_eq!(
        cache.list().len(),
        2,
        "three entries with their headers exceed the limit: the third one evicts the oldest"
    );
    put(&cache, &key("more"), 9, noise);
    assert!(cache.size() <= 2_000);
    let ids: Vec<_> = cache.list().into_iter().map(|entry| entry.key.id).collect();
    assert_eq!(ids, ["more", "newest"]);
}

#[test]
fn an_entry_larger_than_the_cache_is_not_stored_and_evicts_nothing() {
    let (_home, cache) = temp_cache(2_000);
    put(&cache, &key("small"), 1, b"x");
    let mut writer = cache.write(&key("large"), Timestamp(2)).unwrap();
    assert!(writer.push(&sample_body(2_000_000)).is_err());
    assert!(
        writer.push(b"x").is_err()
            && writer.restart().is_err()
            && writer.commit(BodyCompleteness::Complete).is_err()
    );
    assert_eq!(file_names(&cache).len(), 1);
    assert_eq!(get(&cache, &key("small")).unwrap(), b"x");
}

#[test]
fn entries_are_listed_verified_and_cleared() {
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, &sample_body(300_000));
    put(&cache, &key("b"), 2, b"bb");
    put(&cache, &key("c"), 3, b"ccc");
    let ids: Vec<_> = cache.list().into_iter().map(|entry| (entry.key.id, entry.body_bytes)).collect();
    assert_eq!(ids, [("c".into(), 3), ("b".into(), 2), ("a".into(), 300_000)]);
    let path = cache.path(&key("a"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[1000] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(cache.verify(), VerifyReport { intact: 2, damaged: 1 });
    assert_eq!(cache.verify(), VerifyReport { intact: 2, damaged: 0 });
    cache.remove(&key("b")).unwrap();
    cache.remove(&key("b")).unwrap();
    assert_eq!(cache.clear().unwrap(), 1);
    assert_eq!((file_names(&cache).len(), cache.size()), (0, 0));
}

#[cfg(unix)]
#[test]
fn files_are_private_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    put(&cache, &key("a"), 1, b"x");
    let mode = |path: &Path| path.symlink_metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&cache.folder), mode(&cache.path(&key("a")))), (0o700, 0o600));
    assert_eq!(mode(&cache.folder.join("salt")), 0o600);
    let moved = home.path().join("moved");
    fs::rename(cache.path(&key("a")), &moved).unwrap();
    symlink(&moved, cache.path(&key("a"))).unwrap();
    assert_eq!(get(&cache, &key("a")), None);
    put(&cache, &key("a"), 2, b"y");
    assert_eq!(get(&cache, &key("a")).unwrap(), b"y");
    assert!(moved.symlink_metadata().unwrap().is_file());
}

#[test]
fn an_unusable_folder_is_an_error_without_a_panic() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    assert!(Cache::open(&home.path().join("file"), DEFAULT_LIMIT).is_err());
    let (_home, cache) = temp_cache(DEFAULT_LIMIT);
    fs::remove_dir_all(&cache.folder).unwrap();
    assert!(cache.write(&key("a"), Timestamp(1)).is_err());
    assert!(cache.read(&key("a")).is_none() && cache.list().is_empty());
}

#[test]
fn an_invalid_salt_is_replaced() {
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    fs::write(cache.folder.join("salt"), "short").unwrap();
    let reopened = Cache::open(home.path(), DEFAULT_LIMIT).unwrap();
    assert_ne!(reopened.salt, cache.salt);
    assert_eq!(Cache::open(home.path(), DEFAULT_LIMIT).unwrap().salt, reopened.salt);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_the_salt_is_replaced_and_does_not_block() {
    let (home, cache) = temp_cache(DEFAULT_LIMIT);
    let path = cache.folder.join("salt");
    fs::remove_file(&path).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
    let reopened = Cache::open(home.path(), DEFAULT_LIMIT).unwrap();
    assert_eq!(Cache::open(home.path(), DEFAULT_LIMIT).unwrap().salt, reopened.salt);
    assert!(path.metadata().unwrap().is_file());
}
