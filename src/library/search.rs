//! Search through everything kept: newest first, found in the index, shown from the stored texts.

mod payloads;
mod query;

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Row, params};

use super::index::{MessageTexts, PART_SIGNS, SEPARATOR, Tokenizer, flags};
use super::{Account, KeptThread, Library, LibraryError, ThreadSelection};
use crate::domain::Timestamp;
use crate::filter::Quantity;
use crate::search::Finder;

pub use payloads::{PayloadProgress, search_payloads};
pub use query::{LibraryQuery, SearchMode, WordPattern};

/// Where in a message a hit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Title,
    /// A text of the user or the system.
    User,
    Assistant,
    /// A tool call, its result, or an error.
    Tools,
    Feedback,
    /// The input, the output or the metadata of a span, which are not in the index.
    Payload,
}

impl Place {
    /// The sign of such parts in the index, which has no payloads.
    fn sign(self) -> Option<char> {
        let [title, user, assistant, tools, feedback] = PART_SIGNS;
        match self {
            Self::Title => Some(title),
            Self::User => Some(user),
            Self::Assistant => Some(assistant),
            Self::Tools => Some(tools),
            Self::Feedback => Some(feedback),
            Self::Payload => None,
        }
    }

    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tools => "tools",
            Self::Feedback => "feedback",
            Self::Payload => "payload",
        }
    }
}

/// All places in the index, in the order of the index's columns.
const PLACES: [Place; 5] = [Place::Title, Place::User, Place::Assistant, Place::Tools, Place::Feedback];

/// A message that matches.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryHit {
    pub thread: KeptThread,
    /// The position of the message in the body; `None` for the title.
    pub position: Option<u32>,
    /// May be empty.
    pub message_id: String,
    /// The span whose payload has the hit.
    pub span_id: Option<String>,
    pub at: Option<Timestamp>,
    pub place: Place,
    /// The text around the hit, on one line. Untrusted.
    pub snippet: String,
    /// The hit in the snippet, in bytes; empty if it cannot be shown.
    pub hit: Range<usize>,
    /// More of the text around the hit, with its line breaks. Untrusted.
    pub preview: String,
    pub preview_hit: Range<usize>,
    /// Names the message for years: `u:7f3a…`.
    pub reference: String,
}

/// The bounds of a search.
pub struct SearchOptions<'a> {
    /// Whether messages of a thread count.
    pub is_selected: &'a dyn Fn(&KeptThread) -> bool,
    /// Whether to end with the hits so far.
    pub is_stopped: &'a dyn Fn() -> bool,
    pub limit: usize,
}

/// The number of messages that match, with their titles, and of their threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HitCount {
    pub messages: usize,
    pub threads: usize,
    /// Whether counting ended at a limit, or was stopped.
    pub is_cut: bool,
}

/// The bytes of context on each side of a hit: in a line, and in a preview.
const CONTEXT_BYTES: usize = 80;
const PREVIEW_BYTES: usize = 1200;

/// The most messages whose texts a regular expression is compared with.
const MAX_SCANNED: usize = 1_000_000;

impl Library {
    /// Finds messages up to a limit: the thread that changed last comes first, and its newest message. Beyond the limit are the
    /// threads that were indexed first.
    ///
    /// A beginning of four letters or more is not in the index, so SQLite merges all words that begin so before it has the
    /// first row: `refu*` would take as long as all messages with *refund*. Instead, the newest messages with `ref*` are read
    /// and checked. If they are not enough, few messages have the word, and the exact search is fast.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn search(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError> {
        let finders = query.finders();
        let mut hits = Vec::new();
        let mut is_done = false;
        for scan in [query.wide_expression().map(Scan::Wide), Some(Scan::Exact)].into_iter().flatten() {
            if is_done {
                break;
            }
            hits.clear();
            let end = self.visit_matches(query, options, scan, &mut |found| {
                let message = found.message.map_or_else(|| self.indexed_message(found.key), Ok)?;
                hits.push(message.into_hit(found.thread.clone(), query, &finders));
                Ok(hits.len() < options.limit)
            })?;
            is_done = end != ScanEnd::Inconclusive;
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
        Ok(HitCount { threads: threads.len(), is_cut: end != ScanEnd::Whole, ..count })
    }

    /// The kept threads with messages that match; without words and conditions, all selected ones. The one that changed
    /// last comes first.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn matching_threads(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<KeptThread>, LibraryError> {
        let selection = ThreadSelection { is_saved: true, ..ThreadSelection::default() };
        let mut threads = self.threads(&selection)?;
        threads.retain(options.is_selected);
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

    /// Calls `visit` with each message that matches until it returns false.
    fn visit_matches(
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
            None if query.is_letter() => {
                "SELECT key FROM message WHERE position = -1 AND ?1 IS NULL ORDER BY key DESC"
            }
            None if query.has_conditions() => "SELECT key FROM message WHERE ?1 IS NULL ORDER BY key DESC",
            None => return Ok(ScanEnd::Whole),
        };
        let mut found = self.connection.prepare_cached(sql)?;
        let mut rows = found.query([expression])?;
        let mut check = TextCheck::new(query, is_wide)?;
        // Neighbouring rows are mostly of one thread.
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
                if !check.accept(&message.texts)? || !query.matches_patterns(&message.texts) {
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
        Ok(ScanEnd::Whole)
    }

