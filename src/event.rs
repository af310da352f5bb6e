//! Facts that reach the pure part: keys, bytes, answers. Plain data without closures or channels.

use crate::domain::{
    BodySummary, FilterId, MessageKey, MessageSummary, Origin, Raw, RecentThread, RequestId, SearchId,
    Sentiment, Thread, Timestamp, UserError,
};
use crate::keymap::Chord;
use crate::trace::{OperationStats, SlowExample};
use crate::view::page::PageLayout;
use crate::view::payload::PayloadResult;
use crate::view::{Clip, MessageView};
use std::sync::Arc;

/// A mouse button or wheel, without modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    Press,
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

/// What happens to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchUpdate {
    Started {
        origin: Origin,
    },
    /// A try begins; nothing has come yet.
    Connecting,
    /// Before another try; `until` is when it comes.
    RetryScheduled {
        attempt: u32,
        max_attempts: u32,
        retry_at: Timestamp,
        reason: String,
    },
    /// The request was sent again: what came before does not count.
    Restarted,
    Progress {
        bytes: u64,
        total: Option<u64>,
    },
    /// The service whose body it is.
    ProviderDetected {
        service: &'static str,
    },
    Summaries(Vec<MessageSummary>),
    Thread(Box<Thread>),
    /// What a second request told of the thread, as it came; may be late.
    Details(Vec<u8>),
    /// Something to know about the thread, in a sentence; may be late.
    Warning(String),
    Ended(BodySummary),
    /// The service is not asked, as the user wishes: the kept copy is all there is.
    OfflineOnly,
    Failed(UserError),
}

/// A message that was read off the loop.
#[derive(Clone, Debug)]
pub struct LoadedMessage {
    pub key: MessageKey,
    pub width: usize,
    pub raw: Raw,
    pub view: Arc<MessageView>,
}

/// What a search found so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResults {
    pub id: SearchId,
    /// New hits per message: its place in the thread, and how many.
    pub hits: Vec<(u32, u32)>,
    /// Messages looked through so far, in all.
    pub searched: usize,
}

/// Parts of a thread in its chart over time.
pub const MAX_TIMELINE_BUCKETS: usize = 512;

/// What the whole thread tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadAnalysis {
    /// By operation type.
    pub operations: Vec<OperationStats>,
    /// Steps that are slow for their kind, the one that took most time itself of each message; by the messages' places in
    /// the body, in order.
    pub slow_examples: Vec<SlowExample>,
    /// Messages of which a part is not traced, by their places in the body, in order.
    pub gaps: Vec<u32>,
    /// The thread from its start to its end in at most [`BUCKETS`] parts.
    pub timeline: Vec<TimelineBucket>,
}

/// Turns next to each other in time, as one column of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimelineBucket {
    /// The longest of them, in milliseconds.
    pub longest_ms: i64,
    pub failed: bool,
    /// A negative one wins over a positive one.
    pub sentiment: Option<Sentiment>,
}

/// How a shell command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutput {
    pub command: String,
    /// What it printed, errors behind the rest; cut at a limit.
    pub output: String,
    /// How it ended, where not well.
    pub error: Option<String>,
}

/// One fact.
#[derive(Clone, Debug)]
pub enum Event {
    Key(Chord),
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
    /// A reading view of a payload is made.
    PayloadReady(Box<PayloadResult>),
    SearchResults(SearchResults),
    /// A page over the panes is laid out.
    PageReady(Box<PageLayout>),
    Filtered {
        id: FilterId,
        visible: Arc<Vec<u32>>,
    },
    Analysed {
        generation: u64,
        analysis: Arc<ThreadAnalysis>,
    },
    CommandOutput(CommandOutput),
    /// Something for the bottom line: what was copied and how, for example.
    Notify {
        text: String,
        is_warning: bool,
    },
    /// No clipboard took it; the sentence (without its full stop) says why.
    CopyFailed {
        clip: Clip,
        reason: String,
    },
    /// A wait that was asked for is over.
    TimerFired {
        id: u64,
    },
    /// Threads opened before, or suggestions.
    RecentThreads(Vec<RecentThread>),
    /// Something on the screen moves; comes only while it does.
    Tick,
    /// The queue is empty and a frame is about to be drawn: prepare what it shows.
    PrepareFrame,
    /// The program has the terminal again.
    Resumed,
    /// A background task died; the sentence says what is lost.
    TaskFailed {
        message: String,
    },
}
