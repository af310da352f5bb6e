//! Pages over the panes that are laid out by a task: a long value, a comparison, what changed since the last copy. What
//! a page is about is plain data; [`lay`] turns it into a document, and again when the width changes.

use std::sync::Arc;

use crate::app::changes::{self, Changes};
use crate::app::compare::{self, MessagePair};
use crate::app::detail::message::GUTTER_WIDTH;
use crate::app::document::{BigText, Body, Document, Section};
use crate::app::{App, Overlay};
use crate::domain::{Language, Raw};
use crate::effect::Effect;
use crate::json::{self, Kind, Value};
use crate::text::{self, Line, Safe};
use crate::theme::Role;

/// A text over the panes.
#[derive(Clone, Debug)]
pub struct TextPage {
    pub title: String,
    pub document: Document,
    pub offset: usize,
    /// What it is laid out from; `None` for a text that stands as it is.
    pub content: Option<PageContent>,
    /// The width for which it was asked to be laid out.
    pub requested_width: Option<usize>,
    /// Tells one page from another.
    pub id: u64,
    /// What a command printed, to be taken away.
    pub command_output: Option<Arc<str>>,
}

/// JSON above this size is shown without colours, in bytes.
const MAX_HIGHLIGHTED_BYTES: usize = 256 * 1024;

/// What a page is about.
#[derive(Clone, Debug)]
pub enum PageContent {
    /// A JSON value; a string is shown as its text, or opened if that is JSON.
    Value(Raw),
    Compare(Box<MessagePair>),
    Changes(Arc<Changes>),
}

/// A page that was laid out.
#[derive(Clone, Debug)]
pub struct PageLayout {
    /// Which page it is for.
    pub page_id: u64,
    pub document: Document,
}

/// Lays a page out for `width` columns. Pure; takes as long as the subject is large.
pub fn lay_out(subject: &PageContent, width: usize) -> Document {
    match subject {
        PageContent::Value(raw) => value_document(raw, width),
        PageContent::Compare(pair) => compare::document(pair, width),
        PageContent::Changes(changes) => changes::document(changes, width),
    }
}

fn value_document(raw: &Raw, width: usize) -> Document {
    let value = Value::of(raw.bytes());
    let text = value.text();
    let inner = json::trim(text.as_bytes());
    let holds_json = value.kind() != Kind::String
        || (inner.starts_with(b"{") || inner.starts_with(b"["))
            && json::skip_value(inner, 0) == Some(inner.len());
    let body = if holds_json && inner.len() <= MAX_HIGHLIGHTED_BYTES {
        let pretty = json::pretty(inner, MAX_HIGHLIGHTED_BYTES * 4);
        Body::Lines(text::code::highlight(&pretty, Language::Json, width))
    } else {
        let text = if holds_json { json::pretty(inner, usize::MAX) } else { text.into_owned() };
        Body::Big(Box::new(BigText::new(Safe::text(&text).into_string(), width)))
    };
    Document::new(vec![Section::text(body, Role::StringLiteral)])
}

impl App {
    /// Puts a page over the panes; it fills as soon as it is laid out.
    pub(in crate::app) fn show_page(&mut self, title: String, subject: PageContent) {
        self.last_page_id += 1;
        let wait = Section::text(Body::Lines(vec![Line::styled("…", Role::Dim)]), Role::Dim);
        self.overlay = Some(Overlay::Text(Box::new(TextPage {
            title,
            document: Document::new(vec![wait]),
            offset: 0,
            content: Some(subject),
            requested_width: None,
            id: self.last_page_id,
            command_output: None,
        })));
    }

    /// Columns of text in a page.
    fn page_width(&self) -> usize {
        usize::from(self.width).saturating_sub(4 + GUTTER_WIDTH).max(1)
    }

    /// Asks for the page in front to be laid out, if that was not done for this width.
    pub(in crate::app) fn request_page_layout(&mut self) -> Option<Effect> {
        let width = self.page_width();
        let Some(Overlay::Text(page)) = self.overlay.as_mut() else { return None };
        let subject = page.content.clone().filter(|_| page.requested_width != Some(width))?;
        page.requested_width = Some(width);
        Some(Effect::LayOutPage { id: page.id, content: subject, width })
    }

    /// Takes in a page; one that is no longer in front is dropped.
    pub(in crate::app) fn on_page_ready(&mut self, laid: PageLayout) {
        if let Some(Overlay::Text(page)) = self.overlay.as_mut()
            && page.id == laid.page_id
        {
            page.document = laid.document;
        }
    }

    /// Opens the string that is selected in a JSON tree; returns whether there is one worth a page.
    pub(in crate::app) fn open_selected_string(&mut self) -> bool {
        let tree = self.selected_tree().filter(|view| !view.is_embedded_json());
        let found = tree.and_then(|view| {
            let value = view.tree().value(view.selected)?;
            let path = json::tree::json_path(&view.tree().path(view.selected));
            (value.kind() == Kind::String).then(|| (path, Raw::owned(value.raw().to_vec())))
        });
        let Some((path, raw)) = found else { return false };
        self.show_page(path, PageContent::Value(raw));
        true
    }
}
