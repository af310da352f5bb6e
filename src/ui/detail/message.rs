//! Tabs that are text: Message and Metadata. Content stands right of a gutter that data cannot draw.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::Tab;
use crate::layout::Pane;
use crate::theme::Role;
use crate::ui::detail::draw_scrollbar;
use crate::ui::painter::{Painter, Pen};
use crate::view::document::Document;

/// Draws the rows in view.
pub fn draw(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(shown) = app.message_state() else { return };
    let (document, offset) = match app.detail.tab {
        Tab::Metadata => match &shown.metadata {
            Some(document) => (document, shown.metadata_offset),
            None => return,
        },
        _ => (&shown.text, shown.text_offset),
    };
    draw_document(document, offset, app.focus == Pane::Detail, painter, inner);
}

/// The rows of a document in view; the title that a fold key acts on stands out where the focus is.
pub fn draw_document(
    document: &Document,
    offset: usize,
    focused: bool,
    painter: &mut Painter<'_>,
    inner: Rect,
) {
    let page = usize::from(inner.height);
    let offset = offset.min(document.len().saturating_sub(page));
    let here = document.foldable_near(offset, page).filter(|_| focused);
    for (row, content) in (0..inner.height).zip(document.window(offset..offset + page)) {
        let mut pen = Pen::at(inner, row);
        match content.fold {
            Some(open) => {
                let role = if here == Some(content.section) { Role::Accent } else { Role::Dim };
                painter.write(&mut pen, if open { "▾ " } else { "▸ " }, role);
            }
            None if content.is_title => {}
            None => painter.write(&mut pen, "▏ ", content.gutter),
        }
        painter.write_line(&mut pen, &content.line);
    }
    draw_scrollbar(painter, inner, offset, document.len());
}
