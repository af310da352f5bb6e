//! CSV as RFC 4180 has it, with lines that end in a newline alone. Cells that a spreadsheet would take for a formula are
//! defused with an apostrophe; control characters are shown, not kept.

use std::io::{self, Write};

use super::{Cell, Row};
use crate::text::Safe;

/// Writes the names of the columns.
///
/// # Errors
/// Those of `out`.
pub fn head(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    writeln!(out, "{}", names.join(","))
}

/// Writes the values of a row.
///
/// # Errors
/// Those of `out`.
pub fn row(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    for (at, (_, cell)) in row.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Text(text) => out.write_all(quoted(text).as_bytes())?,
            Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Bool(_) | Cell::Time(_) => {
                out.write_all(cell.plain().as_bytes())?;
            }
        }
    }
    out.write_all(b"\n")
}

fn quoted(text: &str) -> String {
    // The gate turns a tab at the start into blanks and a return into a picture, so it is asked before.
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let gated = Safe::text(text);
    let formula = formula || gated.trim_start().starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{gated}") } else { gated.into_string() };
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

    fn line(texts: &[&str]) -> String {
        let cells: Row = texts.iter().map(|text| ("c", Cell::text(*text))).collect();
        let mut out = Vec::new();
        row(&mut out, &cells).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formulas_are_defused_and_quotes_doubled() {
        assert_eq!(line(&["=1+1", "a\"b", "x,y", "plain", ""]), "\"'=1+1\",\"a\"\"b\",\"x,y\",plain,\n");
        for start in ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\u{200b}="] {
            let cell = line(&[&format!("{start}cmd()")]);
            assert!(cell.starts_with("\"'"), "{cell}");
        }
    }

    #[test]
    fn numbers_below_zero_stay_numbers() {
        let mut out = Vec::new();
        row(&mut out, &vec![("a", Cell::Int(-3)), ("b", Cell::Null), ("c", Cell::Float(-0.5))]).unwrap();
        assert_eq!(out, b"-3,,-0.5\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(texts in proptest::collection::vec("(.|[\"',\n=+@\t-])*", 2..5)) {
            let names: Row = texts.iter().map(|_| ("n", Cell::Null)).collect();
            let mut out = Vec::new();
            head(&mut out, &names).unwrap();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut whole = String::from_utf8(out).unwrap();
            whole.push_str(&line(&texts));
            let read = csv_table(&whole).unwrap();
            let rows: Vec<Vec<String>> = read.rows;
            prop_assert!(rows.len() <= 1, "{:?}", rows);
            for row in rows {
                prop_assert_eq!(row.len(), texts.len());
                for (cell, text) in row.iter().zip(&texts) {
                    let wanted = Safe::text(text);
                    prop_assert_eq!(cell.strip_prefix('\'').filter(|_| *cell != *wanted).unwrap_or(cell), wanted.as_str());
                }
            }
        }
    }
}
