//! Questions and their replies: folding a question hides all messages up to the next question.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::app::detail::fold::FoldCommand;
use crate::app::panes::{Panes, Shown};
use crate::domain::{MessageFlags, Role};
use crate::layout::{Direction, Pane};

/// The folded questions, by thread index.
#[derive(Clone, Debug, Default)]
pub struct QuestionFolds {
    /// Whether all questions but the exceptions are folded, including questions that arrive later.
    all: bool,
    exceptions: BTreeSet<u32>,
}

impl QuestionFolds {
    /// Restores folds from their parts.
    pub fn from_parts(all: bool, exceptions: &[u32]) -> Self {
        Self { all, exceptions: exceptions.iter().copied().collect() }
    }

    /// Returns whether all questions are folded, and the exceptions, by thread index.
    pub fn parts(&self) -> (bool, Vec<u32>) {
        (self.all, self.exceptions.iter().copied().collect())
    }

    fn is_folded(&self, question: u32) -> bool {
        self.all != self.exceptions.contains(&question)
    }

    fn set(&mut self, question: u32, is_folded: bool) {
        if is_folded == self.all {
            self.exceptions.remove(&question);
        } else {
            self.exceptions.insert(question);
        }
    }

    /// Returns the thread indices of the messages that are not folded; `None` for all.
    fn visible(&self, questions: &[u32], len: u32) -> Option<Vec<u32>> {
        if !self.all && self.exceptions.is_empty() {
            return None;
        }
        let mut visible: Vec<u32> = (0..questions.first().copied().unwrap_or(len)).collect();
        for (index, question) in questions.iter().enumerate() {
            let next = questions.get(index + 1).copied().unwrap_or(len);
            let end = if self.is_folded(*question) { question + 1 } else { next };
            visible.extend(*question..end);
        }
        Some(visible)
    }
}

/// The replies that a folded question hides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FoldedReplies {
    pub messages: usize,
    pub calls: usize,
    pub artifacts: usize,
    pub has_problem: bool,
}

/// The maximum number of replies to a folded question that are read for its marks.
const MAX_COUNTED: usize = 1000;

impl<'a> Shown<'a> {
    /// Returns the thread indices of the questions; none if each message has both sides.
    fn questions(self) -> &'a [u32] {
        self.thread.map_or(&[], |thread| &thread.landmarks.questions)
    }

    /// Returns whether the messages are questions and their replies.
    pub fn has_questions(self) -> bool {
        !self.questions().is_empty()
    }

    /// Returns whether the message with this thread index is a question; if so, whether it is folded.
    pub fn question_fold(self, index: usize) -> Option<bool> {
        let question = u32::try_from(index).ok()?;
        self.questions().binary_search(&question).ok()?;
        Some(self.list.matching.is_none() && self.list.folds.is_folded(question))
    }

    /// Returns whether the message with this thread index is a reply below a question.
    pub fn is_reply(self, index: usize) -> bool {
        self.list.matching.is_none()
            && self.replies_of(index).is_some_and(|(_, replies)| replies.contains(&index))
    }

    /// Returns the question that a message belongs to, and the messages after it up to the next question, by thread index.
    pub(in crate::app) fn replies_of(self, index: usize) -> Option<(u32, Range<usize>)> {
        let index = u32::try_from(index).ok()?;
        let after = self.questions().partition_point(|question| *question <= index);
        let question = *self.questions().get(after.checked_sub(1)?)?;
        let next = self.questions().get(after).map(|next| *next as usize);
        let len = self.thread.map_or(0, |thread| thread.summaries.len());
        Some((question, question as usize + 1..next.unwrap_or(len)))
    }

    /// Returns the replies that the folded question with this thread index hides.
    pub fn folded_replies(self, index: usize) -> Option<FoldedReplies> {
        if self.question_fold(index) != Some(true) {
            return None;
        }
        let (thread, (_, replies)) = (self.thread?, self.replies_of(index)?);
        let mut folded = FoldedReplies { messages: replies.len(), ..FoldedReplies::default() };
        for summary in replies.take(MAX_COUNTED).filter_map(|index| thread.summaries.get(index)) {
            let has_calls = summary.flags.contains(MessageFlags::TOOLS) && summary.role != Role::Tool;
            folded.calls += usize::from(has_calls);
            folded.artifacts += usize::from(summary.flags.contains(MessageFlags::ARTIFACTS));
            folded.has_problem |= summary.has_problem();
        }
        Some(folded)
    }
}

