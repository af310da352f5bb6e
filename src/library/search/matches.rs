//! Finds matching messages: the index selects rows, and conditions that it cannot check are checked on their texts.

use std::collections::HashSet;

use super::text_check::TextCheck;
use super::{IndexedMessage, LibraryQuery, SearchOptions};
use crate::domain::Timestamp;
use crate::library::{KeptThread, Library, LibraryError};

/// The maximum number of messages whose texts a regular expression is compared with.
const MAX_SCANNED: usize = 1_000_000;

/// The maximum number of rows that a wide search reads before the exact one begins.
const MAX_CANDIDATES: usize = 1000;

/// The way to search the index.
pub(super) enum Scan {
    Exact,
    /// With an expression that finds too many messages, so that each one is checked.
    Wide(String),
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScanEnd {
    /// There are no more rows.
    Complete,
    /// The visitor, the user or a limit stopped it.
    Stopped,
    /// A wide search reached its limit of rows.
    Inconclusive,
}

/// A row that matches.
pub(super) struct FoundRow<'a> {
    pub key: i64,
    pub thread_key: i64,
    pub thread: &'a KeptThread,
    /// The message, if it was read.
    pub message: Option<IndexedMessage>,
}

impl Library {
    /// Calls `visit` with each message that matches until it returns false.
    pub(super) fn visit_matches(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
        scan: Scan,
        visit: &mut dyn FnMut(FoundRow<'_>) -> Result<bool, LibraryError>,
    ) -> Result<ScanEnd, LibraryError> {
        let (expression, is_wide) = match scan {
            Scan::Wide(expression) => (Some(expression), true),
            Scan::Exact => (query.expression(), false),
        };
        // The index alone decides the order: with another table in the query, all hits would be sorted first.
        let sql = match expression {
            Some(_) => "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid DESC",
            None if query.is_first_letter() => {
                "SELECT key FROM message WHERE position = -1 AND ?1 IS NULL ORDER BY key DESC"
            }
            None if query.has_conditions() => "SELECT key FROM message WHERE ?1 IS NULL ORDER BY key DESC",
            None => return Ok(ScanEnd::Complete),
        };
        let mut found = self.connection.prepare_cached(sql)?;
        let mut rows = found.query([expression])?;
        let mut check = TextCheck::new(query, is_wide)?;
        // Neighbouring rows mostly belong to one thread.
        let mut last: Option<(i64, KeptThread)> = None;
        let mut rejected = HashSet::new();
        let (mut candidates, mut scanned) = (0, 0);
        while let Some(row) = rows.next()? {
            if (options.is_stopped)() || scanned >= MAX_SCANNED {
                return Ok(ScanEnd::Stopped);
            }
            candidates += 1;
            if is_wide && candidates > MAX_CANDIDATES {
                return Ok(ScanEnd::Inconclusive);
            }
            let key = row.get(0)?;
            let Some(thread_key) = self.accepted_thread(key, query)?.filter(|key| !rejected.contains(key))
            else {
                continue;
            };
            let message = if check.is_needed { Some(self.indexed_message(key)?) } else { None };
            if let Some(message) = &message {
                scanned += usize::from(query.has_regex());
                if !check.accept(&message.texts)? || !query.matches_regexes(&message.texts) {
                    continue;
                }
            }
            if last.as_ref().is_none_or(|(key, _)| *key != thread_key) {
                let thread = self.thread_by_key(thread_key)?.filter(|thread| (options.is_selected)(thread));
                last = thread.map(|thread| (thread_key, thread));
            }
            let Some((_, thread)) = &last else {
                rejected.insert(thread_key);
                continue;
            };
            if !visit(FoundRow { key, thread_key, thread, message })? {
                return Ok(ScanEnd::Stopped);
            }
        }
        Ok(ScanEnd::Complete)
    }

    /// Returns the thread of a message that fits the conditions of a query. Its text is not read: most messages are
    /// rejected.
    fn accepted_thread(&self, key: i64, query: &LibraryQuery) -> Result<Option<i64>, LibraryError> {
        let sql = "SELECT thread, flags, at, duration_ms, tokens, cost FROM message WHERE key = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([key], |row| {
            let at = row.get::<_, Option<i64>>(2)?.map(Timestamp);
            let numbers = [row.get(3)?, row.get(4)?, row.get(5)?];
            Ok(if query.accepts(row.get(1)?, at, numbers) { Some(row.get(0)?) } else { None })
        })?)
    }
}
