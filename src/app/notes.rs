//! The user's notes on messages and spans: writing them at the prompt, and the page that lists them. Drawn by `ui/notes`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::deep_link::DeepLink;
use crate::app::detail::Tab;
use crate::app::filter::ActiveFilter;
use crate::app::panes::Shown;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects, Overlay};
use crate::domain::{
    ListedNote, MessageSummary, Note, NoteEdit, NotePlace, Source, ThreadNotes, ThreadRef, Timestamp,
};
use crate::effect::Effect;
use crate::json::{self, Value};
use crate::layout::Pane;
use crate::provider;
use crate::view::thread::OpenThread;

/// The maximum number of bytes in a message's text in the list of notes.
const MAX_EXCERPT_BYTES: usize = 200;

/// The notes of the shown thread.
#[derive(Clone, Debug, Default)]
pub struct NotesState {
    pub current: Arc<ThreadNotes>,
    /// The thread that they were requested for, and its version.
    requested: Option<(ThreadRef, u64)>,
}

impl NotesState {
    /// Requests the notes of the shown thread, once for each of its versions.
    pub(super) fn request(&mut self, shown: Option<&OpenThread>) -> Option<Effect> {
        let wanted = shown.and_then(|thread| Some((identity(thread)?, thread.generation)));
        if self.requested == wanted {
            return None;
        }
        let thread = wanted.as_ref().map(|(thread, _)| thread.clone());
        if self.requested.as_ref().map(|(thread, _)| thread) != thread.as_ref() {
            self.current = Arc::default();
        }
        self.requested = wanted;
        thread.map(Effect::ReadNotes)
    }

    /// Keeps the notes of the shown thread; returns whether they have changed. Notes of another thread are dropped.
    fn on_read(&mut self, thread: &ThreadRef, notes: Arc<ThreadNotes>) -> bool {
        let is_shown = self.requested.as_ref().is_some_and(|(requested, _)| requested == thread);
        let is_new = is_shown && self.current != notes;
        if is_new {
            self.current = notes;
        }
        is_new
    }
}

/// The page that lists notes: those of the shown thread first, then all others, the last one first.
#[derive(Clone, Debug, Default)]
pub struct NotesPage {
    pub notes: Vec<ListedNote>,
    pub is_loaded: bool,
    /// The reason why the notes could not be read, or empty.
    pub problem: String,
    pub selected: usize,
    /// The first visible row.
    pub offset: usize,
}

/// Returns the service and the id of a thread. In a file, only the body can contain them.
pub fn identity(thread: &OpenThread) -> Option<ThreadRef> {
    match &thread.source {
        Source::Thread(thread) => Some(thread.clone()),
        Source::File(_) | Source::Stdin => Some(ThreadRef::new(thread.service?, thread.metadata.id.clone()?)),
    }
}

fn id_of(summary: &MessageSummary) -> String {
    Value::of(summary.raw.bytes_in(summary.id)).text().into_owned()
}

impl<'a> Shown<'a> {
    /// Returns the notes on a message and its spans.
    pub fn notes_on(self, summary: &MessageSummary) -> &'a [Note] {
        if self.notes.is_empty() { &[] } else { self.notes.of_message(&id_of(summary)) }
    }

    /// Returns the target of a note: the selected span in the Spans tab, else the selected message.
    fn note_target(self) -> Option<NoteEdit> {
        let (thread, summary) = (self.thread?, self.selected_summary()?);
        let message_id = id_of(summary);
        let is_in_spans =
            self.detail.tab == Tab::Spans && matches!(self.screen.focus, Pane::Detail | Pane::Payload);
        let span = self.selected_span().filter(|span| is_in_spans && !span.id.is_empty());
        let excerpt = match span {
            Some(span) => span.name.clone(),
            None => json::decode_prefix(summary.raw.bytes_in(summary.preview), MAX_EXCERPT_BYTES),
        };
        let place = NotePlace { message_id, span_id: span.map(|span| span.id.clone()) };
        Some(NoteEdit {
            thread: identity(thread)?,
            title: thread.metadata.title.clone().unwrap_or_default(),
            text: self.notes.at(&place).map(|note| note.text.clone()),
            excerpt: excerpt.split_whitespace().collect::<Vec<_>>().join(" "),
            place,
        })
        .filter(|edit| !edit.place.message_id.is_empty())
    }
}

impl App {
    /// Shows the notes of a thread, and applies filters that depend on them again.
    pub(super) fn on_notes_read(&mut self, thread: &ThreadRef, notes: Arc<ThreadNotes>) -> Effects {
        self.browse.on_notes_changed(thread.service);
        let is_new = self.notes.on_read(thread, notes);
        if is_new && self.list.filter.as_ref().is_some_and(ActiveFilter::uses_notes) {
            self.panes().reapply_filter()
        } else {
            Vec::new()
        }
    }