impl Panes<'_> {
    /// Folds or unfolds questions in the list, or moves between them; returns false if the thread has none.
    pub fn fold_questions(&mut self, command: FoldCommand) -> bool {
        if !self.shown().has_questions() || self.list.matching.is_some() {
            return false;
        }
        let selected = self.shown().thread_index_at(self.list.selected).unwrap_or(0);
        let replies = self.shown().replies_of(selected);
        let is_folded = |question: u32| self.list.folds.is_folded(question);
        match (command, replies) {
            (FoldCommand::CloseAll | FoldCommand::ToLevel(1), _) => self.fold_all(true),
            (FoldCommand::OpenAll | FoldCommand::ToLevel(_), _) => self.fold_all(false),
            (FoldCommand::Sibling(direction), _) => self.select_question(direction, selected),
            (FoldCommand::UnfoldOrChild, Some((question, _))) if is_folded(question) => {
                self.fold_question(question, false);
            }
            (FoldCommand::UnfoldOrChild, _) => self.screen.focus = Pane::Detail,
            (FoldCommand::FoldOrParent, Some((question, _))) => self.fold_question(question, true),
            (FoldCommand::Toggle, Some((question, _))) => {
                self.fold_question(question, !self.list.folds.is_folded(question));
            }
            (FoldCommand::FoldOrParent | FoldCommand::Toggle, None) => {}
        }
        true
    }

    /// Shows the questions of the thread, without their replies.
    pub fn show_questions(&mut self) {
        self.screen.focus = Pane::Messages;
        self.fold_questions(FoldCommand::CloseAll);
    }

    fn fold_question(&mut self, question: u32, is_folded: bool) {
        let selected = self.shown().selected_thread_index().unwrap_or(question);
        self.list.folds.set(question, is_folded);
        self.update_visible();
        self.select_thread_index(if is_folded { question } else { selected } as usize);
    }

    fn fold_all(&mut self, is_folded: bool) {
        let selected = self.shown().thread_index_at(self.list.selected).unwrap_or(0);
        let question = self.shown().replies_of(selected).map(|(question, _)| question as usize);
        self.list.folds = QuestionFolds { all: is_folded, ..QuestionFolds::default() };
        self.update_visible();
        self.select_thread_index(if is_folded { question.unwrap_or(selected) } else { selected });
    }

    fn select_question(&mut self, direction: Direction, selected: usize) {
        let questions = self.shown().questions();
        let at = questions.partition_point(|question| (*question as usize) < selected);
        let is_question = questions.get(at).is_some_and(|question| *question as usize == selected);
        let target = match direction {
            Direction::Forward => questions.get(at + usize::from(is_question)),
            Direction::Backward => at.checked_sub(1).and_then(|before| questions.get(before)),
        };
        if let Some(question) = target.copied() {
            self.select_thread_index(question as usize);
        }
    }

    /// Unfolds the question that hides the message with this thread index.
    pub(super) fn unfold_to(&mut self, index: usize) {
        if let Some((question, _)) = self.shown().replies_of(index)
            && self.list.matching.is_none()
        {
            self.list.folds.set(question, false);
            self.update_visible();
        }
    }

    /// Updates the rows after a change of the filter, the folds or the thread.
    pub fn update_visible(&mut self) {
        let len = self.thread.map_or(0, |thread| thread.summaries.len());
        self.list.len_when_folded = len;
        let folded =
            self.list.folds.visible(self.shown().questions(), u32::try_from(len).unwrap_or(u32::MAX));
        self.list.visible = self.list.matching.clone().or(folded.map(Arc::new));
        self.update_rows();
    }

    /// Folds the messages that arrived while questions are folded.
    pub fn fold_new_messages(&mut self) {
        let len = self.thread.map_or(0, |thread| thread.summaries.len());
        if self.list.visible.is_some() && self.list.matching.is_none() && self.list.len_when_folded != len {
            self.update_visible();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_question_hides_its_replies() {
        let mut folds = QuestionFolds::default();
        assert_eq!(folds.visible(&[1, 4], 7), None);
        folds.set(1, true);
        assert_eq!(folds.visible(&[1, 4], 7), Some(vec![0, 1, 4, 5, 6]));
        folds.set(1, false);
        assert_eq!(folds.visible(&[1, 4], 7), None);
        let mut all = QuestionFolds { all: true, ..QuestionFolds::default() };
        assert_eq!(all.visible(&[1, 4], 7), Some(vec![0, 1, 4]));
        all.set(4, false);
        assert_eq!(all.visible(&[1, 4], 7), Some(vec![0, 1, 4, 5, 6]));
        assert_eq!(all.visible(&[1, 4], 5), Some(vec![0, 1, 4]));
        assert_eq!(all.visible(&[], 2), Some(vec![0, 1]));
    }
}
