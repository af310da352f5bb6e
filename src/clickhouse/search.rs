//! The search on a server. The server cannot return hits in order without finding all of them. So a search goes back in
//! time: it reads the threads of the last day, then of earlier periods, each four times as long as the one after it, until
//! there are enough hits. It reads only the partitions with threads of the period and, with a text index, only the messages
//! with the complete words of the query.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::reader::Reader;
use super::rows::{FOUND_COLUMNS, FoundRow, ThreadRow, number};
use super::sql::{MessageConditions, key_lists, key_literal, quote};
use crate::library::{
    HitExtent, IndexedMessage, KeptThread, LibraryError, LibraryHit, LibraryQuery, SearchOptions,
};

/// The length of the first period, in microseconds.
const FIRST_PERIOD: i64 = 86_400_000_000;
const PERIOD_GROWTH: i64 = 4;
/// The number of periods before the last one, which has everything older: about eleven years.
const MAX_PERIODS: usize = 7;
/// The maximum number of messages in a thread that a regular expression is compared with.
const MAX_COMPARED: usize = 100_000;
/// The number of threads with hits that are read at once: few at first, then more if a filter rejects most of them.
const FIRST_PAGE: usize = 200;
const PAGE_GROWTH: usize = 4;
const MAX_PAGE: usize = 20_000;
/// The maximum number of threads whose keys narrow a search. With more keys, the server is slower than without.
const MAX_KEYS: u64 = 1000;
/// The maximum number of threads whose messages are read at once.
const MAX_BATCH_THREADS: usize = 50;
/// The maximum number of messages of these threads that are read at once, because their texts are in memory together.
const MAX_BATCH_MESSAGES: usize = 50_000;

/// The threads of a period.
#[derive(Deserialize)]
struct ExtentRow {
    #[serde(deserialize_with = "number")]
    threads: u64,
    months: Vec<u32>,
    #[serde(deserialize_with = "number")]
    latest: i64,
}

/// The key of a row of `threads`, with its version.
#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
struct KeyRow {
    service: String,
    account: String,
    id: String,
    #[serde(deserialize_with = "number")]
    fetched_at: i64,
    text_version: u32,
    #[serde(deserialize_with = "number")]
    changed_at: i64,
}

impl KeyRow {
    fn of(row: &ThreadRow) -> Self {
        let ThreadRow { service, account, id, fetched_at, text_version, changed_at, .. } = row;
        Self {
            service: service.clone(),
            account: account.clone(),
            id: id.clone(),
            fetched_at: *fetched_at,
            text_version: *text_version,
            changed_at: *changed_at,
        }
    }

    /// Returns the key with the time of the revision and the version of its texts as a literal.
    fn literal(&self) -> String {
        let Self { service, account, id, fetched_at, text_version, .. } = self;
        format!("({}, {}, {}, {fetched_at}, {text_version})", quote(service), quote(account), quote(id))
    }
}

/// A range of times of last changes: from the first time, inclusive, to the second, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period(i64, i64);

impl Period {
    const ALL: Self = Self(i64::MIN, i64::MAX);

    /// Returns the clause that selects the threads of the period that meet a condition. The time comes first, because
    /// comparing it is cheapest.
    fn clause(self, condition: &str) -> String {
        let Self(from, to) = self;
        let mut terms = Vec::new();
        if from > i64::MIN {
            terms.push(format!("changed_at >= {from}"));
        }
        if to < i64::MAX {
            terms.push(format!("changed_at < {to}"));
        }
        let first =
            if terms.is_empty() { String::new() } else { format!("PREWHERE {} ", terms.join(" AND ")) };
        format!("{first}WHERE {condition}")
    }
}

/// Divides all time into periods, back from the latest change.
fn periods(latest: i64) -> Vec<Period> {
    let (mut end, mut length) = (i64::MAX, FIRST_PERIOD);
    let mut periods = Vec::new();
    for _ in 0..MAX_PERIODS {
        let start = latest.saturating_sub(length);
        periods.push(Period(start, end));
        (end, length) = (start, length.saturating_mul(PERIOD_GROWTH));
    }
    periods.push(Period(i64::MIN, end));
    periods
}

