//! A text over the panes: what a command printed, or a long value.

use crate::app::{App, TextPage};
use crate::ui::detail::document_rows;
use crate::ui::marks;
use crate::ui::page;
use crate::ui::paint::Painter;

/// Draws the page.
pub fn draw(app: &App, text: &TextPage, painter: &mut Painter<'_>) {
    let footer = match &text.output {
        Some(_) => "j k scroll   yy copies   v pager   E editor   x saves   esc closes",
        None => "j k scroll   ( ) choose   space folds   esc closes",
    };
    let Some(inside) = page::frame(app, painter, &text.title, footer) else { return };
    let rows = usize::from(inside.height);
    let offset = text.offset.min(text.document.len().saturating_sub(rows));
    document_rows(&text.document, offset, true, painter, inside);
    if let Some(find) = &app.find {
        marks::text(painter, &find.finder, inside);
    }
}
