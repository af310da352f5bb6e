//! The help page: the keys of the focused pane, the symbols, then all actions by group, in as many columns as fit. Typing
//! filters, and Enter runs the selected action. Drawn by `ui/help`.

use crate::action::{ACTION_TABLE, Action, Group, Motion};
use crate::app::hints::Hint;
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::Timestamp;
use crate::keymap::{Chord, Key, Keymap};
use crate::layout::Rect;
use crate::text::{fuzzy, width, wrap_styled};
use crate::theme::Role;

/// The page's state.
#[derive(Clone, Debug, Default)]
pub struct HelpPage {
    /// The useful keys of the pane that had the focus.
    here: Vec<Hint>,
    /// The typed words, once a letter or `/` was typed.
    pub filter: Option<String>,
    /// The index of the selected action in the layout.
    pub selected: usize,
    /// The first row in view.
    pub offset: usize,
}

/// A row of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpRow {
    Heading(&'static str),
    /// Keys, padded to their column, and their help text; either can continue in the next row.
    Entry {
        keys: String,
        help: String,
        /// The index of the action in the layout; `None` for a symbol.
        entry: Option<usize>,
    },
    Blank,
}

/// The page for one size.
#[derive(Clone, Debug, Default)]
pub struct HelpLayout {
    pub columns: Vec<Vec<HelpRow>>,
    /// The width of a column, without the gap after it.
    pub column_width: usize,
    /// The actions, in the order of the page.
    pub actions: Vec<Action>,
}

/// The minimum width of a column if there are several.
const MIN_COLUMN_WIDTH: usize = 46;
/// The blank columns between two columns.
pub const COLUMN_GAP: usize = 2;
/// The maximum width of the keys.
const MAX_KEYS_WIDTH: usize = 15;
/// The width below which help texts are placed below their keys.
const MIN_TWO_COLUMN_WIDTH: usize = 34;

/// The symbols in the panes, and their meanings.
const SYMBOLS: [(&str, &str); 13] = [
    ("✗  !  ⊘", "failed, has a failed span, cancelled"),
    ("▲  ▼  ◆", "positive, negative or other feedback"),
    ("▦  ⚙", "has tables or charts, uses tools"),
    ("∅", "an empty answer"),
    ("━  █", "a span with others inside, and one without; bright: on the critical path"),
    ("llm ret tol dat grd agt", "model, retrieval, tool, data, guardrail, agent"),
    ("░", "untraced time"),
    ("╵", "a span of almost no duration"),
    ("▸ at the edge", "an unfinished span"),
    ("‹  ›", "a span before or after the visible time range"),
    ("✎", "has your note or bookmark"),
    ("/3", "number of search hits"),
    (
        "☁ ○ ● ↻ ⌂ ⊘",
        "in the list of threads: on the service, read, saved, changed, gone from the service, refused",
    ),
];

/// Builds the rows of one column width.
struct RowBuilder<'a> {
    keymap: &'a Keymap,
    width: usize,
    rows: Vec<HelpRow>,
    actions: Vec<Action>,
}

