//! The rows of the tables, in the form for inserting and reading.

use std::fmt::Display;
use std::str::FromStr;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use super::bodies::push_bytes;
use crate::domain::{ListedThread, Timestamp};
use crate::library::{Account, IndexedMessage, KeptThread, MessageTexts, Revision, TEXT_VERSION};

/// A number that may be in quotes: for 64-bit numbers, this depends on the version of the server.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number<T> {
    Plain(T),
    Quoted(String),
}

impl<T: FromStr<Err: Display>> Number<T> {
    fn value<E: serde::de::Error>(self) -> Result<T, E> {
        match self {
            Self::Plain(number) => Ok(number),
            Self::Quoted(text) => text.parse().map_err(E::custom),
        }
    }
}

/// Reads a number with or without quotes.
pub(super) fn number<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display> + Deserialize<'de>,
{
    Number::deserialize(deserializer)?.value()
}

fn optional_number<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display> + Deserialize<'de>,
{
    Option::<Number<T>>::deserialize(deserializer)?.map(Number::value).transpose()
}

/// A row of `threads`. Times are in microseconds since 1970.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ThreadRow {
    pub service: String,
    /// The name of the account's folder, which is the key of the account.
    pub account: String,
    pub id: String,
    pub base: String,
    pub account_id: Option<String>,
    pub title: String,
    pub application_id: Option<String>,
    pub variant_id: Option<String>,
    pub user: Option<String>,
    pub origin: Option<String>,
    pub model: Option<String>,
    #[serde(deserialize_with = "optional_number")]
    pub created_at: Option<i64>,
    #[serde(deserialize_with = "optional_number")]
    pub updated_at: Option<i64>,
    #[serde(deserialize_with = "optional_number")]
    pub archived_at: Option<i64>,
    #[serde(deserialize_with = "optional_number")]
    pub listed_message_count: Option<u64>,
    #[serde(deserialize_with = "optional_number")]
    pub checked_at: Option<i64>,
    #[serde(deserialize_with = "optional_number")]
    pub gone_since: Option<i64>,
    /// The number of the newest revision; 0 without a body.
    pub revision: u32,
    pub path: String,
    pub sha256: String,
    #[serde(deserialize_with = "number")]
    pub size: u64,
    #[serde(deserialize_with = "number")]
    pub packed_size: u64,
    #[serde(deserialize_with = "number")]
    pub fetched_at: i64,
    #[serde(deserialize_with = "number")]
    pub message_count: u64,
    #[serde(deserialize_with = "number")]
    pub unreadable_count: u64,
    pub has_spans: Option<u8>,
    #[serde(deserialize_with = "optional_number")]
    pub revision_updated_at: Option<i64>,
    #[serde(deserialize_with = "optional_number")]
    pub revision_message_count: Option<u64>,
    /// The time of the last change, for the order of hits.
    #[serde(deserialize_with = "number")]
    pub changed_at: i64,
    /// The month of the partition with its messages.
    pub month: u32,
    /// The version of the texts of its messages.
    pub text_version: u32,
}

/// The columns of [`ThreadRow`].
pub(super) const THREAD_COLUMNS: &str = "service, account, id, base, account_id, title, application_id, variant_id, user,
    origin, model, created_at, updated_at, archived_at, listed_message_count, checked_at, gone_since, revision, path,
    sha256, size, packed_size, fetched_at, message_count, unreadable_count, has_spans, revision_updated_at,
    revision_message_count, changed_at, month, text_version";

/// A row of `threads` with the values that decide between two rows of one thread.
#[derive(Serialize)]
pub(super) struct VersionedThreadRow {
    #[serde(flatten)]
    pub row: ThreadRow,
    /// The digest of all other columns. A row with the same digest is not pushed again.
    pub digest: u64,
    /// The version: of two rows, the one with the higher version is valid.
    pub version: u64,
}

impl VersionedThreadRow {
    pub(super) fn new(thread: &KeptThread) -> Self {
        let row = ThreadRow::of(thread);
        let hash = Sha256::digest(serde_json::to_vec(&row).unwrap_or_default());
        // JSON numbers are exact below 2^53.
        let digest = hash.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte));
        let times = [row.checked_at, row.gone_since, Some(row.fetched_at)];
        let version = times.into_iter().flatten().max().and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
        Self { row, digest, version }
    }
}

