//! Texts as the words of the index, for engines that find words by comparing bytes: `" how long does a refund take "`. A
//! phrase is ` how long `, the beginning of a word ` refu`. SQLite itself decides which characters are parts of words and
//! how they are folded, so that every engine finds the same messages.

use std::collections::HashMap;

use rusqlite::Connection;

use super::spread_text;
use crate::library::LibraryError;

/// The class of a character in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Ends a word.
    Separator,
    /// A mark inside a word that the index ignores.
    Ignored,
    /// A part of a word, folded.
    Part(char),
}

const PROBE: &str = "
CREATE VIRTUAL TABLE probe USING fts5(text, tokenize=\"unicode61 remove_diacritics 2\");
CREATE VIRTUAL TABLE probe_word USING fts5vocab(probe, 'instance');
";

/// Splits texts into words. It caches the classes of characters.
#[derive(Default)]
pub struct Tokenizer {
    probe: Option<Connection>,
    known: HashMap<char, Class>,
}

impl Tokenizer {
    /// Returns the words of a text, with a space before, between and after them; empty without words.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn words(&mut self, text: &str) -> Result<String, LibraryError> {
        self.words_of_spread(&spread_text(text))
    }

    pub(in crate::library) fn words_of_spread(&mut self, text: &str) -> Result<String, LibraryError> {
        let mut words = String::with_capacity(text.len() + 2);
        let mut is_inside = false;
        for c in text.chars() {
            match self.class(c)? {
                Class::Separator => is_inside = false,
                Class::Ignored => {}
                Class::Part(folded) => {
                    if !is_inside {
                        words.push(' ');
                    }
                    words.push(folded);
                    is_inside = true;
                }
            }
        }
        if !words.is_empty() {
            words.push(' ');
        }
        Ok(words)
    }

    fn class(&mut self, c: char) -> Result<Class, LibraryError> {
        if c.is_ascii() {
            let is_part = c.is_ascii_alphanumeric();
            return Ok(if is_part { Class::Part(c.to_ascii_lowercase()) } else { Class::Separator });
        }
        if let Some(class) = self.known.get(&c) {
            return Ok(*class);
        }
        let class = self.probe_class(c)?;
        self.known.insert(c, class);
        Ok(class)
    }

    /// Determines the class of a character from SQLite's words for `xcy`.
    fn probe_class(&mut self, c: char) -> Result<Class, LibraryError> {
        let probe = match self.probe.take() {
            Some(probe) => probe,
            None => {
                let probe = Connection::open_in_memory()?;
                probe.execute_batch(PROBE)?;
                probe
            }
        };
        let probe = self.probe.insert(probe);
        probe.prepare_cached("DELETE FROM probe")?.execute([])?;
        probe.prepare_cached("INSERT INTO probe VALUES (?1)")?.execute([format!("x{c}y")])?;
        let mut statement = probe.prepare_cached("SELECT term FROM probe_word ORDER BY offset")?;
        let words: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let [word] = words.as_slice() else { return Ok(Class::Separator) };
        let inner = word.strip_prefix('x').and_then(|rest| rest.strip_suffix('y')).unwrap_or_default();
        Ok(inner.chars().next().map_or(Class::Ignored, Class::Part))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the words as SQLite has them in its index.
    fn words_of_sqlite(text: &str) -> String {
        let probe = Connection::open_in_memory().unwrap();
        probe.execute_batch(PROBE).unwrap();
        probe.execute("INSERT INTO probe VALUES (?1)", [text]).unwrap();
        let mut statement = probe.prepare("SELECT term FROM probe_word ORDER BY offset").unwrap();
        let words: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        if words.is_empty() { String::new() } else { format!(" {} ", words.join(" ")) }
    }

    #[test]
    fn words_are_folded_and_separated_by_single_spaces() {
        let mut tokenizer = Tokenizer::default();
        for (text, words) in [
            ("How long does a Refund take?", " how long does a refund take "),
            ("naïve CAFÉ, e\u{301}clair", " naive cafe eclair "),
            ("api_key gpt-4o", " api key gpt 4o "),
            ("中国人民 2026", " 中国 国人 人民 民 2026 "),
            ("", ""),
            (" … — ", ""),
        ] {
            assert_eq!(tokenizer.words(text).unwrap(), words, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn words_are_those_of_the_index_for_any_text(text in "[ a-cA-C0-9_\\-À-ɏ\u{300}-\u{332}Α-ӿ\u{0e01}-\u{0e5b}一-丐🀀-🧿\\PC]{0,40}") {
            let spread = spread_text(&text).replace('\0', " ");
            prop_assert_eq!(Tokenizer::default().words_of_spread(&spread).unwrap(), words_of_sqlite(&spread));
        }
    }
}
