//! Cached copies of threads: finds the copy of a thread, and writes one while its body arrives without ever making the
//! fetch wait for the disk. [`cache_file`](super::cache_file) has the file format.

mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use secrecy::ExposeSecret;
use url::Url;

use crate::domain::ThreadRef;
use crate::platform::now;
use crate::provider::ServiceAccess;
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey, EntryReader};
use crate::text::Safe;

pub use writer::{BackgroundWriter, PendingWrite};

/// All cached copies. Cheap to clone; the folder is opened on first use.
#[derive(Clone, Debug)]
pub struct ThreadCache {
    folder: PathBuf,
    limit: u64,
    cache: Arc<OnceLock<Option<Cache>>>,
    failure: WriteFailure,
}

/// The bodies of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Messages,
    Details,
}

impl BodyKind {
    /// Returns the name of the body in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Details => "details",
        }
    }

    /// Returns the body with this name in keys.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Messages, Self::Details].into_iter().find(|kind| kind.name() == name)
    }
}

/// The accounts whose cached copies are acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScope {
    /// Only a copy fetched with this account or key.
    SameOwner,
    /// Any copy on this machine, for offline use, where a changed key must not hide copies.
    AnyOwner,
}

/// The cached copies of one thread.
#[derive(Clone, Debug)]
pub struct ThreadEntry {
    cache: Cache,
    /// The key, with an empty `part`.
    key: CacheKey,
    /// Whether an account or key identifies the owner of a copy.
    has_owner: bool,
    failure: WriteFailure,
}

/// The first reason why a copy could not be stored.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteFailure(Arc<(OnceLock<String>, AtomicBool)>);

impl WriteFailure {
    pub(super) fn set(&self, reason: String) {
        // Later failures have the same cause.
        let _ = self.0.0.set(reason);
    }

    fn take(&self) -> Option<String> {
        let reason = self.0.0.get()?;
        (!self.0.1.swap(true, Ordering::Relaxed)).then(|| reason.clone())
    }
}

impl ThreadCache {
    /// Creates a cache in this folder of at most `limit` bytes.
    pub fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_owned(), limit, cache: Arc::default(), failure: WriteFailure::default() }
    }

    /// Returns why a copy could not be stored, only once.
    pub fn take_failure(&self) -> Option<String> {
        self.failure.take()
    }

    /// Returns the cache, opened on first use; `None` if the folder is unusable, which only disables caching.
    pub fn cache(&self) -> Option<&Cache> {
        let cache = self.cache.get_or_init(|| match Cache::open(&self.folder, self.limit) {
            Ok(cache) => Some(cache),
            Err(error) => {
                let text = Safe::line(&error.to_string()).into_string();
                tracing::warn!("caching is disabled: {text}");
                self.failure.set(text);
                None
            }
        });
        cache.as_ref()
    }

    /// Returns the entry of a thread. Blocks on the disk.
    pub fn entry(&self, thread: &ThreadRef, access: &ServiceAccess) -> Option<ThreadEntry> {
        let cache = self.cache()?.clone();
        let base = normalize_base_url(&access.base_url)?;
        let account = access.account_id.as_deref().map(str::trim).filter(|account| !account.is_empty());
        let api_key = access.api_key.as_ref().filter(|key| !key.expose_secret().trim().is_empty());
        let owner = match (account, api_key) {
            (Some(account), _) => Some(CacheKey::account_owner(account)),
            (None, Some(api_key)) => Some(format!("key {}", cache.key_fingerprint(api_key))),
            (None, None) => None,
        };
        let has_owner = owner.is_some();
        let key = CacheKey {
            service: thread.service.to_owned(),
            id: thread.id.clone(),
            base,
            owner: owner.unwrap_or_default(),
            part: String::new(),
        };
        Some(ThreadEntry { cache, key, has_owner, failure: self.failure.clone() })
    }
}

/// Normalizes the spelling of a base URL, `https://host/prefix`; none if it is invalid.
pub fn normalize_base_url(base_url: &str) -> Option<String> {
    let url = Url::parse(base_url.trim()).ok()?;
    Some(format!("{}{}", url.origin().ascii_serialization(), url.path().trim_end_matches('/')))
}

impl ThreadEntry {
    fn key(&self, kind: BodyKind) -> CacheKey {
        CacheKey { part: kind.name().to_owned(), ..self.key.clone() }
    }

    /// Opens the cached copy. Without account and key there is no owner, and any copy is acceptable.
    pub fn open(&self, kind: BodyKind, scope: CacheScope) -> Option<EntryReader> {
        let key = self.key(kind);
        let same_owner = || self.cache.read(&key).filter(|_| self.has_owner);
        match scope {
            CacheScope::SameOwner if self.has_owner => same_owner(),
            CacheScope::SameOwner | CacheScope::AnyOwner => same_owner().or_else(|| self.open_newest(&key)),
        }
    }

    /// Opens the newest complete copy of any owner, else the newest one.
    fn open_newest(&self, key: &CacheKey) -> Option<EntryReader> {
        let mut entries = self.cache.list();
        entries.sort_by_key(|entry| entry.completeness == BodyCompleteness::Partial);
        entries.into_iter().find_map(|entry| {
            let same_body = CacheKey { owner: key.owner.clone(), ..entry.key.clone() } == *key;
            same_body.then(|| self.cache.read(&entry.key)).flatten()
        })
    }

    /// Starts to write a copy; `None` without an owner.
    pub fn start_writer(&self, kind: BodyKind) -> Option<BackgroundWriter> {
        self.has_owner
            .then(|| BackgroundWriter::start(self.cache.clone(), self.key(kind), now(), self.failure.clone()))
    }
}

#[cfg(test)]
mod tests;
