//! `unspool library`: describes, checks and cleans up the library.

mod export;
mod notes;
mod push;
mod push_traces;
mod remove;
mod unforget;

use serde_json::json;
use tokio::runtime::Runtime;

use crate::app_loop::kept_library;
use crate::cli::{
    LibraryArgs, LibraryCommand, LibraryStatsArgs, NotesArgs, ServiceArgs, SummaryFormat, VerifyArgs,
};
use crate::commands::maintenance::{format_columns, no_home_error, print};
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::domain::{ExitCode, UserError};
use crate::library::{CheckDepth, Library, LibraryError, LibraryLocation, LibraryReader, LibraryStats};
use crate::platform::now;
use crate::settings::Settings;
use crate::text::{Safe, number};

/// Runs the command; returns the exit code.
pub fn run(args: &LibraryArgs, runtime: &Runtime) -> ExitCode {
    let result = match &args.command {
        Some(LibraryCommand::Export(export)) => return export::run(args.demo, export.clone(), runtime),
        Some(LibraryCommand::Push(push)) => {
            return match push.endpoint.otlp {
                Some(_) => push_traces::run(args.demo, push.clone(), runtime),
                None => push::run(args.demo, push.clone(), runtime),
            };
        }
        None => stats((args.demo, args.stats.profile.as_deref()), args.stats.format.format),
        Some(LibraryCommand::Stats(LibraryStatsArgs { format, profile })) => {
            stats((args.demo, profile.as_deref()), format.format)
        }
        Some(LibraryCommand::Check(verify)) => check(args.demo, *verify),
        Some(LibraryCommand::Prune { revisions, older_than, confirm }) => {
            remove::prune(args.demo, *revisions, *older_than, *confirm)
        }
        Some(LibraryCommand::Forget { threads, user, confirm }) => {
            remove::forget(args.demo, threads, user.as_deref(), *confirm)
        }
        Some(LibraryCommand::Unforget { threads }) => unforget::run(args.demo, threads),
        Some(LibraryCommand::Notes(NotesArgs { format })) => notes::list(args.demo, *format),
        Some(LibraryCommand::Rebuild) => open(args.demo).and_then(|mut library| {
            let report = library.rebuild()?;
            let (threads, revisions) = (report.threads, number::pluralize(report.revisions, "revision"));
            let mut text = format!("{}, {revisions}\n", number::pluralize(threads, "thread"));
            if report.read > 0 {
                let read = number::pluralize(report.read, "read thread");
                text.push_str(&format!("{read} from cached copies\n"));
            }
            if report.unknown_bodies > 0 {
                let bodies = number::pluralize(report.unknown_bodies, "body file");
                text.push_str(&format!("{bodies} in no log; archive their threads again\n"));
            }
            Ok(print(&text))
        }),
        Some(LibraryCommand::Path) => location(args.demo)
            .map(|location| print(&format!("{}\n", Safe::line(&location.folder.display().to_string())))),
    };
    result.unwrap_or_else(|error| runner::print_error(&error, None))
}

/// Prints the numbers of the library; returns the exit code.
pub(super) fn print_stats(is_demo: bool, format: SummaryFormat) -> ExitCode {
    stats((is_demo, None), format).unwrap_or_else(|error| runner::print_error(&error, None))
}

/// Checks the library and prints the findings; returns the exit code.
pub(super) fn print_check(is_demo: bool, args: VerifyArgs) -> ExitCode {
    check(is_demo, args).unwrap_or_else(|error| runner::print_error(&error, None))
}

pub(super) fn location(is_demo: bool) -> Result<LibraryLocation, UserError> {
    let location = Settings::load().require_valid()?.library().ok_or_else(no_home_error)?;
    Ok(if is_demo { location.of_demo() } else { location })
}

pub(super) fn open(is_demo: bool) -> Result<Library, UserError> {
    let location = location(is_demo)?;
    location.open_existing()?.ok_or_else(|| empty_error(is_demo))
}

fn empty_error(is_demo: bool) -> UserError {
    let hint =
        if is_demo { "Run unspool archive --demo to fill it." } else { "Run unspool archive to fill it." };
    UserError::new("the library is empty", hint, ExitCode::NotFound)
}

/// Opens the library for reading. A writable library is prepared first.
pub(super) fn open_to_read(
    is_demo: bool,
    prepare: impl FnOnce(&mut Library) -> Result<(), UserError>,
) -> Result<Library, UserError> {
    let location = location(is_demo)?;
    match location.open_existing() {
        Err(LibraryError::ReadOnly(_)) => location.open_read_only()?.ok_or_else(|| empty_error(is_demo)),
        opened => {
            let mut library = opened?.ok_or_else(|| empty_error(is_demo))?;
            prepare(&mut library)?;
            Ok(library)
        }
    }
}

