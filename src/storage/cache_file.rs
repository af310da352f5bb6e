//! The cache of fetched bodies, stored verbatim: compressed, checksummed, readable by their owner alone. Nothing depends on
//! the cache: a damaged entry is treated as missing, and a full or read-only disk only disables it. All calls block on the
//! disk.

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

pub use entry::EntryReader;
pub use maintenance::{CacheFile, CachedEntry, list_files};
pub use writer::EntryWriter;

use crate::domain::Timestamp;
use crate::storage::files::{AtomicFile, FileError, create_private_folder, open_no_follow, sweep};
use hash::Hasher;

/// The identity of a body. The entry contains the whole key, which is compared, so that no file is taken for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheKey {
    /// The id of the provider.
    pub service: String,
    pub id: String,
    /// The base URL, because the same id at another host is another thread.
    pub base: String,
    /// Distinguishes users who may see different data: the account id or [`Cache::key_fingerprint`] of the API key;
    /// never the API key itself.
    pub owner: String,
    /// The body of the thread: "messages" or "details".
    pub part: String,
}

impl CacheKey {
    /// Returns the owner of copies that this account fetched.
    pub fn account_owner(account_id: &str) -> String {
        format!("{ACCOUNT_PREFIX}{account_id}")
    }

    /// Returns the account that the copy belongs to; `None` if the copy belongs to a key.
    pub fn account_id(&self) -> Option<&str> {
        self.owner.strip_prefix(ACCOUNT_PREFIX)
    }
}

/// The prefix of the owner of copies that belong to an account.
const ACCOUNT_PREFIX: &str = "account ";

/// The folder of the entries, in the folder of the cache.
const BODIES_FOLDER: &str = "bodies";

/// The completeness of an entry's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyCompleteness {
    Complete,
    /// The body up to the point at which the connection was lost.
    Partial,
}

/// A folder of entries.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// The salt, which is unique to this folder, so that file names and fingerprints are meaningless elsewhere.
    salt: [u8; 16],
    limit: u64,
}

impl Cache {
    /// Opens the cache in this folder, creates it if missing, and removes partial files of killed instances.
    ///
    /// # Errors
    /// The folder is unusable; the caller continues without a cache.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, FileError> {
        let folder = folder.join(BODIES_FOLDER);
        create_private_folder(&folder)?;
        sweep(&folder);
        let salt = load_or_create_salt(&folder.join("salt"))?;
        Ok(Self { folder, salt, limit })
    }

    /// Opens the cache in this folder for reading; `None` if it does not exist.
    pub fn open_existing(folder: &Path) -> Option<Self> {
        let folder = folder.join(BODIES_FOLDER);
        let salt = read_salt(&folder.join("salt"))?;
        Some(Self { folder, salt, limit: 0 })
    }

    /// Identifies an API key as an owner: stable within this cache, and irreversible.
    pub fn key_fingerprint(&self, api_key: &SecretString) -> String {
        let mut hasher = Hasher::new(self.salt);
        hasher.write_part(b"owner");
        hasher.write_part(api_key.expose_secret().as_bytes());
        format!("{:032x}", hasher.finish())
    }

    /// Starts an entry that replaces the current one on commit.
    ///
    /// # Errors
    /// The folder is not writable.
    pub fn write(&self, key: &CacheKey, fetched_at: Timestamp) -> Result<EntryWriter, FileError> {
        EntryWriter::begin(self, key, fetched_at)
    }

    /// Opens the entry of this key; `None` if it is missing, damaged or of another key.
    pub fn read(&self, key: &CacheKey) -> Option<EntryReader> {
        let entry = EntryReader::open(&self.path(key))?;
        (*entry.key() == *key).then_some(entry)
    }

    /// Removes the entry of this key, if any.
    ///
    /// # Errors
    /// The entry cannot be removed.
    pub fn remove(&self, key: &CacheKey) -> Result<(), FileError> {
        let path = self.path(key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileError::wrap("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Returns the path of an entry. Its name is a hash, so untrusted text is never part of a path.
    fn path(&self, key: &CacheKey) -> PathBuf {
        let mut hasher = Hasher::new(self.salt);
        for part in [&key.service, &key.id, &key.base, &key.owner, &key.part] {
            hasher.write_part(part.as_bytes());
        }
        self.folder.join(format!("{:032x}{}", hasher.finish(), maintenance::SUFFIX))
    }
}

/// Returns 16 random bytes, the same ones for every instance. The hash seeds of the process are random enough: the salt
/// only protects files in the same folder.
fn load_or_create_salt(path: &Path) -> Result<[u8; 16], FileError> {
    if let Some(salt) = read_salt(path) {
        return Ok(salt);
    }
    // Otherwise an invalid file would disable the cache forever.
    let _removed = fs::remove_file(path).is_ok();
    let mut file = AtomicFile::create(path)?;
    io::Write::write_all(&mut file, &hash::random_bytes()).map_err(FileError::wrap("write", path))?;
    file.commit_new()?;
    read_salt(path).ok_or_else(|| FileError::wrap("read", path)(io::ErrorKind::InvalidData.into()))
}

fn read_salt(path: &Path) -> Option<[u8; 16]> {
    let mut bytes = Vec::new();
    let file = open_no_follow(path).ok()?;
    io::Read::read_to_end(&mut io::Read::take(file, 17), &mut bytes).ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests;