impl ThreadRow {
    fn of(thread: &KeptThread) -> Self {
        let KeptThread { account, listed, checked_at, gone_since, revision, cached: _ } = thread.clone();
        let micros = |at: Option<Timestamp>| at.map(|at| at.0);
        let changed_at = thread.changed_at().unwrap_or_default().0;
        let row = Self {
            account: account.folder(),
            service: account.service,
            id: listed.id,
            base: account.base,
            account_id: account.id,
            title: listed.title,
            application_id: listed.application_id,
            variant_id: listed.variant_id,
            user: listed.user,
            origin: listed.origin,
            model: listed.model,
            created_at: micros(listed.created_at),
            updated_at: micros(listed.updated_at),
            archived_at: micros(listed.archived_at),
            listed_message_count: listed.message_count,
            checked_at: micros(checked_at),
            gone_since: micros(gone_since),
            changed_at,
            month: month(thread),
            text_version: TEXT_VERSION,
            ..Self::default()
        };
        let Some(revision) = revision else { return row };
        Self {
            revision: revision.number,
            path: revision.path,
            sha256: revision.sha256,
            size: revision.size,
            packed_size: revision.packed_size,
            fetched_at: revision.fetched_at.0,
            message_count: revision.message_count,
            unreadable_count: revision.unreadable_count,
            has_spans: revision.has_spans.map(u8::from),
            revision_updated_at: micros(revision.listed_updated_at),
            revision_message_count: revision.listed_message_count,
            ..row
        }
    }

    pub(super) fn into_thread(self) -> KeptThread {
        let time = |micros: Option<i64>| micros.map(Timestamp);
        let revision = (self.revision > 0).then_some(Revision {
            number: self.revision,
            path: self.path,
            sha256: self.sha256,
            size: self.size,
            packed_size: self.packed_size,
            fetched_at: Timestamp(self.fetched_at),
            message_count: self.message_count,
            unreadable_count: self.unreadable_count,
            has_spans: self.has_spans.map(|has| has != 0),
            listed_updated_at: time(self.revision_updated_at),
            listed_message_count: self.revision_message_count,
        });
        KeptThread {
            account: Account { service: self.service, base: self.base, id: self.account_id },
            listed: ListedThread {
                id: self.id,
                title: self.title,
                application_id: self.application_id,
                variant_id: self.variant_id,
                user: self.user,
                origin: self.origin,
                model: self.model,
                created_at: time(self.created_at),
                updated_at: time(self.updated_at),
                archived_at: time(self.archived_at),
                message_count: self.listed_message_count,
            },
            checked_at: time(self.checked_at),
            gone_since: time(self.gone_since),
            revision,
            cached: None,
        }
    }
}

/// The columns of `messages`, in the order of [`push_message`].
pub(super) const MESSAGE_COLUMNS: &str =
    "service, account, thread, position, fetched_at, month, id, at, flags, reference,
    words, text, duration_ms, tokens, cost, text_version";

/// Appends a row of `messages` in the format RowBinary, which keeps every digit of a cost.
pub(super) fn push_message(row: &mut Vec<u8>, thread: &KeptThread, message: &IndexedMessage, words: &str) {
    let fetched_at = thread.revision.as_ref().map_or(0, |revision| revision.fetched_at.0);
    let texts = [&thread.account.service, &thread.account.folder(), &thread.listed.id];
    texts.into_iter().for_each(|text| push_bytes(row, text.as_bytes()));
    row.extend_from_slice(&message.position.to_le_bytes());
    row.extend_from_slice(&fetched_at.to_le_bytes());
    row.extend_from_slice(&month(thread).to_le_bytes());
    push_bytes(row, message.id.as_bytes());
    push_optional(row, message.at.map(|at| at.0.to_le_bytes()));
    row.push(u8::try_from(message.flags).unwrap_or(0));
    row.extend_from_slice(&message.reference.to_le_bytes());
    push_bytes(row, words.as_bytes());
    push_bytes(row, message.texts.joined().as_bytes());
    push_optional(row, message.duration_ms.map(i64::to_le_bytes));
    push_optional(row, message.tokens.map(i64::to_le_bytes));
    push_optional(row, message.cost.map(f64::to_le_bytes));
    row.extend_from_slice(&TEXT_VERSION.to_le_bytes());
}

/// Appends an optional number in the format RowBinary.
fn push_optional(row: &mut Vec<u8>, number: Option<[u8; 8]>) {
    row.push(u8::from(number.is_none()));
    row.extend(number.into_iter().flatten());
}

/// The columns of `messages` that a hit needs.
#[derive(Deserialize)]
pub(super) struct FoundRow {
    pub service: String,
    pub account: String,
    pub thread: String,
    #[serde(deserialize_with = "number")]
    position: i64,
    id: String,
    #[serde(deserialize_with = "optional_number")]
    at: Option<i64>,
    #[serde(deserialize_with = "number")]
    reference: i64,
    text: String,
    pub text_version: u32,
}

/// The columns of [`FoundRow`].
pub(super) const FOUND_COLUMNS: &str =
    "service, account, thread, position, id, at, reference, text, text_version";

impl FoundRow {
    pub(super) fn into_message(self) -> IndexedMessage {
        IndexedMessage {
            position: self.position,
            id: self.id,
            at: self.at.map(Timestamp),
            reference: self.reference,
            texts: MessageTexts::from_joined(&self.text),
            ..IndexedMessage::default()
        }
    }
}

