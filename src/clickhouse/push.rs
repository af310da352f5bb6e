//! Pushes the library of this machine to a server. A push sends only the rows that the server lacks, so that an
//! interrupted push is continued by the next one, and a second one sends nothing.

mod deletion;
mod insert;

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::reader::{APPLICATION, VARIANT};
use super::rows::{AccountRow, NameRow, VersionedThreadRow, number};
use super::sql::account_condition;
use super::{ClickHouse, Connection, schema};
use crate::domain::{ListedApplication, ListedVariant, UserError};
use crate::library::{Account, KeptThread, Library, LibraryError, ThreadSelection};
use insert::InsertBatch;

/// The bounds of a push.
#[derive(Clone, Copy, Debug)]
pub struct PushOptions {
    /// The unpacked bytes of rows after which a batch is sent.
    pub max_batch_bytes: usize,
}

/// The result of a push.
#[derive(Debug, Default)]
pub struct PushSummary {
    /// Threads that were sent.
    pub threads: usize,
    pub messages: usize,
    pub revisions: usize,
    /// The unpacked bytes of all rows.
    pub bytes: usize,
    /// The number of requests with rows.
    pub inserts: usize,
    /// Threads that the server already had.
    pub unchanged: usize,
    /// Threads of which the server has a later version, from another machine.
    pub newer: usize,
    /// Forgotten threads that were removed from the server.
    pub forgotten: usize,
    /// Threads that the library could not read, with the reason.
    pub failed: Vec<(KeptThread, LibraryError)>,
    /// The error that ended the push early.
    pub error: Option<UserError>,
}

/// A thread on the server.
#[derive(Deserialize)]
struct KnownThread {
    id: String,
    #[serde(deserialize_with = "number")]
    digest: u64,
    #[serde(deserialize_with = "number")]
    version: u64,
    #[serde(deserialize_with = "number")]
    fetched_at: i64,
    month: u32,
    text_version: u32,
}

#[derive(Deserialize)]
struct KnownRevision {
    thread: String,
    #[serde(deserialize_with = "number")]
    fetched_at: i64,
}

/// The threads and revisions of an account that are on the server.
#[derive(Default)]
struct KnownAccount {
    threads: HashMap<String, KnownThread>,
    revisions: HashSet<(String, i64)>,
}

/// Pushes everything that the server does not have. `on_progress` is called with the numbers of finished and of all
/// threads.
pub fn push(
    server: &ClickHouse,
    library: &Library,
    options: PushOptions,
    on_progress: &mut dyn FnMut(usize, usize),
) -> PushSummary {
    let mut push = Push {
        connection: &server.connection,
        library,
        batch: InsertBatch::new(options.max_batch_bytes),
        summary: PushSummary::default(),
    };
    if let Err(error) = push.run(on_progress) {
        push.summary.error = Some(error.into());
    }
    push.summary
}

/// A push in progress.
struct Push<'a> {
    connection: &'a Connection,
    library: &'a Library,
    batch: InsertBatch,
    summary: PushSummary,
}

