//! Copies of what was fetched, thread by thread: where the copy of a thread is, and how one is written while its body
//! comes without the fetch ever waiting for the disk. What an entry looks like on the disk is in `cache`.

mod scribe;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use secrecy::ExposeSecret;
use url::Url;

use crate::domain::ThreadRef;
use crate::provider::Access;
use crate::runtime::cache::{Cache, Entry, Extent, Key};
use crate::runtime::source::now;

pub use scribe::{Scribe, Writing};

/// All copies. Cheap to clone; the folder is touched when it is first needed.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    limit: u64,
    cache: Arc<OnceLock<Option<Cache>>>,
}

/// Which of a thread's bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Messages,
    Details,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Details => "details",
        }
    }
}

/// Whose copy will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Fetched with this account or key.
    Same,
    /// With another account or key of the same person if need be: for when the service is not asked anyway.
    Any,
}

/// Where the copies of one thread are.
#[derive(Clone, Debug)]
pub struct Shelf {
    cache: Cache,
    /// Without its part.
    key: Key,
    /// Whether there is an account or a key that tells whose copy it is.
    owned: bool,
}

impl Store {
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
    pub fn shelf(&self, thread: &ThreadRef, access: &Access) -> Option<Shelf> {
        let cache = self.cache()?.clone();
        let base = place(&access.base_url)?;
        let account = access.account.as_deref().map(str::trim).filter(|account| !account.is_empty());
        let secret = access.key.as_ref().filter(|key| !key.expose_secret().trim().is_empty());
        let owner = match (account, secret) {
            (Some(account), _) => Some(format!("account {account}")),
            (None, Some(secret)) => Some(format!("key {}", cache.mark(secret))),
            (None, None) => None,
        };
        let key = Key {
            service: thread.service.to_owned(),
            id: thread.id.clone(),
            base,
            owner: owner.clone().unwrap_or_default(),
            part: String::new(),
        };
        Some(Shelf { cache, key, owned: owner.is_some() })
    }
}

/// Where a service is, without what does not matter: `https://host/prefix`.
fn place(base_url: &str) -> Option<String> {
    let url = Url::parse(base_url.trim()).ok()?;
    Some(format!("{}{}", url.origin().ascii_serialization(), url.path().trim_end_matches('/')))
}

impl Shelf {
    fn key(&self, part: Part) -> Key {
        Key { part: part.name().to_owned(), ..self.key.clone() }
    }

    /// The copy. Without account and key nobody can tell whose it is, and any will do.
    pub fn find(&self, part: Part, owner: Owner) -> Option<Entry> {
        let key = self.key(part);
        let same = || self.cache.read(&key).filter(|_| self.owned);
        match owner {
            Owner::Same if self.owned => same(),
            Owner::Same | Owner::Any => same().or_else(|| self.newest(&key)),
        }
    }

    /// The newest copy of anybody's; a whole one before one that broke off.
    fn newest(&self, wanted: &Key) -> Option<Entry> {
        let mut listed = self.cache.list();
        listed.sort_by_key(|listed| listed.extent == Extent::Partial);
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
    pub fn scribe(&self, part: Part) -> Option<Scribe> {
        self.owned.then(|| Scribe::start(self.cache.clone(), self.key(part), now()))
    }
}

#[cfg(test)]
mod tests;
