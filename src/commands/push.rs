//! `unspool push`: turns as traces to a receiver of OTLP over HTTP. Batches are made on a thread of their own while the one
//! before is on its way; ids are the same each time, so that sending again does no harm.

mod batch;

use std::io::{self, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::cli::PushArgs;
use crate::commands;
use crate::commands::load::{LoadedThread, load};
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::selection::{self, MessageSelection};
use crate::domain::{ExitCode, MessageSummary, UserError};
use crate::export::{self, ExportedThread, Redactor, WriteOptions};
use crate::net::Client;
use crate::net::otlp_endpoint::{ExportResponse, OtlpEndpoint};
use crate::settings::Settings;
use crate::text::number;
use batch::{Batch, BatchBuilder};

/// Batches that may wait for the one that is being sent.
const MAX_QUEUED_BATCHES: usize = 2;

/// Sends the thread; returns the exit code.
pub fn run(args: PushArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |_| push_thread(args))
}

async fn push_thread(args: PushArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let receiver = OtlpEndpoint::new(&args, settings.limits())?;
    let wanted = MessageSelection::from_args(&args.selection)?;
    let source = commands::parse_source_arg(&args.thread, &args.service)
        .map_err(|reason| UserError::new(reason, "", ExitCode::Usage))?;
    let chatter = Verbosity::from_flag(args.quiet);
    let world = settings.context(&args.service)?;
    let redactor = selection::redactor(&args.selection, &world.redaction)?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    let loaded = load(source, &world, &client, &mut |news| progress.on_fetch_update(news)).await?;
    progress.clear();
    loaded.print_warnings(chatter, None);
    if loaded.body_summary.is_unreadable {
        return Err(UserError::new("nothing was sent: none of it could be read", "", loaded.exit_code));
    }
    wanted.check_ids(&loaded.summaries)?;
    let partial_code = loaded.exit_code;
    let (outbox, batches) = mpsc::channel(MAX_QUEUED_BATCHES);
    let making = tokio::task::spawn_blocking(move || build_batches(&loaded, &wanted, redactor, outbox));
    let sent = send_batches(&receiver, batches, (&args, &mut progress)).await;
    let redactor = making.await.map_err(|_| UserError::new("the spans could not be made", "", ExitCode::Failure))?;
    progress.clear();
    let sent = sent?;
    if let Some(redactor) = redactor {
        chatter.print_notice(&selection::redaction_summary(&redactor));
    }
    print_totals(&sent, (&args, chatter), &receiver);
    Ok(if sent.rejected > 0 { ExitCode::Failure } else { partial_code })
}

/// Makes batches until there are no more, or nobody wants them.
fn build_batches(
    loaded: &LoadedThread,
    wanted: &MessageSelection,
    mut redactor: Option<Redactor>,
    outbox: mpsc::Sender<Batch>,
) -> Option<Redactor> {
    let Ok(provider) = loaded.provider() else { return redactor };
    let masked = redactor.as_mut().map(|redactor| export::redact_thread(provider, &loaded.thread, redactor));
    let document = ExportedThread {
        provider,
        thread: masked.as_ref().unwrap_or(&loaded.thread),
        summaries: &loaded.summaries,
        filter: &|head: &MessageSummary| wanted.matches(head, provider),
        warnings: &[],
    };
    let mut course = WriteOptions { on_progress: &mut |_| {}, redactor: redactor.as_mut() };
    let mut batches = BatchBuilder::new(provider.id(), outbox);
    // The only error there can be: the sender has given up, and says why itself.
    let _ = export::write_thread(&document, &mut batches, &mut io::sink(), &mut course);
    redactor
}

/// What has been sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SentTotals {
    messages: usize,
    spans: usize,
    batches: usize,
    bytes: usize,
    /// Spans that the receiver did not take.
    rejected: i64,
}

async fn send_batches(
    receiver: &OtlpEndpoint,
    mut batches: mpsc::Receiver<Batch>,
    (args, progress): (&PushArgs, &mut Progress),
) -> Result<SentTotals, UserError> {
    let mut sent = SentTotals::default();
    while let Some(batch) = batches.recv().await {
        if !args.dry_run {
            let receipt =
                receiver.post(&batch.body).await.map_err(|failure| with_sent_count(failure, sent))?;
            sent.rejected = sent.rejected.saturating_add(receipt.rejected_spans);
            print_rejection(&receipt, progress);
        }
        sent.messages += batch.messages;
        sent.spans += batch.spans;
        sent.bytes += batch.body.len();
        sent.batches += 1;
        progress.show(&format!("{} spans", sent.spans));
    }
    Ok(sent)
}

fn with_sent_count(mut failure: UserError, sent: SentTotals) -> UserError {
    if sent.spans > 0 {
        failure.message =
            format!("{} ({} were sent before)", failure.message, number::pluralize(sent.spans, "span"));
    }
    failure
}

fn print_rejection(receipt: &ExportResponse, progress: &mut Progress) {
    if receipt.rejected_spans > 0 || !receipt.message.is_empty() {
        progress.clear();
        let what = format!("the receiver refused {}: {}", receipt.rejected_spans, receipt.message);
        runner::print_error(&UserError::new(what, "", ExitCode::Failure), None);
    }
}

fn print_totals(sent: &SentTotals, (args, chatter): (&PushArgs, Verbosity), receiver: &OtlpEndpoint) {
    if chatter == Verbosity::Quiet {
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
        receiver.origin(),
    );
}