impl Push<'_> {
    fn run(&mut self, on_progress: &mut dyn FnMut(usize, usize)) -> Result<(), LibraryError> {
        schema::create(self.connection)?;
        self.push_names()?;
        self.summary.forgotten = deletion::delete_forgotten(self.connection, self.library)?;
        let mut known = HashMap::new();
        let mut threads = self.library.threads(&ThreadSelection::default())?;
        // Cached copies belong to this machine only.
        threads.retain(|thread| thread.cached.is_none());
        // Each part of a table has one month, so a batch with fewer months creates fewer parts.
        threads.sort_by_cached_key(|thread| (super::rows::month(thread), thread.listed.id.clone()));
        for (done, thread) in threads.iter().enumerate() {
            on_progress(done, threads.len());
            let account = match known.get(&thread.account) {
                Some(account) => account,
                None => known.entry(thread.account.clone()).or_insert(self.load_known(&thread.account)?),
            };
            self.push_thread(thread, account)?;
        }
        self.commit()
    }

    /// Sends a thread that the server does not have.
    fn push_thread(&mut self, thread: &KeptThread, known: &KnownAccount) -> Result<(), LibraryError> {
        let row = VersionedThreadRow::new(thread);
        let of_server = known.threads.get(&thread.listed.id);
        if of_server.is_some_and(|known| known.digest == row.digest) {
            self.summary.unchanged += 1;
            return Ok(());
        }
        let is_newer = of_server.is_some_and(|known| known.version > row.version);
        let of_messages = (row.row.fetched_at, row.row.month, row.row.text_version);
        let has_messages =
            of_server.is_some_and(|known| (known.fetched_at, known.month, known.text_version) == of_messages);
        match self.add_bodies(thread, &known.revisions) {
            Err(LibraryError::Remote(error)) => return Err(LibraryError::Remote(error)),
            Err(error) => {
                self.summary.failed.push((thread.clone(), error));
                return Ok(());
            }
            Ok(()) if is_newer => self.summary.newer += 1,
            Ok(()) => {
                if !has_messages {
                    self.add_messages(thread)?;
                }
                self.batch.add_thread(&row);
                self.summary.threads += 1;
            }
        }
        if self.batch.is_full() { self.commit() } else { Ok(()) }
    }

    fn add_bodies(
        &mut self,
        thread: &KeptThread,
        known: &HashSet<(String, i64)>,
    ) -> Result<(), LibraryError> {
        for revision in self.library.revisions(&thread.account, &thread.listed.id)? {
            if known.contains(&(thread.listed.id.clone(), revision.fetched_at.0)) {
                continue;
            }
            let body = self.library.open_packed_file(&revision)?;
            self.batch.add_body(self.connection, thread, &revision, body)?;
            self.batch.add_revision(thread, &revision);
            self.summary.revisions += 1;
        }
        Ok(())
    }

    fn add_messages(&mut self, thread: &KeptThread) -> Result<(), LibraryError> {
        let Self { library, batch, connection, summary } = self;
        library.for_each_message(thread, |message| {
            // The title is not a message.
            summary.messages += usize::from(message.position >= 0);
            batch.add_message(connection, thread, &message)
        })
    }

    fn commit(&mut self) -> Result<(), LibraryError> {
        let result = self.batch.commit(self.connection);
        (self.summary.bytes, self.summary.inserts) = (self.batch.sent_bytes, self.batch.inserts);
        result
    }

    fn load_known(&self, account: &Account) -> Result<KnownAccount, LibraryError> {
        let condition = account_condition(account);
        let (threads, revisions) = (self.connection.table("threads"), self.connection.table("revisions"));
        let mut known = KnownAccount::default();
        for page in self.connection.pages("threads", "id", &condition)? {
            let sql = format!(
                "SELECT id, digest, version, fetched_at, month, text_version FROM {threads} FINAL WHERE {page}"
            );
            let rows: Vec<KnownThread> = self.connection.rows(&sql)?;
            known.threads.extend(rows.into_iter().map(|thread| (thread.id.clone(), thread)));
        }
        for page in self.connection.pages("revisions", "thread", &condition)? {
            let sql = format!("SELECT thread, fetched_at FROM {revisions} WHERE {page}");
            let rows: Vec<KnownRevision> = self.connection.rows(&sql)?;
            known.revisions.extend(rows.into_iter().map(|one| (one.thread, one.fetched_at)));
        }
        Ok(known)
    }

    /// Sends the accounts and the names of applications; they are few.
    fn push_names(&mut self) -> Result<(), LibraryError> {
        for account in self.library.accounts()? {
            let listed_at = self.library.listed_at(&account)?;
            let (applications, variants) = self.library.names(&account)?;
            let (service, folder) = (account.service.clone(), account.folder());
            self.batch.add_account(&AccountRow {
                service: service.clone(),
                account: folder.clone(),
                base: account.base,
                account_id: account.id,
                listed_at: listed_at.map(|at| at.0),
            });
            let name = || NameRow {
                service: service.clone(),
                account: folder.clone(),
                kind: String::new(),
                id: String::new(),
                name: String::new(),
                application_id: None,
                version: String::new(),
                archived_at: None,
            };
            for ListedApplication { id, name: text, archived_at, .. } in applications {
                let (kind, archived_at) = (APPLICATION.to_owned(), archived_at.map(|at| at.0));
                self.batch.add_name(&NameRow { kind, id, name: text, archived_at, ..name() });
            }
            for ListedVariant { id, name: text, application_id, version, .. } in variants {
                let kind = VARIANT.to_owned();
                self.batch.add_name(&NameRow { kind, id, name: text, application_id, version, ..name() });
            }
        }
        self.commit()
    }
}
