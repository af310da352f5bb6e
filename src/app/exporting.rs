//! The export menu: which messages, which format, with secrets masked or not. Drawn by `ui/export`.

use crate::action::Action;
use crate::app::{App, Effects, Overlay};
use crate::effect::{Effect, ExportWish};
use crate::export::ExportFormat;

/// Which messages are exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    #[default]
    Thread,
    /// Those that the filter shows.
    Shown,
    /// The selected one.
    Message,
}

impl Extent {
    /// The words in the menu.
    pub fn title(self) -> &'static str {
        match self {
            Self::Thread => "the whole thread",
            Self::Shown => "the messages that the filter shows",
            Self::Message => "this message",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Thread => Self::Shown,
            Self::Shown => Self::Message,
            Self::Message => Self::Thread,
        }
    }
}

/// The menu's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportMenu {
    /// Which of [`ExportFormat::ALL`].
    pub format: usize,
    pub extent: Extent,
    pub redact: bool,
}

impl App {
    /// Opens the menu.
    pub(super) fn ask_export(&mut self) {
        if self.shown_thread().is_some() {
            self.overlay = Some(Overlay::Export(ExportMenu::default()));
        }
    }

    /// Keys in the menu: up and down choose, Tab turns what is exported, Space masks, Enter writes.
    pub(super) fn perform_in_export(&mut self, mut menu: ExportMenu, action: Action) -> Effects {
        let last = ExportFormat::ALL.len() - 1;
        match action {
            Action::Down => menu.format = (menu.format + 1).min(last),
            Action::Up => menu.format = menu.format.saturating_sub(1),
            Action::NextPane | Action::UnfoldOrRight => menu.extent = menu.extent.next(),
            Action::ToggleFold => menu.redact = !menu.redact,
            Action::Enter => return self.export(menu),
            Action::Back | Action::Quit | Action::Export => return Vec::new(),
            _ => {}
        }
        self.overlay = Some(Overlay::Export(menu));
        Vec::new()
    }

    fn export(&mut self, menu: ExportMenu) -> Effects {
        let wish = self.export_wish(menu);
        let Some(wish) = wish else { return Vec::new() };
        self.say(format!("writing {} as {}", menu.extent.title(), wish.format.title()));
        vec![Effect::Export(Box::new(wish))]
    }

    fn export_wish(&self, menu: ExportMenu) -> Option<ExportWish> {
        let thread = self.shown_thread()?;
        let selected = self.place_of(self.list.selected).and_then(|place| u32::try_from(place).ok());
        let places = match menu.extent {
            Extent::Thread => None,
            Extent::Shown => self.list.visible.as_ref().map(|visible| visible.to_vec()),
            Extent::Message => Some(selected.into_iter().collect()),
        };
        Some(ExportWish {
            format: *ExportFormat::ALL.get(menu.format)?,
            service: thread.service?,
            thread: thread.thread.clone(),
            heads: thread.heads.clone(),
            places,
            redact: menu.redact,
            oddities: thread.ending.as_ref().map(|ending| ending.oddities.clone()).unwrap_or_default(),
        })
    }
}
