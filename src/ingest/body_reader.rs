//! Turns the bytes of a body into fetch updates: splits the body as it arrives, reads summaries on two threads, and keeps
//! the order. Used for files, pipes and HTTP.

mod in_order;
mod known_messages;
mod segment_pool;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender as Outbox;

use crate::decode::{Batch, Completeness, Splitter};
use crate::domain::{FetchProgress, MessageSummary, Raw, ReadError, RequestId, Thread, ThreadRef};
use crate::event::{Event, FetchUpdate};
use crate::ingest::diagnose::{self, BodySource};
use crate::provider::{self, Provider};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, PendingWrite};
use crate::text::number;

use in_order::{InOrderSender, ProviderMismatch};
use segment_pool::SegmentPool;

pub use known_messages::KnownMessages;

/// The number of threads that read summaries.
const READER_THREADS: usize = 2;

/// The size of a body, in bytes, from which memory is prefaulted. For smaller bodies, this would cost more time than it
/// saves.
const PREALLOCATION_THRESHOLD: u64 = 100_000_000;

/// The number of messages examined to detect the provider.
const DETECTION_SAMPLE: usize = 64;

/// The longest time between two reports of progress and complete messages while bytes arrive.
pub const UPDATE_INTERVAL: Duration = Duration::from_millis(40);

/// A job whose update is sent in order.
enum ReaderJob {
    ReadBatch { batch: Batch, provider: &'static dyn Provider },
    Update(Box<FetchUpdate>),
}

/// Reads one body.
pub struct BodyReader {
    splitter: Splitter,
    provider: Option<&'static dyn Provider>,
    jobs: Sender<(u64, ReaderJob)>,
    next_sequence: u64,
    /// Whether the thread's own fields were sent.
    thread_sent: bool,
    last_progress_at: Instant,
    /// The number of bytes in the last progress update.
    reported_bytes: u64,
    message_count: u32,
    /// Batches that arrived before the provider was detected.
    undetected: Vec<Batch>,
    /// The thread that was requested, if the source is a service.
    requested: Option<ThreadRef>,
    /// The thread that the first messages belong to, if they name it.
    named_by_messages: Option<String>,
    reader_threads: Vec<JoinHandle<()>>,
    body_source: BodySource,
    /// Writes the body to the cache as it arrives.
    cache_writer: Option<BackgroundWriter>,
    /// Prefaults memory for a large body.
    segment_pool: Option<SegmentPool>,
    sender: Arc<InOrderSender>,
}

/// A body that ended. Its last updates may still be in progress.
#[derive(Debug)]
pub struct FinishedBody {
    /// `None` if the body was not a thread.
    pub completeness: Option<BodyCompleteness>,
    /// The cached copy that is still being written.
    pub pending_write: Option<PendingWrite>,
    reader_threads: Vec<JoinHandle<()>>,
}

impl FinishedBody {
    /// Waits until all updates of the body are sent, so that later ones cannot overtake them.
    pub fn wait(self) {
        for thread in self.reader_threads {
            if thread.join().is_err() {
                tracing::error!("a summary reader panicked");
            }
        }
    }
}

impl BodyReader {
    /// Creates a reader for this request; without a provider, it is detected.
    pub fn new(request: RequestId, provider: Option<&'static dyn Provider>, outbox: &Outbox<Event>) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let sender = Arc::new(InOrderSender::new(request, outbox.clone()));
        let start_thread = || {
            let (queue, sender) = (Arc::clone(&queue), Arc::clone(&sender));
            thread::spawn(move || run_reader(&queue, &sender))
        };
        let reader_threads = (0..READER_THREADS).map(|_| start_thread()).collect();
        Self {
            splitter: Splitter::default(),
            provider,
            jobs,
            next_sequence: 0,
            thread_sent: false,
            last_progress_at: Instant::now(),
            reported_bytes: 0,
            message_count: 0,
            undetected: Vec::new(),
            requested: None,
            named_by_messages: None,
            reader_threads,
            body_source: BodySource::default(),
            cache_writer: None,
            segment_pool: None,
            sender,
        }
    }

