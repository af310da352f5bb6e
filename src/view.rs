//! Builds what panes and pages show: documents of messages, payloads, metadata, comparisons and changes. Pure: depends on
//! the domain and on text functions, not on the state of the program.

pub mod changes;
pub mod chunks;
pub mod compare;
pub mod conversation;
pub mod document;
pub mod flowed_text;
pub mod hit_lines;
pub mod message;
pub mod message_view;
pub mod metadata;
pub mod nested_tree;
pub mod page;
pub mod payload;
pub mod search_hits;
pub mod span_header;
pub mod span_layout;
pub mod thread;
pub mod thread_table;
pub mod trace_strip;
pub mod untraced;

pub use message_view::MessageView;

/// Text to copy, with a label for notices and file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    pub label: &'static str,
    pub text: String,
}
