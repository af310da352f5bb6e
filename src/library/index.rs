//! The search index: the texts of the newest revision of each thread, a row per message. It is built after an archive run, in
//! complete batches, so that an interrupted build continues where it stopped.

mod batch;
mod bigrams;
mod texts;
mod tokens;

use std::io::Read;
use std::ops::ControlFlow;
use std::time::Duration;

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use self::batch::{Batch, MessageRow};
use super::cached_copies::CACHED_COPY;
use super::kept_body::visit_body;
use super::packed_body::open_packed;
use super::{Account, BUSY_TIMEOUT, IndexedMessage, KeptThread, Library, LibraryError, TEMPORARY_FOLDER};
use crate::domain::{Message, Sentiment};
use crate::provider::{self, Provider};
use crate::storage::files::FileLock;

pub(super) use batch::remove_rows;
pub(super) use bigrams::{is_unseparated, spread_query, spread_text};
pub(super) use texts::PART_MARKERS;
pub use texts::{MessageTexts, SEPARATOR, TEXT_VERSION};
pub use tokens::Tokenizer;

/// A flag of an indexed message.
pub(super) mod flags {
    /// It has negative feedback.
    pub const NEGATIVE: i64 = 1;
    /// It has positive feedback.
    pub const POSITIVE: i64 = 2;
    /// It, or one of its spans, failed.
    pub const FAILED: i64 = 4;
}