    /// Reuses the summaries of known messages instead of reading them again. Call it before the first byte.
    pub fn with_known_messages(self, known: KnownMessages) -> Self {
        let _ = self.sender.known_messages.set(known);
        self
    }

    /// Warns if the body belongs to another thread than this one, and then does not cache it.
    pub fn with_requested_thread(mut self, thread: &ThreadRef) -> Self {
        self.requested = Some(thread.clone());
        self
    }

    /// Sets the source of the body, for hints about an unreadable one; by default a file or pipe.
    pub fn with_body_source(self, body_source: BodySource) -> Self {
        Self { body_source, ..self }
    }

    /// Copies the body to `cache_writer`. Call it before the first byte.
    pub fn with_cache_writer(mut self, cache_writer: Option<BackgroundWriter>) -> Self {
        if cache_writer.is_some() {
            self.splitter.start_recording();
        }
        self.cache_writer = cache_writer;
        self
    }

    /// Starts the body again. Updates of the bytes so far are sent before [`FetchUpdate::Restarted`], which voids them.
    pub fn restart(&mut self) {
        self.splitter = Splitter::default();
        if let Some(cache_writer) = &mut self.cache_writer {
            self.splitter.start_recording();
            cache_writer.restart();
        }
        self.thread_sent = false;
        self.reported_bytes = 0;
        self.message_count = 0;
        self.undetected.clear();
        self.named_by_messages = None;
        self.send(FetchUpdate::Restarted);
    }

    /// Sends an update, in order with the others.
    pub fn send(&mut self, update: FetchUpdate) {
        self.enqueue(ReaderJob::Update(Box::new(update)));
    }

    fn enqueue(&mut self, job: ReaderJob) {
        let _ = self.jobs.send((self.next_sequence, job));
        self.next_sequence += 1;
    }

    /// Returns the buffer to read into; see [`Splitter::spare`].
    pub fn spare(&mut self) -> &mut [u8] {
        self.splitter.spare()
    }

    /// Takes the first `count` bytes of [`BodyReader::spare`]. `total` is the size of the body if known.
    pub fn advance(&mut self, count: usize, total: Option<u64>) {
        self.splitter.advance(count);
        self.flush_ready(total);
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8], total: Option<u64>) {
        self.splitter.push(bytes);
        self.flush_ready(total);
    }

    /// Returns the number of complete messages so far.
    pub fn message_count(&self) -> u32 {
        self.message_count
    }

    /// Returns whether bytes arrived since the last progress update. If the body pauses, call
    /// [`BodyReader::flush_on_pause`].
    pub fn has_unreported_bytes(&self) -> bool {
        self.reported_bytes != self.splitter.bytes_read()
    }

    /// Sends complete messages and progress because the body pauses: messages must not wait for its next bytes.
    pub fn flush_on_pause(&mut self, total: Option<u64>) {
        if self.has_unreported_bytes() {
            self.splitter.flush();
            self.enqueue_batches();
            self.send_progress(total);
        }
    }

    fn flush_ready(&mut self, total: Option<u64>) {
        let is_due = self.last_progress_at.elapsed() >= UPDATE_INTERVAL;
        if is_due || self.message_count == 0 {
            self.splitter.flush();
        }
        self.enqueue_batches();
        self.feed_cache();
        self.refill_segments(total);
        if is_due {
            self.send_progress(total);
        }
    }

    fn send_progress(&mut self, total: Option<u64>) {
        self.last_progress_at = Instant::now();
        self.reported_bytes = self.splitter.bytes_read();
        self.send(FetchUpdate::Progress(FetchProgress::Receiving { bytes: self.reported_bytes, total }));
    }

