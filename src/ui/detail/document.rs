//! Documents: the Message and Metadata tabs, formatted payloads, pages. Content is right of a gutter that data cannot draw
//! into.

use ratatui::layout::Rect;

use crate::app::App;
use crate::theme::Role;
use crate::ui::detail::draw_scrollbar;
use crate::ui::painter::{Painter, Pen};
use crate::view::document::{DocumentRow, ScrolledDocument};

/// Draws the rows in view. In the focused pane, the title that fold keys act on is highlighted, or the selected value if
/// the document has values.
pub fn draw_document(
    view: &ScrolledDocument,
    is_focused: bool,
    gutter: Gutter,
    painter: &mut Painter<'_>,
    inner: Rect,
) {
    let (document, page) = (&view.document, usize::from(inner.height));
    let offset = view.position(page);
    let value = view.selection(page).map(|(rows, _)| rows).filter(|_| is_focused);
    // The marker of a value is in the gutter.
    let gutter = if value.is_some() { Gutter::Shown } else { gutter };
    let selected = document.foldable_near(offset, page).filter(|_| is_focused && value.is_none());
    for (row, content) in (0..inner.height).zip(document.window(offset..offset + page)) {
        let mut pen = Pen::at(inner, row);
        if value.as_ref().is_some_and(|rows| rows.contains(&(offset + usize::from(row)))) {
            painter.write(&mut pen, "▌", Role::Accent);
            painter.write(
                &mut pen,
                content.fold.map_or(" ", |open| if open { "▾" } else { "▸" }),
                Role::Accent,
            );
        } else {
            draw_gutter(painter, &mut pen, &content, gutter, selected == Some(content.section));
        }
        painter.write_line(&mut pen, &content.line);
    }
    draw_scrollbar(painter, inner, offset, document.len());
}

/// Whether text has a gutter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gutter {
    Shown,
    /// Only fold symbols and the symbols of speakers, so that text selected with the mouse has no bars.
    Hidden,
}

impl Gutter {
    /// Returns the gutter of the panes: none while one of them fills the screen.
    pub fn of(app: &App) -> Self {
        if app.screen.zoomed { Self::Hidden } else { Self::Shown }
    }
}

/// Draws the fold symbol of a title, the symbol of a speaker or the bar in a speaker's colour.
pub fn draw_gutter(
    painter: &mut Painter<'_>,
    pen: &mut Pen,
    row: &DocumentRow,
    gutter: Gutter,
    is_fold_target: bool,
) {
    match (row.fold, row.marker) {
        (Some(open), _) => {
            let role = if is_fold_target { Role::Accent } else { Role::Dim };
            painter.write(pen, if open { "▾ " } else { "▸ " }, role);
        }
        (None, Some(marker)) => {
            painter.write(pen, marker, row.gutter);
            painter.write(pen, " ", Role::Text);
        }
        (None, None) if row.is_title || gutter == Gutter::Hidden => {}
        (None, None) => painter.write(pen, "▏ ", row.gutter),
    }
}
