//! Malicious cache entries: random bytes, damaged entries, and entries with valid checksums but arbitrary lengths and
//! blocks. Reading an entry yields the written body, a prefix of it, or nothing.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use unspool::testing::domain::Timestamp;
use unspool::testing::storage::cache_file::{BodyCompleteness, Cache, CacheKey};

struct Fixture {
    _folder: TempDir,
    cache: Cache,
    key: CacheKey,
    path: PathBuf,
    /// The body of a valid entry, and its file.
    body: Vec<u8>,
    valid: Vec<u8>,
    /// Length of the file's prelude and header, and the checksum that seeds the others.
    header_len: usize,
    seed: [u8; 4],
}

/// Length of an entry's footer.
const FOOTER_LEN: usize = 20;

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path(), 1 << 30).unwrap();
    let key = CacheKey {
        service: "sgp".into(),
        id: "a".into(),
        base: "https://api.example.com".into(),
        owner: "account".into(),
        part: "messages".into(),
    };
    let body: Vec<u8> = (0..2000u32)
        .flat_map(|at| if at < 1000 { [7, 7] } else { (at * 7919).to_le_bytes()[..2].try_into().unwrap() })
        .collect();
    let mut writer = cache.write(&key, Timestamp(1)).unwrap();
    writer.push(&body).unwrap();
    writer.commit(BodyCompleteness::Complete).unwrap();
    let entries = fs::read_dir(folder.path().join("bodies")).unwrap();
    let path = entries.map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some()).unwrap();
    let valid = fs::read(&path).unwrap();
    let header_len = 16 + u32::from_le_bytes(valid[8..12].try_into().unwrap()) as usize;
    let seed = valid[12..16].try_into().unwrap();
    Fixture { _folder: folder, cache, key, path, body, valid, header_len, seed }
});

fn checksum(parts: &[&[u8]]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().to_le_bytes()
}

/// Returns an entry with valid checksums: a valid header, then blocks and a footer chosen by the fuzzer.
fn forged(mut data: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let fixture = &*FIXTURE;
    let (mut file, mut body) = (fixture.valid[..fixture.header_len].to_vec(), Vec::new());
    let mut blocks = 0u32;
    while let Some((&[length, twist, short, ..], rest)) = data.split_first_chunk::<3>() {
        if twist & 0x80 != 0 {
            break;
        }
        let plain = &rest[..rest.len().min(usize::from(length))];
        let stated_len = (plain.len() as u32).wrapping_add(u32::from(short % 4) << (twist & 31));
        file.extend_from_slice(&(plain.len() as u32).to_le_bytes());
        file.extend_from_slice(&stated_len.to_le_bytes());
        file.extend_from_slice(&checksum(&[&fixture.seed, &blocks.to_le_bytes(), plain]));
        file.extend_from_slice(plain);
        body.extend_from_slice(plain);
        (blocks, data) = (blocks + 1, &rest[plain.len()..]);
    }
    let mut fields = [0; 16];
    fields[..8].copy_from_slice(&(body.len() as u64).to_le_bytes());
    fields[8..12].copy_from_slice(&blocks.to_le_bytes());
    data.iter().skip(3).zip(&mut fields).for_each(|(change, field)| *field ^= change);
    file.extend_from_slice(&fields);
    file.extend_from_slice(&checksum(&[&fixture.seed, &fields]));
    (file, body)
}

/// Returns the valid entry with some bytes changed, inserted or cut off.
fn damaged(data: &[u8]) -> Vec<u8> {
    let mut file = FIXTURE.valid.clone();
    for change in data.chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % (file.len() + 1);
        match change[2] % 8 {
            0 => file.truncate(at),
            1 => file.insert(at, change[3]),
            _ => file.get_mut(at).into_iter().for_each(|byte| *byte ^= change[3]),
        }
    }
    file
}

/// Checks that this file yields a prefix of `body` in chunks, and all of it or nothing at once.
fn read(file: &[u8], body: &[u8]) {
    let fixture = &*FIXTURE;
    fs::write(&fixture.path, file).unwrap();
    let mut chunks = Vec::new();
    if let Some(mut entry) = fixture.cache.read(&fixture.key) {
        while let Ok(Some(chunk)) = entry.next_chunk() {
            chunks.extend_from_slice(chunk);
        }
    }
    assert!(body.starts_with(&chunks), "a wrong byte");
    fs::write(&fixture.path, file).unwrap();
    if let Some(all) = fixture.cache.read(&fixture.key).and_then(|entry| entry.read_all().ok()) {
        assert!(all == body, "an incomplete body");
    } else {
        let still_exists = fs::read(&fixture.path).is_ok_and(|left| left == file);
        assert!(!still_exists, "a damaged entry was not removed");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&kind, data)) = data.split_first() else { return };
    match kind % 4 {
        0 => read(data, b""),
        1 => read(&[&FIXTURE.valid[..FIXTURE.header_len], data].concat(), b""),
        2 => read(&damaged(data), &FIXTURE.body),
        _ => {
            let (file, body) = forged(data);
            assert!(file.len() >= FOOTER_LEN);
            read(&file, &body);
        }
    }
});
