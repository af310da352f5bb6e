//! A text over the panes: what a command printed, or a long value.

use crate::app::{App, TextPage};
use crate::ui::detail::draw_document;
use crate::ui::painter::Painter;
use crate::ui::{overlay, search};

/// Draws the page.
pub fn draw(app: &App, text: &TextPage, painter: &mut Painter<'_>) {
    let footer = match &text.command_output {
        Some(_) => "j k scroll   yy copies   v pager   E editor   x saves   esc closes",
        None => "j k scroll   ( ) choose   space folds   esc closes",
    };
    let Some(inside) = overlay::draw(app, painter, &text.title, footer) else { return };
    let rows = usize::from(inside.height);
    let offset = text.offset.min(text.document.len().saturating_sub(rows));
    draw_document(&text.document, offset, true, painter, inside);
    if let Some(find) = &app.search {
        search::highlight_document(painter, &find.finder, inside);
    }
}
