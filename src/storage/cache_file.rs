//! Every fetched body, kept as it came: packed, checked, readable by its owner alone. Nothing here is ever needed: an
//! entry that is damaged is one that is not there, and a disk that is full or cannot be written costs the cache only.
//! All calls block on the disk; they belong on a thread that may.

mod block;
mod entry;
mod format;
mod hash;
mod maintenance;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

pub use entry::{DamagedEntry, EntryReader};
pub use maintenance::{CachedEntry, VerifyReport};
pub use writer::EntryWriter;

use crate::domain::Timestamp;
use crate::storage::files::{AtomicFile, FileError, create_private_folder, sweep};
use hash::Hasher;

/// How many bytes all entries may take on the disk, unless the user says otherwise: 1 GiB.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

/// Whose thread this is. The whole of it stands in the entry and is compared, so a file never passes for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheKey {
    /// The short name of the service.
    pub service: String,
    pub id: String,
    /// The base URL: the same id at another host is another thread.
    pub base: String,
    /// What tells apart users who may see different things: the account's id, or [`Cache::mark`] of the API key.
    /// Never the API key itself.
    pub owner: String,
    /// Which of the thread's bodies, where there are several: "messages", "details".
    pub part: String,
}

/// Whether an entry holds the whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyCompleteness {
    Complete,
    /// The connection broke; what came before is here.
    Partial,
}

/// A folder of entries.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Of this folder alone, so that names and marks say nothing elsewhere.
    salt: [u8; 16],
    limit: u64,
}

impl Cache {
    /// Opens the cache in this folder, makes it if need be, and removes what killed instances left half-written.
    ///
    /// # Errors
    /// The folder cannot be used; the program goes on without a cache.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, FileError> {
        let folder = folder.join("bodies");
        create_private_folder(&folder)?;
        sweep(&folder);
        let salt = load_or_create_salt(&folder.join("salt"))?;
        Ok(Self { folder, salt, limit })
    }

    /// Stands for an API key where an owner is needed: the same for the same key in this cache, and no way back.
    pub fn key_fingerprint(&self, secret: &SecretString) -> String {
        let mut hasher = Hasher::new(self.salt);
        hasher.write_part(b"owner");
        hasher.write_part(secret.expose_secret().as_bytes());
        format!("{:032x}", hasher.finish())
    }

    /// Begins an entry that replaces the present one when it is committed.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, key: &CacheKey, fetched: Timestamp) -> Result<EntryWriter, FileError> {
        EntryWriter::begin(self, key, fetched)
    }

    /// The entry for this key. One that is damaged, or not for this key after all, is none.
    pub fn read(&self, key: &CacheKey) -> Option<EntryReader> {
        let entry = EntryReader::open(&self.path(key))?;
        (*entry.key() == *key).then_some(entry)
    }

    /// Removes the entry for this key, if there is one.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove(&self, key: &CacheKey) -> Result<(), FileError> {
        let path = self.path(key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileError::wrap("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// The name is a hash: nothing that came from outside is ever part of a path.
    fn path(&self, key: &CacheKey) -> PathBuf {
        let mut hasher = Hasher::new(self.salt);
        for part in [&key.service, &key.id, &key.base, &key.owner, &key.part] {
            hasher.write_part(part.as_bytes());
        }
        self.folder.join(format!("{:032x}{}", hasher.finish(), maintenance::SUFFIX))
    }
}

/// Sixteen random bytes, the same ones for every instance. The generator of temporary names is random enough: they
/// guard nothing but what is in the same folder.
fn load_or_create_salt(path: &Path) -> Result<[u8; 16], FileError> {
    if let Some(known) = read_salt(path) {
        return Ok(known);
    }
    // Something else in its place would keep the cache from ever working.
    let _was_in_the_way = fs::remove_file(path).is_ok();
    let mut file = AtomicFile::create(path)?;
    io::Write::write_all(&mut file, &hash::random_bytes()).map_err(FileError::wrap("write", path))?;
    file.commit_new()?;
    let missing = || io::Error::from(io::ErrorKind::InvalidData);
    read_salt(path).ok_or_else(|| FileError::wrap("read", path)(missing()))
}

fn read_salt(path: &Path) -> Option<[u8; 16]> {
    fs::read(path).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
