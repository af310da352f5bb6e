//! The help page as rows, drawn from the action table and the key map as it is.

use crate::action::{Group, TABLE};
use crate::keymap::Keymap;

/// A row of the help page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpRow {
    Heading(&'static str),
    Action { keys: String, help: &'static str, name: &'static str },
    Blank,
}

/// All rows, grouped.
pub fn rows(keymap: &Keymap) -> Vec<HelpRow> {
    let mut rows = Vec::new();
    for group in Group::ALL {
        let mut members = TABLE.iter().filter(|row| row.group == group).peekable();
        if members.peek().is_none() {
            continue;
        }
        if !rows.is_empty() {
            rows.push(HelpRow::Blank);
        }
        rows.push(HelpRow::Heading(group.title()));
        rows.extend(members.map(|row| HelpRow::Action {
            keys: keys_in_short(&keymap.keys_of(row.action)),
            help: row.help,
            name: row.name,
        }));
    }
    rows
}

/// `z 1, z 2 … z 9` is one entry.
fn keys_in_short(keys: &[String]) -> String {
    match keys {
        [first, .., last] if keys.len() > 4 => format!("{first} … {last}"),
        _ => keys.join("  "),
    }
}
