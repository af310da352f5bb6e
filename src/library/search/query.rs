//! The query of a search: `refund "how long" -warranty role:user app:Support cost>0.01 re:order\s\d+`.

use super::{PLACES, Place};
use crate::domain::Timestamp;
use crate::filter::{self, Measure};
use crate::library::LibraryError;
use crate::library::index::{Tokenizer, is_unseparated, spread_query};
use crate::search::{Finder, Query};

/// Whether the last word is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchMode {
    /// All words are complete.
    #[default]
    Whole,
    /// The last word is still being typed.
    Typing,
}

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LibraryQuery {
    words: Vec<Word>,
    /// The places to search; everywhere if empty.
    places: Vec<Place>,
    pub(super) is_negative: bool,
    pub(super) is_positive: bool,
    pub(super) is_failed: bool,
    /// Only messages at this time or later.
    pub since: Option<Timestamp>,
    /// Only messages before this time.
    pub before: Option<Timestamp>,
    pub(super) measures: Vec<Measure>,
    /// Regular expressions and punctuation that the texts must match; the index has neither.
    pub(super) regexes: Vec<Finder>,
    /// The terms about threads, for [`crate::filter::ThreadFilter`].
    thread_expression: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    is_excluded: bool,
    /// Whether it is only the beginning of a word.
    is_prefix: bool,
    /// Whether it is still being typed.
    is_typed: bool,
}

/// A word, a phrase or the beginning of a word, as a part of the words of a text: see [`Tokenizer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordPattern {
    /// Begins with a space; ends with one if the last word is complete.
    pub text: String,
    /// Whether texts with it do not match.
    pub is_excluded: bool,
}

/// The length of the longest beginning of a word that the index has.
const INDEXED_LETTERS: usize = 3;

/// Terms about threads, which a filter of threads reads.
const THREAD_TERMS: [&str; 13] = [
    "app", "variant", "user", "uid", "source", "model", "id", "archived", "saved", "read", "changed", "gone",
    "noted",
];

