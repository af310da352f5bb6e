//! The source of a thread and the origin of its bytes.

use std::path::PathBuf;

use super::{ThreadRef, Timestamp};

/// The source of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Thread(ThreadRef),
    File(PathBuf),
    /// A body on standard input, which can be read only once.
    Stdin,
}

impl Source {
    /// The input that opens it again.
    pub fn to_input(&self) -> String {
        match self {
            Self::Thread(thread) => format!("{}:{}", thread.service, thread.id),
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }
}

/// The origin of a body's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The service's host.
    Network { host: String },
    /// A file or pipe, with its size if known.
    File { size: Option<u64> },
    /// A cached copy of an earlier fetch.
    Cache { fetched_at: Timestamp },
}
