//! Pages over the panes: their areas, their lists and the mouse. The keys of a page are handled in the page's file. Drawn
//! by `ui/overlay`.

use std::sync::Arc;

use crate::action::{Action, Motion};
use crate::app::analysis::AnalysisPage;
use crate::app::export_menu::{self, MenuAreas};
use crate::app::help::COLUMN_GAP;
use crate::app::{
    App, Effects, Overlay, Prefs, Screen, analysis, library_analysis, library_search, links, open_threads,
    profiles, scroll,
};
use crate::domain::Timestamp;
use crate::effect::Effect;
use crate::event::{Mouse, MouseKind, ThreadAnalysis};
use crate::export::ExportFormat;
use crate::keymap::{Chord, Key};
use crate::layout::{self, Direction, PaneArea, Rect};

/// The rows that a step of the wheel scrolls.
pub(super) const WHEEL_ROWS: usize = 3;

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
    /// Returns the rows in view: the line on the screen and the index of its row.
    pub fn rows(self) -> impl Iterator<Item = (Rect, usize)> {
        let line = move |row: u16| Rect { y: self.area.y + row, height: 1, ..self.area };
        (0..self.area.height).map(line).zip(self.offset..self.len)
    }

    /// Returns the index of the row under the pointer.
    pub(super) fn row_at(self, mouse: Mouse) -> Option<usize> {
        let inside = |area: Rect| area.contains((mouse.column, mouse.row).into());
        self.rows().find(|(line, _)| inside(*line)).map(|(_, row)| row)
    }
}

/// The values that pages depend on.
#[derive(Clone, Copy, Debug)]
pub struct PageContext<'a> {
    pub screen: &'a Screen,
    pub prefs: &'a Prefs,
    /// The analysis of the shown thread, once it is computed.
    pub analysis: Option<&'a ThreadAnalysis>,
}

impl PageContext<'_> {
    fn profile_count(&self) -> usize {
        self.prefs.profiles.choices.len()
    }

    fn analysis_row_count(&self) -> usize {
        self.analysis.map_or(0, analysis::row_count)
    }

    /// Returns the row, or an adjacent one if it is a heading.
    fn selectable_row(&self, overlay: &Overlay, row: usize, is_upward: bool) -> usize {
        match (overlay, self.analysis) {
            (Overlay::LibrarySearch(page), _) => page.selectable_row(row, is_upward),
            (Overlay::LibraryAnalysis(page), _) => page.selectable_row(row, is_upward),
            (Overlay::Analysis(_), Some(analysis)) => analysis::selectable_row(analysis, row, is_upward),
            _ => row,
        }
    }

    /// Handles a click on the chart: selects a bucket. Returns whether it was selected already.
    fn click_chart(&self, page: &mut AnalysisPage, inside: Rect, mouse: Mouse) -> bool {
        let areas = analysis::areas(inside);
        let Some(analysis) = self.analysis else { return false };
        let rows = areas.bars.y..areas.bucket.y;
        let Some(column) = mouse.column.checked_sub(areas.bars.x).filter(|_| rows.contains(&mouse.row))
        else {
            return false;
        };
        let (buckets, columns) = analysis::chart_buckets(analysis, &areas);
        let (before, index) = (page.selected_bucket(buckets), usize::from(column / columns));
        let was_on_chart = page.is_on_chart;
        page.select_bucket(buckets, index);
        was_on_chart && before == page.selected_bucket(buckets)
    }
}

impl Overlay {
    /// Returns the area of the page; `None` if there is no room for it.
    pub fn area(&self, context: &PageContext<'_>) -> Option<PaneArea> {
        let profiles = u16::try_from(context.profile_count()).unwrap_or(u16::MAX);
        let (columns, rows) = match self {
            Self::Profiles { .. } => (profiles::MAX_WIDTH, profiles),
            Self::Export(_) => (export_menu::MAX_WIDTH, export_menu::ROWS),
            Self::Links(menu) => (links::MAX_WIDTH, menu.rows()),
            Self::OpenThreads(page) => (open_threads::MAX_WIDTH, page.rows()),
            Self::Help(_)
            | Self::Results(_)
            | Self::Notes(_)
            | Self::LibraryAnalysis(_)
            | Self::LibrarySearch(_)
            | Self::Text(_)
            | Self::Analysis(_) => (u16::MAX, u16::MAX),
        };
        let Screen { width, height, .. } = *context.screen;
        layout::overlay_area(Rect::new(0, 0, width, height.min(rows.saturating_add(4))), columns)
    }

