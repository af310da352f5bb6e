//! Reads and writes the catalogue: accounts, threads and the revisions of their bodies.

use std::io::Read;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::cached_copies::CACHED_COPY;
use super::{Account, KeptThread, Library, LibraryError, Revision, ThreadSelection};
use crate::domain::{Applications, KeptList, ListedApplication, ListedThread, ListedVariant, Timestamp};
use crate::storage::files::open_no_follow;

const THREAD_COLUMNS: &str = "account.service, account.base, account.id, thread.id, title, application_id, variant_id, user,
    origin, model, created_at, updated_at, archived_at, thread.message_count, checked_at, gone_since,
    revision.number, path, sha256, size, packed_size, fetched_at, revision.message_count, unreadable_count, has_spans,
    listed_updated_at, listed_message_count";

const THREAD_TABLES: &str = "thread JOIN account ON account.key = thread.account
    LEFT JOIN revision ON revision.thread = thread.key
        AND revision.number = (SELECT max(number) FROM revision WHERE revision.thread = thread.key)";

impl Library {
    /// Returns the thread with this id in an account.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn find(&self, account: &Account, id: &str) -> Result<Option<KeptThread>, LibraryError> {
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM {THREAD_TABLES}
             WHERE account.service = ?1 AND account.folder = ?2 AND thread.id = ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = params![account.service, account.folder(), id];
        Ok(statement.query_row(parameters, read_thread).optional()?)
    }

    /// Returns the selected threads, the last changed first.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn threads(&self, selection: &ThreadSelection) -> Result<Vec<KeptThread>, LibraryError> {
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM {THREAD_TABLES}
             WHERE (?1 IS NULL OR account.service = ?1) AND (?2 IS NULL OR thread.id = ?2)
                 AND (?3 IS NULL OR user = ?3) AND (NOT ?4 OR revision.number > 0)
                 AND (NOT ?5 OR revision.number IS NOT NULL)
             ORDER BY updated_at DESC, created_at DESC, thread.id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let ThreadSelection { service, id, user, is_saved, is_readable } = selection;
        let rows = statement.query_map(params![service, id, user, is_saved, is_readable], read_thread)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns every kept body of a thread, the oldest first.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn revisions(&self, account: &Account, id: &str) -> Result<Vec<Revision>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, path, sha256, size, packed_size, fetched_at, revision.message_count, unreadable_count,
                has_spans, listed_updated_at, listed_message_count
             FROM revision JOIN thread ON thread.key = revision.thread JOIN account ON account.key = thread.account
             WHERE account.service = ?1 AND account.folder = ?2 AND thread.id = ?3 AND number > 0 ORDER BY number",
        )?;
        let parameters = params![account.service, account.folder(), id];
        let rows = statement.query_map(parameters, |row| read_revision(row, 0))?;
        Ok(rows.flatten_ok().collect::<Result<_, _>>()?)
    }

    /// Opens the packed file of a kept body.
    ///
    /// # Errors
    /// The file is missing, or cannot be read.
    pub fn open_packed_file(&self, revision: &Revision) -> Result<impl Read + use<>, LibraryError> {
        Ok(open_no_follow(&self.body_path(revision))?)
    }

    /// Returns the path of a kept body.
    pub fn body_path(&self, revision: &Revision) -> PathBuf {
        self.folder.join(&revision.path)
    }

    /// Records listed threads.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn record_listed(&mut self, account: &Account, threads: &[ListedThread]) -> Result<(), LibraryError> {
        let transaction = self.connection.transaction()?;
        let account_key = account_key(&transaction, account)?;
        for thread in threads {
            put_thread(&transaction, account_key, thread, true)?;
        }
        Ok(transaction.commit()?)
    }

    /// Loads the kept list of an account; `None` if it has no thread.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn kept_list(&self, account: &Account) -> Result<Option<KeptList>, LibraryError> {
        let sql = format!(
            "SELECT {THREAD_COLUMNS} FROM {THREAD_TABLES} WHERE account.service = ?1 AND account.folder = ?2
             AND (gone_since IS NULL OR revision.number IS NOT NULL)"
        );
        let parameters = params![account.service, account.folder()];
        let threads = self
            .connection
            .prepare(&sql)?
            .query_map(parameters, read_thread)?
            .collect::<Result<Vec<_>, _>>()?;
        if threads.is_empty() {
            return Ok(None);
        }
        let (applications, variants) = self.names(account)?;
        let threads = threads.into_iter().map(|thread| (thread.listed.clone(), thread.state())).collect();
        let listed_at = self.listed_at(account)?;
        Ok(Some(KeptList { listed_at, applications, variants, threads, ..KeptList::default() }))
    }

    /// Lists the accounts with kept threads, and the numbers of these.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn kept_accounts(&self) -> Result<Vec<(Account, usize)>, LibraryError> {
        let mut statement = self.connection.prepare(
            "SELECT service, base, account.id, count(DISTINCT thread.key) FROM account
             JOIN thread ON thread.account = account.key
             JOIN revision ON revision.thread = thread.key AND revision.number > 0
             GROUP BY account.key ORDER BY service, base, account.id",
        )?;
        let rows = statement.query_map([], |row| {
            let account = Account { service: row.get(0)?, base: row.get(1)?, id: row.get(2)? };
            Ok((account, read_count(row, 3)?.and_then(|count| usize::try_from(count).ok()).unwrap_or(0)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lists the accounts.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>, LibraryError> {
        let mut statement = self.connection.prepare("SELECT service, base, id FROM account ORDER BY key")?;
        let rows = statement
            .query_map([], |row| Ok(Account { service: row.get(0)?, base: row.get(1)?, id: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Loads the applications and variants of an account.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn names(
        &self,
        account: &Account,
    ) -> Result<(Vec<ListedApplication>, Vec<ListedVariant>), LibraryError> {
        Ok((self.listed_applications(Some(account))?, self.listed_variants(Some(account))?))
    }

    /// Loads the applications and variants of all accounts.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn applications(&self) -> Result<Applications, LibraryError> {
        let mut applications = Applications::default();
        applications.add_applications(self.listed_applications(None)?);
        applications.add_variants(self.listed_variants(None)?);
        Ok(applications)
    }

    fn listed_applications(&self, account: Option<&Account>) -> Result<Vec<ListedApplication>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT application.id, name, archived_at FROM application JOIN account ON account.key = account
             WHERE ?1 IS NULL OR (service = ?1 AND folder = ?2)",
        )?;
        let parameters = params![account.map(|account| &account.service), account.map(Account::folder)];
        let rows = statement.query_map(parameters, |row| {
            let (id, name, archived_at) = (row.get(0)?, row.get(1)?, read_time(row, 2)?);
            Ok(ListedApplication { id, name, archived_at, ..ListedApplication::default() })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn listed_variants(&self, account: Option<&Account>) -> Result<Vec<ListedVariant>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT variant.id, name, application_id, version FROM variant JOIN account ON account.key = account
             WHERE ?1 IS NULL OR (service = ?1 AND folder = ?2)",
        )?;
        let parameters = params![account.map(|account| &account.service), account.map(Account::folder)];
        let rows = statement.query_map(parameters, |row| {
            let (id, name, application_id, version) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(ListedVariant { id, name, application_id, version, ..ListedVariant::default() })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records the names of applications and variants.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn record_names(
        &mut self,
        account: &Account,
        applications: &[ListedApplication],
        variants: &[ListedVariant],
    ) -> Result<(), LibraryError> {
        let transaction = self.connection.transaction()?;
        let key = account_key(&transaction, account)?;
        for application in applications {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO application VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    key,
                    application.id,
                    application.name,
                    application.archived_at.map(|at| at.0)
                ])?;
        }
        for variant in variants {
            let ListedVariant { id, name, application_id, version, .. } = variant;
            transaction
                .prepare_cached("INSERT OR REPLACE INTO variant VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![key, id, name, application_id, version])?;
        }
        Ok(transaction.commit()?)
    }

    /// Marks a list as complete at a time: threads that an earlier list had and this one does not are gone from the
    /// service. Threads that were never in a list may belong to other users. Returns the ids of the threads that are gone.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn record_complete_list(
        &mut self,
        account: &Account,
        is_listed: &dyn Fn(&str) -> bool,
        at: Timestamp,
    ) -> Result<Vec<String>, LibraryError> {
        let transaction = self.connection.transaction()?;
        let key = account_key(&transaction, account)?;
        transaction.execute("UPDATE account SET listed_at = ?2 WHERE key = ?1", params![key, at.0])?;
        let known: Vec<String> = transaction
            .prepare("SELECT id FROM thread WHERE account = ?1 AND is_listed AND gone_since IS NULL")?
            .query_map([key], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let gone: Vec<String> = known.into_iter().filter(|id| !is_listed(id)).collect();
        for id in &gone {
            set_gone(&transaction, key, id, at)?;
        }
        transaction.commit()?;
        Ok(gone)
    }

    /// Records that the service no longer has a thread. A kept body stays.
    ///
    /// # Errors
    /// The catalogue cannot be written.
    pub fn record_gone(&mut self, account: &Account, id: &str, at: Timestamp) -> Result<(), LibraryError> {
        let key = account_key(&self.connection, account)?;
        Ok(set_gone(&self.connection, key, id, at)?)
    }

    /// Returns when the account was last listed completely.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn listed_at(&self, account: &Account) -> Result<Option<Timestamp>, LibraryError> {
        let sql = "SELECT listed_at FROM account WHERE service = ?1 AND folder = ?2";
        let at = self.connection.query_row(sql, params![account.service, account.folder()], |row| row.get(0));
        Ok(at.optional()?.flatten().map(Timestamp))
    }
}

/// An iterator over rows of which some have no value.
trait FlattenOk<T>: Iterator<Item = rusqlite::Result<Option<T>>> + Sized {
    fn flatten_ok(self) -> impl Iterator<Item = rusqlite::Result<T>> {
        self.filter_map(Result::transpose)
    }
}

impl<T, I: Iterator<Item = rusqlite::Result<Option<T>>>> FlattenOk<T> for I {}

/// Returns the key of an account, which is added if it is new.
pub(super) fn account_key(connection: &Connection, account: &Account) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO account(service, folder, base, id) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET base = excluded.base RETURNING key",
        )?
        .query_row(params![account.service, account.folder(), account.base, account.id], |row| row.get(0))
}

/// Adds a thread, or updates it; a field that the service does not send keeps its value. `is_listed` marks a thread from a
/// list. Returns the key of the row.
pub(super) fn put_thread(
    connection: &Connection,
    account_key: i64,
    thread: &ListedThread,
    is_listed: bool,
) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO thread(account, id, title, application_id, variant_id, user, origin, model, created_at,
                updated_at, archived_at, message_count, is_listed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT DO UPDATE SET
                title = CASE excluded.title WHEN '' THEN title ELSE excluded.title END,
                application_id = coalesce(excluded.application_id, application_id),
                variant_id = coalesce(excluded.variant_id, variant_id),
                user = coalesce(excluded.user, user),
                origin = coalesce(excluded.origin, origin),
                model = coalesce(excluded.model, model),
                created_at = coalesce(excluded.created_at, created_at),
                updated_at = coalesce(excluded.updated_at, updated_at),
                archived_at = excluded.archived_at,
                message_count = coalesce(excluded.message_count, message_count),
                is_listed = max(is_listed, excluded.is_listed),
                gone_since = NULL
             RETURNING key",
        )?
        .query_row(
            params![
                account_key,
                thread.id,
                thread.title,
                thread.application_id,
                thread.variant_id,
                thread.user,
                thread.origin,
                thread.model,
                thread.created_at.map(|at| at.0),
                thread.updated_at.map(|at| at.0),
                thread.archived_at.map(|at| at.0),
                thread.message_count.map(to_integer),
                is_listed,
            ],
            |row| row.get(0),
        )
}

fn set_gone(connection: &Connection, account_key: i64, id: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE thread SET gone_since = coalesce(gone_since, ?3) WHERE account = ?1 AND id = ?2",
        )?
        .execute(params![account_key, id, at.0])
        .map(drop)
}

/// Adds a revision. One with the same number is replaced.
pub(super) fn put_revision(
    connection: &Connection,
    thread_key: i64,
    revision: &Revision,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO revision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            thread_key,
            revision.number,
            revision.path,
            revision.sha256,
            to_integer(revision.size),
            to_integer(revision.packed_size),
            revision.fetched_at.0,
            to_integer(revision.message_count),
            to_integer(revision.unreadable_count),
            revision.has_spans,
            revision.listed_updated_at.map(|at| at.0),
            revision.listed_message_count.map(to_integer),
        ])
        .map(drop)
}

