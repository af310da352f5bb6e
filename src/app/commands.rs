//! The command prompt (`:`): every action by its name, commands with an argument, and `:17` for a message; also small
//! actions that belong to no pane.

use std::sync::Arc;

use crate::action::{ACTION_TABLE, Action};
use crate::app::detail::Tab;
use crate::app::panes::Panes;
use crate::app::prompt::Purpose;
use crate::app::{App, Effects, Overlay, TextPage};
use crate::domain::Timestamp;
use crate::effect::Effect;
use crate::event::CommandOutput;
use crate::filter;
use crate::provider::link::link_host;
use crate::provider::parse_source::parse_source;
use crate::text;
use crate::theme::Role;
use crate::view::Clip;
use crate::view::document::{Body, Document, Section};

/// The maximum length of displayed command output, in characters.
const MAX_OUTPUT_CHARS: usize = 4 << 20;

/// A parsed line of the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command<'a> {
    /// Selects a row of the list, from 1.
    Select(usize),
    Open(&'a str),
    Filter(&'a str),
    Search(&'a str),
    Theme(&'a str),
    Tab(&'a str),
    Profile(&'a str),
    /// An action by its name, with its count.
    Action(Action, Option<usize>),
}

impl<'a> Command<'a> {
    /// Parses a trimmed line; `None` for an unknown name.
    fn parse(line: &'a str) -> Option<Self> {
        if let Ok(number) = line.parse() {
            return Some(Self::Select(number));
        }
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        Some(match name {
            "open" if !rest.is_empty() => Self::Open(rest),
            "filter" if !rest.is_empty() => Self::Filter(rest),
            "search" if !rest.is_empty() => Self::Search(rest),
            "profile" if !rest.is_empty() => Self::Profile(rest),
            "theme" => Self::Theme(rest),
            "tab" => Self::Tab(rest),
            "q" | "q!" | "quit" => Self::Action(Action::Quit, None),
            _ => Self::Action(Action::from_name(name).or_else(|| unique_match(name))?, rest.parse().ok()),
        })
    }
}

impl App {
    /// Runs a line of the command prompt.
    pub(super) fn run_command(&mut self, typed: &str, now: Timestamp) -> Effects {
        let line = typed.trim();
        if line.is_empty() {
            return Vec::new();
        }
        match Command::parse(line) {
            Some(Command::Select(number)) => self.select_row(number.saturating_sub(1)),
            Some(Command::Open(text)) => return self.open_typed(text, now),
            Some(Command::Filter(text)) if self.browse.is_open => self.accept_thread_filter(text, now),
            Some(Command::Search(text)) if self.browse.is_open => self.browse.accept_words(text),
            Some(Command::Filter(text)) => return self.accept_filter(text),
            Some(Command::Search(text)) => return self.panes().start_search(text),
            Some(Command::Theme(name)) => self.notice = Some(self.prefs.choose_theme(name)),
            Some(Command::Tab(name)) => self.panes().show_tab_by_name(name),
            Some(Command::Profile(name)) => return self.switch_profile(name, now),
            Some(Command::Action(Action::Quit, _)) => return vec![Effect::Quit],
            Some(Command::Action(action, count)) => return self.perform(action, count, now),
            None => {
                let name = line.split_whitespace().next().unwrap_or_default();
                self.warn(format!("Unknown command {name}; F1 lists the keys"));
            }
        }
        Vec::new()
    }

    /// Selects a row of the list of threads if it is open, else of the list of messages.
    fn select_row(&mut self, row: usize) {
        if !self.browse.is_open {
            return self.panes().select(row);
        }
        if let Some(list) = self.browse.list_mut() {
            list.select(row);
        }
    }

    fn open_typed(&mut self, text: &str, now: Timestamp) -> Effects {
        match parse_source(text, self.thread_box.preferred_service) {
            Ok(source) => match link_host(text) {
                Some(host) => self.open_link(source, &host, now),
                None => self.open_and_focus(source, now),
            },
            Err(error) => {
                self.warn(error.reason);
                Vec::new()
            }
        }
    }

    /// Returns the completions of the text in the prompt.
    pub fn completions(&self) -> Vec<String> {
        let Some(prompt) = &self.prompt else { return Vec::new() };
        match prompt.purpose {
            Purpose::Filter => filter::completions(prompt.stem()),
            Purpose::ThreadFilter => filter::thread_completions(prompt.stem()),
            // The palette shows these.
            Purpose::Command
            | Purpose::Search
            | Purpose::Narrow
            | Purpose::Feedback
            | Purpose::Note(_)
            | Purpose::Pipe(_) => Vec::new(),
        }
    }

    /// Handles Tab: completes the common prefix, then steps through the candidates.
    pub(super) fn complete_prompt(&mut self) {
        let completions = self.completions();
        if let Some(prompt) = self.prompt.as_mut() {
            prompt.complete(&completions);
        }
    }

    /// Pipes a clip through a shell command.
    pub(super) fn run_pipe(&mut self, clip: Clip, command: &str) -> Effects {
        if command.trim().is_empty() {
            return Vec::new();
        }
        self.notify(format!("Running {command}"));
        vec![Effect::Pipe { clip, command: command.to_owned() }]
    }

    /// Shows the output of a command.
    pub(super) fn show_command_output(&mut self, output: &CommandOutput) {
        self.notice = None;
        if let Some(error) = &output.error {
            self.warn(error.clone());
        }
        let width = usize::from(self.screen.width.saturating_sub(6)).max(1);
        let text: String = output.output.chars().take(MAX_OUTPUT_CHARS).collect();
        let text = if text.is_empty() { "(no output)" } else { text.as_str() };
        let lines = text::wrap_styled(text, width, Role::Text);
        let document = Document::new(vec![Section::text(Body::Lines(lines), Role::Text)]);
        let title = format!("| {}", output.command);
        self.overlay = Some(Overlay::Text(Box::new(TextPage::with_output(title, document, &output.output))));
    }

    /// In the Spans tab, switches payloads between formatted and raw; elsewhere, texts between rendered and source.
    pub(super) fn toggle_source(&mut self) {
        if self.detail.tab == Tab::Spans {
            return self.panes().toggle_payload_mode();
        }
        let shown = self.shown().message_state().map(|state| Arc::clone(&state.view));
        self.notice = Some(self.prefs.toggle_text_mode(shown.as_ref().map(|view| &view.message)));
        self.detail.invalidate_texts();
    }

    /// Shows or hides zero-width and tag characters, and the control sequences of tools.
    pub(super) fn toggle_hidden_text(&mut self) {
        self.notice = Some(self.prefs.toggle_hidden_text());
        self.detail.invalidate_texts();
    }
}

impl Panes<'_> {
    /// Shows a tab by its name or its number.
    fn show_tab_by_name(&mut self, name: &str) {
        match Tab::from_name_or_number(name) {
            Some(tab) => self.show_tab(tab),
            None => {
                let names = Tab::ALL.map(|tab| tab.title().to_lowercase()).join(", ");
                self.warn(format!("Tabs: {names}"));
            }
        }
    }
}

/// Returns the only action whose name starts with this text.
fn unique_match(name: &str) -> Option<Action> {
    let mut matches = ACTION_TABLE.iter().filter(|row| row.name.starts_with(name));
    matches.next().filter(|_| matches.next().is_none()).map(|row| row.action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Overlay, Prefs};
    use crate::keymap::Keymap;
    use crate::theme::Theme;

    #[test]
    fn every_action_has_a_key_and_a_command_name() {
        let map = Keymap::default();
        for row in ACTION_TABLE {
            assert!(!map.keys_of(row.action).is_empty(), "{}", row.name);
            let mut app = App::new(Prefs::default(), 100, 30);
            app.run_command(row.name, Timestamp(0));
            let is_unknown = app.notice.is_some_and(|notice| notice.text.contains("Unknown command"));
            assert!(!is_unknown, "{}", row.name);
        }
        let mut app = App::new(Prefs::default(), 100, 30);
        app.run_command("hel", Timestamp(0));
        assert!(matches!(app.overlay, Some(Overlay::Help(_))));
        app.run_command("nonsense", Timestamp(0));
        assert!(app.notice.unwrap().text.contains("Unknown command nonsense"));
    }

    #[test]
    fn themes_and_tabs_are_chosen_by_name() {
        let mut app = App::new(Prefs::default(), 100, 30);
        app.run_command("theme light", Timestamp(0));
        assert_eq!(app.prefs.theme.current(), &Theme::light());
        app.run_command("theme lihgt", Timestamp(0));
        assert_eq!(app.prefs.theme.chosen(), "light");
        assert!(app.notice.take().unwrap().text.starts_with("No theme lihgt. Themes: auto, ansi16"));
        app.run_command("tab 2", Timestamp(0));
        assert_eq!(app.detail.tab, Tab::Spans);
        app.run_command("tab feed", Timestamp(0));
        assert_eq!(app.detail.tab, Tab::Feedback);
        app.run_command("tab", Timestamp(0));
        assert_eq!(app.detail.tab, Tab::Feedback);
    }
}
