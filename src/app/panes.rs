//! The list and the detail pane, borrowed together: [`Shown`] reads their content, and the handlers of [`Panes`] change it.
//! Neither has access to overlays, prompts, the thread box or the running request.

use std::sync::Arc;

use crate::app::detail::Detail;
use crate::app::ids::Ids;
use crate::app::messages::MessageList;
use crate::app::search::Search;
use crate::app::{App, Notice, Prefs, Screen};
use crate::domain::{ThreadNotes, Timestamp};
use crate::view::thread::OpenThread;

/// The content of the panes. Everything that is drawn or copied from them is derived from this.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The thread in the panes, if they show one.
    pub thread: Option<&'a OpenThread>,
    pub screen: &'a Screen,
    pub list: &'a MessageList,
    pub detail: &'a Detail,
    pub search: Option<&'a Search>,
    /// The user's notes on the thread.
    pub notes: &'a Arc<ThreadNotes>,
    pub prefs: &'a Prefs,
    pub now: Timestamp,
}

/// The parts of the state that the panes' handlers change.
#[derive(Debug)]
pub struct Panes<'a> {
    /// The thread in the panes, if they show one.
    pub thread: Option<&'a OpenThread>,
    /// Whether more messages may arrive.
    pub is_loading: bool,
    pub screen: &'a mut Screen,
    pub list: &'a mut MessageList,
    pub detail: &'a mut Detail,
    pub search: &'a mut Option<Search>,
    pub notes: &'a Arc<ThreadNotes>,
    pub notice: &'a mut Option<Notice>,
    pub ids: &'a mut Ids,
    pub prefs: &'a Prefs,
    pub now: Timestamp,
}

impl Panes<'_> {
    /// Returns the same parts for reading.
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            thread: self.thread,
            screen: self.screen,
            list: self.list,
            detail: self.detail,
            search: self.search.as_ref(),
            notes: self.notes,
            prefs: self.prefs,
            now: self.now,
        }
    }

    /// Shows a notice in the bottom line.
    pub fn notify(&mut self, text: impl Into<String>) {
        *self.notice = Some(Notice::plain(text));
    }

    /// Shows a warning in the bottom line.
    pub fn warn(&mut self, text: impl Into<String>) {
        *self.notice = Some(Notice::warning(text));
    }
}

impl App {
    /// Returns the panes and the values that they depend on.
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            thread: self.loading.shown_thread(),
            screen: &self.screen,
            list: &self.list,
            detail: &self.detail,
            search: self.search.as_ref(),
            notes: &self.notes.current,
            prefs: &self.prefs,
            now: self.now,
        }
    }

    /// Returns the panes, to change their content.
    pub fn panes(&mut self) -> Panes<'_> {
        Panes {
            thread: self.loading.shown_thread(),
            is_loading: self.loading.is_active(),
            screen: &mut self.screen,
            list: &mut self.list,
            detail: &mut self.detail,
            search: &mut self.search,
            notes: &self.notes.current,
            notice: &mut self.notice,
            ids: &mut self.ids,
            prefs: &self.prefs,
            now: self.now,
        }
    }
}