/// A row of `revisions`.
#[derive(Serialize)]
pub(super) struct RevisionRow<'a> {
    pub service: &'a str,
    pub account: &'a str,
    pub thread: &'a str,
    pub fetched_at: i64,
    pub revision: u32,
    pub sha256: &'a str,
    pub size: u64,
    pub packed_size: u64,
    pub message_count: u64,
    pub unreadable_count: u64,
    pub has_spans: Option<u8>,
}

/// A row of `accounts`.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountRow {
    pub service: String,
    pub account: String,
    pub base: String,
    pub account_id: Option<String>,
    #[serde(deserialize_with = "optional_number")]
    pub listed_at: Option<i64>,
}

/// A row of `names`.
#[derive(Serialize, Deserialize)]
pub(super) struct NameRow {
    pub service: String,
    pub account: String,
    /// `application` or `variant`.
    pub kind: String,
    pub id: String,
    pub name: String,
    pub application_id: Option<String>,
    pub version: String,
    #[serde(deserialize_with = "optional_number")]
    pub archived_at: Option<i64>,
}

/// Returns the month of a thread's creation as a number, such as 202611; 0 if it is unknown.
pub(super) fn month(thread: &KeptThread) -> u32 {
    let at = thread.listed.created_at.and_then(|at| jiff::Timestamp::from_microsecond(at.0).ok());
    let date = at.map(|at| at.to_zoned(TimeZone::UTC).date());
    date.and_then(|date| u32::try_from(i32::from(date.year()) * 100 + i32::from(date.month())).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_and_without_quotes() {
        #[derive(Deserialize)]
        struct Row {
            #[serde(deserialize_with = "number")]
            plain: i64,
            #[serde(deserialize_with = "optional_number")]
            optional: Option<u64>,
        }
        for (text, expected) in [
            (r#"{"plain":-5,"optional":null}"#, (-5, None)),
            (r#"{"plain":"-5","optional":"18446744073709551615"}"#, (-5, Some(u64::MAX))),
            (r#"{"plain":7,"optional":8}"#, (7, Some(8))),
        ] {
            let row: Row = serde_json::from_str(text).unwrap();
            assert_eq!((row.plain, row.optional), expected, "{text}");
        }
    }

    #[test]
    fn a_thread_is_the_same_after_its_row() {
        let account = Account::new("sgp", "https://h", Some("acc"));
        let listed = ListedThread {
            id: "t".to_owned(),
            title: "T \u{1b}".to_owned(),
            created_at: Timestamp::parse("2026-11-30T00:00:00Z"),
            message_count: Some(3),
            ..ListedThread::default()
        };
        let bare =
            KeptThread { account, listed, checked_at: None, gone_since: None, revision: None, cached: None };
        let revision = Revision {
            number: 2,
            path: "data/x".to_owned(),
            sha256: "ab".to_owned(),
            size: 5,
            packed_size: 4,
            fetched_at: Timestamp(9),
            message_count: 3,
            unreadable_count: 1,
            has_spans: Some(false),
            listed_updated_at: Some(Timestamp(8)),
            listed_message_count: None,
        };
        let kept = KeptThread { revision: Some(revision), gone_since: Some(Timestamp(7)), ..bare.clone() };
        assert_eq!(month(&bare), 202_611);
        for thread in [bare, kept] {
            let text = serde_json::to_string(&VersionedThreadRow::new(&thread)).unwrap();
            let row: ThreadRow = serde_json::from_str(&text).unwrap();
            assert_eq!(row.into_thread(), thread);
        }
    }

    #[test]
    fn a_message_is_a_row_with_every_column() {
        let account = Account::new("sgp", "https://h", Some("a"));
        let listed = ListedThread { id: "t".to_owned(), ..ListedThread::default() };
        let thread =
            KeptThread { account, listed, checked_at: None, gone_since: None, revision: None, cached: None };
        let bare = IndexedMessage { position: -1, ..IndexedMessage::default() };
        let full = IndexedMessage {
            at: Some(Timestamp(1)),
            duration_ms: Some(2),
            tokens: Some(3),
            cost: Some(0.1 + 0.2),
            ..bare.clone()
        };
        let [mut short, mut long] = [Vec::new(), Vec::new()];
        push_message(&mut short, &thread, &bare, "");
        push_message(&mut long, &thread, &full, "");
        assert_eq!(long.len() - short.len(), 4 * 8);
        assert!(long.windows(8).any(|bytes| bytes == (0.1_f64 + 0.2).to_le_bytes()));
        assert_eq!(MESSAGE_COLUMNS.split(',').count(), 16);
    }

    #[test]
    fn the_columns_are_those_of_the_rows() {
        let names = |columns: &str| columns.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let row = serde_json::to_value(ThreadRow::default()).unwrap();
        let fields: Vec<String> = row.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, names(THREAD_COLUMNS));
    }
}
