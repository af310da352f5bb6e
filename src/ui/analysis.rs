//! The analysis of the whole thread: a chart of the turns in buckets, and rows of statistics.

mod chart;
mod table;

use crate::app::{App, Overlay, analysis};
use crate::theme::Role;
use crate::ui::analysis::table::TableLayout;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// Draws the page.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let whole = app.current_analysis().map(|analysis| &analysis.timeline.whole);
    let mut footer = "enter go there   jk row   hl turns".to_owned();
    if whole.is_some_and(|whole| whole.failed > 0) {
        footer.push_str("   ]e failed");
    }
    if whole.is_some_and(|whole| whole.negative > 0) {
        footer.push_str("   ]d negative");
    }
    footer.push_str("   esc close");
    let Some(inside) = overlay::draw(app, painter, "Thread analysis", &footer) else { return };
    let (Some(Overlay::Analysis(page)), Some(analysis), Some(list)) =
        (&app.overlay, app.current_analysis(), app.overlay_list())
    else {
        painter.write(&mut Pen::at(inside, 0), "Analysing the thread …", Role::Dim);
        return;
    };
    let areas = analysis::areas(inside);
    chart::draw(app, painter, &areas, analysis, page);
    if list.len == 0 {
        painter.write(&mut Pen::at(areas.rows, 0), "This thread has no spans and no tool calls", Role::Dim);
        return;
    }
    let table = TableLayout::fit(analysis, usize::from(inside.width));
    table.draw_heading(painter, areas.heading, if analysis.has_spans { " operation" } else { " step" });
    for (cells, index) in list.rows() {
        let Some(row) = analysis::row_at(analysis, index) else { continue };
        table.draw_row(painter, cells, analysis, row);
        if index == list.selected {
            painter.select(cells, !page.is_on_chart);
        }
    }
}
