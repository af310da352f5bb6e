//! From the bytes of a body to news for the loop: splits as bytes arrive, reads heads on both cores, and keeps the order.
//! The same for files, pipes and HTTP.

mod known;
mod ordered;
mod supply;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender as Outbox;

use crate::decode::{Batch, Condition, Splitter};
use crate::domain::{Head, Raw};
use crate::effect::RequestId;
use crate::event::{Event, News};
use crate::provider::{self, Provider};
use crate::runtime::cache::Extent;
use crate::runtime::ending;
use crate::runtime::store::{Scribe, Writing};

use ordered::{Claim, Ordered};
use supply::Supply;

pub use known::Known;

/// Threads that read heads.
const READERS: usize = 2;

/// From this size on, in bytes, memory is cleared ahead: for less, what it takes is not worth the time that it saves.
const LARGE: u64 = 100_000_000;

/// Messages that are looked at to find out whose they are.
const GLANCE: usize = 64;

/// Progress is told, and complete messages are handed on, at least this often.
pub const PACE: Duration = Duration::from_millis(40);

/// Something to be told in its turn.
enum Job {
    Heads { batch: Batch, provider: &'static dyn Provider },
    News(Box<News>),
}

/// Takes one body.
pub struct Intake {
    splitter: Splitter,
    provider: Option<&'static dyn Provider>,
    jobs: Sender<(u64, Job)>,
    turn: u64,
    /// Whether the thread's own fields were told.
    thread_told: bool,
    told_at: Instant,
    /// How many bytes were told to have come.
    told_bytes: u64,
    heads: u32,
    readers: Vec<JoinHandle<()>>,
    /// Writes the body down as it comes.
    scribe: Option<Scribe>,
    /// Clears memory ahead, for a large body.
    supply: Option<Supply>,
    ordered: Arc<Ordered>,
}

/// A body that is over. News of it may still be on their way.
#[derive(Debug)]
pub struct Finished {
    /// How much of a thread it was; none if it was no thread at all.
    pub extent: Option<Extent>,
    /// The copy on its way to the disk.
    pub writing: Option<Writing>,
    readers: Vec<JoinHandle<()>>,
}

impl Finished {
    /// Waits until all news of the body were told, so that nothing told from now on comes before them.
    pub fn wait(self) {
        for reader in self.readers {
            if reader.join().is_err() {
                tracing::error!("a reader of heads panicked");
            }
        }
    }
}

impl Intake {
    /// A body for this request; `provider` is known for a service and found out for a file.
    pub fn new(request: RequestId, provider: Option<&'static dyn Provider>, outbox: &Outbox<Event>) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let ordered = Arc::new(Ordered::new(request, outbox.clone()));
        let reader = || {
            let (queue, ordered) = (Arc::clone(&queue), Arc::clone(&ordered));
            thread::spawn(move || read_heads(&queue, &ordered))
        };
        let readers = (0..READERS).map(|_| reader()).collect();
        Self {
            splitter: Splitter::default(),
            provider,
            jobs,
            turn: 0,
            thread_told: false,
            told_at: Instant::now(),
            told_bytes: 0,
            heads: 0,
            readers,
            scribe: None,
            supply: None,
            ordered,
        }
    }

    /// Messages that are known already are not read again. Say so before the first byte.
    pub fn knowing(self, known: Known) -> Self {
        let _ = self.ordered.known.set(known);
        self
    }

    /// A copy of the body is written down by `scribe`. Say so before the first byte.
    pub fn copied_by(mut self, scribe: Option<Scribe>) -> Self {
        if scribe.is_some() {
            self.splitter.record();
        }
        self.scribe = scribe;
        self
    }

    /// The body comes again from its start: what came of it so far is told first, and does not count any more.
    pub fn restart(&mut self) {
        self.splitter = Splitter::default();
        if let Some(scribe) = &mut self.scribe {
            self.splitter.record();
            scribe.restart();
        }
        self.thread_told = false;
        self.told_bytes = 0;
        self.heads = 0;
        self.tell(News::Restarted);
    }

    /// Tells something in its turn.
    pub fn tell(&mut self, news: News) {
        self.give(Job::News(Box::new(news)));
    }

    fn give(&mut self, job: Job) {
        let _ = self.jobs.send((self.turn, job));
        self.turn += 1;
    }

    /// The buffer to read into; see [`Splitter::spare`].
    pub fn spare(&mut self) -> &mut [u8] {
        self.splitter.spare()
    }

    /// Takes in the first `count` bytes of [`Intake::spare`]. `total` is the body's size where it is known.
    pub fn advance(&mut self, count: usize, total: Option<u64>) {
        self.splitter.advance(count);
        self.hand_on(total);
    }

    /// Takes in bytes.
    pub fn push(&mut self, bytes: &[u8], total: Option<u64>) {
        self.splitter.push(bytes);
        self.hand_on(total);
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.splitter.bytes()
    }

    /// Messages handed on so far.
    pub fn heads(&self) -> u32 {
        self.heads
    }

    /// Whether something came that was not told yet. If no more comes for now, [`Intake::settle`].
    pub fn is_behind(&self) -> bool {
        self.told_bytes != self.splitter.bytes()
    }

    /// Hands on what is complete and tells how much came: the body pauses, and nobody should wait for its next bytes
    /// to see those before.
    pub fn settle(&mut self, total: Option<u64>) {
        if self.is_behind() {
            self.splitter.flush();
            self.take_batches();
            self.tell_progress(total);
        }
    }

