//! Batches of rows to send: bodies and messages whenever the limit is reached, and the rows of their threads last.

use std::collections::HashSet;
use std::io::Read;

use serde::Serialize;

use crate::clickhouse::Connection;
use crate::clickhouse::bodies::{PART_BYTES, push_bytes};
use crate::clickhouse::rows::{
    AccountRow, MESSAGE_COLUMNS, NameRow, RevisionRow, VersionedThreadRow, month, push_message,
};
use crate::library::{IndexedMessage, KeptThread, LibraryError, Revision, Tokenizer};

/// The maximum number of threads in a batch.
const MAX_THREADS: usize = 1000;
/// The maximum number of months in a batch: servers refuse more than 100 parts in one insert.
const MAX_MONTHS: usize = 50;

/// The rows of one table.
struct Rows {
    /// The table, with the format.
    insert: String,
    bytes: Vec<u8>,
}

impl Rows {
    fn new(insert: &str) -> Self {
        Self { insert: insert.to_owned(), bytes: Vec::new() }
    }

    fn add(&mut self, row: &impl Serialize) {
        // Rows of texts and numbers are always JSON.
        if serde_json::to_writer(&mut self.bytes, row).is_ok() {
            self.bytes.push(b'\n');
        }
    }
}

/// Rows that are not sent yet.
pub(super) struct InsertBatch {
    max_bytes: usize,
    accounts: Rows,
    names: Rows,
    bodies: Rows,
    revisions: Rows,
    messages: Rows,
    threads: Rows,
    thread_count: usize,
    months: HashSet<u32>,
    tokenizer: Tokenizer,
    /// The bytes of all rows that were sent.
    pub(super) sent_bytes: usize,
    /// The bytes that were sent before the last commit.
    committed_bytes: usize,
    /// The number of requests with rows.
    pub(super) inserts: usize,
}

impl InsertBatch {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            accounts: Rows::new("accounts FORMAT JSONEachRow"),
            names: Rows::new("names FORMAT JSONEachRow"),
            bodies: Rows::new(
                "bodies (service, account, thread, fetched_at, part, month, data) FORMAT RowBinary",
            ),
            revisions: Rows::new("revisions FORMAT JSONEachRow"),
            messages: Rows::new(&format!("messages ({MESSAGE_COLUMNS}) FORMAT RowBinary")),
            threads: Rows::new("threads FORMAT JSONEachRow"),
            thread_count: 0,
            months: HashSet::new(),
            tokenizer: Tokenizer::default(),
            sent_bytes: 0,
            committed_bytes: 0,
            inserts: 0,
        }
    }

    pub(super) fn add_account(&mut self, row: &AccountRow) {
        self.accounts.add(row);
    }

    pub(super) fn add_name(&mut self, row: &NameRow) {
        self.names.add(row);
    }

    /// Adds the parts of a packed body.
    ///
    /// # Errors
    /// The body cannot be read, does not have the length of its revision, or its first parts cannot be sent.
    pub(super) fn add_body(
        &mut self,
        connection: &Connection,
        thread: &KeptThread,
        revision: &Revision,
        body: impl Read,
    ) -> Result<(), LibraryError> {
        let failed = |reason: String| LibraryError::Damaged { path: revision.path.clone(), reason };
        let month = month(thread);
        self.months.insert(month);
        let (mut body, mut size) = (body, 0u64);
        for part in 0u32.. {
            let mut bytes = Vec::new();
            let limit = PART_BYTES as u64;
            body.by_ref().take(limit).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
            if bytes.is_empty() {
                break;
            }
            size = size.saturating_add(bytes.len() as u64);
            let rows = &mut self.bodies.bytes;
            for text in [&thread.account.service, &thread.account.folder(), &thread.listed.id] {
                push_bytes(rows, text.as_bytes());
            }
            rows.extend_from_slice(&revision.fetched_at.0.to_le_bytes());
            rows.extend_from_slice(&part.to_le_bytes());
            rows.extend_from_slice(&month.to_le_bytes());
            push_bytes(rows, &bytes);
            if rows.len() >= self.max_bytes {
                self.send(connection, |batch| &mut batch.bodies)?;
            }
        }
        let expected = revision.packed_size;
        if size == expected { Ok(()) } else { Err(failed(format!("{size} bytes instead of {expected}"))) }
    }

    pub(super) fn add_revision(&mut self, thread: &KeptThread, revision: &Revision) {
        self.revisions.add(&RevisionRow {
            service: &thread.account.service,
            account: &thread.account.folder(),
            thread: &thread.listed.id,
            fetched_at: revision.fetched_at.0,
            revision: revision.number,
            sha256: &revision.sha256,
            size: revision.size,
            packed_size: revision.packed_size,
            message_count: revision.message_count,
            unreadable_count: revision.unreadable_count,
            has_spans: revision.has_spans.map(u8::from),
        });
    }

    /// Adds a message of the newest revision.
    ///
    /// # Errors
    /// The first messages, or the bodies before them, cannot be sent.
    pub(super) fn add_message(
        &mut self,
        connection: &Connection,
        thread: &KeptThread,
        message: &IndexedMessage,
    ) -> Result<(), LibraryError> {
        self.months.insert(month(thread));
        let words = message.texts.words(&mut self.tokenizer)?;
        push_message(&mut self.messages.bytes, thread, message, &words);
        if self.messages.bytes.len() >= self.max_bytes {
            // Forgotten threads are found by their bodies, so messages without a body would stay if this push were killed.
            self.send(connection, |batch| &mut batch.bodies)?;
            self.send(connection, |batch| &mut batch.messages)?;
        }
        Ok(())
    }

    /// Adds a thread whose bodies and messages are on the server or in the batch.
    pub(super) fn add_thread(&mut self, row: &VersionedThreadRow) {
        self.threads.add(row);
        self.thread_count += 1;
    }

    /// Returns whether it is time to send.
    pub(super) fn is_full(&self) -> bool {
        let waiting: usize = [&self.bodies, &self.revisions, &self.messages, &self.threads]
            .iter()
            .map(|rows| rows.bytes.len())
            .sum();
        let bytes = waiting + self.sent_bytes.saturating_sub(self.committed_bytes);
        bytes >= self.max_bytes || self.thread_count >= MAX_THREADS || self.months.len() >= MAX_MONTHS
    }

    /// Sends everything. The rows of threads come last, because they make the others visible.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub(super) fn commit(&mut self, connection: &Connection) -> Result<(), LibraryError> {
        self.send(connection, |batch| &mut batch.accounts)?;
        self.send(connection, |batch| &mut batch.names)?;
        self.send(connection, |batch| &mut batch.bodies)?;
        self.send(connection, |batch| &mut batch.revisions)?;
        self.send(connection, |batch| &mut batch.messages)?;
        self.send(connection, |batch| &mut batch.threads)?;
        self.thread_count = 0;
        self.months.clear();
        self.committed_bytes = self.sent_bytes;
        Ok(())
    }

    fn send(
        &mut self,
        connection: &Connection,
        rows: fn(&mut Self) -> &mut Rows,
    ) -> Result<(), LibraryError> {
        let Rows { insert, bytes } = rows(self);
        if bytes.is_empty() {
            return Ok(());
        }
        let sql = format!("INSERT INTO {}", connection.table(insert));
        connection.insert(&sql, bytes)?;
        let count = bytes.len();
        bytes.clear();
        self.sent_bytes += count;
        self.inserts += 1;
        Ok(())
    }
}
