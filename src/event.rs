//! Input events of [`crate::app::App::update`]: keys, fetch updates, task results. Plain data, no closures or channels.

use crate::domain::{
    BodySummary, FetchProgress, FilterId, MessageKey, MessageSummary, Origin, Raw, RecentThread, RequestId,
    SearchId, Sentiment, Thread, Usage, UserError,
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
    /// Messages searched so far, in all.
    pub searched: usize,
}

/// The most buckets of a thread's timeline.
pub const MAX_TIMELINE_BUCKETS: usize = 512;

/// Statistics of a whole thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadAnalysis {
    /// The usage of all messages together.
    pub usage: Usage,
    /// Statistics by operation type.
    pub operations: Vec<OperationStats>,
    /// Of each message with steps that are slow for their operation, the one with the most self time; in message order.
    pub slow_examples: Vec<SlowExample>,
    /// The indices of the messages with untraced time, in order.
    pub gaps: Vec<u32>,
    /// The thread from start to end in at most [`MAX_TIMELINE_BUCKETS`] buckets.
    pub timeline: Vec<TimelineBucket>,
}

/// Consecutive turns, drawn as one column of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimelineBucket {
    /// The longest duration, in milliseconds.
    pub longest_ms: i64,
    pub failed: bool,
    /// Negative if any feedback is negative.
    pub sentiment: Option<Sentiment>,
}

/// The result of a shell command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutput {
    pub command: String,
    /// Standard output, then standard error; cut at a limit.
    pub output: String,
    /// The failure, if any.
    pub error: Option<String>,
}

/// An input of [`crate::app::App::update`].
#[derive(Clone, Debug)]
pub enum Event {
    Key(Chord),
    /// Enter right behind text that arrived at once: a paste without brackets, or keys typed ahead over a slow line.
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
    /// The page of an overlay is laid out.
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
    /// The demo's server runs, and requests go to it; these are its threads.
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
    /// A notice of success.
    pub fn notice(text: String) -> Self {
        Self::Notify { text, is_warning: false }
    }

    /// A notice of failure.
    pub fn warning(text: String) -> Self {
        Self::Notify { text, is_warning: true }
    }
}
