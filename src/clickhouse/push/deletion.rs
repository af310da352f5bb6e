//! Removes forgotten threads from a server.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;

use crate::clickhouse::Connection;
use crate::clickhouse::rows::number;
use crate::clickhouse::sql::quote;
use crate::domain::{ExitCode, UserError};
use crate::library::{Library, LibraryError};

/// The maximum number of threads that one statement removes, because servers refuse statements of more than 256 KiB.
const BATCH_THREADS: usize = 200;
/// The interval of the queries whether the server has removed the rows, and their maximum number: ten minutes in total.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const MAX_POLLS: usize = 6000;

/// The tables with rows of a thread, and the column with its id. The thread's own row is removed last, so that an
/// interrupted deletion is repeated.
const TABLES: [(&str, &str); 4] =
    [("messages", "thread"), ("revisions", "thread"), ("bodies", "thread"), ("threads", "id")];

#[derive(Deserialize)]
struct KeyRow {
    service: String,
    account: String,
    thread: String,
}

#[derive(Deserialize)]
struct CountRow {
    #[serde(deserialize_with = "number")]
    value: u64,
}

/// Removes the threads that this machine has forgotten; returns their number.
pub(super) fn delete_forgotten(connection: &Connection, library: &Library) -> Result<usize, LibraryError> {
    let forgotten = library.forgotten_threads();
    if forgotten.is_empty() {
        return Ok(0);
    }
    // An interrupted push leaves bodies without a thread.
    let (threads, bodies) = (connection.table("threads"), connection.table("bodies"));
    let sql = format!(
        "SELECT DISTINCT service, account, thread FROM (
            SELECT service, account, id AS thread FROM {threads}
            UNION ALL SELECT service, account, thread FROM {bodies})"
    );
    let keys: Vec<String> = connection
        .rows::<KeyRow>(&sql)?
        .into_iter()
        .filter(|row| forgotten.contains_in_folder(&row.service, &row.account, &row.thread))
        .map(|row| format!("({}, {}, {})", quote(&row.service), quote(&row.account), quote(&row.thread)))
        .collect();
    for batch in keys.chunks(BATCH_THREADS) {
        for (name, column) in TABLES {
            let table = connection.table(name);
            let condition = format!("(service, account, {column}) IN ({})", batch.join(", "));
            connection.run(&format!("ALTER TABLE {table} DELETE WHERE {condition}"))?;
            wait_for_deletion(connection, name)?;
        }
    }
    Ok(keys.len())
}

/// Waits until the server has removed the rows from its files.
fn wait_for_deletion(connection: &Connection, table: &str) -> Result<(), LibraryError> {
    let sql = format!(
        "SELECT count() AS value FROM system.mutations WHERE database = {} AND table = {} AND is_done = 0",
        quote(connection.address.database()),
        quote(table)
    );
    for _ in 0..MAX_POLLS {
        if connection.rows::<CountRow>(&sql)?.first().is_some_and(|row| row.value == 0) {
            return Ok(());
        }
        connection.wait(async {
            sleep(POLL_INTERVAL).await;
            Ok(())
        })?;
    }
    let message = format!("the server has not removed forgotten threads from {table} after ten minutes");
    let hint = "Find the reason in system.mutations, then push again.";
    Err(LibraryError::Remote(Box::new(UserError::new(message, hint, ExitCode::Failure))))
}
