//! A text page over the panes: command output, a long value, a comparison.

use crate::app::{App, TextPage};
use crate::ui::detail::{Gutter, draw_document};
use crate::ui::painter::Painter;
use crate::ui::{overlay, search};

/// Draws the page.
pub fn draw(app: &App, page: &TextPage, painter: &mut Painter<'_>) {
    let footer = match &page.command_output {
        Some(_) => "j k scroll   yy copy   v pager   E editor   x save   esc close",
        None => "j k scroll   < > part   space fold   esc close",
    };
    let Some(inside) = overlay::draw(app, painter, &page.title, footer) else { return };
    draw_document(&page.text, true, Gutter::Shown, painter, inside);
    if let Some(search) = &app.search {
        search::highlight_document(painter, &search.finder, Gutter::Shown, inside);
    }
}
