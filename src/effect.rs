//! Side effects requested by [`crate::app::App::update`]. Plain data: an effect can be logged, compared and replayed.

use crate::domain::{
    AccountRef, Applications, FilterId, ListingId, MessageKey, MessageSummaries, NoteEdit, Raw, RecentThread,
    RequestId, SearchId, SortId, SortOrder, Source, Thread, ThreadNotes, ThreadRef, Timestamp,
};
use crate::export::{ExportFormat, Payloads};
use crate::filter::{Filter, ThreadFilter};
use crate::search::Finder;
use crate::view::Clip;
use crate::view::hit_lines::HitRequest;
use crate::view::message::TextOptions;
use crate::view::page::PageContent;
use crate::view::payload::PayloadJob;
use crate::view::search_hits::HitJob;
use crate::view::thread_table::{ThreadGroup, ThreadRow, ThreadSort, ThreadTable};
use std::sync::Arc;

/// A program that takes over the terminal until it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalProgram {
    /// `$PAGER`, with the sanitized text.
    Pager(Clip),
    /// `$EDITOR`, with the exact value in a private file.
    Editor(Clip),
}

/// Whether a cached copy may be shown during the fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The cached copy at once, then the fetched one.
    CacheFirst,
    /// Only the fetched copy.
    NetworkOnly,
}

/// The content and options of an export.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    pub format: ExportFormat,
    pub service: &'static str,
    pub thread: Thread,
    pub summaries: MessageSummaries,
    pub notes: Arc<ThreadNotes>,
    /// Indices of the messages to export; `None` exports all.
    pub message_indices: Option<Vec<u32>>,
    /// The spans whose payloads are written, if the format has this option; `None` for its default.
    pub payloads: Option<Payloads>,
    /// Whether secrets and personal data (addresses, phone numbers …) are masked.
    pub redact: bool,
    pub warnings: Vec<String>,
}

/// Listed threads to bring into the order of the screen.
#[derive(Clone, Debug)]
pub struct ArrangeRequest {
    pub id: SortId,
    pub account: AccountRef,
    pub table: ThreadTable,
    pub applications: Arc<Applications>,
    pub group: ThreadGroup,
    pub narrowing: String,
    pub filter: Option<ThreadFilter>,
    pub sort: ThreadSort,
}

/// A search for threads of a list whose messages contain the words that filter the list.
#[derive(Clone, Debug)]
pub struct FindRequest {
    pub id: u64,
    pub account: AccountRef,
    pub words: String,
    pub group: ThreadGroup,
    pub filter: Option<ThreadFilter>,
}

/// A selection of listed threads, to archive or to analyse.
#[derive(Clone, Debug)]
pub struct ListedSelection {
    pub account: AccountRef,
    pub table: ThreadTable,
    /// Rows of the table.
    pub indices: Vec<u32>,
}

impl ListedSelection {
    /// Returns the rows of the threads.
    pub fn rows(&self) -> impl Iterator<Item = &ThreadRow> {
        self.indices.iter().filter_map(|index| self.table.get(*index))
    }
}

/// Listed threads to export, each to its own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadsExport {
    pub threads: Vec<ThreadToExport>,
    pub format: ExportFormat,
    /// The spans whose payloads are written, if the format has this option; `None` for its default.
    pub payloads: Option<Payloads>,
    pub redact: bool,
}

/// A listed thread to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadToExport {
    pub thread: ThreadRef,
    /// Whether the library has the newest body of the thread, so that it need not be fetched.
    pub is_kept: bool,
}

