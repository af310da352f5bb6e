//! Earlier archive runs, read from their logs.

use super::run_log::{Line, parse_time, read_lines, run_files};
use super::{Account, Library, LibraryError, RunRecord};
use crate::domain::Timestamp;

/// A run, read from its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The name of its log, without the extension: it begins with the time.
    pub name: String,
    pub account: Account,
    pub started_at: Timestamp,
    /// `None` if the run did not reach its end.
    pub ended_at: Option<Timestamp>,
    /// Its threads, in the order in which they were done.
    pub records: Vec<RunRecord>,
}

impl Library {
    /// Returns the names of all runs, the oldest first.
    pub fn run_names(&self) -> Vec<String> {
        let files = run_files(&self.folder);
        files.iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
    }

    /// Reads the log of a run; `None` if the file is not such a log.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn run(&self, name: &str) -> Result<Option<Run>, LibraryError> {
        let files = run_files(&self.folder);
        let is_named = |path: &&std::path::PathBuf| path.file_stem().is_some_and(|stem| stem == name);
        let Some(path) = files.iter().find(is_named) else { return Ok(None) };
        let (mut run, mut records, mut ended_at) = (None, Vec::new(), None);
        for line in read_lines(path)? {
            match line {
                Line::Started { at, service, base, account } => {
                    run = Some((Account { service, base, id: account }, parse_time(&at)));
                }
                Line::Thread(thread) => records.extend(thread.record()),
                Line::Ended { at } => ended_at = Some(parse_time(&at)),
            }
        }
        Ok(run.map(|(account, started_at)| Run {
            name: name.to_owned(),
            account,
            started_at,
            ended_at,
            records,
        }))
    }
}
