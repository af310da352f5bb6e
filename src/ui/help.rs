//! The help page over the panes.

use crate::app::App;
use crate::app::help::{HelpRow, rows};
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// Draws the page; `offset` is its first row in view.
pub fn draw(app: &App, painter: &mut Painter<'_>, offset: usize) {
    let Some(inside) = overlay::draw(app, painter, "Keys", "j k scroll   esc close") else { return };
    let all = rows(&app.prefs.keymap, usize::from(inside.width));
    let page = usize::from(inside.height);
    let offset = offset.min(all.len().saturating_sub(page));
    for (row, entry) in (0..inside.height).zip(all.iter().skip(offset)) {
        let mut pen = Pen::at(inside, row);
        match entry {
            HelpRow::Blank => {}
            HelpRow::Heading(title) => painter.write(&mut pen, title, Role::Heading),
            HelpRow::Action { keys, help } => {
                painter.write(&mut pen, keys, Role::Hint);
                painter.write(&mut pen, help, Role::Text);
            }
        }
    }
}
