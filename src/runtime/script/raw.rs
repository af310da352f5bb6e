//! A body byte for byte, as it comes, with a copy kept beside it. A body that the network interrupts is taken up where it
//! stopped if what was written can be taken back or comes again unchanged.

mod kept;

use std::io::{self, Read, Write};
use std::sync::Arc;

use crc32fast::Hasher;
use tokio::task::spawn_blocking;

use super::output::{Output, unwritten};
use super::progress::Progress;
use super::trouble;
use crate::domain::ThreadRef;
use crate::effect::Source;
use crate::event::{Failure, News};
use crate::runtime::cache::Extent;
use crate::runtime::http::{Answer, Client, Control, Fault, Flow, Notice, Receiver};
use crate::runtime::source::{self, Service};
use crate::runtime::store::{Owner, Part};
use crate::runtime::tasks::{Reach, World};
use crate::text::Safe;
use kept::Kept;

/// The exit code of whatever keeps the network from answering.
const NETWORK: u8 = 6;

/// Bytes read in one go.
const READ: usize = 256 << 10;

/// Who sees the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// A program or a file: every byte as it came.
    Machine,
    /// A person at a terminal: through the gate.
    Person,
}

/// Writes a body; returns the exit code of a part of it, 0 for all.
///
/// # Errors
/// Nothing came, or nothing could be written.
pub async fn write(
    source: Source,
    world: &World,
    client: &Arc<Client>,
    (output, viewer): (Output, Viewer),
    progress: &mut Progress,
) -> Result<u8, Failure> {
    let mut sink = Sink { output, viewer, rest: Vec::new(), began: false };
    let code = match source {
        Source::Thread(thread) => {
            let service = world
                .service(thread.service, Arc::clone(client))
                .ok_or_else(|| trouble("there is no such service", "", 2))?;
            match world.reach {
                Reach::Offline => copy_kept(&thread, &service, Owner::Any, &mut sink)?,
                Reach::Online => {
                    let service = service.with_key().await?;
                    match fetch(&service, &thread, &mut sink, progress).await {
                        Err(failure) if failure.exit_code == NETWORK && !sink.began => {
                            instead(failure, &thread, &service, &mut sink, progress)?
                        }
                        fetched => fetched?,
                    }
                }
            }
        }
        Source::File(path) => {
            let (file, _) = source::open_file(&source::expand_home(&path))?;
            copy(file, &mut sink)?
        }
        Source::Stdin => copy(io::stdin().lock(), &mut sink)?,
    };
    sink.end().map_err(|error| unwritten(&error))?;
    sink.output.finish()?;
    Ok(code)
}

fn copy(mut input: impl Read, sink: &mut Sink) -> Result<u8, Failure> {
    let mut buffer = vec![0; READ];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(0),
            Ok(count) => {
                sink.take(buffer.get(..count).unwrap_or_default()).map_err(|error| unwritten(&error))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(trouble(format!("reading stopped: {error}"), "", 1)),
        }
    }
}

/// The kept copy, as the service cannot be reached; ends with the failure's exit code all the same.
fn instead(
    failure: Failure,
    thread: &ThreadRef,
    service: &Service,
    sink: &mut Sink,
    progress: &mut Progress,
) -> Result<u8, Failure> {
    if copy_kept(thread, service, Owner::Same, sink).is_err() {
        return Err(failure);
    }
    progress.clear();
    let advice = format!("What is written is the copy that was kept. {}", failure.advice);
    Ok(super::tell(&Failure { advice, ..failure }, None))
}

/// The kept copy, block by block.
fn copy_kept(thread: &ThreadRef, service: &Service, owner: Owner, sink: &mut Sink) -> Result<u8, Failure> {
    let entry = source::shelf(thread, service).and_then(|shelf| shelf.find(Part::Messages, owner));
    let mut entry = entry.ok_or_else(|| source::missing(service.store.is_some()))?;
    let code = match entry.extent() {
        Extent::Whole => 0,
        Extent::Partial => 6,
    };
    loop {
        match entry.next_chunk() {
            Ok(Some(bytes)) => sink.take(bytes).map_err(|error| unwritten(&error))?,
            Ok(None) => return Ok(code),
            Err(damaged) => return Err(trouble(damaged.to_string(), "Fetch the thread again.", 7)),
        }
    }
}

