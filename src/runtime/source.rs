//! Opening a source: a file, a pipe or a service's thread becomes news of a request. One function per kind; all of them
//! end in exactly one `Ended` or `Failed`, unless they are cancelled.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{Stamp, ThreadRef};
use crate::effect::RequestId;
use crate::event::{Event, Failure, News, Origin};
use crate::provider::{self, Access, AccessError, Provider};
use crate::runtime::http::{Answer, Client, Control, Fault, FetchError, Flow, Notice, Receiver};
use crate::runtime::intake::Intake;

/// The clock of the outside.
pub fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Stamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Reads a file of either service. Runs on a thread of its own; `stop` ends it early.
pub fn read_file(
    request: RequestId,
    path: &Path,
    provider: Option<&'static dyn Provider>,
    outbox: &Outbox<Event>,
    stop: &AtomicBool,
) {
    let mut intake = Intake::new(request, provider, outbox);
    let path = expand_home(path);
    match open_file(&path) {
        Ok((file, size)) => {
            intake.tell(News::Began { origin: Origin::File { size } });
            drain(file, size, intake, stop);
        }
        Err(failure) => intake.tell(News::Failed(failure)),
    }
}

/// Reads standard input to its end.
pub fn read_stdin(
    request: RequestId,
    provider: Option<&'static dyn Provider>,
    outbox: &Outbox<Event>,
    stop: &AtomicBool,
) {
    let mut intake = Intake::new(request, provider, outbox);
    intake.tell(News::Began { origin: Origin::File { size: None } });
    drain(io::stdin().lock(), None, intake, stop);
}

