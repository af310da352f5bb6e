//! The command line (`:`): every action by its name, `:17` to a message, and Tab to complete; and small actions that have
//! no pane of their own.

use std::sync::Arc;

use crate::action::{ACTION_TABLE, Action};
use crate::app::prompt::Purpose;
use crate::app::{App, Effects, Overlay, TextPage};
use crate::domain::Timestamp;
use crate::effect::{Effect, ExternalProgram, MouseOwner};
use crate::event::CommandOutput;
use crate::filter;
use crate::text;
use crate::theme::Role;
use crate::view::Clip;
use crate::view::document::{Body, Document, Section};
use crate::view::message::HiddenText;

/// Bytes of a command's output that are shown.
const MAX_OUTPUT_CHARS: usize = 4 << 20;

impl App {
    /// Runs what was typed after the colon.
    pub(super) fn run_command(&mut self, typed: &str, now: Timestamp) -> Effects {
        let typed = typed.trim();
        if typed.is_empty() {
            return Vec::new();
        }
        if let Ok(number) = typed.parse::<usize>() {
            self.select(number.saturating_sub(1));
            return Vec::new();
        }
        let (name, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
        match (name, rest.trim()) {
            ("open", text) if !text.is_empty() => return self.open_typed(text, now),
            ("filter", text) if !text.is_empty() => return self.apply_filter(text),
            ("search", text) if !text.is_empty() => return self.start_search(text),
            ("profile", text) if !text.is_empty() => return self.switch_profile(text, now),
            ("q" | "q!" | "quit", _) => return vec![Effect::Quit],
            _ => {}
        }
        match Action::from_name(name).or_else(|| unique_match(name)) {
            Some(action) => self.perform(action, rest.trim().parse().ok(), now),
            None => {
                self.warn(format!("there is no command {name}; Tab completes, ? lists all"));
                Vec::new()
            }
        }
    }

    fn open_typed(&mut self, text: &str, now: Timestamp) -> Effects {
        match crate::provider::parse_source::parse_source(text, self.thread_box.preferred_service) {
            Ok(source) => self.open_and_focus(source, now),
            Err(refused) => {
                self.warn(refused.reason);
                Vec::new()
            }
        }
    }

    /// What could be meant by what is typed so far.
    pub fn completions(&self) -> Vec<String> {
        let Some(prompt) = &self.prompt else { return Vec::new() };
        match prompt.purpose {
            Purpose::Filter => filter::completions(prompt.stem()),
            Purpose::Command => {
                let typed = prompt.stem().trim_start();
                if let Some(begun) = typed.strip_prefix("profile ") {
                    let names =
                        self.prefs.profiles.names().filter(|name| name.starts_with(begun.trim_start()));
                    return names.map(str::to_owned).collect();
                }
                let names = ACTION_TABLE.iter().map(|row| row.name).filter(|name| name.starts_with(typed));
                names.filter(|name| *name != typed).map(str::to_owned).collect()
            }
            Purpose::Search | Purpose::Feedback | Purpose::Pipe => Vec::new(),
        }
    }

    /// Tab: completes as far as all that could be meant agree, then goes through them.
    pub(super) fn complete_prompt(&mut self) {
        let completions = self.completions();
        if let Some(prompt) = self.prompt.as_mut() {
            prompt.complete(&completions);
        }
    }

    /// Sends what was taken through a command.
    pub(super) fn run_pipe(&mut self, command: String) -> Effects {
        match self.pending_pipe.take() {
            Some(taken) if !command.trim().is_empty() => {
                self.notify(format!("running {command}"));
                vec![Effect::Pipe { clip: taken, command }]
            }
            _ => Vec::new(),
        }
    }

    /// Shows what a command printed.
    pub(super) fn show_command_output(&mut self, piped: &CommandOutput) {
        self.notice = None;
        if let Some(trouble) = &piped.error {
            self.warn(trouble.clone());
        }
        let width = usize::from(self.width.saturating_sub(6)).max(1);
        let output: String = piped.output.chars().take(MAX_OUTPUT_CHARS).collect();
        let shown = if output.is_empty() { "(it printed nothing)" } else { output.as_str() };
        let lines = text::wrap_styled(shown, width, Role::Text);
        let document = Document::new(vec![Section::text(Body::Lines(lines), Role::Text)]);
        self.overlay = Some(Overlay::Text(Box::new(TextPage {
            title: format!("| {}", piped.command),
            document,
            offset: 0,
            content: None,
            requested_width: None,
            id: 0,
            command_output: Some(Arc::from(piped.output.as_str()))
                .filter(|output: &Arc<str>| !output.is_empty()),
        })));
    }

    /// What a command printed goes where values go, or into a file.
    pub(super) fn perform_on_output(action: Action, output: &str) -> Option<Effects> {
        let taken = Clip { label: "output", text: output.to_owned() };
        Some(vec![match action {
            Action::CopyValue => Effect::Copy(taken),
            Action::Pager => Effect::RunInTerminal(ExternalProgram::Pager(taken)),
            Action::Editor => Effect::RunInTerminal(ExternalProgram::Editor(taken)),
            Action::Export => Effect::Save(taken),
            _ => return None,
        }])
    }

    /// The mouse to the terminal, or back.
    pub(super) fn toggle_mouse(&mut self) -> Effects {
        self.mouse_released = !self.mouse_released;
        let (text, mouse) = if self.mouse_released {
            ("the mouse is the terminal's: select text with it", MouseOwner::Terminal)
        } else {
            ("the mouse is ours again", MouseOwner::Program)
        };
        self.notify(text);
        vec![Effect::SetMouseOwner(mouse)]
    }

    /// Shows or hides zero-width and tag characters.
    pub(super) fn toggle_hidden_text(&mut self) {
        let (hidden, text) = match self.prefs.hidden_text {
            HiddenText::Counted => (HiddenText::Shown, "hidden characters are shown"),
            HiddenText::Shown => (HiddenText::Counted, "hidden characters are left out"),
        };
        self.prefs.hidden_text = hidden;
        self.detail.invalidate_texts();
        self.notify(text);
    }
}

/// An action whose name nobody else's begins like.
fn unique_match(name: &str) -> Option<Action> {
    let mut matches = ACTION_TABLE.iter().filter(|row| row.name.starts_with(name));
    matches.next().filter(|_| matches.next().is_none()).map(|row| row.action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::help::{self, HelpRow};
    use crate::app::prompt::Prompt;
    use crate::app::{Overlay, Prefs};
    use crate::keymap::Keymap;

    #[test]
    fn every_action_has_a_key_a_help_line_and_a_command_name() {
        let map = Keymap::default();
        let said: String = help::rows(&map, 200)
            .iter()
            .filter_map(|row| match row {
                HelpRow::Action { help, .. } => Some(help.as_str()),
                HelpRow::Heading(_) | HelpRow::Blank => None,
            })
            .collect();
        for row in ACTION_TABLE {
            assert!(!map.keys_of(row.action).is_empty(), "{}", row.name);
            assert!(said.contains(row.help), "{}", row.name);
            let mut app = App::new(Prefs::default(), 100, 30);
            let begun: String = row.name.chars().take(row.name.len() - 1).collect();
            app.prompt = Some(Prompt::new(Purpose::Command, &begun));
            assert!(app.completions().contains(&row.name.to_owned()), "{}", row.name);
            app.prompt = None;
            app.run_command(row.name, Timestamp(0));
            let unknown = app.notice.is_some_and(|notice| notice.text.contains("there is no command"));
            assert!(!unknown, "{}", row.name);
        }
        let mut app = App::new(Prefs::default(), 100, 30);
        app.run_command("hel", Timestamp(0));
        assert!(matches!(app.overlay, Some(Overlay::Help { .. })));
        app.run_command("nonsense", Timestamp(0));
        assert!(app.notice.unwrap().text.contains("there is no command nonsense"));
    }
}
