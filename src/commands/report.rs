//! `unspool spans`, `feedback` and `stats`: several threads at once, as rows whose columns are documented and stay.
//! Threads are loaded side by side and reported in the order in which they were named.

mod lists;
mod stats;
mod writer;

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;

use crate::app_loop::effects::Context;
use crate::cli::ReportArgs;
use crate::commands;
use crate::commands::load::{LoadedThread, load};
use crate::commands::output::{Output, OutputTarget, write_error};
use crate::commands::runner::{Verbosity, print_error};
use crate::commands::selection::FailConditions;
use crate::domain::{ExitCode, MessageSummary, Source, UserError};
use crate::export::{self, ExportedThread, WriteOptions};
use crate::filter::Filter;
use crate::net::Client;
use crate::settings;
use lists::{FeedbackList, SpanList};
use stats::StatsReport;
use writer::ReportWriter;

/// Threads that are loaded at the same time.
const MAX_CONCURRENT_LOADS: usize = 4;

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    Spans,
    Feedback,
    Stats,
}

/// Reports; returns the exit code: that of the first thread that could not be had, else 1 for what was to be failed on.
pub fn run(subject: ReportKind, args: ReportArgs, runtime: &Runtime) -> ExitCode {
    super::runner::run_task(runtime, |_| write_report(subject, args))
}

async fn write_report(subject: ReportKind, args: ReportArgs) -> Result<ExitCode, UserError> {
    let filter = Filter::new(args.filter.as_deref().unwrap_or_default())
        .map_err(|error| UserError::new(error.to_string(), "", ExitCode::Usage))?;
    let sources = parse_sources(&args)?;
    let world = settings::load_context(&args.service)?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut run = ReportJob {
        args: &args,
        thread_count: sources.len(),
        filter,
        writer: ReportWriter::new(args.format, Output::open(OutputTarget::Stdout)?),
        stats: StatsReport::new(sources.len()),
        fail_conditions: FailConditions::default(),
    };
    let mut code = ExitCode::Success;
    let mut loading =
        stream::iter(sources).map(|named| load_one(named, &world, &client)).buffered(MAX_CONCURRENT_LOADS);
    while let Some((name, loaded)) = loading.next().await {
        let ended =
            loaded.and_then(|loaded| run.add_thread(subject, (&name, &loaded)).map(|()| loaded.exit_code));
        let ended = match ended {
            Ok(ended) => ended,
            // The reader is gone: the remaining threads are not needed.
            Err(error) if error.message.is_empty() => return Ok(ExitCode::Success),
            Err(error) => print_error(&error, Some(&name)),
        };
        code = if code == ExitCode::Success { ended } else { code };
    }
    run.finish(subject)?;
    Ok(if code == ExitCode::Success { run.fail_conditions.exit_code(&args.check.fail_on) } else { code })
}

async fn load_one(
    (name, source): (String, Source),
    world: &Context,
    client: &Arc<Client>,
) -> (String, Result<LoadedThread, UserError>) {
    let loaded = load(source, world, client, &mut |_| {}).await;
    (name, loaded)
}

/// The threads that were named, with their names.
fn parse_sources(args: &ReportArgs) -> Result<Vec<(String, Source)>, UserError> {
    let mut names = args.threads.clone();
    if let Some(from) = &args.from {
        let lines = read_thread_list(from)?;
        names.extend(
            lines
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .map(str::to_owned),
        );
    }
    if names.is_empty() {
        return Err(UserError::new("no thread was named", "Name some, or a file of them with --from.", ExitCode::Usage));
    }
    let from_stdin = args.from.as_deref() == Some(Path::new("-"));
    if names.iter().filter(|name| *name == "-").count() + usize::from(from_stdin) > 1 {
        return Err(UserError::new("standard input can be read only once", "Save it to a file first.", ExitCode::Usage));
    }
    let named = |name: String| {
        let source = commands::parse_source_arg(&name, &args.service)
            .map_err(|reason| UserError::new(format!("{name}: {reason}"), "", ExitCode::Usage))?;
        Ok((name, source))
    };
    names.into_iter().map(named).collect()
}

fn read_thread_list(path: &Path) -> Result<String, UserError> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => {
            UserError::new(format!("{} is not UTF-8", path.display()), "Write a thread a line, in UTF-8.", ExitCode::Usage)
        }
        _ => UserError::new(format!("{}: {error}", path.display()), "Check the path.", ExitCode::Usage),
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A report in the making.
struct ReportJob<'a> {
    args: &'a ReportArgs,
    /// How many threads there are.
    thread_count: usize,
    filter: Filter,
    writer: ReportWriter,
    stats: StatsReport,
    fail_conditions: FailConditions,
}

impl ReportJob<'_> {
    fn add_thread(
        &mut self,
        subject: ReportKind,
        (name, loaded): (&str, &LoadedThread),
    ) -> Result<(), UserError> {
        let about = Some(name).filter(|_| self.thread_count > 1);
        loaded.print_warnings(Verbosity::from_flag(self.args.check.quiet), about);
        let provider = loaded.provider()?;
        let filter = &self.filter;
        let document = ExportedThread {
            provider,
            thread: &loaded.thread,
            summaries: &loaded.summaries,
            filter: &|head: &MessageSummary| filter.is_empty() || filter.matches(head, provider),
            warnings: &[],
        };
        let mut course = WriteOptions { on_progress: &mut |_| {}, redactor: None };
        let (sheet, found) = (&mut self.writer, &mut self.fail_conditions);
        let written = match subject {
            ReportKind::Spans => export::write_thread(
                &document,
                &mut SpanList { writer: sheet, fail_conditions: found },
                &mut io::sink(),
                &mut course,
            ),
            ReportKind::Feedback => export::write_thread(
                &document,
                &mut FeedbackList { writer: sheet, fail_conditions: found },
                &mut io::sink(),
                &mut course,
            ),
            ReportKind::Stats => {
                let mut tally = self.stats.collector(found);
                let counted = export::write_thread(&document, &mut tally, &mut io::sink(), &mut course);
                let tally = tally.finish();
                counted.and_then(|()| self.stats.write_thread(&document, tally, sheet))
            }
        };
        written.map_err(|error| write_error(&error))
    }

    fn finish(&mut self, subject: ReportKind) -> Result<(), UserError> {
        let all =
            if subject == ReportKind::Stats { self.stats.write_total(&mut self.writer) } else { Ok(()) };
        all.and_then(|()| self.writer.finish()).map_err(|error| write_error(&error))
    }
}
