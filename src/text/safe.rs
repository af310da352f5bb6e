//! Text that has passed the gate, and the only ways to get it. What the gate does is in `gate`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::sanitize::{Invisible, Mode, Newlines, sanitize};
use super::{slug, width};

/// Text that may be drawn, printed or logged: no control characters but newlines, nothing that changes the direction
/// of text, nothing unseen, no cluster that breaks a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Safe<'a>(Cow<'a, str>);

impl<'a> Safe<'a> {
    /// For one line: a newline shows as `⏎`.
    pub fn line(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Symbol, invisible: Invisible::Remove }))
    }

    /// For several lines: newlines stay.
    pub fn text(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Keep, invisible: Invisible::Remove }))
    }

    /// Like [`Safe::line`], with what cannot be seen shown as `‹U+200B›`.
    pub fn revealed_line(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Symbol, invisible: Invisible::Reveal }))
    }

    /// Like [`Safe::text`], with what cannot be seen shown as `‹U+200B›`.
    pub fn revealed_text(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Keep, invisible: Invisible::Reveal }))
    }

    /// A part of a name for an exported file, of at most `max` bytes: lower-case ASCII letters, digits and single
    /// dashes; never empty, never a name that a system keeps for itself.
    pub fn file_slug(text: &str, max: usize) -> String {
        slug::slugify(text, max)
    }

    /// A part of a text that passed the gate as a whole.
    pub(super) fn from_sanitized(gated: &str) -> Safe<'static> {
        Safe(Cow::Owned(gated.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many columns it takes in one line.
    pub fn width(&self) -> usize {
        width::columns(&self.0)
    }

    /// The text as a string of its own.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }

    /// The same, borrowed from nothing.
    pub fn into_owned(self) -> Safe<'static> {
        Safe(Cow::Owned(self.0.into_owned()))
    }
}

impl Deref for Safe<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Safe<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'a> From<Safe<'a>> for Cow<'a, str> {
    fn from(safe: Safe<'a>) -> Self {
        safe.0
    }
}

#[cfg(test)]
mod tests;
