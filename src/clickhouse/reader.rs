//! Reads the library on a server.

use std::cmp::Reverse;
use std::io::Read;
use std::sync::Arc;

use serde::Deserialize;

use super::bodies::PackedParts;
use super::rows::{AccountRow, NameRow, THREAD_COLUMNS, ThreadRow, number};
use super::sql::{account_condition, quote};
use super::{Connection, Server, damaged, thread_terms};
use crate::domain::{Applications, KeptList, ListedApplication, ListedVariant, Timestamp};
use crate::library::{
    Account, KeptThread, LibraryError, LibraryHit, LibraryQuery, LibraryReader, LibraryStats, SearchOptions,
    ThreadSelection,
};

/// The kinds of rows in `names`.
pub(super) const APPLICATION: &str = "application";
pub(super) const VARIANT: &str = "variant";

/// A library on a server that is open for reading.
pub(super) struct Reader {
    pub(super) connection: Arc<Connection>,
    pub(super) server: Server,
}

#[derive(Deserialize)]
struct ReferenceRow {
    service: String,
    account: String,
    thread: String,
    id: String,
    #[serde(deserialize_with = "number")]
    fetched_at: i64,
    text_version: u32,
}

#[derive(Deserialize)]
struct KeptAccountRow {
    service: String,
    url: String,
    owner: Option<String>,
    #[serde(deserialize_with = "number")]
    kept: u64,
}

#[derive(Deserialize)]
struct StatsRow {
    #[serde(deserialize_with = "number")]
    threads: u64,
    #[serde(deserialize_with = "number")]
    saved: u64,
    #[serde(deserialize_with = "number")]
    gone: u64,
    #[serde(deserialize_with = "number")]
    messages: u64,
    #[serde(deserialize_with = "number")]
    unreadable: u64,
    #[serde(deserialize_with = "number")]
    oldest_check: i64,
    #[serde(deserialize_with = "number")]
    revisions: u64,
    #[serde(deserialize_with = "number")]
    bytes: u64,
    #[serde(deserialize_with = "number")]
    packed_bytes: u64,
}

fn sort_latest_first(threads: &mut [KeptThread]) {
    threads.sort_by_cached_key(|KeptThread { listed, .. }| {
        (Reverse(listed.updated_at), Reverse(listed.created_at), listed.id.clone())
    });
}

impl Reader {
    pub(super) fn new(connection: Arc<Connection>, server: Server) -> Self {
        Self { connection, server }
    }

    /// Returns the threads that meet a condition, in any order.
    fn select_threads(&self, condition: &str) -> Result<Vec<KeptThread>, LibraryError> {
        let mut threads = Vec::new();
        for page in self.connection.pages("threads", "id", condition)? {
            threads.extend(self.current_rows(&page)?.into_iter().map(ThreadRow::into_thread));
        }
        Ok(threads)
    }

    /// Returns the current rows that meet a condition, in any order. To find the newest row of each thread, the server
    /// compares only a few columns of all rows, which takes a third of the time.
    pub(super) fn current_rows(&self, condition: &str) -> Result<Vec<ThreadRow>, LibraryError> {
        let table = self.connection.table("threads");
        let columns = "service, account, id, version, digest";
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM {table} PREWHERE ({columns}) IN (
                SELECT {columns} FROM {table} FINAL WHERE {condition})
             LIMIT 1 BY service, account, id"
        );
        self.connection.rows(&sql)
    }

    /// Returns the thread that meets a condition.
    fn current_thread(&self, condition: &str) -> Result<Option<KeptThread>, LibraryError> {
        Ok(self.current_rows(condition)?.pop().map(ThreadRow::into_thread))
    }

    /// Returns the condition for the threads that a search may select.
    pub(super) fn selection(&self, options: &SearchOptions<'_>) -> String {
        let terms = thread_terms::condition(options.required_terms, &self.connection.table("names"));
        terms.unwrap_or_else(|| "1 = 1".to_owned())
    }

    fn names(&self, condition: &str) -> Result<(Vec<ListedApplication>, Vec<ListedVariant>), LibraryError> {
        let table = self.connection.table("names");
        let sql =
            format!("SELECT * FROM {table} FINAL WHERE {condition} ORDER BY service, account, kind, id");
        let (mut applications, mut variants) = (Vec::new(), Vec::new());
        for row in self.connection.rows::<NameRow>(&sql)? {
            let NameRow { id, name, application_id, version, .. } = row;
            match row.kind.as_str() {
                APPLICATION => applications.push(ListedApplication {
                    id,
                    name,
                    archived_at: row.archived_at.map(Timestamp),
                    ..ListedApplication::default()
                }),
                VARIANT => variants.push(ListedVariant {
                    id,
                    name,
                    application_id,
                    version,
                    ..ListedVariant::default()
                }),
                _ => {}
            }
        }
        Ok((applications, variants))
    }
}

impl LibraryReader for Reader {
    fn find(&self, account: &Account, id: &str) -> Result<Option<KeptThread>, LibraryError> {
        let condition = format!("{} AND id = {}", account_condition(account), quote(id));
        self.current_thread(&condition)
    }

