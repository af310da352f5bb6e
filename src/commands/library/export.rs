//! `unspool library export`: exports all kept threads as a data set for DuckDB, ClickHouse, Spark and others, or as pages.
//!
//! ```text
//! DIR/messages/service=sgp/month=2026-09/part-0001.ndjson.zst   a folder per kind of rows; or .parquet
//! DIR/traces/service=sgp/month=2026-09/part-0001.jsonl          OTLP, a thread per line
//! DIR/sgp/2026-09/TITLE-ID.html and DIR/index.html              a file per thread; or Markdown, or JSON
//! DIR/manifests/2026-11-30T11-00-00Z.json                       files with rows, sizes and checksums
//! DIR/_SUCCESS                                                  written last, if nothing is missing
//! ```

mod cleanup;
mod hashed_file;
mod parquet_file;
mod part_file;
mod parts;
mod targets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tokio::runtime::Runtime;

use self::parquet_file::ParquetFile;
use self::part_file::NdjsonFile;
use self::parts::FinishedFile;
use self::targets::{FileTarget, RowTarget, Target, TargetThread, TraceTarget};
use super::open_to_read;
use crate::app_loop::context::Context;
use crate::cli::{LibraryExportArgs, LibraryExportFormat, ServiceArgs};
use crate::commands::load::{LoadedThread, load};
use crate::commands::maintenance::print;
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::selection::{self, parse_thread_filter};
use crate::domain::{ExitCode, Source, ThreadNotes, Timestamp, UserError};
use crate::export::rows::SCHEMA_VERSION;
use crate::export::{self, ExportFormat, ExportedThread, Redactor};
use crate::library::{KeptThread, Revision, ThreadSelection, format_time};
use crate::net::Client;
use crate::platform::now;
use crate::provider;
use crate::storage::files::{FileError, absolute_path, create_private_folder, write_atomic};
use crate::storage::output::file_error;
use crate::text::number;

/// The file that marks the export as complete.
const SUCCESS_FILE: &str = "_SUCCESS";
const MANIFESTS_FOLDER: &str = "manifests";

/// Runs the command; returns the exit code.
pub(super) fn run(is_demo: bool, args: LibraryExportArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, move |_| export_library(is_demo, args))
}

async fn export_library(is_demo: bool, args: LibraryExportArgs) -> Result<ExitCode, UserError> {
    let started_at = now();
    let verbosity = Verbosity::from_flag(args.quiet);
    let mut context = Context::load(&ServiceArgs::default())?;
    // The notes were read for the selection and need not be read again for each body.
    context.library = None;
    let mut redactor = selection::redactor(&args.masking, &context.redaction)?;
    let threads = select(is_demo, args.filter.as_deref())?;
    let folder = absolute_path(&args.dir);
    prepare_folder(&folder, args.force)?;
    let client = Arc::new(Client::new(context.limits.clone()));
    let mut progress = Progress::new(verbosity);
    let mut target = target(&folder, args.format);
    let mut incomplete = Vec::new();
    for (done, thread) in threads.iter().enumerate() {
        progress.draw(&format!("{done} of {}", number::pluralize(threads.len(), "thread")));
        let name = thread.name();
        // The service is known from the library, so that it need not be detected.
        context.provider = provider::by_id(&thread.kept.account.service);
        match load(Source::File(thread.path.clone()), &context, &client, &mut |_| {}).await {
            Ok(loaded) => {
                if loaded.exit_code != ExitCode::Success {
                    progress.clear();
                    loaded.print_warnings(Verbosity::Normal, Some(&name));
                    incomplete.push(name);
                }
                write_thread(thread, &loaded, redactor.as_mut(), target.as_mut())?;
            }
            Err(error) => {
                progress.clear();
                runner::print_error(&error, Some(&name));
                incomplete.push(name);
            }
        }
    }
    let files = target.finish()?;
    progress.clear();
    let manifest = Manifest {
        started_at,
        filter: args.filter.as_deref().unwrap_or_default(),
        is_redacted: redactor.is_some(),
        threads: threads.len(),
        incomplete: &incomplete,
        format: args.format,
        files: &files,
    };
    if let Some(redactor) = &redactor {
        verbosity.print_notice(&redactor.summary());
    }
    complete(&folder, &manifest, args.quiet)
}

