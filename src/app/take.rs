//! Taking something away: what is selected as a value, its path, an id, Markdown, JSON, or the command that opens exactly
//! this view again. Where it goes (clipboard, pager, editor, a shell command) is an effect.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::{Block, Message, Side};
use crate::effect::{Effect, HandOver, Source};
use crate::json::{self, Value, tree};
use crate::layout::Pane;

/// Something to be taken away, with a name for notices and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub what: &'static str,
    pub text: String,
}

fn taken(what: &'static str, text: impl Into<String>) -> Option<Taken> {
    Some(Taken { what, text: text.into() })
}

impl App {
    /// Copies, or hands over to another program.
    pub(super) fn perform_take(&mut self, action: Action) -> Effects {
        let taken = match action {
            Action::CopyPath => self.selected_path().and_then(|steps| taken("path", tree::json_path(&steps))),
            Action::CopyFilter => {
                self.selected_path().and_then(|steps| taken("jq filter", tree::jq_filter(&steps)))
            }
            Action::CopyKey => self.selected_key_name().and_then(|key| taken("key", key)),
            Action::CopyMessageId => {
                self.shown().and_then(|shown| taken("message id", &*shown.prepared.message.id))
            }
            Action::CopySpanId => self.selected_span().and_then(|span| taken("span id", &*span.id)),
            Action::CopyThreadId => self.thread_id().and_then(|id| taken("thread id", id)),
            Action::CopyMarkdown => {
                self.shown().and_then(|shown| taken("Markdown", markdown(&shown.prepared.message)))
            }
            Action::CopyJson => self.selected_json().and_then(|text| taken("JSON", text)),
            Action::CopyCommand => self.command().and_then(|text| taken("command", text)),
            _ => self.selected_value(),
        };
        let Some(taken) = taken else {
            self.say("there is nothing of that kind here");
            return Vec::new();
        };
        match action {
            Action::Pager => vec![Effect::HandOver(HandOver::Pager(taken))],
            Action::Editor => vec![Effect::HandOver(HandOver::Editor(taken))],
            Action::Pipe => {
                self.piped = Some(taken);
                self.prompt = Some(Prompt::new(Purpose::Pipe, ""));
                Vec::new()
            }
            _ => vec![Effect::Copy(taken)],
        }
    }

    /// What no clipboard took can still be had: the next key says so.
    pub(super) fn offer_file(&mut self, taken: Taken, why: &str) -> Effects {
        self.warn(format!("{why}; w writes it to a file in the working folder"));
        if let Some(notice) = self.notice.as_mut() {
            notice.offer = Some(taken);
        }
        Vec::new()
    }

    fn thread_id(&self) -> Option<String> {
        let thread = self.shown_thread()?;
        Some(thread.thread.id.clone().unwrap_or_else(|| thread.source.typed()))
    }

    /// The tree that has a selected row: a span's payload or the raw JSON.
    pub(in crate::app) fn selected_tree(&self) -> Option<&crate::app::detail::tree_view::TreeView> {
        match (self.detail.tab, self.focus) {
            (Tab::Raw, Pane::Detail) => self.shown()?.json.as_ref(),
            (Tab::Spans, Pane::Payload) => self.payload_tree(),
            _ => None,
        }
    }

    fn selected_path(&self) -> Option<Vec<tree::Step>> {
        let view = self.selected_tree()?;
        Some(view.tree().path(view.selected))
    }

    fn selected_key_name(&self) -> Option<String> {
        Some(match self.selected_path()?.last()? {
            tree::Step::Key(key) => key.clone(),
            tree::Step::Index(index) => index.to_string(),
            tree::Step::Inside => return None,
        })
    }

    /// The value under the cursor: a JSON value (strings decoded), a span, or the text of the message.
    fn selected_value(&self) -> Option<Taken> {
        if let Some(view) = self.selected_tree() {
            let value = view.tree().value(view.selected)?;
            return taken("value", value_text(value));
        }
        let shown = self.shown()?;
        match (self.detail.tab, self.focus) {
            (Tab::Spans, Pane::Detail) => {
                let span = self.selected_span()?;
                taken("span", json::pretty(shown.raw.piece(span.raw), usize::MAX))
            }
            (Tab::Feedback, Pane::Detail) => {
                let texts: Vec<&str> =
                    shown.prepared.message.feedback.iter().map(|one| one.description.as_str()).collect();
                taken("feedback", texts.join("\n"))
            }
            (Tab::Raw | Tab::Metadata, Pane::Detail) => {
                taken("JSON", json::pretty(shown.raw.bytes(), usize::MAX))
            }
            _ => taken("text", message_text(&shown.prepared.message)),
        }
    }

    fn selected_json(&self) -> Option<String> {
        let shown = self.shown()?;
        let in_spans = self.detail.tab == Tab::Spans && matches!(self.focus, Pane::Detail | Pane::Payload);
        let raw = match self.selected_span().filter(|_| in_spans) {
            Some(span) => shown.raw.piece(span.raw),
            None => shown.raw.bytes(),
        };
        Some(json::pretty(raw, usize::MAX))
    }

    /// The command line that opens exactly this view.
    fn command(&self) -> Option<String> {
        let thread = self.shown_thread()?;
        let mut words = vec!["unspool".to_owned(), quoted(&thread.source.typed())];
        if let Source::Thread(reference) = &thread.source {
            words.extend(self.prefs.profiles.words(reference.service).iter().map(|word| quoted(word)));
        }
        if let Some(shown) = self.shown() {
            words.extend(["--message".to_owned(), quoted(&shown.prepared.message.id)]);
            words.extend(["--tab".to_owned(), self.detail.tab.title().to_lowercase()]);
        }
        if self.detail.tab == Tab::Spans
            && let Some(span) = self.selected_span()
        {
            words.extend(["--span".to_owned(), quoted(&span.id)]);
        }
        if let Some(steps) = self.selected_path().filter(|steps| !steps.is_empty()) {
            words.extend(["--path".to_owned(), quoted(&tree::json_path(&steps))]);
        }
        Some(words.join(" "))
    }
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
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
fn markdown(message: &Message) -> String {
    let mut out = String::new();
    for side in &message.sides {
        out.push_str(&format!("## {}\n\n", side.role_text.as_deref().unwrap_or(side.role.word())));
        for block in &side.blocks {
            match block {
                Block::Markdown(text) | Block::Thinking(text) => out.push_str(&format!("{text}\n\n")),
                Block::ToolCall { name, description, code, .. } => {
                    out.push_str(&format!("**{name}** {description}\n\n"));
                    for field in code {
                        let fence = fence(&field.text);
                        out.push_str(&format!("{fence}\n{}\n{fence}\n\n", field.text));
                    }
                }
                Block::ToolResult { blocks, .. } => {
                    for text in blocks.iter().filter_map(Block::plain_text) {
                        let fence = fence(text);
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
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(quoted("sgp:abc-1"), "sgp:abc-1");
        assert_eq!(quoted("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_fence_is_longer_than_what_is_inside() {
        assert_eq!(fence("a ``` b"), "````");
        assert_eq!(fence("plain"), "```");
    }
}
