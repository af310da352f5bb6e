//! Input events of [`crate::app::App::update`]: keys, fetch updates, task results. Plain data, no closures or channels.

use crate::domain::{
    BodySummary, FetchProgress, FilterId, KeptAccount, KeptList, ListUpdate, ListedNote, ListedThread,
    ListingId, MessageKey, MessageSummary, Origin, Raw, RecentThread, RequestId, SavedSearch, SavedState,
    SearchId, SortId, SortedMessages, SpanKind, Thread, ThreadNotes, ThreadRef, Timestamp, Usage, UserError,
};
use crate::keymap::Chord;
use crate::trace::{DayTotals, OperationStats, SlowExample, Timeline, TurnTotals};
use crate::view::hit_lines::HitLines;
use crate::view::page::PageLayout;
use crate::view::payload::PayloadResult;
use crate::view::search_hits::HitResult;
use crate::view::thread_table::Arrangement;
use crate::view::{Clip, MessageView};
use std::ops::Range;
use std::sync::Arc;

/// A mouse button or wheel, without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    Press,
    /// A move with the button held.
    Drag,
    WheelUp,
    WheelDown,
}

/// A mouse event at a cell, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    pub kind: MouseKind,
    pub column: u16,
    pub row: u16,
}

/// A step of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchUpdate {
    Started {
        origin: Origin,
    },
    /// The request was sent again: everything received before is discarded.
    Restarted,
    Progress(FetchProgress),
    /// The service that the body belongs to.
    ProviderDetected {
        service: &'static str,
    },
    Summaries(Vec<MessageSummary>),
    Thread(Box<Thread>),
    /// The verbatim body of a second request about the thread; may arrive late.
    Details(Vec<u8>),
    /// A sentence about the thread for the user; may arrive late.
    Warning(String),
    Ended(BodySummary),
    /// The user is offline: only the cached copy is shown.
    OfflineOnly,
    Failed(UserError),
}

/// A message read by a task.
#[derive(Clone, Debug)]
pub struct LoadedMessage {
    pub key: MessageKey,
    pub width: usize,
    pub raw: Raw,
    pub view: Arc<MessageView>,
}

/// A part of the results of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResults {
    pub id: SearchId,
    /// New hits: the index of a message and its number of hits.
    pub hits: Vec<(u32, u32)>,
    /// The total number of messages searched so far.
    pub searched: usize,
}

/// A step of a thread: a span, or a tool call or an answer where there are no spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowStep {
    pub kind: SpanKind,
    pub operation: String,
    /// The step's own name; may be empty.
    pub name: String,
    /// The step's message, span, and self time.
    pub example: SlowExample,
}

/// Statistics of a whole thread. The lists are bounded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadAnalysis {
    /// The number of analysed messages.
    pub message_count: usize,
    /// Whether it has spans. Otherwise, tool calls and answers are its steps, and a question with everything up to the
    /// next one is its turn.
    pub has_spans: bool,
    /// The usage of all messages together.
    pub usage: Usage,
    /// Statistics by operation type or tool, by descending self time.
    pub operations: Vec<OperationStats>,
    /// The number of operation types that are omitted.
    pub hidden_operations: usize,
    /// Statistics by model.
    pub models: Vec<OperationStats>,
    /// The time between two messages, by the kind of the later one; empty with spans.
    pub waits: Vec<OperationStats>,
    /// The steps with the most self time, by descending self time.
    pub slowest: Vec<SlowStep>,
    /// For each message with slow steps (compared with their operation), the step with the most self time; in message
    /// order.
    pub slow_examples: Vec<SlowExample>,
    /// The indices of the messages with untraced time, in order.
    pub gaps: Vec<u32>,
    /// The turns in order.
    pub timeline: Timeline,
}

impl ThreadAnalysis {
    /// The operation of an answer in a thread without spans.
    pub const ANSWER: &'static str = "answer";

    /// Returns the kind of an operation.
    pub fn kind_of(&self, operation: &str) -> SpanKind {
        match operation {
            _ if self.has_spans => SpanKind::of_operation(operation),
            Self::ANSWER => SpanKind::Model,
            _ => SpanKind::Tool,
        }
    }
}

/// A message as an example, in any thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessagePlace {
    pub service: String,
    /// None for the account in use.
    pub account: Option<KeptAccount>,
    pub thread_id: String,
    /// May be empty.
    pub message_id: String,
}

/// The statistics of an operation over many threads.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryOperation {
    pub stats: OperationStats,
    /// The message with its slowest step.
    pub slowest: Option<MessagePlace>,
}

/// A thread among many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysedThread {
    /// The thread, and the first message with a problem.
    pub place: MessagePlace,
    /// Untrusted.
    pub title: String,
    pub totals: TurnTotals,
    /// The duration of the slowest turn in microseconds.
    pub slowest_micros: Option<i64>,
}

/// Statistics of the threads of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LibraryAnalysis {
    pub threads: usize,
    /// Threads whose body could not be read.
    pub unreadable: usize,
    pub totals: TurnTotals,
    /// The operations, by descending self time.
    pub operations: Vec<LibraryOperation>,
    /// The threads with the most problems.
    pub worst: Vec<AnalysedThread>,
    /// The days with turns, the first one first.
    pub days: Vec<DayTotals>,
}

/// A step of the analysis of kept threads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LibraryAnalysisUpdate {
    /// The number of the request.
    pub id: u64,
    /// The number of threads that were read, of `all`.
    pub done: usize,
    pub all: usize,
    /// The result, at the end.
    pub analysis: Option<Arc<LibraryAnalysis>>,
    /// A sentence about why there is no result.
    pub problem: String,
}

