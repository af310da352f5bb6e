//! The library: threads kept for years. Plain files are the truth, packed with zstd and listed in a BagIt manifest
//! (RFC 8493), so that `sha256sum -c` and `zstd -dc` read them without this program. A SQLite file is their catalogue; it
//! can be made again from the files at any time.
//!
//! ```text
//! library/
//!   bagit.txt  bag-info.txt  manifest-sha256.txt
//!   data/SERVICE/ACCOUNT/YYYY-MM/THREAD/N-SHA256.json.zst   the bodies, byte for byte as received
//!   runs/TIME-SERVICE-ACCOUNT.ndjson                        one line per thread of an archive run
//!   forgotten.txt                                           hashes of threads that must not come back
//!   notes.ndjson                                            notes of the user, one line per change
//!   searches.ndjson                                         searches that the user saved
//!   library.db                                              the catalogue and the search index
//! ```

mod account;
mod bag;
mod cached_copies;
mod catalogue;
mod check;
mod error;
mod forget;
mod index;
mod json_values;
mod keep;
mod kept_body;
mod kept_thread;
mod lines;
mod location;
mod notes;
mod packed_body;
mod path;
mod pushed;
mod reader;
mod rebuild;
mod run_log;
mod runs;
mod saved_searches;
mod schema;
mod search;
mod stats;

pub use account::Account;
pub use check::CheckDepth;
pub use error::LibraryError;
pub use index::{MessageTexts, SEPARATOR, Tokenizer};
pub use keep::{BodyFacts, FetchedBody, KeepOutcome};
pub use kept_body::visit_messages;
pub use kept_thread::{KeptThread, Revision, ThreadSelection};
pub use location::{KeptBody, LibraryLocation};
pub use packed_body::{BodyWriter, PackedBody, open_packed};
pub use reader::{LibraryReader, RemoteLibrary};
pub use run_log::{ArchiveOutcome, RunLog, RunRecord, format_time};
pub use runs::Run;
pub use search::{
    HitCount, HitExtent, IndexedMessage, LibraryHit, LibraryQuery, PayloadProgress, SearchMode,
    SearchOptions, WordPattern, parse_reference, search_payloads,
};
pub use stats::LibraryStats;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::storage::files::{FileLock, create_private_folder, sweep};

const DATABASE_FILE: &str = "library.db";
/// Holds unfinished bodies.
const TEMPORARY_FOLDER: &str = "tmp";

/// An open library. Several processes may have one open; writes wait for each other.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
    connection: Connection,
    /// The cache whose copies are in the catalogue.
    cache_folder: Option<PathBuf>,
}

impl Library {
    /// Opens the library in this folder and creates it if it is missing. A missing catalogue is
    /// made again from the files.
    ///
    /// # Errors
    /// The folder cannot be written, or it is of a newer version of the program.
    pub fn open(folder: &Path) -> Result<Self, LibraryError> {
        create_private_folder(folder)?;
        bag::check_version(folder)?;
        for name in ["data", "runs", TEMPORARY_FOLDER] {
            create_private_folder(&folder.join(name))?;
        }
        bag::create(folder)?;
        sweep(&folder.join(TEMPORARY_FOLDER));
        bag::repair_manifest(folder)?;
        let is_new = !folder.join(DATABASE_FILE).exists();
        let mut library = Self::connect(folder)?;
        if is_new && run_log::has_runs(folder) {
            rebuild::rebuild(&mut library)?;
        }
        library.read_new_notes()?;
        Ok(library)
    }

    /// Opens the library if the folder has one.
    ///
    /// # Errors
    /// It cannot be read, or it is of a newer version of the program.
    pub fn open_existing(folder: &Path) -> Result<Option<Self>, LibraryError> {
        let has_files = run_log::has_runs(folder) || folder.join(notes::FILE).exists();
        if !folder.join(DATABASE_FILE).exists() && !has_files {
            return Ok(None);
        }
        Self::open(folder).map(Some)
    }

    /// Opens the library for reading only; none if there is none. It needs no write access, unless its catalogue is of an
    /// older version.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn open_read_only(folder: &Path) -> Result<Option<Self>, LibraryError> {
        let path = folder.join(DATABASE_FILE);
        if !path.exists() {
            return Ok(None);
        }
        bag::check_version(folder)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        schema::check_version(&connection)?;
        if schema::is_old(&connection)? {
            drop(connection);
            return Self::open(folder).map(Some);
        }
        Ok(Some(Self { folder: folder.to_owned(), connection, cache_folder: None }))
    }

    fn connect(folder: &Path) -> Result<Self, LibraryError> {
        let connection = Connection::open(folder.join(DATABASE_FILE))?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        schema::prepare(&connection)?;
        Ok(Self { folder: folder.to_owned(), connection, cache_folder: None })
    }

    /// The folder of the library.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts to write a body.
    ///
    /// # Errors
    /// The folder is not writable.
    pub fn start_body(&self) -> Result<BodyWriter, LibraryError> {
        BodyWriter::create(&self.folder.join(TEMPORARY_FOLDER))
    }

    /// Locks the account for one archive run. None if another process holds the lock.
    ///
    /// # Errors
    /// The lock file cannot be created.
    pub fn lock_account(&self, account: &Account) -> Result<Option<FileLock>, LibraryError> {
        let path = self.lock_path(account);
        Ok(FileLock::acquire(&path, Duration::ZERO)?)
    }

    fn lock_path(&self, account: &Account) -> PathBuf {
        let name = format!("{}-{}.lock", account.service, account.folder());
        self.folder.join(TEMPORARY_FOLDER).join(name)
    }
}

/// How long a write waits for that of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
