//! The tabs of the detail pane: their behaviour and their headers in the title.

use crate::action::Motion;
use crate::app::detail::MessageViewState;
use crate::app::detail::document::{MESSAGE_TAB, METADATA_TAB};
use crate::app::detail::feedback::FeedbackTab;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::raw::RawTab;
use crate::app::detail::spans::SpansTab;
use crate::app::panes::{Panes, Shown};
use crate::app::text_page::OpenedValue;
use crate::json::tree::PathStep;
use crate::layout::{Direction, Pane};
use crate::text::width;
use crate::view::Clip;

/// The behaviour of a tab. Each method is called only while the tab is selected.
pub trait TabView: Sync {
    /// Returns a count or symbol for the title, after the name.
    fn badge(&self, _shown: Shown<'_>) -> Option<String> {
        None
    }

    /// Returns whether everything that the next key may act on is prepared.
    fn is_ready(&self, shown: Shown<'_>, state: &MessageViewState) -> bool;

    /// Prepares the content of the next frame; returns whether there is more to prepare.
    fn prepare(&self, panes: &mut Panes<'_>) -> bool;

    /// Applies a motion to the focused pane.
    fn scroll(&self, panes: &mut Panes<'_>, motion: Motion, count: Option<usize>);

    /// Applies a motion of the wheel, at a row and column inside the pane below the mouse.
    fn scroll_at(&self, panes: &mut Panes<'_>, _cell: (u16, u16), motion: Motion, count: usize) {
        self.scroll(panes, motion, Some(count));
    }

    /// Applies a motion while the message list has the focus.
    fn scroll_from_list(&self, panes: &mut Panes<'_>, motion: Motion, count: usize) {
        self.scroll(panes, motion, Some(count));
    }

    /// Folds rows, or moves between them.
    fn fold(&self, panes: &mut Panes<'_>, command: FoldCommand);

    /// Shows the next or previous part of the tab's content.
    fn cycle(&self, panes: &mut Panes<'_>, direction: Direction) {
        if let Some(state) = panes.message_state_mut() {
            state.spans.cycle_part(direction);
        }
    }

    /// Handles the Enter key; returns a value to open on a separate page.
    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue>;

    /// Returns the pane at a row inside the detail pane.
    fn pane_at(&self, _shown: Shown<'_>, _row: u16) -> Pane {
        Pane::Detail
    }

    /// Handles a click at a row and column inside the detail pane. The pane at that row has the focus.
    fn click(&self, panes: &mut Panes<'_>, row: u16, column: u16);

    /// Returns the focused JSON tree.
    fn selected_tree<'a>(&self, _shown: Shown<'a>) -> Option<&'a TreeView> {
        None
    }

    /// Returns the path of the selected JSON value.
    fn selected_path(&self, shown: Shown<'_>) -> Option<Vec<PathStep>> {
        self.selected_tree(shown).map(|view| view.tree().path(view.selected))
    }

    /// Returns the selected value, to copy.
    fn clip(&self, shown: Shown<'_>) -> Option<Clip>;
}

/// The tabs of the detail pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Message,
    Spans,
    Feedback,
    Metadata,
    Raw,
}

impl Tab {
    /// All tabs, in their order on the screen.
    pub const ALL: [Self; 5] = [Self::Message, Self::Spans, Self::Feedback, Self::Metadata, Self::Raw];

    /// Returns the name in the title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Spans => "Spans",
            Self::Feedback => "Feedback",
            Self::Metadata => "Metadata",
            Self::Raw => "Raw",
        }
    }

    /// Returns the tab with this number, or with a name that starts with this text.
    pub(in crate::app) fn from_name_or_number(text: &str) -> Option<Self> {
        let name = text.to_lowercase();
        let is_named = |tab: &Self| {
            let number = (*tab as usize + 1).to_string();
            !name.is_empty() && (tab.title().to_lowercase().starts_with(&name) || number == name)
        };
        Self::ALL.into_iter().find(is_named)
    }

    /// Returns the next or previous tab; the last is followed by the first.
    pub fn neighbour(self, direction: Direction) -> Self {
        neighbour(&Self::ALL, self, direction)
    }

    /// Returns the behaviour of the tab.
    pub(in crate::app) fn view(self) -> &'static dyn TabView {
        match self {
            Self::Message => &MESSAGE_TAB,
            Self::Spans => &SpansTab,
            Self::Feedback => &FeedbackTab,
            Self::Metadata => &METADATA_TAB,
            Self::Raw => &RawTab,
        }
    }
}

impl<'a> Shown<'a> {
    /// Returns the label of a tab in the title: its key, its name and its badge.
    pub fn tab_label(self, tab: Tab) -> String {
        let label = format!("{} {}", tab as usize + 1, tab.title());
        tab.view().badge(self).map_or_else(|| label.clone(), |badge| format!("{label} {badge}"))
    }

    /// Returns the tab headers that fit into a title of this many columns; the selected tab is always among them.
    pub fn tab_headers(self, columns: usize) -> Vec<TabHeader> {
        let labels: Vec<(Tab, String)> = Tab::ALL.iter().map(|tab| (*tab, self.tab_label(*tab))).collect();
        let selected = self.detail.tab as usize;
        let after = if selected + 1 < labels.len() { width::columns(ELLIPSIS) + 1 } else { 0 };
        let headers_from = |first: usize| {
            let mut column =
                if first == 0 { 1 } else { width::columns(ELLIPSIS) + width::columns(SEPARATOR) };
            let headers = labels.iter().skip(first).map(|(tab, label)| {
                let header = TabHeader { tab: *tab, column, label: label.clone() };
                column = header.end_column() + width::columns(SEPARATOR);
                header
            });
            headers.collect::<Vec<_>>()
        };
        let fits = |headers: &Vec<TabHeader>| {
            let current = headers.iter().find(|header| header.tab == self.detail.tab);
            headers.last().is_some_and(|last| last.end_column() < columns)
                || current.is_some_and(|current| current.end_column() + after <= columns)
        };
        (0..=selected).map(headers_from).find(fits).unwrap_or_else(|| headers_from(selected))
    }
}

/// The separator between labels in a row.
pub const SEPARATOR: &str = " │ ";

/// The mark in place of tabs that do not fit.
pub const ELLIPSIS: &str = "…";

/// A tab's label in the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabHeader {
    pub tab: Tab,
    /// The first column of the label.
    pub column: usize,
    pub label: String,
}

impl TabHeader {
    /// Returns the column after the label.
    pub fn end_column(&self) -> usize {
        self.column + width::columns(&self.label)
    }
}

/// Returns the element after or before `current`, wrapping around.
pub(super) fn neighbour<T: Copy + PartialEq>(all: &[T], current: T, direction: Direction) -> T {
    let index = all.iter().position(|element| *element == current).unwrap_or(0);
    let step = match direction {
        Direction::Forward => 1,
        Direction::Backward => all.len().saturating_sub(1),
    };
    all.get((index + step) % all.len().max(1)).copied().unwrap_or(current)
}

/// Returns the element whose label is at `column`, in a row of labels that begins at `first`.
pub(super) fn label_at<T>(
    labels: impl IntoIterator<Item = (T, usize)>,
    first: usize,
    column: usize,
) -> Option<T> {
    let mut start = first;
    labels.into_iter().find_map(|(element, columns)| {
        let range = start..start + columns;
        start = range.end + width::columns(SEPARATOR);
        range.contains(&column).then_some(element)
    })
}
