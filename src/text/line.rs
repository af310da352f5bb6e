//! Lines of styled text, the result of every renderer in this module, and the wrapping of styled text.

use std::ops::Range;
use std::sync::Arc;

use unicode_segmentation::GraphemeCursor;

use super::grapheme::is_standalone;
use super::{Safe, link, wrap};
use crate::theme::Role;

/// A part of a line in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StyledRun {
    pub text: Safe<'static>,
    pub style: Role,
    /// The web address, if the text shows it or a part of it.
    pub link: Option<Arc<str>>,
}

impl StyledRun {
    /// Sanitizes text for one line and gives it a style.
    pub fn new(text: &str, style: Role) -> Self {
        Self { text: Safe::line(text).into_owned(), style, link: None }
    }
}

/// One line of styled text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<StyledRun>,
}

impl Line {
    /// Creates a line of these runs.
    pub fn new(spans: Vec<StyledRun>) -> Self {
        Self { spans }
    }

    /// Creates a line in one style.
    pub fn styled(text: &str, style: Role) -> Self {
        Self { spans: if text.is_empty() { Vec::new() } else { vec![StyledRun::new(text, style)] } }
    }

    /// Returns the width in columns.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|run| run.text.width()).sum()
    }

    /// Returns the text without styles.
    pub fn plain_text(&self) -> String {
        self.spans.iter().map(|run| run.text.as_str()).collect()
    }

    /// Appends a part of a sanitized text.
    fn push_sanitized(&mut self, part: &str, style: Role, link: Option<&Arc<str>>) {
        self.spans.push(StyledRun { text: Safe::from_sanitized(part), style, link: link.cloned() });
    }

    /// Returns the line with these runs before it.
    pub(super) fn with_prefix(mut self, prefix: impl IntoIterator<Item = StyledRun>) -> Self {
        self.spans.splice(0..0, prefix);
        self
    }
}

/// Sanitizes text and wraps it to `width` columns, in one style.
pub fn wrap_styled(text: &str, width: usize, style: Role) -> Vec<Line> {
    let mut styled = StyledText::default();
    styled.push(text, style);
    styled.wrap(width)
}

/// Sanitizes a text with the end offset of each style, and wraps it; text after the last style is plain.
pub(super) fn wrap_runs(text: &str, styles: &[(usize, Role)], width: usize) -> Vec<Line> {
    let mut styled = StyledText::default();
    let mut start = 0;
    for (end, role) in styles.iter().copied().chain([(text.len(), Role::Text)]) {
        styled.push(text.get(start..end).unwrap_or_default(), role);
        start = end;
    }
    styled.wrap(width)
}

/// Sanitized text with styles, built piece by piece.
#[derive(Clone, Debug, Default)]
pub(super) struct StyledText {
    text: String,
    /// The end offset of each style; adjacent pieces differ in style.
    styles: Vec<(usize, Role)>,
}

impl StyledText {
    /// Sanitizes and appends text.
    pub(super) fn push(&mut self, text: &str, style: Role) {
        self.push_sanitized(&Safe::text(text), style);
    }

    /// Appends a part of a text that was sanitized as a whole.
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
        let address = |range: Range<usize>| Some((Arc::from(self.text.get(range.clone())?), range));
        let links: Vec<_> = link::find_addresses(&self.text).into_iter().filter_map(address).collect();
        let mut style = 0;
        let rows = index.rows(&self.text, 0..usize::MAX);
        rows.into_iter().map(|row| self.line_at(row.start..row.end, &mut style, &links)).collect()
    }

    /// Sanitizes the joined pieces, because harmless pieces can join into harmful text; if that changes the text, it
    /// loses its styles. A style that ends inside a cluster is extended to the cluster's end.
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

    /// Returns the part `range` as a line; `style` is the index of the style to start from.
    fn line_at(&self, range: Range<usize>, style: &mut usize, links: &[(Arc<str>, Range<usize>)]) -> Line {
        let mut line = Line::default();
        let mut at = range.start;
        while let Some((end, role)) = self.styles.get(*style).copied() {
            let stop = end.min(range.end);
            while at < stop {
                let next = links.get(links.partition_point(|(_, link)| link.end <= at));
                let (link, end) = match next {
                    Some((address, link)) if link.start <= at => (Some(address), link.end.min(stop)),
                    Some((_, link)) => (None, link.start.min(stop)),
                    None => (None, stop),
                };
                line.push_sanitized(self.text.get(at..end).unwrap_or_default(), role, link);
                at = end;
            }
            if end > range.end {
                break;
            }
            *style += 1;
        }
        line
    }
}
