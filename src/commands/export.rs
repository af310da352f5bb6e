//! `unspool export`: a thread, or some of its messages, in a format for somebody else.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use tokio::runtime::Runtime;

use crate::app_loop::effects::Redaction;
use crate::cli::{ExportArgs, ExportFormat};
use crate::commands;
use crate::commands::load::{LoadedThread, load};
use crate::commands::output::{Output, OutputTarget, OverwritePolicy, TempFileGuard, write_error};
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::selection::{self, FailConditions, MessageSelection};
use crate::domain::{ExitCode, MessageSummary, Thread, UserError};
use crate::effect::ExportRequest;
use crate::export::{self, ExportedThread, PatternError, Redactor, WriteOptions};
use crate::net::Client;
use crate::provider;
use crate::settings;
use crate::text::Safe;
use crate::view::Clip;

/// How long a file's name may become, in bytes, without what it ends with.
const MAX_NAME_BYTES: usize = 80;

/// Writes the thread; returns the exit code.
pub fn run(args: ExportArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |leftover| export_thread(args, leftover))
}

async fn export_thread(args: ExportArgs, leftover: TempFileGuard) -> Result<ExitCode, UserError> {
    let format = args.chosen_format().ok_or_else(missing_format_error)?;
    let wanted = MessageSelection::from_args(&args.selection)?;
    let source = commands::parse_source_arg(&args.thread, &args.service)
        .map_err(|reason| UserError::new(reason, "", ExitCode::Usage))?;
    let chatter = Verbosity::from_flag(args.check.quiet);
    let target = OutputTarget::from_args(&args.output);
    target.ensure_writable()?;
    let world = settings::load_context(&args.service)?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    let loaded = load(source, &world, &client, &mut |news| progress.on_fetch_update(news)).await?;
    progress.clear();
    loaded.print_warnings(chatter, None);
    wanted.check_ids(&loaded.summaries)?;
    let mut redactor = selection::redactor(&args.selection, &world.redaction)?;
    write_document(format, (&loaded, &wanted, target), redactor.as_mut(), (&mut progress, &leftover))?;
    progress.clear();
    if let Some(redactor) = &redactor {
        chatter.print_notice(&selection::redaction_summary(redactor));
    }
    Ok(FailConditions::check_thread(&loaded, &wanted, &args.check.fail_on))
}

fn missing_format_error() -> UserError {
    let names = ExportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
    let advice = format!("Add --format with one of {}; or write to a file: -o thread.md.", names.join(", "));
    UserError::new("the format of the export is not said", &advice, ExitCode::Usage)
}

fn write_document(
    format: ExportFormat,
    (loaded, wanted, target): (&LoadedThread, &MessageSelection, OutputTarget),
    mut redactor: Option<&mut Redactor>,
    (progress, leftover): (&mut Progress, &TempFileGuard),
) -> Result<(), UserError> {
    let provider = loaded.provider()?;
    let masked =
        redactor.as_deref_mut().map(|redactor| export::redact_thread(provider, &loaded.thread, redactor));
    let thread = masked.as_ref().unwrap_or(&loaded.thread);
    let document = ExportedThread {
        provider,
        thread,
        summaries: &loaded.summaries,
        filter: &|head: &MessageSummary| wanted.matches(head, provider),
        warnings: &loaded.body_summary.warnings,
    };
    let all = loaded.summaries.len();
    let mut output = Output::open(target.resolve_in_folder(&file_name(thread, format)))?.guarded_by(leftover);
    let mut course = WriteOptions { on_progress: &mut |done| progress.show_count(done, all), redactor };
    export::write_thread(&document, format.writer().as_mut(), &mut output, &mut course)
        .map_err(|error| write_error(&error))?;
    output.finish()
}

/// A name for the file: a slug of the title, else of the id.
pub fn file_name(thread: &Thread, format: ExportFormat) -> String {
    let title = thread.title.as_deref().filter(|title| !title.trim().is_empty());
    let name = title.or(thread.id.as_deref()).unwrap_or_default();
    format!("{}.{}", Safe::file_slug(name, MAX_NAME_BYTES), format.extension())
}

/// Files of one name that are tried before giving up.
const MAX_NUMBERED_NAMES: usize = 100;