/// A message that a search through the library found. Texts are untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundMessage {
    pub service: String,
    /// None for the account in use.
    pub account: Option<KeptAccount>,
    pub thread_id: String,
    pub title: String,
    /// May be empty.
    pub message_id: String,
    pub at: Option<Timestamp>,
    /// The part of the message with the hit, in one word.
    pub place: &'static str,
    /// The text around the hit, on one line.
    pub snippet: String,
    /// The hit in the snippet, in bytes.
    pub hit: Range<usize>,
    /// The span whose payload has the hit.
    pub span_id: Option<String>,
    /// A longer text around the hit, with its line breaks.
    pub preview: String,
    pub preview_hit: Range<usize>,
}

impl FoundMessage {
    /// Returns whether both messages are in the same thread.
    pub fn is_of_same_thread(&self, other: &Self) -> bool {
        (&self.service, &self.account, &self.thread_id) == (&other.service, &other.account, &other.thread_id)
    }
}

/// A thread of the library with its newest message that matches a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundThread {
    pub thread: ListedThread,
    pub saved: SavedState,
    pub message: FoundMessage,
}

/// The threads of a list whose messages contain the words that filter the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundThreads {
    /// The number of the request.
    pub id: u64,
    pub threads: Vec<FoundThread>,
    /// A sentence about why threads may be missing; empty if none are.
    pub problem: String,
}

/// The hits of a search through the library, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryResults {
    /// The number of the query.
    pub id: u64,
    pub hits: Vec<FoundMessage>,
    /// Whether they follow the hits of the previous results with this number.
    pub is_continued: bool,
    /// Whether more may follow.
    pub is_running: bool,
    /// The total number of hits, or the progress of the search, as text.
    pub progress: String,
    /// A sentence about why there are no hits.
    pub message: String,
    /// The saved searches, if the query is empty.
    pub saved: Vec<SavedSearch>,
}

/// The result of a shell command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutput {
    pub command: String,
    /// Standard output, then standard error; truncated at a limit.
    pub output: String,
    /// The failure, if any.
    pub error: Option<String>,
}

/// An input of [`crate::app::App::update`].
#[derive(Clone, Debug)]
pub enum Event {
    Key(Chord),
    /// Enter directly after text that arrived at once: a paste without brackets, or keys typed ahead over a slow
    /// connection.
    EnterInBurst,
    Paste(String),
    Mouse(Mouse),
    Resize {
        width: u16,
        height: u16,
    },
    Fetch {
        request: RequestId,
        update: FetchUpdate,
    },
    MessageReady(LoadedMessage),
    /// A payload is formatted.
    PayloadReady(Box<PayloadResult>),
    SearchResults(SearchResults),
    /// The hits of the search in a large message.
    HitsFound(Box<HitResult>),
    /// Lines of the page of all hits.
    HitsRead(Box<HitLines>),
    /// The page of an overlay is laid out.
    PageReady(Box<PageLayout>),
    Filtered {
        id: FilterId,
        visible: Arc<Vec<u32>>,
    },
    /// The messages in the order of the list.
    Sorted {
        id: SortId,
        sorted: Arc<SortedMessages>,
    },
    /// A step of a listing.
    Listed {
        id: ListingId,
        update: ListUpdate,
    },
    /// A part of the kept list, which a listing then updates.
    Kept {
        id: ListingId,
        kept: Box<KeptList>,
    },
    /// The hits of a search through the library.
    LibrarySearched(Box<LibraryResults>),
    /// Threads whose messages contain the words that filter the list.
    ThreadsFound(Box<FoundThreads>),
    /// The notes of a thread.
    NotesRead {
        thread: ThreadRef,
        notes: Arc<ThreadNotes>,
    },
    /// All notes, the last one first.
    NotesListed(Result<Vec<ListedNote>, String>),
    /// A step of the analysis of kept threads.
    LibraryAnalysed(Box<LibraryAnalysisUpdate>),
    /// The progress of the archive run, as the text of a notice.
    ArchiveProgress(String),
    /// The end of the archive run, with a notice.
    ArchiveEnded {
        text: String,
        is_warning: bool,
    },
    /// An update of the library's index has ended.
    LibraryIndexed,
    /// The states of threads of a service; threads that are not listed are ignored.
    SavedStates {
        service: &'static str,
        states: Vec<(String, SavedState)>,
    },
    /// Listed threads in the order of the screen.
    Arranged {
        id: SortId,
        arrangement: Arc<Arrangement>,
    },
    Analysed {
        generation: u64,
        analysis: Arc<ThreadAnalysis>,
    },
    CommandOutput(CommandOutput),
    /// A notice for the bottom line, such as the result of a copy.
    Notify {
        text: String,
        is_warning: bool,
    },
    /// Nothing was copied; `reason` is a sentence without its full stop.
    CopyFailed {
        clip: Clip,
        reason: String,
    },
    /// A timer has elapsed.
    TimerFired {
        id: u64,
    },
    /// Recently opened threads, or suggestions.
    RecentThreads(Vec<RecentThread>),
    /// The background of the terminal: red, green, blue.
    Background([u8; 3]),
    /// The demo's server runs and receives the requests; these are its threads.
    DemoStarted {
        threads: Vec<RecentThread>,
    },
    /// The next step of an animation; sent only while something is animated.
    Tick,
    /// The queue is empty and a frame is about to be drawn: prepare its content.
    PrepareFrame,
    /// The program owns the terminal again.
    Resumed,
    /// A background task panicked; `message` is a sentence for the user.
    TaskFailed {
        message: String,
    },
}

impl Event {
    /// Creates a notice of success.
    pub fn notice(text: String) -> Self {
        Self::Notify { text, is_warning: false }
    }

    /// Creates a notice of failure.
    pub fn warning(text: String) -> Self {
        Self::Notify { text, is_warning: true }
    }
}
