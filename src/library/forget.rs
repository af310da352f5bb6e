//! Forgets threads without a trace, and removes old revisions.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

use rusqlite::params;

use super::account::thread_hash;
use super::run_log::{Line, read_lines, run_files};
use super::{Account, BUSY_TIMEOUT, KeptThread, Library, LibraryError, Revision, ThreadSelection, bagit};
use crate::domain::Timestamp;
use crate::storage::files::{FileError, write_atomic};

/// Hashes of forgotten threads, one per line, each with the time.
const FORGOTTEN_FILE: &str = "forgotten.txt";

/// The numbers of removed items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForgetReport {
    pub threads: usize,
    pub bodies: usize,
    pub bytes: u64,
}

/// Threads that must not be archived again, by their hashes.
#[derive(Clone, Debug, Default)]
pub struct ForgottenThreads(HashSet<String>);

impl ForgottenThreads {
    /// Loads the forgotten threads of the library in this folder.
    pub(super) fn load(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join(FORGOTTEN_FILE)).unwrap_or_default();
        Self(text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
    }

    /// Returns whether the thread was forgotten.
    pub fn contains(&self, account: &Account, id: &str) -> bool {
        self.contains_in_folder(&account.service, &account.folder(), id)
    }

    /// Returns whether a thread of the account with this folder was forgotten.
    pub fn contains_in_folder(&self, service: &str, folder: &str, id: &str) -> bool {
        !self.is_empty() && self.0.contains(&thread_hash(service, folder, id))
    }

    /// Returns whether nothing was forgotten.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Library {
    /// Loads the threads that the user made the library forget.
    pub fn forgotten_threads(&self) -> ForgottenThreads {
        ForgottenThreads::load(&self.folder)
    }

    /// Removes threads: bodies, lines of runs and of the manifest, rows, and the free pages that held them. Only a hash of
    /// the id stays, so that the next run does not fetch the thread again.
    ///
    /// # Errors
    /// Another process adds threads to the index; or a file cannot be removed or written. What is removed already stays
    /// removed, and forgetting again continues.
    pub fn forget(&mut self, threads: &[KeptThread], at: Timestamp) -> Result<ForgetReport, LibraryError> {
        // Otherwise a process that has prepared rows of these threads would add them later.
        let _lock = self.lock_index(BUSY_TIMEOUT)?.ok_or(LibraryError::Locked("the search index"))?;
        self.add_forgotten(threads, at)?;
        self.remove_threads(threads)
    }

    /// Allows a forgotten thread of these accounts to be archived again. Returns the times at which it was forgotten; an
    /// empty list if it was not.
    ///
    /// # Errors
    /// Another process forgets threads, or the file cannot be written.
    pub fn unforget(&mut self, accounts: &[Account], id: &str) -> Result<Vec<String>, LibraryError> {
        let _lock = self.lock_index(BUSY_TIMEOUT)?.ok_or(LibraryError::Locked("the search index"))?;
        let hashes: HashSet<String> = accounts.iter().map(|account| account.thread_hash(id)).collect();
        let path = self.folder.join(FORGOTTEN_FILE);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let (mut kept, mut times) = (String::new(), Vec::new());
        for line in text.lines() {
            let (hash, time) = line.split_once(' ').unwrap_or((line, ""));
            if hashes.contains(hash) {
                times.push(time.to_owned());
            } else {
                kept.push_str(&format!("{line}\n"));
            }
        }
        if !times.is_empty() {
            write_atomic(&path, kept.as_bytes())?;
            // Its cached copy belongs to the library again.
            self.connection.execute("DELETE FROM cache_file WHERE thread IS NULL", [])?;
        }
        Ok(times)
    }

    /// Removes the kept threads of an account that last changed before a time, so that no trace of them stays. A thread
    /// that changes later may be archived again. Threads with a note or a bookmark, or without a time, stay.
    ///
    /// # Errors
    /// See [`Library::forget`].
    pub fn expire(
        &mut self,
        account: &Account,
        before: Timestamp,
        is_exempt: &dyn Fn(&str) -> bool,
    ) -> Result<ForgetReport, LibraryError> {
        if self.old_threads(account, before, is_exempt)?.is_empty() {
            return Ok(ForgetReport::default());
        }
        let _lock = self.lock_index(BUSY_TIMEOUT)?.ok_or(LibraryError::Locked("the search index"))?;
        // A note may have been written while another process had the lock.
        let old = self.old_threads(account, before, is_exempt)?;
        self.remove_threads(&old)
    }

