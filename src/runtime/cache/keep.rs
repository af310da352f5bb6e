//! All entries together: how much they take, which have to go, what is in them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Cache, Entry, Extent, FileError, Key};
use crate::domain::Stamp;

pub(super) const SUFFIX: &str = ".body";

/// An entry in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub key: Key,
    pub fetched: Stamp,
    pub extent: Extent,
    /// Bytes of the body.
    pub plain: u64,
    /// Bytes on the disk.
    pub stored: u64,
}

/// What a check found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub good: usize,
    /// These are removed, as far as the folder allows.
    pub damaged: usize,
}

struct OnDisk {
    path: PathBuf,
    changed: SystemTime,
    stored: u64,
}

impl Cache {
    /// Every entry that can be opened, newest first. Damaged ones are removed on the way.
    pub fn list(&self) -> Vec<Listed> {
        let mut all: Vec<_> = self
            .files()
            .filter_map(|file| {
                let entry = Entry::open(&file.path)?;
                Some(Listed {
                    key: entry.key().clone(),
                    fetched: entry.fetched(),
                    extent: entry.extent(),
                    plain: entry.len(),
                    stored: file.stored,
                })
            })
            .collect();
        all.sort_by_key(|listed| std::cmp::Reverse(listed.fetched));
        all
    }

    /// Reads every byte of every entry.
    pub fn verify(&self) -> Checked {
        let mut checked = Checked::default();
        for file in self.files() {
            if is_good(&file.path) { checked.good += 1 } else { checked.damaged += 1 }
        }
        checked
    }

    /// Removes every entry, and returns how many there were.
    ///
    /// # Errors
    /// The first one that cannot be removed; the others are gone.
    pub fn clear(&self) -> Result<usize, FileError> {
        let (mut removed, mut refused) = (0, None);
        for file in self.files() {
            match fs::remove_file(&file.path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => refused = refused.or(Some(FileError::of("remove", &file.path)(error))),
            }
        }
        refused.map_or(Ok(removed), Err)
    }

    /// Bytes on the disk.
    pub fn size(&self) -> u64 {
        self.files().map(|file| file.stored).sum()
    }

    /// Removes the entries that were written longest ago until the rest fits; never the one just written.
    pub(super) fn make_room(&self, just_written: &Path) {
        let mut files: Vec<_> = self.files().collect();
        let mut total: u64 = files.iter().map(|file| file.stored).sum();
        files.retain(|file| file.path != just_written);
        files.sort_by_key(|file| file.changed);
        for file in files {
            if total <= self.limit {
                return;
            }
            // What cannot be removed is no reason to stop: the next one may do.
            if fs::remove_file(&file.path).is_ok() {
                total = total.saturating_sub(file.stored);
            }
        }
    }

    fn files(&self) -> impl Iterator<Item = OnDisk> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let path = entry.path();
            let ours = path.file_name()?.to_str()?.ends_with(SUFFIX);
            let found = entry.metadata().ok().filter(|found| ours && found.is_file())?;
            Some(OnDisk { path, changed: found.modified().ok()?, stored: found.len() })
        })
    }
}

fn is_good(path: &Path) -> bool {
    let Some(mut entry) = Entry::open(path) else { return false };
    loop {
        match entry.next_chunk() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}
