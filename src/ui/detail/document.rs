//! Documents: the Message and Metadata tabs, formatted payloads, pages. Content is right of a gutter that data cannot draw
//! into.

use ratatui::layout::Rect;

use crate::theme::Role;
use crate::ui::detail::draw_scrollbar;
use crate::ui::painter::{Painter, Pen};
use crate::view::document::ScrolledDocument;

/// Draws the rows in view. In the focused pane, the title that fold keys act on is highlighted.
pub fn draw_document(view: &ScrolledDocument, is_focused: bool, painter: &mut Painter<'_>, inner: Rect) {
    let (document, page) = (&view.document, usize::from(inner.height));
    let offset = view.position(page);
    let selected = document.foldable_near(offset, page).filter(|_| is_focused);
    for (row, content) in (0..inner.height).zip(document.window(offset..offset + page)) {
        let mut pen = Pen::at(inner, row);
        match content.fold {
            Some(open) => {
                let role = if selected == Some(content.section) { Role::Accent } else { Role::Dim };
                painter.write(&mut pen, if open { "▾ " } else { "▸ " }, role);
            }
            None if content.is_title => {}
            None => painter.write(&mut pen, "▏ ", content.gutter),
        }
        painter.write_line(&mut pen, &content.line);
    }
    draw_scrollbar(painter, inner, offset, document.len());
}