impl Reader {
    pub(super) fn find_messages(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError> {
        let mut hits = Vec::new();
        if query.is_empty() {
            return Ok(hits);
        }
        let Some(conditions) = MessageConditions::new(query, self.server.has_text_index)? else {
            return Ok(hits);
        };
        self.visit_threads(&conditions, options, &mut |threads| {
            self.add_hits(&threads, &conditions, (query, options), &mut hits)?;
            Ok(hits.len() < options.limit)
        })?;
        Ok(hits)
    }

    /// Returns the threads with messages that match. Messages are read only for a regular expression.
    pub(super) fn find_threads(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<KeptThread>, LibraryError> {
        let mut found = Vec::new();
        let Some(conditions) = MessageConditions::new(query, self.server.has_text_index)? else {
            return Ok(found);
        };
        self.visit_threads(&conditions, options, &mut |mut threads| {
            if query.has_regex() {
                self.retain_matching(&mut threads, &conditions, (query, options))?;
            }
            found.append(&mut threads);
            Ok(true)
        })?;
        Ok(found)
    }

    /// Calls `visit` with the selected threads that have messages as required, page by page, until it returns false. The
    /// thread that changed last comes first.
    fn visit_threads(
        &self,
        conditions: &MessageConditions,
        options: &SearchOptions<'_>,
        visit: &mut dyn FnMut(Vec<KeptThread>) -> Result<bool, LibraryError>,
    ) -> Result<(), LibraryError> {
        let selected = self.selection(options);
        let Some(all) = self.extent(&Period::ALL.clause(&selected))? else { return Ok(()) };
        // A small number of threads is found by keys, without periods.
        let periods = if all.threads <= MAX_KEYS { vec![Period::ALL] } else { periods(all.latest) };
        for period in periods {
            let threads = period.clause(&selected);
            let Some(extent) = self.extent(&threads)? else { continue };
            let messages = format!("{}{}", self.message_bounds(&extent, &threads), conditions.expression);
            let (mut last, mut page, mut is_end) = (None, FIRST_PAGE, false);
            while !is_end {
                if (options.is_stopped)() {
                    return Ok(());
                }
                let keys = self.keys_with_hits(&threads, &messages, (last.as_ref(), page))?;
                let mut found = self.threads_of(&keys)?;
                is_end = keys.len() < page;
                last = keys.into_iter().next_back();
                found.retain(options.is_selected);
                if !visit(found)? {
                    return Ok(());
                }
                page = page.saturating_mul(PAGE_GROWTH).min(MAX_PAGE);
            }
        }
        Ok(())
    }

    /// Returns the extent of the threads that a clause selects; none without one.
    fn extent(&self, threads: &str) -> Result<Option<ExtentRow>, LibraryError> {
        let sql = format!(
            "SELECT count() AS threads, groupUniqArray(month) AS months, max(changed_at) AS latest FROM {} {threads}",
            self.connection.table("threads"),
        );
        let row: Option<ExtentRow> = self.connection.rows(&sql)?.pop();
        Ok(row.filter(|extent| extent.threads > 0))
    }

    /// Returns the partitions with messages of these threads, as the beginning of a condition.
    fn message_bounds(&self, extent: &ExtentRow, threads: &str) -> String {
        let months: Vec<String> = extent.months.iter().map(u32::to_string).collect();
        let mut bounds = format!("month IN ({}) AND ", months.join(", "));
        if extent.threads <= MAX_KEYS {
            let table = self.connection.table("threads");
            let keys = format!("SELECT service, account, id FROM {table} {threads}");
            bounds.push_str(&format!("(service, account, thread) IN ({keys}) AND "));
        }
        bounds
    }

    /// Returns the next rows of threads after `last`, up to a number, that have messages as required: including rows that a
    /// newer one has replaced, because excluding these takes much longer.
    fn keys_with_hits(
        &self,
        threads: &str,
        messages: &str,
        (last, limit): (Option<&KeyRow>, usize),
    ) -> Result<Vec<KeyRow>, LibraryError> {
        let after = last.map_or_else(String::new, |last| {
            let KeyRow { changed_at, .. } = last;
            let key = last.literal();
            format!(
                " AND (changed_at < {changed_at} OR (changed_at = {changed_at}
                    AND (service, account, id, fetched_at, text_version) > {key}))"
            )
        });
        let columns = "service, account, id, fetched_at, text_version";
        let sql = format!(
            "SELECT {columns}, changed_at FROM {} {threads}{after} AND ({columns}) IN (
                SELECT service, account, thread, fetched_at, text_version FROM {} WHERE {messages})
             ORDER BY changed_at DESC, {columns} LIMIT 1 BY changed_at, {columns} LIMIT {limit}",
            self.connection.table("threads"),
            self.connection.table("messages"),
        );
        self.connection.rows(&sql)
    }

    /// Returns the threads of these rows, in their order, without those whose row was replaced.
    fn threads_of(&self, rows: &[KeyRow]) -> Result<Vec<KeptThread>, LibraryError> {
        let mut current = HashMap::new();
        for keys in key_lists(rows.iter().map(|row| key_literal(&row.service, &row.account, &row.id))) {
            let condition = format!("(service, account, id) IN ({keys})");
            for row in self.current_rows(&condition)? {
                current.insert(KeyRow::of(&row), row.into_thread());
            }
        }
        Ok(rows.iter().filter_map(|row| current.remove(row)).collect())
    }

    /// Adds the hits of threads, up to the limit.
    fn add_hits(
        &self,
        threads: &[KeptThread],
        conditions: &MessageConditions,
        (query, options): (&LibraryQuery, &SearchOptions<'_>),
        hits: &mut Vec<LibraryHit>,
    ) -> Result<(), LibraryError> {
        let finders = query.finders();
        let mut rest = threads;
        while !rest.is_empty() && hits.len() < options.limit && !(options.is_stopped)() {
            let room = options.limit.saturating_sub(hits.len());
            // Regular expressions are compared on this machine, so every message of a thread may be needed.
            let limit = match (query.has_regex(), options.extent) {
                (true, _) => MAX_COMPARED,
                (false, HitExtent::All) => room,
                // The title comes last.
                (false, HitExtent::NewestMessage) => 1,
            };
            let (batch, after) = rest.split_at(batch_length(rest, limit).min(room));
            let mut found = self.messages_of(batch, conditions, limit)?;
            for thread in batch {
                let rows = found.remove(&key_of(thread)).unwrap_or_default();
                let messages = rows.into_iter().map(FoundRow::into_message);
                let mut messages = messages.filter(|message| query.matches_regexes(&message.texts));
                let into_hit = |message: IndexedMessage| message.into_hit(thread.clone(), query, &finders);
                match options.extent {
                    HitExtent::All => hits.extend(messages.map(into_hit)),
                    HitExtent::NewestMessage => {
                        hits.extend(messages.find(|message| !message.is_title()).map(into_hit));
                    }
                }
            }
            rest = after;
        }
        hits.truncate(options.limit);
        Ok(())
    }

    /// Removes the threads without a message that the regular expressions of a query match. Once the search is stopped, it
    /// removes the remaining threads as well.
    fn retain_matching(
        &self,
        threads: &mut Vec<KeptThread>,
        conditions: &MessageConditions,
        (query, options): (&LibraryQuery, &SearchOptions<'_>),
    ) -> Result<(), LibraryError> {
        let mut matching = HashSet::new();
        let mut rest = threads.as_slice();
        while !rest.is_empty() && !(options.is_stopped)() {
            let (batch, after) = rest.split_at(batch_length(rest, MAX_COMPARED));
            for (key, rows) in self.messages_of(batch, conditions, MAX_COMPARED)? {
                let mut messages = rows.into_iter().map(FoundRow::into_message);
                if messages.any(|message| query.matches_regexes(&message.texts)) {
                    matching.insert(key);
                }
            }
            rest = after;
        }
        threads.retain(|thread| matching.contains(&key_of(thread)));
        Ok(())
    }

    /// Returns the newest messages of each thread, up to a limit, by thread. A message that was inserted twice counts once.
    fn messages_of(
        &self,
        threads: &[KeptThread],
        conditions: &MessageConditions,
        limit: usize,
    ) -> Result<HashMap<ThreadKey, Vec<FoundRow>>, LibraryError> {
        let keys: Vec<String> = threads.iter().map(revision_key).collect();
        let sql = format!(
            "SELECT {FOUND_COLUMNS} FROM (
                SELECT {FOUND_COLUMNS} FROM {} WHERE (service, account, thread, fetched_at) IN ({}) AND {}
                ORDER BY service, account, thread, position DESC, text_version DESC
                LIMIT 1 BY service, account, thread, position)
             ORDER BY service, account, thread, text_version DESC, position DESC
             LIMIT {limit} BY service, account, thread",
            self.connection.table("messages"),
            keys.join(", "),
            conditions.expression,
        );
        let mut found: HashMap<_, Vec<FoundRow>> = HashMap::new();
        for row in self.connection.rows::<FoundRow>(&sql)? {
            let key = (row.service.clone(), row.account.clone(), row.thread.clone());
            let rows = found.entry(key).or_default();
            // The newest version of the texts comes first. Messages may still exist in an older version only.
            if rows.first().is_none_or(|first| first.text_version == row.text_version) {
                rows.push(row);
            }
        }
        Ok(found)
    }
}