    /// The thread of a message that fits the conditions of a query. Its text is not read: most messages are rejected.
    fn accepted_thread(&self, key: i64, query: &LibraryQuery) -> Result<Option<i64>, LibraryError> {
        let sql = "SELECT thread, flags, at, duration_ms, tokens, cost FROM message WHERE key = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([key], |row| {
            let at = row.get::<_, Option<i64>>(2)?.map(Timestamp);
            let numbers = [row.get(3)?, row.get(4)?, row.get(5)?];
            Ok(if query.accepts(row.get(1)?, at, numbers) { Some(row.get(0)?) } else { None })
        })?)
    }

    /// The thread and the position of a message with this reference.
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

    /// Passes the indexed messages of a thread, the title first, to `each`.
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

/// The rows of a wide search that are read before the exact one begins.
const MAX_CANDIDATES: usize = 1000;

/// How the index is searched.
enum Scan {
    Exact,
    /// By an expression that finds too much, so that each message is checked.
    Wide(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScanEnd {
    /// There are no more rows.
    Whole,
    /// By the visitor, by the user, or at a limit.
    Stopped,
    /// A wide search read its maximum of rows.
    Inconclusive,
}

/// A row that matches.
struct FoundRow<'a> {
    key: i64,
    thread_key: i64,
    thread: &'a KeptThread,
    /// If it was read.
    message: Option<IndexedMessage>,
}

/// Checks what the index does not know of a message: in which of its parts a word stands, and how a long word that is
/// being typed goes on.
struct TextCheck {
    /// Whether the texts of a message must be read.
    is_needed: bool,
    /// The parts that count; all if empty.
    positions: Vec<usize>,
    /// Whether every message is checked, not only those with other parts.
    is_thorough: bool,
    patterns: Vec<WordPattern>,
    tokenizer: Tokenizer,
}

impl TextCheck {
    fn new(query: &LibraryQuery, is_wide: bool) -> Result<Self, LibraryError> {
        let positions = query.part_positions();
        let is_thorough = is_wide || query.is_letter();
        let has_patterns = is_thorough || !positions.is_empty();
        let mut patterns = if has_patterns { query.patterns()? } else { Vec::new() };
        patterns.retain(|pattern| !pattern.is_excluded);
        let is_needed = has_patterns || query.has_regex();
        Ok(Self { is_needed, positions, is_thorough, patterns, tokenizer: Tokenizer::default() })
    }

    fn accept(&mut self, texts: &MessageTexts) -> Result<bool, LibraryError> {
        let filled = || texts.parts().into_iter().enumerate().filter(|(_, part)| !part.is_empty());
        let counts = |position: usize| self.positions.is_empty() || self.positions.contains(&position);
        if !self.is_thorough && filled().all(|(position, _)| counts(position)) {
            return Ok(true);
        }
        let mut words = String::new();
        for (_, part) in filled().filter(|(position, _)| counts(*position)) {
            words.push_str(&self.tokenizer.words(part)?);
            words.push(SEPARATOR);
        }
        Ok(self.patterns.iter().all(|pattern| words.contains(&pattern.text)))
    }
}

const MESSAGE_COLUMNS: &str = "position, id, at, flags, reference, text";

fn read_message(row: &Row<'_>) -> rusqlite::Result<IndexedMessage> {
    Ok(IndexedMessage {
        position: row.get(0)?,
        id: row.get(1)?,
        at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
        flags: row.get(3)?,
        reference: row.get(4)?,
        texts: MessageTexts::unpack(&row.get::<_, Vec<u8>>(5)?),
    })
}

/// A message as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedMessage {
    /// In the body; -1 for the title.
    pub position: i64,
    pub id: String,
    pub at: Option<Timestamp>,
    /// Bits: 1 negative feedback, 2 positive feedback, 4 failed.
    pub flags: i64,
    /// The number of its reference.
    pub reference: i64,
    pub texts: MessageTexts,
}

impl IndexedMessage {
    /// Makes a hit of a message that matches.
    pub fn into_hit(self, thread: KeptThread, query: &LibraryQuery, finders: &[Finder]) -> LibraryHit {
        let (place, text, hit) = find_hit(&self.texts, query, finders);
        let (snippet, snippet_hit) = cut(text, hit.clone());
        let (preview, preview_hit) = cut_preview(text, hit);
        LibraryHit {
            at: self.at.or(thread.listed.updated_at),
            thread,
            position: u32::try_from(self.position).ok(),
            message_id: self.id,
            span_id: None,
            place,
            snippet,
            hit: snippet_hit,
            preview,
            preview_hit,
            reference: format!("u:{:010x}", self.reference),
        }
    }
}

