//! Documents of full-screen pages: a long value, a comparison, changes.

use std::sync::Arc;

use crate::domain::{Language, Raw};
use crate::json::{self, Kind, Value};
use crate::text::{self, Safe};
use crate::theme::Role;
use crate::view::changes::{self, Changes};
use crate::view::compare::{self, MessagePair};
use crate::view::document::{BigText, Body, Document, Section};

/// JSON above this size is shown without colours, in bytes.
const MAX_HIGHLIGHTED_BYTES: usize = 256 * 1024;

/// The content of a page.
#[derive(Clone, Debug)]
pub enum PageContent {
    /// A JSON value; a string is shown as its text, or as JSON if it contains JSON.
    Value(Raw),
    Compare(Box<MessagePair>),
    Changes(Arc<Changes>),
}

/// A page, laid out.
#[derive(Clone, Debug)]
pub struct PageLayout {
    /// The page that the layout belongs to.
    pub page_id: u64,
    pub document: Document,
}

/// Lays out a page for `width` columns; `None` if stopped. The time grows with the size of the content.
pub fn lay_out(content: &PageContent, width: usize, is_stopped: &dyn Fn() -> bool) -> Option<Document> {
    match content {
        PageContent::Value(raw) => Some(value_document(raw, width)),
        PageContent::Compare(pair) => compare::document(pair, width, is_stopped),
        PageContent::Changes(changes) => changes::document(changes, width, is_stopped),
    }
}

fn value_document(raw: &Raw, width: usize) -> Document {
    let value = Value::of(raw.bytes());
    let text = value.text();
    let inner = json::trim(text.as_bytes());
    let is_json = value.kind() != Kind::String
        || (inner.starts_with(b"{") || inner.starts_with(b"["))
            && json::skip_value(inner, 0) == Some(inner.len());
    let body = if is_json && inner.len() <= MAX_HIGHLIGHTED_BYTES {
        let pretty = json::pretty(inner, MAX_HIGHLIGHTED_BYTES * 4);
        Body::Lines(text::code::highlight(&pretty, Language::Json, width))
    } else {
        let text = if is_json { json::pretty(inner, usize::MAX) } else { text.into_owned() };
        Body::Big(Arc::new(BigText::new(Safe::text(&text).into_string(), width)))
    };
    Document::new(vec![Section::text(body, Role::StringLiteral)])
}
