//! Search highlights: a style over painted cells, so that they look the same in every pane. In wrapped text a hit can
//! continue in the next line.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::Tab;
use crate::app::detail::payload::PayloadView;
use crate::search::Finder;
use crate::theme::Role;
use crate::ui::detail::Gutter;
use crate::ui::painter::Painter;
use crate::view::flowed_text::{FlowedText, LineJoin};
use crate::view::message::GUTTER_WIDTH;

/// The maximum number of highlighted hits in one line or text.
const MAX_HITS: usize = 500;

/// Highlights the hits in both panes.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(search) = &app.search else { return };
    let frame = app.screen.frame();
    for area in [frame.messages.inner, frame.detail.inner] {
        for y in area.top()..area.bottom() {
            highlight_line(painter, &search.finder, Rect { y, height: 1, ..area });
        }
    }
    let texts = match app.detail.tab {
        Tab::Message | Tab::Metadata => frame.detail.inner,
        Tab::Feedback => app.shown().feedback_areas().turn,
        Tab::Spans if matches!(app.shown().payload(), PayloadView::Formatted(_)) => {
            app.shown().spans_areas().payload
        }
        Tab::Spans | Tab::Raw => return,
    };
    highlight_document(painter, &search.finder, Gutter::of(app), texts);
}

/// Highlights the hits in one line of an area.
pub fn highlight_line(painter: &mut Painter<'_>, finder: &Finder, area: Rect) {
    let (text, columns) = painter.row_text(area);
    for hit in finder.text_hits(&text, MAX_HITS) {
        let ends = columns.get(hit.start).zip(columns.get(hit.end.saturating_sub(1)));
        if let Some((first, last)) = ends {
            painter.tint(Rect { x: *first, width: last - first + 1, ..area }, Role::Match);
        }
    }
}

/// Highlights the hits in the rows of a document, including those that continue in the next line.
pub fn highlight_document(painter: &mut Painter<'_>, finder: &Finder, gutter: Gutter, area: Rect) {
    let joins = [LineJoin::Space, LineJoin::Empty, LineJoin::Break];
    // Line breaks are only relevant for regular expressions.
    for join in joins.into_iter().take(if finder.is_regex() { 3 } else { 2 }) {
        let text = flowed_rows(painter, gutter, area, join);
        for hit in text.hit_positions(finder, MAX_HITS) {
            for (x, y) in hit {
                painter.tint(Rect::new(*x, *y, 1, 1), Role::Match);
            }
        }
    }
}

/// Returns the rows of an area as flowed text; `full_join` joins a full row with the next one.
fn flowed_rows(
    painter: &Painter<'_>,
    gutter: Gutter,
    area: Rect,
    full_join: LineJoin,
) -> FlowedText<(u16, u16)> {
    let mut flowed = FlowedText::default();
    let mut join = LineJoin::Break;
    for y in area.top()..area.bottom() {
        let (text, columns) = painter.row_text(Rect { y, height: 1, ..area });
        // The first row of a speaker has a symbol instead of the bar.
        let symbol = text.chars().next().filter(|c| "▏›●⚙§◌▲▼◆".contains(*c));
        let is_body = symbol.is_some() || gutter == Gutter::Hidden;
        let skipped = symbol.map_or(0, |symbol| symbol.len_utf8() + GUTTER_WIDTH - 1);
        let body = text.get(skipped..).unwrap_or_default();
        let is_blank = body.trim().is_empty();
        let positions = columns.iter().skip(skipped).map(|x| (*x, y));
        flowed.push(body, positions, if is_body && !is_blank { join } else { LineJoin::Break });
        let end = columns.get((skipped + body.trim_end().len()).saturating_sub(1));
        let is_full = full_join == LineJoin::Break || end.is_some_and(|end| end + 2 >= area.right());
        join = match (is_blank || !is_body, is_full) {
            (true, _) => LineJoin::Break,
            (false, true) => full_join,
            (false, false) => LineJoin::Space,
        };
    }
    flowed
}
