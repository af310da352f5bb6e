//! The thread box: an input for thread ids, links, files and words, with a finder of recent threads below it. Drawn by
//! `ui/thread_box`.

pub mod finder;

use crate::action::{Action, Motion};
use crate::app::line_editor::LineEditor;
use crate::app::loading::PaneContent;
use crate::app::thread_box::finder::{FinderRow, Interpretation};
use crate::app::{App, Effects, Screen, scroll};
use crate::domain::{RecentThread, Source, Timestamp};
use crate::effect::Effect;
use crate::keymap::{Chord, Key};
use crate::layout::{Direction, Pane, Rect};
use crate::provider::link::link_host;
use crate::provider::parse_source::parse_source;
use crate::view::thread::OpenThread;

/// The maximum input length, in characters. No name of a thread is longer; a longer paste is truncated.
const MAX_CHARS: usize = 4096;

/// The maximum number of rows in the drop-down.
const MAX_DROP_DOWN_ROWS: u16 = 16;

/// The lines of the preview of the highlighted thread, with the rule above them.
const PREVIEW_ROWS: u16 = 4;

/// The minimum height of the screen for the preview.
const MIN_PREVIEW_HEIGHT: u16 = 20;

/// The box's state.
#[derive(Clone, Debug)]
pub struct ThreadBox {
    editor: LineEditor,
    /// The recent threads, the newest first.
    recent_threads: Vec<RecentThread>,
    /// The rows for the typed text.
    rows: Vec<FinderRow>,
    interpretation: Interpretation,
    /// The row that the user selected, if any.
    selected_row: Option<usize>,
    /// The service of ids that several services could own.
    pub preferred_service: Option<&'static str>,
    /// Whether the recent threads are known.
    has_loaded: bool,
    /// Whether the demo can be started from here.
    offers_demo: bool,
    /// The thread that the text names while the user does not type.
    named: Option<Source>,
    /// Whether the text still names the open thread, so that typing replaces it, and all recent threads are offered.
    pristine: bool,
    /// Whether the text was pasted: a pasted word is an id rather than a word of a title.
    is_pasted: bool,
}

impl Default for ThreadBox {
    fn default() -> Self {
        Self {
            editor: LineEditor::new("", MAX_CHARS),
            recent_threads: Vec::new(),
            rows: Vec::new(),
            interpretation: Interpretation::of("", None),
            selected_row: None,
            preferred_service: None,
            has_loaded: false,
            offers_demo: false,
            named: None,
            pristine: true,
            is_pasted: false,
        }
    }
}

/// The finder's rows below the box.
#[derive(Clone, Debug)]
pub struct DropDown<'a> {
    /// The area with the border.
    pub area: Rect,
    /// The preview of the highlighted thread, with a rule as its first line; empty if it does not fit.
    pub preview: Rect,
    /// The rows in view, with their indices among all rows.
    pub rows: Vec<(usize, &'a FinderRow)>,
    /// The index of the row that Enter opens.
    pub highlighted: Option<usize>,
}

impl DropDown<'_> {
    /// Returns the index of the finder row in this row of the terminal.
    pub fn row_at(&self, row: u16) -> Option<usize> {
        let row = row.checked_sub(self.area.y + 1)?;
        self.rows.get(usize::from(row)).map(|(index, _)| *index)
    }
}

