//! Errors of the library.

use std::path::PathBuf;

use crate::domain::{ExitCode, UserError};
use crate::storage::files::FileError;
use crate::storage::output::file_error;

/// The error of a library that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error("{0}")]
    File(#[from] FileError),
    #[error("the library's catalogue: {0}")]
    Catalogue(#[from] rusqlite::Error),
    #[error("the library is of a newer version of unspool (format {0})")]
    Newer(u32),
    /// The library can be read, but not written.
    #[error("the library in {} cannot be written", .0.display())]
    ReadOnly(PathBuf),
    /// An error of a library on a server.
    #[error("{}", .0.message)]
    Remote(Box<UserError>),
    #[error("another process writes to {0}")]
    Locked(&'static str),
    #[error("{path}: {reason}")]
    Damaged { path: String, reason: String },
}

impl From<LibraryError> for UserError {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::File(error) => file_error(error),
            LibraryError::Remote(error) => *error,
            LibraryError::Catalogue(inner) => {
                let hint = match inner.sqlite_error_code() {
                    Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                        "Another process writes to it; try again."
                    }
                    Some(rusqlite::ErrorCode::DiskFull) => "Free some disk space.",
                    Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => {
                        "Check the owner and mode of the library's folder."
                    }
                    _ => "Run unspool library rebuild to recreate the catalogue from the files.",
                };
                Self::new(format!("the library's catalogue: {inner}"), hint, ExitCode::Failure)
            }
            LibraryError::Newer(_) => {
                Self::new(error.to_string(), "Update unspool, or set another folder.", ExitCode::Usage)
            }
            LibraryError::ReadOnly(_) => {
                let hint = "It can be read, searched and exported; to change it, make its folder writable, or copy it \
                    to another disk.";
                Self::new(error.to_string(), hint, ExitCode::Failure)
            }
            LibraryError::Locked(_) => Self::new(error.to_string(), "Try again.", ExitCode::Failure),
            LibraryError::Damaged { .. } => Self::new(
                error.to_string(),
                "Run unspool library check; archive the thread again if its body is damaged.",
                ExitCode::NotUnderstood,
            ),
        }
    }
}
