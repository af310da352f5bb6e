//! The tables of the catalogue.

use rusqlite::Connection;

use super::LibraryError;

/// The changes that make each version of the tables from the one before.
const VERSIONS: [&str; 5] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5];

const VERSION_1: &str = "
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

/// Notes, and numbers of messages. The index is recreated to have the numbers. A note on a whole message has an empty
/// `span`; `note_source` has the bytes of the file of notes that the table was made from.
const VERSION_2: &str = "
CREATE TABLE note(
    account INTEGER NOT NULL REFERENCES account(key),
    thread TEXT NOT NULL,
    message TEXT NOT NULL,
    span TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY(account, thread, message, span)) WITHOUT ROWID;
CREATE TABLE note_source(bytes INTEGER NOT NULL);
INSERT INTO note_source VALUES (0);
ALTER TABLE message ADD COLUMN duration_ms INTEGER;
ALTER TABLE message ADD COLUMN tokens INTEGER;
ALTER TABLE message ADD COLUMN cost REAL;
UPDATE thread SET indexed_revision = NULL;
";

/// An index of one column, because each further column costs two bytes for every word; markers in the text separate its
/// parts. Prefixes of two and three letters are indexed, so that hits appear from the second letter on.
const VERSION_3: &str = "
DROP TABLE words;
DELETE FROM message;
UPDATE thread SET indexed_revision = NULL;
CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1,
    tokenize=\"unicode61 remove_diacritics 2\", prefix='2 3');
INSERT INTO words(words, rank) VALUES ('secure-delete', 1), ('automerge', 16);
CREATE INDEX message_title ON message(key) WHERE position = -1;
";

/// Cached copies: the revision of a thread with the number 0, whose path is the name of a file of the cache. `cache_file` has
/// the files that were read, with the thread of those that have become a revision.
const VERSION_4: &str = "
CREATE TABLE cache_file(
    name TEXT PRIMARY KEY,
    modified INTEGER NOT NULL,
    size INTEGER NOT NULL,
    thread INTEGER REFERENCES thread(key) ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX cache_file_by_thread ON cache_file(thread);
";

/// Room in memory for the words of a whole batch, so that each is one segment of the index.
const VERSION_5: &str = "INSERT INTO words(words, rank) VALUES ('hashsize', 16777216);";

/// Sets the connection up and creates missing tables.
pub(super) fn prepare(connection: &Connection) -> Result<(), LibraryError> {
    // Allows any number of readers and one writer at a time, in any processes.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A transaction that is lost in a crash of the machine can be recreated from the files.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Overwrites the text of removed rows.
    connection.pragma_update(None, "secure_delete", true)?;
    check_version(connection)?;
    if is_old(connection)? {
        // If two processes create the tables at once, the second one finds them.
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let updated = update(connection);
        connection.execute_batch(if updated.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        updated?;
    }
    Ok(())
}

fn update(connection: &Connection) -> rusqlite::Result<()> {
    let old = version(connection)?;
    for (number, changes) in (1..).zip(VERSIONS).filter(|(number, _)| *number > old) {
        connection.execute_batch(changes)?;
        connection.pragma_update(None, "user_version", number)?;
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn newest() -> u32 {
    u32::try_from(VERSIONS.len()).unwrap_or(u32::MAX)
}

/// Returns whether tables or columns are missing, so that the catalogue must be opened for writing once.
pub(super) fn is_old(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(version(connection)? < newest())
}

/// Returns an error for a catalogue of a newer version.
pub(super) fn check_version(connection: &Connection) -> Result<(), LibraryError> {
    let version = version(connection)?;
    if version > newest() { Err(LibraryError::Newer(version)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_of_the_first_version_is_updated_in_place() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(VERSION_1).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        let rows = "INSERT INTO account VALUES (1, 'sgp', 'a', 'https://h', 'a', NULL);
            INSERT INTO thread(key, account, id, title, is_listed, indexed_revision) VALUES (1, 1, 't', 'Title', 1, 3)";
        connection.execute_batch(rows).unwrap();
        for _ in 0..2 {
            prepare(&connection).unwrap();
            assert!(!is_old(&connection).unwrap());
        }
        let kept = connection.query_row("SELECT title, indexed_revision FROM thread", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))
        });
        assert_eq!(kept.unwrap(), ("Title".to_owned(), None));
        connection.execute_batch("SELECT cost FROM message; SELECT text FROM note").unwrap();
    }
}
