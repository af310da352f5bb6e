//! The command palette (`:`): commands that match the typed words, with their keys, the useful ones first; after a command
//! with an argument, the values for it. Drawn by `ui/palette`.

use std::cmp::Reverse;

use crate::action::{ACTION_TABLE, Action};
use crate::app::detail::Tab;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::Timestamp;
use crate::keymap::{Chord, Key};
use crate::text::fuzzy;

/// A row of the palette.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaletteEntry {
    /// The line that Enter runs and Tab completes.
    pub line: String,
    /// The visible name.
    pub name: String,
    pub help: String,
    pub keys: String,
    /// Whether an argument follows the line.
    pub takes_argument: bool,
}

/// The commands with an argument: name and help.
const ARGUMENT_COMMANDS: [(&str, &str); 3] = [
    ("theme", "change the colours"),
    ("tab", "show a tab of the detail pane"),
    ("open", "open a recent thread, an id, a link or a file"),
];

/// The maximum number of rows in view.
pub const MAX_ROWS: u16 = 12;

impl Prompt {
    /// Returns the selected row of the palette: the first one once something is typed.
    pub fn palette_row(&self) -> Option<usize> {
        self.palette_row.or_else(|| (!self.text().trim().is_empty()).then_some(0))
    }
}

impl App {
    /// Returns the rows of the palette for the text in the prompt, best first.
    pub fn palette(&self) -> Vec<PaletteEntry> {
        let Some(prompt) = self.prompt.as_ref().filter(|prompt| prompt.purpose == Purpose::Command) else {
            return Vec::new();
        };
        let typed = prompt.text().trim_start();
        let argument =
            typed.split_once(' ').and_then(|(command, rest)| self.argument_entries(command, rest.trim()));
        argument.unwrap_or_else(|| self.command_entries(typed.trim_end()))
    }

