//! Checks of a message's texts that the index cannot do.

use super::{LibraryQuery, WordPattern};
use crate::library::LibraryError;
use crate::library::index::{MessageTexts, SEPARATOR, Tokenizer};

/// Checks whether a word is in the searched parts of a message, and whether a word has all of its letters, beyond those
/// that the index has.
pub(super) struct TextCheck {
    /// Whether the texts of a message must be read.
    pub is_needed: bool,
    /// The parts that are searched; all if empty.
    positions: Vec<usize>,
    /// Whether every message is checked, not only those with other parts.
    is_thorough: bool,
    patterns: Vec<WordPattern>,
    tokenizer: Tokenizer,
}

impl TextCheck {
    pub(super) fn new(query: &LibraryQuery, is_wide: bool) -> Result<Self, LibraryError> {
        let positions = query.part_positions();
        let is_thorough = is_wide || query.is_first_letter();
        let has_patterns = is_thorough || !positions.is_empty();
        let mut patterns = if has_patterns { query.patterns()? } else { Vec::new() };
        patterns.retain(|pattern| !pattern.is_excluded);
        let is_needed = has_patterns || query.has_regex();
        Ok(Self { is_needed, positions, is_thorough, patterns, tokenizer: Tokenizer::default() })
    }

    /// Returns whether a message matches.
    pub(super) fn accept(&mut self, texts: &MessageTexts) -> Result<bool, LibraryError> {
        let filled = || texts.parts().into_iter().enumerate().filter(|(_, part)| !part.is_empty());
        let counts = |position: usize| self.positions.is_empty() || self.positions.contains(&position);
        if !self.is_thorough && filled().all(|(position, _)| counts(position)) {
            return Ok(true);
        }
        let mut words = String::new();
        for (_, part) in filled().filter(|(position, _)| counts(*position)) {
            words.push_str(&self.tokenizer.words(part)?);
            words.push(SEPARATOR);
        }
        Ok(self.patterns.iter().all(|pattern| words.contains(&pattern.text)))
    }
}
