//! CSV as in RFC 4180, but with `\n` line ends. Cells that a spreadsheet would treat as a formula get a leading
//! apostrophe; control characters are replaced by visible ones.

use std::io::{self, Write};

use super::{Cell, Row};
use crate::text::Safe;

/// Writes the column names.
///
/// # Errors
/// The errors of `out`.
pub fn write_csv_header(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    writeln!(out, "{}", names.join(","))
}

/// Writes the values of a row.
///
/// # Errors
/// The errors of `out`.
pub fn write_csv_row(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    for (index, (_, cell)) in row.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Text(text) => out.write_all(escape_cell(text).as_bytes())?,
            Cell::Null | Cell::Bool(_) | Cell::Int(_) | Cell::Float(_) | Cell::Time(_) => {
                out.write_all(cell.to_plain_text().as_bytes())?;
            }
        }
    }
    out.write_all(b"\n")
}

/// Writes the byte order mark, by which Excel recognizes UTF-8.
///
/// # Errors
/// The errors of `out`.
pub fn write_byte_order_mark(out: &mut dyn Write) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())
}

fn escape_cell(text: &str) -> String {
    let text = defuse(text);
    if text.contains(['"', ',', '\n', '\'', ';']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Sanitizes text, and puts an apostrophe before anything that a spreadsheet would evaluate.
fn defuse(text: &str) -> String {
    // Before and after sanitizing, which replaces tabs and removes invisible characters.
    let safe = Safe::text(&defuse_inside(text)).into_string();
    let is_formula = |text: &str| text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let starts_with_formula =
        is_formula(text) || text.starts_with(['\t', '\r']) || is_formula(Safe::text(text).trim_start());
    let safe = defuse_inside(&safe);
    if starts_with_formula { format!("'{safe}") } else { safe }
}

/// Puts an apostrophe before formulas after characters that begin a cell for programs with another separator.
fn defuse_inside(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut start = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_formula = match c {
            '=' | '@' | '＝' | '＠' => start.is_some(),
            // At the start of a line, an operator before a space is a list item.
            '+' | '-' | '＋' | '－' => match start {
                Some(CellStart::Separator) => true,
                Some(CellStart::Line) => chars.peek().is_some_and(|next| !next.is_whitespace()),
                None => false,
            },
            _ => false,
        };
        if is_formula {
            out.push('\'');
        }
        out.push(c);
        start = match c {
            ';' | '\t' => Some(CellStart::Separator),
            '\n' | '\r' => Some(CellStart::Line),
            _ => start.filter(|_| c.is_whitespace() || c == '"'),
        };
    }
    out
}

/// The reason why a cell may begin at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CellStart {
    /// After a separator.
    Separator,
    /// After the end of a line.
    Line,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn csv_line(texts: &[&str]) -> String {
        let cells: Row = texts.iter().map(|text| ("c", Cell::text(*text))).collect();
        let mut out = Vec::new();
        write_csv_row(&mut out, &cells).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_formulas_and_quotes() {
        assert_eq!(csv_line(&["=1+1", "a\"b", "x,y", "plain", ""]), "\"'=1+1\",\"a\"\"b\",\"x,y\",plain,\n");
        for start in ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\u{200b}="] {
            let cell = csv_line(&[&format!("{start}cmd()")]);
            assert!(cell.starts_with("\"'"), "{cell}");
        }
    }

    #[test]
    fn formulas_after_other_separators_are_defused() {
        for (text, expected) in [
            ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
            ("a; \"@x", "a; \"'@x"),
            ("a\t-1", "a   '-1"),
            ("＝1＋1", "'＝1＋1"),
            ("a;－1;＠b;＋c", "a;'－1;'＠b;'＋c"),
            ("a\n=1\n- item\n-2", "a\n'=1\n- item\n'-2"),
            ("a=b; c-d", "a=b; c-d"),
        ] {
            let line = csv_line(&[text]);
            assert_eq!(line, format!("\"{}\"\n", expected.replace('"', "\"\"")), "{text}");
        }
    }

    #[test]
    fn keeps_negative_numbers() {
        let mut out = Vec::new();
        write_csv_row(&mut out, &vec![("a", Cell::Int(-3)), ("b", Cell::Null), ("c", Cell::Float(-0.5))])
            .unwrap();
        assert_eq!(out, b"-3,,-0.5\n");
    }

    proptest! {
        #[test]
        fn round_trips(texts in proptest::collection::vec("(.|[\"',\n=+@\t-])*", 2..5)) {
            let names: Row = texts.iter().map(|_| ("n", Cell::Null)).collect();
            let mut out = Vec::new();
            write_csv_header(&mut out, &names).unwrap();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut whole = String::from_utf8(out).unwrap();
            whole.push_str(&csv_line(&texts));
            let mut reader = ::csv::Reader::from_reader(whole.as_bytes());
            let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(rows.len(), 1);
            for row in rows {
                prop_assert_eq!(row.len(), texts.len());
                for (cell, text) in row.iter().zip(&texts) {
                    prop_assert_eq!(cell, defuse(text));
                    // An apostrophe before a tab moves it.
                    let signs = |text: &str| text.replace(['\'', ' '], "");
                    prop_assert_eq!(signs(cell), signs(&Safe::text(text)));
                }
            }
        }
    }
}
