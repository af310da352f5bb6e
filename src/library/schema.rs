//! The tables of the catalogue.

use rusqlite::Connection;

use super::LibraryError;

/// The version of the tables.
const VERSION: u32 = 1;

const TABLES: &str = "
CREATE TABLE account(
    key INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    folder TEXT NOT NULL,
    base TEXT NOT NULL,
    id TEXT,
    listed_at INTEGER,
    UNIQUE(service, folder));
CREATE TABLE thread(
    key INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account(key),
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    application_id TEXT,
    variant_id TEXT,
    user TEXT,
    origin TEXT,
    model TEXT,
    created_at INTEGER,
    updated_at INTEGER,
    archived_at INTEGER,
    message_count INTEGER,
    is_listed INTEGER NOT NULL,
    checked_at INTEGER,
    indexed_revision INTEGER,
    gone_since INTEGER,
    UNIQUE(account, id));
CREATE INDEX thread_by_update ON thread(account, updated_at DESC);
CREATE INDEX thread_by_id ON thread(id);
CREATE TABLE revision(
    thread INTEGER NOT NULL REFERENCES thread(key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    packed_size INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    message_count INTEGER NOT NULL,
    unreadable_count INTEGER NOT NULL,
    has_spans INTEGER,
    listed_updated_at INTEGER,
    listed_message_count INTEGER,
    PRIMARY KEY(thread, number)) WITHOUT ROWID;
CREATE TABLE message(
    key INTEGER PRIMARY KEY,
    thread INTEGER NOT NULL REFERENCES thread(key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER,
    flags INTEGER NOT NULL,
    reference INTEGER NOT NULL,
    text BLOB NOT NULL);
CREATE INDEX message_by_thread ON message(thread);
CREATE INDEX message_by_reference ON message(reference);
CREATE VIRTUAL TABLE words USING fts5(title, user, assistant, tools, feedback, content='', contentless_delete=1,
    tokenize=\"unicode61 remove_diacritics 2\", prefix='2 3');
INSERT INTO words(words, rank) VALUES ('secure-delete', 1);
CREATE TABLE application(
    account INTEGER NOT NULL REFERENCES account(key),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    archived_at INTEGER,
    PRIMARY KEY(account, id)) WITHOUT ROWID;
CREATE TABLE variant(
    account INTEGER NOT NULL REFERENCES account(key),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    application_id TEXT,
    version TEXT NOT NULL,
    PRIMARY KEY(account, id)) WITHOUT ROWID;
";

/// Sets the connection up and creates missing tables.
pub(super) fn prepare(connection: &Connection) -> Result<(), LibraryError> {
    // Readers and one writer at a time, in any number of processes.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // The files are the truth; a transaction lost with the machine is made again from them.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Removed rows leave no text in free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    check_version(connection)?;
    if version(connection)? == 0 {
        // Two processes may come here at once; the second finds the tables.
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let created = if version(connection)? == 0 {
            connection
                .execute_batch(TABLES)
                .and_then(|()| connection.pragma_update(None, "user_version", VERSION))
        } else {
            Ok(())
        };
        connection.execute_batch(if created.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        created?;
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Refuses a catalogue of a newer version.
pub(super) fn check_version(connection: &Connection) -> Result<(), LibraryError> {
    let version = version(connection)?;
    if version > VERSION { Err(LibraryError::Newer(version)) } else { Ok(()) }
}