/// The service, the account and the id of a thread.
type ThreadKey = (String, String, String);

fn key_of(thread: &KeptThread) -> ThreadKey {
    (thread.account.service.clone(), thread.account.folder(), thread.listed.id.clone())
}

/// Returns the key of the messages of a thread's newest revision as a literal.
fn revision_key(thread: &KeptThread) -> String {
    let fetched_at = thread.revision.as_ref().map_or(0, |revision| revision.fetched_at.0);
    let (service, folder, id) = key_of(thread);
    format!("({}, {}, {}, {fetched_at})", quote(&service), quote(&folder), quote(&id))
}

/// Returns the number of threads, at least one, whose messages are read at once, if at most `limit` are read of each.
fn batch_length(threads: &[KeptThread], limit: usize) -> usize {
    let mut messages = 0_usize;
    let fitting = threads.iter().take(MAX_BATCH_THREADS).take_while(|thread| {
        let count = thread.revision.as_ref().map_or(0, |revision| revision.message_count);
        messages = messages.saturating_add(usize::try_from(count).unwrap_or(usize::MAX).min(limit));
        messages <= MAX_BATCH_MESSAGES
    });
    fitting.count().max(1).min(threads.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ListedThread, Timestamp};
    use crate::library::{Account, Revision};

    #[test]
    fn periods_cover_all_time_without_a_gap() {
        let periods = periods(1_000_000_000_000_000);
        assert_eq!(periods.first().unwrap().1, i64::MAX);
        assert_eq!(periods.last().unwrap().0, i64::MIN);
        assert!(periods.windows(2).all(|pair| pair[0].0 == pair[1].1));
        assert_eq!(Period(i64::MIN, 5).clause("a"), "PREWHERE changed_at < 5 WHERE a");
    }

    #[test]
    fn fewer_threads_are_read_at_once_if_they_have_many_messages() {
        let thread = |message_count| KeptThread {
            account: Account::new("sgp", "https://h", None),
            listed: ListedThread::default(),
            checked_at: None,
            gone_since: None,
            cached: None,
            revision: Some(Revision {
                number: 1,
                path: String::new(),
                sha256: String::new(),
                size: 0,
                packed_size: 0,
                fetched_at: Timestamp(0),
                message_count,
                unreadable_count: 0,
                has_spans: None,
                listed_updated_at: None,
                listed_message_count: None,
            }),
        };
        assert_eq!(batch_length(&vec![thread(10); 60], usize::MAX), MAX_BATCH_THREADS);
        assert_eq!(batch_length(&vec![thread(30_000); 3], MAX_COMPARED), 1);
        assert_eq!(batch_length(&vec![thread(30_000); 3], 2000), 3);
        assert_eq!(batch_length(&[thread(u64::MAX)], usize::MAX), 1);
    }
}
