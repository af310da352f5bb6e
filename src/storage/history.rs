//! The history: previously opened threads, newest first, in a file of JSON lines shared by all instances.

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::domain::{ReadingPlace, Source, Timestamp};
use crate::provider::parse_source::parse_source;
use crate::storage::files::{FileError, FileLock, create_private_folder, open_no_follow, write_atomic};

const MAX_ENTRIES: usize = 200;
/// The maximum number of bytes that are read from the file. The program does not write more.
const MAX_BYTES: u64 = 4 << 20;
/// The maximum number of folded questions that are stored for a thread.
const MAX_FOLDS: usize = 200;
/// The maximum number of characters in a title, an id or a search.
const MAX_TITLE_LENGTH: usize = 300;

/// The longest wait for another instance; after that the file is changed without the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// The location of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadLocation {
    Service { service: String, id: String },
    File(PathBuf),
}

/// A visit to a thread. All texts are untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub location: ThreadLocation,
    /// The title; empty if unknown, so that the title of an earlier entry is kept.
    pub title: String,
    /// The name of the profile in use.
    pub profile: Option<String>,
    pub opened_at: Timestamp,
    /// The place where the reader left it; if unknown, the place of an earlier entry is kept.
    pub place: Option<ReadingPlace>,
}

impl HistoryEntry {
    /// Returns whether this entry makes an earlier one obsolete. The same id in another profile may be another thread.
    fn replaces(&self, earlier: &Self) -> bool {
        self.location == earlier.location && (earlier.profile.is_none() || earlier.profile == self.profile)
    }
}

/// The history file.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// A line of the file; it has either service and id, or a path.
#[derive(Serialize, Deserialize)]
struct HistoryLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(default)]
    title: String,
    /// Microseconds since 1970.
    opened: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<PlaceLine>,
}

/// The place where a thread was left; fields without a value are omitted.
#[derive(Serialize, Deserialize, Default, PartialEq)]
#[serde(default)]
struct PlaceLine {
    message: String,
    tab: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    query: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    folded: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fold_exceptions: Vec<u32>,
}

impl PlaceLine {
    fn from_place(place: &ReadingPlace) -> Self {
        let shorten = |text: &str| text.chars().take(MAX_TITLE_LENGTH).collect();
        Self {
            message: shorten(&place.message_id),
            tab: shorten(&place.tab),
            query: shorten(&place.query),
            folded: place.is_folded,
            fold_exceptions: place.fold_exceptions.iter().copied().take(MAX_FOLDS).collect(),
        }
    }

    fn into_place(self) -> ReadingPlace {
        ReadingPlace {
            message_id: self.message,
            tab: self.tab,
            query: self.query,
            is_folded: self.folded,
            fold_exceptions: self.fold_exceptions,
        }
    }
}

impl History {
    /// Returns the history in this folder, which is created with the first entry.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Loads all entries, newest first, one per location and profile. A missing file is treated as empty; invalid lines are
    /// skipped.
    pub fn load(&self) -> Vec<HistoryEntry> {
        let mut bytes = Vec::new();
        let Ok(file) = open_no_follow(&self.file_path()) else { return Vec::new() };
        // The lines read before an error are still valid.
        let _complete = file.take(MAX_BYTES).read_to_end(&mut bytes).is_ok();
        sort_and_dedup(bytes.split(|byte| *byte == b'\n').filter_map(parse_line).collect())
    }

    /// Adds an entry to the current file and returns all. Entries that other instances added are preserved.
    ///
    /// # Errors
    /// The file cannot be written; nothing is recorded.
    pub fn record(&self, mut entry: HistoryEntry) -> Result<Vec<HistoryEntry>, FileError> {
        create_private_folder(&self.folder)?;
        let lock = FileLock::acquire(&self.folder.join("history.lock"), LOCK_TIMEOUT)?;
        let mut entries = self.load();
        if let Some(earlier) = entries.iter().find(|earlier| entry.replaces(earlier)) {
            if entry.title.is_empty() {
                entry.title.clone_from(&earlier.title);
            }
            entry.place = entry.place.take().or_else(|| earlier.place.clone());
        }
        // Times in the future, from a wrong clock, must not displace new visits.
        for earlier in &mut entries {
            earlier.opened_at = earlier.opened_at.min(entry.opened_at);
        }
        entries.insert(0, entry);
        let entries = sort_and_dedup(entries);
        self.write(&entries)?;
        drop(lock);
        Ok(entries)
    }

