//! Decides whether a text is a table with separators. Prose, code, logs and Markdown also have commas. In doubt, a text is
//! not a table, because drawing it as one would lose its separators and spaces.

use super::csv::{RawCell, read_rows};
use super::{Table, is_number};

/// The maximum number of characters in a cell without quotes; longer text is prose.
const MAX_CELL_CHARS: usize = 60;

/// Reads a table with a header and at least two rows; `None` if the text is probably something else.
pub fn delimited_table(text: &str) -> Option<Table> {
    let text = text.trim_end_matches(['\r', '\n']);
    let rows = read_rows(text)?;
    let (head, data) = rows.split_first()?;
    let is_regular = data.len() >= 2 && data.iter().all(|row| row.len() == head.len());
    let is_plausible = is_regular
        && is_header(head)
        && rows.iter().flatten().all(is_cell)
        && data.iter().all(|row| row.iter().any(|cell| !cell.text.trim().is_empty() || cell.is_quoted))
        && !data.iter().any(|row| is_markdown_rule(row))
        && has_evidence(head, data);
    let texts = |row: &[RawCell]| row.iter().map(|cell| cell.text.trim().to_owned()).collect::<Vec<_>>();
    is_plausible.then(|| Table {
        head: texts(head),
        rows: data.iter().map(|row| texts(row)).collect(),
        align: Vec::new(),
    })
}

/// Returns whether cells can be column names: none is empty (except the first, over row names), all differ, and numbers are
/// whole, such as years.
fn is_header(head: &[RawCell]) -> bool {
    let names: Vec<&str> = head.iter().map(|cell| cell.text.trim()).collect();
    let is_name = |name: &&str| {
        !name.starts_with(|c: char| c.is_ascii_digit()) || name.bytes().all(|byte| byte.is_ascii_digit())
    };
    let differ = (1..names.len())
        .all(|at| !names.get(..at).unwrap_or_default().contains(names.get(at).unwrap_or(&"")));
    names.len() >= 2
        && differ
        && names.iter().skip(1).all(|name| !name.is_empty())
        && names.iter().all(is_name)
        && names.iter().any(|name| name.contains(char::is_alphabetic))
}

/// Returns whether a text can be a cell: quoted, or short and without the punctuation of code or of a sentence.
fn is_cell(cell: &RawCell) -> bool {
    let text = cell.text.trim();
    cell.is_quoted
        || text.chars().count() <= MAX_CELL_CHARS
            && has_balanced_brackets(text)
            && !text.contains(['"', '\n', '\t', '`'])
            && !text.ends_with([':', ';', '{', '\\'])
            && !text.contains(". ")
}

fn has_balanced_brackets(text: &str) -> bool {
    let mut open = Vec::new();
    text.chars().all(|c| match c {
        '(' | '[' | '{' | '<' => {
            // A single `<` is a comparison.
            if c != '<' {
                open.push(c);
            }
            true
        }
        ')' => open.pop() == Some('('),
        ']' => open.pop() == Some('['),
        '}' => open.pop() == Some('{'),
        _ => true,
    }) && open.is_empty()
}

/// Returns whether a row is the rule under the header of a Markdown table.
fn is_markdown_rule(row: &[RawCell]) -> bool {
    row.iter().all(|cell| {
        let text = cell.text.trim();
        text.contains('-') && text.bytes().all(|byte| matches!(byte, b'-' | b':'))
    })
}

