//! `unspool spans`, `feedback` and `stats`: rows of several threads, with documented and stable columns. Threads are
//! loaded concurrently and reported in the order of the arguments.

mod lists;
mod stats;
mod writer;

use std::cell::Cell;
use std::io;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;

use crate::app_loop::context::Context;
use crate::cli::{ReportArgs, ReportSourceArgs, SpansArgs};
use crate::commands::load::{LoadedThread, load};
use crate::commands::runner::{Verbosity, print_error, run_task};
use crate::commands::selection::{
    FailConditions, FilterCounts, SelectedMessages, parse_filter, parse_span_filter,
};
use crate::commands::thread_list::{ThreadArg, parse_threads};
use crate::domain::{ExitCode, MessageSummary, UserError};
use crate::export::{self, ExportedThread, WriteOptions, Writer};
use crate::filter::{Filter, SpanFilter};
use crate::net::Client;
use crate::settings::Settings;
use crate::storage::output::{Output, OutputTarget, write_error};
use lists::{FeedbackList, SpanList};
use stats::{StatsCollector, StatsReport};
use writer::ReportWriter;

/// The number of threads that are loaded at the same time.
const MAX_CONCURRENT_LOADS: usize = 4;

/// The kind of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    Spans,
    Feedback,
    Stats,
}

/// Writes a report about feedback or statistics; returns the exit code: that of the first thread that failed to load,
/// else that of `--fail-on`.
pub fn run(kind: ReportKind, args: ReportArgs, runtime: &Runtime) -> ExitCode {
    run_task(runtime, |_| async move {
        let filter = parse_filter(args.filter.as_deref())?;
        write_report(kind, args.source, filter, parse_span_filter(None)?).await
    })
}

/// Writes a report about spans; returns the exit code as [`run`] does.
pub fn run_spans(args: SpansArgs, runtime: &Runtime) -> ExitCode {
    run_task(runtime, |_| async move {
        let filter = parse_filter(args.message_filter.as_deref())?;
        let span_filter = parse_span_filter(args.filter.as_deref())?;
        write_report(ReportKind::Spans, args.source, filter, span_filter).await
    })
}

async fn write_report(
    kind: ReportKind,
    args: ReportSourceArgs,
    filter: Filter,
    span_filter: SpanFilter,
) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let sources = parse_threads(&args.threads, &args.service, &settings)?;
    let context = Context::new(&settings, &args.service)?;
    let client = Arc::new(Client::new(context.limits.clone()));
    let mut job = ReportJob {
        kind,
        args: &args,
        thread_count: sources.len(),
        filter,
        span_filter,
        counts: FilterCounts::default(),
        writer: ReportWriter::new(args.format, Output::open(OutputTarget::Stdout)?),
        stats: StatsReport::new(sources.len()),
        fail_conditions: FailConditions::default(),
    };
    let (mut code, mut is_any_read) = (ExitCode::Success, false);
    let mut threads =
        stream::iter(sources).map(|source| load_one(source, &client)).buffered(MAX_CONCURRENT_LOADS);
    while let Some((name, loaded)) = threads.next().await {
        let result = loaded.and_then(|loaded| job.add_thread(&name, &loaded).map(|()| loaded.exit_code));
        let thread_code = match result {
            Ok(thread_code) => {
                is_any_read = true;
                thread_code
            }
            // The reader is gone: the remaining threads are not needed.
            Err(error) if error.message.is_empty() => return Ok(ExitCode::Success),
            Err(error) => print_error(&error, Some(&name)),
        };
        code = if code == ExitCode::Success { thread_code } else { code };
    }
    job.finish()?;
    if is_any_read {
        job.print_empty_selection();
    }
    Ok(if code == ExitCode::Success { job.fail_conditions.exit_code(&args.check.fail_on) } else { code })
}

async fn load_one(
    ThreadArg { name, source, context }: ThreadArg,
    client: &Arc<Client>,
) -> (String, Result<LoadedThread, UserError>) {
    let loaded = load(source, &context, client, &mut |_| {}).await;
    (name, loaded)
}

/// An unfinished report.
struct ReportJob<'a> {
    kind: ReportKind,
    args: &'a ReportSourceArgs,
    thread_count: usize,
    filter: Filter,
    span_filter: SpanFilter,
    /// The counts of checked and of selected messages and spans.
    counts: FilterCounts,
    writer: ReportWriter,
    stats: StatsReport,
    fail_conditions: FailConditions,
}

impl ReportJob<'_> {
    fn add_thread(&mut self, name: &str, loaded: &LoadedThread) -> Result<(), UserError> {
        let subject = Some(name).filter(|_| self.thread_count > 1);
        loaded.print_warnings(Verbosity::from_flag(self.args.check.quiet), subject);
        let provider = loaded.provider()?;
        let selected = SelectedMessages::find(loaded, &self.filter)?;
        let selected_count = Cell::new(0_usize);
        let document = ExportedThread {
            provider,
            thread: &loaded.thread,
            summaries: &loaded.summaries,
            notes: &loaded.notes,
            filter: &|summary: &MessageSummary| {
                let matches = selected.contains(summary);
                selected_count.set(selected_count.get() + usize::from(matches));
                matches
            },
            warnings: &[],
        };
        let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: None };
        let mut write =
            |writer: &mut dyn Writer| export::write_thread(&document, writer, &mut io::sink(), &mut options);
        let (writer, fail_conditions) = (&mut self.writer, &mut self.fail_conditions);
        let span_filter = &self.span_filter.clone().with_notes(Arc::clone(&loaded.notes));
        let counts = &mut self.counts;
        let result = match self.kind {
            ReportKind::Spans => write(&mut SpanList { writer, fail_conditions, span_filter, counts }),
            ReportKind::Feedback => write(&mut FeedbackList { writer, fail_conditions }),
            ReportKind::Stats => {
                let mut collector = StatsCollector::new(fail_conditions);
                write(&mut collector)
                    .and_then(|()| self.stats.write_thread(&document, collector.finish(), writer))
            }
        };
        self.counts.messages += loaded.summaries.len();
        self.counts.selected_messages += selected_count.get();
        result.map_err(|error| write_error(&error))
    }

    /// Prints the checked counts if a filter selected nothing.
    fn print_empty_selection(&self) {
        let verbosity = Verbosity::from_flag(self.args.check.quiet);
        if !self.filter.is_empty() && self.counts.selected_messages == 0 {
            verbosity.print_notice(&self.counts.describe_no_message(self.filter.expression()));
        } else if !self.span_filter.is_empty() && self.counts.selected_spans == 0 {
            verbosity.print_notice(&self.counts.describe_no_span(self.span_filter.expression()));
        }
    }

    fn finish(&mut self) -> Result<(), UserError> {
        let total = match self.kind {
            ReportKind::Stats => self.stats.write_total(&mut self.writer),
            ReportKind::Spans | ReportKind::Feedback => Ok(()),
        };
        total.and_then(|()| self.writer.finish()).map_err(|error| write_error(&error))
    }
}
