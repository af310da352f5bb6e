//! The targets of an export: rows and traces in partitions, or a file for each thread with an index.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::SelectedThread;
use super::hashed_file::HashedFile;
use super::part_file::{JsonLinesFile, PartFile};
use super::parts::{FinishedFile, NO_MONTH, Partition, Parts};
use crate::app_loop::save::file_name;
use crate::domain::UserError;
use crate::export::rows::{Row, origin_columns};
use crate::export::{
    self, ExportFormat, ExportedThread, IndexEntry, PartitionedRow, Partitions, Redactor, WriteOptions,
    write_html_index, write_markdown_index,
};
use crate::storage::files::FileError;
use crate::storage::output::{file_error, write_error};

/// A thread to write, and its redactor.
pub(super) struct TargetThread<'a> {
    pub selected: &'a SelectedThread,
    pub document: ExportedThread<'a>,
    pub redactor: Option<&'a mut Redactor>,
    /// Whether a part of the thread could not be read.
    pub is_incomplete: bool,
}

impl TargetThread<'_> {
    fn write(mut self, writer: &mut dyn export::Writer, out: &mut dyn Write) -> Result<(), UserError> {
        let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: self.redactor.as_deref_mut() };
        export::write_thread(&self.document, writer, out, &mut options).map_err(|error| write_error(&error))
    }

    fn service(&self) -> &'static str {
        self.document.provider.id()
    }

    /// Returns the month of the thread, else that of its first message with a time: `2026-09`.
    fn month(&self) -> Option<String> {
        let first = || self.document.summaries.iter().find_map(|summary| summary.time);
        export::month(self.document.thread.created_at.or_else(first)?)
    }
}

/// A target of an export.
///
/// # Errors
/// Every method returns an error if the disk is full or fails.
pub(super) trait Target: Send {
    fn write(&mut self, thread: TargetThread<'_>) -> Result<(), UserError>;

    /// Completes the files.
    fn finish(self: Box<Self>) -> Result<Vec<FinishedFile>, UserError>;
}

/// Rows of every kind, with the account and the revision of their thread.
pub(super) struct RowTarget<F: PartFile>(Parts<F>);

impl<F: PartFile> RowTarget<F> {
    pub(super) fn new(folder: &Path) -> Self {
        Self(Parts::new(folder))
    }
}

impl<F: PartFile<Record = Row>> Target for RowTarget<F> {
    fn write(&mut self, thread: TargetThread<'_>) -> Result<(), UserError> {
        let (kept, revision) = (&thread.selected.kept, &thread.selected.revision);
        let owner = kept.account.id.as_deref().unwrap_or(&kept.account.base);
        let origin = origin_columns(owner, revision.fetched_at, revision.number);
        let (service, created_at) = (thread.service(), thread.document.thread.created_at);
        let mut put = |PartitionedRow { folder, month, mut row }| {
            row.extend(origin.clone());
            self.0.write(&Partition::new(folder, service, month), &row).map_err(io::Error::other)
        };
        thread.write(&mut Partitions::new(created_at, &mut put), &mut io::sink())
    }

    fn finish(self: Box<Self>) -> Result<Vec<FinishedFile>, UserError> {
        self.0.finish().map_err(file_error)
    }
}

/// Traces of OpenTelemetry: a thread per line.
pub(super) struct TraceTarget(Parts<JsonLinesFile>);

impl TraceTarget {
    /// The folder of the traces.
    pub(super) const FOLDER: &'static str = "traces";

    pub(super) fn new(folder: &Path) -> Self {
        Self(Parts::new(folder))
    }
}

impl Target for TraceTarget {
    fn write(&mut self, thread: TargetThread<'_>) -> Result<(), UserError> {
        let partition = Partition::new(Self::FOLDER, thread.service(), thread.month());
        let mut json = Vec::new();
        thread.write(ExportFormat::Otlp.writer(None).as_mut(), &mut json)?;
        self.0.write(&partition, &json).map_err(file_error)
    }