    fn inside(&self, context: &PageContext<'_>) -> Rect {
        self.area(context).map(|area| area.inner).unwrap_or_default()
    }

    /// Returns the list of the page, if it has one.
    pub fn list(&self, context: &PageContext<'_>) -> Option<OverlayList> {
        let inside = self.area(context)?.inner;
        let (area, selected, offset, len) = match self {
            Self::Analysis(page) => {
                (analysis::areas(inside).rows, page.selected, page.offset, context.analysis_row_count())
            }
            Self::Profiles { selected, offset } => (inside, *selected, *offset, context.profile_count()),
            Self::Export(menu) => {
                (MenuAreas::split(inside).formats, menu.format, menu.offset, ExportFormat::ALL.len())
            }
            Self::Results(page) => (inside, page.selected, page.offset, page.len),
            Self::Notes(page) => (inside, page.selected, page.offset, page.notes.len()),
            Self::LibraryAnalysis(page) => {
                (library_analysis::list_area(inside), page.selected, page.offset, page.rows.len())
            }
            Self::LibrarySearch(page) => {
                (library_search::areas(inside).list, page.selected, page.offset, page.rows.len())
            }
            Self::Links(menu) => (inside, menu.selected, menu.offset, menu.addresses.len()),
            Self::OpenThreads(page) => (inside, page.selected, page.offset, page.threads.len()),
            Self::Help(_) | Self::Text(_) => return None,
        };
        let page = usize::from(area.height);
        let selected = selected.min(len.saturating_sub(1));
        Some(OverlayList { area, selected, offset: scroll::into_view(selected, offset, page, len), len })
    }

    fn select_row(&mut self, row: usize, first: usize) {
        match self {
            Self::Analysis(page) => (page.selected, page.offset, page.is_on_chart) = (row, first, false),
            Self::Profiles { selected, offset } => (*selected, *offset) = (row, first),
            Self::Export(menu) => (menu.format, menu.offset) = (row, first),
            Self::Results(page) => (page.selected, page.offset) = (row, first),
            Self::Notes(page) => (page.selected, page.offset) = (row, first),
            Self::LibraryAnalysis(page) => (page.selected, page.offset) = (row, first),
            Self::LibrarySearch(page) => (page.selected, page.offset) = (row, first),
            Self::Links(menu) => (menu.selected, menu.offset) = (row, first),
            Self::OpenThreads(page) => (page.selected, page.offset) = (row, first),
            Self::Help(_) | Self::Text(_) => {}
        }
    }

    /// Applies a motion to the list or the text of the page.
    pub(super) fn move_by(&mut self, motion: Motion, count: Option<usize>, context: &PageContext<'_>) {
        let target = |from, len, page| scroll::motion_target(motion, count, from, len, page);
        if let Some(list) = self.list(context) {
            let page = usize::from(list.area.height).max(1);
            let row = target(list.selected, list.len, page);
            let row = context.selectable_row(self, row, row < list.selected);
            return self.select_row(row, scroll::into_view(row, list.offset, page, list.len));
        }
        let inside = self.inside(context);
        let page = usize::from(inside.height).max(1);
        match self {
            Self::Text(text) => {
                text.text.offset = target(text.text.position(page), text.text.positions(page), page);
            }
            Self::Help(_)
            | Self::Analysis(_)
            | Self::Profiles { .. }
            | Self::Export(_)
            | Self::Links(_)
            | Self::OpenThreads(_)
            | Self::LibraryAnalysis(_)
            | Self::LibrarySearch(_)
            | Self::Notes(_)
            | Self::Results(_) => {}
        }
    }

