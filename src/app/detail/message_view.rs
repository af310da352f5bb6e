//! A message made ready for the pane, and what the user did to it there.

use std::sync::Arc;

use crate::app::detail::json_tree::TreeView;
use crate::app::detail::message::{self, HiddenText};
use crate::app::detail::spans::SpansView;
use crate::app::document::Document;
use crate::domain::{Message, Raw};
use crate::event::MessageKey;
use crate::provider::Provider;
use crate::trace::Forest;

/// A message as read for the pane: made wherever it does not hold up the loop, as large as the message is.
#[derive(Debug)]
pub struct MessageView {
    pub message: Message,
    pub forest: Forest,
    /// The Message tab, wrapped to a width.
    pub text: Document,
    /// The rows of the Spans tab.
    pub(super) spans: SpansView,
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
        let spans = SpansView::new(&forest);
        Self { message, forest, text, spans }
    }
}

/// What is prepared for one message, with what the user did to it.
#[derive(Debug)]
pub struct MessageViewState {
    pub key: MessageKey,
    pub raw: Raw,
    /// Columns that texts are wrapped to.
    pub width: usize,
    pub view: Arc<MessageView>,
    pub text: Document,
    pub text_offset: usize,
    pub spans: SpansView,
    pub metadata: Option<Document>,
    pub metadata_offset: usize,
    pub json: Option<TreeView>,
}

impl MessageViewState {
    pub(super) fn new(key: MessageKey, raw: Raw, width: usize, mut prepared: Arc<MessageView>) -> Self {
        // Nobody else looks at it yet, so that what changes here is taken out rather than made once more.
        let taken = Arc::get_mut(&mut prepared)
            .map(|own| (std::mem::take(&mut own.text), std::mem::take(&mut own.spans)));
        let (text, spans) =
            taken.unwrap_or_else(|| (prepared.text.clone(), SpansView::new(&prepared.forest)));
        Self {
            key,
            raw,
            width,
            text,
            text_offset: 0,
            spans,
            metadata: None,
            metadata_offset: 0,
            json: None,
            view: prepared,
        }
    }
}
