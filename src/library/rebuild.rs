//! Recreates the catalogue from the files: the logs of the runs describe each body.

use std::collections::{BTreeMap, HashSet};

use super::catalogue::{account_key, put_revision, put_thread, set_checked};
use super::run_log::{Line, read_lines, run_files};
use super::{Account, ArchiveOutcome, BUSY_TIMEOUT, Library, LibraryError, RunRecord, bagit};

/// The findings of a rebuild.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    pub threads: usize,
    pub revisions: usize,
    /// Threads that were only read: their cached copies are in the catalogue again.
    pub read: usize,
    /// Bodies that no log mentions; their files stay.
    pub unknown_bodies: usize,
}

impl Library {
    /// Recreates the catalogue from the files.
    ///
    /// # Errors
    /// Another process adds threads to the index; the files cannot be read, or the catalogue cannot be written. Then the old catalogue stays.
    pub fn rebuild(&mut self) -> Result<RebuildReport, LibraryError> {
        rebuild(self)
    }
}

pub(super) fn rebuild(library: &mut Library) -> Result<RebuildReport, LibraryError> {
    let folder = library.folder.clone();
    let manifest = bagit::read(&folder)?;
    // Otherwise a process that has prepared rows would add them to threads with other keys.
    let _lock = library.lock_index(BUSY_TIMEOUT)?.ok_or(LibraryError::Locked("the search index"))?;
    let transaction = library.connection.transaction()?;
    transaction.execute_batch(
        "DELETE FROM cache_file; DELETE FROM words; DELETE FROM message; DELETE FROM revision; DELETE FROM thread; DELETE FROM variant; DELETE FROM application;",
    )?;
    let mut accounts: BTreeMap<String, i64> = BTreeMap::new();
    let mut known_bodies = HashSet::new();
    for path in run_files(&folder) {
        let mut current = None;
        for line in read_lines(&path)? {
            match line {
                Line::Started { service, base, account, .. } => {
                    let account = Account::new(&service, &base, account.as_deref());
                    let key = account_key(&transaction, &account)?;
                    accounts.insert(format!("{service}/{}", account.folder()), key);
                    current = Some(key);
                }
                Line::Thread(line) => {
                    if let (Some(key), Some(record)) = (current, line.record()) {
                        replay(&transaction, key, record, &folder, &mut known_bodies)?;
                    }
                }
                Line::Ended { .. } => {}
            }
        }
    }
    let count = |sql: &str| {
        let count = transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
        count.map(|count| usize::try_from(count).unwrap_or(0))
    };
    let report = RebuildReport {
        threads: count("SELECT count(*) FROM thread")?,
        revisions: count("SELECT count(*) FROM revision")?,
        read: 0,
        unknown_bodies: manifest.keys().filter(|path| !known_bodies.contains(path.as_str())).count(),
    };
    transaction.commit()?;
    library.register_locked(&mut || true)?;
    Ok(RebuildReport { read: usize::try_from(library.stats()?.read).unwrap_or(usize::MAX), ..report })
}

fn replay(
    connection: &rusqlite::Connection,
    account_key: i64,
    record: RunRecord,
    folder: &std::path::Path,
    known_bodies: &mut HashSet<String>,
) -> Result<(), LibraryError> {
    let thread_key = put_thread(connection, account_key, &record.thread, record.is_listed)?;
    if let Some(revision) = &record.revision
        && folder.join(&revision.path).is_file()
    {
        known_bodies.insert(revision.path.clone());
        put_revision(connection, thread_key, revision)?;
    }
    match record.outcome {
        ArchiveOutcome::Saved
        | ArchiveOutcome::Changed
        | ArchiveOutcome::Unchanged
        | ArchiveOutcome::Worse => {
            set_checked(connection, thread_key, record.at)?;
        }
        ArchiveOutcome::Gone => {
            connection.execute(
                "UPDATE thread SET gone_since = coalesce(gone_since, ?2) WHERE key = ?1",
                rusqlite::params![thread_key, record.at.0],
            )?;
        }
        ArchiveOutcome::Skipped
        | ArchiveOutcome::Refused
        | ArchiveOutcome::Failed
        | ArchiveOutcome::Forgotten => {}
    }
    Ok(())
}
