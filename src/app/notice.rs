//! Notices in the bottom line: shown for a moment, then the hints return.

use crate::app::App;
use crate::effect::Effect;
use crate::view::Clip;

/// The seconds for which a notice replaces the hints.
const NOTICE_SECONDS: u64 = 3;

/// The seconds for which a warning replaces the hints.
const WARNING_SECONDS: u64 = 8;

/// A message in the bottom line, which the next key or a timer clears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    /// The clip that is saved to a file if the next key is `w`.
    pub save_offer: Option<Clip>,
    /// The timer that clears it, once it is drawn.
    timer_id: Option<u64>,
}

impl Notice {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain, save_offer: None, timer_id: None }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warning, ..Self::plain(text) }
    }
}

/// The colour of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Warning,
}

impl App {
    /// Shows a notice in the bottom line.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::plain(text));
    }

    /// Shows a warning in the bottom line.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::warning(text));
    }

    /// Returns the timer that clears a new notice, so that the hints return. Offers wait for their key.
    pub(super) fn time_notice(&mut self) -> Option<Effect> {
        let new = |notice: &&mut Notice| notice.timer_id.is_none() && notice.save_offer.is_none();
        let notice = self.notice.as_mut().filter(new)?;
        let id = self.ids.next_timer();
        notice.timer_id = Some(id);
        let seconds = match notice.tone {
            Tone::Plain => NOTICE_SECONDS,
            Tone::Warning => WARNING_SECONDS,
        };
        Some(Effect::StartTimer { seconds, id })
    }

    /// Clears the notice of this timer; returns false if the timer is not that of a notice.
    pub(super) fn clear_notice_after(&mut self, timer_id: u64) -> bool {
        let is_due = self.notice.as_ref().is_some_and(|notice| notice.timer_id == Some(timer_id));
        if is_due {
            self.notice = None;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Prefs};
    use crate::domain::Timestamp;
    use crate::effect::Effect;
    use crate::event::Event;

    #[test]
    fn notices_disappear_after_a_moment_but_offers_stay() {
        let mut app = App::new(Prefs::default(), 100, 30);
        app.notify("Copied");
        let effects = app.update(Event::PrepareFrame, Timestamp(0));
        let [Effect::StartTimer { id, .. }] = effects[..] else { panic!("{effects:?}") };
        assert!(app.update(Event::PrepareFrame, Timestamp(0)).is_empty());
        app.warn("Newer");
        app.update(Event::TimerFired { id }, Timestamp(0));
        assert!(app.notice.is_some(), "the timer of an older notice");
        let effects = app.update(Event::PrepareFrame, Timestamp(0));
        let [Effect::StartTimer { id, .. }] = effects[..] else { panic!("{effects:?}") };
        app.update(Event::TimerFired { id }, Timestamp(0));
        assert!(app.notice.is_none());
    }
}