    fn old_threads(
        &self,
        account: &Account,
        before: Timestamp,
        is_exempt: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<KeptThread>, LibraryError> {
        let selection = ThreadSelection {
            service: Some(account.service.clone()),
            is_saved: true,
            ..ThreadSelection::default()
        };
        let mut old = Vec::new();
        for thread in self.threads(&selection)? {
            let id = &thread.listed.id;
            let is_old = thread.changed_at().is_some_and(|at| at < before);
            let is_of_account = thread.account.folder() == account.folder();
            if is_of_account && is_old && !is_exempt(id) && self.thread_notes(&thread.account, id)?.is_empty()
            {
                old.push(thread);
            }
        }
        Ok(old)
    }

    fn remove_threads(&mut self, threads: &[KeptThread]) -> Result<ForgetReport, LibraryError> {
        let mut report = ForgetReport::default();
        let mut manifest = bagit::read(&self.folder)?;
        for thread in threads {
            for revision in self.revisions(&thread.account, &thread.listed.id)? {
                manifest.remove(&revision.path);
                report.bodies += 1;
                report.bytes += revision.packed_size;
            }
        }
        // The manifest first, because it must never list a missing file.
        bagit::write(&self.folder, &manifest)?;
        for thread in threads {
            for revision in self.revisions(&thread.account, &thread.listed.id)? {
                self.remove_body(&revision)?;
            }
            self.remove_from_index(&thread.account, &thread.listed.id)?;
            self.connection.execute(
                "DELETE FROM thread WHERE id = ?3 AND account =
                    (SELECT key FROM account WHERE service = ?1 AND folder = ?2)",
                params![thread.account.service, thread.account.folder(), thread.listed.id],
            )?;
            report.threads += 1;
        }
        let hashes = threads.iter().map(|thread| thread.account.thread_hash(&thread.listed.id)).collect();
        self.remove_run_lines(&hashes)?;
        self.forget_notes(&hashes)?;
        self.erase_free_pages()?;
        Ok(report)
    }

    /// Removes old revisions: all but the newest `kept` of each thread.
    ///
    /// # Errors
    /// A file cannot be removed or written.
    pub fn prune(&mut self, kept: usize) -> Result<ForgetReport, LibraryError> {
        let mut old = Vec::new();
        for thread in self.threads(&ThreadSelection { is_saved: true, ..ThreadSelection::default() })? {
            let mut revisions = self.revisions(&thread.account, &thread.listed.id)?;
            revisions.truncate(revisions.len().saturating_sub(kept.max(1)));
            old.extend(revisions);
        }
        let mut manifest = bagit::read(&self.folder)?;
        for revision in &old {
            manifest.remove(&revision.path);
        }
        bagit::write(&self.folder, &manifest)?;
        let mut report = ForgetReport::default();
        for revision in old {
            self.connection.execute("DELETE FROM revision WHERE path = ?1", [&revision.path])?;
            self.remove_body(&revision)?;
            report.bodies += 1;
            report.bytes += revision.packed_size;
        }
        Ok(report)
    }

    fn add_forgotten(&self, threads: &[KeptThread], at: Timestamp) -> Result<(), LibraryError> {
        let path = self.folder.join(FORGOTTEN_FILE);
        let mut text = fs::read_to_string(&path).unwrap_or_default();
        for thread in threads {
            let hash = thread.account.thread_hash(&thread.listed.id);
            text.push_str(&format!("{hash} {}\n", super::run_log::format_time(at)));
        }
        Ok(write_atomic(&path, text.as_bytes())?)
    }

    /// Removes a body, and then its folder if that is empty.
    fn remove_body(&self, revision: &Revision) -> Result<(), LibraryError> {
        let path = self.folder.join(&revision.path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(FileError::wrap("remove", &path)(error).into());
            }
            Ok(()) | Err(_) => {}
        }
        let data = self.folder.join("data");
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != data) {
            // A folder with other files stays.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Rewrites the logs of runs without the lines of these threads.
    fn remove_run_lines(&self, hashes: &HashSet<String>) -> Result<(), LibraryError> {
        for path in run_files(&self.folder) {
            remove_lines(&path, hashes)?;
        }
        Ok(())
    }

    /// Rewrites the catalogue: the index, free pages and the write-ahead log may hold removed text.
    pub(super) fn erase_free_pages(&self) -> Result<(), LibraryError> {
        // The index only marks removed rows; merging all of its parts leaves their words out.
        self.connection.execute_batch("INSERT INTO words(words) VALUES ('optimize')")?;
        self.connection.execute_batch("VACUUM")?;
        // A reader may hold the log open; the next forgetting truncates it then.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

/// Rewrites a log without the lines of the threads with these hashes.
fn remove_lines(path: &Path, hashes: &HashSet<String>) -> Result<(), LibraryError> {
    let (mut kept, mut account, mut has_removed) = (Vec::new(), None, false);
    for line in read_lines(path)? {
        if let Line::Started { service, base, account: id, .. } = &line {
            account = Some(Account::new(service, base, id.as_deref()));
        }
        let is_removed = match &line {
            Line::Thread(line) => {
                account.as_ref().is_some_and(|account| hashes.contains(&account.thread_hash(line.id())))
            }
            Line::Started { .. } | Line::Ended { .. } => false,
        };
        has_removed |= is_removed;
        if !is_removed {
            serde_json::to_writer(&mut kept, &line)
                .map_err(io::Error::from)
                .map_err(FileError::wrap("write", path))?;
            kept.push(b'\n');
        }
    }
    if has_removed { Ok(write_atomic(path, &kept)?) } else { Ok(()) }
}
