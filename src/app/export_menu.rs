//! The export menu: the messages, the format, the payloads and the redaction. Drawn by `ui/export_menu`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::panes::Shown;
use crate::app::{App, Effects, Overlay};
use crate::effect::{Effect, ExportRequest, ThreadsExport};
use crate::export::{ExportFormat, Payloads};
use crate::layout::Rect;
use crate::text::number;

/// The messages to export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportScope {
    #[default]
    Thread,
    /// The messages that the filter shows.
    Visible,
    /// The selected message.
    Message,
    /// The marked threads of the list, or the selected one.
    ListedThreads,
}

impl ExportScope {
    /// Returns the entry in the menu.
    pub fn title(self) -> &'static str {
        match self {
            Self::Thread => "Whole thread",
            Self::Visible => "Filtered messages",
            Self::Message => "This message",
            Self::ListedThreads => "Marked or selected threads, one file each",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Thread => Self::Visible,
            Self::Visible => Self::Message,
            Self::Message => Self::Thread,
            Self::ListedThreads => Self::ListedThreads,
        }
    }
}

/// The menu's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportMenu {
    /// The index in [`ExportFormat::ALL`].
    pub format: usize,
    /// The first visible format.
    pub offset: usize,
    pub scope: ExportScope,
    /// The choice of payloads; `None` is the default of the format.
    pub payloads: Option<Payloads>,
    pub redact: bool,
}

/// The maximum number of columns inside the page.
pub const MAX_WIDTH: u16 = 60;

/// Rows below the formats: the scope, the redaction and the payloads.
const OPTION_ROWS: u16 = 3;

/// Rows inside the page: formats, a blank row, options.
pub const ROWS: u16 = ExportFormat::ALL.len() as u16 + 1 + OPTION_ROWS;

/// The parts of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MenuAreas {
    pub formats: Rect,
    /// The scope, the redaction, the payloads.
    pub options: Rect,
}

impl MenuAreas {
    /// Splits the inside of the page.
    pub fn split(inside: Rect) -> Self {
        let options = OPTION_ROWS.min(inside.height.saturating_sub(1));
        let gap = u16::from(inside.height >= ROWS);
        let formats = Rect { height: inside.height - options - gap, ..inside };
        Self { formats, options: Rect { y: formats.bottom() + gap, height: options, ..inside } }
    }
}

impl ExportMenu {
    /// Handles a click; on an option, changes it.
    pub(super) fn click(&mut self, areas: MenuAreas, row: u16) {
        match row.checked_sub(areas.options.y) {
            Some(0) => self.scope = self.scope.next(),
            Some(1) => self.redact = !self.redact,
            Some(2) => self.choose_payloads(),
            _ => {}
        }
    }

    /// Returns the spans whose payloads the file has; `None` if the format leaves no choice.
    pub fn payloads(&self) -> Option<Payloads> {
        let default = ExportFormat::ALL.get(self.format)?.default_payloads()?;
        Some(self.payloads.unwrap_or(default))
    }

    fn choose_payloads(&mut self) {
        self.payloads = self.payloads().map(Payloads::next).or(self.payloads);
    }
}

impl App {
    /// Opens the menu.
    pub(super) fn open_export_menu(&mut self) {
        if self.loading.shown_thread().is_some() {
            self.overlay = Some(Overlay::Export(ExportMenu::default()));
        }
    }

    /// Handles a key in the menu: Tab changes the scope, Space the redaction, the key of the next part the payloads; Enter
    /// exports.
    pub(super) fn perform_in_export_menu(&mut self, mut menu: ExportMenu, action: Action) -> Effects {
        if action == Action::Enter {
            return self.start_export(menu);
        }
        if matches!(action, Action::NextPane | Action::UnfoldOrRight) {
            menu.scope = menu.scope.next();
        } else if action == Action::ToggleFold {
            menu.redact = !menu.redact;
        } else if action == Action::NextPart {
            menu.choose_payloads();
        } else if matches!(action, Action::Back | Action::Quit | Action::Export) {
            return Vec::new();
        }
        self.overlay = Some(Overlay::Export(menu));
        Vec::new()
    }

    fn start_export(&mut self, menu: ExportMenu) -> Effects {
        if menu.scope == ExportScope::ListedThreads {
            return self.export_chosen(menu);
        }
        let Some(request) = self.shown().export_request(menu) else { return Vec::new() };
        self.notify(format!(
            "Exporting as {}: {}",
            request.format.title(),
            menu.scope.title().to_lowercase()
        ));
        vec![Effect::Export(Box::new(request))]
    }

    /// Exports the marked threads, or the selected one.
    fn export_chosen(&mut self, menu: ExportMenu) -> Effects {
        let Some(format) = ExportFormat::ALL.get(menu.format) else { return Vec::new() };
        let threads = self.browse.threads_to_export();
        let count = number::pluralize(threads.len(), "thread");
        self.notify(format!("Exporting {count} as {}", format.title()));
        let (payloads, redact) = (menu.payloads, menu.redact);
        vec![Effect::ExportThreads(Box::new(ThreadsExport { threads, format: *format, payloads, redact }))]
    }
}

impl<'a> Shown<'a> {
    fn export_request(self, menu: ExportMenu) -> Option<ExportRequest> {
        let thread = self.thread?;
        let message_indices = match menu.scope {
            ExportScope::Thread | ExportScope::ListedThreads => None,
            ExportScope::Visible => self.list.matching.as_ref().map(|visible| visible.to_vec()),
            ExportScope::Message => Some(self.selected_thread_index().into_iter().collect()),
        };
        Some(ExportRequest {
            format: *ExportFormat::ALL.get(menu.format)?,
            service: thread.service?,
            thread: thread.metadata.clone(),
            summaries: thread.summaries.clone(),
            notes: Arc::clone(self.notes),
            message_indices,
            payloads: menu.payloads,
            redact: menu.redact,
            warnings: thread
                .body_summary
                .as_ref()
                .map(|summary| summary.warnings.clone())
                .unwrap_or_default(),
        })
    }
}