    fn threads(&self, selection: &ThreadSelection) -> Result<Vec<KeptThread>, LibraryError> {
        let ThreadSelection { service, id, user, is_saved, is_readable } = selection;
        let equals = |column: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{column} = {}", quote(value)))
        };
        let terms = [equals("service", service), equals("id", id), equals("user", user)];
        let terms =
            terms.into_iter().flatten().chain((*is_saved || *is_readable).then(|| "revision > 0".to_owned()));
        let condition = terms.fold("1 = 1".to_owned(), |all, term| format!("{all} AND {term}"));
        let mut threads = self.select_threads(&condition)?;
        sort_latest_first(&mut threads);
        Ok(threads)
    }

    fn readable_threads(&self, options: &SearchOptions<'_>) -> Result<Vec<KeptThread>, LibraryError> {
        let mut threads = self.select_threads(&format!("revision > 0 AND {}", self.selection(options)))?;
        threads.retain(options.is_selected);
        sort_latest_first(&mut threads);
        Ok(threads)
    }

    fn kept_accounts(&self) -> Result<Vec<(Account, usize)>, LibraryError> {
        let sql = format!(
            "SELECT service, any(base) AS url, any(account_id) AS owner, count() AS kept FROM {} FINAL
             WHERE revision > 0 GROUP BY service, account ORDER BY service, url, owner",
            self.connection.table("threads")
        );
        let rows: Vec<KeptAccountRow> = self.connection.rows(&sql)?;
        let account = |row: KeptAccountRow| {
            let account = Account { service: row.service, base: row.url, id: row.owner };
            (account, usize::try_from(row.kept).unwrap_or(usize::MAX))
        };
        Ok(rows.into_iter().map(account).collect())
    }

    fn kept_list(&self, account: &Account) -> Result<Option<KeptList>, LibraryError> {
        let condition = account_condition(account);
        let listed = format!("{condition} AND (isNull(gone_since) OR revision > 0)");
        let mut threads = self.select_threads(&listed)?;
        threads.sort_by(|one, other| one.listed.id.cmp(&other.listed.id));
        if threads.is_empty() {
            return Ok(None);
        }
        let (applications, variants) = self.names(&condition)?;
        let sql = format!("SELECT * FROM {} FINAL WHERE {condition}", self.connection.table("accounts"));
        let row: Option<AccountRow> = self.connection.rows(&sql)?.pop();
        let listed_at = row.and_then(|row| row.listed_at).map(Timestamp);
        let threads = threads.into_iter().map(|thread| (thread.listed.clone(), thread.state())).collect();
        Ok(Some(KeptList { listed_at, applications, variants, threads, ..KeptList::default() }))
    }

    fn applications(&self) -> Result<Applications, LibraryError> {
        let (applications, variants) = self.names("1 = 1")?;
        let mut all = Applications::default();
        all.add_applications(applications);
        all.add_variants(variants);
        Ok(all)
    }

    fn open_body(&self, thread: &KeptThread) -> Result<Option<Box<dyn Read + Send>>, LibraryError> {
        let Some(revision) = &thread.revision else { return Ok(None) };
        let parts = PackedParts::new(Arc::clone(&self.connection), thread, revision);
        let body = zstd::stream::read::Decoder::new(parts).map_err(|error| damaged(&error.to_string()))?;
        Ok(Some(Box::new(body)))
    }

    fn search(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError> {
        self.find_messages(query, options)
    }

    fn matching_threads(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<KeptThread>, LibraryError> {
        if query.has_words() || query.has_conditions() {
            return self.find_threads(query, options);
        }
        self.readable_threads(options)
    }

    fn find_reference(&self, reference: i64) -> Result<Option<(KeptThread, String)>, LibraryError> {
        let table = self.connection.table("messages");
        let sql = format!(
            "SELECT service, account, thread, id, fetched_at, text_version FROM {table} WHERE reference = {reference}
             ORDER BY fetched_at DESC, text_version DESC LIMIT 10"
        );
        for row in self.connection.rows::<ReferenceRow>(&sql)? {
            let condition = format!(
                "service = {} AND account = {} AND id = {} AND fetched_at = {} AND text_version = {}",
                quote(&row.service),
                quote(&row.account),
                quote(&row.thread),
                row.fetched_at,
                row.text_version
            );
            if let Some(thread) = self.current_thread(&condition)? {
                return Ok(Some((thread, row.id)));
            }
        }
        Ok(None)
    }

    fn stats(&self) -> Result<LibraryStats, LibraryError> {
        let (threads, revisions) = (self.connection.table("threads"), self.connection.table("revisions"));
        let one = |column: &str| format!("(SELECT {column} FROM {revisions} FINAL)");
        let sql = format!(
            "SELECT count() AS threads, countIf(revision > 0) AS saved, countIf(isNotNull(gone_since)) AS gone,
                sum(message_count) AS messages, sum(unreadable_count) AS unreadable,
                min(if(revision > 0, ifNull(checked_at, {max}), {max})) AS oldest_check,
                {count} AS revisions, {size} AS bytes, {packed} AS packed_bytes FROM {threads} FINAL",
            max = format_args!("toInt64({})", i64::MAX),
            count = one("count()"),
            size = one("sum(size)"),
            packed = one("sum(packed_size)"),
        );
        let row: Option<StatsRow> = self.connection.rows(&sql)?.pop();
        let row = row.ok_or_else(|| damaged("no sums"))?;
        let is_checked = row.saved > 0 && row.oldest_check != i64::MAX;
        Ok(LibraryStats {
            threads: row.threads,
            saved: row.saved,
            gone: row.gone,
            revisions: row.revisions,
            messages: row.messages,
            unreadable: row.unreadable,
            bytes: row.bytes,
            packed_bytes: row.packed_bytes,
            oldest_check: is_checked.then_some(Timestamp(row.oldest_check)),
            // Cached copies stay on the machine that made them.
            ..LibraryStats::default()
        })
    }

    fn unindexed_count(&self) -> Result<usize, LibraryError> {
        // A thread becomes visible together with its messages.
        Ok(0)
    }
}
