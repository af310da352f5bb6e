//! Reads a library without write access to its folder, where SQLite cannot create the files of its write-ahead log.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{DATABASE_FILE, Library, LibraryError, schema};
use crate::storage::files::{FileError, TemporaryFolder};

impl LibraryError {
    /// Returns whether the system reports that the folder cannot be written.
    pub(super) fn is_not_writable(&self) -> bool {
        match self {
            Self::File(error) => {
                matches!(error.source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
            }
            Self::Catalogue(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
            ),
            Self::ReadOnly(_) => true,
            Self::Newer(_) | Self::Remote(_) | Self::Locked(_) | Self::Damaged { .. } => false,
        }
    }
}

impl Library {
    /// Opens the catalogue of a folder that cannot be written. SQLite reads the file as immutable (`immutable=1`), without
    /// a copy. If there are changes in the log, which SQLite would ignore, or tables of an older version, which cannot be
    /// updated in place, it opens a private copy and removes it afterwards.
    ///
    /// # Errors
    /// The catalogue cannot be read or copied, or it is of a newer version.
    pub(super) fn open_unwritable(folder: &Path) -> Result<Self, LibraryError> {
        let path = folder.join(DATABASE_FILE);
        let has_log = fs::metadata(log_path(&path)).is_ok_and(|log| log.len() > 0);
        if !has_log {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_URI;
            let connection = Connection::open_with_flags(immutable_uri(&path), flags)?;
            schema::check_version(&connection)?;
            if !schema::is_old(&connection)? {
                return Ok(Self::with_connection(folder, connection));
            }
        }
        Self::open_private_copy(folder)
    }

    fn open_private_copy(folder: &Path) -> Result<Self, LibraryError> {
        let copy = TemporaryFolder::create()?;
        let (from, to) = (folder.join(DATABASE_FILE), copy.path().join(DATABASE_FILE));
        copy_file(&from, &to)?;
        if log_path(&from).exists() {
            copy_file(&log_path(&from), &log_path(&to))?;
        }
        let connection = Connection::open(&to)?;
        schema::prepare(&connection)?;
        // The copy is deleted while it is open, so that a killed process leaves no texts. A journal on the disk would keep
        // its name. Windows cannot remove an open file; there it is removed at the end.
        connection.execute_batch("PRAGMA journal_mode = MEMORY")?;
        let _is_removed = fs::remove_file(&to).is_ok();
        Ok(Self { _private_copy: Some(copy), ..Self::with_connection(folder, connection) })
    }
}

/// Copies a file, but not its mode: a read-only medium may not have that of the owner.
fn copy_file(from: &Path, to: &Path) -> Result<(), LibraryError> {
    let copy = || std::io::copy(&mut fs::File::open(from)?, &mut fs::File::create(to)?);
    copy().map_err(FileError::wrap("copy", from))?;
    Ok(())
}

/// Returns the write-ahead log of a catalogue.
fn log_path(database: &Path) -> std::path::PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    path.into()
}

/// Returns the URI of an immutable database.
fn immutable_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    // A drive is part of the path of a URI.
    if cfg!(windows) {
        uri.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                uri.push(char::from(*byte));
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::domain::{ListedThread, Timestamp};
    use crate::library::{Account, BodyFacts, FetchedBody, ThreadSelection};

    fn keep(library: &mut Library, id: &str) {
        let mut body = library.start_body().unwrap();
        body.write(b"{}").unwrap();
        let fetched = FetchedBody {
            body: body.finish().unwrap(),
            facts: BodyFacts::default(),
            fetched_at: Timestamp(1),
        };
        let thread = ListedThread { id: id.to_owned(), ..ListedThread::default() };
        library.keep(&Account::new("sgp", "https://h", Some("a")), &thread, fetched).unwrap();
    }

    /// Returns a library in a folder with a name that a URI must escape.
    fn library() -> (TempDir, Library) {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("50% of ü? #1")).unwrap();
        (folder, library)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn ids(library: &Library) -> Vec<String> {
        let threads = library.threads(&ThreadSelection::default()).unwrap();
        threads.into_iter().map(|thread| thread.listed.id).collect()
    }

    #[test]
    fn a_catalogue_without_a_log_is_read_in_place_and_leaves_no_file() {
        let (_folder, mut library) = library();
        keep(&mut library, "1");
        let folder = library.folder().to_owned();
        drop(library);
        let before = names(&folder);
        let library = Library::open_unwritable(&folder).unwrap();
        assert!(library._private_copy.is_none() && !library.is_writable());
        assert_eq!((ids(&library), names(&folder)), (vec!["1".to_owned()], before));
    }

    #[test]
    fn changes_in_the_log_are_read_from_a_private_copy() {
        let (other, mut library) = library();
        keep(&mut library, "1");
        // These are the files that a crash, or a copy of a library in use, leaves.
        let folder = other.path().join("copy");
        fs::create_dir(&folder).unwrap();
        for name in ["library.db", "library.db-wal"] {
            fs::copy(library.folder().join(name), folder.join(name)).unwrap();
        }
        drop(library);
        let before = names(&folder);
        let library = Library::open_unwritable(&folder).unwrap();
        let copy = library._private_copy.as_ref().unwrap().path().to_owned();
        assert!(cfg!(windows) || names(&copy).is_empty(), "{:?}", names(&copy));
        assert_eq!((ids(&library), names(&folder)), (vec!["1".to_owned()], before));
        drop(library);
        assert!(!copy.exists());
    }

    #[test]
    fn tables_of_an_older_version_are_updated_in_a_private_copy() {
        let (_folder, mut library) = library();
        keep(&mut library, "1");
        let older = "DROP TABLE cache_file; PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE)";
        library.connection.execute_batch(older).unwrap();
        let folder = library.folder().to_owned();
        drop(library);
        let library = Library::open_unwritable(&folder).unwrap();
        assert!(library._private_copy.is_some());
        assert_eq!(ids(&library), ["1"]);
        let version: u32 = Connection::open(folder.join(DATABASE_FILE))
            .unwrap()
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, 3);
    }

    /// As root, folders can be written with any mode.
    #[cfg(unix)]
    #[test]
    fn a_folder_without_write_access_is_read_and_writing_is_an_error() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, mut library) = library();
        keep(&mut library, "1");
        let folder = library.folder().to_owned();
        drop(library);
        let set_mode = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        set_mode(0o500);
        if fs::write(folder.join("probe"), "").is_err() {
            assert_eq!(ids(&Library::open_read_only(&folder).unwrap().unwrap()), ["1"]);
            let error = Library::open(&folder).unwrap_err();
            assert!(matches!(error, LibraryError::ReadOnly(_)), "{error:?}");
        }
        set_mode(0o700);
    }
}
