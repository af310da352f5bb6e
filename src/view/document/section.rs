//! Sections of a document: a title and a body, which folds away.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::ByteRange;
use crate::text::wrap::WrapIndex;
use crate::text::{Line, StyledRun};
use crate::theme::Role;

/// A plain text that is too large to store as lines; it is wrapped on demand.
#[derive(Clone, Debug)]
pub struct BigText {
    text: String,
    wrap: WrapIndex,
}

impl BigText {
    /// Wraps a sanitized text.
    pub fn new(text: String, width: usize) -> Self {
        let mut wrap = WrapIndex::new(width.max(1));
        while !wrap.step(&text, 1 << 20) {}
        Self { text, wrap }
    }

    pub(super) fn rows(&self) -> usize {
        self.wrap.row_count()
    }

    pub(super) fn lines(&self, range: Range<usize>) -> Vec<Line> {
        let rows = self.wrap.rows(&self.text, range);
        rows.iter()
            .map(|row| {
                let text = self.text.get(row.start..row.end).unwrap_or_default();
                Line::new(vec![StyledRun::new(text, Role::Text)])
            })
            .collect()
    }
}

/// The content of a section.
#[derive(Clone, Debug)]
pub enum Body {
    Lines(Vec<Line>),
    Big(Arc<BigText>),
}

impl Body {
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Big(big) => big.rows(),
        }
    }
}

/// The forms of a document: a single message on a page, or one of many in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Page,
    Conversation,
}

/// The source of a section, to select it and to copy it verbatim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionSource {
    /// A block of a side; `part` counts the sections of the block.
    Block { side: usize, block: usize, part: usize },
    /// The chunk that the answer cites with this number.
    Citation(usize),
    /// A part of a payload.
    Bytes(ByteRange),
    /// The error of the span of a payload.
    Error,
    /// The sentence about untraced time.
    Untraced,
}

impl SectionSource {
    /// Returns whether the source is a value of a payload, at which the cursor stops.
    pub(super) fn is_value(self) -> bool {
        match self {
            Self::Bytes(_) | Self::Error | Self::Untraced => true,
            Self::Block { .. } | Self::Citation(_) => false,
        }
    }
}

/// A part of a document, with or without a title.
#[derive(Clone, Debug)]
pub struct Section {
    /// `None` for plain text.
    pub title: Option<Line>,
    /// Whether the title folds and unfolds the body.
    pub is_foldable: bool,
    pub open: bool,
    pub body: Body,
    /// The colour of the gutter, which shows the speaker.
    pub gutter: Role,
    /// The only form of the document that has this section; `None` for both.
    pub only_in: Option<Form>,
    /// The symbol in the gutter of the first row, in a conversation.
    pub marker: Option<&'static str>,
    /// Whether it is initially folded in a conversation, because it does not belong to the message's text.
    pub is_aside: bool,
    /// The source; `None` if the section cannot be selected.
    pub source: Option<SectionSource>,
}

impl Section {
    /// Creates a section of text without a title.
    pub fn text(body: Body, gutter: Role) -> Self {
        Self {
            title: None,
            is_foldable: false,
            open: true,
            body,
            gutter,
            only_in: None,
            marker: None,
            is_aside: false,
            source: None,
        }
    }

    /// Creates a heading whose body is always visible.
    pub fn with_heading(title: Line, body: Body, gutter: Role) -> Self {
        Self { title: Some(title), ..Self::text(body, gutter) }
    }

    /// Creates a foldable block.
    pub fn foldable(title: Line, body: Body, gutter: Role, fold: Fold) -> Self {
        let open = fold == Fold::Open;
        Self { title: Some(title), is_foldable: true, open, ..Self::text(body, gutter) }
    }

    /// Returns the same section in only one form of the document.
    #[must_use]
    pub fn only_in(self, form: Form) -> Self {
        Self { only_in: Some(form), ..self }
    }

    /// Returns the same section with a symbol at its first row in a conversation.
    #[must_use]
    pub fn with_marker(self, marker: &'static str) -> Self {
        Self { marker: Some(marker), ..self }
    }

    /// Returns the same section as a view of a value.
    #[must_use]
    pub fn with_source(self, source: SectionSource) -> Self {
        Self { source: Some(source), ..self }
    }

    pub(super) fn is_in(&self, form: Form) -> bool {
        self.only_in.is_none_or(|only| only == form)
    }

    pub(super) fn rows(&self, form: Form) -> usize {
        if !self.is_in(form) {
            return 0;
        }
        usize::from(self.title.is_some()) + if self.open { self.body.rows() } else { 0 }
    }
}

/// The state of a foldable block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Open,
    Closed,
}
