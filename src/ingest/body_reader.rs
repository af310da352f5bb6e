//! From the bytes of a body to news for the loop: splits as bytes arrive, reads heads on both cores, and keeps the order.
//! The same for files, pipes and HTTP.

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
use crate::domain::{MessageSummary, Raw, RequestId};
use crate::event::{Event, FetchUpdate};
use crate::ingest::diagnose;
use crate::provider::{self, Provider};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, PendingWrite};

use in_order::{InOrderSender, ProviderMismatch};
use segment_pool::SegmentPool;

pub use known_messages::KnownMessages;

/// Threads that read heads.
const READER_THREADS: usize = 2;

/// From this size on, in bytes, memory is cleared ahead: for less, what it takes is not worth the time that it saves.
const PREALLOCATION_THRESHOLD: u64 = 100_000_000;

/// Messages that are looked at to find out whose they are.
const DETECTION_SAMPLE: usize = 64;

/// Progress is told, and complete messages are handed on, at least this often.
pub const UPDATE_INTERVAL: Duration = Duration::from_millis(40);

/// Something to be told in its turn.
enum ReaderJob {
    ReadBatch { batch: Batch, provider: &'static dyn Provider },
    Update(Box<FetchUpdate>),
}

/// Takes one body.
pub struct BodyReader {
    splitter: Splitter,
    provider: Option<&'static dyn Provider>,
    jobs: Sender<(u64, ReaderJob)>,
    next_sequence: u64,
    /// Whether the thread's own fields were told.
    thread_sent: bool,
    last_progress_at: Instant,
    /// How many bytes were told to have come.
    reported_bytes: u64,
    message_count: u32,
    reader_threads: Vec<JoinHandle<()>>,
    /// Writes the body down as it comes.
    cache_writer: Option<BackgroundWriter>,
    /// Clears memory ahead, for a large body.
    segment_pool: Option<SegmentPool>,
    sender: Arc<InOrderSender>,
}

/// A body that is over. News of it may still be on their way.
#[derive(Debug)]
pub struct FinishedBody {
    /// How much of a thread it was; none if it was no thread at all.
    pub completeness: Option<BodyCompleteness>,
    /// The copy on its way to the disk.
    pub pending_write: Option<PendingWrite>,
    reader_threads: Vec<JoinHandle<()>>,
}

impl FinishedBody {
    /// Waits until all news of the body were told, so that nothing told from now on comes before them.
    pub fn wait(self) {
        for reader in self.reader_threads {
            if reader.join().is_err() {
                tracing::error!("a reader of heads panicked");
            }
        }
    }
}

impl BodyReader {
    /// A body for this request; `provider` is known for a service and found out for a file.
    pub fn new(request: RequestId, provider: Option<&'static dyn Provider>, outbox: &Outbox<Event>) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let ordered = Arc::new(InOrderSender::new(request, outbox.clone()));
        let reader = || {
            let (queue, ordered) = (Arc::clone(&queue), Arc::clone(&ordered));
            thread::spawn(move || run_reader(&queue, &ordered))
        };
        let readers = (0..READER_THREADS).map(|_| reader()).collect();
        Self {
            splitter: Splitter::default(),
            provider,
            jobs,
            next_sequence: 0,
            thread_sent: false,
            last_progress_at: Instant::now(),
            reported_bytes: 0,
            message_count: 0,
            reader_threads: readers,
            cache_writer: None,
            segment_pool: None,
            sender: ordered,
        }
    }

    /// Messages that are known already are not read again. Say so before the first byte.
    pub fn with_known_messages(self, known: KnownMessages) -> Self {
        let _ = self.sender.known_messages.set(known);
        self
    }

    /// A copy of the body is written down by `scribe`. Say so before the first byte.
    pub fn with_cache_writer(mut self, scribe: Option<BackgroundWriter>) -> Self {
        if scribe.is_some() {
            self.splitter.start_recording();
        }
        self.cache_writer = scribe;
        self
    }

