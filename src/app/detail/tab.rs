//! The tabs of the detail pane, and what each says in the title.

use crate::app::App;
use crate::app::detail::feedback;
use crate::app::messages::Direction;

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
        let head = self.selected_head();
        let count = match tab {
            Tab::Spans => head.filter(|head| head.spans > 0).map(|head| head.spans.to_string()),
            Tab::Feedback => head.and_then(|head| head.sentiment).map(|s| feedback::thumb(s).to_owned()),
            Tab::Message | Tab::Metadata | Tab::Raw => None,
        };
        count.map_or_else(|| tab.title().to_owned(), |count| format!("{} {count}", tab.title()))
    }
}