    /// Scrolls by a step of the wheel.
    fn scroll(&mut self, direction: Direction, context: &PageContext<'_>) {
        let scrolled = |offset: usize, len: usize, page: usize| match direction {
            Direction::Forward => offset.saturating_add(WHEEL_ROWS).min(len.saturating_sub(page)),
            Direction::Backward => offset.saturating_sub(WHEEL_ROWS),
        };
        if let Some(list) = self.list(context) {
            let page = usize::from(list.area.height);
            let first = scrolled(list.offset, list.len, page);
            let last = first.saturating_add(page.saturating_sub(1)).min(list.len.saturating_sub(1));
            let row = context.selectable_row(self, list.selected.clamp(first.min(last), last), false);
            return self.select_row(row, first);
        }
        let Some(inside) = self.area(context).map(|area| area.inner) else { return };
        let page = usize::from(inside.height);
        match self {
            Self::Help(help) => {
                help.offset = scrolled(help.offset, help.layout(&context.prefs.keymap, inside).len(), page);
            }
            Self::Text(text) => {
                text.text.offset = scrolled(text.text.offset, text.text.document.len(), page);
            }
            Self::Analysis(_)
            | Self::Profiles { .. }
            | Self::Export(_)
            | Self::Links(_)
            | Self::OpenThreads(_)
            | Self::LibraryAnalysis(_)
            | Self::LibrarySearch(_)
            | Self::Notes(_)
            | Self::Results(_) => {}
        }
    }

    /// Handles a click on a row: selects it. Returns whether it was selected already, so that the click acts like Enter.
    fn click(&mut self, mouse: Mouse, context: &PageContext<'_>) -> bool {
        let list = self.list(context);
        if let Some((list, row)) = list.and_then(|list| Some((list, list.row_at(mouse)?))) {
            if row != list.selected || matches!(self, Self::Analysis(page) if page.is_on_chart) {
                self.select_row(context.selectable_row(self, row, false), list.offset);
                return false;
            }
            return true;
        }
        let inside = self.inside(context);
        match self {
            Self::Export(menu) => menu.click(MenuAreas::split(inside), mouse.row),
            Self::Text(page) => {
                if let Some(row) = mouse.row.checked_sub(inside.y) {
                    page.text.click(usize::from(row), usize::from(inside.height));
                }
            }
            Self::Help(help) => {
                let layout = help.layout(&context.prefs.keymap, inside);
                let step = layout.column_width + COLUMN_GAP;
                let column = usize::from(mouse.column.saturating_sub(inside.x)) / step.max(1);
                let row = help.offset + usize::from(mouse.row.saturating_sub(inside.y));
                let Some(entry) = layout.entry_at(column, row) else { return false };
                return std::mem::replace(&mut help.selected, entry) == entry;
            }
            Self::Analysis(page) => return context.click_chart(page, inside, mouse),
            Self::Profiles { .. }
            | Self::Links(_)
            | Self::OpenThreads(_)
            | Self::LibraryAnalysis(_)
            | Self::LibrarySearch(_)
            | Self::Notes(_)
            | Self::Results(_) => {}
        }
        false
    }
}

impl App {
    /// Returns the open page, to change it, and the values that it depends on.
    pub(super) fn overlay_mut(&mut self) -> Option<(&mut Overlay, PageContext<'_>)> {
        let analysis = self.analysis.current(self.loading.shown_thread());
        let context =
            PageContext { screen: &self.screen, prefs: &self.prefs, analysis: analysis.map(Arc::as_ref) };
        Some((self.overlay.as_mut()?, context))
    }

