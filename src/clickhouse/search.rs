//! The search on a server. Its engine has no order of hits, so that a search goes back in time: threads of the last day,
//! then of the days before, each span four times as long as the one before it, until there are enough hits. It reads only
//! the partitions that have threads of the span, and with an index of words, only the messages with the complete words of
//! the query: a frequent word is found in the first spans, and a rare one is not in the way of the others.

use std::collections::HashMap;

use serde::Deserialize;

use super::reader::Reader;
use super::rows::{FOUND_COLUMNS, FoundRow, number};
use super::sql::{MessageConditions, quote, thread_key};
use crate::domain::{ExitCode, UserError};
use crate::library::{KeptThread, LibraryError, LibraryHit, LibraryQuery, SearchOptions};

/// The length of the first span of time, in microseconds.
const FIRST_SPAN: i64 = 86_400_000_000;
const SPAN_GROWTH: i64 = 4;
/// The spans before everything older is looked at: about eleven years.
const MAX_SPANS: usize = 7;
/// The most messages of a thread that a regular expression is compared with.
const MAX_COMPARED: usize = 100_000;
/// Threads with hits that are asked for at once: first a few, then more if a filter of threads rejects most.
const FIRST_PAGE: usize = 200;
const PAGE_GROWTH: usize = 4;
const MAX_PAGE: usize = 20_000;
/// The most threads whose keys narrow a search down: beyond that, the server is slower with them than without.
const MAX_KEYS: u64 = 1000;
/// Threads whose messages are asked for at once.
const MAX_BATCH_THREADS: usize = 50;

#[derive(Deserialize)]
struct MaxRow {
    #[serde(deserialize_with = "number")]
    value: i64,
}

/// The threads of a span.
#[derive(Deserialize)]
struct ExtentRow {
    #[serde(deserialize_with = "number")]
    threads: u64,
    months: Vec<u32>,
}

/// Threads that changed in this time: from the first on, before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span(i64, i64);

impl Span {
    fn condition(self) -> String {
        let Self(from, to) = self;
        let mut terms = Vec::new();
        if from > i64::MIN {
            terms.push(format!("changed_at >= {from}"));
        }
        if to < i64::MAX {
            terms.push(format!("changed_at < {to}"));
        }
        if terms.is_empty() { "1 = 1".to_owned() } else { terms.join(" AND ") }
    }
}

/// Spans of time back from the latest change.
fn spans(latest: i64) -> Vec<Span> {
    let (mut end, mut length) = (i64::MAX, FIRST_SPAN);
    let mut spans = Vec::new();
    for _ in 0..MAX_SPANS {
        let start = latest.saturating_sub(length);
        spans.push(Span(start, end));
        (end, length) = (start, length.saturating_mul(SPAN_GROWTH));
    }
    spans.push(Span(i64::MIN, end));
    spans
}

