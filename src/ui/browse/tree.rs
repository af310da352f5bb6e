//! The tree: services, applications and variants with their counts.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::browse::tree::TreeNode;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::view::thread_table::beginning;

/// Draws the tree.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let context = app.browse_context();
    let tree = app.browse.tree_in_view(&context);
    for (cells, row) in tree.rows() {
        let Some(node) = app.browse.tree.get(row) else { continue };
        draw_node(painter, cells, node);
        if row == tree.selected {
            painter.select(cells, app.browse.has_tree_focus(&context));
        }
    }
}

fn draw_node(painter: &mut Painter<'_>, area: Rect, node: &TreeNode) {
    let mut pen = Pen::between(area.x + 1 + 2 * node.depth, area.right().saturating_sub(1), area.y);
    let (count, count_role) = match (&node.refusal, node.count) {
        (Some(_), _) => ("⊘".to_owned(), Role::Error),
        (None, Some(count)) => (number::count(count), Role::Dim),
        (None, None) => ("?".to_owned(), Role::Dim),
    };
    painter.write_right(&mut pen, &format!(" {count}"), count_role);
    let role = match (&node.refusal, node.depth) {
        (Some(_), _) => Role::Error,
        (None, 0) => Role::Strong,
        (None, _) => Role::Text,
    };
    let label = Safe::line(beginning(&node.label));
    let (cut, _) = width::ellipsize(label.as_str(), pen.columns_left());
    painter.write(&mut pen, &cut, role);
}
