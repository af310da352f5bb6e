//! Pages over the panes: where they are, the rows that can be chosen there, and the mouse on them. What a key does there
//! stands with what the page is about.

use crate::action::Action;
use crate::app::export_menu::{self, MenuAreas};
use crate::app::{App, Effects, Overlay, analysis, help, profiles, scroll};
use crate::domain::Timestamp;
use crate::event::{Mouse, MouseKind};
use crate::layout::{self, Direction, PaneArea, Rect};

/// Rows that a turn of the wheel moves.
const WHEEL_ROWS: usize = 3;

/// Rows to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverlayList {
    /// Where they are, without a heading.
    pub area: Rect,
    pub selected: usize,
    /// The first row in view.
    pub offset: usize,
    pub len: usize,
}

impl OverlayList {
    /// The rows in view: the line of the area, and which row stands there.
    pub fn rows(self) -> impl Iterator<Item = (Rect, usize)> {
        let line = move |row: u16| Rect { y: self.area.y + row, height: 1, ..self.area };
        (0..self.area.height).map(line).zip(self.offset..self.len)
    }

    /// The row at this line of the terminal.
    fn row_at(self, mouse: Mouse) -> Option<usize> {
        let inside = |area: Rect| area.contains((mouse.column, mouse.row).into());
        self.rows().find(|(line, _)| inside(*line)).map(|(_, row)| row)
    }
}

impl App {
    fn screen_area(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// Where a page of at most so many columns and rows inside is.
    pub(super) fn page_area(&self, columns: u16, rows: u16) -> Option<PaneArea> {
        let screen = self.screen_area();
        layout::overlay_area(Rect { height: screen.height.min(rows.saturating_add(4)), ..screen }, columns)
    }

    /// Where the page over the panes is; `None` if there is none, or no room for it.
    pub fn overlay_area(&self) -> Option<PaneArea> {
        match self.overlay.as_ref()? {
            Overlay::Help { .. } => self.page_area(help::MAX_WIDTH, u16::MAX),
            Overlay::Analysis { .. } => self.page_area(analysis::MAX_WIDTH, u16::MAX),
            Overlay::Profiles { .. } => self.page_area(profiles::MAX_WIDTH, self.profile_rows()),
            Overlay::Export(_) => self.page_area(export_menu::MAX_WIDTH, export_menu::ROWS),
            Overlay::Text(_) => self.page_area(u16::MAX, u16::MAX),
        }
    }

    /// The rows that can be chosen in the page over the panes, if it has some.
    pub fn overlay_list(&self) -> Option<OverlayList> {
        let inside = self.overlay_area()?.inner;
        let (area, selected, offset, len) = match self.overlay.as_ref()? {
            Overlay::Analysis { selected, offset } => {
                let len = self.current_analysis().map_or(0, |insight| insight.operations.len());
                (analysis::areas(inside, len).rows, *selected, *offset, len)
            }
            Overlay::Profiles { selected, offset } => {
                (inside, *selected, *offset, self.prefs.profiles.choices.len())
            }
            Overlay::Export(menu) => {
                let len = crate::export::ExportFormat::ALL.len();
                (MenuAreas::split(inside).formats, menu.format, menu.offset, len)
            }
            Overlay::Help { .. } | Overlay::Text(_) => return None,
        };
        let page = usize::from(area.height);
        let selected = selected.min(len.saturating_sub(1));
        Some(OverlayList { area, selected, offset: scroll::into_view(selected, offset, page, len), len })
    }

    fn select_overlay_row(&mut self, row: usize, first: usize) {
        match self.overlay.as_mut() {
            Some(Overlay::Analysis { selected, offset } | Overlay::Profiles { selected, offset }) => {
                (*selected, *offset) = (row, first);
            }
            Some(Overlay::Export(menu)) => (menu.format, menu.offset) = (row, first),
            Some(Overlay::Help { .. } | Overlay::Text(_)) | None => {}
        }
    }

    /// The mouse while a page is over the panes: a click beside it closes it.
    pub(super) fn on_mouse_in_overlay(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let place = (mouse.column, mouse.row).into();
        match mouse.kind {
            MouseKind::WheelUp => self.scroll_overlay(Direction::Backward),
            MouseKind::WheelDown => self.scroll_overlay(Direction::Forward),
            MouseKind::Press if self.overlay_area().is_some_and(|page| page.outer.contains(place)) => {
                return self.click_overlay(mouse, now);
            }
            MouseKind::Press => self.overlay = None,
        }
        Vec::new()
    }

    fn scroll_overlay(&mut self, direction: Direction) {
        let turned = |offset: usize, len: usize, page: usize| match direction {
            Direction::Forward => offset.saturating_add(WHEEL_ROWS).min(len.saturating_sub(page)),
            Direction::Backward => offset.saturating_sub(WHEEL_ROWS),
        };
        if let Some(chooser) = self.overlay_list() {
            let page = usize::from(chooser.area.height);
            let first = turned(chooser.offset, chooser.len, page);
            let last = first.saturating_add(page.saturating_sub(1)).min(chooser.len.saturating_sub(1));
            return self.select_overlay_row(chooser.selected.clamp(first.min(last), last), first);
        }
        let Some(inside) = self.overlay_area().map(|area| area.inner) else { return };
        let page = usize::from(inside.height);
        let columns = usize::from(inside.width);
        match self.overlay.as_mut() {
            Some(Overlay::Help { offset }) => {
                *offset = turned(*offset, help::rows(&self.prefs.keymap, columns).len(), page);
            }
            Some(Overlay::Text(text)) => text.offset = turned(text.offset, text.document.len(), page),
            Some(Overlay::Analysis { .. } | Overlay::Profiles { .. } | Overlay::Export(_)) | None => {}
        }
    }

    /// A click on a row selects it; on the selected one it does what Enter does.
    fn click_overlay(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let chooser = self.overlay_list();
        if let Some((chooser, row)) = chooser.and_then(|chooser| Some((chooser, chooser.row_at(mouse)?))) {
            if row != chooser.selected {
                self.select_overlay_row(row, chooser.offset);
            } else if self.can_open_row(row) {
                return self.perform(Action::Enter, None, now);
            }
            return Vec::new();
        }
        let Some(inside) = self.overlay_area().map(|area| area.inner) else { return Vec::new() };
        match self.overlay.as_mut() {
            Some(Overlay::Export(menu)) => menu.click(MenuAreas::split(inside), mouse.row),
            Some(Overlay::Text(text)) => {
                if let Some(row) = mouse.row.checked_sub(inside.y) {
                    let last = text.document.len().saturating_sub(usize::from(inside.height));
                    let at = text.offset.min(last) + usize::from(row);
                    let section = text.document.section_at(at);
                    if text.document.section_start(section) == at {
                        text.document.toggle(section);
                    }
                }
            }
            Some(Overlay::Help { .. } | Overlay::Analysis { .. } | Overlay::Profiles { .. }) | None => {}
        }
        Vec::new()
    }

    /// Whether Enter does something on this row.
    fn can_open_row(&self, row: usize) -> bool {
        match &self.overlay {
            Some(Overlay::Analysis { .. }) => self
                .current_analysis()
                .and_then(|insight| insight.operations.get(row))
                .is_some_and(|row| row.slowest.is_some()),
            Some(Overlay::Profiles { .. } | Overlay::Export(_)) => true,
            Some(Overlay::Help { .. } | Overlay::Text(_)) | None => false,
        }
    }
}
