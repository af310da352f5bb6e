//! The title of the terminal's window, which names the thread.

use crate::app::App;
use crate::effect::Effect;

impl App {
    /// Returns the title of the shown thread, and the name of the program.
    fn window_title(&self) -> String {
        let thread =
            self.loading.shown_thread().map(|thread| thread.title()).filter(|title| !title.is_empty());
        thread.map_or_else(|| "unspool".to_owned(), |title| format!("{title} · unspool"))
    }

    /// Sets the title if it has changed.
    pub(super) fn update_window_title(&mut self) -> Option<Effect> {
        if !self.prefs.sets_window_title {
            return None;
        }
        let title = self.window_title();
        if self.shown_title.as_ref() == Some(&title) {
            return None;
        }
        self.shown_title = Some(title.clone());
        Some(Effect::SetWindowTitle(title))
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Prefs};
    use crate::domain::Timestamp;
    use crate::effect::Effect;
    use crate::event::Event;

    fn titles(app: &mut App) -> Vec<String> {
        let effects = app.update(Event::PrepareFrame, Timestamp(0));
        let title = |effect| match effect {
            Effect::SetWindowTitle(title) => Some(title),
            _ => None,
        };
        effects.into_iter().filter_map(title).collect()
    }

    #[test]
    fn the_title_is_set_once_and_again_after_another_program_had_the_terminal() {
        let prefs = Prefs { sets_window_title: true, ..Prefs::default() };
        let mut app = App::new(prefs, 100, 30);
        assert_eq!(titles(&mut app), ["unspool"]);
        assert!(titles(&mut app).is_empty());
        app.update(Event::Resumed, Timestamp(0));
        assert_eq!(titles(&mut app), ["unspool"]);
        assert!(titles(&mut App::new(Prefs::default(), 100, 30)).is_empty());
    }
}
