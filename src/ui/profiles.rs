//! The list of profiles over the panes.

use ratatui::layout::Rect;

use crate::app::App;
use crate::config::ProfileChoice;
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// The minimum width of a row that shows the source of a profile's key besides the host.
const MIN_KEY_COLUMNS: usize = 50;

/// Draws the list.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let inside = overlay::draw(app, painter, "Profiles", "enter use   esc close");
    let Some(list) = inside.and_then(|_| app.overlay_list()) else { return };
    for (cells, index) in list.rows() {
        let Some(choice) = app.prefs.profiles.choices.get(index) else { continue };
        draw_entry(app, painter, cells, choice);
        if index == list.selected {
            painter.select(cells, true);
        }
    }
}

fn draw_entry(app: &App, painter: &mut Painter<'_>, area: Rect, choice: &ProfileChoice) {
    let mut pen = Pen::at(area, 0);
    let is_active = app.prefs.profiles.active_profile(choice.service) == Some(choice.name.as_str());
    painter.write(&mut pen, if is_active { " ● " } else { "   " }, Role::Accent);
    let names = app.prefs.profiles.names().map(width::columns).max().unwrap_or(0).min(24);
    draw_column(painter, &mut pen, &choice.name, names, Role::Strong);
    draw_column(painter, &mut pen, choice.service, 7, Role::Dim);
    let account = choice.account.iter().map(|account| format!("  account {account}"));
    let target = account.fold(choice.base_url.clone(), |target, account| target + &account);
    let columns = pen.columns_left();
    if columns < MIN_KEY_COLUMNS {
        let host = target.split_once("://").map_or(target.as_str(), |(_, host)| host);
        return draw_column(painter, &mut pen, host, columns, Role::Text);
    }
    draw_column(painter, &mut pen, &target, (columns - 2) * 3 / 5, Role::Text);
    let rest = pen.columns_left();
    draw_column(painter, &mut pen, &format!("key: {}", choice.key_source), rest, Role::Dim);
}

fn draw_column(painter: &mut Painter<'_>, pen: &mut Pen, text: &str, columns: usize, role: Role) {
    let safe = Safe::line(text);
    let (cut, _) = width::ellipsize(safe.as_str(), columns);
    painter.write(pen, &width::pad_right(&cut, columns), role);
    painter.write(pen, "  ", Role::Text);
}
