//! Where a thread comes from.

use std::path::PathBuf;

use super::{ThreadRef, Timestamp};

/// Where a thread comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Thread(ThreadRef),
    File(PathBuf),
    /// A body on standard input; it can be read once.
    Stdin,
}

impl Source {
    /// What to type to get it again.
    pub fn to_input(&self) -> String {
        match self {
            Self::Thread(thread) => format!("{}:{}", thread.service, thread.id),
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }
}

/// Where bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The service, by its host.
    Network { host: String },
    /// A file or pipe, with its size where it is known.
    File { size: Option<u64> },
    /// A copy kept from an earlier fetch.
    Cache { fetched_at: Timestamp },
}