    /// Opens the prompt for the note on the selected span or message.
    pub(super) fn edit_note(&mut self) {
        match self.shown().note_target() {
            Some(edit) => {
                let text = edit.text.clone().unwrap_or_default();
                self.prompt = Some(Prompt::new(Purpose::Note(Box::new(edit)), &text));
            }
            None if self.loading.shown_thread().is_none() => self.notify("No thread to write a note on"),
            None => self.notify("No note: the thread or the message has no id"),
        }
    }

    /// Writes a note. An empty text sets a bookmark, or removes an existing note.
    pub(super) fn write_note(&mut self, edit: NoteEdit, typed: &str) -> Effects {
        let text = typed.trim();
        let new = match &edit.text {
            Some(old) if old == text && !text.is_empty() => return Vec::new(),
            Some(_) if text.is_empty() => None,
            Some(_) | None => Some(text.to_owned()),
        };
        self.notify(match &new {
            None => "Note removed",
            Some(text) if text.is_empty() => "Bookmark set; ' lists all",
            Some(_) => "Note saved; ' lists all",
        });
        vec![Effect::WriteNote(Box::new(NoteEdit { text: new, ..edit }))]
    }

    /// Opens the page of all notes.
    pub(super) fn show_notes(&mut self) -> Effects {
        self.overlay = Some(Overlay::Notes(NotesPage::default()));
        vec![Effect::ListNotes]
    }

    /// Fills the page: the notes of the shown thread first.
    pub(super) fn on_notes_listed(&mut self, listed: Result<Vec<ListedNote>, String>) {
        let (mut notes, problem) = match listed {
            Ok(notes) => (notes, String::new()),
            Err(problem) => (Vec::new(), problem),
        };
        let shown = self.loading.shown_thread().and_then(identity);
        notes.sort_by_key(|note| !shown.as_ref().is_some_and(|thread| is_of(note, thread)));
        if let Some(Overlay::Notes(page)) = self.overlay.as_mut() {
            (page.notes, page.problem, page.is_loaded) = (notes, problem, true);
        }
    }

    /// Handles a key: Enter goes to the message or the span of the selected note.
    pub(super) fn perform_in_notes(&mut self, page: NotesPage, action: Action, now: Timestamp) -> Effects {
        match page.notes.get(page.selected).filter(|_| action == Action::Enter) {
            Some(note) => self.go_to_note(note.clone(), now),
            None => {
                self.overlay = Some(Overlay::Notes(page));
                Vec::new()
            }
        }
    }

    fn go_to_note(&mut self, listed: ListedNote, now: Timestamp) -> Effects {
        let shown = self.loading.shown_thread().and_then(identity);
        let is_shown = shown.is_some_and(|thread| is_of(&listed, &thread));
        let NotePlace { message_id, span_id } = listed.note.place;
        let tab = if span_id.is_some() { Tab::Spans } else { Tab::Message };
        let link = DeepLink {
            message: Some(message_id.clone()),
            tab: Some(tab),
            span: span_id,
            ..DeepLink::default()
        };
        if !is_shown || self.browse.is_open {
            let thread = provider::thread_ref(&listed.service, listed.account.as_ref(), &listed.thread_id);
            return thread.map(|thread| self.open_at(thread, link, now)).unwrap_or_default();
        }
        self.panes().follow_deep_link(link);
        self.panes().select_linked_message(0);
        let selected = self.shown().selected_summary().map(id_of);
        if selected.is_some_and(|id| id != message_id) {
            self.detail.pending_navigation = None;
            self.notify("The message is hidden by the filter or gone");
        }
        Vec::new()
    }
}

fn is_of(note: &ListedNote, thread: &ThreadRef) -> bool {
    note.service == thread.service && note.account == thread.account && note.thread_id == thread.id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Prefs;
    use crate::domain::KeptAccount;
    use crate::event::Event;
    use crate::keymap::{Chord, Key};

    #[test]
    fn a_note_of_another_account_opens_there() {
        let account = KeptAccount { base: "https://other.example".to_owned(), id: None };
        let listed = ListedNote {
            service: "sgp".to_owned(),
            account: Some(account.clone()),
            thread_id: "1".to_owned(),
            ..ListedNote::default()
        };
        let mut app = App::new(Prefs::default(), 100, 30);
        app.show_notes();
        app.update(Event::NotesListed(Ok(vec![listed])), Timestamp(0));
        let effects = app.update(Event::Key(Chord::plain(Key::Enter)), Timestamp(0));
        let opened = effects.iter().find_map(|effect| match effect {
            Effect::Open { source, .. } => source.thread(),
            _ => None,
        });
        assert_eq!(opened.unwrap().account, Some(account));
    }
}
