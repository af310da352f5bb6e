//! The search through the library. The index finds the hits, the newest first, and the stored texts show them.

mod conditions;
mod hit;
mod matches;
mod payloads;
mod query;
mod text_check;

use std::collections::HashSet;

use rusqlite::{Row, params};

use self::hit::{PLACES, cut, cut_preview, format_reference};
use self::matches::{Scan, ScanEnd};
use super::index::MessageTexts;
use super::{Account, KeptThread, Library, LibraryError, LibraryReader};
use crate::domain::Timestamp;
use crate::filter::ThreadTerm;

pub use hit::{IndexedMessage, LibraryHit, Place, parse_reference};
pub use payloads::{PayloadProgress, search_payloads};
pub use query::{LibraryQuery, SearchMode, WordPattern};

/// The bounds of a search.
pub struct SearchOptions<'a> {
    /// Whether a thread is searched.
    pub is_selected: &'a dyn Fn(&KeptThread) -> bool,
    /// Terms that every selected thread meets, so that a server need not send the others.
    pub required_terms: &'a [&'a ThreadTerm],
    /// Whether to stop and return the hits so far.
    pub is_stopped: &'a dyn Fn() -> bool,
    pub limit: usize,
    pub extent: HitExtent,
}

/// The hits of a thread that are returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HitExtent {
    #[default]
    All,
    /// The newest message; the title does not count.
    NewestMessage,
}

/// The numbers of matching messages, titles included, and of their threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitCount {
    pub messages: usize,
    pub threads: usize,
    /// Whether counting ended at a limit, or was stopped.
    pub is_cut: bool,
}

impl Library {
    /// Finds messages up to a limit. The last changed thread comes first, with its newest message first. If there are more
    /// hits than the limit, those of the threads that were indexed first are missing.
    ///
    /// The index has prefixes of two and three letters. For a longer prefix, SQLite merges the rows of all its words before
    /// it returns the first one: `refu*` takes as long as all messages with *refund*. So the newest messages with `ref*`
    /// are read and checked first. If too few of them match, the prefix is rare, and the exact search is fast.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn search(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError> {
        let finders = query.finders();
        let is_every_hit = options.extent == HitExtent::All;
        let (mut hits, mut shown) = (Vec::new(), HashSet::new());
        let wide = query.wide_expression().map(Scan::Wide);
        for scan in wide.into_iter().chain([Scan::Exact]) {
            hits.clear();
            shown.clear();
            let end = self.visit_matches(query, options, scan, &mut |found| {
                if shown.contains(&found.thread_key) {
                    return Ok(true);
                }
                let message = found.message.map_or_else(|| self.indexed_message(found.key), Ok)?;
                if !is_every_hit {
                    if message.is_title() {
                        return Ok(true);
                    }
                    shown.insert(found.thread_key);
                }
                hits.push(message.into_hit(found.thread.clone(), query, &finders));
                Ok(hits.len() < options.limit)
            })?;
            if end != ScanEnd::Inconclusive {
                break;
            }
        }
        // The index has the threads of a later run first, even if they are older.
        hits.sort_by_cached_key(|hit| hit.thread.search_order());
        Ok(hits)
    }

    /// Counts the messages that match, up to the limit.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn count_hits(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<HitCount, LibraryError> {
        let mut count = HitCount::default();
        let mut threads = HashSet::new();
        let end = self.visit_matches(query, options, Scan::Exact, &mut |found| {
            count.messages += 1;
            threads.insert(found.thread_key);
            Ok(count.messages < options.limit)
        })?;
        Ok(HitCount { threads: threads.len(), is_cut: end != ScanEnd::Complete, ..count })
    }

    /// Returns the kept threads with messages that match; without words and conditions, all selected threads. The last
    /// changed thread comes first.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn matching_threads(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<KeptThread>, LibraryError> {
        let mut threads = self.readable_threads(options)?;
        if query.has_words() || query.has_conditions() {
            let (mut found, mut matching) = (HashSet::new(), HashSet::new());
            self.visit_matches(query, options, Scan::Exact, &mut |row| {
                if found.insert(row.thread_key) {
                    matching.insert((row.thread.account.clone(), row.thread.listed.id.clone()));
                }
                Ok(true)
            })?;
            threads.retain(|thread| matching.contains(&(thread.account.clone(), thread.listed.id.clone())));
        }
        Ok(threads)
    }

    /// Returns the thread and the position of a message with this reference.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn find_reference(&self, reference: i64) -> Result<Option<(KeptThread, String)>, LibraryError> {
        let mut statement =
            self.connection.prepare("SELECT thread, id FROM message WHERE reference = ?1 LIMIT 1")?;
        let mut rows = statement.query([reference])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (key, id): (i64, String) = (row.get(0)?, row.get(1)?);
        Ok(self.thread_by_key(key)?.map(|thread| (thread, id)))
    }

    fn indexed_message(&self, key: i64) -> Result<IndexedMessage, LibraryError> {
        let sql = format!("SELECT {MESSAGE_COLUMNS} FROM message WHERE key = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row(params![key], read_message)?)
    }

    /// Passes the messages of a thread in the form of the index to `each`, the title first. If the thread has a kept body,
    /// the messages are from that.
    ///
    /// # Errors
    /// The catalogue cannot be read, or `each` fails.
    pub fn for_each_message<E: From<LibraryError>>(
        &self,
        thread: &KeptThread,
        mut each: impl FnMut(IndexedMessage) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT {MESSAGE_COLUMNS} FROM message WHERE thread = (SELECT thread.key FROM thread
                JOIN account ON account.key = thread.account
                WHERE service = ?1 AND folder = ?2 AND thread.id = ?3) ORDER BY position"
        );
        if self.is_copy_indexed(thread)? {
            return self.for_each_kept_message(thread, &mut each);
        }
        let Account { service, .. } = &thread.account;
        let parameters = params![service, thread.account.folder(), thread.listed.id];
        let mut statement = self.connection.prepare_cached(&sql).map_err(LibraryError::from)?;
        let messages = statement.query_map(parameters, read_message).map_err(LibraryError::from)?;
        for message in messages {
            each(message.map_err(LibraryError::from)?)?;
        }
        Ok(())
    }
}

const MESSAGE_COLUMNS: &str = "position, id, at, flags, reference, text, duration_ms, tokens, cost";

fn read_message(row: &Row<'_>) -> rusqlite::Result<IndexedMessage> {
    Ok(IndexedMessage {
        position: row.get(0)?,
        id: row.get(1)?,
        at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
        flags: row.get(3)?,
        reference: row.get(4)?,
        texts: MessageTexts::unpack(&row.get::<_, Vec<u8>>(5)?),
        duration_ms: row.get(6)?,
        tokens: row.get(7)?,
        cost: row.get(8)?,
    })
}

#[cfg(test)]
mod tests;
