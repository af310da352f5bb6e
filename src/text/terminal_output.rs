//! Output for a terminal, in the form that the terminal would show: colours become roles; links and cursor movements are
//! removed and counted; a line that was written several times has its last state.

mod line_buffer;
mod sequence;
mod style;

use std::borrow::Cow;

use memchr::memchr3;

use crate::theme::Role;
use line_buffer::LineBuffer;
use style::TerminalStyle;

/// The parts that [`clean`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Escape sequences and control characters that act on a terminal, other than `colours`.
    pub sequences: usize,
    /// Sequences whose colours and styles [`Cleaned::styles`] has.
    pub colours: usize,
    /// Earlier states of lines that were written over or erased.
    pub states: usize,
}

/// Output without its control sequences.
#[derive(Clone, Debug)]
pub struct Cleaned<'a> {
    /// The text, not sanitized: the text gate handles other control characters.
    pub text: Cow<'a, str>,
    /// The end offset of each style in the text; empty without colours.
    pub styles: Vec<(usize, Role)>,
    pub removed: Removed,
}

/// A text with the end offset of each style.
#[derive(Debug, Default)]
struct Styled {
    text: String,
    styles: Vec<(usize, Role)>,
}

impl Styled {
    fn push(&mut self, part: &str, role: Role) {
        self.text.push_str(part);
        match self.styles.last_mut() {
            Some((end, last)) if *last == role => *end = self.text.len(),
            _ => self.styles.push((self.text.len(), role)),
        }
    }
}

/// Removes control sequences. A sequence ends at the latest with its line; of an unfinished sequence, only the introducer
/// is removed.
pub fn clean(output: &str) -> Cleaned<'_> {
    let mut removed = Removed::default();
    if !needs_cleaning(output) {
        return Cleaned { text: Cow::Borrowed(output), styles: Vec::new(), removed };
    }
    let mut cleaned = Styled { text: String::with_capacity(output.len()), styles: Vec::new() };
    let mut style = TerminalStyle::default();
    for line in output.split_inclusive('\n') {
        let (content, newline) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        // The line ends of Windows, also after conversion by a pseudo-terminal.
        let content = content.trim_end_matches('\r');
        if needs_cleaning(content) {
            let mut buffer = LineBuffer::new(style);
            buffer.write(content);
            removed.sequences += buffer.removed.sequences;
            removed.colours += buffer.removed.colours;
            removed.states += buffer.removed.states;
            style = buffer.style();
            buffer.finish(&mut cleaned);
        } else {
            cleaned.push(content, style.role());
        }
        cleaned.push(newline, style.role());
    }
    let styles = if removed.colours > 0 { cleaned.styles } else { Vec::new() };
    Cleaned { text: Cow::Owned(cleaned.text), styles, removed }
}

/// Returns whether there is a byte that can begin a sequence or move the cursor.
fn needs_cleaning(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr3(b'\x1b', b'\r', b'\x08', bytes).is_some()
        || memchr3(b'\x07', b'\x0e', b'\x0f', bytes).is_some()
        || memchr::memchr_iter(0xC2, bytes).any(|at| bytes.get(at + 1).is_some_and(|next| *next < 0xA0))
}

#[cfg(test)]
mod tests;