    fn enqueue_batches(&mut self) {
        while let Some(batch) = self.splitter.next_batch() {
            match self.provider {
                None => {
                    self.provider = detect_provider(self.splitter.envelope(), &batch);
                    if let Some(provider) = self.provider {
                        self.send(FetchUpdate::ProviderDetected { service: provider.id() });
                    }
                }
                Some(expected) if self.message_count == 0 => self.check_provider(expected, &batch),
                Some(_) => {}
            }
            let Some(provider) = self.provider else {
                self.undetected.push(batch);
                continue;
            };
            for earlier in std::mem::take(&mut self.undetected) {
                self.enqueue_batch(earlier, provider);
            }
            self.enqueue_batch(batch, provider);
        }
    }

    fn enqueue_batch(&mut self, batch: Batch, provider: &'static dyn Provider) {
        self.message_count = self.message_count.saturating_add(batch.message_count());
        if !self.thread_sent {
            self.thread_sent = true;
            let thread = provider.read_thread(self.splitter.envelope());
            self.send(FetchUpdate::Thread(Box::new(thread)));
        }
        if self.requested.is_some() && self.named_by_messages.is_none() && batch.first_index == 0 {
            let mut sample = batch.raw_messages().take(DETECTION_SAMPLE);
            self.named_by_messages = sample.find_map(|(_, raw, _)| provider.message_thread_id(raw.bytes()));
        }
        self.enqueue(ReaderJob::ReadBatch { batch, provider });
    }

    /// Returns the warning that the body belongs to another thread than the requested one.
    fn other_thread_warning(&self, thread: &Thread) -> Option<String> {
        let named = thread.id.as_deref().or(self.named_by_messages.as_deref());
        diagnose::other_thread(named, self.requested.as_ref()?)
    }

    /// Records a mismatch if the first messages look like those of another provider. It is only reported at the end, if no
    /// message could be read.
    fn check_provider(&self, expected: &'static dyn Provider, batch: &Batch) {
        let envelope = self.splitter.envelope();
        let matches_expected = batch
            .raw_messages()
            .take(DETECTION_SAMPLE)
            .any(|(_, raw, _)| expected.matches_body(envelope, Some(raw.bytes())));
        if matches_expected {
            return;
        }
        if let Some(detected) = detect_provider(envelope, batch) {
            self.sender.note_mismatch(ProviderMismatch { expected, detected });
        }
    }

    fn refill_segments(&mut self, total: Option<u64>) {
        let bytes = self.splitter.bytes_read();
        if total.unwrap_or(bytes) < PREALLOCATION_THRESHOLD {
            return;
        }
        let Some(size) = self.splitter.wanted_segment() else { return };
        let remaining = total.map(|total| total.saturating_sub(bytes));
        let pool = self.segment_pool.get_or_insert_with(|| SegmentPool::start(size, remaining));
        if let Some(segment) = pool.take_ready() {
            self.splitter.supply_segment(segment);
        }
    }

    fn feed_cache(&mut self) {
        let Some(cache_writer) = &mut self.cache_writer else { return };
        while let Some(chunk) = self.splitter.next_body_chunk() {
            cache_writer.write_shared(chunk);
        }
    }

    /// Drops the body without a last update.
    pub fn abandon(self) -> FinishedBody {
        FinishedBody { completeness: None, pending_write: None, reader_threads: self.reader_threads }
    }