/// Opens the library for reading: the server, or the folder of this machine after `prepare`.
pub(super) fn open_reader(
    (is_demo, profile): (bool, Option<&str>),
    prepare: fn(&mut Library) -> Result<(), UserError>,
) -> Result<Box<dyn LibraryReader>, UserError> {
    let args = ServiceArgs { profile: profile.map(str::to_owned), ..ServiceArgs::default() };
    let settings = Settings::load().require_valid()?;
    if !is_demo
        && let Some(location) = kept_library::locate(&settings, &args)?
        && location.is_remote()
        && let Some(reader) = location.open_reader()?
    {
        return Ok(reader);
    }
    Ok(Box::new(open_to_read(is_demo, prepare)?))
}

fn stats(choice: (bool, Option<&str>), format: SummaryFormat) -> Result<ExitCode, UserError> {
    let stats = open_reader(choice, |library| Ok(library.register_copies()?))?.stats()?;
    Ok(print(&match format {
        SummaryFormat::Text => stats_text(&stats),
        SummaryFormat::Json => stats_json(&stats),
    }))
}

fn stats_text(stats: &LibraryStats) -> String {
    let packed = format!("{}, packed {}", number::bytes(stats.bytes), number::bytes(stats.packed_bytes));
    let checked = stats.oldest_check.map_or_else(|| "never".to_owned(), |at| number::age(at, now()));
    let rows = [
        ["known threads".to_owned(), number::count(stats.threads)],
        ["kept threads".to_owned(), number::count(stats.saved)],
        ["read threads".to_owned(), format_read(stats)],
        ["gone from the service".to_owned(), number::count(stats.gone)],
        ["revisions".to_owned(), number::count(stats.revisions)],
        ["messages".to_owned(), number::count(stats.messages)],
        ["unreadable messages".to_owned(), number::count(stats.unreadable)],
        ["size".to_owned(), packed],
        ["oldest check".to_owned(), checked],
    ];
    format_columns(&rows)
}

/// Formats `12, 3.1 MB, packed 0.8 MB; these may age out`.
fn format_read(stats: &LibraryStats) -> String {
    let count = number::count(stats.read);
    if stats.read == 0 {
        return count;
    }
    let (size, packed) = (number::bytes(stats.read_bytes), number::bytes(stats.read_packed_bytes));
    format!("{count}, {size}, packed {packed}; these may age out")
}

pub(super) fn format_cached(count: usize) -> String {
    if count == 1 { "1 cached copy".to_owned() } else { format!("{count} cached copies") }
}

fn stats_json(stats: &LibraryStats) -> String {
    let object = json!({
        "threads": stats.threads,
        "kept_threads": stats.saved,
        "read_threads": stats.read,
        "read_bytes": stats.read_bytes,
        "read_packed_bytes": stats.read_packed_bytes,
        "gone_threads": stats.gone,
        "revisions": stats.revisions,
        "messages": stats.messages,
        "unreadable_messages": stats.unreadable,
        "bytes": stats.bytes,
        "packed_bytes": stats.packed_bytes,
    });
    format!("{object}\n")
}

fn check(is_demo: bool, args: VerifyArgs) -> Result<ExitCode, UserError> {
    let library = open_to_read(is_demo, |library| Ok(library.register_copies()?))?;
    let depth = if args.deep { CheckDepth::Content } else { CheckDepth::Presence };
    let mut progress = Progress::new(Verbosity::Normal);
    let report =
        library.check(depth, &mut |done, total| progress.draw(&format!("{done} of {total} bodies")))?;
    progress.clear();
    let mut text = String::new();
    let depth = if args.deep { "intact" } else { "present" };
    text.push_str(&format!("{} {depth}\n", number::pluralize(report.intact, "body file")));
    if report.cached > 0 {
        text.push_str(&format!("{} of read threads {depth}\n", format_cached(report.cached)));
    }
    for (label, paths) in [
        ("damaged", &report.damaged),
        ("missing", &report.missing),
        (if library.is_writable() { "added to the manifest" } else { "not in the manifest" }, &report.added),
        ("damaged cached copy, removed", &report.damaged_copies),
    ] {
        for path in paths {
            text.push_str(&format!("{label}: {}\n", Safe::line(path)));
        }
    }
    let code = print(&text);
    Ok(if report.is_clean() { code } else { ExitCode::Failure })
}
