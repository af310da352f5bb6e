//! A text page over the panes: command output, a long value, a comparison.

use crate::app::{App, TextPage};
use crate::ui::detail::{Gutter, draw_document};
use crate::ui::painter::Painter;
use crate::ui::{overlay, search};

/// Draws the page.
pub fn draw(app: &App, page: &TextPage, painter: &mut Painter<'_>) {
    let height = app.overlay_area().map_or(0, |area| usize::from(area.inner.height));
    let mut parts = Vec::new();
    if page.text.document.len() > height {
        parts.push("j k scroll");
    }
    if page.command_output.is_some() {
        parts.extend(["yy copy", "v pager", "E editor", "x save"]);
    } else {
        let foldable = page.text.document.sections().iter().filter(|section| section.is_foldable).take(2);
        match foldable.count() {
            0 => {}
            1 => parts.push("space fold"),
            _ => parts.extend(["< > part", "space fold"]),
        }
    }
    parts.push("esc close");
    let footer = parts.join("   ");
    let Some(inside) = overlay::draw(app, painter, &page.title, &footer) else { return };
    draw_document(&page.text, true, Gutter::Shown, painter, inside);
    if let Some(search) = &app.search {
        search::highlight_document(painter, &search.finder, Gutter::Shown, inside);
    }
}