/// Finds the first place with a word of the query: its text, and the hit in it.
fn find_hit<'a>(
    texts: &'a MessageTexts,
    query: &LibraryQuery,
    finders: &[Finder],
) -> (Place, &'a str, Range<usize>) {
    let parts = || PLACES.into_iter().zip(texts.parts()).filter(|(place, _)| query.includes(*place));
    for finder in finders {
        for (place, text) in parts() {
            if let Some(hit) = finder.text_hits(text, 1).into_iter().next() {
                return (place, text, hit);
            }
        }
    }
    // The index ignores accents that the text has.
    let (place, text) = parts().find(|(_, text)| !text.is_empty()).unwrap_or((Place::Title, ""));
    (place, text, 0..0)
}

/// Cuts the context of a hit, with its line breaks.
fn cut_preview(text: &str, hit: Range<usize>) -> (String, Range<usize>) {
    let start = text.floor_char_boundary(hit.start.saturating_sub(PREVIEW_BYTES));
    let end = text.ceil_char_boundary(hit.end.saturating_add(PREVIEW_BYTES).min(text.len()));
    let lead = if start > 0 { "…" } else { "" };
    let tail = if end < text.len() { "…" } else { "" };
    let shift = |at: usize| at.saturating_sub(start) + lead.len();
    let preview = format!("{lead}{}{tail}", text.get(start..end).unwrap_or_default());
    (preview, shift(hit.start)..shift(hit.end))
}

/// Cuts the context of a hit to one line.
fn cut(text: &str, hit: Range<usize>) -> (String, Range<usize>) {
    let start = text.floor_char_boundary(hit.start.saturating_sub(CONTEXT_BYTES));
    let end = text.ceil_char_boundary(hit.end.saturating_add(CONTEXT_BYTES).min(text.len()));
    let one_line =
        |part: Option<&str>| part.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let is_blank = |c: Option<char>| c.is_some_and(char::is_whitespace);
    let (before, found, after) = (text.get(start..hit.start), text.get(hit.clone()), text.get(hit.end..end));
    let mut snippet = if start > 0 { "…".to_owned() } else { String::new() };
    snippet.push_str(&one_line(before));
    if is_blank(before.and_then(|before| before.chars().next_back())) {
        snippet.push(' ');
    }
    let hit_start = snippet.len();
    snippet.push_str(&one_line(found));
    let hit_end = snippet.len();
    if is_blank(after.and_then(|after| after.chars().next())) {
        snippet.push(' ');
    }
    snippet.push_str(&one_line(after));
    if end < text.len() {
        snippet.push('…');
    }
    (snippet, hit_start..hit_end)
}

/// Parses a reference: `u:7f3a01bc22`.
pub fn parse_reference(text: &str) -> Option<i64> {
    let digits = text.strip_prefix("u:").filter(|digits| digits.len() == 10)?;
    i64::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl LibraryQuery {
    /// Whether it selects by anything but words.
    pub fn has_conditions(&self) -> bool {
        self.is_negative
            || self.is_positive
            || self.is_failed
            || self.since.is_some()
            || self.before.is_some()
            || !self.measures.is_empty()
            || !self.regexes.is_empty()
    }

    /// Whether every regular expression matches one of the texts.
    pub fn matches_patterns(&self, texts: &MessageTexts) -> bool {
        let parts = || PLACES.into_iter().zip(texts.parts()).filter(|(place, _)| self.includes(*place));
        self.regexes.iter().all(|finder| parts().any(|(_, text)| !finder.text_hits(text, 1).is_empty()))
    }

    /// Whether the texts of messages must match a regular expression.
    pub fn has_regex(&self) -> bool {
        !self.regexes.is_empty()
    }

    /// Whether it selects by duration, tokens or cost.
    pub fn has_measures(&self) -> bool {
        !self.measures.is_empty()
    }

    /// The flags that a message must have.
    pub fn required_flags(&self) -> i64 {
        let wanted = [
            (self.is_negative, flags::NEGATIVE),
            (self.is_positive, flags::POSITIVE),
            (self.is_failed, flags::FAILED),
        ];
        wanted.into_iter().filter(|(is_wanted, _)| *is_wanted).fold(0, |all, (_, flag)| all | flag)
    }

    /// Whether a message's own values fit. The numbers are its duration in milliseconds, tokens and cost.
    fn accepts(&self, message_flags: i64, at: Option<Timestamp>, numbers: [Option<f64>; 3]) -> bool {
        let [duration, tokens, cost] = numbers;
        let number_of = |quantity| match quantity {
            Quantity::Duration => duration,
            Quantity::Tokens => tokens,
            Quantity::Cost => cost,
        };
        let is_in_time = self.since.is_none_or(|since| at.is_some_and(|at| at >= since))
            && self.before.is_none_or(|before| at.is_some_and(|at| at < before));
        is_in_time
            && self.measures.iter().all(|measure| measure.matches(number_of(measure.quantity)))
            && message_flags & self.required_flags() == self.required_flags()
    }
}

#[cfg(test)]
mod recall;
#[cfg(test)]
mod tests;
