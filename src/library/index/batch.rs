//! Writes the index in batches.

use rusqlite::{Connection, TransactionBehavior, params};
use zstd::bulk::Compressor;

use super::{MessageTexts, flags_of, reference_number};
use crate::domain::{Timestamp, Usage};
use crate::library::{IndexedMessage, LibraryError};
use crate::provider::Provider;
use crate::trace::message_usage;

/// The maximum number of messages in a transaction, for whose end other processes wait.
const BATCH_MESSAGES: usize = 4000;
/// The bytes of prepared texts after which a transaction ends; they are in memory until then.
const BATCH_BYTES: usize = 8 << 20;
/// The fastest level of zstd.
const PACKING_LEVEL: i32 = 1;

/// Changes of the index that one transaction writes. They are prepared before it begins, so that it is short.
pub(super) struct Batch {
    /// The thread of the messages that are added.
    thread: i64,
    reference_prefix: String,
    steps: Vec<Step>,
    messages: usize,
    /// The size of the prepared texts.
    bytes: usize,
    /// `None` if there is not enough memory; then texts are stored unpacked.
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
    pub(super) fn new() -> Self {
        Self {
            thread: 0,
            reference_prefix: String::new(),
            steps: Vec::new(),
            messages: 0,
            bytes: 0,
            compressor: Compressor::new(PACKING_LEVEL).ok(),
        }
    }

    /// Starts a thread: removes its old rows. The references of its messages begin with the prefix.
    pub(super) fn start_thread(&mut self, thread: i64, reference_prefix: String) {
        (self.thread, self.reference_prefix) = (thread, reference_prefix);
        self.steps.push(Step::Remove(thread));
    }

    /// Adds a message of the thread that was started last.
    pub(super) fn add(&mut self, mut message: MessageRow) {
        let texts = std::mem::take(&mut message.texts);
        if texts.is_empty() {
            return;
        }
        let reference = reference_number(&self.reference_prefix, message.position, &message.id);
        let (packed, spread) = (texts.pack(self.compressor.as_mut()), texts.spread());
        self.messages += 1;
        self.bytes += packed.len() + spread.len();
        let row = IndexRow { thread: self.thread, reference, packed, spread, message };
        self.steps.push(Step::Add(Box::new(row)));
    }

    /// Ends the thread that was started last: the index has this revision of it.
    pub(super) fn finish_thread(&mut self, revision: i64) {
        self.steps.push(Step::Finish(self.thread, revision));
    }

    /// Returns whether it is time to write.
    pub(super) fn is_full(&self) -> bool {
        self.messages >= BATCH_MESSAGES || self.bytes >= BATCH_BYTES
    }

    /// Writes the changes and empties the batch.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub(super) fn write(&mut self, connection: &mut Connection) -> Result<(), LibraryError> {
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

/// A message that was read for the index.
#[derive(Debug, Default)]
pub(super) struct MessageRow {
    /// The position in the body; -1 for the title.
    position: i64,
    id: String,
    at: Option<i64>,
    flags: i64,
    duration_ms: Option<i64>,
    usage: Usage,
    /// The texts; empty once they are packed.
    texts: MessageTexts,
}

impl MessageRow {
    /// Returns the row of a thread's title.
    pub(super) fn of_title(title: &str) -> Self {
        Self { position: -1, texts: MessageTexts::of_title(title), ..Self::default() }
    }

    /// Reads a message.
    pub(super) fn read(provider: &dyn Provider, index: u32, raw: &[u8]) -> Self {
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

    /// Converts to the form that readers of the index get.
    pub(super) fn into_message(self, reference_prefix: &str) -> IndexedMessage {
        IndexedMessage {
            duration_ms: self.duration_ms,
            tokens: self.usage.total(),
            cost: self.usage.cost_usd,
            position: self.position,
            reference: reference_number(reference_prefix, self.position, &self.id),
            id: self.id,
            at: self.at.map(Timestamp),
            flags: self.flags,
            texts: self.texts,
        }
    }
}

/// The row of a message in the tables.
struct IndexRow {
    thread: i64,
    reference: i64,
    packed: Vec<u8>,
    spread: String,
    message: MessageRow,
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

/// Removes the rows of a thread.
pub(in crate::library) fn remove_rows(connection: &Connection, thread_key: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM words WHERE rowid IN (SELECT key FROM message WHERE thread = ?1)";
    connection.prepare_cached(sql)?.execute([thread_key])?;
    connection.prepare_cached("DELETE FROM message WHERE thread = ?1")?.execute([thread_key])?;
    Ok(())
}