impl RowBuilder<'_> {
    fn push_heading(&mut self, title: &'static str) {
        if !self.rows.is_empty() {
            self.rows.push(HelpRow::Blank);
        }
        self.rows.push(HelpRow::Heading(title));
    }

    fn push_action(&mut self, action: Action, help: &str) {
        let entry = self.actions.len();
        self.actions.push(action);
        let keys = abbreviate_keys(&self.keymap.keys_of(action));
        self.push_entry(&keys, help, Some(entry));
    }

    fn push_entry(&mut self, keys: &str, help: &str, entry: Option<usize>) {
        let wrapped = |text: &str, columns: usize| -> Vec<String> {
            wrap_styled(text, columns.max(1), Role::Text).iter().map(|line| line.plain_text()).collect()
        };
        // The column before is for the marker of the selection.
        let width = self.width.saturating_sub(1).max(1);
        if width < MIN_TWO_COLUMN_WIDTH {
            let keys = wrapped(keys, width).into_iter().map(|keys| (keys, String::new()));
            let help = wrapped(help, width.saturating_sub(2)).into_iter().map(|help| ("  ".to_owned(), help));
            self.rows.extend(keys.chain(help).map(|(keys, help)| HelpRow::Entry { keys, help, entry }));
            return;
        }
        let column = MAX_KEYS_WIDTH.min(width / 2);
        let (keys, help) = (wrapped(keys, column - 1), wrapped(help, width - column));
        for line in 0..keys.len().max(help.len()) {
            let keys = width::pad_right(keys.get(line).map_or("", String::as_str), column);
            let help = help.get(line).cloned().unwrap_or_default();
            self.rows.push(HelpRow::Entry { keys, help, entry });
        }
    }

    fn push_everything(&mut self, here: &[Hint]) {
        if !here.is_empty() {
            self.push_heading("Here");
            here.iter().for_each(|hint| self.push_action(hint.action, hint.label));
        }
        self.push_heading("Symbols");
        SYMBOLS.iter().for_each(|(symbol, meaning)| self.push_entry(symbol, meaning, None));
        for &group in Group::ALL {
            self.push_heading(group.title());
            let members = ACTION_TABLE.iter().filter(|row| row.group == group);
            members.for_each(|row| self.push_action(row.action, row.help));
        }
    }

    fn push_matching(&mut self, filter: &str) {
        let mut matching: Vec<_> = ACTION_TABLE
            .iter()
            .filter_map(|row| {
                let keys = self.keymap.keys_of(row.action);
                let words = format!("{} {} {}", row.help, row.group.title(), keys.join(" "));
                Some((fuzzy::score(filter, row.name, &words)?, row))
            })
            .collect();
        matching.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        matching.iter().for_each(|(_, row)| self.push_action(row.action, row.help));
        let symbols =
            SYMBOLS.iter().filter(|(symbol, meaning)| fuzzy::score(filter, symbol, meaning).is_some());
        symbols.for_each(|(symbol, meaning)| self.push_entry(symbol, meaning, None));
    }
}

/// Distributes rows over columns of this height. A column does not start with a blank row or end with a heading.
fn split(rows: &[HelpRow], height: usize) -> Vec<Vec<HelpRow>> {
    let mut columns: Vec<Vec<HelpRow>> = vec![Vec::new()];
    for row in rows {
        let is_full = columns.last().is_some_and(|column| column.len() >= height);
        if is_full {
            let heading = columns
                .last_mut()
                .and_then(|column| column.pop_if(|last| matches!(last, HelpRow::Heading(_)) && height > 1));
            columns.push(heading.into_iter().collect());
        }
        if let Some(column) = columns.last_mut().filter(|column| !column.is_empty() || *row != HelpRow::Blank)
        {
            column.push(row.clone());
        }
    }
    columns
}

impl HelpPage {
    /// Returns the page for an area of this size.
    pub fn layout(&self, keymap: &Keymap, inside: Rect) -> HelpLayout {
        let (width, height) = (usize::from(inside.width), usize::from(inside.height).max(1));
        // A filter leaves few actions; one column has the most space for them.
        let most = if self.filter.is_some() { 1 } else { (width / MIN_COLUMN_WIDTH).max(1) };
        let column_width = ((width + COLUMN_GAP) / most).saturating_sub(COLUMN_GAP);
        let mut builder = RowBuilder { keymap, width: column_width, rows: Vec::new(), actions: Vec::new() };
        match self.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty()) {
            Some(filter) => builder.push_matching(filter),
            None => builder.push_everything(&self.here),
        }
        let least = builder.rows.len().div_ceil(most).max(height);
        let heights = least..=builder.rows.len().max(least);
        let columns =
            heights.map(|height| split(&builder.rows, height)).find(|columns| columns.len() <= most);
        HelpLayout { columns: columns.unwrap_or_default(), column_width, actions: builder.actions }
    }

    /// Selects another action and scrolls it into view.
    pub(super) fn select(&mut self, entry: usize, layout: &HelpLayout, page: usize) {
        self.selected = entry.min(layout.actions.len().saturating_sub(1));
        let Some((_, first, last)) = layout.position(self.selected) else { return };
        // The heading above the first action stays in view.
        let first = if first <= 1 { 0 } else { first };
        self.offset = self.offset.min(first).max((last + 1).saturating_sub(page));
    }
}

