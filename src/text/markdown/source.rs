//! Markdown, prepared so that rendering it loses nothing: formulas are replaced by markers, tables have a column for every
//! cell, unused link definitions are text, and stars between digits are not markup. The screen and the HTML export use it.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Parser, Tag};

use super::OPTIONS;
use super::formula::{formula_ranges, is_container_mark};
use super::outline::{Outline, TableOutline, range_at};

/// The maximum number of cells in a table to which columns are added.
const MAX_TABLE_CELLS: usize = 100_000;

/// A prepared text.
pub struct MarkdownSource {
    text: String,
    /// A character that the text does not contain, which encloses the number of a formula.
    marker: char,
    formulas: Vec<String>,
}

impl MarkdownSource {
    /// Prepares a sanitized text.
    pub fn new(source: &str) -> Self {
        let marker =
            ('\u{e000}'..='\u{f8ff}').chain('\u{f0000}'..='\u{ffffd}').find(|c| !source.contains(*c));
        let mut prepared =
            Self { text: source.to_owned(), marker: marker.unwrap_or('\u{e000}'), formulas: Vec::new() };
        let has_address = || source.contains('_') && source.contains("://");
        if marker.is_some() && (source.contains(['$', '\\', '|', '*', '~', '[']) || has_address()) {
            prepared.prepare(source);
        }
        prepared
    }

    fn prepare(&mut self, source: &str) {
        let outline = Outline::new(source);
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let formulas = formula_ranges(source, &outline);
        for range in &formulas {
            let number = self.formulas.len();
            self.formulas.push(formula_text(source, range.clone()));
            edits.push((range.clone(), format!("{0}{number}{0}", self.marker)));
        }
        // GitHub links such an address verbatim; between `<` and `>`, all renderers do.
        for address in outline.emphasized_addresses() {
            let text = source.get(address.clone()).unwrap_or_default();
            let is_in_formula = range_at(&formulas, address.start).is_some();
            if !is_in_formula && !text.contains(['|', '\\']) {
                edits.push((address.clone(), format!("<{text}>")));
            }
        }
        for at in literal_punctuation(source) {
            if outline.literal_at(at).is_none() {
                edits.push((at..at, "\\".to_owned()));
            }
        }
        for (bracket, is_used) in outline.definitions(source) {
            if !is_used {
                edits.push((bracket..bracket, "\\".to_owned()));
            }
        }
        for table in &outline.tables {
            edits.extend(missing_columns(source, table));
        }
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        self.text = apply_edits(source, &edits);
    }

    /// Returns the events of the text; a formula is an [`Event::InlineMath`] with its delimiters.
    pub fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        Parser::new_ext(&self.text, OPTIONS).into_offset_iter().flat_map(|(event, range)| {
            self.restore(event).into_iter().map(move |event| (event, range.clone()))
        })
    }

    /// Returns the text as Markdown again, with formulas as code, so that other renderers show the same as the screen.
    pub fn to_markdown(&self) -> String {
        let lines = self.text.split('\n').map(|line| {
            let pieces: Vec<(&str, bool)> = self.pieces(line).collect();
            match pieces.as_slice() {
                [(formula, true)] if formula.contains('\n') && line.starts_with(self.marker) => {
                    math_block(formula)
                }
                pieces => pieces
                    .iter()
                    .map(
                        |(piece, is_formula)| {
                            if *is_formula { code_span(piece) } else { (*piece).to_owned() }
                        },
                    )
                    .collect(),
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Returns the number of the ordered list item at a range, with its delimiter, verbatim.
    pub fn item_number(&self, item: &Range<usize>) -> Option<&str> {
        let written = self.text.get(item.clone())?.trim_start();
        let digits = written.bytes().take_while(u8::is_ascii_digit).count();
        let number = written.get(..digits + 1)?;
        (digits > 0 && number.ends_with(['.', ')'])).then_some(number)
    }

    /// Puts formulas back into an event.
    fn restore<'a>(&'a self, event: Event<'a>) -> Vec<Event<'a>> {
        vec![match event {
            Event::Text(text) if text.contains(self.marker) => return self.split_text(&text),
            Event::Code(text) => Event::Code(self.restore_text(text)),
            Event::Html(text) => Event::Html(self.restore_text(text)),
            Event::InlineHtml(text) => Event::InlineHtml(self.restore_text(text)),
            Event::FootnoteReference(label) => Event::FootnoteReference(self.restore_text(label)),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                Event::Start(Tag::FootnoteDefinition(self.restore_text(label)))
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => Event::Start(Tag::Link {
                link_type,
                dest_url: self.restore_text(dest_url),
                title: self.restore_text(title),
                id,
            }),
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => Event::Start(Tag::Image {
                link_type,
                dest_url: self.restore_text(dest_url),
                title: self.restore_text(title),
                id,
            }),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(self.restore_text(info))))
            }
            other => other,
        }]
    }

    fn split_text(&self, text: &str) -> Vec<Event<'static>> {
        self.pieces(text)
            .map(|(piece, is_formula)| {
                let piece = CowStr::from(piece.to_owned());
                if is_formula { Event::InlineMath(piece) } else { Event::Text(piece) }
            })
            .collect()
    }

    fn restore_text<'a>(&self, text: CowStr<'a>) -> CowStr<'a> {
        if !text.contains(self.marker) {
            return text;
        }
        self.pieces(&text).map(|(piece, _)| piece).collect::<String>().into()
    }

    /// Splits a text into text and formulas; returns whether each part is a formula.
    fn pieces<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (&'t str, bool)> {
        let pieces = text.split(self.marker).enumerate().map(|(index, piece)| {
            let formula = piece.parse().ok().and_then(|number: usize| self.formulas.get(number));
            formula.filter(|_| index % 2 == 1).map_or((piece, false), |formula| (formula.as_str(), true))
        });
        pieces.filter(|(piece, _)| !piece.is_empty())
    }
}