impl LibraryQuery {
    /// Parses a query. Ages are counted back from `now`.
    ///
    /// # Errors
    /// A sentence about a term without a valid value, or a query without a word.
    pub fn parse(text: &str, mode: SearchMode, now: Timestamp) -> Result<Self, String> {
        let mut query = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (token, after) = next_token(rest);
            let is_last = after.is_empty() && !text.ends_with(char::is_whitespace);
            query.add(token, mode == SearchMode::Typing && is_last, now)?;
            rest = after.trim_start();
        }
        Ok(query)
    }

    /// Returns the terms about threads.
    pub fn thread_expression(&self) -> &str {
        &self.thread_expression
    }

    /// Returns whether the query has a word.
    pub fn has_words(&self) -> bool {
        self.words.iter().any(|word| !word.is_excluded)
    }

    /// Returns whether the query has a word or a regular expression.
    pub fn has_text(&self) -> bool {
        self.has_words() || !self.regexes.is_empty()
    }

    fn add(&mut self, token: &str, is_typing: bool, now: Timestamp) -> Result<(), String> {
        if token == "OR" && !is_typing {
            let reason = "all words must occur in a message, there is no OR; quote \"OR\" to find the word";
            return Err(reason.to_owned());
        }
        let (is_excluded, token) = match token.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            Some(rest) => (true, rest),
            None => (false, token),
        };
        if let Some(measure) = Measure::parse(token).filter(|_| !is_excluded) {
            self.measures.push(measure.map_err(|error| error.to_string())?);
            return Ok(());
        }
        if !is_excluded
            && let Some((name, value)) = token.split_once(':')
            && !value.is_empty()
            && self.add_term(name, value, now)?
        {
            return Ok(());
        }
        let (text, is_quoted) = match token.strip_prefix('"') {
            Some(quoted) => (quoted.strip_suffix('"').unwrap_or(quoted), true),
            None => (token, false),
        };
        let (text, has_star) = match text.strip_suffix('*').filter(|rest| !is_quoted && !rest.is_empty()) {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        if text.chars().any(char::is_alphanumeric) {
            let is_closed = is_quoted && token.len() > 1 && token.ends_with('"');
            let mut is_prefix = has_star || (is_typing && !is_closed);
            let text = match without_last_letter(text).filter(|_| is_typing && is_prefix && !has_star) {
                Some(before) => {
                    is_prefix = false;
                    before
                }
                None => text,
            };
            self.words.push(Word { text: text.to_owned(), is_excluded, is_prefix, is_typed: is_typing });
        } else if !(text.is_empty() || is_typing && text.is_ascii()) {
            // The index has no punctuation. ASCII punctuation may be the beginning of another term.
            if is_excluded {
                return Err(format!("-{text} excludes punctuation; only words can be excluded"));
            }
            let punctuation = Finder::new(&Query::literal(text));
            self.regexes.push(punctuation.map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    /// Adds a term with a name. Returns false if no term has this name, so that the token is a text.
    fn add_term(&mut self, name: &str, value: &str, now: Timestamp) -> Result<bool, String> {
        let value = value.trim_matches('"');
        match name {
            "role" => self.places.push(match value {
                "user" => Place::User,
                "assistant" => Place::Assistant,
                "tool" | "tools" => Place::Tools,
                "feedback" => Place::Feedback,
                "title" => Place::Title,
                _ => {
                    return Err(format!("role:{value} is not one of user, assistant, tool, feedback, title"));
                }
            }),
            "is" => match value {
                "negative" => self.is_negative = true,
                "positive" => self.is_positive = true,
                "failed" => self.is_failed = true,
                _ => return Err(format!("is:{value} is not one of negative, positive, failed")),
            },
            "re" => {
                let pattern = Finder::new(&Query::new(&format!("re:{value}")));
                self.regexes.push(pattern.map_err(|error| error.to_string())?);
            }
            "since" => self.since = Some(parse_time(value, now)?),
            "before" => self.before = Some(parse_time(value, now)?),
            _ if THREAD_TERMS.contains(&name) => {
                self.thread_expression.push_str(&format!("{name}:\"{}\" ", value.replace('"', "")));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Returns whether this place is searched.
    pub(super) fn includes(&self, place: Place) -> bool {
        self.places.is_empty() || self.places.contains(&place)
    }

    /// Returns the finders of the texts that a hit shows: the words, then the regular expressions.
    pub fn finders(&self) -> Vec<Finder> {
        let words = self.words.iter().filter(|word| !word.is_excluded);
        // The index has no punctuation, so that a hit need not have that around the word.
        let texts = words.map(|word| word.text.trim_matches(|c: char| !c.is_alphanumeric()));
        let finders = texts.filter_map(|text| Finder::new(&Query::literal(text)).ok());
        finders.chain(self.regexes.iter().cloned()).collect()
    }

    /// Returns the patterns that the words of a text must contain. A pattern without a word matches nothing.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn patterns(&self) -> Result<Vec<WordPattern>, LibraryError> {
        let mut tokenizer = Tokenizer::default();
        let mut patterns = Vec::new();
        let is_first_letter = self.is_first_letter();
        let known = self.words.iter().filter(|word| is_first_letter || !word.is_letter());
        for word in known.filter(|word| word.expression().is_some()) {
            let (spread, ends_in_prefix) = spread_query(&word.text);
            let mut text = tokenizer.words_of_spread(&spread)?;
            if word.is_prefix || ends_in_prefix {
                text.truncate(text.trim_end().len());
            }
            patterns.push(WordPattern { text, is_excluded: word.is_excluded });
        }
        Ok(patterns)
    }

    /// Returns the positions of the parts of a message that are searched; all if empty.
    pub fn part_positions(&self) -> Vec<usize> {
        let position = |place: &Place| PLACES.iter().position(|other| other == place);
        let places: &[Place] = if self.is_first_letter() { &[Place::Title] } else { &self.places };
        places.iter().filter_map(position).collect()
    }

    /// Returns the expression for the index. Each word is quoted, so that nothing in it is an operator.
    pub(super) fn expression(&self) -> Option<String> {
        self.expression_of(&Word::expression)
    }

    /// Returns an expression that finds more: with the first three letters of the last word, which is being typed. None if
    /// its beginning is not longer.
    pub(super) fn wide_expression(&self) -> Option<String> {
        let last = self.words.last().filter(|word| !word.is_excluded)?;
        let wide = last.wide_expression()?;
        self.expression_of(&|word| if word == last { Some(wide.clone()) } else { word.expression() })
    }

    fn expression_of(&self, of_word: &dyn Fn(&Word) -> Option<String>) -> Option<String> {
        let join = |words: &mut dyn Iterator<Item = String>, operator: &str| {
            words.collect::<Vec<_>>().join(operator)
        };
        let wanted = join(&mut self.long_words().filter_map(of_word), " AND ");
        if wanted.is_empty() {
            return None;
        }
        let markers = self.places.iter().filter_map(|place| place.marker());
        let places = join(&mut markers.map(|marker| format!("\"{marker}\"")), " OR ");
        let wanted = if places.is_empty() { wanted } else { format!("{wanted} AND ({places})") };
        let excluded = self.words.iter().filter(|word| word.is_excluded && !word.is_letter());
        let excluded = join(&mut excluded.filter_map(of_word), " OR ");
        Some(if excluded.is_empty() { wanted } else { format!("({wanted}) NOT ({excluded})") })
    }

    /// Returns the words to find, without a single letter that is being typed: too many words begin with it.
    fn long_words(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| !word.is_excluded && !word.is_letter())
    }

    /// Returns whether the query is only the first letter of a word, for which only titles are searched.
    pub(super) fn is_first_letter(&self) -> bool {
        self.has_words()
            && self.long_words().next().is_none()
            && self.includes(Place::Title)
            && !self.has_conditions()
    }

    /// Returns whether the query cannot find anything yet: it has no word, or only a first letter while titles are not
    /// searched.
    pub fn is_empty(&self) -> bool {
        !self.has_conditions() && !self.is_first_letter() && self.long_words().next().is_none()
    }
}

impl Word {
    /// Returns whether it is the first letter of a word that is being typed. One character of a script without spaces is a
    /// word.
    fn is_letter(&self) -> bool {
        let mut chars = self.text.chars();
        self.is_typed && chars.next().is_some_and(|c| !is_unseparated(c)) && chars.next().is_none()
    }

    fn expression(&self) -> Option<String> {
        let (spread, ends_in_prefix) = spread_query(&self.text);
        let text = spread.replace('"', " ");
        // The index has no empty words, and an empty phrase is an error.
        if !text.chars().any(char::is_alphanumeric) {
            return None;
        }
        let star = if self.is_prefix || ends_in_prefix { " *" } else { "" };
        Some(format!("\"{}\"{star}", text.trim()))
    }

    /// Returns the expression with the letters that the index has; `None` if none remains.
    fn wide_expression(&self) -> Option<String> {
        let (spread, _) = spread_query(&self.text);
        let spread = spread.trim();
        let last = spread.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let cut = last.char_indices().nth(INDEXED_LETTERS).map(|(at, _)| last.len() - at)?;
        let text = spread.get(..spread.len() - cut)?.replace('"', " ");
        let is_wide = self.is_typed && self.is_prefix && !last.chars().any(is_unseparated);
        is_wide.then(|| format!("\"{}\" *", text.trim()))
    }
}

/// Returns the text without a single letter at its end that begins another word: `api_k` without `k`. None if it has no
/// such letter.
fn without_last_letter(text: &str) -> Option<&str> {
    let mut chars = text.char_indices().rev();
    let (at, last) = chars.next()?;
    let (_, before) = chars.next()?;
    let before_letter = text.get(..at)?;
    let is_letter = last.is_alphanumeric() && !is_unseparated(last) && !before.is_alphanumeric();
    (is_letter && before_letter.chars().any(char::is_alphanumeric)).then_some(before_letter)
}

/// Splits off the next word, or the next phrase in quotes, with a name or a character such as `-` before it.
fn next_token(text: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if c.is_whitespace() && !is_quoted => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

fn parse_time(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    filter::parse_time(&text.to_lowercase(), now)
        .ok_or_else(|| format!("{text} is neither a date (2026-09-01) nor an age (7d)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> Option<String> {
        LibraryQuery::parse(text, SearchMode::Whole, Timestamp(0)).unwrap().expression()
    }

    #[test]
    fn words_with_any_characters_are_quoted() {
        for (text, expected) in [
            ("refund", Some("\"refund\"")),
            ("refund wait", Some("\"refund\" AND \"wait\"")),
            ("\"how long\"", Some("\"how long\"")),
            ("refund -warranty", Some("(\"refund\") NOT (\"warranty\")")),
            ("refund*", Some("\"refund\" *")),
            ("api_key NEAR \"OR\" AND", Some("\"api_key\" AND \"NEAR\" AND \"OR\" AND \"AND\"")),
            ("http://x", Some("\"http://x\"")),
            ("gpt-4o", Some("\"gpt-4o\"")),
            ("role:user refund", Some("\"refund\" AND (\"\u{e001}\")")),
            ("国", Some("\"国\" *")),
            ("国人", Some("\"国人\"")),
            ("-refund", None),
            ("* \" ' ( )", None),
            ("", None),
        ] {
            assert_eq!(expression(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_last_word_is_a_prefix_while_it_is_typed() {
        let typed = |text| LibraryQuery::parse(text, SearchMode::Typing, Timestamp(0)).unwrap().expression();
        assert_eq!(typed("refund wa").as_deref(), Some("\"refund\" AND \"wa\" *"));
        assert_eq!(typed("refund ").as_deref(), Some("\"refund\""));
        assert_eq!(typed("\"how lo").as_deref(), Some("\"how lo\" *"));
        assert_eq!(typed("refund w").as_deref(), Some("\"refund\""));
        assert_eq!(typed("w"), None);
        assert_eq!(typed("\"how l").as_deref(), Some("\"how\""));
        assert_eq!(typed("api_k").as_deref(), Some("\"api_\""));
        assert_eq!(typed("国").as_deref(), Some("\"国\" *"));
        assert_eq!(typed("\"how long\"").as_deref(), Some("\"how long\""));
    }

    #[test]
    fn a_long_beginning_is_found_by_its_first_letters() {
        let wide =
            |text| LibraryQuery::parse(text, SearchMode::Typing, Timestamp(0)).unwrap().wide_expression();
        assert_eq!(wide("lamp refund").as_deref(), Some("\"lamp\" AND \"ref\" *"));
        assert_eq!(wide("\"the refund").as_deref(), Some("\"the ref\" *"));
        assert_eq!(wide("gpt-4turbo").as_deref(), Some("\"gpt-4tu\" *"));
        for short in ["ref", "refund ", "\"refund\"", "売上報告書", "lamp -refund", ""] {
            assert_eq!(wide(short), None, "{short}");
        }
    }

    #[test]
    fn terms_select_and_wrong_values_are_named() {
        let query = LibraryQuery::parse(
            "is:negative app:\"My app\" since:7d refund",
            SearchMode::Whole,
            Timestamp(604_800_000_001),
        );
        let query = query.unwrap();
        assert_eq!((query.is_negative, query.since), (true, Some(Timestamp(1))));
        assert_eq!(query.thread_expression(), "app:\"My app\" ");
        for wrong in [
            "cost>much x",
            "re:( x",
            "role:nobody x",
            "is:strange x",
            "since:tomorrow x",
            "before:12 x",
            "since:-1d x",
            "refund OR warranty",
            "refund -👍",
        ] {
            assert!(LibraryQuery::parse(wrong, SearchMode::Whole, Timestamp(0)).is_err(), "{wrong}");
        }
    }
}
