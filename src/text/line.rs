//! Styled text in lines: what every drawing of text in here ends in, and the wrapping of styled text.

use std::ops::Range;

use super::{Safe, width, wrap};
use crate::theme::Role;

/// A piece of a line in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: Safe<'static>,
    pub style: Role,
}

impl Run {
    /// Text of one line through the gate, in a style.
    pub fn new(text: &str, style: Role) -> Self {
        Self { text: Safe::line(text).into_owned(), style }
    }
}

/// One line of styled text; nothing in it is wider than it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<Run>,
}

impl Line {
    /// A line in one style.
    pub fn styled(text: &str, style: Role) -> Self {
        Self { spans: if text.is_empty() { Vec::new() } else { vec![Run::new(text, style)] } }
    }

    /// How many columns it takes.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|run| run.text.width()).sum()
    }

    /// The text without styles.
    pub fn plain(&self) -> String {
        self.spans.iter().map(|run| run.text.as_str()).collect()
    }

    pub(super) fn push(&mut self, text: &str, style: Role) {
        if !text.is_empty() {
            self.spans.push(Run::new(text, style));
        }
    }
}

/// Text with styles, growing piece by piece; through the gate from the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Rich {
    text: String,
    /// Where each style ends; adjacent pieces have different ones.
    styles: Vec<(usize, Role)>,
}

impl Rich {
    pub(super) fn push(&mut self, text: &str, style: Role) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(&Safe::text(text));
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
        self.settle();
        let index = wrap::Wrap::all(&self.text, width);
        let mut style = 0;
        let rows = index.rows(&self.text, 0..usize::MAX);
        rows.into_iter().map(|row| self.line(row.start..row.end, &mut style)).collect()
    }

    /// Pieces that are harmless one by one may join to something that is not: then the text goes without its styles.
    fn settle(&mut self) {
        let whole = Safe::text(&self.text);
        if *whole != *self.text {
            self.text = whole.into_string();
            self.styles = vec![(self.text.len(), Role::Text)];
        }
    }

    /// The part `range` as a line; `style` is the number of the style to start looking at.
    fn line(&self, range: Range<usize>, style: &mut usize) -> Line {
        let mut line = Line::default();
        let mut at = range.start;
        while let Some((end, role)) = self.styles.get(*style).copied() {
            let stop = end.min(range.end);
            if at < stop {
                line.push(self.text.get(at..stop).unwrap_or_default(), role);
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
    let rows = wrap::Wrap::all(&safe, width).rows(&safe, 0..usize::MAX);
    rows.into_iter().map(|row| Line::styled(row.of(&safe), Role::Text)).collect()
}

/// `text` cut to `cols` columns with `…`.
pub(super) fn cut(text: &str, cols: usize) -> String {
    width::ellipsis(text, cols).0.into_owned()
}