/// Formats a formula of several lines as a block, without its delimiters.
fn math_block(formula: &str) -> String {
    let body = formula.get(2..formula.len().saturating_sub(2)).unwrap_or_default().trim_matches('\n');
    let fence = "`".repeat(longest_backtick_run(body).max(2) + 1);
    format!("{fence}math\n{body}\n{fence}")
}

/// Formats a formula as code. Single dollars stay outside, where some renderers look for them.
fn code_span(formula: &str) -> String {
    let inner = formula.strip_prefix('$').and_then(|rest| rest.strip_suffix('$'));
    let inner = inner.filter(|inner| !inner.starts_with('$'));
    let (dollar, code) = inner.map_or(("", formula), |inner| ("$", inner));
    let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let fence = "`".repeat(longest_backtick_run(&code) + 1);
    let space = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    format!("{dollar}{fence}{space}{code}{space}{fence}{dollar}")
}

fn longest_backtick_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Returns a formula without the markers of the quotes and lists around its further lines.
fn formula_text(source: &str, range: Range<usize>) -> String {
    let formula = source.get(range.clone()).unwrap_or_default();
    let line = source.get(..range.start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    let prefix = line.chars().take_while(|c| is_container_mark(*c)).count();
    let strip = |line: &str| -> String {
        let marks = line.chars().take(prefix).take_while(|c| matches!(c, ' ' | '>')).count();
        line.chars().skip(marks).collect()
    };
    let mut lines = formula.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + "\n" + &strip(line))
}

/// Returns the positions of literal stars and tildes: those between digits, and single tildes.
fn literal_punctuation(source: &str) -> Vec<usize> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'*', b'~', rest)) {
        let start = at + next;
        let mark = bytes.get(start);
        let len = bytes.iter().skip(start).take_while(|byte| Some(*byte) == mark).count();
        let is_digit = |position: Option<usize>| {
            position.and_then(|position| bytes.get(position)).is_some_and(u8::is_ascii_digit)
        };
        let is_between_digits = is_digit(start.checked_sub(1)) && is_digit(Some(start + len));
        let is_escaped = start.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\\');
        if !is_escaped && (is_between_digits || mark == Some(&b'~') && len == 1) {
            found.extend(start..start + len);
        }
        at = start + len;
    }
    found
}

/// Returns the edits that give a table a column for every cell of its longest row. Without them, Markdown drops cells.
fn missing_columns(source: &str, table: &TableOutline) -> Vec<(Range<usize>, String)> {
    let cells = |row: &Range<usize>| count_cells(source.get(row.clone()).unwrap_or_default());
    let most = table.rows.iter().map(cells).max().unwrap_or(0);
    let missing = most.saturating_sub(table.columns);
    if missing == 0 || most.saturating_mul(table.rows.len()) > MAX_TABLE_CELLS {
        return Vec::new();
    }
    let line_end = |from: usize| {
        let rest = source.get(from..).unwrap_or_default();
        from + rest.find('\n').unwrap_or(rest.len())
    };
    let head_end = line_end(table.head.start);
    let rule_end = line_end((head_end + 1).min(source.len()));
    let edit = |start: usize, end: usize, cell: &str| {
        let line = source.get(start..end).unwrap_or_default().trim_end();
        let bar = if line.ends_with('|') { "" } else { "|" };
        let at = start + line.len();
        (at..at, format!("{bar}{}", format!("{cell}|").repeat(missing)))
    };
    vec![edit(table.head.start, head_end, " "), edit((head_end + 1).min(rule_end), rule_end, "---")]
}

/// Returns the number of cells of a row.
fn count_cells(row: &str) -> usize {
    let row = row.lines().next().unwrap_or_default().trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut is_escaped = false;
    let mut bars = 0;
    let mut ends_with_bar = false;
    for c in row.chars() {
        ends_with_bar = c == '|' && !is_escaped;
        bars += usize::from(ends_with_bar);
        is_escaped = c == '\\' && !is_escaped;
    }
    bars + usize::from(!ends_with_bar)
}

/// Applies edits in order; an edit that overlaps the previous one is skipped.
fn apply_edits(source: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(source.len() + edits.len() * 4);
    let mut copied = 0;
    for (range, replacement) in edits {
        if range.start < copied {
            continue;
        }
        out.push_str(source.get(copied..range.start).unwrap_or_default());
        out.push_str(replacement);
        copied = range.end;
    }
    out.push_str(source.get(copied..).unwrap_or_default());
    out
}
