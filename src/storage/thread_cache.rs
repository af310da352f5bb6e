//! Copies of what was fetched, thread by thread: where the copy of a thread is, and how one is written while its body
//! comes without the fetch ever waiting for the disk. What an entry looks like on the disk is in `cache`.

mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use secrecy::ExposeSecret;
use url::Url;

use crate::domain::ThreadRef;
use crate::ingest::fetch::now;
use crate::provider::ServiceAccess;
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey, EntryReader};

pub use writer::{BackgroundWriter, PendingWrite};

/// All copies. Cheap to clone; the folder is touched when it is first needed.
#[derive(Clone, Debug)]
pub struct ThreadCache {
    folder: PathBuf,
    limit: u64,
    cache: Arc<OnceLock<Option<Cache>>>,
}

/// Which of a thread's bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Messages,
    Details,
}

impl BodyKind {
    fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Details => "details",
        }
    }
}

/// Whose copy will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScope {
    /// Fetched with this account or key.
    SameOwner,
    /// With another account or key of the same person if need be: for when the service is not asked anyway.
    AnyOwner,
}

/// Where the copies of one thread are.
#[derive(Clone, Debug)]
pub struct ThreadEntry {
    cache: Cache,
    /// Without its part.
    key: CacheKey,
    /// Whether there is an account or a key that tells whose copy it is.
    has_owner: bool,
}

impl ThreadCache {
    /// Copies in this folder, of at most `limit` bytes in all.
    pub fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_owned(), limit, cache: Arc::default() }
    }

    /// The cache, opened when first asked for; none if the folder cannot be used, which costs the copies only.
    pub fn cache(&self) -> Option<&Cache> {
        let opened = self.cache.get_or_init(|| match Cache::open(&self.folder, self.limit) {
            Ok(cache) => Some(cache),
            Err(error) => {
                tracing::warn!("no copies are kept: {}", crate::text::Safe::line(&error.to_string()));
                None
            }
        });
        opened.as_ref()
    }

    /// The place of a thread. Blocks on the disk.
    pub fn entry(&self, thread: &ThreadRef, access: &ServiceAccess) -> Option<ThreadEntry> {
        let cache = self.cache()?.clone();
        let base = normalize_base_url(&access.base_url)?;
        let account = access.account_id.as_deref().map(str::trim).filter(|account| !account.is_empty());
        let secret = access.api_key.as_ref().filter(|key| !key.expose_secret().trim().is_empty());
        let owner = match (account, secret) {
            (Some(account), _) => Some(format!("account {account}")),
            (None, Some(secret)) => Some(format!("key {}", cache.key_fingerprint(secret))),
            (None, None) => None,
        };
        let key = CacheKey {
            service: thread.service.to_owned(),
            id: thread.id.clone(),
            base,
            owner: owner.clone().unwrap_or_default(),
            part: String::new(),
        };
        Some(ThreadEntry { cache, key, has_owner: owner.is_some() })
    }
}

/// Where a service is, without what does not matter: `https://host/prefix`.
fn normalize_base_url(base_url: &str) -> Option<String> {
    let url = Url::parse(base_url.trim()).ok()?;
    Some(format!("{}{}", url.origin().ascii_serialization(), url.path().trim_end_matches('/')))
}

impl ThreadEntry {
    fn key(&self, part: BodyKind) -> CacheKey {
        CacheKey { part: part.name().to_owned(), ..self.key.clone() }
    }

    /// The copy. Without account and key nobody can tell whose it is, and any will do.
    pub fn open(&self, part: BodyKind, owner: CacheScope) -> Option<EntryReader> {
        let key = self.key(part);
        let same = || self.cache.read(&key).filter(|_| self.has_owner);
        match owner {
            CacheScope::SameOwner if self.has_owner => same(),
            CacheScope::SameOwner | CacheScope::AnyOwner => same().or_else(|| self.open_newest(&key)),
        }
    }

    /// The newest copy of anybody's; a whole one before one that broke off.
    fn open_newest(&self, wanted: &CacheKey) -> Option<EntryReader> {
        let mut listed = self.cache.list();
        listed.sort_by_key(|listed| listed.completeness == BodyCompleteness::Partial);
        listed.into_iter().find_map(|listed| {
            let key = listed.key;
            let fits = key.service == wanted.service
                && key.id == wanted.id
                && key.base == wanted.base
                && key.part == wanted.part;
            fits.then(|| self.cache.read(&key)).flatten()
        })
    }

    /// Begins to write a copy; none where nobody could tell whose it is.
    pub fn start_writer(&self, part: BodyKind) -> Option<BackgroundWriter> {
        self.has_owner.then(|| BackgroundWriter::start(self.cache.clone(), self.key(part), now()))
    }
}

#[cfg(test)]
mod tests;