/// Writes what the browser wants to a new file in the working folder; returns what to say, and whether it is a warning.
pub fn export_to_file(wish: ExportRequest, redaction: &Redaction) -> (String, bool) {
    match write_export(&wish, redaction) {
        Ok(text) => (text, false),
        Err(failure) => (format!("not exported: {} {}", failure.message, failure.hint), true),
    }
}

fn write_export(wish: &ExportRequest, redaction: &Redaction) -> Result<String, UserError> {
    let provider =
        provider::by_id(wish.service).ok_or_else(|| UserError::new("the service is unknown", "", ExitCode::Usage))?;
    let is_wanted = wish.redact || redaction.always;
    let unread = |error: PatternError| UserError::new(error.to_string(), "", ExitCode::Usage);
    let redactor = is_wanted.then(|| Redactor::new(&redaction.patterns)).transpose();
    let mut redactor = redactor.map_err(unread)?;
    let masked = redactor.as_mut().map(|redactor| export::redact_thread(provider, &wish.thread, redactor));
    let thread = masked.as_ref().unwrap_or(&wish.thread);
    let indices: Option<Vec<u32>> = wish.message_indices.as_ref().map(|places| {
        let heads = places.iter().filter_map(|place| wish.summaries.get(*place as usize));
        let mut indices: Vec<u32> = heads.map(|head| head.index).collect();
        indices.sort_unstable();
        indices
    });
    let keep = |head: &MessageSummary| {
        indices.as_ref().is_none_or(|wanted| wanted.binary_search(&head.index).is_ok())
    };
    let document = ExportedThread {
        provider,
        thread,
        summaries: &wish.summaries,
        filter: &keep,
        warnings: &wish.warnings,
    };
    let path = unused_path(&file_name(thread, wish.format))?;
    let mut output = Output::open(OutputTarget::new(Some(&path), OverwritePolicy::Keep))?;
    let mut course = WriteOptions { on_progress: &mut |_| {}, redactor: redactor.as_mut() };
    export::write_thread(&document, wish.format.writer().as_mut(), &mut output, &mut course)
        .map_err(|error| write_error(&error))?;
    output.finish()?;
    let mask =
        redactor.map(|redactor| format!("; {}", selection::redaction_summary(&redactor))).unwrap_or_default();
    Ok(format!("written to {}{mask}", describe_path(&path)))
}

/// Writes a text to a new file in the working folder; returns what to say, and whether it is a warning.
pub fn save_clip(taken: &Clip) -> (String, bool) {
    match write_clip(taken) {
        Ok(path) => (format!("{} written to {}", taken.label, describe_path(&path)), false),
        Err(failure) => (format!("not written: {} {}", failure.message, failure.hint), true),
    }
}

fn write_clip(taken: &Clip) -> Result<PathBuf, UserError> {
    let path = unused_path(&clip_file_name(taken))?;
    let mut output = Output::open(OutputTarget::new(Some(&path), OverwritePolicy::Keep))?;
    output.write_all(taken.text.as_bytes()).map_err(|error| write_error(&error))?;
    output.finish()?;
    Ok(path)
}

fn clip_file_name(taken: &Clip) -> String {
    let ending = match taken.label {
        "JSON" | "span" => "json",
        "Markdown" => "md",
        _ => "txt",
    };
    format!("unspool-{}.{ending}", Safe::file_slug(taken.label, MAX_NAME_BYTES))
}

/// A file of the working folder, and which folder that is.
fn describe_path(path: &Path) -> String {
    match std::env::current_dir() {
        Ok(folder) => format!("{} in {}", path.display(), folder.display()),
        Err(_) => path.display().to_string(),
    }
}

/// A name that no file has yet, nor a link that leads nowhere: nothing is overwritten.
fn unused_path(name: &str) -> Result<PathBuf, UserError> {
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let names = (1..MAX_NUMBERED_NAMES).map(|number| match number {
        1 => name.to_owned(),
        _ => format!("{stem}-{number}.{ending}"),
    });
    let free = names.map(PathBuf::from).find(|path| path.symlink_metadata().is_err());
    free.ok_or_else(|| UserError::new(format!("{name} and its relatives are there already"), "Remove some.", ExitCode::Failure))
}