    /// Sets the place of the entry for the same thread and profile, if there is one, and returns all.
    ///
    /// # Errors
    /// The file cannot be written; nothing is recorded.
    pub fn set_place(&self, left: &HistoryEntry) -> Result<Vec<HistoryEntry>, FileError> {
        create_private_folder(&self.folder)?;
        let lock = FileLock::acquire(&self.folder.join("history.lock"), LOCK_TIMEOUT)?;
        let mut entries = self.load();
        let entry = entries.iter_mut().find(|entry| left.replaces(entry));
        if let Some(entry) = entry.filter(|entry| entry.place != left.place) {
            entry.place.clone_from(&left.place);
            self.write(&entries)?;
        }
        drop(lock);
        Ok(entries)
    }

    /// Removes the entries of threads, given service and id.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remove(&self, is_removed: &dyn Fn(&str, &str) -> bool) -> Result<(), FileError> {
        let mut entries = self.load();
        let count = entries.len();
        entries.retain(|entry| match &entry.location {
            ThreadLocation::Service { service, id } => !is_removed(service, id),
            ThreadLocation::File(_) => true,
        });
        if entries.len() == count {
            return Ok(());
        }
        let lock = FileLock::acquire(&self.folder.join("history.lock"), LOCK_TIMEOUT)?;
        self.write(&entries)?;
        drop(lock);
        Ok(())
    }

    fn write(&self, entries: &[HistoryEntry]) -> Result<(), FileError> {
        let text: String = entries.iter().filter_map(encode_line).collect();
        write_atomic(&self.file_path(), text.as_bytes())
    }

    fn file_path(&self) -> PathBuf {
        self.folder.join("history.jsonl")
    }
}

/// Sorts entries, newest first, and keeps one per location and profile, at most [`MAX_ENTRIES`].
fn sort_and_dedup(mut entries: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.opened_at));
    let mut kept: Vec<HistoryEntry> = Vec::with_capacity(entries.len().min(MAX_ENTRIES));
    for entry in entries {
        if kept.len() < MAX_ENTRIES && !kept.iter().any(|later| later.replaces(&entry)) {
            kept.push(entry);
        }
    }
    kept
}

fn parse_line(line: &[u8]) -> Option<HistoryEntry> {
    let line: HistoryLine = serde_json::from_slice(line).ok()?;
    let location = match (line.service, line.id, line.path) {
        (Some(service), Some(id), None) => ThreadLocation::Service { service, id },
        (None, None, Some(path)) => ThreadLocation::File(decode_path(path)),
        _ => return None,
    };
    Some(HistoryEntry {
        location,
        title: line.title,
        profile: line.profile,
        opened_at: Timestamp(line.opened),
        place: line.place.map(PlaceLine::into_place),
    })
}

/// Decodes a path: one that is not valid Unicode is stored as an address.
fn decode_path(text: String) -> PathBuf {
    match text.starts_with("file://").then(|| parse_source(&text, None)) {
        Some(Ok(Source::File(path))) => path,
        Some(_) | None => text.into(),
    }
}

fn encode_line(entry: &HistoryEntry) -> Option<String> {
    let (service, id, path) = match &entry.location {
        ThreadLocation::Service { service, id } => (Some(service.clone()), Some(id.clone()), None),
        ThreadLocation::File(path) => (None, None, Some(Source::File(path.clone()).to_input())),
    };
    let line = HistoryLine {
        service,
        id,
        path,
        profile: entry.profile.clone(),
        title: entry.title.chars().take(MAX_TITLE_LENGTH).collect(),
        opened: entry.opened_at.0,
        place: entry.place.as_ref().map(PlaceLine::from_place),
    };
    serde_json::to_string(&line).ok().map(|text| text + "\n")
}

#[cfg(test)]
mod tests;
