//! Cached copies in the catalogue: a thread that was only read is in the library until its copy ages out. The copies stay
//! files of the cache; the catalogue follows them, whichever process writes, replaces or removes them.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::catalogue::{account_key, put_revision};
use super::forget::ForgottenThreads;
use super::index::remove_rows;
use super::{Account, BUSY_TIMEOUT, Library, LibraryError, Revision};
use crate::decode::Splitter;
use crate::domain::{Thread, Timestamp};
use crate::provider::{self, Provider};
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheFile, CacheKey, EntryReader, list_files};
use crate::storage::files::FileError;
use crate::storage::thread_cache::BodyKind;
use crate::text::hex;

/// The number of a cached copy among the revisions of its thread, which count from 1.
pub(super) const CACHED_COPY: u32 = 0;

/// The time for which a list waits for a process that adds threads to the index.
const REGISTER_WAIT: Duration = Duration::from_secs(1);

/// The differences between the cache and the catalogue.
#[derive(Default)]
struct CacheChanges {
    /// New or replaced files.
    changed: Vec<CacheFile>,
    /// The names of removed files.
    removed: Vec<String>,
}

/// Returns whether a cache folder has files.
pub(super) fn has_copies(cache_folder: &Path) -> bool {
    list_files(cache_folder).is_ok_and(|files| !files.is_empty())
}

impl Library {
    /// Follows the cache in this folder; without one, the catalogue keeps the copies that it has.
    #[must_use]
    pub fn with_cache(self, cache_folder: Option<&Path>) -> Self {
        Self { cache_folder: cache_folder.map(Path::to_owned), ..self }
    }

    /// Returns whether the cache has changed since the catalogue was updated.
    ///
    /// # Errors
    /// The cache or the catalogue cannot be read.
    pub fn has_new_copies(&self) -> Result<bool, LibraryError> {
        let changes = self.cache_changes()?;
        Ok(!changes.changed.is_empty() || !changes.removed.is_empty())
    }

    /// Adds the threads of new cached copies, and removes those whose copies are gone. Does nothing while another process
    /// adds threads to the index, because that process registers the copies as well.
    ///
    /// # Errors
    /// The cache cannot be read, or the catalogue cannot be written.
    pub fn register_copies(&mut self) -> Result<(), LibraryError> {
        if self.has_new_copies()?
            && let Some(_lock) = self.lock_index(REGISTER_WAIT)?
        {
            self.register_locked(&mut || true)?;
        }
        Ok(())
    }

    /// Removes the copies that are gone from the cache, and the free pages that held their texts.
    ///
    /// # Errors
    /// Another process adds threads to the index; the cache cannot be read, or the catalogue cannot be written.
    pub fn erase_removed_copies(&mut self) -> Result<(), LibraryError> {
        if self.cache_changes()?.removed.is_empty() {
            return Ok(());
        }
        // A process that has prepared rows of these threads would add them afterwards.
        let _lock = self.lock_index(BUSY_TIMEOUT)?.ok_or(LibraryError::Locked("the search index"))?;
        self.register_locked(&mut || false)?;
        self.erase_free_pages()
    }

    /// Registers copies like [`Library::register_copies`], for a caller that holds the lock of the index. `may_continue` is
    /// called before each file.
    pub(super) fn register_locked(
        &mut self,
        may_continue: &mut dyn FnMut() -> bool,
    ) -> Result<(), LibraryError> {
        for name in self.cache_changes()?.removed {
            self.remove_copy(&name)?;
        }
        let Some(cache) = self.cache_folder.as_deref().and_then(Cache::open_existing) else { return Ok(()) };
        // A removed file may have hidden the copy of another owner.
        for file in self.cache_changes()?.changed {
            if !may_continue() {
                break;
            }
            self.register_file(&cache, &file)?;
        }
        Ok(())
    }

    /// Opens a cached copy; reading it returns the unpacked bytes. None if it has aged out.
    pub(super) fn open_copy(&self, name: &str) -> Option<EntryReader> {
        Cache::open_existing(self.cache_folder.as_deref()?)?.open_file(name)
    }