    /// Returns the values that the open page depends on.
    fn page_context(&self) -> PageContext<'_> {
        let analysis = self.current_analysis().map(Arc::as_ref);
        PageContext { screen: &self.screen, prefs: &self.prefs, analysis }
    }

    /// Returns the area of the open page; `None` if there is none, or no room for it.
    pub fn overlay_area(&self) -> Option<PaneArea> {
        self.overlay.as_ref()?.area(&self.page_context())
    }

    /// Returns the list of the open page, if it has one.
    pub fn overlay_list(&self) -> Option<OverlayList> {
        self.overlay.as_ref()?.list(&self.page_context())
    }

    /// Handles the mouse while a page is open; a click outside the page closes it.
    pub(super) fn on_mouse_in_overlay(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let Some((overlay, context)) = self.overlay_mut() else { return Vec::new() };
        let pointer = (mouse.column, mouse.row).into();
        match mouse.kind {
            MouseKind::WheelUp => overlay.scroll(Direction::Backward, &context),
            MouseKind::WheelDown => overlay.scroll(Direction::Forward, &context),
            MouseKind::Press if overlay.area(&context).is_some_and(|page| page.outer.contains(pointer)) => {
                if overlay.click(mouse, &context) {
                    return self.perform(Action::Enter, None, now);
                }
            }
            MouseKind::Press => return self.close_page(),
            MouseKind::Drag => {}
        }
        Vec::new()
    }

    /// Handles an action while a page is open. Motions move inside the page; an action without a meaning is ignored.
    pub(super) fn perform_in_overlay(
        &mut self,
        action: Action,
        count: Option<usize>,
        now: Timestamp,
    ) -> Effects {
        let Some((overlay, context)) = self.overlay_mut() else { return Vec::new() };
        if let Some(motion) = action.motion() {
            overlay.move_by(motion, count, &context);
            return Vec::new();
        }
        // The files of these pages handle Back.
        let has_own_back = matches!(
            overlay,
            Overlay::Export(_)
                | Overlay::Analysis(_)
                | Overlay::LibraryAnalysis(_)
                | Overlay::LibrarySearch(_)
        );
        match action {
            Action::Redraw => vec![Effect::Redraw],
            Action::Suspend => vec![Effect::Suspend],
            Action::Help => {
                let effects = self.close_page();
                self.open_help();
                effects
            }
            Action::Back | Action::Quit if !has_own_back => self.close_page(),
            _ => self.perform_in_page(action, now),
        }
    }

    /// Handles an action in the page's file.
    fn perform_in_page(&mut self, action: Action, now: Timestamp) -> Effects {
        match self.overlay.take() {
            page @ Some(Overlay::Help(_)) if action == Action::Enter => {
                self.overlay = page;
                self.on_key_in_help(Chord::plain(Key::Enter), now)
            }
            Some(Overlay::LibrarySearch(mut page)) if action == Action::Enter => {
                let outcome = page.submit();
                self.overlay = Some(Overlay::LibrarySearch(page));
                self.apply_search_outcome(outcome, now)
            }
            Some(Overlay::Profiles { selected, .. }) if action == Action::Enter => {
                let name = self.prefs.profiles.choices.get(selected).map(|choice| choice.name.clone());
                name.map(|name| self.switch_profile(&name, now)).unwrap_or_default()
            }
            Some(Overlay::Export(menu)) => self.perform_in_export_menu(menu, action),
            Some(Overlay::Analysis(page)) => {
                self.perform_in_analysis(page, action);
                Vec::new()
            }
            Some(Overlay::Results(page)) => self.perform_in_results(page, action),
            Some(Overlay::LibraryAnalysis(page)) => self.perform_in_library_analysis(page, action, now),
            Some(Overlay::Notes(page)) => self.perform_in_notes(page, action, now),
            Some(Overlay::Links(menu)) => self.perform_in_links(menu, action),
            Some(Overlay::OpenThreads(page)) => self.perform_in_thread_list(page, action, now),
            Some(Overlay::Text(page)) => self.perform_in_text_page(page, action),
            page @ (Some(Overlay::Help(_) | Overlay::LibrarySearch(_) | Overlay::Profiles { .. }) | None) => {
                self.overlay = page;
                Vec::new()
            }
        }
    }
}