    /// Ends the body and sends the last update. `interruption` is the error that ended it early.
    pub fn finish(mut self, interruption: Option<String>) -> FinishedBody {
        let outcome = self.splitter.finish();
        self.enqueue_batches();
        self.feed_cache();
        if self.provider.is_none() {
            self.provider = provider::all().iter().copied().find(|p| p.matches_body(&outcome.envelope, None));
        }
        if let Some(provider) = self.provider {
            for batch in std::mem::take(&mut self.undetected) {
                self.enqueue_batch(batch, provider);
            }
        }
        let result =
            diagnose::diagnose(&outcome, self.provider, self.message_count, interruption, self.body_source);
        let completeness = result.as_ref().ok().map(|summary| match summary.is_partial {
            true => BodyCompleteness::Partial,
            false => BodyCompleteness::Complete,
        });
        let mut is_other_thread = false;
        let last_update = match result {
            Ok(mut summary) => {
                if let Some(provider) = self.provider {
                    self.send(FetchUpdate::ProviderDetected { service: provider.id() });
                    let thread = provider.read_thread(&outcome.envelope);
                    if let Some(warning) = self.other_thread_warning(&thread) {
                        is_other_thread = true;
                        summary.warnings.insert(0, warning);
                    }
                    self.send(FetchUpdate::Thread(Box::new(thread)));
                }
                summary.is_other_thread = is_other_thread;
                FetchUpdate::Ended(summary)
            }
            Err(error) => FetchUpdate::Failed(error),
        };
        let (readable_sender, readable) = mpsc::channel();
        self.sender.report_readability_to(readable_sender);
        self.send(last_update);
        // Otherwise the next start would show another thread under the requested id.
        let stored = completeness.filter(|_| !is_other_thread);
        let pending_write =
            self.cache_writer.map(|cache_writer| cache_writer.finish_if_readable(stored, readable));
        FinishedBody { completeness, pending_write, reader_threads: self.reader_threads }
    }
}

/// Detects the provider of these messages. Several messages at both ends are examined, because any of them may be broken.
fn detect_provider(envelope: &[u8], batch: &Batch) -> Option<&'static dyn Provider> {
    let last_sample = batch.elements.len().saturating_sub(DETECTION_SAMPLE).max(DETECTION_SAMPLE);
    let (first, last) = (batch.raw_messages().take(DETECTION_SAMPLE), batch.raw_messages().skip(last_sample));
    first.chain(last).find_map(|(_, raw, _)| {
        provider::all().iter().copied().find(|provider| provider.matches_body(envelope, Some(raw.bytes())))
    })
}

fn run_reader(queue: &Mutex<Receiver<(u64, ReaderJob)>>, sender: &InOrderSender) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((sequence, job)) = job else { return };
        let update = match job {
            ReaderJob::Update(update) => *update,
            ReaderJob::ReadBatch { batch, provider } => {
                FetchUpdate::Summaries(read_summaries(&batch, provider, sender.known_messages.get()))
            }
        };
        sender.send(sequence, update);
    }
}

fn read_summaries(
    batch: &Batch,
    provider: &dyn Provider,
    known: Option<&KnownMessages>,
) -> Vec<MessageSummary> {
    let mut summaries: Vec<MessageSummary> = batch
        .raw_messages()
        .map(|(index, raw, completeness)| match completeness {
            Completeness::Whole => known
                .and_then(|known| known.summary_for(&raw, index))
                .unwrap_or_else(|| read_summary(raw, index, provider)),
            Completeness::Broken => MessageSummary::unreadable(raw, index, "broken JSON"),
            Completeness::CutOff => MessageSummary::unreadable(raw, index, "cut off by the end of the body"),
            Completeness::Run(count) => {
                MessageSummary::unreadable_run(raw, index, describe_run(count), count)
            }
        })
        .collect();
    share_reasons(&mut summaries);
    summaries
}

/// Returns the text of the row for a run of unreadable elements.
fn describe_run(count: u32) -> String {
    number::pluralize(count as usize, "more unreadable element")
}

/// Shares the text of a reason among consecutive messages that are unreadable for the same reason.
fn share_reasons(summaries: &mut [MessageSummary]) {
    let mut last: Option<Arc<ReadError>> = None;
    for summary in summaries {
        let Some(error) = &mut summary.read_error else { continue };
        match &last {
            Some(last) if last == error => *error = Arc::clone(last),
            Some(_) | None => last = Some(Arc::clone(error)),
        }
    }
}

/// Reads a summary. After a panic, only this message is unreadable; without an update for its batch, all later ones would
/// wait forever.
fn read_summary(raw: Raw, index: u32, provider: &dyn Provider) -> MessageSummary {
    let raw_copy = raw.clone();
    catch_unwind(AssertUnwindSafe(|| provider.read_summary(raw, index)))
        .unwrap_or_else(|_| MessageSummary::unreadable(raw_copy, index, "internal error while parsing"))
}

#[cfg(test)]
mod tests;
