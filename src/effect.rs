//! What the pure part asks of the outside. Plain data: an effect can be logged, compared and replayed.

use std::path::PathBuf;

use crate::app::detail::compose::HiddenText;
use crate::app::detail::payload::view::Wish;
use crate::app::page::Subject;
use crate::app::take::Taken;
use crate::domain::{Heads, Raw, Stamp, Thread, ThreadRef};
use crate::event::MessageKey;
use crate::export::ExportFormat;
use crate::filter::Filter;
use crate::search::Finder;

/// Tells one opening from another, so that the latest wins and late answers are known as late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Tells one search from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchId(pub u64);

/// Tells one filtering from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterId(pub u64);

/// A program that gets the terminal for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// `$PAGER`, with what passed the gate.
    Pager(Taken),
    /// `$EDITOR`, with the exact value in a private file.
    Editor(Taken),
}

/// Where a thread comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Thread(ThreadRef),
    File(PathBuf),
    /// A body on standard input; it can be read once.
    Stdin,
}

impl Source {
    /// What to type to get it again.
    pub fn typed(&self) -> String {
        match self {
            Self::Thread(thread) => format!("{}:{}", thread.service, thread.id),
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }
}

/// Whether a kept copy may be shown while the service is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The kept copy at once, then the fresh one.
    CachedFirst,
    /// Only what the service says now.
    Fresh,
}

/// A thread that was opened, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// What to type to get it again.
    pub typed: String,
    pub title: String,
    /// The service's short name, or `file`.
    pub service: String,
    /// The profile by which it was reached.
    pub profile: Option<String>,
    /// `None` for suggestions that were never opened.
    pub at: Option<Stamp>,
    /// A remark shown beside it.
    pub note: String,
}

/// What to export, and how.
#[derive(Clone, Debug)]
pub struct ExportWish {
    pub format: ExportFormat,
    pub service: &'static str,
    pub thread: Thread,
    pub heads: Heads,
    /// Places of the wanted messages; `None` wants all.
    pub places: Option<Vec<u32>>,
    /// Whether secrets, addresses and numbers of people are masked.
    pub redact: bool,
    pub oddities: Vec<String>,
}

/// One wish.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Fetch or read a thread; whatever was under way before is cancelled first.
    Open {
        request: RequestId,
        source: Source,
        freshness: Freshness,
    },
    /// The thread that is opened next may be this one: messages that have not changed need not be read again.
    Know(Heads),
    /// Stop this request; nothing of it is wanted any more.
    Cancel(RequestId),
    /// Do not wait any longer before the next try.
    SkipWait(RequestId),
    /// Read a message that is too large to be read between two key presses.
    Read {
        key: MessageKey,
        service: &'static str,
        raw: Raw,
        width: usize,
        hidden: HiddenText,
    },
    /// Make the reading view of a large payload.
    ReadPayload(Box<Wish>),
    /// Search these messages, beginning with the one at `from`; a search under way is given up.
    Search {
        id: SearchId,
        heads: Heads,
        finder: Finder,
        from: usize,
    },
    StopSearch(SearchId),
    /// Lay a page out for this width.
    Lay {
        number: u64,
        subject: Subject,
        width: usize,
    },
    /// Find the messages that pass.
    Filter {
        id: FilterId,
        heads: Heads,
        filter: Filter,
        service: &'static str,
    },
    /// Work out what the whole thread tells.
    Analyse {
        generation: u64,
        heads: Heads,
        service: &'static str,
    },
    /// To the clipboard.
    Copy(Taken),
    /// Give the terminal to another program and take it back when it ends.
    HandOver(HandOver),
    /// Write messages to a file in the working folder.
    Export(Box<ExportWish>),
    /// Write a text to a new file in the working folder.
    Save(Taken),
    /// Send a value through a shell command and show what it prints.
    Pipe {
        taken: Taken,
        command: String,
    },
    /// Come back with [`crate::event::Event::Due`] after a while.
    Later {
        seconds: u64,
        number: u64,
    },
    /// From now on reach the profile's service by it.
    UseProfile {
        name: String,
    },
    /// Add to the history.
    Remember(Visit),
    /// There is more to prepare: come back with a [`crate::event::Event::Settle`] when the queue is empty.
    Continue,
    /// Have the terminal report the mouse, or leave it to the terminal.
    Mouse(MouseUse),
    /// Give the terminal back to the shell until it resumes us.
    Suspend,
    Quit,
}

/// Who has the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseUse {
    Program,
    Terminal,
}
