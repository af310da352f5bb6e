//! The model common to both services: threads, messages, spans, feedback. Plain values without I/O, clock or screen.
//! A message has two forms: a small [`MessageSummary`] for the list, and a full [`Message`], read from the same raw
//! bytes when it is opened. Wire quirks live in `provider/*`, never here.

mod account;
mod age;
mod applications;
mod block;
mod body_summary;
mod exit_code;
mod feedback;
mod fetch_progress;
mod ids;
mod listing;
mod message;
mod message_order;
mod message_summaries;
mod message_summary;
mod note;
mod raw;
mod recent_thread;
mod saved_search;
mod saved_state;
mod segment;
mod source;
mod span;
mod span_kind;
mod span_part;
pub mod steps;
mod thread;
mod timestamp;
mod usage;
mod user_error;

pub use account::{AccountRef, KeptAccount};
pub use age::{format_age, parse_age};
pub use applications::Applications;
pub use block::{Artifact, Block, Chunk, CodeField, Language};
pub use body_summary::BodySummary;
pub use exit_code::ExitCode;
pub use feedback::{Feedback, Sentiment};
pub use fetch_progress::FetchProgress;
pub use ids::{FilterId, ListingId, MessageKey, RequestId, SearchId, SortId};
pub use listing::{
    KeptList, ListProgress, ListRefusal, ListUpdate, ListedAccount, ListedApplication, ListedThread,
    ListedVariant,
};
pub use message::{Message, Role, Side};
pub use message_order::{SortKey, SortOrder, SortedMessages};
pub use message_summaries::MessageSummaries;
pub use message_summary::{MessageFlags, MessageSummary, ReadError, Status};
pub use note::{AccountNotes, ListedNote, Note, NoteEdit, NotePlace, ThreadNotes};
pub use raw::{ByteRange, Raw};
pub use recent_thread::{ReadingPlace, RecentThread};
pub use saved_search::SavedSearch;
pub use saved_state::SavedState;
pub use segment::Segment;
pub use source::{Origin, Source};
pub use span::{Span, SpanError};
pub use span_kind::SpanKind;
pub use span_part::SpanPart;
pub use thread::{Thread, ThreadRef};
pub use timestamp::Timestamp;
pub use usage::Usage;
pub use user_error::UserError;
