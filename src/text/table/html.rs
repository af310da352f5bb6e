//! Tables from HTML: a lenient tag reader that covers plain tables only.

use super::Table;

/// Reads the first table of an HTML fragment; `None` if there is none with a cell.
pub fn html_table(html: &str) -> Option<Table> {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at_checked(at)?;
        reader.text(text);
        let (name, after) = read_tag(tag);
        reader.tag(&name);
        if reader.is_table_done {
            break;
        }
        rest = skip_raw_text(&name, after);
    }
    if !reader.is_table_done {
        reader.text(rest);
        reader.end_row();
    }
    reader.finish()
}

/// Returns the name of the tag at the start of `tag`, in lower case with its slash, and the text after the tag. The name
/// is `<` for a `<` that starts no tag.
fn read_tag(tag: &str) -> (String, &str) {
    let after_sign = tag.get(1..).unwrap_or_default();
    if let Some(comment) = after_sign.strip_prefix("!--") {
        return ("!--".to_owned(), comment.split_once("-->").map_or("", |(_, after)| after));
    }
    if !after_sign.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return ("<".to_owned(), after_sign);
    }
    let len = after_sign.bytes().take(12).skip(1).take_while(u8::is_ascii_alphanumeric).count() + 1;
    let name = after_sign.get(..len).unwrap_or_default().to_ascii_lowercase();
    let mut quote = None;
    let end = after_sign.bytes().position(|b| match (quote, b) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(b);
            false
        }
        (Some(open), b) if open == b => {
            quote = None;
            false
        }
        (None | Some(_), _) => false,
    });
    (name, end.and_then(|end| after_sign.get(end + 1..)).unwrap_or_default())
}

/// Skips the content of scripts and styles.
fn skip_raw_text<'a>(name: &str, after: &'a str) -> &'a str {
    let end = match name {
        "script" => "</script",
        "style" => "</style",
        _ => return after,
    };
    let at = after.as_bytes().windows(end.len()).position(|w| w.eq_ignore_ascii_case(end.as_bytes()));
    at.and_then(|at| after.get(at..)).unwrap_or_default()
}

#[derive(Default)]
struct Reader {
    table: Table,
    row: Vec<String>,
    cell: Option<String>,
    is_header_row: bool,
    /// The number of open tables; a table inside a cell is read as the cell's text.
    depth: usize,
    is_table_done: bool,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            for c in unescape(text).chars() {
                match c {
                    ' ' | '\t' | '\r' | '\n' if cell.is_empty() || cell.ends_with([' ', '\n']) => {}
                    ' ' | '\t' | '\r' | '\n' => cell.push(' '),
                    c => cell.push(c),
                }
            }
        }
    }

    fn tag(&mut self, name: &str) {
        match (name, self.depth) {
            ("table", _) => self.depth += 1,
            ("/table", 1) => {
                self.end_row();
                self.is_table_done = true;
            }
            ("/table", _) => self.depth = self.depth.saturating_sub(1),
            ("tr" | "/tr" | "/thead" | "/tbody", 1) => self.end_row(),
            ("td" | "th", 1) => {
                self.end_cell();
                self.is_header_row = name == "th" && (self.is_header_row || self.row.is_empty());
                self.cell = Some(String::new());
            }
            ("/td" | "/th", 1) => self.end_cell(),
            ("br" | "/p" | "/li", _) => self.push_newline(),
            ("<", _) => self.text("<"),
            _ => {}
        }
    }

    fn push_newline(&mut self) {
        if let Some(cell) = self.cell.as_mut().filter(|cell| !cell.is_empty()) {
            cell.truncate(cell.trim_end_matches(' ').len());
            cell.push('\n');
        }
    }

    fn end_cell(&mut self) {
        self.row.extend(self.cell.take().map(|cell| cell.trim_end().to_owned()));
    }

    fn end_row(&mut self) {
        self.end_cell();
        let row = std::mem::take(&mut self.row);
        if row.is_empty() {
            return;
        }
        if self.is_header_row && self.table.head.is_empty() && self.table.rows.is_empty() {
            self.table.head = row;
        } else {
            self.table.rows.push(row);
        }
        self.is_header_row = false;
    }

    fn finish(self) -> Option<Table> {
        (!self.table.head.is_empty() || !self.table.rows.is_empty()).then_some(self.table)
    }
}

/// Decodes numeric entities and the common named ones; others are kept verbatim.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let end = after.bytes().take(12).position(|b| b == b';');
        let entity = end.and_then(|end| Some((read_entity(after.get(..end)?)?, after.get(end + 1..)?)));
        match entity {
            Some((c, beyond)) => {
                out.push(c);
                rest = beyond;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn read_entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        return code.and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "middot" => '·',
        "bull" => '•',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        "reg" => '®',
        "times" => '×',
        "deg" => '°',
        _ => return None,
    })
}