impl HelpLayout {
    /// Returns the rows of the longest column.
    pub fn len(&self) -> usize {
        self.columns.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Returns the column of an action, its first and its last row.
    fn position(&self, wanted: usize) -> Option<(usize, usize, usize)> {
        self.columns.iter().enumerate().find_map(|(column, rows)| {
            let is_wanted =
                |row: &HelpRow| matches!(row, HelpRow::Entry { entry: Some(entry), .. } if *entry == wanted);
            Some((column, rows.iter().position(is_wanted)?, rows.iter().rposition(is_wanted)?))
        })
    }

    /// Returns the action in a row of a column.
    pub(super) fn entry_at(&self, column: usize, row: usize) -> Option<usize> {
        match self.columns.get(column)?.get(row)? {
            HelpRow::Entry { entry, .. } => *entry,
            HelpRow::Heading(_) | HelpRow::Blank => None,
        }
    }

    /// Returns the action next to this one in another column.
    fn neighbour(&self, from: usize, step: isize) -> Option<usize> {
        let (column, row, _) = self.position(from)?;
        let column = column.checked_add_signed(step)?;
        let rows = self.columns.get(column)?.len();
        let near = (0..=rows).flat_map(|distance| [row.checked_sub(distance), Some(row + distance)]);
        near.flatten().find_map(|row| self.entry_at(column, row))
    }
}

/// Joins the keys of an action; a long list such as `z 1, z 2 … z 9` becomes a range.
fn abbreviate_keys(keys: &[String]) -> String {
    match keys {
        [first, .., last] if keys.len() > 4 => format!("{first} … {last}"),
        _ => keys.join("  "),
    }
}

impl App {
    /// Opens the page with the keys of the focused pane.
    pub(super) fn open_help(&mut self) {
        let here = self.hints().collect();
        self.overlay = Some(Overlay::Help(HelpPage { here, ..HelpPage::default() }));
    }