async fn fetch(
    service: &Service,
    thread: &ThreadRef,
    sink: &mut Sink,
    progress: &mut Progress,
) -> Result<u8, Failure> {
    let wanted = service
        .provider
        .messages_request(&thread.id, &service.access)
        .map_err(|error| source::no_access(&error, service))?;
    let (place, asked) = (thread.clone(), service.clone());
    let kept = spawn_blocking(move || Kept::begin(&place, &asked)).await.ok().flatten();
    let mut body = Body { sink, progress, kept, written: 0, sum: Hasher::new(), again: None, failed: None };
    let outcome = service.client.get(&wanted, &mut body, &Control::none()).await;
    if let Some(kept) = body.kept.take() {
        let broke_off = outcome.as_ref().err().map(ToString::to_string);
        let writing = kept.finish(service, broke_off);
        let _ = spawn_blocking(|| writing.wait()).await;
    }
    if let Some(failed) = body.failed {
        return Err(failed);
    }
    match outcome {
        Ok(_) if body.again.is_some() => Err(another_body()),
        Ok(_) => Ok(0),
        Err(error) if body.written > 0 && *error.fault != Fault::Cancelled => {
            body.progress.clear();
            super::tell(&source::failure(&error, service), None);
            Ok(error.exit_code())
        }
        Err(error) => Err(source::failure(&error, service)),
    }
}

fn another_body() -> Failure {
    let what = "the body broke off, and the second try brought another one";
    trouble(what, "Write to a file with -o, which can begin again.", 6)
}

/// A second try, held against what was written in the first.
struct Again {
    seen: u64,
    sum: Hasher,
}

struct Body<'a> {
    sink: &'a mut Sink,
    progress: &'a mut Progress,
    /// The copy that is kept.
    kept: Option<Kept>,
    written: u64,
    sum: Hasher,
    again: Option<Again>,
    failed: Option<Failure>,
}

impl Body<'_> {
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        if let Some(again) = &mut self.again {
            let missing = usize::try_from(self.written - again.seen).unwrap_or(usize::MAX);
            let (known, new) = bytes.split_at(missing.min(bytes.len()));
            again.sum.update(known);
            again.seen += known.len() as u64;
            bytes = new;
            if again.seen == self.written {
                if again.sum.clone().finalize() != self.sum.clone().finalize() {
                    let what = "the body broke off, and the second try brought another one";
                    return Err(trouble(what, "Write to a file with -o, which can begin again.", 6));
                }
                self.again = None;
            }
        }
        self.sum.update(bytes);
        self.written += bytes.len() as u64;
        self.sink.take(bytes).map_err(|error| unwritten(&error))
    }
}

impl Receiver for Body<'_> {
    fn begin(&mut self, _answer: &Answer) {
        if let Some(kept) = &mut self.kept {
            kept.restart();
        }
        if self.written == 0 {
            return;
        }
        match self.sink.output.restart() {
            Ok(true) => {
                self.written = 0;
                self.sum = Hasher::new();
            }
            Ok(false) => self.again = Some(Again { seen: 0, sum: Hasher::new() }),
            Err(error) => self.failed = Some(unwritten(&error)),
        }
    }

    async fn chunk(&mut self, bytes: &[u8]) -> Flow {
        if self.failed.is_none() {
            if let Some(kept) = &mut self.kept {
                kept.take(bytes);
            }
            self.failed = self.take(bytes).err();
        }
        if self.failed.is_some() { Flow::Stop } else { Flow::More }
    }

    fn notice(&mut self, notice: Notice) {
        if let Notice::Receiving { bytes, total } = notice {
            self.progress.hear(&News::Receiving { bytes, total });
        }
    }
}

/// The output behind the gate, if a person looks at it.
struct Sink {
    output: Output,
    viewer: Viewer,
    /// The start of a character whose end has not come yet, or of a line.
    rest: Vec<u8>,
    /// Whether anything came to be written.
    began: bool,
}

impl Sink {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.began |= !bytes.is_empty();
        if self.viewer == Viewer::Machine {
            return self.output.write_all(bytes);
        }
        self.rest.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.rest) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.rest.len(),
        };
        let later = self.rest.split_off(whole);
        let now = std::mem::replace(&mut self.rest, later);
        self.show(&now)
    }

    fn show(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(Safe::text(&String::from_utf8_lossy(bytes)).as_bytes())
    }

    fn end(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.rest);
        self.show(&rest)
    }
}