    fn cache_changes(&self) -> Result<CacheChanges, LibraryError> {
        let Some(folder) = &self.cache_folder else { return Ok(CacheChanges::default()) };
        let files = list_files(folder).map_err(FileError::wrap("read", folder))?;
        let mut known: HashMap<String, (i64, u64)> = self
            .connection
            .prepare_cached("SELECT name, modified, size FROM cache_file")?
            .query_map([], |row| {
                let size = u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
                Ok((row.get(0)?, (row.get(1)?, size)))
            })?
            .collect::<Result<_, _>>()?;
        let is_changed = |file: &CacheFile| {
            known.remove(&file.name).is_none_or(|known| known != (file.modified, file.size))
        };
        let changed = files.into_iter().filter(is_changed).collect();
        Ok(CacheChanges { changed, removed: known.into_keys().collect() })
    }

    fn remove_copy(&mut self, name: &str) -> Result<(), LibraryError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "DELETE FROM cache_file WHERE name = ?1 RETURNING thread";
        let thread: Option<i64> = transaction.query_row(sql, [name], |row| row.get(0)).optional()?.flatten();
        if let Some(thread) = thread {
            drop_copy(&transaction, thread, name)?;
        }
        Ok(transaction.commit()?)
    }

    fn register_file(&mut self, cache: &Cache, file: &CacheFile) -> Result<(), LibraryError> {
        let entry = cache.open_file(&file.name);
        let provider = entry.as_ref().and_then(|entry| provider::by_id(&entry.key().service));
        let (Some(entry), Some(provider)) = (entry, provider) else { return self.note_file(file, None) };
        let key = entry.key().clone();
        let copy = match BodyKind::by_name(&key.part) {
            Some(BodyKind::Messages) => read_copy(cache, entry, (provider, file)),
            Some(BodyKind::Details) => return self.register_details(&key, (provider, entry), file),
            None => None,
        };
        let Some(copy) = copy else { return self.note_file(file, None) };
        self.put_copy(&key, file, &copy)
    }

    /// Puts a copy into the catalogue, unless its thread was forgotten or the catalogue has a newer body of it.
    fn put_copy(&mut self, key: &CacheKey, file: &CacheFile, copy: &ReadCopy) -> Result<(), LibraryError> {
        let account = account_of(key);
        let folder = self.folder.clone();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read inside the transaction, because forgetting writes the hash before it removes the rows.
        if ForgottenThreads::load(&folder).contains(&account, &key.id) {
            note_file(&transaction, file, None)?;
            return Ok(transaction.commit()?);
        }
        let owner = account_key(&transaction, &account)?;
        let thread = put_read_thread(&transaction, owner, (&key.id, &copy.thread), copy.revision.fetched_at)?;
        match known_body(&transaction, thread, copy, &file.name)? {
            KnownBody::NewerOrEqual => drop_copy(&transaction, thread, &file.name)?,
            KnownBody::Same => put_revision(&transaction, thread, &copy.revision)?,
            KnownBody::Older => {
                put_revision(&transaction, thread, &copy.revision)?;
                index_again(&transaction, thread)?;
            }
        }
        note_file(&transaction, file, Some(thread))?;
        Ok(transaction.commit()?)
    }

    /// Adds the title and the times of a thread that was read.
    fn register_details(
        &mut self,
        key: &CacheKey,
        (provider, entry): (&dyn Provider, EntryReader),
        file: &CacheFile,
    ) -> Result<(), LibraryError> {
        let mut thread = Thread::default();
        let fetched_at = entry.fetched_at();
        if let Ok(details) = entry.read_all() {
            provider.add_details(&mut thread, &details);
        }
        let account = account_of(key);
        let sql =
            "SELECT thread.key, account.key, title FROM thread JOIN account ON account.key = thread.account
             JOIN revision ON revision.thread = thread.key AND number = 0
             WHERE service = ?1 AND folder = ?2 AND thread.id = ?3";
        let parameters = params![account.service, account.folder(), key.id];
        let known: Option<(i64, i64, String)> = self
            .connection
            .query_row(sql, parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        if let Some((key_of_thread, owner, title)) = known {
            put_read_thread(&self.connection, owner, (&key.id, &thread), fetched_at)?;
            if thread.title.is_some_and(|new| new != title) {
                index_again(&self.connection, key_of_thread)?;
            }
        }
        self.note_file(file, None)
    }

    fn note_file(&self, file: &CacheFile, thread: Option<i64>) -> Result<(), LibraryError> {
        Ok(note_file(&self.connection, file, thread)?)
    }
}