impl Reader {
    pub(super) fn find_messages(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError> {
        let mut hits = Vec::new();
        if !query.has_words() && !query.has_conditions() {
            return Ok(hits);
        }
        if query.has_measures() {
            let message = "duration, tokens and cost are not searched on a server";
            let hint = "Search without them, or in the library of this machine.";
            return Err(LibraryError::Remote(Box::new(UserError::new(message, hint, ExitCode::Usage))));
        }
        let Some(conditions) = MessageConditions::new(query, self.server.has_text_index)? else {
            return Ok(hits);
        };
        for span in spans(self.latest_change()?) {
            if hits.len() >= options.limit || (options.is_stopped)() {
                break;
            }
            if let Some(bounds) = self.message_bounds(span)? {
                self.search_span((span, &bounds), &conditions, (query, options), &mut hits)?;
            }
        }
        Ok(hits)
    }

    /// Adds the hits of a span, page by page.
    fn search_span(
        &self,
        (span, bounds): (Span, &str),
        conditions: &MessageConditions,
        (query, options): (&LibraryQuery, &SearchOptions<'_>),
        hits: &mut Vec<LibraryHit>,
    ) -> Result<(), LibraryError> {
        let (mut last, mut page) = (None, FIRST_PAGE);
        while hits.len() < options.limit && !(options.is_stopped)() {
            let messages = format!("{bounds}{}", conditions.expression);
            let threads = self.threads_with_hits(span, &messages, (last.as_ref(), page))?;
            let is_end = threads.len() < page;
            last = threads.last().cloned();
            let selected = threads.into_iter().filter(|thread| (options.is_selected)(thread)).collect();
            self.add_hits(selected, conditions, (query, options), hits)?;
            if is_end {
                break;
            }
            page = page.saturating_mul(PAGE_GROWTH).min(MAX_PAGE);
        }
        Ok(())
    }

    /// The partitions with messages of a span's threads, as the beginning of a condition; none without threads.
    fn message_bounds(&self, span: Span) -> Result<Option<String>, LibraryError> {
        let (table, time) = (self.connection.table("threads"), span.condition());
        let sql =
            format!("SELECT count() AS threads, groupUniqArray(month) AS months FROM {table} WHERE {time}");
        let Some(extent) = self.connection.rows::<ExtentRow>(&sql)?.pop().filter(|extent| extent.threads > 0)
        else {
            return Ok(None);
        };
        let months: Vec<String> = extent.months.iter().map(u32::to_string).collect();
        let mut bounds = format!("month IN ({}) AND ", months.join(", "));
        if extent.threads <= MAX_KEYS {
            let keys = format!("SELECT service, account, id FROM {table} WHERE {time}");
            bounds.push_str(&format!("(service, account, thread) IN ({keys}) AND "));
        }
        Ok(Some(bounds))
    }

    fn latest_change(&self) -> Result<i64, LibraryError> {
        let sql = format!("SELECT max(changed_at) AS value FROM {}", self.connection.table("threads"));
        let row: Option<MaxRow> = self.connection.rows(&sql)?.pop();
        Ok(row.map_or(0, |row| row.value))
    }

    /// The next threads of a span, up to a number, that have messages as required, after `last`.
    fn threads_with_hits(
        &self,
        span: Span,
        messages: &str,
        (last, limit): (Option<&KeptThread>, usize),
    ) -> Result<Vec<KeptThread>, LibraryError> {
        let (table, time) = (self.connection.table("messages"), span.condition());
        let after = last.map_or_else(String::new, |last| {
            let changed_at = last.changed_at().unwrap_or_default().0;
            let key = thread_key(last);
            format!(
                " AND (changed_at < {changed_at} OR (changed_at = {changed_at} AND (service, account, id) > {key}))"
            )
        });
        let condition = format!(
            "{time}{after} AND (service, account, id, fetched_at) IN (
                SELECT service, account, thread, fetched_at FROM {table} WHERE {messages})"
        );
        let order = format!("ORDER BY changed_at DESC, service, account, id LIMIT {limit}");
        self.select_threads(&condition, &order)
    }

    /// Adds the hits of threads, up to the limit.
    fn add_hits(
        &self,
        threads: Vec<KeptThread>,
        conditions: &MessageConditions,
        (query, options): (&LibraryQuery, &SearchOptions<'_>),
        hits: &mut Vec<LibraryHit>,
    ) -> Result<(), LibraryError> {
        let finders = query.finders();
        let mut rest = threads.as_slice();
        while !rest.is_empty() && hits.len() < options.limit && !(options.is_stopped)() {
            let room = options.limit.saturating_sub(hits.len());
            let (batch, after) = rest.split_at(room.min(MAX_BATCH_THREADS).min(rest.len()));
            // A regular expression is compared here, so that every message of a thread may be needed.
            let limit = if query.has_regex() { MAX_COMPARED } else { room };
            let mut found = self.messages_of(batch, conditions, limit)?;
            for thread in batch {
                let rows = found.remove(&key_of(thread)).unwrap_or_default();
                let messages = rows.into_iter().map(FoundRow::into_message);
                let messages = messages.filter(|message| query.matches_patterns(&message.texts));
                hits.extend(messages.map(|message| message.into_hit(thread.clone(), query, &finders)));
            }
            rest = after;
        }
        hits.truncate(options.limit);
        Ok(())
    }

    /// The newest messages of each thread, up to a limit, by thread. A message that was inserted twice counts once.
    fn messages_of(
        &self,
        threads: &[KeptThread],
        conditions: &MessageConditions,
        limit: usize,
    ) -> Result<HashMap<ThreadKey, Vec<FoundRow>>, LibraryError> {
        let keys: Vec<String> = threads.iter().filter_map(revision_key).collect();
        let sql = format!(
            "SELECT {FOUND_COLUMNS} FROM (
                SELECT {FOUND_COLUMNS} FROM {} WHERE (service, account, thread, fetched_at) IN ({}) AND {}
                ORDER BY service, account, thread, position DESC LIMIT 1 BY service, account, thread, position)
             ORDER BY service, account, thread, position DESC LIMIT {limit} BY service, account, thread",
            self.connection.table("messages"),
            keys.join(", "),
            conditions.expression,
        );
        let mut found: HashMap<_, Vec<FoundRow>> = HashMap::new();
        for row in self.connection.rows::<FoundRow>(&sql)? {
            let key = (row.service.clone(), row.account.clone(), row.thread.clone());
            found.entry(key).or_default().push(row);
        }
        Ok(found)
    }
}

/// Service, account and id.
type ThreadKey = (String, String, String);

fn key_of(thread: &KeptThread) -> ThreadKey {
    (thread.account.service.clone(), thread.account.folder(), thread.listed.id.clone())
}

/// The key of the messages of a thread's newest revision as a literal.
fn revision_key(thread: &KeptThread) -> Option<String> {
    let fetched_at = thread.revision.as_ref()?.fetched_at.0;
    let (service, folder, id) = key_of(thread);
    Some(format!("({}, {}, {}, {fetched_at})", quote(&service), quote(&folder), quote(&id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_all_time_without_a_gap() {
        let spans = spans(1_000_000_000_000_000);
        assert_eq!(spans.first().unwrap().1, i64::MAX);
        assert_eq!(spans.last().unwrap().0, i64::MIN);
        assert!(spans.windows(2).all(|pair| pair[0].0 == pair[1].1));
        assert_eq!(Span(i64::MIN, 5).condition(), "changed_at < 5");
    }
}
