//! The hints in the bottom line: the most useful actions of the focused pane and tab, the most useful first.

use crate::action::Action;
use crate::app::App;
use crate::app::detail::Tab;
use crate::layout::Pane;

/// A key that is worth knowing.
#[derive(Clone, Copy, Debug)]
pub struct Hint {
    pub action: Action,
    pub label: &'static str,
    needs: Option<Needs>,
}

/// What a thread must have for an action to lead anywhere.
#[derive(Clone, Copy, Debug)]
enum Needs {
    Errors,
    NegativeFeedback,
    Spans,
    Questions,
}

const fn hint(action: Action, label: &'static str) -> Hint {
    Hint { action, label, needs: None }
}

const NEXT_ERROR: Hint = Hint { needs: Some(Needs::Errors), ..hint(Action::NextError, "next error") };
const NEXT_NEGATIVE: Hint =
    Hint { needs: Some(Needs::NegativeFeedback), ..hint(Action::NextDisliked, "next negative") };
const SPANS: Hint = Hint { needs: Some(Needs::Spans), ..hint(Action::ShowSpans, "spans") };
const SEARCH: Hint = hint(Action::Search, "search");
const COPY: Hint = hint(Action::CopyValue, "copy");
const OPEN: Hint = hint(Action::FocusThread, "open");
const TO_LIST: Hint = hint(Action::Back, "list");

const NO_THREAD_HINTS: &[Hint] =
    &[hint(Action::Enter, "open"), hint(Action::Down, "choose"), hint(Action::FocusThread, "type")];

const FAILED_HINTS: &[Hint] = &[hint(Action::Reload, "retry"), OPEN];

const LIST_HINTS: &[Hint] = &[
    hint(Action::Enter, "read"),
    NEXT_NEGATIVE,
    NEXT_ERROR,
    SPANS,
    Hint { needs: Some(Needs::Questions), ..hint(Action::ToggleFold, "fold") },
    Hint { needs: Some(Needs::Questions), ..hint(Action::ShowQuestions, "questions") },
    SEARCH,
    hint(Action::Filter, "filter"),
    hint(Action::ShowAnalysis, "analysis"),
    OPEN,
    hint(Action::Command, "command"),
];

const CONVERSATION_HINTS: &[Hint] = &[
    hint(Action::ScrollDetailDown, "next message"),
    hint(Action::ToggleFold, "fold"),
    NEXT_NEGATIVE,
    NEXT_ERROR,
    SPANS,
    COPY,
    hint(Action::ToggleSource, "source"),
    SEARCH,
    TO_LIST,
];

const SPANS_HINTS: &[Hint] = &[
    hint(Action::Enter, "payload"),
    NEXT_ERROR,
    hint(Action::NextPart, "input/output"),
    hint(Action::ToggleFold, "fold"),
    hint(Action::ZoomTimeIn, "zoom"),
    COPY,
    hint(Action::ScrollDetailDown, "next message"),
    SEARCH,
    TO_LIST,
];

const PAYLOAD_HINTS: &[Hint] = &[
    hint(Action::NextPart, "next part"),
    COPY,
    hint(Action::CopyEvidence, "copy evidence"),
    hint(Action::CopyPath, "copy path"),
    hint(Action::ToggleSource, "raw"),
    hint(Action::Pager, "pager"),
    SEARCH,
    hint(Action::Back, "spans"),
];

const FEEDBACK_HINTS: &[Hint] = &[
    hint(Action::Enter, "message"),
    hint(Action::NextPart, "kind"),
    hint(Action::Filter, "filter"),
    COPY,
    SEARCH,
    TO_LIST,
];

const JSON_HINTS: &[Hint] = &[
    hint(Action::ToggleFold, "fold"),
    COPY,
    hint(Action::CopyPath, "copy path"),
    hint(Action::UnfoldAll, "unfold all"),
    SEARCH,
    hint(Action::Pager, "pager"),
    TO_LIST,
];

/// The hints at the right end, on every pane.
pub const ALWAYS: [Hint; 2] = [hint(Action::Help, "help"), hint(Action::Quit, "quit")];

impl App {
    /// The hints of the focused pane, without those that lead nowhere in this thread.
    pub fn hints(&self) -> impl Iterator<Item = Hint> + '_ {
        let hints = match (self.screen.focus, self.detail.tab) {
            _ if self.is_idle() => NO_THREAD_HINTS,
            _ if self.loading.is_active() && self.loading.shown_thread().is_none() => &[OPEN],
            _ if self.loading.shown_thread().is_none() => FAILED_HINTS,
            (Pane::Messages | Pane::ThreadBox, _) => LIST_HINTS,
            (Pane::Payload, _) => PAYLOAD_HINTS,
            (Pane::Detail, Tab::Message) => CONVERSATION_HINTS,
            (Pane::Detail, Tab::Spans) => SPANS_HINTS,
            (Pane::Detail, Tab::Feedback) => FEEDBACK_HINTS,
            (Pane::Detail, Tab::Metadata | Tab::Raw) => JSON_HINTS,
        };
        hints.iter().copied().filter(|hint| hint.needs.is_none_or(|needs| self.has(needs)))
    }

    fn has(&self, needs: Needs) -> bool {
        self.loading.shown_thread().is_some_and(|thread| match needs {
            Needs::Errors => !thread.landmarks.errors.is_empty(),
            Needs::NegativeFeedback => !thread.landmarks.negative.is_empty(),
            Needs::Spans => thread.totals.spans > 0,
            Needs::Questions => !thread.landmarks.questions.is_empty(),
        })
    }
}
