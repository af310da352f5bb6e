//! The inline text of one block: nested styles, links, formulas.

use std::collections::VecDeque;
use std::ops::Range;

use pulldown_cmark::CowStr;

use super::math;
use crate::text::line::StyledText;
use crate::theme::Role;

/// The inline text collected so far.
pub(super) struct Inline<'a> {
    source: &'a str,
    text: StyledText,
    styles: Vec<Role>,
    /// Open links: the start of their text, and their URL.
    links: Vec<(usize, CowStr<'a>)>,
    formulas: VecDeque<Range<usize>>,
    /// Whether the first formula has been written.
    is_formula_written: bool,
}

impl<'a> Inline<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            text: StyledText::default(),
            styles: Vec::new(),
            links: Vec::new(),
            formulas: math::formula_ranges(source),
            is_formula_written: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the collected text and starts a new one.
    pub(super) fn take(&mut self) -> StyledText {
        std::mem::take(&mut self.text)
    }

    pub(super) fn start_style(&mut self, role: Role) {
        // Nested styles do not change a heading.
        let role = if self.style() == Role::Heading { Role::Heading } else { role };
        self.styles.push(role);
    }

    pub(super) fn end_style(&mut self) {
        self.styles.pop();
    }

    pub(super) fn style(&self) -> Role {
        self.styles.last().copied().unwrap_or_default()
    }

    pub(super) fn start_link(&mut self, url: CowStr<'a>) {
        self.start_style(Role::Link);
        self.links.push((self.text.text().len(), url));
    }

    /// Ends a link, and appends its URL unless its text is the URL.
    pub(super) fn end_link(&mut self) {
        self.end_style();
        let Some((start, url)) = self.links.pop() else { return };
        let text = self.text.text().get(start..).unwrap_or_default();
        let is_url = text == &*url || url.strip_prefix("mailto:") == Some(text);
        if !is_url && !url.is_empty() {
            self.text.push(&format!(" ({url})"), Role::Dim);
        }
    }

    /// Appends text in the current style.
    pub(super) fn push_literal(&mut self, text: &str) {
        let style = self.style();
        self.text.push(text, style);
    }

    /// Appends text in a style.
    pub(super) fn push_styled(&mut self, text: &str, style: Role) {
        self.text.push(text, style);
    }

    /// Appends the text that the source has at `range`. A formula that overlaps the range is written verbatim, once and
    /// whole.
    pub(super) fn push(&mut self, text: &CowStr<'_>, range: Range<usize>, style: Role) {
        let is_source = matches!(text, CowStr::Borrowed(part) if part.len() == range.len());
        let mut at = range.start;
        loop {
            self.drop_formulas_before(at);
            let next = self.formulas.front().filter(|formula| formula.start < range.end).cloned();
            let Some(formula) = next.filter(|formula| formula.start < at || is_source) else { break };
            self.push_source(at..formula.start, style);
            if !self.is_formula_written {
                self.is_formula_written = true;
                self.push_source(formula.clone(), style);
            }
            at = formula.end;
            if at >= range.end {
                return;
            }
        }
        match text {
            _ if at > range.start => self.push_source(at..range.end, style),
            // Borrowed from the source, which was sanitized as a whole.
            CowStr::Borrowed(part) => self.text.push_sanitized(part, style),
            CowStr::Boxed(_) | CowStr::Inlined(_) => self.text.push(text, style),
        }
    }

    fn push_source(&mut self, range: Range<usize>, style: Role) {
        self.text.push_sanitized(self.source.get(range).unwrap_or_default(), style);
    }

    fn drop_formulas_before(&mut self, at: usize) {
        while self.formulas.front().is_some_and(|formula| formula.end <= at) {
            self.formulas.pop_front();
            self.is_formula_written = false;
        }
    }
}
