//! The log of an archive run: one line of JSON per thread, flushed before the thread is done. The catalogue can be
//! recreated from these lines and the bodies.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Account, Library, LibraryError, Revision};
use crate::domain::{ListedThread, Timestamp};
use crate::platform;
use crate::storage::files::FileError;

/// The outcome of a thread in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveOutcome {
    /// Its first body is kept.
    Saved,
    /// A further body is kept.
    Changed,
    /// Fetched, and equal to the kept body.
    Unchanged,
    /// Not fetched: the list shows no change, and the last check is recent.
    Skipped,
    /// The fetched body is worse than the kept one, which stays.
    Worse,
    /// The service refused it.
    Refused,
    /// The service no longer has it.
    Gone,
    /// It could not be fetched whole.
    Failed,
    /// The user made the library forget it.
    Forgotten,
}

impl ArchiveOutcome {
    /// All outcomes, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Saved,
        Self::Changed,
        Self::Unchanged,
        Self::Skipped,
        Self::Worse,
        Self::Refused,
        Self::Gone,
        Self::Failed,
        Self::Forgotten,
    ];

    /// Returns the word for reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Worse => "worse",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Failed => "failed",
            Self::Forgotten => "forgotten",
        }
    }
}

/// A thread's line in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    pub thread: ListedThread,
    /// Whether the thread comes from a list.
    pub is_listed: bool,
    pub outcome: ArchiveOutcome,
    pub at: Timestamp,
    /// Why, if it is not saved.
    pub reason: Option<String>,
    /// Requests sent.
    pub requests: u32,
    /// The kept body, if this run kept or compared one.
    pub revision: Option<Revision>,
}

/// An earlier run that did not reach its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfinishedRun {
    pub started_at: Timestamp,
}

/// The log of a run in progress.
#[derive(Debug)]
pub struct RunLog {
    file: File,
    path: PathBuf,
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    Started {
        at: String,
        service: String,
        base: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
    Thread(Box<ThreadLine>),
    Ended {
        at: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ThreadLine {
    id: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_listed: bool,
    outcome: Option<ArchiveOutcome>,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    requests: u32,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<BodyLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct BodyLine {
    revision: u32,
    path: String,
    sha256: String,
    bytes: u64,
    packed_bytes: u64,
    fetched_at: String,
    messages: u64,
    unreadable: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    has_spans: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listed_updated_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listed_message_count: Option<u64>,
}

/// Formats a time as RFC 3339 in UTC, or as a number of microseconds outside the calendar.
pub fn format_time(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

pub(super) fn parse_time(text: &str) -> Timestamp {
    // A number of any size is in microseconds.
    text.parse().map(Timestamp).ok().or_else(|| Timestamp::parse(text)).unwrap_or_default()
}

impl From<&RunRecord> for ThreadLine {
    fn from(record: &RunRecord) -> Self {
        let RunRecord { thread, is_listed, outcome, at, reason, requests, revision } = record.clone();
        Self {
            id: thread.id,
            is_listed,
            outcome: Some(outcome),
            at: format_time(at),
            reason,
            requests,
            title: thread.title,
            application_id: thread.application_id,
            variant_id: thread.variant_id,
            user: thread.user,
            origin: thread.origin,
            model: thread.model,
            created_at: thread.created_at.map(format_time),
            updated_at: thread.updated_at.map(format_time),
            archived_at: thread.archived_at.map(format_time),
            message_count: thread.message_count,
            body: revision.map(|revision| BodyLine {
                revision: revision.number,
                path: revision.path,
                sha256: revision.sha256,
                bytes: revision.size,
                packed_bytes: revision.packed_size,
                fetched_at: format_time(revision.fetched_at),
                messages: revision.message_count,
                unreadable: revision.unreadable_count,
                has_spans: revision.has_spans,
                listed_updated_at: revision.listed_updated_at.map(format_time),
                listed_message_count: revision.listed_message_count,
            }),
        }
    }
}

impl ThreadLine {
    /// Converts to a record; `None` without an outcome.
    pub(super) fn record(self) -> Option<RunRecord> {
        let parse = |time: Option<String>| time.as_deref().map(parse_time);
        Some(RunRecord {
            is_listed: self.is_listed,
            outcome: self.outcome?,
            at: parse_time(&self.at),
            reason: self.reason,
            requests: self.requests,
            revision: self.body.map(|body| Revision {
                number: body.revision,
                path: body.path,
                sha256: body.sha256,
                size: body.bytes,
                packed_size: body.packed_bytes,
                fetched_at: parse_time(&body.fetched_at),
                message_count: body.messages,
                unreadable_count: body.unreadable,
                has_spans: body.has_spans,
                listed_updated_at: parse(body.listed_updated_at),
                listed_message_count: body.listed_message_count,
            }),
            thread: ListedThread {
                id: self.id,
                title: self.title,
                application_id: self.application_id,
                variant_id: self.variant_id,
                user: self.user,
                origin: self.origin,
                model: self.model,
                created_at: parse(self.created_at),
                updated_at: parse(self.updated_at),
                archived_at: parse(self.archived_at),
                message_count: self.message_count,
            },
        })
    }

    /// Returns the id of the thread.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl RunLog {
    /// Starts the log of a run.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn start(library: &Library, account: &Account, at: Timestamp) -> Result<Self, LibraryError> {
        let folder = library.folder.join("runs");
        let time: String = format_time(at).chars().filter(char::is_ascii_alphanumeric).collect();
        let stem = format!("{time}-{}-{}", account.service, account.folder());
        let names = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}-{number}")));
        for name in names.take(100) {
            let path = folder.join(format!("{name}.ndjson"));
            let mut options = OpenOptions::new();
            platform::set_owner_only(options.append(true).create_new(true));
            match platform::open_no_follow(&mut options, &path) {
                Ok(file) => {
                    let mut log = Self { file, path };
                    log.write(&Line::Started {
                        at: format_time(at),
                        service: account.service.clone(),
                        base: account.base.clone(),
                        account: account.id.clone(),
                    })?;
                    return Ok(log);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(FileError::wrap("create", &path)(error).into()),
            }
        }
        let exists = io::Error::from(io::ErrorKind::AlreadyExists);
        Err(FileError::wrap("create", &folder)(exists).into())
    }

    /// Writes a thread's line and flushes it: the thread is done.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn record(&mut self, record: &RunRecord) -> Result<(), LibraryError> {
        self.write(&Line::Thread(Box::new(record.into())))
    }

    /// Ends the log, so that the next run does not continue this one.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn end(mut self, at: Timestamp) -> Result<(), LibraryError> {
        self.write(&Line::Ended { at: format_time(at) })
    }

    fn write(&mut self, line: &Line) -> Result<(), LibraryError> {
        let mut write = || {
            let mut text = serde_json::to_vec(line)?;
            text.push(b'\n');
            self.file.write_all(&text)?;
            self.file.sync_data()
        };
        Ok(write().map_err(FileError::wrap("write", &self.path))?)
    }
}

/// Returns the logs of all runs, the oldest first.
pub(super) fn run_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("runs")) else { return Vec::new() };
    let is_log = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ndjson");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_log).collect();
    files.sort();
    files
}

