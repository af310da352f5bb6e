//! The help page as rows, drawn from the action table and the key map as it is. What does not fit beside its keys goes on
//! in the next rows.

use crate::action::{ACTION_TABLE, Group};
use crate::keymap::Keymap;
use crate::text::{width, wrap_styled};
use crate::theme::Role;

/// A row of the help page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpRow {
    Heading(&'static str),
    /// Keys, filled up to their column, and what they do; either may go on in the next row.
    Action {
        keys: String,
        help: String,
    },
    Blank,
}

/// Columns of the page at most, with its border.
pub const MAX_WIDTH: u16 = 78;
/// Columns of the keys at most.
const MAX_KEYS_WIDTH: usize = 23;
/// In fewer columns than this what keys do stands below them.
const MIN_TWO_COLUMN_WIDTH: usize = 40;

/// All rows, grouped, for so many columns.
pub fn rows(keymap: &Keymap, columns: usize) -> Vec<HelpRow> {
    let mut rows = Vec::new();
    for &group in Group::ALL {
        let mut members = ACTION_TABLE.iter().filter(|row| row.group == group).peekable();
        if members.peek().is_none() {
            continue;
        }
        if !rows.is_empty() {
            rows.push(HelpRow::Blank);
        }
        rows.push(HelpRow::Heading(group.title()));
        for row in members {
            push_action(&mut rows, &abbreviate_keys(&keymap.keys_of(row.action)), row.help, columns);
        }
    }
    rows.extend([HelpRow::Blank, HelpRow::Heading("Signs")]);
    for (sign, meaning) in SYMBOLS {
        push_action(&mut rows, sign, meaning, columns);
    }
    rows
}

/// What signs in the panes mean.
const SYMBOLS: [(&str, &str); 9] = [
    ("✗  !  ⊘", "failed, failed inside, cancelled"),
    ("▲  ▼  ◆", "a thumb up, a thumb down, other feedback"),
    ("▦  ⚙", "has tables or charts, uses tools"),
    ("•", "on the critical path: the end of the turn waited for this span"),
    ("░", "time that no span tells of"),
    ("╵", "a span that took next to no time"),
    ("▸ at the edge", "a span that did not end"),
    ("‹  ›", "a span before or after the time that is shown"),
    ("/3", "so many hits of the search"),
];

fn push_action(rows: &mut Vec<HelpRow>, keys: &str, help: &str, columns: usize) {
    let wrapped = |text: &str, room: usize| -> Vec<String> {
        wrap_styled(text, room.max(1), Role::Text).iter().map(|line| line.plain_text()).collect()
    };
    if columns < MIN_TWO_COLUMN_WIDTH {
        let keys = wrapped(keys, columns).into_iter().map(|keys| (keys, String::new()));
        let help = wrapped(help, columns.saturating_sub(2)).into_iter().map(|help| ("  ".to_owned(), help));
        rows.extend(keys.chain(help).map(|(keys, help)| HelpRow::Action { keys, help }));
        return;
    }
    let column = MAX_KEYS_WIDTH.min(columns / 2);
    let (keys, help) = (wrapped(keys, column - 1), wrapped(help, columns - column));
    for at in 0..keys.len().max(help.len()) {
        let keys = width::pad_right(keys.get(at).map_or("", String::as_str), column);
        rows.push(HelpRow::Action { keys, help: help.get(at).cloned().unwrap_or_default() });
    }
}

/// `z 1, z 2 … z 9` is one entry.
fn abbreviate_keys(keys: &[String]) -> String {
    match keys {
        [first, .., last] if keys.len() > 4 => format!("{first} … {last}"),
        _ => keys.join("  "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_help_text_is_complete_at_every_width() {
        for columns in [1, 8, 20, 36, 39, 40, 74, 200] {
            let rows = rows(&Keymap::default(), columns);
            let mut said = String::new();
            for row in &rows {
                if let HelpRow::Action { keys, help } = row {
                    assert!(
                        width::columns(keys) + width::columns(help) <= columns.max(3),
                        "{columns}: {row:?}"
                    );
                    said.push_str(help);
                }
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let said = letters(&said);
            for row in ACTION_TABLE {
                assert!(said.contains(&letters(row.help)), "{columns}: {}", row.name);
            }
        }
    }
}
