//! Styled text in lines: what every drawing of text in here ends in, and the wrapping of styled text.

use std::ops::Range;

use unicode_segmentation::GraphemeCursor;

use super::grapheme::is_standalone;
use super::{Safe, width, wrap};
use crate::theme::Role;

/// A piece of a line in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StyledRun {
    pub text: Safe<'static>,
    pub style: Role,
}

impl StyledRun {
    /// Text of one line through the gate, in a style.
    pub fn new(text: &str, style: Role) -> Self {
        Self { text: Safe::line(text).into_owned(), style }
    }
}

/// One line of styled text; nothing in it is wider than it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<StyledRun>,
}

impl Line {
    /// A line in one style.
    pub fn styled(text: &str, style: Role) -> Self {
        Self { spans: if text.is_empty() { Vec::new() } else { vec![StyledRun::new(text, style)] } }
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|run| run.text.width()).sum()
    }

    /// The text without styles.
    pub fn plain_text(&self) -> String {
        self.spans.iter().map(|run| run.text.as_str()).collect()
    }

    /// Columns that it takes.
    pub fn columns(&self) -> usize {
        self.spans.iter().map(|run| width::columns(run.text.as_str())).sum()
    }

    /// Adds text that is part of a gated one.
    fn push_sanitized(&mut self, gated: &str, style: Role) {
        self.spans.push(StyledRun { text: Safe::from_sanitized(gated), style });
    }

    /// The same with something in front of it.
    pub(super) fn with_prefix(mut self, start: impl IntoIterator<Item = StyledRun>) -> Self {
        self.spans.splice(0..0, start);
        self
    }
}

/// Text in one style, wrapped to `width` columns, through the gate.
pub fn wrap_styled(text: &str, width: usize, style: Role) -> Vec<Line> {
    let mut rich = StyledText::default();
    rich.push(text, style);
    rich.wrap(width)
}

/// Text with styles, growing piece by piece; through the gate from the start.
#[derive(Clone, Debug, Default)]
pub(super) struct StyledText {
    text: String,
    /// Where each style ends; adjacent pieces have different ones.
    styles: Vec<(usize, Role)>,
}

impl StyledText {
    /// Adds foreign text, which goes through the gate.
    pub(super) fn push(&mut self, text: &str, style: Role) {
        self.push_sanitized(&Safe::text(text), style);
    }

    /// Adds a part of a text that passed the gate as a whole.
    pub(super) fn push_sanitized(&mut self, part: &str, style: Role) {
        if part.is_empty() {
            return;
        }
        self.text.push_str(part);
        match self.styles.last_mut() {
            Some((end, last)) if *last == style => *end = self.text.len(),
            _ => self.styles.push((self.text.len(), style)),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Wraps into lines of at most `width` columns.
    pub(super) fn wrap(mut self, width: usize) -> Vec<Line> {
        self.normalize();
        let index = wrap::WrapIndex::build(&self.text, width);
        let mut style = 0;
        let rows = index.rows(&self.text, 0..usize::MAX);
        rows.into_iter().map(|row| self.line_at(row.start..row.end, &mut style)).collect()
    }

    /// Pieces that are harmless one by one may join to something that is not: then the text goes without its styles.
    /// A style that ends inside a cluster is made to end behind it.
    fn normalize(&mut self) {
        let whole = Safe::text(&self.text);
        if *whole != *self.text {
            self.text = whole.into_string();
            self.styles = vec![(self.text.len(), Role::Text)];
            return;
        }
        for (end, _) in &mut self.styles {
            let next = self.text.get(*end..).and_then(|rest| rest.chars().next());
            if next.is_some_and(|c| !is_standalone(c)) {
                let mut cursor = GraphemeCursor::new(*end, self.text.len(), true);
                if cursor.is_boundary(&self.text, 0) == Ok(false) {
                    *end = cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len());
                }
            }
        }
    }

    /// The part `range` as a line; `style` is the number of the style to start looking at.
    fn line_at(&self, range: Range<usize>, style: &mut usize) -> Line {
        let mut line = Line::default();
        let mut at = range.start;
        while let Some((end, role)) = self.styles.get(*style).copied() {
            let stop = end.min(range.end);
            if at < stop {
                line.push_sanitized(self.text.get(at..stop).unwrap_or_default(), role);
                at = stop;
            }
            if end > range.end {
                break;
            }
            *style += 1;
        }
        line
    }
}

/// Text without markup, wrapped.
pub fn render_plain(text: &str, width: usize) -> Vec<Line> {
    let safe = Safe::text(text);
    let rows = wrap::WrapIndex::build(&safe, width).rows(&safe, 0..usize::MAX);
    rows.into_iter().map(|row| plain_line(row.slice(&safe))).collect()
}

fn plain_line(gated: &str) -> Line {
    let mut line = Line::default();
    if !gated.is_empty() {
        line.push_sanitized(gated, Role::Text);
    }
    line
}
