//! The selection as evidence: a quote with its source, its place in the thread, and the command that opens it.

use crate::app::detail::Tab;
use crate::app::panes::Shown;
use crate::domain::Chunk;
use crate::export::Evidence;
use crate::layout::Pane;
use crate::provider::payload;
use crate::view::chunks;

impl Shown<'_> {
    /// Returns the selected chunk, value or text as evidence; `None` if there is nothing to quote.
    pub(super) fn evidence(self) -> Option<Evidence> {
        let is_in_message = self.screen.focus == Pane::Detail && self.detail.tab == Tab::Message;
        let chunk = if is_in_message {
            self.cited_chunk()
        } else {
            self.selected_json_value().and_then(payload::read_chunk)
        };
        let quote = match &chunk {
            Some(chunk) => chunk.text.clone(),
            None => self.selected_value()?.text,
        };
        if quote.trim().is_empty() {
            return None;
        }
        let source = chunk.map(|chunk| self.chunk_origin(&chunk)).or_else(|| self.span_origin());
        let origin = source.into_iter().chain(self.turn_origin()).collect();
        Some(Evidence { quote, origin, command: self.reopen_command() })
    }

    /// Returns title, page, score and source of a chunk, and the fields that mark it as outdated.
    fn chunk_origin(self, chunk: &Chunk) -> String {
        let answered_at = self.message_state().and_then(|state| state.view.message.created_at);
        let mut facts = Vec::new();
        facts.extend(chunk.title.clone().or_else(|| chunk.id.clone()));
        facts.extend(chunk.page.as_ref().map(|page| format!("p. {page}")));
        facts.extend(chunk.score.map(|score| format!("score {}", chunks::format_score(score))));
        facts.extend(chunk.source.clone());
        let outdated = chunks::outdated_fields(chunk, answered_at);
        facts.extend(outdated.map(|(key, value)| format!("{key}: {value}")));
        facts.join(" · ")
    }

    /// Returns the span of the selection.
    fn span_origin(self) -> Option<String> {
        let is_in_spans =
            self.detail.tab == Tab::Spans && matches!(self.screen.focus, Pane::Detail | Pane::Payload);
        let span = self.selected_span().filter(|_| is_in_spans)?;
        Some(format!("{} ({})", span.name, span.operation))
    }

    /// Returns the number of the message and the title of the thread.
    fn turn_origin(self) -> Option<String> {
        let number = self.thread_index_at(self.list.selected)? + 1;
        let title = self.thread?.metadata.title.as_deref().unwrap_or("the thread");
        Some(format!("Message {number} of {title}"))
    }
}