    fn finish(self: Box<Self>) -> Result<Vec<FinishedFile>, UserError> {
        self.0.finish().map_err(file_error)
    }
}

/// A file for each thread, and a page that lists them.
pub(super) struct FileTarget {
    folder: PathBuf,
    format: ExportFormat,
    names: HashSet<String>,
    entries: Vec<IndexEntry>,
    finished: Vec<FinishedFile>,
}

impl FileTarget {
    pub(super) fn new(folder: &Path, format: ExportFormat) -> Self {
        Self {
            folder: folder.to_owned(),
            format,
            names: HashSet::new(),
            entries: Vec::new(),
            finished: Vec::new(),
        }
    }

    /// Returns an unused path in the export, which differs from others even without regard to case.
    fn unused_path(&mut self, folder: &str, name: &str) -> String {
        let extension = self.format.extension();
        let stem = name.strip_suffix(extension).unwrap_or(name).trim_end_matches('.');
        let paths = (1_usize..).map(|number| match number {
            1 => format!("{folder}/{stem}.{extension}"),
            _ => format!("{folder}/{stem}-{number}.{extension}"),
        });
        let names = &mut self.names;
        paths.into_iter().find(|path| names.insert(path.to_lowercase())).unwrap_or_default()
    }

    fn write_file(
        &self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), UserError>,
    ) -> Result<(u64, String), UserError> {
        let full_path = self.folder.join(path);
        let parent = full_path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)
            .map_err(FileError::wrap("create the folder", parent))
            .map_err(file_error)?;
        let mut out = io::BufWriter::new(HashedFile::create(&full_path).map_err(file_error)?);
        fill(&mut out)?;
        let file = out.into_inner().map_err(|error| write_error(error.error()))?;
        file.commit().map_err(file_error)
    }

    /// Writes the index, for formats that people read.
    fn write_index(&mut self) -> Result<(), UserError> {
        type WriteIndex = fn(&mut dyn Write, &[IndexEntry]) -> io::Result<()>;
        let write: WriteIndex = match self.format {
            ExportFormat::Html => write_html_index,
            ExportFormat::Markdown => write_markdown_index,
            ExportFormat::Json
            | ExportFormat::Ndjson
            | ExportFormat::Csv
            | ExportFormat::Otlp
            | ExportFormat::Chrome => return Ok(()),
        };
        self.entries.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| a.path.cmp(&b.path)));
        let path = format!("index.{}", self.format.extension());
        let (bytes, sha256) =
            self.write_file(&path, |out| write(out, &self.entries).map_err(|error| write_error(&error)))?;
        let (rows, unpacked_bytes) = (self.entries.len() as u64, bytes);
        let (kind, service, month) = ("index", "", String::new());
        self.finished.push(FinishedFile { path, kind, service, month, rows, bytes, unpacked_bytes, sha256 });
        Ok(())
    }
}

impl Target for FileTarget {
    fn write(&mut self, thread: TargetThread<'_>) -> Result<(), UserError> {
        let service = thread.service();
        let month = thread.month().unwrap_or_else(|| NO_MONTH.to_owned());
        let name = file_name(thread.document.thread, self.format);
        let path = self.unused_path(&format!("{service}/{month}"), &name);
        self.entries.push(IndexEntry {
            path: path.clone(),
            title: thread.document.thread.title.clone().unwrap_or_default(),
            place: thread.selected.place.clone(),
            updated_at: thread.document.thread.updated_at,
            messages: thread.document.summaries.len(),
            is_incomplete: thread.is_incomplete,
        });
        let mut writer = self.format.writer(None);
        let (bytes, sha256) = self.write_file(&path, |out| thread.write(writer.as_mut(), out))?;
        self.finished.push(FinishedFile {
            path,
            kind: "threads",
            service,
            month,
            rows: 1,
            bytes,
            unpacked_bytes: bytes,
            sha256,
        });
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<FinishedFile>, UserError> {
        self.write_index()?;
        Ok(self.finished)
    }
}