impl App {
    /// Returns the finder's list: while the box has the focus, and always while no thread is open.
    pub fn drop_down(&self) -> Option<DropDown<'_>> {
        let is_open = self.screen.focus == Pane::ThreadBox || self.is_idle();
        if is_open { self.thread_box.drop_down(&self.screen) } else { None }
    }

    /// Returns whether no thread is open, and none is being opened.
    pub fn is_idle(&self) -> bool {
        matches!(self.loading.pane_content(), PaneContent::Idle)
    }

    /// Moves the focus to the thread box; typing replaces its text.
    pub fn focus_thread_box(&mut self) {
        self.screen.focus = Pane::ThreadBox;
        self.browse.close();
        self.pending_keys.clear();
        self.thread_box.start_input();
    }

    /// Moves the focus from the box to the messages, or to the list of threads if none is open.
    fn blur_thread_box(&mut self) {
        self.screen.focus = Pane::Messages;
        self.thread_box.named = None;
        self.name_thread_in_box();
    }

    /// Shows the name of the thread in the panes while the user does not type.
    pub(super) fn name_thread_in_box(&mut self) {
        let source = match self.loading.pane_content() {
            PaneContent::Thread(OpenThread { source, .. })
            | PaneContent::Opening(source)
            | PaneContent::Failed(source, _)
            | PaneContent::Stopped(source) => source,
            PaneContent::Idle => return,
        };
        if self.screen.focus != Pane::ThreadBox && self.thread_box.named.as_ref() != Some(source) {
            self.thread_box.name_thread(source);
        }
    }

    /// Handles a key press in the box.
    pub(super) fn on_key_in_thread_box(&mut self, chord: Chord, now: Timestamp) -> Effects {
        match chord.key {
            Key::Char('c') if chord.ctrl => return vec![Effect::Quit],
            Key::Char('z') if chord.ctrl => return vec![Effect::Suspend],
            Key::Char('l') if chord.ctrl => return vec![Effect::Redraw],
            Key::Char('o') if chord.ctrl => self.open_profile_list(),
            Key::Char('t') if chord.ctrl => self.open_browse(),
            Key::F(1) => self.open_help(),
            Key::Tab => self.blur_thread_box(),
            _ => {
                let outcome = self.thread_box.on_key(chord);
                return self.apply_box_outcome(outcome, now);
            }
        }
        Vec::new()
    }

    /// Runs an action on the finder's list while no thread is open; `None` if the action is not for the list.
    pub(super) fn perform_in_finder(
        &mut self,
        action: Action,
        count: Option<usize>,
        now: Timestamp,
    ) -> Option<Effects> {
        if action == Action::Enter {
            let outcome = self.thread_box.submit();
            return Some(self.apply_box_outcome(outcome, now));
        }
        self.thread_box.move_in_list(action.motion()?, count);
        Some(Vec::new())
    }

    pub(super) fn apply_box_outcome(&mut self, outcome: BoxOutcome, now: Timestamp) -> Effects {
        match outcome {
            BoxOutcome::Edited => Vec::new(),
            BoxOutcome::Open(source) => self.open_and_focus(source, now),
            BoxOutcome::OpenLink { source, host } => self.open_link(source, &host, now),
            BoxOutcome::Reopen { source, profile } => self.open_with_profile(source, &profile, now),
            BoxOutcome::StartDemo => vec![Effect::StartDemo],
            BoxOutcome::Browse(words) => {
                self.open_browse();
                self.browse.narrow_first(words);
                Vec::new()
            }
            BoxOutcome::Rejected(reason) => {
                self.warn(reason);
                Vec::new()
            }
            BoxOutcome::Blur => {
                self.blur_thread_box();
                if self.loading.shown_thread().is_none() { self.stop() } else { Vec::new() }
            }
        }
    }
}

/// The result of a key press in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoxOutcome {
    Edited,
    Open(Source),
    /// Open the thread of a link to this host.
    OpenLink {
        source: Source,
        host: String,
    },
    /// Open a recent thread with the profile used then.
    Reopen {
        source: Source,
        profile: String,
    },
    StartDemo,
    /// List the threads of the account that contain these words.
    Browse(String),
    /// Nothing to open; the text is a notice.
    Rejected(String),
    Blur,
}

impl ThreadBox {
    /// Creates an empty box with a service for ambiguous ids.
    pub fn new(preferred_service: Option<&'static str>, offers_demo: bool) -> Self {
        let mut created = Self { preferred_service, offers_demo, ..Self::default() };
        created.update_rows();
        created
    }