    /// The body comes again from its start: what came of it so far is told first, and does not count any more.
    pub fn restart(&mut self) {
        self.splitter = Splitter::default();
        if let Some(scribe) = &mut self.cache_writer {
            self.splitter.start_recording();
            scribe.restart();
        }
        self.thread_sent = false;
        self.reported_bytes = 0;
        self.message_count = 0;
        self.send(FetchUpdate::Restarted);
    }

    /// Tells something in its turn.
    pub fn send(&mut self, news: FetchUpdate) {
        self.enqueue(ReaderJob::Update(Box::new(news)));
    }

    fn enqueue(&mut self, job: ReaderJob) {
        let _ = self.jobs.send((self.next_sequence, job));
        self.next_sequence += 1;
    }

    /// The buffer to read into; see [`Splitter::spare`].
    pub fn spare(&mut self) -> &mut [u8] {
        self.splitter.spare()
    }

    /// Takes in the first `count` bytes of [`Intake::spare`]. `total` is the body's size where it is known.
    pub fn advance(&mut self, count: usize, total: Option<u64>) {
        self.splitter.advance(count);
        self.flush_ready(total);
    }

    /// Takes in bytes.
    pub fn push(&mut self, bytes: &[u8], total: Option<u64>) {
        self.splitter.push(bytes);
        self.flush_ready(total);
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.splitter.bytes_read()
    }

    /// Messages handed on so far.
    pub fn message_count(&self) -> u32 {
        self.message_count
    }

    /// Whether something came that was not told yet. If no more comes for now, [`Intake::settle`].
    pub fn has_unreported_bytes(&self) -> bool {
        self.reported_bytes != self.splitter.bytes_read()
    }

    /// Hands on what is complete and tells how much came: the body pauses, and nobody should wait for its next bytes
    /// to see those before.
    pub fn flush_on_pause(&mut self, total: Option<u64>) {
        if self.has_unreported_bytes() {
            self.splitter.flush();
            self.enqueue_batches();
            self.send_progress(total);
        }
    }

    fn flush_ready(&mut self, total: Option<u64>) {
        let due = self.last_progress_at.elapsed() >= UPDATE_INTERVAL;
        if due || self.message_count == 0 {
            self.splitter.flush();
        }
        self.enqueue_batches();
        self.feed_cache();
        self.refill_segments(total);
        if due {
            self.send_progress(total);
        }
    }

