//! The tables, with the features that the server's version has.

use super::{Connection, LibraryError};

/// The first version that may collect inserts before it writes them.
pub(super) const ASYNC_INSERTS: Version = Version(22, 1);

/// The version of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32);

/// The first with codecs of columns, and with bloom filters as indexes.
const CODECS: Version = Version(20, 1);
/// The first in which the index of words is generally available.
const TEXT_INDEX: Version = Version(26, 2);

impl Version {
    /// Parses `26.2.1.1139`; a text without a version counts as the oldest.
    pub(super) fn parse(text: &str) -> Self {
        let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self(next(), next())
    }
}

/// Creates the database and the tables that are missing.
pub(super) fn create(connection: &Connection) -> Result<(), LibraryError> {
    let version = connection.server()?.version;
    statements(connection.address.database(), version).iter().try_for_each(|sql| connection.run(sql))
}

/// The statements that create everything.
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

// Times are in microseconds since 1970. A month is that of the thread's creation, such as 202611; 0 if it is unknown.

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
    text {text}";

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
    fn the_tables_use_what_the_version_has() {
        let old = statements("d", Version::parse("18.16.1")).join("\n");
        assert!(!old.contains("CODEC") && !old.contains("INDEX"), "{old}");
        let middle = statements("d", Version::parse("24.8.14.39")).join("\n");
        assert!(middle.contains("CODEC(ZSTD(3))") && !middle.contains("TYPE text"), "{middle}");
        let new = statements("d", Version::parse("26.2.1.1139")).join("\n");
        assert!(new.contains("TYPE text("), "{new}");
        for table in ["accounts", "names", "threads", "messages", "revisions", "bodies"] {
            assert!(new.contains(&format!("CREATE TABLE IF NOT EXISTS d.{table} (")), "{table}");
        }
    }
}
