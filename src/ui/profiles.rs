//! The list of profiles over the panes. The twin of `app/profiles`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::profiles::Choice;
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::page;
use crate::ui::paint::{Painter, Pen};

/// In fewer columns than this where a profile leads stands alone, without where its key is.
const NARROW: usize = 50;

/// Draws the list.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let footer = "enter uses it   esc closes";
    let framed = page::frame(app, painter, "Profiles", footer).and_then(|_| app.chooser());
    let Some(chooser) = framed else { return };
    for (cells, index) in chooser.rows() {
        let Some(choice) = app.prefs.profiles.choices.get(index) else { continue };
        entry(app, painter, cells, choice);
        if index == chooser.selected {
            painter.tint(cells, Role::Selected);
        }
    }
}

fn entry(app: &App, painter: &mut Painter<'_>, area: Rect, choice: &Choice) {
    let mut pen = Pen::at(area, 0);
    let in_use = app.prefs.profiles.in_use(choice.service) == Some(choice.name.as_str());
    painter.word(&mut pen, if in_use { "● " } else { "  " }, Role::Accent);
    let names = app.prefs.profiles.names().map(width::columns).max().unwrap_or(0).min(24);
    column(painter, &mut pen, &choice.name, names, Role::Strong);
    column(painter, &mut pen, choice.service, 7, Role::Dim);
    let account = choice.account.iter().map(|account| format!("  account {account}"));
    let place = account.fold(choice.place.clone(), |place, account| place + &account);
    let room = pen.room();
    if room < NARROW {
        let host = place.split_once("://").map_or(place.as_str(), |(_, host)| host);
        return column(painter, &mut pen, host, room, Role::Text);
    }
    column(painter, &mut pen, &place, (room - 2) * 3 / 5, Role::Text);
    let rest = pen.room();
    column(painter, &mut pen, &format!("key: {}", choice.key), rest, Role::Dim);
}

fn column(painter: &mut Painter<'_>, pen: &mut Pen, text: &str, columns: usize, role: Role) {
    let safe = Safe::line(text);
    let (cut, _) = width::ellipsis(safe.as_str(), columns);
    painter.word(pen, &width::pad_right(&cut, columns), role);
    painter.word(pen, "  ", Role::Text);
}
