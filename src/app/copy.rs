//! Copying: the selected value, its path, an id, Markdown, JSON, or the command that opens this view again. The target
//! (clipboard, pager, editor, shell command) is an effect.

use crate::app::detail::Tab;
use crate::app::detail::json_tree::TreeView;
use crate::app::panes::Shown;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::Source;
use crate::effect::{Effect, ExternalProgram};
use crate::export::{ExportedMessage, ExportedThread, Markdown, Writer};
use crate::json::{self, Value, tree};
use crate::layout::Pane;
use crate::text::shell_quote;
use crate::view::Clip;
use crate::view::message::clips;

/// A thing to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyItem {
    /// The selected value, span or text.
    Value,
    Path,
    JqFilter,
    Key,
    MessageId,
    SpanId,
    ThreadId,
    Markdown,
    Json,
    /// The selection as a quote, with its source and the command that opens it.
    Evidence,
    /// The command that opens this view.
    Command,
}

/// A program that receives the selected value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueTarget {
    Pager,
    Editor,
    /// A shell command that the user types next.
    Pipe,
}

fn clip(label: &'static str, text: impl Into<String>) -> Option<Clip> {
    Some(Clip { label, text: text.into() })
}

impl App {
    /// Copies an item to the clipboard.
    pub(super) fn copy(&mut self, item: CopyItem) -> Effects {
        self.shown()
            .clip_of(item)
            .map(|clip| vec![Effect::Copy(clip)])
            .unwrap_or_else(|| self.notify_nothing_to_copy())
    }

    /// Sends the selected value to another program.
    pub(super) fn send_value(&mut self, target: ValueTarget) -> Effects {
        let Some(clip) = self.shown().selected_value() else { return self.notify_nothing_to_copy() };
        match target {
            ValueTarget::Pager => vec![Effect::RunInTerminal(ExternalProgram::Pager(clip))],
            ValueTarget::Editor => vec![Effect::RunInTerminal(ExternalProgram::Editor(clip))],
            ValueTarget::Pipe => {
                self.prompt = Some(Prompt::new(Purpose::Pipe(clip), ""));
                Vec::new()
            }
        }
    }

    fn notify_nothing_to_copy(&mut self) -> Effects {
        self.notify("Nothing to copy here");
        Vec::new()
    }

    /// Offers to save a clip that could not be copied to a clipboard.
    pub(super) fn offer_save(&mut self, clip: Clip, reason: &str) {
        self.warn(format!("{reason}; w saves it to a file in the working folder"));
        if let Some(notice) = self.notice.as_mut() {
            notice.save_offer = Some(clip);
        }
    }
}

impl<'a> Shown<'a> {
    fn clip_of(self, item: CopyItem) -> Option<Clip> {
        match item {
            CopyItem::Value => self.selected_value(),
            CopyItem::Path => clip(self.path_labels().0, tree::json_path(&self.selected_path()?)),
            CopyItem::JqFilter => clip(self.path_labels().1, tree::jq_filter(&self.selected_path()?)),
            CopyItem::Key => clip("key", self.selected_key_name()?),
            CopyItem::MessageId => clip("message id", &*self.message_state()?.view.message.id),
            CopyItem::SpanId => clip("span id", &*self.selected_span()?.id),
            CopyItem::ThreadId => clip("thread id", self.thread_id()?),
            CopyItem::Markdown => clip("Markdown", self.message_markdown()?),
            CopyItem::Json => clip("JSON", self.selected_json()?),
            CopyItem::Evidence => clip("evidence", self.evidence()?.to_markdown()),
            CopyItem::Command => clip("command", self.reopen_command()?),
        }
    }

