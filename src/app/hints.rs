//! The hints in the bottom line: the most useful actions of the focused pane and tab, the most useful first.

use crate::action::Action;
use crate::app::App;
use crate::app::browse::{Browse, BrowseContext};
use crate::app::detail::Tab;
use crate::layout::Pane;
use crate::view::document::Document;

/// A hint about a key.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    pub action: Action,
    pub label: &'static str,
    needs: Option<Needs>,
}

/// A condition on the thread or the selection, without which an action has no effect.
#[derive(Clone, Copy, Debug)]
enum Needs {
    /// A message with a problem other than the selected one, or several problems in it.
    Errors,
    /// A message with negative feedback other than the selected one.
    NegativeFeedback,
    Spans,
    /// Spans of the selected message.
    SpansHere,
    /// A value in the shown part of the selected span.
    Payload,
    Feedback,
    /// Questions with replies that are not folded.
    Questions,
    /// Something to fold at the cursor.
    Foldable,
    /// A message below the selected one.
    NextMessage,
    /// Hits of the search.
    Hits,
    /// A tree next to the list of threads.
    Tree,
    /// A group inside the one that the list of threads shows.
    GroupInside,
}

const fn hint(action: Action, label: &'static str) -> Hint {
    Hint { action, label, needs: None }
}

const NEXT_ERROR: Hint = Hint { needs: Some(Needs::Errors), ..hint(Action::NextError, "next error") };
const NEXT_NEGATIVE: Hint =
    Hint { needs: Some(Needs::NegativeFeedback), ..hint(Action::NextDisliked, "next negative") };
const SPANS: Hint = Hint { needs: Some(Needs::Spans), ..hint(Action::ShowSpans, "spans") };
const SEARCH: Hint = hint(Action::Search, "search");
const RESULTS: Hint = Hint { needs: Some(Needs::Hits), ..hint(Action::ShowResults, "all hits") };
const COPY: Hint = hint(Action::CopyValue, "copy");
const OPEN: Hint = hint(Action::FocusThread, "open");
const TO_LIST: Hint = hint(Action::Back, "list");
const FOLD: Hint = Hint { needs: Some(Needs::Foldable), ..hint(Action::ToggleFold, "fold") };
const NEXT_MESSAGE: Hint =
    Hint { needs: Some(Needs::NextMessage), ..hint(Action::ScrollDetailDown, "next message") };

const fn of_spans(action: Action, label: &'static str) -> Hint {
    Hint { needs: Some(Needs::SpansHere), ..hint(action, label) }
}

const fn of_feedback(action: Action, label: &'static str) -> Hint {
    Hint { needs: Some(Needs::Feedback), ..hint(action, label) }
}

const NO_THREAD_HINTS: &[Hint] =
    &[hint(Action::Enter, "open"), hint(Action::Down, "choose"), hint(Action::FocusThread, "type")];

const BROWSE_HINTS: &[Hint] = &[
    hint(Action::Enter, "open"),
    hint(Action::Search, "narrow"),
    hint(Action::Filter, "filter"),
    hint(Action::ToggleFold, "mark"),
    Hint { needs: Some(Needs::GroupInside), ..hint(Action::UnfoldOrRight, "group") },
    hint(Action::SortByUpdated, "sort"),
    hint(Action::Archive, "archive"),
    hint(Action::Reload, "reload"),
    Hint { needs: Some(Needs::Tree), ..hint(Action::NextPane, "tree") },
    hint(Action::Back, "back"),
];

const MARKED_HINTS: &[Hint] = &[
    hint(Action::ToggleFold, "mark"),
    hint(Action::MarkRange, "range"),
    hint(Action::MarkAll, "all"),
    hint(Action::CopyThreadId, "copy ids"),
    hint(Action::Archive, "archive"),
    hint(Action::Export, "export"),
    hint(Action::Pipe, "pipe ids"),
    hint(Action::Back, "clear marks"),
];

const TREE_HINTS: &[Hint] = &[
    hint(Action::Enter, "list"),
    hint(Action::NextSibling, "next"),
    hint(Action::Reload, "reload"),
    hint(Action::Back, "back"),
];

