//! The library on a ClickHouse server, for a whole team: kept threads are pushed to it, and read through [`LibraryReader`].
//! A row that is pushed twice has the same key and appears once. A thread's own row is written last and makes its messages
//! and bodies visible.
//!
//! | table | a row | key |
//! |---|---|---|
//! | `versions` | a version of the tables and texts | tables, texts |
//! | `accounts` | an account, and when it was last listed | service, account |
//! | `names` | an application or a variant | service, account, kind, id |
//! | `threads` | a thread with its newest revision | service, account, id |
//! | `messages` | a message of the newest revision, for the search | service, account, thread, position |
//! | `revisions` | a kept version of a thread's body | service, account, thread, time |
//! | `bodies` | a part of a packed body | service, account, thread, time, part |

mod address;
mod bodies;
mod pages;
mod push;
mod reader;
mod rows;
mod schema;
mod search;
mod sql;
mod thread_terms;

use std::sync::{Arc, OnceLock};

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::task::block_in_place;

use crate::credentials::api_key::LazyApiKey;
use crate::domain::{ExitCode, UserError};
use crate::library::{LibraryError, LibraryReader, RemoteLibrary};
use crate::net::Limits;
use crate::net::sql_endpoint::SqlEndpoint;

pub use address::Address;
pub use push::{PushOptions, PushSummary, push};
use reader::Reader;
use schema::{LibraryVersion, Version};

/// A library on a server. Cloning is cheap; nothing is sent until the library is opened.
#[derive(Clone, Debug)]
pub struct ClickHouse {
    connection: Arc<Connection>,
}

/// The user and the password for a server.
#[derive(Clone, Debug, Default)]
pub struct Login {
    /// The user; `None` for the server's default user.
    pub user: Option<String>,
    pub password: LazyApiKey,
}

#[derive(Debug)]
struct Connection {
    address: Address,
    login: Login,
    limits: Limits,
    runtime: Handle,
    endpoint: OnceCell<SqlEndpoint>,
    server: OnceLock<Server>,
}

/// The abilities of a server.
#[derive(Clone, Copy, Debug)]
struct Server {
    version: Version,
    /// Whether the user may change settings, such as the packing of results.
    has_settings: bool,
    /// Whether `messages` has a text index.
    has_text_index: bool,
    /// The versions of the library on the server.
    library: LibraryVersion,
}

#[derive(Deserialize)]
struct ServerRow {
    version: String,
    readonly: String,
    #[serde(deserialize_with = "rows::number")]
    text_indexes: u64,
    #[serde(deserialize_with = "rows::number")]
    thread_tables: u64,
    #[serde(deserialize_with = "rows::number")]
    version_tables: u64,
}

impl ClickHouse {
    /// Creates a library at this address; requests run on `runtime`.
    pub fn new(address: Address, login: Login, limits: Limits, runtime: Handle) -> Self {
        let (endpoint, server) = (OnceCell::new(), OnceLock::new());
        Self { connection: Arc::new(Connection { address, login, limits, runtime, endpoint, server }) }
    }

    /// Returns the address, for people.
    pub fn address(&self) -> &Address {
        &self.connection.address
    }
}

impl RemoteLibrary for ClickHouse {
    fn open(&self) -> Result<Box<dyn LibraryReader>, LibraryError> {
        let server = self.connection.server()?;
        server.library.require_updated()?;
        Ok(Box::new(Reader::new(Arc::clone(&self.connection), server)))
    }
}

impl Connection {
    /// Blocks on a request, like the disk does: the callers are threads that may block.
    fn wait<T>(&self, request: impl Future<Output = Result<T, UserError>>) -> Result<T, LibraryError> {
        block_in_place(|| self.runtime.block_on(request))
            .map_err(|error| LibraryError::Remote(Box::new(error)))
    }

    async fn endpoint(&self) -> Result<&SqlEndpoint, UserError> {
        self.endpoint
            .get_or_try_init(|| async {
                let key = self.login.password.key().await;
                let password: Option<SecretString> = key.map_err(|error| {
                    let hint = error.hint();
                    UserError::new(format!("the library's password: {error}"), hint, ExitCode::Usage)
                })?;
                let (url, user) = (self.address.url().clone(), self.login.user.as_deref());
                SqlEndpoint::new(url, user, password.as_ref(), &self.limits)
            })
            .await
    }

    /// Returns the abilities of the server; they are queried once.
    fn server(&self) -> Result<Server, LibraryError> {
        if let Some(server) = self.server.get() {
            return Ok(*server);
        }
        let database = sql::quote(self.address.database());
        let tables = format!("system.tables WHERE database = {database}");
        let sql = format!(
            "SELECT version() AS version, value AS readonly,
                (SELECT count() FROM {tables} AND name = 'messages'
                    AND create_table_query LIKE '%TYPE text%') AS text_indexes,
                (SELECT count() FROM {tables} AND name = 'threads') AS thread_tables,
                (SELECT count() FROM {tables} AND name = 'versions') AS version_tables
             FROM system.settings WHERE name = 'readonly'"
        );
        let row: Option<ServerRow> = self.rows(&sql)?.pop();
        let row = row.ok_or_else(|| damaged("the server has no settings"))?;
        let library = schema::read_version(self, (row.thread_tables > 0, row.version_tables > 0))?;
        library.require_known()?;
        let server = Server {
            library,
            version: Version::parse(&row.version),
            has_settings: row.readonly != "1",
            has_text_index: row.text_indexes > 0,
        };
        Ok(*self.server.get_or_init(|| server))
    }

    /// Runs a statement without a result.
    fn run(&self, sql: &str) -> Result<(), LibraryError> {
        self.wait(async { self.endpoint().await?.run(sql, &[]).await.map(drop) })
    }

    /// Runs a query, and reads its rows.
    fn rows<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>, LibraryError> {
        let result = self.result(&format!("{sql} FORMAT JSONEachRow"))?;
        let lines = result.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).map_err(|error| damaged(&error.to_string()))).collect()
    }

    /// Runs a query; returns its result in the format named by it.
    fn result(&self, sql: &str) -> Result<Vec<u8>, LibraryError> {
        // Packed results need a setting that not every user may change.
        let is_packed = self.server.get().is_some_and(|server| server.has_settings);
        let settings: &[_] = if is_packed { &[("enable_http_compression", "1")] } else { &[] };
        self.wait(async { self.endpoint().await?.run(sql, settings).await })
    }

    fn insert(&self, sql: &str, rows: &[u8]) -> Result<(), LibraryError> {
        // Asynchronous inserts are disabled: rows must be written before those that make them visible.
        let is_recent = self.server()?.version >= schema::ASYNC_INSERTS;
        let settings: &[_] = if is_recent { &[("async_insert", "0")] } else { &[] };
        self.wait(async { self.endpoint().await?.insert(sql, rows, settings).await })
    }

    /// Returns the full name of a table.
    fn table(&self, name: &str) -> String {
        format!("{}.{name}", self.address.database())
    }
}

/// Returns the error for a response that does not fit the tables.
fn damaged(reason: &str) -> LibraryError {
    let message = format!("the library on the server is not readable: {reason}");
    let hint = "Check that its tables are those of unspool library push, of no newer version.";
    LibraryError::Remote(Box::new(UserError::new(message, hint, ExitCode::NotUnderstood)))
}
