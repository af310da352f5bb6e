//! Text pages over the panes: a long value, a comparison, the changes of a reload, command output. The content is plain
//! data, which a task lays out again whenever the width changes. Drawn by `ui/text_page`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::document::fold_document;
use crate::app::detail::fold::FoldCommand;
use crate::app::panes::Shown;
use crate::app::{App, Effects, Overlay};
use crate::domain::Raw;
use crate::effect::{Effect, ExternalProgram};
use crate::json::{self, Kind};
use crate::text::Line;
use crate::theme::Role;
use crate::view::Clip;
use crate::view::document::{Body, Document, ScrolledDocument, Section};
use crate::view::message::GUTTER_WIDTH;
use crate::view::page::{PageContent, PageLayout};

/// A text with a title.
#[derive(Clone, Debug)]
pub struct TextPage {
    pub title: String,
    pub text: ScrolledDocument,
    /// The content to lay out; `None` for a fixed document.
    content: Option<PageContent>,
    /// The width of the last layout request.
    requested_width: Option<usize>,
    /// Whether a requested layout is missing.
    is_pending: bool,
    /// The id of the page, to recognize its layouts.
    id: u64,
    /// The output of a command, to copy or save.
    pub command_output: Option<Arc<str>>,
}

impl TextPage {
    /// Creates a page that shows a placeholder until its content is laid out.
    fn new(id: u64, title: String, content: PageContent) -> Self {
        let placeholder = Section::text(Body::Lines(vec![Line::styled("…", Role::Dim)]), Role::Dim);
        Self {
            title,
            text: ScrolledDocument::new(Document::new(vec![placeholder])),
            content: Some(content),
            requested_width: None,
            is_pending: false,
            id,
            command_output: None,
        }
    }

    /// Creates a page with the output of a command.
    pub(super) fn with_output(title: String, document: Document, output: &str) -> Self {
        let command_output = Some(Arc::from(output)).filter(|output: &Arc<str>| !output.is_empty());
        let text = ScrolledDocument::new(document);
        Self { title, text, content: None, requested_width: None, is_pending: false, id: 0, command_output }
    }

    /// Returns the layout request for this width, unless it was made already.
    fn request_layout(&mut self, width: usize) -> Option<Effect> {
        let content = self.content.clone().filter(|_| self.requested_width != Some(width))?;
        self.requested_width = Some(width);
        self.is_pending = true;
        Some(Effect::LayOutPage { id: self.id, content, width })
    }

    /// Returns the effect of an action on command output: copy it, open it or save it.
    fn output_effect(&self, action: Action) -> Option<Effect> {
        let use_output: fn(Clip) -> Effect = [
            (Action::CopyValue, Effect::Copy as fn(Clip) -> Effect),
            (Action::Pager, |clip| Effect::RunInTerminal(ExternalProgram::Pager(clip))),
            (Action::Editor, |clip| Effect::RunInTerminal(ExternalProgram::Editor(clip))),
            (Action::Export, Effect::Save),
        ]
        .into_iter()
        .find_map(|(known, effect)| (known == action).then_some(effect))?;
        Some(use_output(Clip { label: "output", text: self.command_output.as_deref()?.to_owned() }))
    }
}

impl App {
    /// Shows a page; its content appears once it is laid out.
    pub(in crate::app) fn show_page(&mut self, title: String, content: PageContent) {
        let id = self.ids.next_page();
        self.overlay = Some(Overlay::Text(Box::new(TextPage::new(id, title, content))));
    }

    /// Handles keys in a text page: folds, and actions on command output.
    pub(super) fn perform_in_text_page(&mut self, mut page: Box<TextPage>, action: Action) -> Effects {
        let effect = page.output_effect(action);
        let command = FoldCommand::on_page(action);
        let height = usize::from(self.screen.height.saturating_sub(4)).max(1);
        if let Some(command) = command.filter(|_| effect.is_none()) {
            page.text.offset = page.text.position(height);
            fold_document(&mut page.text, command, height);
        }
        self.overlay = Some(Overlay::Text(page));
        effect.into_iter().collect()
    }

    /// Closes the open page and stops its task. The state of the search through the library is kept.
    pub(super) fn close_page(&mut self) -> Effects {
        let stopped = match self.overlay.take() {
            Some(Overlay::Text(page)) => page.is_pending.then_some(Effect::StopLayout),
            Some(Overlay::LibraryAnalysis(page)) => page.is_running().then_some(Effect::StopLibraryAnalysis),
            Some(Overlay::LibrarySearch(page)) => {
                let is_running = page.is_running;
                self.library_search = Some(page);
                is_running.then_some(Effect::StopLibrarySearch)
            }
            Some(
                Overlay::Help(_)
                | Overlay::Analysis(_)
                | Overlay::Profiles { .. }
                | Overlay::Export(_)
                | Overlay::Links(_)
                | Overlay::OpenThreads(_)
                | Overlay::Notes(_)
                | Overlay::Results(_),
            )
            | None => None,
        };
        stopped.into_iter().collect()
    }

    /// Requests the layout of the open page, if it is missing for the current width.
    pub(in crate::app) fn request_page_layout(&mut self) -> Option<Effect> {
        let width = usize::from(self.screen.width).saturating_sub(4 + GUTTER_WIDTH).max(1);
        let Some(Overlay::Text(page)) = self.overlay.as_mut() else { return None };
        page.request_layout(width)
    }

    /// Sets the layout of the open page; drops the layout of another page.
    pub(in crate::app) fn on_page_ready(&mut self, layout: PageLayout) {
        if let Some(Overlay::Text(page)) = self.overlay.as_mut()
            && page.id == layout.page_id
        {
            page.text.document = layout.document;
            page.is_pending = false;
        }
    }
}

/// A string of a JSON tree, to open on a separate page.
#[derive(Debug)]
pub struct OpenedValue {
    pub path: String,
    pub raw: Raw,
}

impl Shown<'_> {
    /// Returns the string selected in a JSON tree, unless it is JSON that opens in place.
    pub(in crate::app) fn selected_string(self) -> Option<OpenedValue> {
        let view = self.selected_tree().filter(|view| !view.is_embedded_json())?;
        let value = view.tree().value(view.selected).filter(|value| value.kind() == Kind::String)?;
        let path = json::tree::json_path(&view.tree().path(view.selected));
        Some(OpenedValue { path, raw: Raw::owned(value.raw().to_vec()) })
    }
}