const EMPTY_LIST_HINTS: &[Hint] = &[
    hint(Action::Reload, "reload"),
    Hint { needs: Some(Needs::GroupInside), ..hint(Action::UnfoldOrRight, "group") },
    Hint { needs: Some(Needs::Tree), ..hint(Action::NextPane, "tree") },
    hint(Action::Back, "back"),
];

const FAILED_HINTS: &[Hint] = &[hint(Action::Reload, "retry"), OPEN];

const LIST_HINTS: &[Hint] = &[
    hint(Action::Enter, "read"),
    RESULTS,
    NEXT_NEGATIVE,
    NEXT_ERROR,
    SPANS,
    FOLD,
    Hint { needs: Some(Needs::Questions), ..hint(Action::ShowQuestions, "questions") },
    SEARCH,
    hint(Action::Filter, "filter"),
    hint(Action::ShowAnalysis, "analysis"),
    OPEN,
    hint(Action::Command, "command"),
];

const CONVERSATION_HINTS: &[Hint] = &[
    NEXT_MESSAGE,
    FOLD,
    NEXT_NEGATIVE,
    NEXT_ERROR,
    SPANS,
    COPY,
    hint(Action::ToggleSource, "source"),
    SEARCH,
    TO_LIST,
];

const SPANS_HINTS: &[Hint] = &[
    of_spans(Action::Enter, "payload"),
    NEXT_ERROR,
    of_spans(Action::NextPart, "input/output"),
    FOLD,
    of_spans(Action::ZoomTimeIn, "zoom"),
    of_spans(Action::CopyValue, "copy"),
    NEXT_MESSAGE,
    SEARCH,
    TO_LIST,
];

const PAYLOAD_HINTS: &[Hint] = &[
    of_spans(Action::NextPart, "next part"),
    COPY,
    hint(Action::CopyEvidence, "copy evidence"),
    hint(Action::CopyPath, "copy path"),
    Hint { needs: Some(Needs::Payload), ..hint(Action::ToggleSource, "raw") },
    hint(Action::Pager, "pager"),
    SEARCH,
    hint(Action::Back, "spans"),
];

const FEEDBACK_HINTS: &[Hint] = &[
    of_feedback(Action::Enter, "message"),
    of_feedback(Action::NextPart, "kind"),
    hint(Action::Filter, "filter"),
    COPY,
    SEARCH,
    TO_LIST,
];

const JSON_HINTS: &[Hint] =
    &[FOLD, COPY, hint(Action::CopyPath, "copy path"), SEARCH, hint(Action::Pager, "pager"), TO_LIST];

const METADATA_HINTS: &[Hint] = &[FOLD, COPY, SEARCH, hint(Action::Pager, "pager"), TO_LIST];

/// The hints at the right end, on every pane.
pub const ALWAYS: [Hint; 2] = [hint(Action::Help, "help"), hint(Action::Quit, "quit")];

