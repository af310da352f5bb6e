//! The tables, with the features that the server's version supports.

use serde::Deserialize;

use super::sql::quote;
use super::{Connection, LibraryError};
use crate::domain::{ExitCode, UserError};
use crate::library::TEXT_VERSION;

/// The first version with asynchronous inserts.
pub(super) const ASYNC_INSERTS: Version = Version(22, 1);

/// The version of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32);

/// The first version with codecs of columns, and with bloom filters as indexes.
const CODECS: Version = Version(20, 1);
/// The first version in which text indexes are generally available.
const TEXT_INDEX: Version = Version(26, 2);

impl Version {
    /// Parses `26.2.1.1139`; a text without a version is treated as the oldest version.
    pub(super) fn parse(text: &str) -> Self {
        let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self(next(), next())
    }
}

/// The version of the tables. Increase it with each change that other versions of this program must know of.
pub(super) const TABLES_VERSION: u32 = 2;

/// The columns that version 1 did not have: table, name and type.
const ADDED_COLUMNS: [[&str; 3]; 5] = [
    ["threads", "text_version", "UInt32"],
    ["messages", "duration_ms", "Nullable(Int64)"],
    ["messages", "tokens", "Nullable(Int64)"],
    ["messages", "cost", "Nullable(Float64)"],
    ["messages", "text_version", "UInt32"],
];

/// The versions of tables and texts on a server; 0 without a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LibraryVersion {
    pub tables: u32,
    pub texts: u32,
}

impl LibraryVersion {
    const CURRENT: Self = Self { tables: TABLES_VERSION, texts: TEXT_VERSION };

    /// Returns an error for a library of a newer program.
    ///
    /// # Errors
    /// A newer program made it.
    pub(super) fn require_known(self) -> Result<(), LibraryError> {
        let known = Self::CURRENT;
        if self.tables <= known.tables && self.texts <= known.texts {
            return Ok(());
        }
        let message = format!(
            "a newer unspool made the library on the server: version {}.{}, and this one reads up to {}.{}",
            self.tables, self.texts, known.tables, known.texts
        );
        Err(refused(message, "Update unspool on this machine."))
    }

    /// Returns an error for a library whose tables lack columns.
    ///
    /// # Errors
    /// An older program made it.
    pub(super) fn require_updated(self) -> Result<(), LibraryError> {
        if !(1..TABLES_VERSION).contains(&self.tables) {
            return Ok(());
        }
        let message =
            format!("the library on the server has tables of version {}, not {TABLES_VERSION}", self.tables);
        let hint = "Run unspool library push once, as a user who may alter tables: it updates them in place.";
        Err(refused(message, hint))
    }
}

fn refused(message: String, hint: &str) -> LibraryError {
    LibraryError::Remote(Box::new(UserError::new(message, hint, ExitCode::Usage)))
}

/// Reads the versions; `has_versions` is whether there is a table with them, and `has_library` whether there are others.
pub(super) fn read_version(
    connection: &Connection,
    (has_library, has_versions): (bool, bool),
) -> Result<LibraryVersion, LibraryError> {
    // The first version had no such table, and an interrupted program may leave an empty one.
    let first = LibraryVersion { tables: u32::from(has_library), texts: 0 };
    if !has_versions {
        return Ok(first);
    }
    let table = connection.table("versions");
    let sql = format!("SELECT max(tables) AS tables, max(texts) AS texts FROM {table}");
    let found: Option<LibraryVersion> = connection.rows(&sql)?.pop();
    Ok(found.filter(|found| found.tables > 0).unwrap_or(first))
}

#[derive(Deserialize)]
struct ColumnRow {
    table: String,
    name: String,
}