    /// Returns the finder's list on this screen, if it has rows and fits.
    fn drop_down(&self, screen: &Screen) -> Option<DropDown<'_>> {
        if screen.width < 20 {
            return None;
        }
        let outer = screen.frame().thread_box;
        let top = outer.second_row();
        let has_preview = screen.height >= MIN_PREVIEW_HEIGHT && !self.recent_threads.is_empty();
        let preview_rows = if has_preview { PREVIEW_ROWS } else { 0 };
        let room = screen.height.saturating_sub(top + 3 + preview_rows).min(MAX_DROP_DOWN_ROWS);
        let rows = u16::try_from(self.rows.len()).unwrap_or(MAX_DROP_DOWN_ROWS).min(room);
        if rows == 0 {
            return None;
        }
        let highlighted = self.highlighted_row();
        // Keeps the highlighted row in view.
        let first = highlighted.map_or(0, |row| (row + 1).saturating_sub(usize::from(rows)));
        let area = Rect::new(outer.outer.x, top, outer.outer.width, rows + 2 + preview_rows);
        Some(DropDown {
            area,
            preview: Rect { y: top + 1 + rows, height: preview_rows, ..area },
            rows: self.rows.iter().enumerate().skip(first).take(usize::from(rows)).collect(),
            highlighted,
        })
    }

    /// Returns the typed text.
    pub fn text(&self) -> &str {
        self.editor.text()
    }

    /// Returns the cursor position in characters.
    pub fn cursor(&self) -> usize {
        self.editor.cursor()
    }

    /// Returns whether the text still names the open thread.
    pub fn is_pristine(&self) -> bool {
        self.pristine
    }

    /// Returns the meaning of the text.
    pub fn interpretation(&self) -> &Interpretation {
        &self.interpretation
    }

    /// Returns the recent threads, newest first, and suggestions.
    pub fn recent_threads(&self) -> &[RecentThread] {
        &self.recent_threads
    }

    /// Returns whether the recent threads are loaded. Before that, it is unknown whether a thread is new.
    pub fn has_loaded(&self) -> bool {
        self.has_loaded
    }

    /// Records the place where a thread of the list was left.
    pub fn set_place(&mut self, left: &RecentThread) {
        let is_same = |thread: &&mut RecentThread| {
            thread.input == left.input && (thread.profile.is_none() || thread.profile == left.profile)
        };
        if let Some(thread) = self.recent_threads.iter_mut().find(is_same) {
            thread.place.clone_from(&left.place);
        }
    }

    /// Returns the thread of a row.
    pub fn thread(&self, index: usize) -> Option<&RecentThread> {
        self.recent_threads.get(index)
    }

    /// Replaces the recent threads; the selection stays at its row.
    pub fn set_recent_threads(&mut self, threads: Vec<RecentThread>) {
        self.recent_threads = threads;
        self.has_loaded = true;
        self.update_rows();
        self.selected_row = self.selected_row.filter(|row| *row < self.rows.len());
    }

    /// Replaces the list with the threads of the demo that was started.
    pub fn show_demo(&mut self, threads: Vec<RecentThread>) {
        self.offers_demo = false;
        self.editor.set_text("");
        self.start_input();
        self.set_recent_threads(threads);
    }

    /// Sets the text to the name of a thread.
    fn name_thread(&mut self, source: &Source) {
        self.editor.set_text(&source.to_input());
        self.named = Some(source.clone());
        self.start_input();
    }

    /// Starts a new input: the text stays until the user types.
    fn start_input(&mut self) {
        self.pristine = true;
        self.is_pasted = false;
        self.update_rows();
        self.selected_row = None;
    }

    fn on_text_changed(&mut self) {
        self.pristine = false;
        self.selected_row = None;
        self.update_rows();
    }

    /// Finds the rows for the text.
    fn update_rows(&mut self) {
        self.interpretation = Interpretation::of(self.text(), self.preferred_service);
        let typed = if self.pristine { "" } else { self.text() };
        self.rows = finder::find(typed, &self.interpretation, &self.recent_threads, self.offers_demo);
    }

    /// Inserts the first line of pasted text, trimmed.
    pub fn paste(&mut self, text: &str) {
        if self.pristine {
            self.editor.set_text("");
        }
        self.is_pasted = self.text().is_empty();
        self.editor.paste(text.trim().lines().next().unwrap_or_default().trim());
        self.on_text_changed();
    }

    /// Handles a key press.
    pub fn on_key(&mut self, chord: Chord) -> BoxOutcome {
        match (chord.key, chord.ctrl) {
            (Key::Esc, _) | (Key::Char('g'), true) => return BoxOutcome::Blur,
            (Key::Enter, _) => return self.submit(),
            (Key::Down, _) | (Key::Char('n'), true) => self.move_selection(Direction::Forward, 1),
            (Key::Up, _) | (Key::Char('p'), true) => self.move_selection(Direction::Backward, 1),
            (Key::PageDown, _) => self.move_selection(Direction::Forward, usize::from(MAX_DROP_DOWN_ROWS)),
            (Key::PageUp, _) => self.move_selection(Direction::Backward, usize::from(MAX_DROP_DOWN_ROWS)),
            (Key::Char('u'), true) => {
                self.editor.set_text("");
                self.is_pasted = false;
                self.on_text_changed();
            }
            _ => self.edit(chord),
        }
        BoxOutcome::Edited
    }

    fn edit(&mut self, chord: Chord) {
        let moves = matches!(chord.key, Key::Left | Key::Right | Key::Home | Key::End);
        if self.pristine && !moves && chord.key != Key::Backspace {
            self.editor.set_text("");
        }
        let before = self.text().to_owned();
        if self.editor.on_key(chord) {
            self.is_pasted &= before == self.text();
            self.on_text_changed();
        }
    }

    fn move_selection(&mut self, direction: Direction, rows: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.selected_row = match (self.highlighted_row(), direction) {
            (None, Direction::Forward) => Some(0),
            (None, Direction::Backward) => None,
            (Some(row), Direction::Forward) => Some(row.saturating_add(rows).min(last)),
            (Some(row), Direction::Backward) => Some(row.saturating_sub(rows)),
        };
    }

    /// Moves the selection while the box does not have the focus.
    pub(super) fn move_in_list(&mut self, motion: Motion, count: Option<usize>) {
        let row = self.highlighted_row().unwrap_or(0);
        let page = usize::from(MAX_DROP_DOWN_ROWS);
        self.selected_row = Some(scroll::motion_target(motion, count, row, self.rows.len(), page));
    }

    /// Returns the row that Enter opens: the selected one, else the best match. A word is not an id unless it was pasted or
    /// selected.
    fn highlighted_row(&self) -> Option<usize> {
        let best = self.rows.first().filter(|row| match row {
            FinderRow::Typed(Interpretation::Possible(_)) => self.is_pasted,
            FinderRow::Browse => false,
            FinderRow::Thread(_) | FinderRow::Typed(_) | FinderRow::Demo => true,
        });
        self.selected_row.filter(|row| *row < self.rows.len()).or(best.map(|_| 0))
    }

    /// Opens the highlighted row.
    pub(super) fn submit(&mut self) -> BoxOutcome {
        match self.highlighted_row().and_then(|row| self.rows.get(row)) {
            Some(FinderRow::Thread(found)) => self.open_recent(found.index),
            Some(FinderRow::Typed(Interpretation::Certain(source) | Interpretation::Possible(source))) => {
                let source = source.clone();
                match link_host(self.text()) {
                    Some(host) => BoxOutcome::OpenLink { source, host },
                    None => BoxOutcome::Open(source),
                }
            }
            Some(FinderRow::Demo) => BoxOutcome::StartDemo,
            Some(FinderRow::Browse) => {
                BoxOutcome::Browse(if self.pristine { String::new() } else { self.text().to_owned() })
            }
            Some(FinderRow::Typed(Interpretation::None(reason))) => BoxOutcome::Rejected(reason.clone()),
            None => BoxOutcome::Rejected(match &self.interpretation {
                Interpretation::None(reason) => reason.clone(),
                Interpretation::Certain(_) | Interpretation::Possible(_) => {
                    "No match; press ↓ and enter to open it as an id".to_owned()
                }
            }),
        }
    }

    fn open_recent(&self, index: usize) -> BoxOutcome {
        let Some(thread) = self.recent_threads.get(index) else { return BoxOutcome::Edited };
        match (parse_source(&thread.input, self.preferred_service), thread.profile.clone()) {
            (Ok(source), Some(profile)) => BoxOutcome::Reopen { source, profile },
            (Ok(source), None) => BoxOutcome::Open(source),
            (Err(error), _) => BoxOutcome::Rejected(error.reason),
        }
    }

    /// Opens a row of the drop-down.
    pub fn open_row(&mut self, row: usize) -> BoxOutcome {
        self.selected_row = Some(row);
        self.submit()
    }
}

#[cfg(test)]
mod tests;
