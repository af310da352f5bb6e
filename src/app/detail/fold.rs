//! Commands that fold the rows of documents and trees.

use crate::action::Action;
use crate::layout::Direction;

/// A command to fold rows, or to move between foldable ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldCommand {
    Toggle,
    /// Folds the row, or goes to its parent.
    FoldOrParent,
    /// Unfolds the row, or goes to its first child.
    UnfoldOrChild,
    OpenAll,
    CloseAll,
    /// Unfolds everything above this level, counted from 1, and folds the rest.
    ToLevel(usize),
    /// Goes to the next or previous row of the same level.
    Sibling(Direction),
}

impl FoldCommand {
    /// Returns the command of an action on a page of text, if it has one.
    pub fn on_page(action: Action) -> Option<Self> {
        let commands = [
            (Action::ToggleFold, Self::Toggle),
            (Action::Enter, Self::Toggle),
            (Action::FoldOrLeft, Self::FoldOrParent),
            (Action::UnfoldOrRight, Self::UnfoldOrChild),
            (Action::UnfoldAll, Self::OpenAll),
            (Action::FoldAll, Self::CloseAll),
            (Action::NextSibling, Self::Sibling(Direction::Forward)),
            (Action::PreviousSibling, Self::Sibling(Direction::Backward)),
            (Action::NextPart, Self::Sibling(Direction::Forward)),
            (Action::PreviousPart, Self::Sibling(Direction::Backward)),
        ];
        commands.into_iter().find(|(known, _)| *known == action).map(|(_, command)| command)
    }
}
