//! `unspool push`: sends turns as traces to an OTLP endpoint. Batches are built on a blocking thread while the previous one
//! is sent. Ids are deterministic, so that pushing twice is harmless.

mod batch;

use std::io::{self, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::cli::PushArgs;
use crate::commands::load::{LoadedThread, load};
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::selection::{self, MessageSelection};
use crate::commands::source_arg::resolve_thread_arg;
use crate::domain::{ExitCode, MessageSummary, UserError};
use crate::export::{self, ExportedThread, Redactor, WriteOptions};
use crate::net::Client;
use crate::net::otlp_endpoint::{ExportResponse, OtlpEndpoint};
use crate::settings::Settings;
use crate::text::number;
use batch::{Batch, BatchBuilder};

/// The number of batches that are built ahead.
const MAX_QUEUED_BATCHES: usize = 2;

/// Sends the thread; returns the exit code.
pub fn run(args: PushArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |_| push_thread(args))
}

async fn push_thread(args: PushArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let endpoint = OtlpEndpoint::new(&args.otlp, &args.header, settings.limits())?;
    let selection = MessageSelection::from_args(&args.selection)?;
    let (source, context) = resolve_thread_arg(&args.thread, &args.service, &settings)?;
    let verbosity = Verbosity::from_flag(args.quiet);
    let redactor = selection::redactor(&args.selection, &context.redaction)?;
    let client = Arc::new(Client::new(context.limits.clone()));
    let mut progress = Progress::new(verbosity);
    let loaded = load(source, &context, &client, &mut |update| progress.show(update)).await?;
    progress.clear();
    loaded.print_warnings(verbosity, None);
    if loaded.body_summary.is_unreadable {
        return Err(UserError::new("nothing sent: the thread is unreadable", "", loaded.exit_code));
    }
    selection.check_ids(&loaded.summaries)?;
    let partial_code = loaded.exit_code;
    let (outbox, batches) = mpsc::channel(MAX_QUEUED_BATCHES);
    let building = tokio::task::spawn_blocking(move || build_batches(&loaded, &selection, redactor, outbox));
    let sent = send_batches(&endpoint, batches, (&args, &mut progress)).await;
    let redactor = building.await.map_err(|_| {
        UserError::new("internal error: cannot build the spans", "Please report this bug.", ExitCode::Failure)
    })?;
    progress.clear();
    let sent = sent?;
    if let Some(redactor) = redactor {
        verbosity.print_notice(&redactor.summary());
    }
    print_totals(&sent, (&args, verbosity), &endpoint);
    Ok(if sent.rejected > 0 { ExitCode::Failure } else { partial_code })
}

/// Builds all batches, or as many as the sender takes.
fn build_batches(
    loaded: &LoadedThread,
    selection: &MessageSelection,
    mut redactor: Option<Redactor>,
    outbox: mpsc::Sender<Batch>,
) -> Option<Redactor> {
    let (Ok(provider), Ok(selected)) = (loaded.provider(), selection.find(loaded)) else { return redactor };
    let redacted =
        redactor.as_mut().map(|redactor| export::redact_thread(provider, &loaded.thread, redactor));
    let document = ExportedThread {
        provider,
        thread: redacted.as_ref().unwrap_or(&loaded.thread),
        summaries: &loaded.summaries,
        filter: &|summary: &MessageSummary| selected.contains(summary),
        warnings: &[],
    };
    let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: redactor.as_mut() };
    let mut builder = BatchBuilder::new(provider.id(), outbox);
    // The only possible error: the sender has stopped, and reports why.
    let _ = export::write_thread(&document, &mut builder, &mut io::sink(), &mut options);
    redactor
}

/// Totals of what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SentTotals {
    messages: usize,
    spans: usize,
    batches: usize,
    bytes: usize,
    /// Spans that the endpoint rejected.
    rejected: i64,
}

async fn send_batches(
    endpoint: &OtlpEndpoint,
    mut batches: mpsc::Receiver<Batch>,
    (args, progress): (&PushArgs, &mut Progress),
) -> Result<SentTotals, UserError> {
    let mut sent = SentTotals::default();
    while let Some(batch) = batches.recv().await {
        if !args.dry_run {
            let response = endpoint.post(&batch.body).await.map_err(|error| with_sent_count(error, sent))?;
            sent.rejected = sent.rejected.saturating_add(response.rejected_spans);
            print_rejection(&response, progress);
        }
        sent.messages += batch.messages;
        sent.spans += batch.spans;
        sent.bytes += batch.body.len();
        sent.batches += 1;
        progress.draw(&format!("{} spans", sent.spans));
    }
    Ok(sent)
}

fn with_sent_count(mut error: UserError, sent: SentTotals) -> UserError {
    if sent.spans > 0 {
        error.message = format!("{} ({} already sent)", error.message, number::pluralize(sent.spans, "span"));
    }
    error
}

fn print_rejection(response: &ExportResponse, progress: &mut Progress) {
    if response.rejected_spans > 0 || !response.message.is_empty() {
        progress.clear();
        let rejected = number::pluralize(usize::try_from(response.rejected_spans).unwrap_or(0), "span");
        let message = format!("the endpoint rejected {rejected}: {}", response.message);
        runner::print_error(&UserError::new(message, "", ExitCode::Failure), None);
    }
}

fn print_totals(sent: &SentTotals, (args, verbosity): (&PushArgs, Verbosity), endpoint: &OtlpEndpoint) {
    if verbosity == Verbosity::Quiet {
        return;
    }
    let verb = if args.dry_run { "would send" } else { "sent" };
    let _ = writeln!(
        io::stdout(),
        "{verb} {} of {} in {} ({}) to {}",
        number::pluralize(sent.spans, "span"),
        number::pluralize(sent.messages, "message"),
        if sent.batches == 1 { "1 batch".to_owned() } else { format!("{} batches", sent.batches) },
        number::bytes(sent.bytes as u64),
        endpoint.origin(),
    );
}