/// A cached copy that was read.
struct ReadCopy {
    thread: Thread,
    revision: Revision,
}

/// The body that the catalogue has of a thread, compared with a copy.
enum KnownBody {
    /// No body, or an older one.
    Older,
    /// The same bytes, in the same file.
    Same,
    NewerOrEqual,
}

fn account_of(key: &CacheKey) -> Account {
    Account::new(&key.service, &key.base, key.account_id())
}

/// Reads a copy with the details of its thread. None if it is damaged, or was cut off.
fn read_copy(
    cache: &Cache,
    mut entry: EntryReader,
    (provider, file): (&dyn Provider, &CacheFile),
) -> Option<ReadCopy> {
    if entry.completeness() == BodyCompleteness::Partial {
        return None;
    }
    let (mut hash, mut splitter, mut message_count) = (Sha256::new(), Splitter::default(), 0);
    let mut take_messages = |splitter: &mut Splitter| {
        while let Some(batch) = splitter.next_batch() {
            message_count += u64::from(batch.message_count());
        }
    };
    while let Some(bytes) = entry.next_chunk().ok()? {
        hash.update(bytes);
        splitter.push(bytes);
        take_messages(&mut splitter);
    }
    let outcome = splitter.finish();
    take_messages(&mut splitter);
    let mut thread = provider.read_thread(&outcome.envelope);
    let details = cache.read(&CacheKey { part: BodyKind::Details.name().to_owned(), ..entry.key().clone() });
    if let Some(details) = details.and_then(|details| details.read_all().ok()) {
        provider.add_details(&mut thread, &details);
    }
    let revision = Revision {
        number: CACHED_COPY,
        path: file.name.clone(),
        sha256: hex(hash.finalize()),
        size: entry.body_size(),
        packed_size: file.size,
        fetched_at: entry.fetched_at(),
        message_count,
        unreadable_count: 0,
        has_spans: None,
        listed_updated_at: None,
        listed_message_count: None,
    };
    Some(ReadCopy { thread, revision })
}

/// Adds a thread that was read. The values from a list or an archived body stay, because changes are detected by comparison
/// with them.
fn put_read_thread(
    connection: &Connection,
    owner: i64,
    (id, thread): (&str, &Thread),
    fetched_at: Timestamp,
) -> rusqlite::Result<i64> {
    let known = "(is_listed OR EXISTS (SELECT 1 FROM revision WHERE thread = key AND number > 0))";
    let sql = format!(
        "INSERT INTO thread(account, id, title, created_at, updated_at, archived_at, message_count, is_listed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, FALSE)
         ON CONFLICT DO UPDATE SET
            title = CASE WHEN excluded.title = '' OR ({known} AND title <> '') THEN title ELSE excluded.title END,
            created_at = coalesce(created_at, excluded.created_at),
            updated_at = CASE WHEN {known} THEN updated_at ELSE coalesce(excluded.updated_at, updated_at) END,
            message_count = CASE WHEN {known} THEN message_count
                ELSE coalesce(excluded.message_count, message_count) END,
            gone_since = CASE WHEN gone_since < ?8 THEN NULL ELSE gone_since END
         RETURNING key"
    );
    let micros = |at: Option<Timestamp>| at.map(|at| at.0);
    connection.prepare_cached(&sql)?.query_row(
        params![
            owner,
            id,
            thread.title.as_deref().unwrap_or_default(),
            micros(thread.created_at),
            micros(thread.updated_at),
            micros(thread.archived_at),
            thread.message_count.filter(|count| *count >= 0),
            fetched_at.0,
        ],
        |row| row.get(0),
    )
}