    /// Returns the message in the form of the Markdown export.
    fn message_markdown(self) -> Option<String> {
        let (thread, shown) = self.thread.zip(self.message_state())?;
        let document = ExportedThread {
            provider: thread.provider()?,
            thread: &thread.metadata,
            summaries: &thread.summaries,
            notes: self.notes,
            filter: &|_| true,
            warnings: &[],
        };
        let (document, number) = (&document, self.thread_index_at(self.list.selected)? + 1);
        let mut out = Vec::new();
        let written = self.with_whole_message(shown, |message, raw| {
            let item = ExportedMessage { document, number, index: shown.key.index, raw, message };
            Markdown::default().write_message(&mut out, &item)
        });
        written.ok()?;
        Some(String::from_utf8_lossy(&out).trim().to_owned())
    }

    fn thread_id(self) -> Option<String> {
        let thread = self.thread?;
        Some(thread.metadata.id.clone().unwrap_or_else(|| thread.source.to_input()))
    }

    /// Returns the focused JSON tree: a span's payload or the raw JSON.
    pub(in crate::app) fn selected_tree(self) -> Option<&'a TreeView> {
        match self.screen.focus {
            Pane::Detail | Pane::Payload => self.detail.tab.view().selected_tree(self),
            Pane::Messages | Pane::ThreadBox => None,
        }
    }

    /// Returns the labels of a path and of a jq filter. They start at a message or a part of a span, not at the response.
    fn path_labels(self) -> (&'static str, &'static str) {
        match self.detail.tab {
            Tab::Spans => ("path within the span's payload", "jq filter for the span's payload"),
            Tab::Message | Tab::Feedback | Tab::Metadata | Tab::Raw => {
                ("path within the message", "jq filter for the message's JSON (yj)")
            }
        }
    }

    fn selected_path(self) -> Option<Vec<tree::PathStep>> {
        match self.screen.focus {
            Pane::Detail | Pane::Payload => self.detail.tab.view().selected_path(self),
            Pane::Messages | Pane::ThreadBox => None,
        }
    }

    /// Returns the selected value of a payload or a JSON tree.
    pub(super) fn selected_json_value(self) -> Option<Value<'a>> {
        match self.selected_tree() {
            Some(view) => view.tree().value(view.selected),
            None => self.selected_section_value().filter(|_| self.screen.focus == Pane::Payload),
        }
    }

    fn selected_key_name(self) -> Option<String> {
        Some(match self.selected_path()?.last()? {
            tree::PathStep::Key(key) => key.clone(),
            tree::PathStep::Index(index) => index.to_string(),
            tree::PathStep::Embedded => return None,
        })
    }

    /// Returns the selected value: a JSON value (strings decoded), a span, or the text of the message.
    pub(super) fn selected_value(self) -> Option<Clip> {
        if let Some(view) = self.selected_tree() {
            let value = view.tree().value(view.selected)?;
            return clip("value", value_text(value));
        }
        match self.screen.focus {
            Pane::Detail | Pane::Payload => self.detail.tab.view().clip(self),
            Pane::Messages | Pane::ThreadBox => {
                self.with_whole_message(self.message_state()?, clips::message_clip)
            }
        }
    }

    fn selected_json(self) -> Option<String> {
        let shown = self.message_state()?;
        let in_spans =
            self.detail.tab == Tab::Spans && matches!(self.screen.focus, Pane::Detail | Pane::Payload);
        let raw = match self.selected_span().filter(|_| in_spans) {
            Some(span) => shown.parsed_raw().bytes_in(span.raw),
            None => shown.raw.bytes(),
        };
        Some(json::pretty(raw, usize::MAX))
    }

    /// Returns the command line that opens this view.
    pub(super) fn reopen_command(self) -> Option<String> {
        let thread = self.thread?;
        let mut words = vec!["unspool".to_owned(), shell_quote(&thread.source.to_input())];
        if let Source::Thread(reference) = &thread.source {
            let flags = match reference.account {
                Some(_) => vec!["--offline".to_owned()],
                None => self.prefs.profiles.command_line_flags(reference.service),
            };
            words.extend(flags.iter().map(|word| shell_quote(word)));
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

/// Returns a value as text: strings decoded, anything else as JSON.
pub(in crate::app) fn value_text(value: Value<'_>) -> String {
    match value.as_str() {
        Some(text) => text.into_owned(),
        None => json::pretty(value.raw(), usize::MAX),
    }
}