/// Writes the manifest, and the mark of completeness if nothing is missing; returns the exit code.
fn complete(folder: &Path, manifest: &Manifest<'_>, is_quiet: bool) -> Result<ExitCode, UserError> {
    manifest.write(folder).map_err(file_error)?;
    let code = if is_quiet { ExitCode::Success } else { print(&manifest.summary()) };
    if manifest.incomplete.is_empty() {
        write_atomic(&folder.join(SUCCESS_FILE), b"").map_err(file_error)?;
        return Ok(code);
    }
    let count = number::pluralize(manifest.incomplete.len(), "thread");
    Verbosity::Normal.print_notice(&format!(
        "{count} could not be read to the end, so there is no {SUCCESS_FILE}; run unspool library check --deep"
    ));
    Ok(ExitCode::Incomplete)
}

fn target(folder: &Path, format: LibraryExportFormat) -> Box<dyn Target> {
    match format {
        LibraryExportFormat::Ndjson => Box::new(RowTarget::<NdjsonFile>::new(folder)),
        LibraryExportFormat::Parquet => Box::new(RowTarget::<ParquetFile>::new(folder)),
        LibraryExportFormat::Otlp => Box::new(TraceTarget::new(folder)),
        LibraryExportFormat::Html => Box::new(FileTarget::new(folder, ExportFormat::Html)),
        LibraryExportFormat::Markdown => Box::new(FileTarget::new(folder, ExportFormat::Markdown)),
        LibraryExportFormat::Json => Box::new(FileTarget::new(folder, ExportFormat::Json)),
    }
}

/// A thread to export.
pub(super) struct SelectedThread {
    pub kept: KeptThread,
    /// The names of its application and variant, or its origin.
    place: String,
    pub revision: Revision,
    pub path: PathBuf,
    notes: ThreadNotes,
}

impl SelectedThread {
    /// Returns the name in messages.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.kept.account.service, self.kept.listed.id)
    }
}

/// Finds the kept threads that match the filter, the oldest first, so that the threads of a month follow each other.
pub(super) fn select(is_demo: bool, filter: Option<&str>) -> Result<Vec<SelectedThread>, UserError> {
    let filter = parse_thread_filter(filter)?;
    let library = open_to_read(is_demo, |_| Ok(()))?;
    let applications = library.applications()?;
    let selection = ThreadSelection { is_saved: true, ..ThreadSelection::default() };
    let kept = library.threads(&selection)?.into_iter();
    let notes = library.notes_by_account()?;
    let kept = kept.filter(|thread| {
        let notes = notes.of(&thread.account);
        filter.matches_noted(&thread.listed, thread.state(), &applications, notes)
    });
    let mut threads: Vec<SelectedThread> = kept
        .filter_map(|mut kept| {
            let revision = kept.revision.take()?;
            let notes = library.thread_notes(&kept.account, &kept.listed.id);
            Some(notes.map(|notes| SelectedThread {
                path: library.body_path(&revision),
                place: applications.place_of(&kept.listed),
                kept,
                revision,
                notes,
            }))
        })
        .collect::<Result<_, _>>()?;
    if threads.is_empty() {
        let hint = "Check the filter; unspool library stats counts the kept threads.";
        return Err(UserError::new("no kept thread matches", hint, ExitCode::NotFound));
    }
    threads.sort_by_cached_key(|thread| {
        let (account, listed) = (&thread.kept.account, &thread.kept.listed);
        (account.service.clone(), listed.created_at, listed.id.clone())
    });
    Ok(threads)
}

/// Creates the folder. An existing folder must be empty, unless `force` removes an earlier export from it.
fn prepare_folder(folder: &Path, force: bool) -> Result<(), UserError> {
    if !folder.exists() {
        return create_private_folder(folder).map_err(file_error);
    }
    if fs::read_dir(folder).map_err(FileError::wrap("read", folder)).map_err(file_error)?.next().is_none() {
        return Ok(());
    }
    if !force {
        let message = format!("{} is not empty", folder.display());
        let hint = "Pass an empty folder, or --force to replace an earlier export in it.";
        return Err(UserError::new(message, hint, ExitCode::Failure));
    }
    cleanup::remove(folder).map_err(file_error)
}

