//! Sanitized text and its constructors, the only entrance of the text gate. The rules are in `sanitize`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::sanitize::{Invisible, Mode, Newlines, sanitize};
use super::{slug, width};

/// Sanitized text that may be drawn, printed or logged: no control characters except newlines, no characters that change
/// text direction, no invisible characters, no cluster that breaks a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Safe<'a>(Cow<'a, str>);

impl<'a> Safe<'a> {
    /// Sanitizes text for one line: a newline becomes `⏎`.
    pub fn line(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Symbol, invisible: Invisible::Remove }))
    }

    /// Sanitizes text and keeps newlines.
    pub fn text(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Keep, invisible: Invisible::Remove }))
    }

    /// Like [`Safe::text`], but shows invisible characters, such as `‹U+200B›`.
    pub fn revealed_text(text: &'a str) -> Self {
        Self(sanitize(text, Mode { newlines: Newlines::Keep, invisible: Invisible::Reveal }))
    }

    /// Turns text into a part of a file name of at most `max` bytes: lower-case ASCII letters, digits and single dashes.
    /// The result is never empty and never a reserved device name.
    pub fn file_slug(text: &str, max: usize) -> String {
        slug::slugify(text, max)
    }

    /// Wraps a part of a text that was sanitized as a whole.
    pub(super) fn from_sanitized(sanitized: &str) -> Safe<'static> {
        Safe(Cow::Owned(sanitized.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the width in columns, on one line.
    pub fn width(&self) -> usize {
        width::columns(&self.0)
    }

    /// Returns the text as an owned string.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }

    /// Returns the same text, owned.
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