    fn command_entries(&self, typed: &str) -> Vec<PaletteEntry> {
        let here: Vec<Action> = self.hints().map(|hint| hint.action).collect();
        let rank = |action: Action| here.iter().position(|known| *known == action).unwrap_or(here.len());
        let mut rows: Vec<_> = ACTION_TABLE
            .iter()
            .filter(|row| row.motion.is_none() && row.action != Action::Command)
            .map(|row| {
                let keys = self.prefs.keymap.keys_of(row.action).first().cloned().unwrap_or_default();
                let (name, help) = (row.name.to_owned(), row.help.to_owned());
                let entry = PaletteEntry { line: name.clone(), name, help, keys, takes_argument: false };
                (rank(row.action), entry)
            })
            .collect();
        rows.extend(ARGUMENT_COMMANDS.map(|(name, help)| {
            let (line, name) = (name.to_owned(), format!("{name} …"));
            let entry =
                PaletteEntry { line, name, help: help.to_owned(), keys: String::new(), takes_argument: true };
            (here.len(), entry)
        }));
        rows.retain(|(_, entry)| fuzzy::score(typed, &entry.line, &entry.help).is_some());
        rows.sort_by_key(|(rank, entry)| {
            (Reverse(fuzzy::score(typed, &entry.line, &entry.help)), *rank, !entry.takes_argument)
        });
        rows.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Returns the values for the argument of a command; `None` if it takes none.
    fn argument_entries(&self, command: &str, typed: &str) -> Option<Vec<PaletteEntry>> {
        let values: Vec<(String, String)> = match command {
            "theme" => {
                let note = |name: &str| if name == self.prefs.theme.chosen() { "in use" } else { "" };
                self.prefs.theme.names().map(|name| (name.to_owned(), note(name).to_owned())).collect()
            }
            "tab" => Tab::ALL
                .iter()
                .map(|tab| (tab.title().to_lowercase(), self.shown().tab_label(*tab)))
                .collect(),
            "profile" => self.prefs.profiles.names().map(|name| (name.to_owned(), String::new())).collect(),
            "open" => {
                let threads = self.thread_box.recent_threads().iter();
                threads.map(|thread| (thread.input.clone(), thread.title.clone())).collect()
            }
            _ => return None,
        };
        let mut scored: Vec<_> = values
            .into_iter()
            .filter_map(|(value, help)| Some((fuzzy::score(typed, &value, &help)?, value, help)))
            .collect();
        scored.sort_by_key(|(score, ..)| Reverse(*score));
        let entry = |(_, value, help): (i32, String, String)| {
            let line = format!("{command} {value}");
            PaletteEntry { line, name: value, help, ..PaletteEntry::default() }
        };
        Some(scored.into_iter().map(entry).collect())
    }

    /// Handles the keys of the palette itself, not of the line; returns whether the key is one.
    pub(super) fn on_palette_key(&mut self, chord: Chord) -> bool {
        let rows = self.palette();
        let Some(prompt) = self.prompt.as_mut().filter(|prompt| prompt.purpose == Purpose::Command) else {
            return false;
        };
        let row = prompt.palette_row();
        let last = rows.len().saturating_sub(1);
        match (chord.key, chord.ctrl) {
            (Key::Down, _) | (Key::Char('n'), true) => {
                prompt.palette_row = Some(row.map_or(0, |row| if row >= last { 0 } else { row + 1 }));
            }
            (Key::Up, _) | (Key::Char('p'), true) => {
                prompt.palette_row = Some(row.filter(|row| *row > 0).map_or(last, |row| row - 1));
            }
            (Key::Tab, _) => {
                if let Some(entry) = rows.get(row.unwrap_or(0)) {
                    let end = if entry.takes_argument { " " } else { "" };
                    *prompt = Prompt::new(Purpose::Command, &format!("{}{end}", entry.line));
                }
            }
            _ => return false,
        }
        true
    }

    /// Runs the selected row of the palette, or the text if no row matches it.
    pub(super) fn accept_command(&mut self, now: Timestamp) -> Effects {
        let mut rows = self.palette();
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        let typed = prompt.text().trim().to_owned();
        let row = prompt.palette_row().filter(|row| *row < rows.len()).map(|row| rows.swap_remove(row));
        match row {
            // The argument is still missing.
            Some(entry) if entry.takes_argument => {
                self.prompt = Some(Prompt::new(Purpose::Command, &format!("{} ", entry.line)));
                Vec::new()
            }
            Some(entry) => self.run_command(&entry.line, now),
            None => self.run_command(&typed, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Prefs;
    use crate::domain::RecentThread;
    use crate::effect::Effect;

    fn app_with(typed: &str) -> App {
        let mut app = App::new(Prefs::default(), 100, 30);
        app.screen.focus = crate::layout::Pane::Messages;
        app.prompt = Some(Prompt::new(Purpose::Command, typed));
        app
    }

    fn lines(typed: &str) -> Vec<String> {
        app_with(typed).palette().into_iter().map(|entry| entry.line).collect()
    }

    fn press(app: &mut App, key: Key) -> Effects {
        app.on_key(Chord::plain(key), Timestamp(0))
    }

    #[test]
    fn the_palette_lists_every_action_except_motions_with_the_best_match_first() {
        let all = lines("");
        for row in ACTION_TABLE.iter().filter(|row| row.action != Action::Command) {
            assert_eq!(all.contains(&row.name.to_owned()), row.motion.is_none(), "{}", row.name);
            if row.motion.is_none() {
                assert_eq!(lines(row.name).first().map(String::as_str), Some(row.name));
            }
        }
        assert_eq!(lines("regularly")[0], "follow");
        assert_eq!(lines("cpjs")[0], "copy-json");
        assert!(lines("zzqqxx").is_empty());
    }

    #[test]
    fn enter_runs_the_selected_row_and_arguments_are_completed() {
        assert!(matches!(press(&mut app_with("qui"), Key::Enter)[..], [Effect::Quit]));
        let mut app = app_with("th");
        press(&mut app, Key::Enter);
        assert_eq!(app.prompt.as_ref().unwrap().text(), "theme ");
        assert_eq!(app.palette().len(), 5);
        app.prompt = Some(Prompt::new(Purpose::Command, "theme lig"));
        press(&mut app, Key::Enter);
        assert_eq!(app.prefs.theme.chosen(), "light");
        app.prompt = Some(Prompt::new(Purpose::Command, "tab "));
        press(&mut app, Key::Down);
        press(&mut app, Key::Enter);
        assert_eq!(app.detail.tab, Tab::Message);
        app.prompt = Some(Prompt::new(Purpose::Command, "tab raw"));
        press(&mut app, Key::Enter);
        assert_eq!(app.detail.tab, Tab::Raw);
    }

    #[test]
    fn open_completes_recent_threads_by_title_and_accepts_an_id_as_typed() {
        let mut app = app_with("open marg");
        let thread = RecentThread {
            input: "camelai:1001".to_owned(),
            title: "Why did margin fall?".to_owned(),
            service: "camelai".to_owned(),
            profile: None,
            opened_at: None,
            note: String::new(),
            place: None,
        };
        app.thread_box.set_recent_threads(vec![thread]);
        let rows = app.palette();
        assert_eq!((rows.len(), rows[0].line.as_str()), (1, "open camelai:1001"));
        press(&mut app, Key::Tab);
        assert_eq!(app.prompt.as_ref().unwrap().text(), "open camelai:1001");
        app.prompt = Some(Prompt::new(Purpose::Command, "open camelai:77"));
        assert!(app.palette().is_empty());
        press(&mut app, Key::Enter);
        assert_eq!(app.thread_box.text(), "camelai:77");
    }

    #[test]
    fn the_selection_wraps_around_and_typing_resets_it() {
        let mut app = app_with("");
        let len = app.palette().len();
        press(&mut app, Key::Up);
        assert_eq!(app.prompt.as_ref().unwrap().palette_row(), Some(len - 1));
        press(&mut app, Key::Down);
        assert_eq!(app.prompt.as_ref().unwrap().palette_row(), Some(0));
        press(&mut app, Key::Down);
        press(&mut app, Key::Char('c'));
        assert_eq!(app.prompt.as_ref().unwrap().palette_row(), Some(0));
    }
}
