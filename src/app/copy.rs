//! Taking something away: what is selected as a value, its path, an id, Markdown, JSON, or the command that opens exactly
//! this view again. Where it goes (clipboard, pager, editor, a shell command) is an effect.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::{Block, Message, Side, Source};
use crate::effect::{Effect, ExternalProgram};
use crate::json::{self, Value, tree};
use crate::layout::Pane;
use crate::view::Clip;

fn clip(what: &'static str, text: impl Into<String>) -> Option<Clip> {
    Some(Clip { label: what, text: text.into() })
}

impl App {
    /// Copies, or hands over to another program.
    pub(super) fn perform_copy(&mut self, action: Action) -> Effects {
        let taken = match action {
            Action::CopyPath => self.selected_path().and_then(|steps| clip("path", tree::json_path(&steps))),
            Action::CopyFilter => {
                self.selected_path().and_then(|steps| clip("jq filter", tree::jq_filter(&steps)))
            }
            Action::CopyKey => self.selected_key_name().and_then(|key| clip("key", key)),
            Action::CopyMessageId => {
                self.message_state().and_then(|shown| clip("message id", &*shown.view.message.id))
            }
            Action::CopySpanId => self.selected_span().and_then(|span| clip("span id", &*span.id)),
            Action::CopyThreadId => self.thread_id().and_then(|id| clip("thread id", id)),
            Action::CopyMarkdown => {
                self.message_state().and_then(|shown| clip("Markdown", message_markdown(&shown.view.message)))
            }
            Action::CopyJson => self.selected_json().and_then(|text| clip("JSON", text)),
            Action::CopyCommand => self.reopen_command().and_then(|text| clip("command", text)),
            _ => self.selected_value(),
        };
        let Some(taken) = taken else {
            self.notify("there is nothing of that kind here");
            return Vec::new();
        };
        match action {
            Action::Pager => vec![Effect::RunInTerminal(ExternalProgram::Pager(taken))],
            Action::Editor => vec![Effect::RunInTerminal(ExternalProgram::Editor(taken))],
            Action::Pipe => {
                self.pending_pipe = Some(taken);
                self.prompt = Some(Prompt::new(Purpose::Pipe, ""));
                Vec::new()
            }
            _ => vec![Effect::Copy(taken)],
        }
    }

    /// What no clipboard took can still be had: the next key says so.
    pub(super) fn offer_save(&mut self, taken: Clip, why: &str) -> Effects {
        self.warn(format!("{why}; w writes it to a file in the working folder"));
        if let Some(notice) = self.notice.as_mut() {
            notice.save_offer = Some(taken);
        }
        Vec::new()
    }

    fn thread_id(&self) -> Option<String> {
        let thread = self.shown_thread()?;
        Some(thread.metadata.id.clone().unwrap_or_else(|| thread.source.to_input()))
    }

    /// The tree that has a selected row: a span's payload or the raw JSON.
    pub(in crate::app) fn selected_tree(&self) -> Option<&crate::app::detail::json_tree::TreeView> {
        match (self.detail.tab, self.focus) {
            (Tab::Raw, Pane::Detail) => self.message_state()?.json.as_ref(),
            (Tab::Spans, Pane::Payload) => self.payload_tree(),
            _ => None,
        }
    }

    fn selected_path(&self) -> Option<Vec<tree::PathStep>> {
        let view = self.selected_tree()?;
        Some(view.tree().path(view.selected))
    }

    fn selected_key_name(&self) -> Option<String> {
        Some(match self.selected_path()?.last()? {
            tree::PathStep::Key(key) => key.clone(),
            tree::PathStep::Index(index) => index.to_string(),
            tree::PathStep::Embedded => return None,
        })
    }

