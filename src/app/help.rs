//! The rows of the help page, from the action table and the current keymap. Long texts continue in the next rows. Drawn
//! by `ui/help`.

use crate::action::{ACTION_TABLE, Group};
use crate::keymap::Keymap;
use crate::text::{width, wrap_styled};
use crate::theme::Role;

/// A row of the help page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpRow {
    Heading(&'static str),
    /// Keys, padded to their column, and their help text; either can continue in the next row.
    Action {
        keys: String,
        help: String,
    },
    Blank,
}

/// The maximum width of the page, with its border.
pub const MAX_WIDTH: u16 = 78;
/// The maximum width of the keys column.
const MAX_KEYS_WIDTH: usize = 23;
/// In fewer columns, help texts are placed below their keys.
const MIN_TWO_COLUMN_WIDTH: usize = 40;

/// All rows, by group, for this width.
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
    rows.extend([HelpRow::Blank, HelpRow::Heading("Symbols")]);
    for (symbol, meaning) in SYMBOLS {
        push_action(&mut rows, symbol, meaning, columns);
    }
    rows
}

/// The symbols in the panes, and their meanings.
const SYMBOLS: [(&str, &str); 9] = [
    ("✗  !  ⊘", "failed, has a failed span, cancelled"),
    ("▲  ▼  ◆", "positive, negative or other feedback"),
    ("▦  ⚙", "has tables or charts, uses tools"),
    ("•", "on the critical path: the end of the turn waited for this span"),
    ("░", "untraced time"),
    ("╵", "a span of almost no duration"),
    ("▸ at the edge", "an unfinished span"),
    ("‹  ›", "a span before or after the visible time range"),
    ("/3", "number of search hits"),
];

fn push_action(rows: &mut Vec<HelpRow>, keys: &str, help: &str, columns: usize) {
    let wrapped = |text: &str, columns: usize| -> Vec<String> {
        wrap_styled(text, columns.max(1), Role::Text).iter().map(|line| line.plain_text()).collect()
    };
    if columns < MIN_TWO_COLUMN_WIDTH {
        let keys = wrapped(keys, columns).into_iter().map(|keys| (keys, String::new()));
        let help = wrapped(help, columns.saturating_sub(2)).into_iter().map(|help| ("  ".to_owned(), help));
        rows.extend(keys.chain(help).map(|(keys, help)| HelpRow::Action { keys, help }));
        return;
    }
    let column = MAX_KEYS_WIDTH.min(columns / 2);
    let (keys, help) = (wrapped(keys, column - 1), wrapped(help, columns - column));
    for line in 0..keys.len().max(help.len()) {
        let keys = width::pad_right(keys.get(line).map_or("", String::as_str), column);
        rows.push(HelpRow::Action { keys, help: help.get(line).cloned().unwrap_or_default() });
    }
}

/// Joins the keys of an action; a long list such as `z 1, z 2 … z 9` becomes a range.
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
            let mut text = String::new();
            for row in &rows {
                if let HelpRow::Action { keys, help } = row {
                    assert!(
                        width::columns(keys) + width::columns(help) <= columns.max(3),
                        "{columns}: {row:?}"
                    );
                    text.push_str(help);
                }
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let text = letters(&text);
            for row in ACTION_TABLE {
                assert!(text.contains(&letters(row.help)), "{columns}: {}", row.name);
            }
        }
    }
}
