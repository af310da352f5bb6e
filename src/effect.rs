//! What the pure part asks of the outside. Plain data: an effect can be logged, compared and replayed.

use crate::domain::{FilterId, RecentThread, RequestId, SearchId, Source};

use crate::domain::{MessageKey, MessageSummaries, Raw, Thread};
use crate::export::ExportFormat;
use crate::filter::Filter;
use crate::search::Finder;
use crate::view::Clip;
use crate::view::message::HiddenText;
use crate::view::page::PageContent;
use crate::view::payload::PayloadJob;

/// A program that gets the terminal for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalProgram {
    /// `$PAGER`, with what passed the gate.
    Pager(Clip),
    /// `$EDITOR`, with the exact value in a private file.
    Editor(Clip),
}

/// Whether a kept copy may be shown while the service is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The kept copy at once, then the fresh one.
    CacheFirst,
    /// Only what the service says now.
    NetworkOnly,
}

/// What to export, and how.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    pub format: ExportFormat,
    pub service: &'static str,
    pub thread: Thread,
    pub summaries: MessageSummaries,
    /// Places of the wanted messages; `None` wants all.
    pub message_indices: Option<Vec<u32>>,
    /// Whether secrets, addresses and numbers of people are masked.
    pub redact: bool,
    pub warnings: Vec<String>,
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
    ReuseMessages(MessageSummaries),
    /// Stop this request; nothing of it is wanted any more.
    Cancel(RequestId),
    /// Do not wait any longer before the next try.
    SkipWait(RequestId),
    /// Read a message that is too large to be read between two key presses.
    ReadMessage {
        key: MessageKey,
        service: &'static str,
        raw: Raw,
        width: usize,
        hidden: HiddenText,
    },
    /// Make the reading view of a large payload.
    FormatPayload(Box<PayloadJob>),
    /// Search these messages, beginning with the one at `from`; a search under way is given up.
    Search {
        id: SearchId,
        summaries: MessageSummaries,
        finder: Finder,
        from: usize,
    },
    StopSearch(SearchId),
    /// Lay a page out for this width.
    LayOutPage {
        id: u64,
        content: PageContent,
        width: usize,
    },
    /// Find the messages that pass.
    Filter {
        id: FilterId,
        summaries: MessageSummaries,
        filter: Filter,
        service: &'static str,
    },
    /// Work out what the whole thread tells.
    Analyse {
        generation: u64,
        summaries: MessageSummaries,
        service: &'static str,
    },
    /// To the clipboard.
    Copy(Clip),
    /// Give the terminal to another program and take it back when it ends.
    RunInTerminal(ExternalProgram),
    /// Write messages to a file in the working folder.
    Export(Box<ExportRequest>),
    /// Write a text to a new file in the working folder.
    Save(Clip),
    /// Send a value through a shell command and show what it prints.
    Pipe {
        clip: Clip,
        command: String,
    },
    /// Come back with [`crate::event::Event::Due`] after a while.
    StartTimer {
        seconds: u64,
        id: u64,
    },
    /// From now on reach the profile's service by it.
    UseProfile {
        name: String,
    },
    /// Add to the history.
    RecordVisit(RecentThread),
    /// There is more to prepare: come back with a [`crate::event::Event::Settle`] when the queue is empty.
    PrepareMore,
    /// Have the terminal report the mouse, or leave it to the terminal.
    SetMouseOwner(MouseOwner),
    /// Give the terminal back to the shell until it resumes us.
    Suspend,
    Quit,
}

/// Who has the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseOwner {
    Program,
    Terminal,
}