fn write_thread(
    selected: &SelectedThread,
    loaded: &LoadedThread,
    mut redactor: Option<&mut Redactor>,
    target: &mut dyn Target,
) -> Result<(), UserError> {
    let provider = loaded.provider()?;
    let listed = &selected.kept.listed;
    let mut title = listed.title.clone();
    let mut thread = loaded.thread.clone();
    if let Some(redactor) = redactor.as_deref_mut() {
        title = redactor.redact_text(&title).into_owned();
        thread = export::redact_thread(provider, &thread, redactor);
    }
    let masked_notes =
        redactor.as_deref_mut().map(|redactor| export::redact_notes(&selected.notes, redactor));
    // Not every body has the fields of the list.
    thread.id.get_or_insert_with(|| listed.id.clone());
    thread.title = thread.title.or(Some(title).filter(|title| !title.is_empty()));
    thread.created_at = thread.created_at.or(listed.created_at);
    thread.updated_at = thread.updated_at.or(listed.updated_at);
    let document = ExportedThread {
        provider,
        thread: &thread,
        summaries: &loaded.summaries,
        notes: masked_notes.as_ref().unwrap_or(&selected.notes),
        filter: &|_| true,
        warnings: &loaded.body_summary.warnings,
    };
    let is_incomplete = loaded.exit_code != ExitCode::Success;
    target.write(TargetThread { selected, document, redactor, is_incomplete })
}

/// The description of an export.
struct Manifest<'a> {
    started_at: Timestamp,
    filter: &'a str,
    is_redacted: bool,
    threads: usize,
    /// Threads that could not be read to the end.
    incomplete: &'a [String],
    format: LibraryExportFormat,
    files: &'a [FinishedFile],
}

impl Manifest<'_> {
    fn write(&self, folder: &Path) -> Result<(), FileError> {
        let mut rows = BTreeMap::<&str, u64>::new();
        for file in self.files.iter().filter(|file| file.kind != "index") {
            *rows.entry(file.kind).or_default() += file.rows;
        }
        let object = json!({
            "format": self.format.name(),
            "program": concat!("unspool ", env!("CARGO_PKG_VERSION")),
            "schema_version": SCHEMA_VERSION,
            "started_at": format_time(self.started_at),
            "ended_at": format_time(now()),
            "filter": self.filter,
            "redacted": self.is_redacted,
            "threads": self.threads,
            "incomplete_threads": self.incomplete,
            "rows": rows,
            "files": self.files,
        });
        let folder = folder.join(MANIFESTS_FOLDER);
        fs::create_dir_all(&folder).map_err(FileError::wrap("create the folder", &folder))?;
        // Whole seconds, without the colons that Windows refuses.
        let seconds = Timestamp(self.started_at.0.div_euclid(1_000_000) * 1_000_000);
        let name = format!("{}.json", format_time(seconds).replace(':', "-"));
        write_atomic(&folder.join(name), format!("{object:#}\n").as_bytes())
    }

    fn summary(&self) -> String {
        let sum = |count: fn(&FinishedFile) -> u64| self.files.iter().map(count).sum::<u64>();
        let (unpacked, packed) = (sum(|file| file.unpacked_bytes), sum(|file| file.bytes));
        let rows = self.files.iter().filter(|file| file.kind != "index").map(|file| file.rows).sum::<u64>();
        let mut facts = vec![number::pluralize(self.threads, "thread")];
        if self.format.has_rows() {
            facts.push(number::pluralize(usize::try_from(rows).unwrap_or(usize::MAX), "row"));
        }
        facts.push(number::pluralize(self.files.len(), "file"));
        facts.push(number::bytes(unpacked));
        if packed != unpacked {
            facts.push(format!("packed {}", number::bytes(packed)));
        }
        format!("{}\n", facts.join(", "))
    }
}