fn known_body(
    connection: &Connection,
    thread: i64,
    copy: &ReadCopy,
    name: &str,
) -> rusqlite::Result<KnownBody> {
    let ReadCopy { revision: Revision { sha256, fetched_at, .. }, .. } = copy;
    let sql = "SELECT EXISTS (SELECT 1 FROM thread WHERE key = ?1 AND checked_at >= ?2)
            OR EXISTS (SELECT 1 FROM revision WHERE thread = ?1 AND number = 0 AND path <> ?4 AND fetched_at >= ?2)
            OR (SELECT sha256 = ?3 FROM revision WHERE thread = ?1 AND number > 0 ORDER BY number DESC LIMIT 1),
        EXISTS (SELECT 1 FROM revision WHERE thread = ?1 AND number = 0 AND sha256 = ?3)";
    let parameters = params![thread, fetched_at.0, sha256, name];
    connection.prepare_cached(sql)?.query_row(parameters, |row| {
        let is_newer = row.get::<_, Option<bool>>(0)?.unwrap_or(false);
        Ok(match (is_newer, row.get(1)?) {
            (true, _) => KnownBody::NewerOrEqual,
            (false, true) => KnownBody::Same,
            (false, false) => KnownBody::Older,
        })
    })
}

/// Removes the copy in this file, its rows in the index, and its thread if nothing else refers to it.
fn drop_copy(connection: &Connection, thread: i64, name: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM revision WHERE thread = ?1 AND number = 0 AND path = ?2";
    if connection.execute(sql, params![thread, name])? == 0 {
        return Ok(());
    }
    // The copy of another owner takes its place.
    connection.execute("DELETE FROM cache_file WHERE thread = ?1", [thread])?;
    let sql = "SELECT 1 FROM thread WHERE key = ?1 AND indexed_revision = 0";
    if connection.query_row(sql, [thread], |_| Ok(())).optional()?.is_some() {
        remove_rows(connection, thread)?;
        index_again(connection, thread)?;
    }
    let sql = "DELETE FROM thread WHERE key = ?1 AND NOT is_listed
        AND NOT EXISTS (SELECT 1 FROM revision WHERE thread = ?1)";
    connection.execute(sql, [thread]).map(drop)
}

/// Makes the index read the thread's cached copy again.
fn index_again(connection: &Connection, thread: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE thread SET indexed_revision = NULL WHERE key = ?1 AND indexed_revision = 0";
    connection.execute(sql, [thread]).map(drop)
}

/// Records that a file was read, so that it is read again only when it changes.
fn note_file(connection: &Connection, file: &CacheFile, thread: Option<i64>) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO cache_file VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![file.name, file.modified, i64::try_from(file.size).unwrap_or(i64::MAX), thread])
        .map(drop)
}

/// Removes the cached copy of a thread from the catalogue, because its body is kept now. Its file ages out by itself.
pub(super) fn replace_copy(connection: &Connection, account: i64, id: &str) -> rusqlite::Result<()> {
    let sql = "SELECT key FROM thread WHERE account = ?1 AND id = ?2
         AND EXISTS (SELECT 1 FROM revision WHERE thread = key AND number = 0)";
    let Some(thread) = connection.query_row(sql, params![account, id], |row| row.get(0)).optional()? else {
        return Ok(());
    };
    let thread: i64 = thread;
    // Later lists are compared with the values of a list, not of a body.
    let sql = "UPDATE thread SET updated_at = NULL, message_count = NULL WHERE key = ?1 AND NOT is_listed
         AND NOT EXISTS (SELECT 1 FROM revision WHERE thread = ?1 AND number > 0)";
    connection.execute(sql, [thread])?;
    connection.execute("DELETE FROM revision WHERE thread = ?1 AND number = 0", [thread]).map(drop)
}

#[cfg(test)]
mod tests;
