//! Operations on all entries: listing, verification, eviction, size.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{BODIES_FOLDER, BodyCompleteness, Cache, CacheKey, EntryReader, FileError};
use crate::domain::Timestamp;

pub(super) const SUFFIX: &str = ".body";

/// A listed entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedEntry {
    pub key: CacheKey,
    pub fetched_at: Timestamp,
    pub completeness: BodyCompleteness,
    pub body_bytes: u64,
    pub disk_bytes: u64,
}

/// The result of a verification, in numbers of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    pub intact: usize,
    /// Damaged entries, which are removed if the folder is writable.
    pub damaged: usize,
}

/// The file of an entry, as the folder lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFile {
    pub name: String,
    /// The time of the last change, in microseconds since 1970.
    pub modified: i64,
    pub size: u64,
}

/// Lists the files of entries in the folder of a cache, which may be missing.
///
/// # Errors
/// The folder cannot be read.
pub fn list_files(folder: &Path) -> io::Result<Vec<CacheFile>> {
    let entries = match fs::read_dir(folder.join(BODIES_FOLDER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let to_file = |file: EntryFile| {
        let modified = file.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let modified = i64::try_from(modified.as_micros()).unwrap_or(i64::MAX);
        Some(CacheFile { name: file.path.file_name()?.to_str()?.to_owned(), modified, size: file.size })
    };
    Ok(entries.flatten().filter_map(|entry| entry_file(&entry)).filter_map(to_file).collect())
}

fn entry_file(entry: &fs::DirEntry) -> Option<EntryFile> {
    let path = entry.path();
    let is_entry = path.file_name()?.to_str()?.ends_with(SUFFIX);
    let metadata = entry.metadata().ok().filter(|metadata| is_entry && metadata.is_file())?;
    Some(EntryFile { path, modified: metadata.modified().ok()?, size: metadata.len() })
}

struct EntryFile {
    path: PathBuf,
    modified: SystemTime,
    size: u64,
}

impl Cache {
    /// Lists every readable entry, newest first. Damaged entries are removed.
    pub fn list(&self) -> Vec<CachedEntry> {
        let mut entries: Vec<_> = self
            .entry_files()
            .filter_map(|file| {
                let entry = EntryReader::open(&file.path)?;
                Some(CachedEntry {
                    key: entry.key().clone(),
                    fetched_at: entry.fetched_at(),
                    completeness: entry.completeness(),
                    body_bytes: entry.body_size(),
                    disk_bytes: file.size,
                })
            })
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.fetched_at));
        entries
    }

    /// Verifies every byte of every entry.
    pub fn verify(&self) -> VerifyReport {
        let mut report = VerifyReport::default();
        for file in self.entry_files() {
            if is_intact(&file.path) { report.intact += 1 } else { report.damaged += 1 }
        }
        report
    }

    /// Removes every entry and returns their number.
    ///
    /// # Errors
    /// The error of the first entry that cannot be removed; the others are removed.
    pub fn clear(&self) -> Result<usize, FileError> {
        let (mut removed, mut first_error) = (0, None);
        for file in self.entry_files() {
            match fs::remove_file(&file.path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    first_error = first_error.or(Some(FileError::wrap("remove", &file.path)(error)));
                }
            }
        }
        first_error.map_or(Ok(removed), Err)
    }

    /// Returns the bytes of all entries on disk.
    pub fn size(&self) -> u64 {
        self.entry_files().map(|file| file.size).sum()
    }

    /// Removes the oldest entries until the rest is within the limit, but never the one just written.
    pub(super) fn evict_oldest(&self, just_written: &Path) {
        let mut files: Vec<_> = self.entry_files().collect();
        let mut total: u64 = files.iter().map(|file| file.size).sum();
        files.retain(|file| file.path != just_written);
        files.sort_by_key(|file| file.modified);
        for file in files {
            if total <= self.limit {
                return;
            }
            // If an entry cannot be removed, the next one may suffice.
            if fs::remove_file(&file.path).is_ok() {
                total = total.saturating_sub(file.size);
            }
        }
    }

    /// Opens the entry in the file with this name; `None` if it is missing or damaged.
    pub fn open_file(&self, name: &str) -> Option<EntryReader> {
        EntryReader::open(&self.folder.join(name))
    }

    fn entry_files(&self) -> impl Iterator<Item = EntryFile> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry_file(&entry))
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