impl App {
    /// Returns the hints of the focused pane, without those that have no effect in this thread.
    pub fn hints(&self) -> impl Iterator<Item = Hint> + '_ {
        let hints = match (self.screen.focus, self.detail.tab) {
            _ if self.browse.is_open => self.browse.hints(&self.browse_context()),
            _ if self.is_idle() => NO_THREAD_HINTS,
            _ if self.loading.is_active() && self.loading.shown_thread().is_none() => &[OPEN],
            _ if self.loading.shown_thread().is_none() => FAILED_HINTS,
            (Pane::Messages | Pane::ThreadBox, _) => LIST_HINTS,
            (Pane::Payload, _) => PAYLOAD_HINTS,
            (Pane::Detail, Tab::Message) => CONVERSATION_HINTS,
            (Pane::Detail, Tab::Spans) => SPANS_HINTS,
            (Pane::Detail, Tab::Feedback) => FEEDBACK_HINTS,
            (Pane::Detail, Tab::Metadata) => METADATA_HINTS,
            (Pane::Detail, Tab::Raw) => JSON_HINTS,
        };
        hints.iter().copied().filter(|hint| hint.needs.is_none_or(|needs| self.has(needs)))
    }

    fn has(&self, needs: Needs) -> bool {
        let shown = self.shown();
        let Some(thread) = shown.thread else { return self.browse.has(needs, &self.browse_context()) };
        let selected = shown.thread_index_at(self.list.selected).and_then(|index| u32::try_from(index).ok());
        let is_elsewhere = |indexes: &[u32]| {
            indexes.len() > 1 || indexes.first().is_some_and(|index| Some(*index) != selected)
        };
        match needs {
            Needs::Errors => {
                let failed = shown.selected_summary().map_or(0, |summary| summary.failed_span_count);
                failed > 1 || is_elsewhere(&thread.landmarks.errors)
            }
            Needs::NegativeFeedback => is_elsewhere(&thread.landmarks.negative),
            Needs::Spans => thread.totals.spans > 0,
            Needs::SpansHere => shown.selected_summary().is_some_and(|summary| summary.span_count > 0),
            Needs::Payload => {
                let part = shown.message_state().map(|state| state.spans.part);
                let range = part.zip(shown.selected_span()).map(|(part, span)| part.byte_range(span));
                range.is_some_and(|range| !range.is_empty())
            }
            Needs::Feedback => !thread.landmarks.negative.is_empty() || !thread.landmarks.positive.is_empty(),
            Needs::Questions => {
                let is_folded = self.list.filter.is_none() && shown.list_len() < thread.summaries.len();
                !thread.landmarks.questions.is_empty() && !is_folded
            }
            Needs::Tree | Needs::GroupInside => self.browse.has(needs, &self.browse_context()),
            Needs::Hits => self.search.as_ref().is_some_and(|search| !search.hits.is_empty()),
            Needs::Foldable => self.can_fold(),
            Needs::NextMessage => self.list.selected + 1 < shown.list_len(),
        }
    }

    /// Returns whether there is something to fold at the cursor.
    fn can_fold(&self) -> bool {
        let shown = self.shown();
        let state = shown.message_state();
        let has_blocks = |document: &Document| document.sections().iter().any(|section| section.is_foldable);
        match (self.screen.focus, self.detail.tab) {
            (Pane::Messages | Pane::ThreadBox, _) => {
                let selected = shown.thread_index_at(self.list.selected).unwrap_or(0);
                let questions = shown.thread.map_or(&[][..], |thread| &thread.landmarks.questions);
                questions.first().is_some_and(|first| *first as usize <= selected)
            }
            (_, Tab::Message) => state.is_some_and(|state| has_blocks(&state.text.document)),
            (_, Tab::Metadata) => state.is_some_and(|state| has_blocks(&state.metadata.document)),
            (_, Tab::Spans) => state.is_some_and(|state| {
                let forest = &state.view.forest;
                state.spans.selected_node().is_some_and(|node| forest.children(node).next().is_some())
            }),
            (_, Tab::Feedback | Tab::Raw) => true,
        }
    }
}

impl Browse {
    fn hints(&self, context: &BrowseContext<'_>) -> &'static [Hint] {
        let has_marks =
            self.list().is_some_and(|list| list.marks.len() > 0 || list.is_in_range(list.cursor.row));
        match (self.has_tree_focus(context), has_marks) {
            (true, _) => TREE_HINTS,
            (false, true) => MARKED_HINTS,
            (false, false) if self.list().is_none_or(|list| list.line_count() == 0) => EMPTY_LIST_HINTS,
            (false, false) => BROWSE_HINTS,
        }
    }

    fn has(&self, needs: Needs, context: &BrowseContext<'_>) -> bool {
        match needs {
            Needs::Tree => !self.areas(context).tree.is_empty(),
            Needs::GroupInside => self.child_row().is_some(),
            Needs::Errors
            | Needs::NegativeFeedback
            | Needs::Spans
            | Needs::SpansHere
            | Needs::Payload
            | Needs::Feedback
            | Needs::Questions
            | Needs::Foldable
            | Needs::NextMessage
            | Needs::Hits => false,
        }
    }
}
