//! Marks on what a search found, wherever it stands on the screen: laid over cells that are painted already, so that
//! every pane shows them alike. In wrapped text a hit may go from one line to the next.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::Tab;
use crate::app::detail::payload::PayloadView;
use crate::search::Finder;
use crate::theme::Role;
use crate::ui::painter::Painter;
use crate::view::flowed_text::{FlowedText, LineJoin};
use crate::view::message::GUTTER_WIDTH;

/// Hits marked in one line, or one text, at most.
const MAX_HITS: usize = 500;

/// Marks the hits in both panes.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(find) = &app.search else { return };
    let frame = app.frame();
    for area in [frame.messages.inner, frame.detail.inner] {
        for y in area.top()..area.bottom() {
            highlight_line(painter, &find.finder, Rect { y, height: 1, ..area });
        }
    }
    let texts = match app.detail.tab {
        Tab::Message | Tab::Metadata => frame.detail.inner,
        Tab::Feedback => app.feedback_areas().turn,
        Tab::Spans if matches!(app.payload_view(), PayloadView::Formatted { .. }) => {
            app.spans_areas().payload
        }
        Tab::Spans | Tab::Raw => return,
    };
    highlight_document(painter, &find.finder, texts);
}

/// Marks the hits in one line of an area.
pub fn highlight_line(painter: &mut Painter<'_>, finder: &Finder, area: Rect) {
    let (text, columns) = painter.row_text(area);
    for hit in finder.text_hits(&text, MAX_HITS) {
        let ends = columns.get(hit.start).zip(columns.get(hit.end.saturating_sub(1)));
        if let Some((first, last)) = ends {
            painter.tint(Rect { x: *first, width: last - first + 1, ..area }, Role::Match);
        }
    }
}

/// Marks the hits in the rows of a document, those that go over the end of a line, too.
pub fn highlight_document(painter: &mut Painter<'_>, finder: &Finder, area: Rect) {
    for cut in [LineJoin::Space, LineJoin::Empty] {
        let running = flowed_rows(painter, area, cut);
        for hit in running.hit_positions(finder, MAX_HITS) {
            for (x, y) in hit {
                painter.tint(Rect::new(*x, *y, 1, 1), Role::Match);
            }
        }
    }
}

/// The rows of an area as running text; `cut` is what stands after a full one.
fn flowed_rows(painter: &Painter<'_>, area: Rect, cut: LineJoin) -> FlowedText<(u16, u16)> {
    let mut running = FlowedText::default();
    let mut glue = LineJoin::Break;
    for y in area.top()..area.bottom() {
        let (text, columns) = painter.row_text(Rect { y, height: 1, ..area });
        let is_body = text.starts_with('▏');
        let skipped = if is_body { "▏".len() + GUTTER_WIDTH - 1 } else { 0 };
        let body = text.get(skipped..).unwrap_or_default();
        let is_blank = body.trim().is_empty();
        let places = columns.iter().skip(skipped).map(|x| (*x, y));
        running.push(body, places, if is_body && !is_blank { glue } else { LineJoin::Break });
        let end = columns.get((skipped + body.trim_end().len()).saturating_sub(1));
        let is_full = end.is_some_and(|end| end + 2 >= area.right());
        glue = match (is_blank || !is_body, is_full) {
            (true, _) => LineJoin::Break,
            (false, true) => cut,
            (false, false) => LineJoin::Space,
        };
    }
    running
}