/// Creates the database and the tables that are missing, and adds the columns that tables of an older version lack.
pub(super) fn create(connection: &Connection) -> Result<(), LibraryError> {
    let server = connection.server()?;
    let database = connection.address.database();
    let is_new = server.library.tables == 0;
    for sql in statements(database, server.version) {
        connection.run(&sql)?;
        // Tables without a version were created by an old program.
        if is_new && sql.contains(".versions (") {
            write_version(connection)?;
        }
    }
    for [table, name, kind] in missing_columns(connection)? {
        let added = connection.run(&format!("ALTER TABLE {database}.{table} ADD COLUMN {name} {kind}"));
        // Another machine may have added the column meanwhile.
        if added.is_err() && missing_columns(connection)?.contains(&[table, name, kind]) {
            return added;
        }
    }
    if is_new || server.library == LibraryVersion::CURRENT { Ok(()) } else { write_version(connection) }
}

fn write_version(connection: &Connection) -> Result<(), LibraryError> {
    let LibraryVersion { tables, texts } = LibraryVersion::CURRENT;
    let table = connection.table("versions");
    connection.run(&format!("INSERT INTO {table} (tables, texts) VALUES ({tables}, {texts})"))
}

fn missing_columns(connection: &Connection) -> Result<Vec<[&'static str; 3]>, LibraryError> {
    let database = quote(connection.address.database());
    let sql = format!("SELECT table, name FROM system.columns WHERE database = {database}");
    let columns: Vec<ColumnRow> = connection.rows(&sql)?;
    let has = |table, name| columns.iter().any(|column| column.table == table && column.name == name);
    Ok(ADDED_COLUMNS.into_iter().filter(|[table, name, _]| !has(*table, *name)).collect())
}

/// Returns the statements that create everything.
pub(super) fn statements(database: &str, version: Version) -> Vec<String> {
    let has_codecs = version >= CODECS;
    let text = if has_codecs { "String CODEC(ZSTD(3))" } else { "String" };
    let packed = if has_codecs { "String CODEC(NONE)" } else { "String" };
    let mut indexes = String::new();
    if has_codecs {
        indexes.push_str(",\n    INDEX reference_index reference TYPE bloom_filter GRANULARITY 4");
    }
    if version >= TEXT_INDEX {
        indexes
            .push_str(",\n    INDEX words_index words TYPE text(tokenizer = splitByString([' ', '\\x1e']))");
    }
    let table = |name: &str, columns: &str, engine: &str| {
        format!("CREATE TABLE IF NOT EXISTS {database}.{name} (\n    {}\n) {engine}", columns.trim())
    };
    vec![
        format!("CREATE DATABASE IF NOT EXISTS {database}"),
        table("versions", VERSIONS, "ENGINE = ReplacingMergeTree ORDER BY (tables, texts)"),
        table("accounts", ACCOUNTS, "ENGINE = ReplacingMergeTree ORDER BY (service, account)"),
        table("names", NAMES, "ENGINE = ReplacingMergeTree ORDER BY (service, account, kind, id)"),
        table(
            "threads",
            THREADS,
            "ENGINE = ReplacingMergeTree(version) ORDER BY (service, account, id) SETTINGS index_granularity = 1024",
        ),
        table(
            "messages",
            &format!("{}{indexes}", MESSAGES.trim().replace("{text}", text)),
            "ENGINE = ReplacingMergeTree(fetched_at) PARTITION BY month\n\
             ORDER BY (service, account, thread, position) SETTINGS index_granularity = 1024",
        ),
        table(
            "revisions",
            REVISIONS,
            "ENGINE = ReplacingMergeTree ORDER BY (service, account, thread, fetched_at)",
        ),
        table(
            "bodies",
            &BODIES.replace("{packed}", packed),
            "ENGINE = ReplacingMergeTree PARTITION BY month\n\
             ORDER BY (service, account, thread, fetched_at, part) SETTINGS index_granularity = 16",
        ),
    ]
}

// Times are in microseconds since 1970. Months are those of the threads' creation, such as 202611; 0 if unknown.

const VERSIONS: &str = "
    tables UInt32,
    texts UInt32";