/// Returns whether there is evidence of rows rather than lines of prose or code: a column of values under a name, or
/// quotes, or names and cells without a space after the separator.
fn has_evidence(head: &[RawCell], data: &[Vec<RawCell>]) -> bool {
    let is_column_of_values = |at: usize, name: &RawCell| {
        let mut cells = data.iter().filter_map(|row| row.get(at)).map(|cell| cell.text.trim()).peekable();
        !is_value(name.text.trim())
            && cells.any(is_value)
            && data.iter().all(|row| {
                row.get(at).is_some_and(|cell| {
                    matches!(cell.text.trim(), "" | "-" | "null" | "NULL" | "None" | "NaN")
                        || is_value(cell.text.trim())
                })
            })
    };
    let is_single_word = |cell: &RawCell| {
        let text = &cell.text;
        !text.is_empty()
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '%' | '#'))
    };
    let is_tight = |cell: &RawCell| cell.text == cell.text.trim();
    let all_cells = || head.iter().chain(data.iter().flatten());
    let is_spaced = all_cells().any(|cell| !is_tight(cell) && !cell.is_quoted);
    head.iter().enumerate().any(|(at, name)| is_column_of_values(at, name))
        || data.iter().flatten().any(|cell| cell.is_quoted)
        || !is_spaced && (head.iter().all(is_single_word) || head.len() >= 3)
}

/// Returns whether a text is a number, a date, a time or a truth value.
fn is_value(text: &str) -> bool {
    let is_time = text.starts_with(|c: char| c.is_ascii_digit())
        && text.len() >= 5
        && text.bytes().all(|byte| {
            byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z' | b' ' | b'/' | b'+')
        });
    is_number(text) || is_time || matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Option<(usize, usize)> {
        delimited_table(text).map(|table| (table.head.len(), table.rows.len()))
    }

    #[test]
    fn tables_are_recognized() {
        for (text, expected) in [
            ("month,revenue\n2026-05,377145.90\n2026-06,1\n", (2, 2)),
            ("name;city\nBob;Paris\nEve;Rome\n\n", (2, 2)),
            (",a,b\n0,x,1\n1,y,2", (3, 2)),
            ("id|name\n1|Ann Lee\n2|Bob", (2, 2)),
            ("id, name\r\n1, Ann\r\n2, Bob\r\n", (2, 2)),
            ("Full Name,Note\nAnn,\"a, b. c: d;\"\nBob,\"x\ny\"", (2, 2)),
            ("a\tb\tc\nx y\t\tz\nw\tv\tu", (3, 2)),
            ("region,2024,2025\nnorth,1.5,-\nsouth,2,3", (3, 2)),
        ] {
            assert_eq!(shape(text), Some(expected), "{text}");
        }
        let table = delimited_table("id, \"x;\"\"y\"\"\"\n1, 2\n3, 4").unwrap();
        assert_eq!(table.head, ["id", "x;\"y\""]);
    }

    #[test]
    fn prose_code_logs_and_markup_are_not_tables() {
        for text in [
            "a,b\n1,2",
            "Error: connection refused; retrying in 5 s",
            "Paris, France\nBerlin, Germany\nRome, Italy\n",
            "Dear Sir,\nyours, truly\nand, again",
            "PATH=/usr/bin:/bin; export PATH;\nLANG=C; export LANG;\nX=1; export X;",
            "import os,sys\nimport re,json\nimport io,abc",
            "f(a,b)\ng(c,d)\nh(e,f)",
            "{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n{\"a\":5,\"b\":6}",
            "[1,2]\n[3,4]\n[5,6]",
            "2026-01-02 12:00:01,123 INFO a\n2026-01-02 12:00:02,456 INFO b\n2026-01-02 12:00:03,789 INFO c",
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "a | b\n---|---\n1 | 2\n3 | 4",
            "\tx = 1\n\ty = 2\n\tz = 3",
            "total 8\ndrwxr-xr-x\t2 root\t4096 .\ndrwxr-xr-x\t9 root\t4096 ..",
            "a,b\n1,2\n3,4\n\n3 rows",
            "x = 1; y = 2;\nx = 2; y = 3;\nx = 3; y = 4;",
            "1,234\n5,678\n9,012",
            "He came,saw. And then\nhe,left. So\nit,goes. On",
            "",
        ] {
            assert_eq!(shape(text), None, "{text}");
        }
    }
}
