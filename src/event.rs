//! Facts that reach the pure part: keys, bytes, answers. Plain data without closures or channels.

use std::sync::Arc;

use crate::app::Prepared;
use crate::app::detail::payload::view::Answer;
use crate::app::page::Laid;
use crate::app::take::Taken;
use crate::domain::{Head, Raw, Sentiment, Stamp, Thread};
use crate::effect::{FilterId, RequestId, SearchId, Visit};
use crate::keymap::Chord;
use crate::trace::{Example, ProfileRow};

/// Which message of which opening a prepared value belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageKey {
    /// Counts up whenever another copy of a thread comes on the screen.
    pub generation: u64,
    /// The message's place in the body.
    pub index: u32,
}

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

/// Where bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The service, by its host.
    Network { host: String },
    /// A file or pipe, with its size where it is known.
    File { size: Option<u64> },
    /// A copy kept from an earlier fetch.
    Cache { fetched_at: Stamp },
}

/// Why a thread could not be fetched or read, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened, in one sentence of ours.
    pub what: String,
    /// In the service's words.
    pub said: Vec<String>,
    /// What to do next.
    pub advice: String,
    /// The exit code this failure has on the command line.
    pub exit_code: u8,
}

/// How reading a body ended, when something of it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Bytes of the body after decompression.
    pub bytes: u64,
    /// What was odd about the body, in sentences; empty for a good one.
    pub oddities: Vec<String>,
    /// Whether the body broke off.
    pub partial: bool,
    /// Whether there are messages, and not one of them could be read. The first of the oddities says why, then.
    pub unreadable: bool,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    Began {
        origin: Origin,
    },
    /// A try begins; nothing has come yet.
    Asking,
    /// Before another try; `until` is when it comes.
    Waiting {
        attempt: u32,
        of: u32,
        until: Stamp,
        why: String,
    },
    /// The request was sent again: what came before does not count.
    Restarted,
    Receiving {
        bytes: u64,
        total: Option<u64>,
    },
    /// The service whose body it is.
    Recognised {
        service: &'static str,
    },
    Heads(Vec<Head>),
    Thread(Box<Thread>),
    /// What a second request told of the thread, as it came; may be late.
    Details(Vec<u8>),
    /// Something to know about the thread, in a sentence; may be late.
    Remark(String),
    Ended(Ending),
    /// The service is not asked, as the user wishes: the kept copy is all there is.
    NotAsked,
    Failed(Failure),
}

/// A message that was read off the loop.
#[derive(Clone, Debug)]
pub struct ReadMessage {
    pub key: MessageKey,
    pub width: usize,
    pub raw: Raw,
    pub prepared: Arc<Prepared>,
}

/// What a search found so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    pub id: SearchId,
    /// New hits per message: its place in the thread, and how many.
    pub hits: Vec<(u32, u32)>,
    /// Messages looked through so far, in all.
    pub searched: usize,
}

/// Parts of a thread in its chart over time.
pub const BUCKETS: usize = 512;

/// What the whole thread tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Insight {
    /// By operation type.
    pub rows: Vec<ProfileRow>,
    /// Steps that are slow for their kind, the one that took most time itself of each message; by the messages' places in
    /// the body, in order.
    pub slow: Vec<Example>,
    /// Messages of which a part is not traced, by their places in the body, in order.
    pub gaps: Vec<u32>,
    /// The thread from its start to its end in at most [`BUCKETS`] parts.
    pub timeline: Vec<Bucket>,
}

/// Turns next to each other in time, as one column of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The longest of them, in milliseconds.
    pub longest_ms: i64,
    pub failed: bool,
    /// A negative one wins over a positive one.
    pub sentiment: Option<Sentiment>,
}

/// How a shell command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piped {
    pub command: String,
    /// What it printed, errors behind the rest; cut at a limit.
    pub output: String,
    /// How it ended, where not well.
    pub trouble: Option<String>,
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
        news: News,
    },
    Read(ReadMessage),
    /// A reading view of a payload is made.
    PayloadRead(Box<Answer>),
    Found(Findings),
    /// A page over the panes is laid out.
    Laid(Box<Laid>),
    Filtered {
        id: FilterId,
        visible: Arc<Vec<u32>>,
    },
    Analysed {
        generation: u64,
        insight: Arc<Insight>,
    },
    Piped(Piped),
    /// Something for the bottom line: what was copied and how, for example.
    Told {
        text: String,
        warning: bool,
    },
    /// No clipboard took it; the sentence (without its full stop) says why.
    NotCopied {
        taken: Taken,
        why: String,
    },
    /// A wait that was asked for is over.
    Due {
        number: u64,
    },
    /// Threads opened before, or suggestions.
    Visits(Vec<Visit>),
    /// Something on the screen moves; comes only while it does.
    Tick,
    /// The queue is empty and a frame is about to be drawn: prepare what it shows.
    Settle,
    /// The program has the terminal again.
    Resumed,
    /// A background task died; the sentence says what is lost.
    TaskFailed {
        what: String,
    },
}