    fn send_progress(&mut self, total: Option<u64>) {
        self.last_progress_at = Instant::now();
        self.reported_bytes = self.splitter.bytes_read();
        self.send(FetchUpdate::Progress { bytes: self.reported_bytes, total });
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
                Some(said) if self.message_count == 0 => self.check_provider(said, &batch),
                Some(_) => {}
            }
            let Some(provider) = self.provider else { continue };
            self.message_count =
                self.message_count.saturating_add(u32::try_from(batch.elements.len()).unwrap_or(u32::MAX));
            if !self.thread_sent {
                self.thread_sent = true;
                let thread = provider.read_thread(self.splitter.envelope());
                self.send(FetchUpdate::Thread(Box::new(thread)));
            }
            self.enqueue(ReaderJob::ReadBatch { batch, provider });
        }
    }

    /// Notes whose the first messages are by their shape, if not those of the service that they are said to be of. What
    /// that means shows at the end: nothing, if any message could be read.
    fn check_provider(&self, said: &'static dyn Provider, batch: &Batch) {
        let envelope = self.splitter.envelope();
        let is_its = batch
            .raw_messages()
            .take(DETECTION_SAMPLE)
            .any(|(_, raw, _)| said.matches_body(envelope, Some(raw.bytes())));
        let seems = if is_its { None } else { detect_provider(envelope, batch) };
        if let Some(seems) = seems {
            self.sender.note_mismatch(ProviderMismatch { expected: said, detected: seems });
        }
    }

    fn refill_segments(&mut self, total: Option<u64>) {
        let bytes = self.splitter.bytes_read();
        if total.unwrap_or(bytes) < PREALLOCATION_THRESHOLD {
            return;
        }
        let Some(size) = self.splitter.wanted_segment() else { return };
        let left = total.map(|total| total.saturating_sub(bytes));
        let supply = self.segment_pool.get_or_insert_with(|| SegmentPool::start(size, left));
        if let Some(segment) = supply.take_ready() {
            self.splitter.supply_segment(segment);
        }
    }

    fn feed_cache(&mut self) {
        let Some(scribe) = &mut self.cache_writer else { return };
        while let Some(passage) = self.splitter.next_body_chunk() {
            scribe.write_shared(passage);
        }
    }

    /// Nothing came of the body, and nothing more is told of it.
    pub fn abandon(self) -> FinishedBody {
        FinishedBody { completeness: None, pending_write: None, reader_threads: self.reader_threads }
    }

    /// The body is over: by its end, or (`broke_off` says why) before.
    pub fn finish(mut self, broke_off: Option<String>) -> FinishedBody {
        let outcome = self.splitter.finish();
        self.enqueue_batches();
        self.feed_cache();
        if self.provider.is_none() {
            self.provider = provider::all().iter().copied().find(|p| p.matches_body(&outcome.envelope, None));
        }
        let verdict = diagnose::diagnose(&outcome, self.provider, self.message_count, broke_off);
        let extent = verdict.as_ref().ok().map(|ending| match ending.is_partial {
            true => BodyCompleteness::Partial,
            false => BodyCompleteness::Complete,
        });
        let last = match verdict {
            Ok(ending) => {
                if let Some(provider) = self.provider {
                    self.send(FetchUpdate::ProviderDetected { service: provider.id() });
                    self.send(FetchUpdate::Thread(Box::new(provider.read_thread(&outcome.envelope))));
                }
                FetchUpdate::Ended(ending)
            }
            Err(failure) => FetchUpdate::Failed(failure),
        };
        let (tells, readable) = mpsc::channel();
        self.sender.report_readability_to(tells);
        self.send(last);
        let writing = self.cache_writer.map(|scribe| scribe.finish_if_readable(extent, readable));
        FinishedBody { completeness: extent, pending_write: writing, reader_threads: self.reader_threads }
    }
}

/// The service whose messages these are; the first one may be broken.
fn detect_provider(envelope: &[u8], batch: &Batch) -> Option<&'static dyn Provider> {
    batch.raw_messages().take(DETECTION_SAMPLE).find_map(|(_, raw, _)| {
        provider::all().iter().copied().find(|provider| provider.matches_body(envelope, Some(raw.bytes())))
    })
}

fn run_reader(queue: &Mutex<Receiver<(u64, ReaderJob)>>, ordered: &InOrderSender) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((turn, job)) = job else { return };
        let news = match job {
            ReaderJob::Update(news) => *news,
            ReaderJob::ReadBatch { batch, provider } => {
                FetchUpdate::Summaries(read_summaries(&batch, provider, ordered.known_messages.get()))
            }
        };
        ordered.send(turn, news);
    }
}

fn read_summaries(
    batch: &Batch,
    provider: &dyn Provider,
    known: Option<&KnownMessages>,
) -> Vec<MessageSummary> {
    batch
        .raw_messages()
        .map(|(index, raw, condition)| match condition {
            Completeness::Whole => match known.and_then(|known| known.summary_for(&raw, index)) {
                Some(head) => head,
                None => read_summary(raw, index, provider),
            },
            Completeness::Broken => MessageSummary::unreadable(raw, index, "its JSON is broken"),
            Completeness::CutOff => MessageSummary::unreadable(raw, index, "the body ended within it"),
        })
        .collect()
}

/// A panic costs this message only; without news of its batch, everything behind it would wait for ever.
fn read_summary(raw: Raw, index: u32, provider: &dyn Provider) -> MessageSummary {
    let kept = raw.clone();
    catch_unwind(AssertUnwindSafe(|| provider.read_summary(raw, index)))
        .unwrap_or_else(|_| MessageSummary::unreadable(kept, index, "reading it failed inside the program"))
}

#[cfg(test)]
mod tests;
