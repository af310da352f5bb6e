//! The threads that were pushed to OTLP endpoints: a file for each endpoint, with the hash of a thread and its revision in
//! each line. The hashes ensure that a forgotten thread leaves no trace here.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::{KeptThread, Library, LibraryError};
use crate::platform;
use crate::storage::files::{FileError, create_private_folder};
use crate::text::hex;

/// The threads that earlier pushes sent to an endpoint.
#[derive(Debug)]
pub struct PushedThreads {
    file: File,
    path: PathBuf,
    revisions: HashMap<String, u32>,
}

impl Library {
    /// Opens the record of an endpoint.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn pushed_threads(&self, endpoint: &str) -> Result<PushedThreads, LibraryError> {
        let folder = self.folder.join("pushed");
        create_private_folder(&folder)?;
        let hash = Sha256::digest(endpoint);
        let name = hex(hash.first_chunk::<8>().unwrap_or(&[0; 8]));
        let path = folder.join(format!("{name}.txt"));
        let mut options = OpenOptions::new();
        platform::set_owner_only(options.append(true).create(true));
        let file = platform::open_no_follow(&mut options, &path).map_err(FileError::wrap("write", &path))?;
        let text = fs::read_to_string(&path).map_err(FileError::wrap("read", &path))?;
        // A line that a crash cut off is ignored; its thread is sent again.
        let lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        let parse = |line: &str| {
            let (hash, revision) = line.split_once(' ')?;
            Some((hash.to_owned(), revision.parse().ok()?))
        };
        let revisions = lines.filter_map(parse).collect();
        Ok(PushedThreads { file, path, revisions })
    }
}

impl PushedThreads {
    /// Returns whether the endpoint has this revision of a thread.
    pub fn has(&self, thread: &KeptThread, revision: u32) -> bool {
        self.revisions.get(&thread.account.thread_hash(&thread.listed.id)) == Some(&revision)
    }

    /// Records that the endpoint has a revision. The record survives a crash.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn record(&mut self, thread: &KeptThread, revision: u32) -> Result<(), LibraryError> {
        let hash = thread.account.thread_hash(&thread.listed.id);
        // The line break before it ends a line that a crash cut off.
        let mut write = || {
            self.file.write_all(format!("\n{hash} {revision}\n").as_bytes())?;
            self.file.sync_data()
        };
        write().map_err(FileError::wrap("write", &self.path))?;
        self.revisions.insert(hash, revision);
        Ok(())
    }
}
