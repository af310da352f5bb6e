//! The lines of the command prompt (`:`): every action by its name, commands with an argument, `:17` for a message; and
//! small actions without a pane of their own.

use crate::action::{ACTION_TABLE, Action};
use crate::app::detail::Tab;
use crate::app::prompt::Purpose;
use crate::app::{App, Effects, Overlay, TextPage};
use crate::domain::Timestamp;
use crate::effect::{Effect, MouseOwner};
use crate::event::CommandOutput;
use crate::filter;
use crate::provider::link::link_host;
use crate::provider::parse_source::parse_source;
use crate::text;
use crate::theme::Role;
use crate::view::Clip;
use crate::view::document::{Body, Document, Section};
use crate::view::message::{HiddenText, TextMode};

/// The maximum length of displayed command output, in characters.
const MAX_OUTPUT_CHARS: usize = 4 << 20;

impl App {
    /// Runs a line of the command prompt.
    pub(super) fn run_command(&mut self, typed: &str, now: Timestamp) -> Effects {
        let typed = typed.trim();
        if typed.is_empty() {
            return Vec::new();
        }
        if let Ok(number) = typed.parse::<usize>() {
            if self.browse.is_open {
                self.browse.list_mut().into_iter().for_each(|list| list.select(number.saturating_sub(1)));
                return Vec::new();
            }
            self.panes().select(number.saturating_sub(1));
            return Vec::new();
        }
        let (name, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        match (name, rest.trim()) {
            ("open", text) if !text.is_empty() => return self.open_typed(text, now),
            ("filter", text) if !text.is_empty() && self.browse.is_open => {
                self.accept_thread_filter(text, now);
                return Vec::new();
            }
            ("search", text) if !text.is_empty() && self.browse.is_open => {
                self.accept_narrowing(text);
                return Vec::new();
            }
            ("filter", text) if !text.is_empty() => return self.apply_filter(text),
            ("search", text) if !text.is_empty() => return self.start_search(text),
            ("theme", text) => {
                self.choose_theme(text);
                return Vec::new();
            }
            ("tab", text) => {
                self.show_tab_by_name(text);
                return Vec::new();
            }
            ("profile", text) if !text.is_empty() => return self.switch_profile(text, now),
            ("q" | "q!" | "quit", _) => return vec![Effect::Quit],
            _ => {}
        }
        match Action::from_name(name).or_else(|| unique_match(name)) {
            Some(action) => self.perform(action, rest.trim().parse().ok(), now),
            None => {
                self.warn(format!("Unknown command {name}; F1 lists the keys"));
                Vec::new()
            }
        }
    }

    fn choose_theme(&mut self, name: &str) {
        if self.prefs.themes.choose(name) {
            return self.notify(format!("Theme {name}"));
        }
        let names = self.prefs.themes.names().collect::<Vec<_>>().join(", ");
        let start = if name.is_empty() { String::new() } else { format!("No theme {name}. ") };
        self.warn(format!("{start}Themes: {names}"));
    }

    /// Shows a tab by its name or its number.
    fn show_tab_by_name(&mut self, name: &str) {
        let wanted = name.to_lowercase();
        let is_wanted = |tab: &&Tab| {
            let number = (**tab as usize + 1).to_string();
            !wanted.is_empty() && (tab.title().to_lowercase().starts_with(&wanted) || number == wanted)
        };
        match Tab::ALL.iter().find(is_wanted) {
            Some(tab) => self.panes().show_tab(*tab),
            None => {
                let names = Tab::ALL.map(|tab| tab.title().to_lowercase()).join(", ");
                self.warn(format!("Tabs: {names}"));
            }
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

    /// The completions of the text in the prompt.
    pub fn completions(&self) -> Vec<String> {
        let Some(prompt) = &self.prompt else { return Vec::new() };
        match prompt.purpose {
            Purpose::Filter => filter::completions(prompt.stem()),
            Purpose::ThreadFilter => filter::thread_completions(prompt.stem()),
            // The palette shows them.
            Purpose::Command | Purpose::Search | Purpose::Narrow | Purpose::Feedback | Purpose::Pipe(_) => {
                Vec::new()
            }
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

    /// Gives the mouse to the terminal, or takes it back.
    pub(super) fn toggle_mouse(&mut self) -> Effects {
        self.prefs.mouse_released = !self.prefs.mouse_released;
        let (text, owner) = if self.prefs.mouse_released {
            ("Mouse off: select text with the terminal", MouseOwner::Terminal)
        } else {
            ("Mouse on", MouseOwner::Program)
        };
        self.notify(text);
        vec![Effect::SetMouseOwner(owner)]
    }

    /// In the Spans tab, switches payloads between formatted and raw; elsewhere, texts between rendered and source.
    pub(super) fn toggle_source(&mut self) {
        if self.detail.tab == Tab::Spans {
            return self.panes().toggle_payload_mode();
        }
        let mode = self.prefs.text_options.mode;
        let next = self.shown().message_state().map(|state| mode.next(&state.view.message));
        let next =
            next.unwrap_or(if mode == TextMode::BySpeaker { TextMode::Source } else { TextMode::BySpeaker });
        self.prefs.text_options.mode = next;
        self.detail.invalidate_texts();
        self.notify(match next {
            TextMode::BySpeaker => "Answers rendered, other text verbatim",
            TextMode::Source => "All text as its source",
            TextMode::Rendered => "All text rendered as Markdown",
        });
    }

    /// Shows or hides zero-width and tag characters, and the control sequences of tools.
    pub(super) fn toggle_hidden_text(&mut self) {
        let (hidden, text) = match self.prefs.text_options.hidden {
            HiddenText::Counted => (HiddenText::Shown, "Hidden characters shown"),
            HiddenText::Shown => (HiddenText::Counted, "Hidden characters left out"),
        };
        self.prefs.text_options.hidden = hidden;
        self.detail.invalidate_texts();
        self.notify(text);
    }
}

/// The only action whose name starts with this text.
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
        assert_eq!(app.prefs.themes.current(), &Theme::light());
        app.run_command("theme lihgt", Timestamp(0));
        assert_eq!(app.prefs.themes.chosen(), "light");
        assert!(app.notice.take().unwrap().text.starts_with("No theme lihgt. Themes: auto, ansi16"));
        app.run_command("tab 2", Timestamp(0));
        assert_eq!(app.detail.tab, Tab::Spans);
        app.run_command("tab feed", Timestamp(0));
        assert_eq!(app.detail.tab, Tab::Feedback);
        app.run_command("tab", Timestamp(0));
        assert_eq!(app.detail.tab, Tab::Feedback);
    }
}
