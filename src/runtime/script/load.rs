//! A thread loaded to its end, by the same tasks that the browser uses: their news, gathered until they are done.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::{Chatter, trouble};
use crate::domain::{Heads, Stamp, Thread};
use crate::effect::{RequestId, Source};
use crate::event::{Ending, Event, Failure, News, Origin};
use crate::provider::{self, Provider};
use crate::runtime::http::{Client, Control};
use crate::runtime::source::{self, Errand, Plan};
use crate::runtime::tasks::World;
use crate::text::{number, time};

/// News that may wait; whoever tells more waits.
const QUEUE: usize = 64;

/// The exit code for a body that broke off on the network.
const NETWORK: u8 = 6;
/// The exit code for a body that is cut off although all of it came, and for one of which no message could be read.
const NOT_UNDERSTOOD: u8 = 7;

/// A thread, as much of it as came.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub service: &'static str,
    pub thread: Thread,
    /// In the order in which the browser shows them.
    pub heads: Heads,
    pub ending: Ending,
    /// When the copy was saved, if this is a kept one.
    pub copy_of: Option<Stamp>,
    /// Why it is only the copy, if the service was asked.
    pub unreached: Option<String>,
    /// 0, or how the program is to end as a part of the thread is missing.
    pub exit_code: u8,
}

impl Loaded {
    /// The service.
    ///
    /// # Errors
    /// None in practice: bodies are recognised by services that exist.
    pub fn provider(&self) -> Result<&'static dyn Provider, Failure> {
        provider::named(self.service).ok_or_else(|| trouble("the body is of no known service", "", 7))
    }

    /// Says on standard error what is odd or missing; `about` is its name, where there are others beside it.
    pub fn remark(&self, chatter: Chatter, about: Option<&str>) {
        let about = about.map(|name| format!("{name}: ")).unwrap_or_default();
        let say = |chatter: Chatter, text: &str| chatter.remark(&format!("{about}{text}"));
        let unread = usize::from(self.ending.unreadable);
        if let Some(why) = self.ending.oddities.first().filter(|_| self.ending.unreadable) {
            // This is why it fails, which is said however quiet it is to be.
            say(Chatter::Normal, why);
        }
        for oddity in self.ending.oddities.iter().skip(unread) {
            say(chatter, &format!("note: {oddity}"));
        }
        let mut lost = self.heads.iter().filter(|head| head.fault.is_some());
        if let Some(first) = lost.next() {
            let count = number::counted(lost.count() + 1, "message");
            let reason = first.fault.as_ref().map_or("", |fault| &fault.reason);
            say(chatter, &format!("{count} could not be read; the first, at {}: {reason}", first.index));
        }
        if let Some(saved) = self.copy_of {
            let why = self.unreached.as_ref().map(|why| format!("{why}; ")).unwrap_or_default();
            let saved = time::full(saved, &TimeZone::UTC);
            say(chatter, &format!("{why}this is the copy that was saved {saved}"));
        } else if self.ending.partial {
            say(Chatter::Normal, "the thread is not complete: this is what came of it");
        }
    }
}

/// Loads all of a thread. `hear` is told how it goes.
///
/// # Errors
/// Nothing of it could be had.
pub async fn load(
    source: Source,
    world: &World,
    client: &Arc<Client>,
    hear: &mut (dyn FnMut(&News) + Send),
) -> Result<Loaded, Failure> {
    let from_network = matches!(source, Source::Thread(_));
    let (outbox, mut inbox) = mpsc::channel(QUEUE);
    start(source, world, client, outbox)?;
    let mut gathered = Gathered::default();
    while let Some(event) = inbox.recv().await {
        if let Event::Fetch { news, .. } = event {
            hear(&news);
            gathered.take(news);
        }
    }
    gathered.finish(if from_network { NETWORK } else { NOT_UNDERSTOOD })
}

/// Sets a task to work that tells its news to `outbox` and drops it at its end.
fn start(
    source: Source,
    world: &World,
    client: &Arc<Client>,
    outbox: mpsc::Sender<Event>,
) -> Result<(), Failure> {
    let request = RequestId(1);
    let reading = world.reading(request);
    match source {
        Source::Thread(thread) => {
            let service = world
                .service(thread.service, Arc::clone(client))
                .ok_or_else(|| trouble(format!("there is no service called {}", thread.service), "", 2))?;
            let errand = Errand { request, thread, plan: world.plan(Plan::FreshElseCopy) };
            tokio::spawn(source::fetch(errand, service, outbox, Control::none()));
        }
        Source::File(path) => {
            std::thread::spawn(move || {
                source::read_file(reading, &path, &outbox, &AtomicBool::new(false));
            });
        }
        Source::Stdin => {
            std::thread::spawn(move || {
                source::read_stdin(reading, &outbox, &AtomicBool::new(false));
            });
        }
    }
    Ok(())
}

/// What the news add up to.
#[derive(Default)]
struct Gathered {
    service: Option<&'static str>,
    thread: Thread,
    details: Option<Vec<u8>>,
    heads: Heads,
    outcome: Option<Result<Ending, Failure>>,
    copy_of: Option<Stamp>,
    unreached: Option<Failure>,
    /// What is to be known besides what the body tells.
    remarks: Vec<String>,
}

impl Gathered {
    fn take(&mut self, news: News) {
        match news {
            News::Began { origin } => self.begin(&origin),
            News::Restarted => {
                self.heads = Heads::default();
                self.thread = Thread::default();
            }
            News::Recognised { service } => self.service = Some(service),
            News::Heads(heads) => self.heads.extend(heads),
            News::Thread(thread) => self.thread = *thread,
            News::Details(details) => self.details = Some(details),
            News::Remark(remark) => self.remarks.push(remark),
            News::Ended(ending) => self.outcome = Some(Ok(ending)),
            News::Failed(failure) if self.copy_of.is_some() && matches!(self.outcome, Some(Ok(_))) => {
                self.unreached = Some(failure);
            }
            News::Failed(failure) => self.outcome = Some(Err(failure)),
            News::NotAsked | News::Asking | News::Waiting { .. } | News::Receiving { .. } => {}
        }
    }

    fn begin(&mut self, origin: &Origin) {
        let copy_of = match origin {
            Origin::Cache { fetched_at } => Some(*fetched_at),
            Origin::Network { .. } | Origin::File { .. } => None,
        };
        let (details, remarks) = (self.details.take(), std::mem::take(&mut self.remarks));
        *self = Self { copy_of, details, remarks, ..Self::default() };
    }

    fn finish(mut self, partial_code: u8) -> Result<Loaded, Failure> {
        let lost = || trouble("the thread could not be read: a task of the program died", "", 1);
        let mut ending = self.outcome.take().unwrap_or_else(|| Err(lost()))?;
        let service = self.service.ok_or_else(lost)?;
        ending.oddities.append(&mut self.remarks);
        if let Some(provider) = provider::named(service) {
            if let Some(details) = &self.details {
                provider.add_details(&mut self.thread, details);
            }
            if !provider.capabilities().ordered {
                self.heads.sort_by_time();
            }
        }
        let exit_code = match &self.unreached {
            Some(failure) => failure.exit_code,
            None if ending.partial => partial_code,
            None if ending.unreadable => NOT_UNDERSTOOD,
            None => 0,
        };
        let unreached = self.unreached.map(|failure| failure.what);
        let (thread, heads, copy_of) = (self.thread, self.heads, self.copy_of);
        Ok(Loaded { service, thread, heads, ending, copy_of, unreached, exit_code })
    }
}
