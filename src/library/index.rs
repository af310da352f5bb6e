//! The search index: the texts of the newest revision of each thread, a row per message. It is made behind the archive, in
//! batches that are each complete, so that it goes on where it stopped.

mod bigrams;
mod texts;
mod tokens;

use std::io::Read;
use std::ops::ControlFlow;

use rusqlite::{Connection, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;

use super::kept_body::visit_body;
use super::packed_body::open_packed;
use super::{Account, BUSY_TIMEOUT, KeptThread, Library, LibraryError, TEMPORARY_FOLDER};
use crate::domain::{Message, Sentiment, Usage};
use crate::provider::{self, Provider};
use crate::storage::files::FileLock;
use crate::trace::message_usage;

pub(super) use bigrams::{is_unseparated, spread_query, spread_text};
pub(super) use texts::PART_SIGNS;
pub use texts::{MessageTexts, SEPARATOR};
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

/// Messages that are written in one transaction: other processes wait for each.
const BATCH_MESSAGES: usize = 1000;
/// The bytes of texts after which a transaction ends: they are in memory until then.
const BATCH_BYTES: usize = 8 << 20;
/// zstd's fastest.
const PACKING_LEVEL: i32 = 1;

impl Library {
    /// The number of threads whose newest revision is not in the index.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn unindexed_count(&self) -> Result<usize, LibraryError> {
        let sql = format!("SELECT count(*) FROM ({UNINDEXED})");
        let count: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Adds every thread that is not in the index, the oldest first: later rows are newer. `on_progress` is called with the
    /// number of threads done and returns whether to go on. A body that cannot be read is left out. One process at a time adds
    /// threads: another one waits for its end, but not longer than for a write.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn update_index(
        &mut self,
        on_progress: &mut dyn FnMut(usize) -> bool,
    ) -> Result<usize, LibraryError> {
        if self.unindexed_count()? == 0 {
            return Ok(0);
        }
        // Two processes that index the same thread would add its messages twice.
        let path = self.folder.join(TEMPORARY_FOLDER).join("index.lock");
        let Some(_lock) = FileLock::acquire(&path, BUSY_TIMEOUT)? else { return Ok(0) };
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
        batch.thread = thread_key;
        batch.reference_prefix = reference_prefix(&account, &id);
        batch.steps.push(Step::Remove(thread_key));
        let title = MessageTexts::of_title(&title);
        batch.add(NewMessage { position: -1, texts: title, ..NewMessage::default() });
        let body = provider::by_id(&account.service)
            .map(|provider| (provider, open_packed(&self.folder.join(&path))));
        if let Some((provider, Ok(body))) = body {
            self.index_messages(provider, body, batch)?;
        }
        batch.steps.push(Step::Finish(thread_key, revision));
        Ok(())
    }

    fn index_messages(
        &mut self,
        provider: &'static dyn Provider,
        body: impl Read,
        batch: &mut Batch,
    ) -> Result<(), LibraryError> {
        visit_body(body, |index, raw| {
            batch.add(NewMessage::read(provider, index, raw));
            if batch.is_full() {
                batch.write(&mut self.connection)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Removes a thread's rows.
    pub(super) fn remove_from_index(&self, account: &Account, id: &str) -> Result<(), LibraryError> {
        let sql = "SELECT thread.key FROM thread JOIN account ON account.key = thread.account
             WHERE account.service = ?1 AND account.folder = ?2 AND thread.id = ?3";
        let parameters = params![account.service, account.folder(), id];
        let key: i64 = self.connection.query_row(sql, parameters, |row| row.get(0))?;
        Ok(remove_rows(&self.connection, key)?)
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

/// Threads whose newest revision is not in the index, with its number.
const UNINDEXED: &str = "SELECT thread.key, max(number) AS newest FROM thread JOIN revision ON revision.thread = thread.key
    GROUP BY thread.key HAVING indexed_revision IS NOT newest ORDER BY coalesce(updated_at, created_at, checked_at), thread.id DESC";

fn remove_rows(connection: &Connection, thread_key: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM words WHERE rowid IN (SELECT key FROM message WHERE thread = ?1)";
    connection.prepare_cached(sql)?.execute([thread_key])?;
    connection.prepare_cached("DELETE FROM message WHERE thread = ?1")?.execute([thread_key])?;
    Ok(())
}

/// The part of references that a thread's messages share.
fn reference_prefix(account: &Account, id: &str) -> String {
    format!("{}\n{}\n{id}\n", account.service, account.folder())
}

/// Changes of the index that are written in one transaction: they are prepared before it, so that it is short.
struct Batch {
    /// The thread of the messages that are added.
    thread: i64,
    reference_prefix: String,
    steps: Vec<Step>,
    messages: usize,
    bytes: usize,
    /// None where there is no memory for one: texts stay as they are.
    compressor: Option<Compressor<'static>>,
}

enum Step {
    /// Remove the rows of a thread.
    Remove(i64),
    Add(Box<IndexRow>),
    /// The thread, and the revision that is now in the index.
    Finish(i64, i64),
}

impl Batch {
    fn new() -> Self {
        Self {
            thread: 0,
            reference_prefix: String::new(),
            steps: Vec::new(),
            messages: 0,
            bytes: 0,
            compressor: Compressor::new(PACKING_LEVEL).ok(),
        }
    }

    fn add(&mut self, message: NewMessage) {
        if message.texts.is_empty() {
            return;
        }
        let reference = reference_number(&self.reference_prefix, message.position, &message.id);
        let packed = message.texts.pack(self.compressor.as_mut());
        let spread = message.texts.spread();
        self.messages += 1;
        self.bytes += packed.len() + spread.len();
        let row = IndexRow { thread: self.thread, reference, packed, spread, message };
        self.steps.push(Step::Add(Box::new(row)));
    }

    fn is_full(&self) -> bool {
        self.messages >= BATCH_MESSAGES || self.bytes >= BATCH_BYTES
    }

    fn write(&mut self, connection: &mut Connection) -> Result<(), LibraryError> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in self.steps.drain(..) {
            match step {
                Step::Remove(thread) => remove_rows(&transaction, thread)?,
                Step::Add(row) => row.write(&transaction)?,
                Step::Finish(thread, revision) => {
                    let sql = "UPDATE thread SET indexed_revision = ?2 WHERE key = ?1";
                    transaction.prepare_cached(sql)?.execute(params![thread, revision])?;
                }
            }
        }
        (self.messages, self.bytes) = (0, 0);
        Ok(transaction.commit()?)
    }
}

/// A message to index.
#[derive(Debug, Default)]
struct NewMessage {
    /// In the body; -1 for the title.
    position: i64,
    id: String,
    at: Option<i64>,
    flags: i64,
    duration_ms: Option<i64>,
    usage: Usage,
    texts: MessageTexts,
}

impl NewMessage {
    fn read(provider: &dyn Provider, index: u32, raw: &[u8]) -> Self {
        let message = provider.read_message(raw);
        Self {
            position: index.into(),
            id: message.id.clone(),
            at: message.created_at.map(|at| at.0),
            flags: flags_of(&message),
            duration_ms: message.duration_ms,
            usage: message_usage(&message),
            texts: MessageTexts::of_message(&message, raw),
        }
    }
}

/// A message as the tables have it.
struct IndexRow {
    thread: i64,
    reference: i64,
    packed: Vec<u8>,
    spread: String,
    message: NewMessage,
}

impl IndexRow {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let message = &self.message;
        let sql =
            "INSERT INTO message(thread, position, id, at, flags, reference, text, duration_ms, tokens, cost)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        connection.prepare_cached(sql)?.execute(params![
            self.thread,
            message.position,
            message.id,
            message.at,
            message.flags,
            self.reference,
            self.packed,
            message.duration_ms,
            message.usage.total(),
            message.usage.cost_usd,
        ])?;
        let sql = "INSERT INTO words(rowid, text) VALUES (?1, ?2)";
        connection.prepare_cached(sql)?.execute(params![connection.last_insert_rowid(), self.spread])?;
        Ok(())
    }
}

/// The flags of a message.
pub(super) fn flags_of(message: &Message) -> i64 {
    let has = |sentiment| message.feedback.iter().any(|feedback| feedback.sentiment == sentiment);
    let has_failed = message.error.is_some() || message.spans.iter().any(|span| span.error.is_some());
    let flag = |is_set: bool, flag| if is_set { flag } else { 0 };
    flag(has(Sentiment::Negative), flags::NEGATIVE)
        | flag(has(Sentiment::Positive), flags::POSITIVE)
        | flag(has_failed, flags::FAILED)
}

/// The number that names a message of a thread.
pub(super) fn reference_of((account, thread_id): (&Account, &str), position: u32, id: &str) -> i64 {
    reference_number(&reference_prefix(account, thread_id), position.into(), id)
}

/// The number that names a message for years: 40 bits of a hash.
fn reference_number(prefix: &str, position: i64, id: &str) -> i64 {
    let name = if id.is_empty() { format!("{prefix}{position}") } else { format!("{prefix}{id}") };
    let hash = Sha256::digest(name);
    hash.iter().take(5).fold(0, |number, byte| number << 8 | i64::from(*byte))
}
