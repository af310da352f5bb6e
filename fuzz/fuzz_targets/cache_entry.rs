//! Files in the place of a cache entry: noise, entries with damage, and entries whose checksums are all right but whose
//! lengths and blocks are anything. What is read is the body that was written or the start of it, or nothing.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use unspool::{
    domain::Stamp,
    runtime::cache::{Cache, Extent, Key},
};

struct Place {
    _home: TempDir,
    cache: Cache,
    key: Key,
    path: PathBuf,
    /// The body of a good entry, and its file.
    body: Vec<u8>,
    good: Vec<u8>,
    /// Up to where the file is prelude and head, and the checksum that seeds the others.
    head: usize,
    seed: [u8; 4],
}

/// The end of an entry's file.
const END: usize = 20;

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let cache = Cache::open(home.path(), 1 << 30).unwrap();
    let key = Key {
        service: "sgp".into(),
        id: "a".into(),
        base: "https://api.example.com".into(),
        owner: "account".into(),
        part: "messages".into(),
    };
    let body: Vec<u8> = (0..2000u32).flat_map(|at| if at < 1000 { [7, 7] } else { (at * 7919).to_le_bytes()[..2].try_into().unwrap() }).collect();
    let mut writer = cache.write(&key, Stamp(1)).unwrap();
    writer.push(&body).unwrap();
    writer.commit(Extent::Whole).unwrap();
    let entries = fs::read_dir(home.path().join("bodies")).unwrap();
    let path = entries.map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some()).unwrap();
    let good = fs::read(&path).unwrap();
    let head = 16 + u32::from_le_bytes(good[8..12].try_into().unwrap()) as usize;
    let seed = good[12..16].try_into().unwrap();
    Place { _home: home, cache, key, path, body, good, head, seed }
});

fn checksum(parts: &[&[u8]]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().to_le_bytes()
}

/// An entry with right checksums: blocks and an end of the fuzzer's choice behind a good head.
fn forged(mut data: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let place = &*PLACE;
    let (mut file, mut body) = (place.good[..place.head].to_vec(), Vec::new());
    let mut blocks = 0u32;
    while let Some((&[length, twist, short, ..], rest)) = data.split_first_chunk::<3>() {
        if twist & 0x80 != 0 {
            break;
        }
        let plain = &rest[..rest.len().min(usize::from(length))];
        let told = (plain.len() as u32).wrapping_add(u32::from(short % 4) << (twist & 31));
        file.extend_from_slice(&(plain.len() as u32).to_le_bytes());
        file.extend_from_slice(&told.to_le_bytes());
        file.extend_from_slice(&checksum(&[&place.seed, &blocks.to_le_bytes(), plain]));
        file.extend_from_slice(plain);
        body.extend_from_slice(plain);
        (blocks, data) = (blocks + 1, &rest[plain.len()..]);
    }
    let mut fields = [0; 16];
    fields[..8].copy_from_slice(&(body.len() as u64).to_le_bytes());
    fields[8..12].copy_from_slice(&blocks.to_le_bytes());
    data.iter().skip(3).zip(&mut fields).for_each(|(change, field)| *field ^= change);
    file.extend_from_slice(&fields);
    file.extend_from_slice(&checksum(&[&place.seed, &fields]));
    (file, body)
}

/// The good entry with some bytes changed, added or cut away.
fn damaged(data: &[u8]) -> Vec<u8> {
    let mut file = PLACE.good.clone();
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

/// What an entry of this file gives must be the start of `body`; all of it or nothing where it is asked for all.
fn read(file: &[u8], body: &[u8]) {
    let place = &*PLACE;
    fs::write(&place.path, file).unwrap();
    let mut given = Vec::new();
    if let Some(mut entry) = place.cache.read(&place.key) {
        while let Ok(Some(chunk)) = entry.next_chunk() {
            given.extend_from_slice(chunk);
        }
    }
    assert!(body.starts_with(&given), "a wrong byte");
    fs::write(&place.path, file).unwrap();
    if let Some(all) = place.cache.read(&place.key).and_then(|entry| entry.read_all().ok()) {
        assert!(all == body, "not all of it");
    } else {
        let there = fs::read(&place.path).is_ok_and(|left| left == file);
        assert!(!there, "what is damaged goes away");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&way, data)) = data.split_first() else { return };
    match way % 4 {
        0 => read(data, b""),
        1 => read(&[&PLACE.good[..PLACE.head], data].concat(), b""),
        2 => read(&damaged(data), &PLACE.body),
        _ => {
            let (file, body) = forged(data);
            assert!(file.len() >= END);
            read(&file, &body);
        }
    }
});