    /// The value under the cursor: a JSON value (strings decoded), a span, or the text of the message.
    fn selected_value(&self) -> Option<Clip> {
        if let Some(view) = self.selected_tree() {
            let value = view.tree().value(view.selected)?;
            return clip("value", value_text(value));
        }
        let shown = self.message_state()?;
        match (self.detail.tab, self.focus) {
            (Tab::Spans, Pane::Detail) => {
                let span = self.selected_span()?;
                clip("span", json::pretty(shown.raw.bytes_in(span.raw), usize::MAX))
            }
            (Tab::Feedback, Pane::Detail) => {
                let texts: Vec<&str> =
                    shown.view.message.feedback.iter().map(|one| one.description.as_str()).collect();
                clip("feedback", texts.join("\n"))
            }
            (Tab::Raw | Tab::Metadata, Pane::Detail) => {
                clip("JSON", json::pretty(shown.raw.bytes(), usize::MAX))
            }
            _ => clip("text", message_text(&shown.view.message)),
        }
    }

    fn selected_json(&self) -> Option<String> {
        let shown = self.message_state()?;
        let in_spans = self.detail.tab == Tab::Spans && matches!(self.focus, Pane::Detail | Pane::Payload);
        let raw = match self.selected_span().filter(|_| in_spans) {
            Some(span) => shown.raw.bytes_in(span.raw),
            None => shown.raw.bytes(),
        };
        Some(json::pretty(raw, usize::MAX))
    }

    /// The command line that opens exactly this view.
    fn reopen_command(&self) -> Option<String> {
        let thread = self.shown_thread()?;
        let mut words = vec!["unspool".to_owned(), shell_quote(&thread.source.to_input())];
        if let Source::Thread(reference) = &thread.source {
            words.extend(
                self.prefs
                    .profiles
                    .command_line_flags(reference.service)
                    .iter()
                    .map(|word| shell_quote(word)),
            );
        }
        if let Some(shown) = self.message_state() {
            words.extend(["--message".to_owned(), shell_quote(&shown.view.message.id)]);
            words.extend(["--tab".to_owned(), self.detail.tab.title().to_lowercase()]);
        }
        if self.detail.tab == Tab::Spans
            && let Some(span) = self.selected_span()
        {
            words.extend(["--span".to_owned(), shell_quote(&span.id)]);
        }
        if let Some(steps) = self.selected_path().filter(|steps| !steps.is_empty()) {
            words.extend(["--path".to_owned(), shell_quote(&tree::json_path(&steps))]);
        }
        Some(words.join(" "))
    }
}

/// A word for a POSIX shell.
fn shell_quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn value_text(value: Value<'_>) -> String {
    match value.as_str() {
        Some(text) => text.into_owned(),
        None => json::pretty(value.raw(), usize::MAX),
    }
}

/// The text of a message, both sides.
fn message_text(message: &Message) -> String {
    let texts: Vec<String> = message.sides.iter().map(Side::text).filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

/// A message as Markdown: a heading for each side, code in fences that no text inside can close.
fn message_markdown(message: &Message) -> String {
    let mut out = String::new();
    for side in &message.sides {
        out.push_str(&format!("## {}\n\n", side.role_text.as_deref().unwrap_or(side.role.as_str())));
        for block in &side.blocks {
            match block {
                Block::Markdown(text) | Block::Thinking(text) => out.push_str(&format!("{text}\n\n")),
                Block::ToolCall { name, description, code, .. } => {
                    out.push_str(&format!("**{name}** {description}\n\n"));
                    for field in code {
                        let fence = code_fence(&field.text);
                        out.push_str(&format!("{fence}\n{}\n{fence}\n\n", field.text));
                    }
                }
                Block::ToolResult { blocks, .. } => {
                    for text in blocks.iter().filter_map(Block::plain_text) {
                        let fence = code_fence(text);
                        out.push_str(&format!("{fence}\n{text}\n{fence}\n\n"));
                    }
                }
                Block::Chunks(_) | Block::Artifact(_) | Block::Json { .. } => {}
            }
        }
    }
    out.trim_end().to_owned()
}

/// A fence longer than any run of backticks in the text.
fn code_fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(shell_quote("sgp:abc-1"), "sgp:abc-1");
        assert_eq!(shell_quote("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(shell_quote(""), "''");
    }

    #[test]
    fn fence_is_longer_than_any_backticks_inside() {
        assert_eq!(code_fence("a ``` b"), "````");
        assert_eq!(code_fence("plain"), "```");
    }
}