    fn hand_on(&mut self, total: Option<u64>) {
        let due = self.told_at.elapsed() >= PACE;
        if due || self.heads == 0 {
            self.splitter.flush();
        }
        self.take_batches();
        self.write_down();
        self.restock(total);
        if due {
            self.tell_progress(total);
        }
    }

    fn tell_progress(&mut self, total: Option<u64>) {
        self.told_at = Instant::now();
        self.told_bytes = self.splitter.bytes();
        self.tell(News::Receiving { bytes: self.told_bytes, total });
    }

    fn take_batches(&mut self) {
        while let Some(batch) = self.splitter.next_batch() {
            match self.provider {
                None => {
                    self.provider = recognise(self.splitter.envelope(), &batch);
                    if let Some(provider) = self.provider {
                        self.tell(News::Recognised { service: provider.service() });
                    }
                }
                Some(said) if self.heads == 0 => self.doubt(said, &batch),
                Some(_) => {}
            }
            let Some(provider) = self.provider else { continue };
            self.heads = self.heads.saturating_add(u32::try_from(batch.elements.len()).unwrap_or(u32::MAX));
            if !self.thread_told {
                self.thread_told = true;
                let thread = provider.thread(self.splitter.envelope());
                self.tell(News::Thread(Box::new(thread)));
            }
            self.give(Job::Heads { batch, provider });
        }
    }

    /// Notes whose the first messages are by their shape, if not those of the service that they are said to be of. What
    /// that means shows at the end: nothing, if any message could be read.
    fn doubt(&self, said: &'static dyn Provider, batch: &Batch) {
        let envelope = self.splitter.envelope();
        let is_its = batch.raws().take(GLANCE).any(|(_, raw, _)| said.fits(envelope, Some(raw.bytes())));
        let seems = if is_its { None } else { recognise(envelope, batch) };
        if let Some(seems) = seems {
            self.ordered.note(Claim { said, seems });
        }
    }

    fn restock(&mut self, total: Option<u64>) {
        let bytes = self.splitter.bytes();
        if total.unwrap_or(bytes) < LARGE {
            return;
        }
        let Some(size) = self.splitter.wants_stock() else { return };
        let left = total.map(|total| total.saturating_sub(bytes));
        let supply = self.supply.get_or_insert_with(|| Supply::start(size, left));
        if let Some(segment) = supply.next() {
            self.splitter.stock(segment);
        }
    }

    fn write_down(&mut self) {
        let Some(scribe) = &mut self.scribe else { return };
        while let Some(passage) = self.splitter.next_passage() {
            scribe.take_passage(passage);
        }
    }

    /// Nothing came of the body, and nothing more is told of it.
    pub fn abandon(self) -> Finished {
        Finished { extent: None, writing: None, readers: self.readers }
    }

    /// The body is over: by its end, or (`broke_off` says why) before.
    pub fn finish(mut self, broke_off: Option<String>) -> Finished {
        let outcome = self.splitter.finish();
        self.take_batches();
        self.write_down();
        if self.provider.is_none() {
            self.provider = provider::all().iter().copied().find(|p| p.fits(&outcome.envelope, None));
        }
        let verdict = ending::verdict(&outcome, self.provider, self.heads, broke_off);
        let extent = verdict.as_ref().ok().map(|ending| match ending.partial {
            true => Extent::Partial,
            false => Extent::Whole,
        });
        let last = match verdict {
            Ok(ending) => {
                if let Some(provider) = self.provider {
                    self.tell(News::Recognised { service: provider.service() });
                    self.tell(News::Thread(Box::new(provider.thread(&outcome.envelope))));
                }
                News::Ended(ending)
            }
            Err(failure) => News::Failed(failure),
        };
        let (tells, readable) = mpsc::channel();
        self.ordered.tell_whether_readable(tells);
        self.tell(last);
        let writing = self.scribe.map(|scribe| scribe.finish_if(extent, readable));
        Finished { extent, writing, readers: self.readers }
    }
}

/// The service whose messages these are; the first one may be broken.
fn recognise(envelope: &[u8], batch: &Batch) -> Option<&'static dyn Provider> {
    batch.raws().take(GLANCE).find_map(|(_, raw, _)| {
        provider::all().iter().copied().find(|provider| provider.fits(envelope, Some(raw.bytes())))
    })
}

fn read_heads(queue: &Mutex<Receiver<(u64, Job)>>, ordered: &Ordered) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((turn, job)) = job else { return };
        let news = match job {
            Job::News(news) => *news,
            Job::Heads { batch, provider } => News::Heads(heads(&batch, provider, ordered.known.get())),
        };
        ordered.tell(turn, news);
    }
}

fn heads(batch: &Batch, provider: &dyn Provider, known: Option<&Known>) -> Vec<Head> {
    batch
        .raws()
        .map(|(index, raw, condition)| match condition {
            Condition::Whole => match known.and_then(|known| known.head(&raw, index)) {
                Some(head) => head,
                None => head(raw, index, provider),
            },
            Condition::Broken => Head::unreadable(raw, index, "its JSON is broken"),
            Condition::CutOff => Head::unreadable(raw, index, "the body ended within it"),
        })
        .collect()
}

/// A panic costs this message only; without news of its batch, everything behind it would wait for ever.
fn head(raw: Raw, index: u32, provider: &dyn Provider) -> Head {
    let kept = raw.clone();
    catch_unwind(AssertUnwindSafe(|| provider.head(raw, index)))
        .unwrap_or_else(|_| Head::unreadable(kept, index, "reading it failed inside the program"))
}

#[cfg(test)]
mod tests;
