//! The library: threads kept for years. Plain files are the truth, packed with zstd and listed in a BagIt manifest (RFC
//! 8493), so that `sha256sum -c` and `zstd -dc` read them without this program. A SQLite file is their catalogue; it can be
//! recreated from the files at any time.
//!
//! ```text
//! library/
//!   bagit.txt  bag-info.txt  manifest-sha256.txt
//!   data/SERVICE/ACCOUNT/YYYY-MM/THREAD/N-SHA256.json.zst   the bodies, byte for byte as received
//!   runs/TIME-SERVICE-ACCOUNT.ndjson                        one line per thread of an archive run
//!   forgotten.txt                                           hashes of threads that must not be archived again
//!   notes.ndjson                                            notes of the user, one line per change
//!   searches.ndjson                                         searches that the user saved
//!   library.db                                              the catalogue and the search index
//! ```

mod account;
mod bagit;
mod cached_copies;
mod catalogue;
mod check;
mod error;
mod forget;
mod index;
mod json_lines;
mod json_values;
mod keep;
mod kept_body;
mod kept_thread;
mod location;
mod notes;
mod packed_body;
mod path;
mod pushed;
mod read_only;
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
pub use forget::ForgottenThreads;
pub use index::{MessageTexts, SEPARATOR, TEXT_VERSION, Tokenizer};
pub use keep::{BodyFacts, FetchedBody, KeepOutcome};
pub use kept_body::visit_messages;
pub use kept_thread::{KeptThread, Revision, ThreadSelection};
pub use location::{KeptBody, LibraryLocation};
pub use notes::LibraryNotes;
pub use packed_body::{BodyWriter, PackedBody, open_packed};
pub use reader::{LibraryReader, RemoteLibrary};
pub use run_log::{ArchiveOutcome, RunLog, RunRecord, format_time};
pub use runs::Run;
pub use search::{
    HitCount, HitExtent, IndexedMessage, LibraryHit, LibraryQuery, PayloadProgress, SearchMode,
    SearchOptions, WordPattern, parse_reference, search_payloads,
};
pub use stats::LibraryStats;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::platform;
use crate::storage::files::{FileError, FileLock, TemporaryFolder, create_private_folder, sweep};

const DATABASE_FILE: &str = "library.db";
/// The folder of unfinished bodies.
const TEMPORARY_FOLDER: &str = "tmp";

/// An open library. Several processes may have one open; writes wait for each other.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
    connection: Connection,
    is_writable: bool,
    /// The copy of the catalogue, if the folder is not writable.
    _private_copy: Option<TemporaryFolder>,
    /// The cache whose copies are in the catalogue.
    cache_folder: Option<PathBuf>,
}

impl Library {
    /// Opens the library in this folder and creates it if it is missing. A missing catalogue is recreated from the files.
    ///
    /// # Errors
    /// The folder cannot be written, or its library is of a newer version of the program.
    pub fn open(folder: &Path) -> Result<Self, LibraryError> {
        Self::open_writable(folder).map_err(|error| {
            let can_be_read = error.is_not_writable() && folder.join(DATABASE_FILE).exists();
            if can_be_read { LibraryError::ReadOnly(folder.to_owned()) } else { error }
        })
    }

    fn open_writable(folder: &Path) -> Result<Self, LibraryError> {
        create_private_folder(folder)?;
        bagit::check_version(folder)?;
        for name in ["data", "runs", TEMPORARY_FOLDER] {
            create_private_folder(&folder.join(name))?;
        }
        bagit::create(folder)?;
        sweep(&folder.join(TEMPORARY_FOLDER));
        bagit::repair_manifest(folder)?;
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
    /// The library cannot be read, or it is of a newer version of the program.
    pub fn open_existing(folder: &Path) -> Result<Option<Self>, LibraryError> {
        let has_files = run_log::has_runs(folder) || folder.join(notes::FILE).exists();
        if !folder.join(DATABASE_FILE).exists() && !has_files {
            return Ok(None);
        }
        Self::open(folder).map(Some)
    }

    /// Opens the library for reading only, without write access; `None` if it does not exist.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn open_read_only(folder: &Path) -> Result<Option<Self>, LibraryError> {
        if !folder.join(DATABASE_FILE).exists() {
            return Ok(None);
        }
        bagit::check_version(folder)?;
        let opened = match Self::connect_read_only(folder) {
            // The tables of an older version are updated once.
            Ok(library) if schema::is_old(&library.connection)? => Self::open(folder),
            opened => opened,
        };
        match opened {
            Err(error) if error.is_not_writable() => Self::open_unwritable(folder).map(Some),
            opened => opened.map(Some),
        }
    }

    fn connect_read_only(folder: &Path) -> Result<Self, LibraryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(folder.join(DATABASE_FILE), flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        schema::check_version(&connection)?;
        Ok(Self::with_connection(folder, connection))
    }

    fn connect(folder: &Path) -> Result<Self, LibraryError> {
        let path = folder.join(DATABASE_FILE);
        // SQLite would make it and its companion files readable by others.
        let mut options = OpenOptions::new();
        platform::set_owner_only(options.write(true).create(true).truncate(false));
        platform::open_no_follow(&mut options, &path).map_err(FileError::wrap("open", &path))?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        schema::prepare(&connection)?;
        Ok(Self { is_writable: true, ..Self::with_connection(folder, connection) })
    }

    /// Creates a library that is open for reading.
    fn with_connection(folder: &Path, connection: Connection) -> Self {
        Self {
            folder: folder.to_owned(),
            connection,
            is_writable: false,
            _private_copy: None,
            cache_folder: None,
        }
    }

    /// Returns whether the library was opened for writing as well.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// Returns the folder of the library.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the catalogue's file.
    pub fn catalogue_path(&self) -> PathBuf {
        self.folder.join(DATABASE_FILE)
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

/// The time for which a write waits for that of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
