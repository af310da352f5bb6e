//! Threads that were opened before, newest first, in a file of JSON lines that several instances share.

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::files::{FileError, Turn, open_plain, private_folder, write_atomic};
use crate::domain::Stamp;

/// How many are kept.
const MOST: usize = 200;
/// More of a file than this is not read: it cannot be ours.
const MOST_BYTES: u64 = 4 << 20;
/// Characters of a title.
const LONGEST_TITLE: usize = 300;

/// How long another instance may be at the file before it is changed regardless.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a thread is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Service { service: String, id: String },
    File(PathBuf),
}

/// One opening of a thread. All texts come from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub place: Place,
    /// Empty if unknown; an earlier visit's title is kept then.
    pub title: String,
    /// The name of the profile by which it was reached.
    pub profile: Option<String>,
    pub opened: Stamp,
}

impl Visit {
    /// Whether this one says all that an earlier one does: the same id by another profile may be another thread.
    fn replaces(&self, earlier: &Self) -> bool {
        self.place == earlier.place && (earlier.profile.is_none() || earlier.profile == self.profile)
    }
}

/// The file of visits.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// A line of the file. Either service and id or a path.
#[derive(Serialize, Deserialize)]
struct Line {
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
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// All visits, newest first and each place once for each profile. A missing file is an empty one; lines that make no sense are
    /// passed over.
    pub fn load(&self) -> Vec<Visit> {
        let mut bytes = Vec::new();
        let Ok(file) = open_plain(&self.file()) else { return Vec::new() };
        // What could be read before an error is as good as the rest.
        let _whole = file.take(MOST_BYTES).read_to_end(&mut bytes).is_ok();
        tidy(bytes.split(|byte| *byte == b'\n').filter_map(read).collect())
    }

    /// Adds a visit to what is in the file now, and returns all. Nothing that another instance added is lost.
    ///
    /// # Errors
    /// The file cannot be written; the visit is not recorded then.
    pub fn record(&self, visit: Visit) -> Result<Vec<Visit>, FileError> {
        self.change(|visits| {
            let known = visits.iter().find(|other| visit.replaces(other));
            let title = known.filter(|_| visit.title.is_empty()).map(|known| known.title.clone());
            let visit = Visit { title: title.unwrap_or_else(|| visit.title.clone()), ..visit.clone() };
            visits.insert(0, visit);
        })
    }

    /// Takes a place out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&self, place: &Place) -> Result<Vec<Visit>, FileError> {
        self.change(|visits| visits.retain(|visit| visit.place != *place))
    }

    /// Takes everything out.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn clear(&self) -> Result<(), FileError> {
        self.change(Vec::clear).map(|_| ())
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Visit>)) -> Result<Vec<Visit>, FileError> {
        private_folder(&self.folder)?;
        let turn = Turn::take(&self.folder.join("history.lock"), PATIENCE)?;
        let mut visits = self.load();
        change(&mut visits);
        let visits = tidy(visits);
        let text: String = visits.iter().filter_map(written).collect();
        write_atomic(&self.file(), text.as_bytes())?;
        drop(turn);
        Ok(visits)
    }

    fn file(&self) -> PathBuf {
        self.folder.join("history.jsonl")
    }
}

/// Newest first, each place once for each profile, not too many.
fn tidy(mut visits: Vec<Visit>) -> Vec<Visit> {
    visits.sort_by_key(|visit| std::cmp::Reverse(visit.opened));
    let mut kept: Vec<Visit> = Vec::with_capacity(visits.len().min(MOST));
    for visit in visits {
        if kept.len() < MOST && !kept.iter().any(|later| later.replaces(&visit)) {
            kept.push(visit);
        }
    }
    kept
}

fn read(line: &[u8]) -> Option<Visit> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let place = match (line.service, line.id, line.path) {
        (Some(service), Some(id), None) => Place::Service { service, id },
        (None, None, Some(path)) => Place::File(path.into()),
        _ => return None,
    };
    Some(Visit { place, title: line.title, profile: line.profile, opened: Stamp(line.opened) })
}

/// None for a path that is no text: it could not be read back.
fn written(visit: &Visit) -> Option<String> {
    let (service, id, path) = match &visit.place {
        Place::Service { service, id } => (Some(service.clone()), Some(id.clone()), None),
        Place::File(path) => (None, None, Some(path.to_str()?.to_owned())),
    };
    let title = visit.title.chars().take(LONGEST_TITLE).collect();
    let line = Line { service, id, path, profile: visit.profile.clone(), title, opened: visit.opened.0 };
    serde_json::to_string(&line).ok().map(|text| text + "\n")
}

#[cfg(test)]
mod tests;
