//! `unspool push`: sends turns as traces to an OTLP endpoint. Batches are built on a blocking thread while the previous one
//! is sent. Ids are deterministic, so that pushing twice is harmless: backends keep the spans that they already have.

mod annotations;
mod batch;
mod otlp_target;

use std::io::{self, Write};
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::cli::{OtlpArgs, PushArgs};
use crate::commands::load::{LoadedThread, load};
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::selection::{self, MessageSelection};
use crate::commands::thread_list::{ThreadArg, parse_threads};
use crate::domain::{ExitCode, MessageSummary, ThreadNotes, Timestamp, UserError};
use crate::export::{self, ExportedThread, Redactor, WriteOptions};
use crate::net::Client;
use crate::net::otlp_endpoint::{ExportResponse, OtlpEndpoint};
use crate::settings::{Settings, env_var};
use crate::text::{number, time};
use batch::{Batch, BatchBuilder};

/// The number of batches that are built ahead.
const MAX_QUEUED_BATCHES: usize = 2;

/// Sends the threads; returns the exit code.
pub fn run(args: PushArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |_| push_threads(args))
}

async fn push_threads(args: PushArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let endpoint = connect(&args.endpoint, &settings)?;
    let threads = parse_threads(&args.threads, &args.service, &settings)?;
    send(&args, &endpoint, threads, &mut |_| Ok(())).await
}

/// Prepares the endpoint of the flags, or of the environment.
///
/// # Errors
/// No endpoint, or an invalid one.
pub(super) fn connect(args: &OtlpArgs, settings: &Settings) -> Result<OtlpEndpoint, UserError> {
    OtlpEndpoint::new(otlp_target::resolve(args, &env_var)?, settings.limits())
}

/// A callback for each thread that the endpoint accepts, with its position.
pub(super) type OnSent<'a> = dyn FnMut(usize) -> Result<(), UserError> + Send + 'a;

/// Sends threads in turn and prints totals; returns the exit code. Threads that cannot be read are reported and skipped.
///
/// # Errors
/// Invalid arguments; a single thread that cannot be sent; an endpoint that cannot be reached or refuses the key.
pub(super) async fn send(
    args: &PushArgs,
    endpoint: &OtlpEndpoint,
    threads: Vec<ThreadArg>,
    on_sent: &mut OnSent<'_>,
) -> Result<ExitCode, UserError> {
    let selection = Arc::new(MessageSelection::from_args(&args.selection)?);
    let verbosity = Verbosity::from_flag(args.quiet);
    if endpoint.is_exposed() {
        verbosity
            .print_notice(&format!("note: headers and contents travel unencrypted to {}", endpoint.origin()));
    }
    let has_many = threads.len() > 1;
    let mut job = PushJob {
        args,
        endpoint,
        selection,
        salt: if args.endpoint.as_new {
            format!("{} ", jiff::Timestamp::now().as_nanosecond())
        } else {
            String::new()
        },
        sent: SentTotals::default(),
        progress: Progress::new(verbosity),
        verbosity,
        is_endpoint_lost: false,
    };
    let mut code = ExitCode::Success;
    for (position, thread) in threads.into_iter().enumerate() {
        let name = thread.name.clone();
        let rejected = job.sent.rejected;
        let thread_code = match job.push_thread(thread, has_many).await {
            Ok(thread_code) => {
                if !args.endpoint.dry_run && job.sent.rejected == rejected {
                    on_sent(position)?;
                }
                thread_code
            }
            Err(error) if has_many && !job.is_endpoint_lost => {
                job.progress.clear();
                runner::print_error(&error, Some(&name))
            }
            Err(error) => return Err(error),
        };
        code = if code == ExitCode::Success { thread_code } else { code };
    }
    job.progress.clear();
    print_totals(&job.sent, (&args.endpoint, verbosity), endpoint);
    Ok(if job.sent.rejected > 0 { ExitCode::Failure } else { code })
}

/// A push of one or more threads.
struct PushJob<'a> {
    args: &'a PushArgs,
    endpoint: &'a OtlpEndpoint,
    selection: Arc<MessageSelection>,
    /// The salt, which is part of all ids.
    salt: String,
    sent: SentTotals,
    progress: Progress,
    verbosity: Verbosity,
    /// Whether no more requests can succeed.
    is_endpoint_lost: bool,
}

