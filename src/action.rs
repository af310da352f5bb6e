//! One table of everything a user can ask for: name, help, scope and default keys. Help, hints, the command line, the
//! configuration's names, the conflict check and the key table in the README all follow from its rows.

mod table;

pub use table::ACTION_TABLE;

/// What the user wants. The meaning of a motion depends on the pane in focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    Down,
    Up,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
    ScrollDetailDown,
    ScrollDetailUp,
    Enter,
    Back,
    NextPane,
    PreviousPane,
    FocusThread,
    ShowMessage,
    ShowSpans,
    ShowFeedback,
    ShowMetadata,
    ShowRaw,
    NextTab,
    PreviousTab,
    FoldOrLeft,
    UnfoldOrRight,
    ToggleFold,
    UnfoldAll,
    FoldAll,
    FoldToLevel,
    NextSibling,
    PreviousSibling,
    NextPart,
    PreviousPart,
    TogglePayloadFormat,
    SetBase,
    Compare,
    ShowReloadChanges,
    Search,
    SearchNext,
    SearchPrevious,
    Filter,
    NextError,
    PreviousError,
    NextFeedback,
    PreviousFeedback,
    NextDisliked,
    PreviousDisliked,
    NextSlow,
    PreviousSlow,
    NextEmpty,
    PreviousEmpty,
    NextGap,
    PreviousGap,
    ZoomTimeIn,
    ZoomTimeOut,
    PanTimeLeft,
    PanTimeRight,
    ResetTimeZoom,
    ToggleIdleTime,
    ShowAnalysis,
    ChooseProfile,
    Follow,
    CopyValue,
    CopyPath,
    CopyFilter,
    CopyKey,
    CopyMessageId,
    CopySpanId,
    CopyThreadId,
    CopyMarkdown,
    CopyJson,
    CopyCommand,
    Pager,
    Editor,
    Pipe,
    Export,
    RevealHidden,
    ToggleMouse,
    Command,
    Suspend,
    Reload,
    Stop,
    ZoomPane,
    Help,
    Quit,
}

/// Where a key has its meaning. A chord is looked up in the innermost scope first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere but where text is typed.
    Global,
    /// In the spans tab: the tree and its waterfall.
    Spans,
    /// In a JSON tree.
    Tree,
}

impl Scope {
    /// The heading in help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Spans => "Spans",
            Self::Tree => "JSON tree",
        }
    }
}

/// The group under which help lists an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    Move,
    Panes,
    Folding,
    Search,
    TimeAxis,
    Analysis,
    Copy,
    Program,
}

impl Group {
    /// All groups in the order of the help page.
    pub const ALL: [Self; 8] = [
        Self::Move,
        Self::Panes,
        Self::Folding,
        Self::Search,
        Self::TimeAxis,
        Self::Analysis,
        Self::Copy,
        Self::Program,
    ];

    /// The heading in help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Panes => "Panes and tabs",
            Self::Folding => "Folds",
            Self::Search => "Find and jump",
            Self::TimeAxis => "Time axis (spans)",
            Self::Analysis => "Analyse",
            Self::Copy => "Take away",
            Self::Program => "Program",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct ActionRow {
    pub action: Action,
    /// For the command line and the configuration.
    pub name: &'static str,
    /// One line for help, in the imperative.
    pub help: &'static str,
    pub scope: Scope,
    pub group: Group,
    /// Default key sequences, in the notation of [`crate::keymap`].
    pub keys: &'static [&'static str],
    /// A word for the hints at the bottom of the screen; empty: never hinted.
    pub hint: &'static str,
}

impl Action {
    /// The row of this action.
    pub fn row(self) -> Option<&'static ActionRow> {
        ACTION_TABLE.iter().find(|row| row.action == self)
    }

    /// The action with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        ACTION_TABLE.iter().find(|row| row.name == name).map(|row| row.action)
    }

    /// Whether a count before it repeats it or says where to go.
    pub fn takes_count(self) -> bool {
        matches!(
            self,
            Self::NextSlow
                | Self::PreviousSlow
                | Self::NextEmpty
                | Self::PreviousEmpty
                | Self::NextGap
                | Self::PreviousGap
                | Self::Down
                | Self::Up
                | Self::HalfPageDown
                | Self::HalfPageUp
                | Self::PageDown
                | Self::PageUp
                | Self::Top
                | Self::Bottom
                | Self::ScrollDetailDown
                | Self::ScrollDetailUp
                | Self::NextError
                | Self::PreviousError
                | Self::NextFeedback
                | Self::PreviousFeedback
                | Self::NextDisliked
                | Self::PreviousDisliked
                | Self::SearchNext
                | Self::SearchPrevious
                | Self::NextSibling
                | Self::PreviousSibling
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn action_names_are_unique_and_lookups_agree() {
        let names: HashSet<_> = ACTION_TABLE.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ACTION_TABLE.len());
        for row in ACTION_TABLE {
            assert_eq!(row.action.row().map(|found| found.name), Some(row.name));
            assert_eq!(Action::from_name(row.name), Some(row.action));
            assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}", row.name);
        }
    }
}
