//! Pages over the panes that are laid out by a task: a long value, a comparison, what changed since the last copy. What
//! a page is about is plain data; [`lay`] turns it into a document, and again when the width changes.

use std::sync::Arc;

use crate::app::{App, Overlay};
use crate::domain::Raw;
use crate::effect::Effect;
use crate::json::{self, Kind};
use crate::text::Line;
use crate::theme::Role;
use crate::view::document::{Body, Document, Section};
use crate::view::message::GUTTER_WIDTH;
use crate::view::page::{PageContent, PageLayout};

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