/// Returns whether there was any run.
pub(super) fn has_runs(folder: &Path) -> bool {
    !run_files(folder).is_empty()
}

/// Reads the lines of a log. Broken lines, such as a last one that a crash cut off, are omitted.
pub(super) fn read_lines(path: &Path) -> Result<impl Iterator<Item = Line> + use<>, LibraryError> {
    let file = File::open(path).map_err(FileError::wrap("read", path))?;
    let lines = BufReader::new(file).split(b'\n').map_while(Result::ok);
    Ok(lines.filter_map(|line| serde_json::from_slice(&line).ok()))
}

impl Library {
    /// Returns the first of the consecutive unfinished runs at the end of an account's logs, if there are any.
    pub fn unfinished_run(&self, account: &Account) -> Option<UnfinishedRun> {
        let marker = format!("-{}-{}", account.service, account.folder());
        let is_of_account = |path: &&PathBuf| {
            path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| {
                stem.split_once(&marker).is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with('-'))
            })
        };
        let files = run_files(&self.folder);
        let unfinished = files.iter().rev().filter(is_of_account).take_while(|path| !has_end(path));
        let first = unfinished.last()?;
        let started = read_lines(first).ok()?.find_map(|line| match line {
            Line::Started { at, .. } => Some(parse_time(&at)),
            Line::Thread(_) | Line::Ended { .. } => None,
        });
        started.map(|started_at| UnfinishedRun { started_at })
    }
}

/// Returns whether the last line of a log marks its end. Reads only the tail, because a log has a line per thread.
fn has_end(path: &Path) -> bool {
    const TAIL_BYTES: u64 = 512;
    let read_tail = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok(tail)
    };
    let tail = read_tail().unwrap_or_default();
    let last = tail.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(serde_json::from_slice(last), Ok(Line::Ended { .. }))
}