const ACCOUNTS: &str = "
    service String,
    account String,
    base String,
    account_id Nullable(String),
    listed_at Nullable(Int64)";

const NAMES: &str = "
    service String,
    account String,
    kind String,
    id String,
    name String,
    application_id Nullable(String),
    version String,
    archived_at Nullable(Int64)";

const THREADS: &str = "
    service String,
    account String,
    id String,
    base String,
    account_id Nullable(String),
    title String,
    application_id Nullable(String),
    variant_id Nullable(String),
    user Nullable(String),
    origin Nullable(String),
    model Nullable(String),
    created_at Nullable(Int64),
    updated_at Nullable(Int64),
    archived_at Nullable(Int64),
    listed_message_count Nullable(UInt64),
    checked_at Nullable(Int64),
    gone_since Nullable(Int64),
    revision UInt32,
    path String,
    sha256 String,
    size UInt64,
    packed_size UInt64,
    fetched_at Int64,
    message_count UInt64,
    unreadable_count UInt64,
    has_spans Nullable(UInt8),
    revision_updated_at Nullable(Int64),
    revision_message_count Nullable(UInt64),
    changed_at Int64,
    month UInt32,
    text_version UInt32,
    digest UInt64,
    version UInt64";

const MESSAGES: &str = "
    service String,
    account String,
    thread String,
    position Int64,
    fetched_at Int64,
    month UInt32,
    id String,
    at Nullable(Int64),
    flags UInt8,
    reference Int64,
    words {text},
    text {text},
    duration_ms Nullable(Int64),
    tokens Nullable(Int64),
    cost Nullable(Float64),
    text_version UInt32";

const REVISIONS: &str = "
    service String,
    account String,
    thread String,
    fetched_at Int64,
    revision UInt32,
    sha256 String,
    size UInt64,
    packed_size UInt64,
    message_count UInt64,
    unreadable_count UInt64,
    has_spans Nullable(UInt8)";

const BODIES: &str = "
    service String,
    account String,
    thread String,
    fetched_at Int64,
    part UInt32,
    month UInt32,
    data {packed}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_library_is_refused_and_an_older_one_only_for_reading() {
        let library = |tables, texts| LibraryVersion { tables, texts };
        for (version, is_known, is_updated) in [
            (library(0, 0), true, true),
            (library(1, 0), true, false),
            (LibraryVersion::CURRENT, true, true),
            (library(TABLES_VERSION, 0), true, true),
            (library(TABLES_VERSION + 1, 1), false, true),
            (library(TABLES_VERSION, TEXT_VERSION + 1), false, true),
        ] {
            assert_eq!(version.require_known().is_ok(), is_known, "{version:?}");
            assert_eq!(version.require_updated().is_ok(), is_updated, "{version:?}");
        }
    }

    #[test]
    fn new_tables_have_every_column_that_old_ones_get() {
        let all = statements("d", Version::parse("18.16.1"));
        for [table, name, kind] in ADDED_COLUMNS {
            let has = |sql: &&String| {
                sql.contains(&format!("d.{table} (")) && sql.contains(&format!("{name} {kind}"))
            };
            assert!(all.iter().any(|sql| has(&sql)), "{table}.{name}");
        }
    }

    #[test]
    fn the_tables_use_the_features_of_the_version() {
        let old = statements("d", Version::parse("18.16.1")).join("\n");
        assert!(!old.contains("CODEC") && !old.contains("INDEX"), "{old}");
        let middle = statements("d", Version::parse("24.8.14.39")).join("\n");
        assert!(middle.contains("CODEC(ZSTD(3))") && !middle.contains("TYPE text"), "{middle}");
        let new = statements("d", Version::parse("26.2.1.1139")).join("\n");
        assert!(new.contains("TYPE text("), "{new}");
        for table in ["versions", "accounts", "names", "threads", "messages", "revisions", "bodies"] {
            assert!(new.contains(&format!("CREATE TABLE IF NOT EXISTS d.{table} (")), "{table}");
        }
    }
}