impl Library {
    /// Returns the number of threads whose newest revision is not in the index.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn unindexed_count(&self) -> Result<usize, LibraryError> {
        let sql = format!("SELECT count(*) FROM ({UNINDEXED})");
        let count: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Adds every thread that is not in the index, the oldest first: later rows are newer. New cached copies are registered
    /// before, so that threads that were only read are found too. `on_progress` is called with the number of threads done
    /// and returns whether to go on. A body that cannot be read is omitted. Only one process at a time adds threads.
    /// Another one waits as long as for a write, and then adds none.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn update_index(
        &mut self,
        on_progress: &mut dyn FnMut(usize) -> bool,
    ) -> Result<usize, LibraryError> {
        if self.unindexed_count()? == 0 && !self.has_new_copies()? {
            return Ok(0);
        }
        // Otherwise two processes could index the same thread and add its messages twice.
        let Some(_lock) = self.lock_index(BUSY_TIMEOUT)? else { return Ok(0) };
        self.register_locked(&mut || on_progress(0))?;
        let pending: Vec<(i64, i64)> = self
            .connection
            .prepare(UNINDEXED)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut batch = Batch::new();
        let mut done = 0;
        for (thread_key, revision) in pending {
            if !on_progress(done) {
                break;
            }
            self.index_thread(thread_key, revision, &mut batch)?;
            if batch.is_full() {
                batch.write(&mut self.connection)?;
            }
            done += 1;
        }
        batch.write(&mut self.connection)?;
        Ok(done)
    }

    fn index_thread(
        &mut self,
        thread_key: i64,
        revision: i64,
        batch: &mut Batch,
    ) -> Result<(), LibraryError> {
        let sql = "SELECT account.service, account.base, account.id, thread.id, title, path
             FROM thread JOIN account ON account.key = thread.account JOIN revision ON revision.thread = thread.key
             WHERE thread.key = ?1 AND number = ?2";
        let (account, id, title, path): (Account, String, String, String) =
            self.connection.prepare_cached(sql)?.query_row(params![thread_key, revision], |row| {
                let account = Account { service: row.get(0)?, base: row.get(1)?, id: row.get(2)? };
                Ok((account, row.get(3)?, row.get(4)?, row.get(5)?))
            })?;
        batch.start_thread(thread_key, reference_prefix(&account, &id));
        batch.add(MessageRow::of_title(&title));
        if let (Some(provider), Some(body)) =
            (provider::by_id(&account.service), self.open_indexed(revision, path))
        {
            self.index_messages(provider, body, batch)?;
        }
        batch.finish_thread(revision);
        Ok(())
    }

    /// Returns whether the index has a newer, cached copy instead of the kept body.
    pub(super) fn is_copy_indexed(&self, thread: &KeptThread) -> Result<bool, LibraryError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM thread JOIN account ON account.key = thread.account
             WHERE service = ?1 AND folder = ?2 AND thread.id = ?3 AND indexed_revision = 0)";
        let parameters = params![thread.account.service, thread.account.folder(), thread.listed.id];
        let is_copy = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
        Ok(is_copy && thread.revision.is_some())
    }

    /// Passes the messages of the kept body to `each`, in the form of the index.
    pub(super) fn for_each_kept_message<E: From<LibraryError>>(
        &self,
        thread: &KeptThread,
        each: &mut dyn FnMut(IndexedMessage) -> Result<(), E>,
    ) -> Result<(), E> {
        let prefix = reference_prefix(&thread.account, &thread.listed.id);
        let provider = provider::by_id(&thread.account.service);
        let (Some(revision), Some(provider)) = (&thread.revision, provider) else { return Ok(()) };
        each(MessageRow::of_title(&thread.listed.title).into_message(&prefix))?;
        visit_body(open_packed(&self.body_path(revision))?, |index, raw| {
            let message = MessageRow::read(provider, index, raw).into_message(&prefix);
            if !message.texts.is_empty() {
                each(message)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Opens a body for the index; none if it cannot be read.
    fn open_indexed(&self, revision: i64, path: String) -> Option<Box<dyn Read>> {
        if revision == i64::from(CACHED_COPY) {
            return Some(Box::new(self.open_copy(&path)?));
        }
        Some(Box::new(open_packed(&self.folder.join(path)).ok()?))
    }

    fn index_messages(
        &mut self,
        provider: &'static dyn Provider,
        body: impl Read,
        batch: &mut Batch,
    ) -> Result<(), LibraryError> {
        visit_body(body, |index, raw| {
            batch.add(MessageRow::read(provider, index, raw));
            if batch.is_full() {
                batch.write(&mut self.connection)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Locks the index: no other process adds threads until the lock is dropped. `None` if another process holds the lock
    /// for longer than `max_wait`.
    ///
    /// # Errors
    /// The lock file cannot be created.
    pub(super) fn lock_index(&self, max_wait: Duration) -> Result<Option<FileLock>, LibraryError> {
        let path = self.folder.join(TEMPORARY_FOLDER).join("index.lock");
        Ok(FileLock::acquire(&path, max_wait)?)
    }

    /// Removes a thread's rows.
    pub(super) fn remove_from_index(&self, account: &Account, id: &str) -> Result<(), LibraryError> {
        let sql = "SELECT thread.key FROM thread JOIN account ON account.key = thread.account
             WHERE account.service = ?1 AND account.folder = ?2 AND thread.id = ?3";
        let parameters = params![account.service, account.folder(), id];
        // Another process may have removed the thread.
        match self.connection.query_row(sql, parameters, |row| row.get(0)).optional()? {
            Some(key) => Ok(remove_rows(&self.connection, key)?),
            None => Ok(()),
        }
    }

    /// Finds a kept thread by the key of its row.
    pub(super) fn thread_by_key(&self, key: i64) -> Result<Option<KeptThread>, LibraryError> {
        let sql = "SELECT account.service, account.base, account.id, thread.id FROM thread
             JOIN account ON account.key = thread.account WHERE thread.key = ?1";
        let (account, id): (Account, String) =
            self.connection.prepare_cached(sql)?.query_row([key], |row| {
                Ok((Account { service: row.get(0)?, base: row.get(1)?, id: row.get(2)? }, row.get(3)?))
            })?;
        self.find(&account, &id)
    }
}

/// Threads whose newest revision is not in the index, with its number. A cached copy is newer than the kept bodies, or it is
/// not in the catalogue.
const UNINDEXED: &str = "SELECT thread.key, CASE min(number) WHEN 0 THEN 0 ELSE max(number) END AS newest
    FROM thread JOIN revision ON revision.thread = thread.key
    GROUP BY thread.key HAVING indexed_revision IS NOT newest ORDER BY coalesce(updated_at, created_at, checked_at), thread.id DESC";

/// Returns the part of references that a thread's messages share.
fn reference_prefix(account: &Account, id: &str) -> String {
    format!("{}\n{}\n{id}\n", account.service, account.folder())
}

/// Returns the flags of a message.
pub(super) fn flags_of(message: &Message) -> i64 {
    let has = |sentiment| message.feedback.iter().any(|feedback| feedback.sentiment == sentiment);
    let has_failed = message.error.is_some() || message.spans.iter().any(|span| span.error.is_some());
    let flag = |is_set: bool, flag| if is_set { flag } else { 0 };
    flag(has(Sentiment::Negative), flags::NEGATIVE)
        | flag(has(Sentiment::Positive), flags::POSITIVE)
        | flag(has_failed, flags::FAILED)
}

/// Returns the number that names a message of a thread.
pub(super) fn reference_of((account, thread_id): (&Account, &str), position: u32, id: &str) -> i64 {
    reference_number(&reference_prefix(account, thread_id), position.into(), id)
}

/// Returns the number that names a message for years: 40 bits of a hash.
fn reference_number(prefix: &str, position: i64, id: &str) -> i64 {
    let name = if id.is_empty() { format!("{prefix}{position}") } else { format!("{prefix}{id}") };
    let hash = Sha256::digest(name);
    hash.iter().take(5).fold(0, |number, byte| number << 8 | i64::from(*byte))
}
