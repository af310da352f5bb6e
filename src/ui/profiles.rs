//! The list of profiles over the panes. The twin of `app/profiles`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::profiles::Choice;
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::page;
use crate::ui::paint::{Painter, Pen};

/// Columns of the page.
const WIDTH: u16 = 110;

/// Draws the list.
pub fn draw(app: &App, painter: &mut Painter<'_>, screen: Rect, selected: usize) {
    let choices = &app.prefs.profiles.choices;
    let rows = u16::try_from(choices.len()).unwrap_or(u16::MAX).saturating_add(4);
    let room = Rect { height: screen.height.min(rows), ..screen };
    let Some(inside) = page::frame(painter, room, WIDTH, "Profiles", " enter uses it   esc closes ") else {
        return;
    };
    let first = (selected + 1).saturating_sub(usize::from(inside.height));
    for (row, (index, choice)) in (0..inside.height).zip(choices.iter().enumerate().skip(first)) {
        let cells = Rect::new(inside.x, inside.y + row, inside.width, 1);
        entry(app, painter, cells, choice);
        if index == selected {
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
    let room = pen.room().saturating_sub(2);
    column(painter, &mut pen, &place, room * 3 / 5, Role::Text);
    let rest = pen.room();
    column(painter, &mut pen, &format!("key: {}", choice.key), rest, Role::Dim);
}

fn column(painter: &mut Painter<'_>, pen: &mut Pen, text: &str, columns: usize, role: Role) {
    let safe = Safe::line(text);
    let (cut, _) = width::ellipsis(safe.as_str(), columns);
    painter.word(pen, &width::pad_right(&cut, columns), role);
    painter.word(pen, "  ", Role::Text);
}
