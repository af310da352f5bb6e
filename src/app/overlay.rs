//! Pages over the panes: their areas, their lists and the mouse. The keys of a page are handled in its own file. Drawn by
//! `ui/overlay`.

use crate::action::Action;
use crate::app::export_menu::{self, MenuAreas};
use crate::app::{App, Effects, Overlay, analysis, help, profiles, scroll};
use crate::domain::Timestamp;
use crate::event::{Mouse, MouseKind};
use crate::layout::{self, Direction, PaneArea, Rect};

/// The rows that a turn of the wheel scrolls.
const WHEEL_ROWS: usize = 3;

/// The list of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverlayList {
    /// The area of the rows, without a heading.
    pub area: Rect,
    pub selected: usize,
    /// The first row in view.
    pub offset: usize,
    pub len: usize,
}

impl OverlayList {
    /// The rows in view: the line on the screen and the index of its row.
    pub fn rows(self) -> impl Iterator<Item = (Rect, usize)> {
        let line = move |row: u16| Rect { y: self.area.y + row, height: 1, ..self.area };
        (0..self.area.height).map(line).zip(self.offset..self.len)
    }

    /// The index of the row under the pointer.
    fn row_at(self, mouse: Mouse) -> Option<usize> {
        let inside = |area: Rect| area.contains((mouse.column, mouse.row).into());
        self.rows().find(|(line, _)| inside(*line)).map(|(_, row)| row)
    }
}

impl App {
    fn screen_area(&self) -> Rect {
        Rect::new(0, 0, self.screen.width, self.screen.height)
    }

    /// The area of a page with at most this many columns and inner rows; `None` if there is no room.
    pub(super) fn page_area(&self, columns: u16, rows: u16) -> Option<PaneArea> {
        let screen = self.screen_area();
        layout::overlay_area(Rect { height: screen.height.min(rows.saturating_add(4)), ..screen }, columns)
    }

    /// The area of the open page; `None` if there is none, or no room for it.
    pub fn overlay_area(&self) -> Option<PaneArea> {
        match self.overlay.as_ref()? {
            Overlay::Help { .. } => self.page_area(help::MAX_WIDTH, u16::MAX),
            Overlay::Analysis { .. } => self.page_area(analysis::MAX_WIDTH, u16::MAX),
            Overlay::Profiles { .. } => self.page_area(profiles::MAX_WIDTH, self.profile_rows()),
            Overlay::Export(_) => self.page_area(export_menu::MAX_WIDTH, export_menu::ROWS),
            Overlay::Text(_) => self.page_area(u16::MAX, u16::MAX),
        }
    }

    /// The list of the open page, if it has one.
    pub fn overlay_list(&self) -> Option<OverlayList> {
        let inside = self.overlay_area()?.inner;
        let (area, selected, offset, len) = match self.overlay.as_ref()? {
            Overlay::Analysis { selected, offset } => {
                let len = self.current_analysis().map_or(0, |analysis| analysis.operations.len());
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

    /// Handles the mouse while a page is open; a click beside the page closes it.
    pub(super) fn on_mouse_in_overlay(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let pointer = (mouse.column, mouse.row).into();
        match mouse.kind {
            MouseKind::WheelUp => self.scroll_overlay(Direction::Backward),
            MouseKind::WheelDown => self.scroll_overlay(Direction::Forward),
            MouseKind::Press if self.overlay_area().is_some_and(|page| page.outer.contains(pointer)) => {
                return self.click_overlay(mouse, now);
            }
            MouseKind::Press => self.overlay = None,
        }
        Vec::new()
    }

    fn scroll_overlay(&mut self, direction: Direction) {
        let scrolled = |offset: usize, len: usize, page: usize| match direction {
            Direction::Forward => offset.saturating_add(WHEEL_ROWS).min(len.saturating_sub(page)),
            Direction::Backward => offset.saturating_sub(WHEEL_ROWS),
        };
        if let Some(list) = self.overlay_list() {
            let page = usize::from(list.area.height);
            let first = scrolled(list.offset, list.len, page);
            let last = first.saturating_add(page.saturating_sub(1)).min(list.len.saturating_sub(1));
            return self.select_overlay_row(list.selected.clamp(first.min(last), last), first);
        }
        let Some(inside) = self.overlay_area().map(|area| area.inner) else { return };
        let page = usize::from(inside.height);
        let columns = usize::from(inside.width);
        match self.overlay.as_mut() {
            Some(Overlay::Help { offset }) => {
                *offset = scrolled(*offset, help::rows(&self.prefs.keymap, columns).len(), page);
            }
            Some(Overlay::Text(text)) => {
                text.text.offset = scrolled(text.text.offset, text.text.document.len(), page)
            }
            Some(Overlay::Analysis { .. } | Overlay::Profiles { .. } | Overlay::Export(_)) | None => {}
        }
    }

    /// A click on a row selects it; on the selected row it acts like Enter.
    fn click_overlay(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let list = self.overlay_list();
        if let Some((list, row)) = list.and_then(|list| Some((list, list.row_at(mouse)?))) {
            if row != list.selected {
                self.select_overlay_row(row, list.offset);
            } else if self.can_open_row(row) {
                return self.perform(Action::Enter, None, now);
            }
            return Vec::new();
        }
        let Some(inside) = self.overlay_area().map(|area| area.inner) else { return Vec::new() };
        match self.overlay.as_mut() {
            Some(Overlay::Export(menu)) => menu.click(MenuAreas::split(inside), mouse.row),
            Some(Overlay::Text(page)) => {
                if let Some(row) = mouse.row.checked_sub(inside.y) {
                    page.text.click(usize::from(row), usize::from(inside.height));
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
                .and_then(|analysis| analysis.operations.get(row))
                .is_some_and(|row| row.slowest.is_some()),
            Some(Overlay::Profiles { .. } | Overlay::Export(_)) => true,
            Some(Overlay::Help { .. } | Overlay::Text(_)) | None => false,
        }
    }
}