/// `~/` is what people type; no shell has expanded it in the thread box.
pub fn expand_home(path: &Path) -> PathBuf {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

/// Opens a file, and says how large it is where that is known.
///
/// # Errors
/// It is not there, is a folder, or may not be read.
pub fn open_file(path: &Path) -> Result<(File, Option<u64>), Failure> {
    let describe = |error: io::Error| {
        let (what, exit_code) = match error.kind() {
            io::ErrorKind::NotFound => ("there is no such file".to_owned(), 5),
            io::ErrorKind::PermissionDenied => ("the file may not be read".to_owned(), 4),
            _ => (format!("the file cannot be read: {error}"), 1),
        };
        Failure { what, said: Vec::new(), advice: "Check the path.".to_owned(), exit_code }
    };
    let file = File::open(path).map_err(describe)?;
    let about = file.metadata().map_err(describe)?;
    if about.is_dir() {
        return Err(Failure {
            what: "this is a folder".to_owned(),
            said: Vec::new(),
            advice: "Name a file in it.".to_owned(),
            exit_code: 1,
        });
    }
    Ok((file, about.is_file().then_some(about.len())))
}

/// Bytes that one read may bring; small at first, so that the first messages are there at once.
const FIRST_READ: u64 = 64 << 10;
const READ: u64 = 1 << 20;

fn drain(mut input: impl Read, total: Option<u64>, mut intake: Intake, stop: &AtomicBool) {
    let mut most = FIRST_READ;
    while !stop.load(Ordering::Relaxed) {
        let buffer = intake.spare();
        let room = (buffer.capacity() - buffer.len()) as u64;
        match input.by_ref().take(room.min(most)).read_to_end(buffer) {
            Ok(0) => return intake.finish(None),
            Ok(_) => intake.advance(total),
            Err(error) => return intake.finish(Some(format!("reading stopped: {error}"))),
        }
        most = (most * 2).min(READ);
    }
}

/// What is needed to ask a service.
#[derive(Clone)]
pub struct Service {
    pub provider: &'static dyn Provider,
    pub access: Access,
    pub client: Arc<Client>,
}

/// Fetches a thread over HTTP.
pub async fn fetch(
    request: RequestId,
    thread: ThreadRef,
    service: Service,
    outbox: Outbox<Event>,
    control: Control,
) {
    let tell = |news: News| outbox.send(Event::Fetch { request, news });
    let wanted = match service.provider.messages_request(&thread.id, &service.access) {
        Ok(wanted) => wanted,
        Err(error) => {
            let _ = tell(News::Failed(no_access(&error, &service))).await;
            return;
        }
    };
    let host = wanted.url.host_str().unwrap_or_default().to_owned();
    let mut receiver = BodyReceiver {
        request,
        provider: service.provider,
        outbox: outbox.clone(),
        origin: Origin::Network { host },
        intake: None,
        began: false,
        total: None,
    };
    let details =
        tokio::spawn(fetch_details(request, thread, service.clone(), outbox.clone(), control.clone()));
    let outcome = service.client.get(&wanted, &mut receiver, &control).await;
    if outcome.as_ref().is_err_and(|error| *error.fault == Fault::Cancelled) {
        details.abort();
        return;
    }
    receiver.end(outcome.err(), &service).await;
    let _ = details.await;
}

/// The title and its company, where the service has them behind another address. A failure is nobody's concern.
async fn fetch_details(
    request: RequestId,
    thread: ThreadRef,
    service: Service,
    outbox: Outbox<Event>,
    control: Control,
) {
    let Some(wanted) = service.provider.details_request(&thread.id, &service.access) else { return };
    let mut whole = Whole(Vec::new());
    if service.client.get(&wanted, &mut whole, &control).await.is_ok() {
        let _ = outbox.send(Event::Fetch { request, news: News::Details(whole.0) }).await;
    }
}

/// A small body, kept whole.
struct Whole(Vec<u8>);

/// More of a thread's details than this is not kept, in bytes.
const DETAILS: usize = 1 << 20;

impl Receiver for Whole {
    fn begin(&mut self, _answer: &Answer) {
        self.0.clear();
    }

    async fn chunk(&mut self, bytes: &[u8]) -> Flow {
        self.0.extend_from_slice(bytes);
        if self.0.len() > DETAILS { Flow::Stop } else { Flow::More }
    }
}

/// Why nothing could be asked, in words.
pub fn no_access(error: &AccessError, service: &Service) -> Failure {
    let (advice, exit_code) = match error {
        AccessError::NoKey { variable, .. } => {
            (format!("Set {variable} to your key for {}, or try --demo.", service.provider.name()), 4)
        }
        AccessError::BadBaseUrl { .. } => ("Check the base URL.".to_owned(), 2),
        AccessError::BadId { .. } => ("Check the id.".to_owned(), 2),
        AccessError::BadHeader { .. } => ("Check where the key and the account are set.".to_owned(), 2),
    };
    Failure { what: error.to_string(), said: Vec::new(), advice, exit_code }
}

/// Takes the body of a thread and tells how it goes.
struct BodyReceiver {
    request: RequestId,
    provider: &'static dyn Provider,
    outbox: Outbox<Event>,
    origin: Origin,
    intake: Option<Intake>,
    /// Whether a body has begun once: the next one replaces it.
    began: bool,
    total: Option<u64>,
}

impl BodyReceiver {
    async fn end(mut self, error: Option<FetchError>, service: &Service) {
        match (error, self.intake.take()) {
            (None, Some(intake)) => intake.finish(None),
            (Some(error), Some(intake)) if intake.heads() > 0 => intake.finish(Some(error.to_string())),
            (Some(error), _) => self.tell(News::Failed(failure(&error, service))).await,
            (None, None) => {
                let intake = Intake::new(self.request, Some(self.provider), &self.outbox);
                intake.finish(None);
            }
        }
    }

    async fn tell(&self, news: News) {
        let _ = self.outbox.send(Event::Fetch { request: self.request, news }).await;
    }

    /// Progress may be lost when the loop is busy; it comes again.
    fn mention(&self, news: News) {
        let _ = self.outbox.try_send(Event::Fetch { request: self.request, news });
    }
}

impl Receiver for BodyReceiver {
    fn begin(&mut self, answer: &Answer) {
        let mut intake = Intake::new(self.request, Some(self.provider), &self.outbox);
        if self.began {
            intake.tell(News::Restarted);
        } else {
            intake.tell(News::Began { origin: self.origin.clone() });
        }
        self.began = true;
        self.total = answer.declared;
        self.intake = Some(intake);
    }

    async fn chunk(&mut self, bytes: &[u8]) -> Flow {
        if self.outbox.is_closed() {
            return Flow::Stop;
        }
        if let Some(intake) = self.intake.as_mut() {
            intake.push(bytes, self.total);
        }
        Flow::More
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Connecting => self.mention(News::Asking),
            Notice::Waiting { attempt, of, wait, why } => {
                self.mention(News::Waiting { attempt, of, until: later(wait), why });
            }
            // The intake tells what it has taken in.
            Notice::Receiving { .. } => {}
        }
    }
}

fn later(wait: Duration) -> Stamp {
    now().plus_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// An error in words: the service's own where it answered, ours where it did not.
pub fn failure(error: &FetchError, service: &Service) -> Failure {
    let mut failure = Failure {
        what: error.to_string(),
        said: Vec::new(),
        advice: error.advice(),
        exit_code: error.exit_code(),
    };
    if let Fault::Status { status, body, .. } = &*error.fault {
        let refusal = service.provider.explain(*status, body, &service.access);
        failure.said = refusal.said;
        failure.advice = refusal.advice;
    }
    failure
}

/// The service of a thread with what the environment says of it.
pub fn service(name: &str, access: Access, client: Arc<Client>) -> Option<Service> {
    Some(Service { provider: provider::named(name)?, access, client })
}
