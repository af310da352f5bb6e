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
            Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Time(_) => {
                out.write_all(cell.to_plain_text().as_bytes())?;
            }
        }
    }
    out.write_all(b"\n")
}

fn escape_cell(text: &str) -> String {
    // Checked before and after sanitizing, which replaces a leading tab or carriage return.
    let safe = Safe::text(text);
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r'])
        || safe.trim_start().starts_with(['=', '+', '-', '@']);
    let text = if is_formula { format!("'{safe}") } else { safe.into_string() };
    if text.contains(['"', ',', '\n', '\'']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::table::csv_table;

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
            let read = csv_table(&whole).unwrap();
            let rows: Vec<Vec<String>> = read.rows;
            prop_assert!(rows.len() <= 1, "{:?}", rows);
            for row in rows {
                prop_assert_eq!(row.len(), texts.len());
                for (cell, text) in row.iter().zip(&texts) {
                    let expected = Safe::text(text);
                    prop_assert_eq!(cell.strip_prefix('\'').filter(|_| *cell != *expected).unwrap_or(cell), expected.as_str());
                }
            }
        }
    }
}