/// A side effect to perform.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Fetch or read a thread; cancels the request in flight.
    Open {
        request: RequestId,
        source: Source,
        freshness: Freshness,
    },
    /// Keep the summaries of a thread that may be opened next, so that unchanged messages need not be parsed again.
    ReuseMessages(MessageSummaries),
    /// Cancel this request; its events are no longer needed.
    Cancel(RequestId),
    /// Start the next attempt without waiting.
    SkipWait(RequestId),
    /// Read a message that is too large to read between two key presses.
    ReadMessage {
        key: MessageKey,
        service: &'static str,
        raw: Raw,
        width: usize,
        options: TextOptions,
    },
    /// Format a large payload.
    FormatPayload(Box<PayloadJob>),
    /// Search these messages, starting at index `from`; stops the running search.
    Search {
        id: SearchId,
        summaries: MessageSummaries,
        finder: Finder,
        from: usize,
    },
    StopSearch,
    /// Find the hits of the search in a large message.
    FindHits(Box<HitJob>),
    /// Read lines of the page of all hits.
    ReadHits(Box<HitRequest>),
    /// Stop the layout of a page that was closed.
    StopLayout,
    /// Lay out the page of an overlay for this width; stops the layout in progress.
    LayOutPage {
        id: u64,
        content: PageContent,
        width: usize,
    },
    /// Find the messages that match.
    Filter {
        id: FilterId,
        summaries: MessageSummaries,
        filter: Filter,
        service: &'static str,
    },
    /// Sort the messages; stops the sorting in progress. `questions` are the first messages of groups.
    Sort {
        id: SortId,
        order: SortOrder,
        summaries: MessageSummaries,
        questions: Vec<u32>,
        service: &'static str,
    },
    /// Compute statistics of the whole thread.
    Analyse {
        generation: u64,
        summaries: MessageSummaries,
        service: &'static str,
    },
    /// List the threads of an account, or only those of a variant; ends in [`crate::event::Event::Listed`].
    List {
        id: ListingId,
        account: AccountRef,
        variant: Option<String>,
    },
    StopListing(ListingId),
    /// Arrange listed threads; stops the arranging in progress.
    Arrange(Box<ArrangeRequest>),
    /// Export listed threads; ends in a notice.
    ExportThreads(Box<ThreadsExport>),
    /// Archive threads in the library; ends in [`crate::event::Event::ArchiveEnded`].
    Archive(Box<ListedSelection>),
    /// Search the library; stops the search in progress. An empty text lists the saved searches and adds new threads to the
    /// index.
    SearchLibrary {
        id: u64,
        text: String,
        scope: SearchScope,
    },
    StopLibrarySearch,
    /// Find threads of the library, after a pause; stops the last such search. Ends in
    /// [`crate::event::Event::ThreadsFound`].
    FindThreads(Box<FindRequest>),
    StopFindingThreads,
    /// Analyse kept threads; stops the analysis in progress. Ends in [`crate::event::Event::LibraryAnalysed`].
    AnalyseLibrary {
        id: u64,
        subject: LibrarySubject,
        day: Option<AnalysedDay>,
    },
    StopLibraryAnalysis,
    /// Save a search of the library under a name, or remove the one with this name.
    SaveSearch {
        name: String,
        query: Option<String>,
    },
    /// Load the notes of a thread; ends in [`crate::event::Event::NotesRead`].
    ReadNotes(ThreadRef),
    /// Write, replace or remove a note; the notes of the thread are loaded again.
    WriteNote(Box<NoteEdit>),
    /// Load all notes; ends in [`crate::event::Event::NotesListed`].
    ListNotes,
    /// Copy to the clipboard.
    Copy(Clip),
    /// Run another program in the terminal until it ends.
    RunInTerminal(ExternalProgram),
    /// Open a web address in the browser.
    OpenLink(String),
    /// Export messages to a file in the working folder.
    Export(Box<ExportRequest>),
    /// Save a text to a new file in the working folder.
    Save(Clip),
    /// Pipe a value through a shell command and show its output.
    Pipe {
        clip: Clip,
        command: String,
    },
    /// Send [`crate::event::Event::TimerFired`] after this time.
    StartTimer {
        seconds: u64,
        id: u64,
    },
    /// Start the demo's server and send all requests to it; ends in [`crate::event::Event::DemoStarted`].
    StartDemo,
    /// Use this profile for its service from now on.
    UseProfile {
        name: String,
    },
    /// Add a thread to the recent threads.
    RecordVisit(RecentThread),
    /// Remember where a thread was left.
    RecordPlace(RecentThread),
    /// Continue preparing: send [`crate::event::Event::PrepareFrame`] when the queue is empty.
    PrepareMore,
    /// Turn mouse reports on or off.
    SetMouseOwner(MouseOwner),
    /// Set the title of the terminal's window.
    SetWindowTitle(String),
    /// Draw the whole screen again, because another program may have written to it.
    Redraw,
    /// Suspend the program until the shell resumes it.
    Suspend,
    Quit,
}

/// The kept threads to analyse.
#[derive(Clone, Debug)]
pub enum LibrarySubject {
    /// The threads that a search finds.
    Query(String),
    /// Threads of a list that can be read.
    Listed(Box<ListedSelection>),
}

/// The day in UTC to which an analysis is limited, by its start; `None` for turns without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnalysedDay(pub Option<Timestamp>);

/// The part of the library that a search reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchScope {
    /// Titles, messages, tools, errors and feedback, which are in the index.
    #[default]
    Texts,
    /// The payloads of spans, which are read thread by thread.
    Payloads,
}

/// The owner of the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseOwner {
    Program,
    Terminal,
}
