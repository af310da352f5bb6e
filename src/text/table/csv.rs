//! Rows of comma-separated text, as in RFC 4180 and as found in practice: one of four separators, quotes anywhere,
//! a missing final newline or quote.

/// Returns the most frequent separator of the first line, outside quotes.
fn detect_separator(line: &str) -> Option<char> {
    let count = |c: char| line.split('"').step_by(2).map(|part| part.matches(c).count()).sum::<usize>();
    [',', ';', '\t', '|'].into_iter().rev().max_by_key(|c| count(*c)).filter(|c| count(*c) > 0)
}

/// One cell, verbatim.
pub(super) struct RawCell {
    pub text: String,
    /// Whether all of it was in quotes.
    pub is_quoted: bool,
}

/// Reads all rows, the header among them; `None` if the first line has no separator.
pub(super) fn read_rows(text: &str) -> Option<Vec<Vec<RawCell>>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = detect_separator(text.lines().next()?)?;
    let mut reader = Reader { rest: text, separator };
    let mut rows = Vec::new();
    while !reader.rest.is_empty() {
        let mut row = Vec::new();
        loop {
            let before = reader.rest;
            let (text, ends_row) = reader.read_cell();
            let written = before.get(..before.len() - reader.rest.len()).unwrap_or_default();
            let written = written.trim_end_matches(['\r', '\n', separator]).trim_matches(' ');
            row.push(match quoted_content(written) {
                Some(content) => RawCell { text: content, is_quoted: true },
                None => RawCell { text, is_quoted: false },
            });
            if ends_row {
                break;
            }
        }
        rows.push(row);
    }
    Some(rows)
}

/// Returns the content of a cell that begins and ends with a quote, with each quote inside doubled.
fn quoted_content(written: &str) -> Option<String> {
    let inner = written.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.replace("\"\"", "").contains('"')).then(|| inner.replace("\"\"", "\""))
}

struct Reader<'a> {
    rest: &'a str,
    separator: char,
}

impl Reader<'_> {
    /// Reads one cell, and returns whether its row ends with it.
    fn read_cell(&mut self) -> (String, bool) {
        let mut cell = String::new();
        let mut quoted = false;
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            let after = chars.as_str();
            match c {
                '"' if quoted && after.starts_with('"') => {
                    cell.push('"');
                    chars.next();
                }
                '"' if quoted || cell.is_empty() => quoted = !quoted,
                '\n' if !quoted => {
                    self.rest = after;
                    return (cell.trim_end_matches('\r').to_owned(), true);
                }
                c if c == self.separator && !quoted => {
                    self.rest = after;
                    return (cell, false);
                }
                c => cell.push(c),
            }
        }
        self.rest = "";
        (cell, true)
    }
}
