//! The source of a thread and the origin of its bytes.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

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
    /// Returns the thread of a service; `None` for a file or standard input.
    pub fn thread(&self) -> Option<&ThreadRef> {
        match self {
            Self::Thread(thread) => Some(thread),
            Self::File(_) | Self::Stdin => None,
        }
    }

    /// Returns the input that opens the source again.
    pub fn to_input(&self) -> String {
        match self {
            Self::Thread(thread) => format!("{}:{}", thread.service, thread.id),
            Self::File(path) => file_input(path),
            Self::Stdin => "-".to_owned(),
        }
    }
}

/// Returns the path, or its `file:` address if the path as text would be misread: outside Windows, a backslash or a quote
/// is taken for that of a shell.
fn file_input(path: &Path) -> String {
    let is_plain = |text: &&str| {
        MAIN_SEPARATOR != '/'
            || !path.is_absolute()
            || !(text.contains('\\') || text.chars().any(char::is_control))
    };
    path.to_str().filter(is_plain).map_or_else(|| file_url(path), str::to_owned)
}

/// Returns the `file:` address of a path that is not valid Unicode, which no text could name otherwise.
fn file_url(path: &Path) -> String {
    use std::fmt::Write;
    let mut url = "file://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => url.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => url.push(char::from(*byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
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
