//! Opening a source: a file, a pipe or a service's thread becomes news of a request. All of them end in exactly one
//! `Ended` or `Failed`, unless they are cancelled; a kept copy of a thread may come before, with an `Ended` of its own.

mod copy;
mod network;
mod unpack;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{Stamp, ThreadRef};
use crate::effect::RequestId;
use crate::event::{Event, Failure, News, Origin};
use crate::provider::{Access, Provider};
use crate::runtime::http::{Client, Control};
use crate::runtime::intake::{Intake, Known, PACE};
use crate::runtime::panics;
use crate::runtime::platform::Lookout;
use crate::runtime::secret::Keyring;
use crate::runtime::store::{Owner, Shelf, Store};

use unpack::{Input, plain};

pub use copy::missing;
pub use network::{failure, no_access};

/// The clock of the outside.
pub fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Stamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A file or a pipe that is to be read.
#[derive(Clone)]
pub struct Reading {
    pub request: RequestId,
    /// The service whose body it is said to be; none finds out.
    pub provider: Option<&'static dyn Provider>,
    /// The most bytes that a pipe or a packed file may bring, unpacked (setting `max_body`).
    pub most: u64,
    /// What an earlier copy told.
    pub known: Known,
}

/// Reads a file of either service, packed by gzip or not. Runs on a thread of its own; `stop` ends it early.
pub fn read_file(reading: Reading, path: &Path, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let mut intake = Intake::new(reading.request, reading.provider, outbox).knowing(reading.known);
    let path = expand_home(path);
    match open_file(&path) {
        Ok((file, size)) => {
            intake.tell(News::Began { origin: Origin::File { size } });
            let lookout = if size.is_none() { Lookout::file(&file) } else { None };
            drain(plain(file, size, reading.most), lookout, intake, stop);
        }
        Err(failure) => intake.tell(News::Failed(failure)),
    }
}

/// Reads standard input to its end.
pub fn read_stdin(reading: Reading, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let mut intake = Intake::new(reading.request, reading.provider, outbox);
    intake.tell(News::Began { origin: Origin::File { size: None } });
    drain(plain(io::stdin(), None, reading.most), Lookout::stdin(), intake, stop);
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
const FIRST_READ: usize = 64 << 10;
const READ: usize = 1 << 20;

/// Reads to the end. Where the source can pause, `lookout` sees whether it does.
fn drain(Input { mut bytes, total }: Input, lookout: Option<Lookout>, mut intake: Intake, stop: &AtomicBool) {
    let mut most = FIRST_READ;
    while !stop.load(Ordering::Relaxed) {
        if intake.is_behind() && lookout.as_ref().is_some_and(|lookout| lookout.is_quiet(PACE)) {
            intake.settle(total);
        }
        let spare = intake.spare();
        let room = spare.len().min(most);
        match bytes.read(spare.get_mut(..room).unwrap_or_default()) {
            Ok(0) => {
                intake.finish(None);
                return;
            }
            Ok(count) => intake.advance(count, total),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                intake.finish(Some(format!("reading stopped: {error}")));
                return;
            }
        }
        most = (most * 2).min(READ);
    }
}

/// What is needed to ask a service.
#[derive(Clone)]
pub struct Service {
    pub provider: &'static dyn Provider,
    pub access: Access,
    /// Where the key is, if not in the access.
    pub keys: Keyring,
    pub client: Arc<Client>,
    /// Where copies are kept; none keeps none and reads none.
    pub store: Option<Store>,
    /// What an earlier copy of the thread told.
    pub known: Known,
}

impl Service {
    /// The same with its key in the access.
    ///
    /// # Errors
    /// Why there is no key although there should be one.
    pub async fn with_key(mut self) -> Result<Self, Failure> {
        if self.access.key.is_none() {
            let key = self.keys.key().await;
            self.access.key = key.map_err(|error| Failure {
                what: error.to_string(),
                said: Vec::new(),
                advice: error.advice(),
                exit_code: NOT_ALLOWED,
            })?;
        }
        Ok(self)
    }
}

/// Whether a kept copy may stand in for the service's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// The copy at once, then the answer.
    CopyFirst,
    /// The answer alone.
    #[default]
    Fresh,
    /// The copy only if the service cannot be reached; the failure is told after it.
    FreshElseCopy,
    /// The service is not asked.
    CopyOnly,
}

/// A thread to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    pub request: RequestId,
    pub thread: ThreadRef,
    pub plan: Plan,
}

/// Tells news of one request.
#[derive(Clone)]
struct Teller {
    request: RequestId,
    outbox: Outbox<Event>,
}

impl Teller {
    async fn tell(&self, news: News) {
        let _ = self.outbox.send(Event::Fetch { request: self.request, news }).await;
    }

    /// Progress may be lost when the loop is busy; it comes again.
    fn mention(&self, news: News) {
        let _ = self.outbox.try_send(Event::Fetch { request: self.request, news });
    }
}

/// The exit code of a key that is missing.
const NOT_ALLOWED: u8 = 4;

/// The exit code of whatever keeps the network from answering.
const NETWORK: u8 = 6;

/// One bringing of a thread, and all that it needs.
#[derive(Clone)]
struct Bringing {
    thread: ThreadRef,
    service: Service,
    /// Where the thread's copies are.
    shelf: Option<Shelf>,
    teller: Teller,
    control: Control,
    /// Why there is no key.
    locked: Option<Failure>,
}

/// Brings a thread: its copy, the service's answer, or one after the other. Comes back when the new copy is on the disk.
pub async fn fetch(errand: Errand, service: Service, outbox: Outbox<Event>, control: Control) {
    panics::rehearse("fetching");
    // Offline nobody needs the key, and asking for it may take a person.
    let (service, locked) = match errand.plan {
        Plan::CopyOnly => (service, None),
        Plan::CopyFirst | Plan::Fresh | Plan::FreshElseCopy => match service.clone().with_key().await {
            Ok(service) => (service, None),
            Err(failure) => (service, Some(failure)),
        },
    };
    let (thread, asked) = (errand.thread.clone(), service.clone());
    let shelf = tokio::task::spawn_blocking(move || shelf(&thread, &asked)).await.ok().flatten();
    let teller = Teller { request: errand.request, outbox };
    let bringing = Bringing { thread: errand.thread, service, shelf, teller, control, locked };
    match errand.plan {
        Plan::CopyOnly => bringing.copy_only().await,
        Plan::CopyFirst => {
            bringing.copy(Owner::Same).await;
            if let Some(failure) = bringing.answer().await {
                bringing.teller.tell(News::Failed(failure)).await;
            }
        }
        Plan::Fresh | Plan::FreshElseCopy => {
            let Some(failure) = bringing.answer().await else { return };
            if errand.plan == Plan::FreshElseCopy && failure.exit_code == NETWORK {
                bringing.copy(Owner::Same).await;
            }
            bringing.teller.tell(News::Failed(failure)).await;
        }
    }
}

/// Where the copies of a thread are; blocks on the disk.
pub fn shelf(thread: &ThreadRef, service: &Service) -> Option<Shelf> {
    service.store.as_ref()?.shelf(thread, &service.access)
}
