//! A message, parsed and laid out for the detail pane.

use crate::domain::{Message, Raw};
use crate::provider::Provider;
use crate::trace::Forest;
use crate::view::document::Document;
use crate::view::message::{self, TextOptions};
use crate::view::span_layout::SpanLayout;

/// A parsed message with its text and its spans laid out. A task builds it for large messages.
#[derive(Debug)]
pub struct MessageView {
    pub message: Message,
    pub forest: Forest,
    /// The Message tab, wrapped to a width.
    pub text: Document,
    /// The rows of the Spans tab.
    pub span_layout: SpanLayout,
}

impl MessageView {
    /// Parses a message and wraps its text to `width` columns. The time grows with the size of the message.
    pub fn new(provider: &dyn Provider, raw: &Raw, width: usize, options: TextOptions) -> Self {
        let message = provider.read_message(raw.bytes());
        let text = message::document(&message, raw.bytes(), width, options);
        Self::from_message(message, text)
    }

    /// Returns the same, unless `is_stopped` returns true between two steps.
    pub fn new_cancellable(
        is_stopped: &dyn Fn() -> bool,
        provider: &dyn Provider,
        raw: &Raw,
        (width, options): (usize, TextOptions),
    ) -> Option<Self> {
        let proceed = || (!is_stopped()).then_some(());
        proceed()?;
        let message = provider.read_message(raw.bytes());
        proceed()?;
        let text = message::document(&message, raw.bytes(), width, options);
        proceed()?;
        Some(Self::from_message(message, text))
    }

    fn from_message(message: Message, text: Document) -> Self {
        let forest = Forest::new(&message.spans);
        let span_layout = SpanLayout::new(&forest, message.created_at, message.duration_ms);
        Self { message, forest, text, span_layout }
    }
}