impl PushJob<'_> {
    /// Sends a thread; returns its exit code.
    async fn push_thread(&mut self, thread: ThreadArg, has_many: bool) -> Result<ExitCode, UserError> {
        let ThreadArg { name, source, context } = thread;
        let redactor = selection::redactor(&self.args.selection.masking, &context.redaction)?;
        let client = Arc::new(Client::new(context.limits.clone()));
        let loaded = load(source, &context, &client, &mut |update| self.progress.show(update)).await?;
        self.progress.clear();
        loaded.print_warnings(self.verbosity, Some(name.as_str()).filter(|_| has_many));
        if loaded.body_summary.is_unreadable {
            return Err(UserError::new("nothing sent: the thread is unreadable", "", loaded.exit_code));
        }
        self.selection.check_ids(&loaded.summaries)?;
        let partial_code = loaded.exit_code;
        let (outbox, batches) = mpsc::channel(MAX_QUEUED_BATCHES);
        let (selection, salt) = (Arc::clone(&self.selection), self.salt.clone());
        let building =
            tokio::task::spawn_blocking(move || build_batches(&loaded, &selection, redactor, (salt, outbox)));
        let sent = self.send_batches(batches).await;
        let redactor = building.await.map_err(|_| {
            UserError::new(
                "internal error: cannot build the spans",
                "Please report this bug.",
                ExitCode::Failure,
            )
        })?;
        self.progress.clear();
        sent?;
        if let Some(redactor) = redactor {
            self.verbosity.print_notice(&redactor.summary());
        }
        Ok(partial_code)
    }

    async fn send_batches(&mut self, mut batches: mpsc::Receiver<Batch>) -> Result<(), UserError> {
        while let Some(batch) = batches.recv().await {
            let mut feedback = Vec::new();
            if !self.args.endpoint.dry_run {
                let post = self.endpoint.post(&batch.body).await;
                let response = post.map_err(|error| {
                    self.is_endpoint_lost =
                        matches!(error.exit_code, ExitCode::Network | ExitCode::NotAllowed);
                    with_sent_count(error, &self.sent)
                })?;
                self.sent.rejected = self.sent.rejected.saturating_add(response.rejected_spans);
                print_rejection(&response, &mut self.progress);
                if self.args.endpoint.phoenix_feedback {
                    feedback = annotations::to_json(&batch.annotations);
                }
            }
            if !feedback.is_empty() {
                let post = self.endpoint.post_annotations(&feedback).await;
                post.map_err(|error| with_sent_count(error, &self.sent))?;
            }
            self.sent.add(&batch);
            self.progress.draw(&format!("{} spans", self.sent.spans));
        }
        Ok(())
    }
}

/// Builds all batches, or as many as the sender takes.
fn build_batches(
    loaded: &LoadedThread,
    selection: &MessageSelection,
    mut redactor: Option<Redactor>,
    (salt, outbox): (String, mpsc::Sender<Batch>),
) -> Option<Redactor> {
    let (Ok(provider), Ok(selected)) = (loaded.provider(), selection.find(loaded)) else { return redactor };
    let redacted =
        redactor.as_mut().map(|redactor| export::redact_thread(provider, &loaded.thread, redactor));
    let document = ExportedThread {
        provider,
        thread: redacted.as_ref().unwrap_or(&loaded.thread),
        summaries: &loaded.summaries,
        notes: ThreadNotes::NONE,
        filter: &|summary: &MessageSummary| selected.contains(summary),
        warnings: &[],
    };
    let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: redactor.as_mut() };
    let mut builder = BatchBuilder::new(provider.id(), salt, outbox);
    // The only possible error: the sender has stopped, and reports why.
    let _ = export::write_thread(&document, &mut builder, &mut io::sink(), &mut options);
    redactor
}

/// The totals of sent data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SentTotals {
    messages: usize,
    spans: usize,
    batches: usize,
    bytes: usize,
    feedback: usize,
    /// Spans that the endpoint rejected.
    rejected: i64,
    /// The earliest start and the latest end, in nanoseconds since 1970.
    times: Option<(u64, u64)>,
}

impl SentTotals {
    fn add(&mut self, batch: &Batch) {
        self.messages += batch.messages;
        self.spans += batch.spans;
        self.bytes += batch.body.len();
        self.batches += 1;
        self.feedback += batch.annotations.len();
        self.times = match (self.times, batch.times) {
            (Some((start, end)), Some((first, last))) => Some((start.min(first), end.max(last))),
            (known, new) => known.or(new),
        };
    }
}

fn with_sent_count(mut error: UserError, sent: &SentTotals) -> UserError {
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

fn print_totals(sent: &SentTotals, (args, verbosity): (&OtlpArgs, Verbosity), endpoint: &OtlpEndpoint) {
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
    if args.phoenix_feedback {
        let _ = writeln!(io::stdout(), "{verb} {}", number::pluralize(sent.feedback, "annotation"));
    }
    if let Some((start, end)) = sent.times {
        let time = |nanos: u64| format_time(i64::try_from(nanos / 1000).unwrap_or(i64::MAX));
        let _ = writeln!(
            io::stdout(),
            "The spans are from {} to {}; select this time range in the backend.",
            time(start),
            time(end)
        );
    }
    let again = match args.as_new {
        true => "The ids are new, so backends store these threads again.",
        false => {
            "A second push has the same ids, so most backends store nothing twice; --as-new sends new ids."
        }
    };
    let _ = writeln!(io::stdout(), "{again}");
}

fn format_time(micros: i64) -> String {
    time::full(Timestamp(micros), &TimeZone::UTC)
}
