//! Threads that were opened before, newest first, in a file of JSON lines that several instances share.

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;
use crate::storage::files::{FileError, FileLock, create_private_folder, open_no_follow, write_atomic};

/// How many are kept.
const MAX_ENTRIES: usize = 200;
/// More of a file than this is not read: it cannot be ours.
const MAX_BYTES: u64 = 4 << 20;
/// Characters of a title.
const MAX_TITLE_LENGTH: usize = 300;

/// How long another instance may be at the file before it is changed regardless.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// Where a thread is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadLocation {
    Service { service: String, id: String },
    File(PathBuf),
}

/// One opening of a thread. All texts come from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub location: ThreadLocation,
    /// Empty if unknown; an earlier visit's title is kept then.
    pub title: String,
    /// The name of the profile by which it was reached.
    pub profile: Option<String>,
    pub opened_at: Timestamp,
}

impl HistoryEntry {
    /// Whether this one says all that an earlier one does: the same id by another profile may be another thread.
    fn replaces(&self, earlier: &Self) -> bool {
        self.location == earlier.location && (earlier.profile.is_none() || earlier.profile == self.profile)
    }
}

/// The file of visits.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// A line of the file. Either service and id or a path.
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
}

impl History {
    /// In this folder, which is made when the first visit is recorded.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// All visits, newest first and each place once for each profile. A missing file is an empty one; lines that make no sense are
    /// passed over.
    pub fn load(&self) -> Vec<HistoryEntry> {
        let mut bytes = Vec::new();
        let Ok(file) = open_no_follow(&self.file_path()) else { return Vec::new() };
        // What could be read before an error is as good as the rest.
        let _whole = file.take(MAX_BYTES).read_to_end(&mut bytes).is_ok();
        sort_and_dedup(bytes.split(|byte| *byte == b'\n').filter_map(parse_line).collect())
    }

    /// Adds a visit to what is in the file now, and returns all. Nothing that another instance added is lost.
    ///
    /// # Errors
    /// The file cannot be written; the visit is not recorded then.
    pub fn record(&self, visit: HistoryEntry) -> Result<Vec<HistoryEntry>, FileError> {
        self.update(|visits| {
            let known = visits.iter().find(|other| visit.replaces(other));
            let title = known.filter(|_| visit.title.is_empty()).map(|known| known.title.clone());
            let visit = HistoryEntry { title: title.unwrap_or_else(|| visit.title.clone()), ..visit.clone() };
            visits.insert(0, visit);
        })
    }

    /// Takes a place out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&self, place: &ThreadLocation) -> Result<Vec<HistoryEntry>, FileError> {
        self.update(|visits| visits.retain(|visit| visit.location != *place))
    }

    /// Takes everything out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn clear(&self) -> Result<(), FileError> {
        self.update(Vec::clear).map(|_| ())
    }

    fn update(&self, change: impl FnOnce(&mut Vec<HistoryEntry>)) -> Result<Vec<HistoryEntry>, FileError> {
        create_private_folder(&self.folder)?;
        let turn = FileLock::acquire(&self.folder.join("history.lock"), LOCK_TIMEOUT)?;
        let mut visits = self.load();
        change(&mut visits);
        let visits = sort_and_dedup(visits);
        let text: String = visits.iter().filter_map(encode_line).collect();
        write_atomic(&self.file_path(), text.as_bytes())?;
        drop(turn);
        Ok(visits)
    }

    fn file_path(&self) -> PathBuf {
        self.folder.join("history.jsonl")
    }
}

/// Newest first, each place once for each profile, not too many.
fn sort_and_dedup(mut visits: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
    visits.sort_by_key(|visit| std::cmp::Reverse(visit.opened_at));
    let mut kept: Vec<HistoryEntry> = Vec::with_capacity(visits.len().min(MAX_ENTRIES));
    for visit in visits {
        if kept.len() < MAX_ENTRIES && !kept.iter().any(|later| later.replaces(&visit)) {
            kept.push(visit);
        }
    }
    kept
}

fn parse_line(line: &[u8]) -> Option<HistoryEntry> {
    let line: HistoryLine = serde_json::from_slice(line).ok()?;
    let place = match (line.service, line.id, line.path) {
        (Some(service), Some(id), None) => ThreadLocation::Service { service, id },
        (None, None, Some(path)) => ThreadLocation::File(path.into()),
        _ => return None,
    };
    Some(HistoryEntry {
        location: place,
        title: line.title,
        profile: line.profile,
        opened_at: Timestamp(line.opened),
    })
}

/// None for a path that is no text: it could not be read back.
fn encode_line(visit: &HistoryEntry) -> Option<String> {
    let (service, id, path) = match &visit.location {
        ThreadLocation::Service { service, id } => (Some(service.clone()), Some(id.clone()), None),
        ThreadLocation::File(path) => (None, None, Some(path.to_str()?.to_owned())),
    };
    let title = visit.title.chars().take(MAX_TITLE_LENGTH).collect();
    let line =
        HistoryLine { service, id, path, profile: visit.profile.clone(), title, opened: visit.opened_at.0 };
    serde_json::to_string(&line).ok().map(|text| text + "\n")
}

#[cfg(test)]
mod tests;
