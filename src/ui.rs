//! Drawing: paints one frame from the state. It changes nothing, and nothing depends on whether it ran. `ui/<pane>` draws
//! the state of `app/<pane>`.

mod analysis;
mod browse;
mod detail;
mod export_menu;
mod header;
mod help;
mod library_analysis;
mod library_search;
mod links;
mod messages;
mod notes;
mod open_threads;
mod overlay;
mod painter;
mod palette;
mod placeholder;
mod profiles;
mod prompt;
mod results;
mod search;
mod status;
mod text_page;
mod thread_box;

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use crate::app::loading::PaneContent;
use crate::app::{App, Overlay};
use crate::layout::{Mode, Pane, PaneArea};
use crate::text::link::LinkedCells;
use crate::theme::{Role, Theme};

use painter::Painter;

/// The parts of a frame that are not cells.
#[derive(Debug)]
pub struct Drawn {
    /// The cells that show web addresses.
    pub links: Vec<LinkedCells>,
    /// The position of the cursor, if it is shown.
    pub cursor: Option<Position>,
}

/// Paints the whole screen into a blank buffer.
pub fn draw(app: &App, theme: &Theme, buffer: &mut Buffer) -> Drawn {
    let areas = app.screen.frame();
    let hints = if app.browse.is_open { app.browse.areas(&app.browse_context()).hints } else { areas.hints };
    let area = buffer.area;
    let mut painter = Painter::new(buffer, theme);
    painter.fill_background(area);
    let cursor = if app.browse.is_open {
        browse::draw(app, &mut painter);
        None
    } else {
        draw_panes(app, &mut painter)
    };
    status::draw(app, &mut painter, hints);
    if app.prompt.is_some() && app.notice.is_none() {
        palette::draw(app, &mut painter, hints);
    }
    match &app.overlay {
        Some(Overlay::Help(page)) => help::draw(app, page, &mut painter),
        Some(Overlay::Analysis(_)) => analysis::draw(app, &mut painter),
        Some(Overlay::Profiles { .. }) => profiles::draw(app, &mut painter),
        Some(Overlay::Results(page)) => results::draw(app, page, &mut painter),
        Some(Overlay::Notes(page)) => notes::draw(app, page, &mut painter),
        Some(Overlay::LibraryAnalysis(page)) => library_analysis::draw(app, page, &mut painter),
        Some(Overlay::LibrarySearch(page)) => library_search::draw(app, page, &mut painter),
        Some(Overlay::Links(menu)) => links::draw(app, menu, &mut painter),
        Some(Overlay::OpenThreads(page)) => open_threads::draw(app, page, &mut painter),
        Some(Overlay::Export(menu)) => export_menu::draw(app, menu, &mut painter),
        Some(Overlay::Text(page)) => text_page::draw(app, page, &mut painter),
        None => {}
    }
    let links = painter.into_links();
    painter::mark_wide_characters(buffer);
    let cursor = prompt::cursor(app, hints).or(cursor);
    Drawn { links, cursor: cursor.filter(|_| app.overlay.is_none() || app.is_prompt_in_front()) }
}

/// Draws the header, the thread box and the panes; returns the cursor of the box.
fn draw_panes(app: &App, painter: &mut Painter<'_>) -> Option<Position> {
    header::draw(app, painter, app.screen.frame().header);
    let drop_down = app.drop_down();
    match app.loading.pane_content() {
        PaneContent::Thread(thread) => {
            messages::draw(app, thread, painter);
            detail::draw(app, painter);
            draw_shared_border(app, painter);
            messages::draw_scrollbar(app, thread, painter);
            search::draw(app, painter);
        }
        PaneContent::Idle | PaneContent::Opening(_) | PaneContent::Failed(..) | PaneContent::Stopped(_) => {
            placeholder::draw(app, drop_down.as_ref(), painter);
        }
    }
    thread_box::draw(app, drop_down.as_ref(), painter)
}

/// Returns the style of a pane's border, brighter if the pane has the focus.
fn border_role(app: &App, pane: Pane) -> Role {
    let focused = app.screen.focus == pane || (pane == Pane::Detail && app.screen.focus == Pane::Payload);
    if focused && app.overlay.is_none() { Role::BorderFocus } else { Role::Border }
}

/// Draws the border between messages and detail pane, and its joints with the other borders.
fn draw_shared_border(app: &App, painter: &mut Painter<'_>) {
    let frame = app.screen.frame();
    let (list, detail) = (frame.messages.outer, frame.detail.outer);
    let shared = list.intersection(detail);
    if shared.is_empty() {
        return;
    }
    let has_focus = app.screen.focus != Pane::ThreadBox && app.overlay.is_none();
    let role = if has_focus { Role::BorderFocus } else { Role::Border };
    let (last_column, last_row) = (shared.right() - 1, shared.bottom() - 1);
    if frame.mode == Mode::Wide {
        for y in shared.y..=last_row {
            painter.set_cell(shared.x, y, "│", role);
        }
        painter.set_cell(shared.x, shared.y, "┬", role);
        painter.set_cell(shared.x, last_row, "┴", role);
    } else {
        painter.set_cell(shared.x, shared.y, "├", role);
        painter.set_cell(last_column, shared.y, "┤", role);
    }
}

/// Draws the border of a pane, if its layout has one.
fn draw_pane_border(painter: &mut Painter<'_>, area: &PaneArea, role: Role) {
    if area.has_border() {
        painter.draw_border(area.outer, role);
    }
}