/// Records when a body was fetched and compared.
pub(super) fn set_checked(connection: &Connection, thread_key: i64, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE thread SET checked_at = max(coalesce(checked_at, ?2), ?2) WHERE key = ?1")?
        .execute(params![thread_key, at.0])
        .map(drop)
}

/// Converts a count to an integer of SQLite, which is signed.
fn to_integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read_count(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let count: Option<i64> = row.get(column)?;
    Ok(count.and_then(|count| u64::try_from(count).ok()))
}

fn read_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let micros: Option<i64> = row.get(column)?;
    Ok(micros.map(Timestamp))
}

/// Reads the columns of [`THREAD_COLUMNS`].
fn read_thread(row: &Row<'_>) -> rusqlite::Result<KeptThread> {
    let body = read_revision(row, 16)?;
    let (cached, revision) = match body {
        Some(body) if body.number == CACHED_COPY => (Some(body), None),
        kept => (None, kept),
    };
    Ok(KeptThread {
        account: Account { service: row.get(0)?, base: row.get(1)?, id: row.get(2)? },
        listed: ListedThread {
            id: row.get(3)?,
            title: row.get(4)?,
            application_id: row.get(5)?,
            variant_id: row.get(6)?,
            user: row.get(7)?,
            origin: row.get(8)?,
            model: row.get(9)?,
            created_at: read_time(row, 10)?,
            updated_at: read_time(row, 11)?,
            archived_at: read_time(row, 12)?,
            message_count: read_count(row, 13)?,
        },
        checked_at: read_time(row, 14)?,
        gone_since: read_time(row, 15)?,
        revision,
        cached,
    })
}

/// Reads a revision from its columns, the first at `column`; `None` if they are null.
fn read_revision(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Revision>> {
    let Some(number) = row.get(column)? else { return Ok(None) };
    Ok(Some(Revision {
        number,
        path: row.get(column + 1)?,
        sha256: row.get(column + 2)?,
        size: read_count(row, column + 3)?.unwrap_or(0),
        packed_size: read_count(row, column + 4)?.unwrap_or(0),
        fetched_at: read_time(row, column + 5)?.unwrap_or_default(),
        message_count: read_count(row, column + 6)?.unwrap_or(0),
        unreadable_count: read_count(row, column + 7)?.unwrap_or(0),
        has_spans: row.get(column + 8)?,
        listed_updated_at: read_time(row, column + 9)?,
        listed_message_count: read_count(row, column + 10)?,
    }))
}
