//! The interface of the browse page to the rest of the application: its context, and its outcomes.

use std::sync::Arc;

use crate::action::Action;
use crate::app::browse::Browse;
use crate::app::export_menu::{ExportMenu, ExportScope};
use crate::app::notice::Tone;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects, Overlay, Prefs, Screen};
use crate::domain::{SortId, Source, ThreadRef, Timestamp};
use crate::effect::{Effect, LibrarySubject, ListedSelection};
use crate::event::{FoundMessage, Mouse};
use crate::layout::Direction;
use crate::text::number;
use crate::view::thread_table::Arrangement;

/// The values that the page depends on.
#[derive(Clone, Copy, Debug)]
pub struct BrowseContext<'a> {
    pub screen: &'a Screen,
    pub prefs: &'a Prefs,
    pub now: Timestamp,
}

/// The result of a key or a click on the page.
#[derive(Clone, Debug)]
pub enum BrowseOutcome {
    /// Nothing outside of the page has changed.
    Changed,
    Perform(Effects),
    Notify(String),
    /// With a text.
    OpenPrompt(Purpose, String),
    Open(ThreadRef),
    /// Open the thread of a hit at its message.
    OpenHit(ThreadRef, Box<FoundMessage>),
    /// Open the export menu for the marked threads, or the selected one.
    Export,
    Archive(Box<ListedSelection>),
    Analyse(LibrarySubject),
}

impl BrowseOutcome {
    pub(super) fn notice(text: &str) -> Self {
        Self::Notify(text.to_owned())
    }
}

impl App {
    /// Returns the values that the browse page depends on.
    pub fn browse_context(&self) -> BrowseContext<'_> {
        BrowseContext { screen: &self.screen, prefs: &self.prefs, now: self.now }
    }

    /// Returns the browse page, to change it, and the values that it depends on.
    pub(in crate::app) fn browse_mut(&mut self) -> (&mut Browse, BrowseContext<'_>) {
        let context = BrowseContext { screen: &self.screen, prefs: &self.prefs, now: self.now };
        (&mut self.browse, context)
    }

    /// Opens the page: with the list that was shown last, else that of the service in use.
    pub(in crate::app) fn open_browse(&mut self) {
        let shown = self.loading.thread.as_ref().and_then(|thread| thread.source.thread());
        let preferred = self.thread_box.preferred_service.or(self.prefs.listed_service);
        self.browse.open(shown.map(|thread| thread.service).or(preferred));
        self.pending_keys.clear();
    }

    /// Runs an action on the page; `None` if it has the same meaning as in the panes.
    pub(in crate::app) fn perform_in_browse(
        &mut self,
        action: Action,
        count: Option<usize>,
        now: Timestamp,
    ) -> Option<Effects> {
        let (browse, context) = self.browse_mut();
        let outcome = browse.perform(action, count, &context)?;
        Some(self.apply_browse_outcome(outcome, now))
    }

    /// Handles the mouse on the page.
    pub(in crate::app) fn on_mouse_in_browse(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let (browse, context) = self.browse_mut();
        let outcome = browse.on_mouse(mouse, &context);
        self.apply_browse_outcome(outcome, now)
    }

    /// Opens the thread of the list after or before the one in the panes.
    pub(in crate::app) fn open_neighbour(
        &mut self,
        direction: Direction,
        count: Option<usize>,
        now: Timestamp,
    ) -> Effects {
        let loaded = self.loading.thread.as_ref().map(|thread| &thread.source);
        let shown = self.loading.source.as_ref().or(loaded).and_then(Source::thread);
        let outcome = self.browse.open_neighbour(shown, direction, count);
        self.apply_browse_outcome(outcome, now)
    }

    /// Shows the rows, and runs the actions that were typed before.
    pub(in crate::app) fn on_arranged(
        &mut self,
        id: SortId,
        arrangement: &Arc<Arrangement>,
        now: Timestamp,
    ) -> Effects {
        let actions = self.browse.on_arranged(id, arrangement).into_iter();
        actions.flat_map(|(action, count)| self.perform(action, count, now)).collect()
    }

    fn apply_browse_outcome(&mut self, outcome: BrowseOutcome, now: Timestamp) -> Effects {
        match outcome {
            BrowseOutcome::Changed => {}
            BrowseOutcome::Perform(effects) => return effects,
            BrowseOutcome::Notify(text) => self.notify(text),
            BrowseOutcome::OpenPrompt(purpose, text) => self.prompt = Some(Prompt::new(purpose, &text)),
            BrowseOutcome::Open(thread) => return self.open_and_focus(Source::Thread(thread), now),
            BrowseOutcome::OpenHit(thread, message) => return self.open_hit(thread, *message, now),
            BrowseOutcome::Export => {
                let menu = ExportMenu { scope: ExportScope::ListedThreads, ..ExportMenu::default() };
                self.overlay = Some(Overlay::Export(menu));
            }
            BrowseOutcome::Archive(chosen) => {
                let count = number::pluralize(chosen.indices.len(), "thread");
                self.notify(format!("Archiving {count}"));
                return vec![Effect::Archive(chosen)];
            }
            BrowseOutcome::Analyse(subject) => return self.analyse_library(subject),
        }
        Vec::new()
    }

    /// Applies a filter of the list. An invalid filter stays in the prompt.
    pub(in crate::app) fn accept_thread_filter(&mut self, typed: &str, now: Timestamp) {
        if let Err(problem) = self.browse.accept_filter(typed, now) {
            self.prompt = Some(Prompt::new(Purpose::ThreadFilter, typed));
            self.warn(problem);
        }
    }

    /// Searches the messages in the library for the typed words: the list itself has only titles.
    pub(in crate::app) fn search_library_from_prompt(&mut self) -> Effects {
        let Some(closed) = self.prompt.take() else { return Vec::new() };
        let words = closed.text().trim().to_owned();
        self.browse.cancel_typing(&closed);
        self.search_library_for(&words)
    }

    /// Shows the progress of an archive run, unless a warning or an offer is shown.
    pub(in crate::app) fn show_archive_progress(&mut self, text: String) {
        let is_free = self
            .notice
            .as_ref()
            .is_none_or(|notice| notice.tone == Tone::Plain && notice.save_offer.is_none());
        if is_free && self.browse.is_archiving {
            self.notify(text);
        }
    }

    pub(in crate::app) fn end_archive(&mut self, text: String, is_warning: bool) {
        self.browse.is_archiving = false;
        if is_warning { self.warn(text) } else { self.notify(text) }
    }
}
