//! All entries together: how much they take, which have to go, what is in them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{BodyCompleteness, Cache, CacheKey, EntryReader, FileError};
use crate::domain::Timestamp;

pub(super) const SUFFIX: &str = ".body";

/// An entry in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedEntry {
    pub key: CacheKey,
    pub fetched_at: Timestamp,
    pub completeness: BodyCompleteness,
    /// Bytes of the body.
    pub body_bytes: u64,
    /// Bytes on the disk.
    pub disk_bytes: u64,
}

/// What a check found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    pub intact: usize,
    /// These are removed, as far as the folder allows.
    pub damaged: usize,
}

struct EntryFile {
    path: PathBuf,
    modified: SystemTime,
    size: u64,
}

impl Cache {
    /// Every entry that can be opened, newest first. Damaged ones are removed on the way.
    pub fn list(&self) -> Vec<CachedEntry> {
        let mut all: Vec<_> = self
            .entry_files()
            .filter_map(|file| {
                let entry = EntryReader::open(&file.path)?;
                Some(CachedEntry {
                    key: entry.key().clone(),
                    fetched_at: entry.fetched_at(),
                    completeness: entry.completeness(),
                    body_bytes: entry.len(),
                    disk_bytes: file.size,
                })
            })
            .collect();
        all.sort_by_key(|listed| std::cmp::Reverse(listed.fetched_at));
        all
    }

    /// Reads every byte of every entry.
    pub fn verify(&self) -> VerifyReport {
        let mut checked = VerifyReport::default();
        for file in self.entry_files() {
            if is_intact(&file.path) { checked.intact += 1 } else { checked.damaged += 1 }
        }
        checked
    }

    /// Removes every entry, and returns how many there were.
    ///
    /// # Errors
    /// The first one that cannot be removed; the others are gone.
    pub fn clear(&self) -> Result<usize, FileError> {
        let (mut removed, mut refused) = (0, None);
        for file in self.entry_files() {
            match fs::remove_file(&file.path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => refused = refused.or(Some(FileError::wrap("remove", &file.path)(error))),
            }
        }
        refused.map_or(Ok(removed), Err)
    }

    /// Bytes on the disk.
    pub fn size(&self) -> u64 {
        self.entry_files().map(|file| file.size).sum()
    }

    /// Removes the entries that were written longest ago until the rest fits; never the one just written.
    pub(super) fn evict_oldest(&self, just_written: &Path) {
        let mut files: Vec<_> = self.entry_files().collect();
        let mut total: u64 = files.iter().map(|file| file.size).sum();
        files.retain(|file| file.path != just_written);
        files.sort_by_key(|file| file.modified);
        for file in files {
            if total <= self.limit {
                return;
            }
            // What cannot be removed is no reason to stop: the next one may do.
            if fs::remove_file(&file.path).is_ok() {
                total = total.saturating_sub(file.size);
            }
        }
    }

    fn entry_files(&self) -> impl Iterator<Item = EntryFile> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let path = entry.path();
            let ours = path.file_name()?.to_str()?.ends_with(SUFFIX);
            let found = entry.metadata().ok().filter(|found| ours && found.is_file())?;
            Some(EntryFile { path, modified: found.modified().ok()?, size: found.len() })
        })
    }
}

fn is_intact(path: &Path) -> bool {
    let Some(mut entry) = EntryReader::open(path) else { return false };
    loop {
        match entry.next_chunk() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}
