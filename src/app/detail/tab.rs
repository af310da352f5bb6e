//! The tabs of the detail pane, and what each says in the title.

use crate::app::App;
use crate::app::detail::feedback;
use crate::layout::Direction;
use crate::text::width;

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
    /// In their order on the screen.
    pub const ALL: [Self; 5] = [Self::Message, Self::Spans, Self::Feedback, Self::Metadata, Self::Raw];

    /// The name in the title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Spans => "Spans",
            Self::Feedback => "Feedback",
            Self::Metadata => "Metadata",
            Self::Raw => "Raw",
        }
    }

    /// The tab beside this one, around the end.
    pub fn neighbour(self, direction: Direction) -> Self {
        let step = match direction {
            Direction::Forward => 1,
            Direction::Backward => Self::ALL.len() - 1,
        };
        Self::ALL.get((self as usize + step) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

impl App {
    /// What a tab says in the title: its name and what it holds.
    pub fn tab_label(&self, tab: Tab) -> String {
        let head = self.selected_summary();
        let count = match tab {
            Tab::Spans => head.filter(|head| head.span_count > 0).map(|head| head.span_count.to_string()),
            Tab::Feedback => {
                head.and_then(|head| head.sentiment).map(|s| feedback::sentiment_symbol(s).to_owned())
            }
            Tab::Message | Tab::Metadata | Tab::Raw => None,
        };
        count.map_or_else(|| tab.title().to_owned(), |count| format!("{} {count}", tab.title()))
    }

    /// Where the names of the tabs stand in a title of so many columns: as many as fit, the one in front among them.
    pub fn tab_headers(&self, columns: usize) -> Vec<TabHeader> {
        let labels: Vec<(Tab, String)> = Tab::ALL.iter().map(|tab| (*tab, self.tab_label(*tab))).collect();
        let here = self.detail.tab as usize;
        let after = if here + 1 < labels.len() { width::columns(ELLIPSIS) + 1 } else { 0 };
        let placed = |from: usize| {
            let mut at = if from == 0 { 1 } else { width::columns(ELLIPSIS) + width::columns(SEPARATOR) };
            let places = labels.iter().skip(from).map(|(tab, label)| {
                let place = TabHeader { tab: *tab, column: at, label: label.clone() };
                at = place.end_column() + width::columns(SEPARATOR);
                place
            });
            places.collect::<Vec<_>>()
        };
        let fits = |places: &Vec<TabHeader>| {
            let here = places.iter().find(|place| place.tab == self.detail.tab);
            places.last().is_some_and(|last| last.end_column() < columns)
                || here.is_some_and(|here| here.end_column() + after <= columns)
        };
        (0..=here).map(placed).find(fits).unwrap_or_else(|| placed(here))
    }
}

/// What stands between two tabs.
pub const SEPARATOR: &str = " │ ";

/// What stands for tabs that there is no room for.
pub const ELLIPSIS: &str = "…";

/// The name of a tab in the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabHeader {
    pub tab: Tab,
    /// Its first column.
    pub column: usize,
    pub label: String,
}

impl TabHeader {
    /// The column behind its last one.
    pub fn end_column(&self) -> usize {
        self.column + width::columns(&self.label)
    }
}