    /// Handles a key on the page: letters filter.
    pub(super) fn on_key_in_help(&mut self, chord: Chord, now: Timestamp) -> Effects {
        let inside = self.overlay_area().map(|area| area.inner).unwrap_or_default();
        let Some(Overlay::Help(help)) = self.overlay.as_mut() else { return Vec::new() };
        let layout = help.layout(&self.prefs.keymap, inside);
        let page = usize::from(inside.height).max(1);
        if let Some(motion) = motion_of(chord, help.filter.is_some()) {
            let target = scroll::motion_target(motion, None, help.selected, layout.actions.len(), page);
            help.select(target, &layout, page);
            return Vec::new();
        }
        match (chord.key, help.filter.as_mut()) {
            (Key::Esc, _) | (Key::Char('q' | '?') | Key::F(1), None) => self.overlay = None,
            (Key::Char('c' | 'g'), _) if chord.ctrl => self.overlay = None,
            (Key::Enter, _) => {
                let action = layout.actions.get(help.selected).copied();
                self.overlay = None;
                return action.map(|action| self.perform(action, None, now)).unwrap_or_default();
            }
            (Key::Left | Key::Right, _) => {
                let step = if chord.key == Key::Left { -1 } else { 1 };
                if let Some(entry) = layout.neighbour(help.selected, step) {
                    help.select(entry, &layout, page);
                }
            }
            (Key::Backspace, Some(filter)) => {
                if filter.pop().is_none() {
                    help.filter = None;
                }
                (help.selected, help.offset) = (0, 0);
            }
            (Key::Char('u'), Some(_)) if chord.ctrl => help.filter = None,
            (Key::Char('/'), None) => help.filter = Some(String::new()),
            _ => {
                if let Some(letter) =
                    chord.typed_char().filter(|letter| *letter != ' ' || help.filter.is_some())
                {
                    help.filter.get_or_insert_default().push(letter);
                    (help.selected, help.offset) = (0, 0);
                }
            }
        }
        Vec::new()
    }
}

/// Returns the motion of a key on the page. Once a filter is typed, letters belong to it.
pub(super) fn motion_of(chord: Chord, is_filtering: bool) -> Option<Motion> {
    Some(match (chord.key, chord.ctrl) {
        (Key::Down, _) | (Key::Char('n'), true) => Motion::Down,
        (Key::Up, _) | (Key::Char('p'), true) => Motion::Up,
        (Key::PageDown, _) | (Key::Char('f'), true) => Motion::PageDown,
        (Key::PageUp, _) | (Key::Char('b'), true) => Motion::PageUp,
        (Key::Char('d'), true) => Motion::HalfPageDown,
        (Key::Char('u'), true) if !is_filtering => Motion::HalfPageUp,
        (Key::Home, _) => Motion::Top,
        (Key::End, _) => Motion::Bottom,
        (Key::Char('j'), false) if !is_filtering && !chord.alt => Motion::Down,
        (Key::Char('k'), false) if !is_filtering && !chord.alt => Motion::Up,
        (Key::Char('G'), false) if !is_filtering && !chord.alt => Motion::Bottom,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Prefs;
    use crate::effect::Effect;

    fn typed(app: &mut App, keys: &str) -> Effects {
        keys.chars().fold(Vec::new(), |_, c| {
            let key = if c == '\n' { Key::Enter } else { Key::Char(c) };
            app.on_key_in_help(Chord::plain(key), Timestamp(0))
        })
    }

    fn filter_of(app: &App) -> Option<String> {
        match app.overlay.as_ref()? {
            Overlay::Help(help) => help.filter.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_help_text_is_complete_at_every_size() {
        for (columns, rows) in [(1, 5), (8, 3), (20, 9), (36, 8), (39, 8), (74, 20), (110, 30), (200, 44)] {
            let layout = HelpPage::default().layout(&Keymap::default(), Rect::new(0, 0, columns, rows));
            let used = layout.columns.len() * (layout.column_width + COLUMN_GAP) - COLUMN_GAP;
            assert!(used <= usize::from(columns), "{columns}: {used}");
            let mut text = String::new();
            for row in layout.columns.iter().flatten() {
                if let HelpRow::Entry { keys, help, .. } = row {
                    let used = width::columns(keys) + width::columns(help) + 1;
                    assert!(used <= layout.column_width.max(4), "{columns}: {row:?}");
                    text.push_str(help);
                }
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let text = letters(&text);
            for row in ACTION_TABLE {
                assert!(text.contains(&letters(row.help)), "{columns}: {}", row.name);
            }
        }
    }

    #[test]
    fn typing_filters_and_enter_runs_the_selected_action() {
        let mut app = App::new(Prefs::default(), 100, 30);
        app.open_help();
        typed(&mut app, "suspend");
        assert_eq!(filter_of(&app).as_deref(), Some("suspend"));
        assert!(matches!(typed(&mut app, "\n")[..], [Effect::Suspend]));
        app.open_help();
        typed(&mut app, "/quit");
        assert!(matches!(typed(&mut app, "\n")[..], [Effect::Quit]));
    }

    #[test]
    fn unknown_keys_close_nothing_and_q_and_esc_close() {
        let mut app = App::new(Prefs::default(), 100, 30);
        app.open_help();
        for key in [Key::Tab, Key::Insert, Key::F(7), Key::Delete, Key::Left, Key::Char(' ')] {
            app.on_key_in_help(Chord::plain(key), Timestamp(0));
            assert!(app.overlay.is_some(), "{key:?}");
        }
        typed(&mut app, "q");
        assert!(app.overlay.is_none());
        app.open_help();
        typed(&mut app, "/q");
        assert_eq!(filter_of(&app).as_deref(), Some("q"));
        app.on_key_in_help(Chord::plain(Key::Esc), Timestamp(0));
        assert!(app.overlay.is_none());
    }

    #[test]
    fn the_selection_stays_in_view() {
        let mut app = App::new(Prefs::default(), 60, 12);
        app.open_help();
        for chord in std::iter::repeat_n(Key::Down, 100).chain([Key::Home, Key::End, Key::PageUp]) {
            app.on_key_in_help(Chord::plain(chord), Timestamp(0));
            let inside = app.overlay_area().unwrap().inner;
            let Some(Overlay::Help(help)) = &app.overlay else { panic!("closed") };
            let (_, first, last) = help.layout(&app.prefs.keymap, inside).position(help.selected).unwrap();
            assert!(help.offset <= first && last < help.offset + usize::from(inside.height));
        }
    }
}
