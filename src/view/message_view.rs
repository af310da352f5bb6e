//! A message prepared for the detail pane.

use crate::domain::{Message, Raw};
use crate::provider::Provider;
use crate::trace::Forest;
use crate::view::document::Document;
use crate::view::message::{self, HiddenText};
use crate::view::span_layout::SpanLayout;

/// A message as read for the pane: made wherever it does not hold up the loop, as large as the message is.
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
    /// Reads a message and wraps its text to `width` columns. Pure; takes as long as the message is large.
    pub fn new(provider: &dyn Provider, raw: &Raw, width: usize, hidden: HiddenText) -> Self {
        let message = provider.read_message(raw.bytes());
        let text = message::document(&message, raw.bytes(), width, hidden);
        Self::from_message(message, text)
    }

    /// The same, unless nobody wants it any more, which is asked between the steps.
    pub fn new_cancellable(
        is_stopped: &dyn Fn() -> bool,
        provider: &dyn Provider,
        raw: &Raw,
        (width, hidden): (usize, HiddenText),
    ) -> Option<Self> {
        let wanted = || (!is_stopped()).then_some(());
        wanted()?;
        let message = provider.read_message(raw.bytes());
        wanted()?;
        let text = message::document(&message, raw.bytes(), width, hidden);
        wanted()?;
        Some(Self::from_message(message, text))
    }

    fn from_message(message: Message, text: Document) -> Self {
        let forest = Forest::new(&message.spans);
        let span_layout = SpanLayout::new(&forest);
        Self { message, forest, text, span_layout }
    }
}
