//! Fuzzy matching: the letters of a word in a text, in order, with a score.

/// The maximum number of characters in a text that are compared.
const MAX_CHARS: usize = 300;

/// The maximum number of characters from the first to the last letter, per letter of the word.
const MAX_SPREAD: usize = 4;

/// A word found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FuzzyMatch {
    /// The score: a whole word is better than the beginning of a word, that is better than a part, and that is better than
    /// scattered letters.
    pub score: i32,
    /// The indices of the characters that match, ascending.
    pub chars: Vec<usize>,
}

/// Finds the letters of `word` in `text`, ignoring case. Returns the best place.
pub fn fuzzy_match(word: &str, text: &str) -> Option<FuzzyMatch> {
    if !has_letters(word, text) {
        return None;
    }
    let word = lower_chars(word);
    let text = lower_chars(text);
    if word.is_empty() || word.len() > text.len() {
        return None;
    }
    let starts = (0..text.len()).filter(|start| text.get(*start) == word.first());
    let matches = starts.filter_map(|start| match_from(&word, &text, start));
    // The first of equal matches is used.
    matches.reduce(|best, next| if next.score > best.score { next } else { best })
}

/// The bonus of a text that equals the query.
const WHOLE_BONUS: i32 = 2000;

/// Returns the score of a name with a description for a query; `None` if a word of it is in neither.
pub fn score(query: &str, name: &str, description: &str) -> Option<i32> {
    fuzzy_match_words(query, &[name, description]).map(|(score, _)| score)
}

/// Finds every word of `query` in one of `texts`; the marks are those of each text. A later text has half the weight of the
/// previous one. A first text that equals the query has the highest score.
pub fn fuzzy_match_words(query: &str, texts: &[&str]) -> Option<(i32, Vec<Vec<usize>>)> {
    let mut marks = vec![Vec::new(); texts.len()];
    let is_whole = texts.first().is_some_and(|text| text.to_lowercase() == query.trim().to_lowercase());
    let mut score = if is_whole { WHOLE_BONUS } else { 0 };
    for word in query.split_whitespace() {
        let found = texts.iter().enumerate().filter_map(|(index, text)| {
            let found = fuzzy_match(word, text)?;
            Some((found.score >> index.min(8), index, found.chars))
        });
        let best = found.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        score += best.0;
        if let Some(marked) = marks.get_mut(best.1) {
            marked.extend(best.2);
        }
    }
    Some((score, marks))
}

fn lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

fn lower_chars(text: &str) -> Vec<char> {
    text.chars().take(MAX_CHARS).map(lower).collect()
}

/// Returns whether a text has the letters of a word in their order. This check copies nothing, because most texts of a long
/// list do not match.
fn has_letters(word: &str, text: &str) -> bool {
    let mut letters = text.chars().take(MAX_CHARS).map(lower);
    word.chars().take(MAX_CHARS).map(lower).all(|wanted| letters.any(|letter| letter == wanted))
}

/// Matches the word with its first letter at `start`: a run of letters if there is one, else scattered letters, each of
/// which must begin a word or follow the previous one.
fn match_from(word: &[char], text: &[char], start: usize) -> Option<FuzzyMatch> {
    let begins_word = |at: usize| {
        at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|before| !before.is_alphanumeric())
    };
    let end = start + word.len();
    let early = 20 - i32::try_from(start.min(20)).unwrap_or(20);
    if text.get(start..end) == Some(word) {
        let is_word_end = text.get(end).is_none_or(|after| !after.is_alphanumeric());
        let score = match (begins_word(start), is_word_end) {
            (true, true) => 1000,
            (true, false) => 800,
            (false, _) => 500,
        };
        return Some(FuzzyMatch { score: score + early, chars: (start..end).collect() });
    }
    let mut chars = vec![start];
    let mut score = if begins_word(start) { 20 } else { 0 };
    let mut at = start;
    for letter in word.iter().skip(1) {
        let rest = text.get(at + 1..)?;
        let next = at + 1 + rest.iter().position(|other| other == letter)?;
        score += match next == at + 1 {
            true => 20,
            false if begins_word(next) => 15,
            false => -i32::try_from(next - at).unwrap_or(i32::MAX / 8),
        };
        chars.push(next);
        at = next;
    }
    let is_tight = at - start < word.len() * MAX_SPREAD;
    (is_tight && score > 0).then_some(FuzzyMatch { score: (score + early).min(400), chars })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_words_beat_beginnings_parts_and_scattered_letters() {
        let texts = ["margin", "marginal", "submargin", "m a r g i n"];
        let scores: Vec<i32> =
            texts.iter().filter_map(|text| Some(fuzzy_match("margin", text)?.score)).collect();
        assert_eq!(scores.len(), 4);
        assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
    }

    #[test]
    fn letters_that_match_are_marked_at_the_best_place() {
        for (word, text, marked) in [
            ("fall", "Why did margin fall?", Some(vec![15, 16, 17, 18])),
            ("mf", "Why did margin fall?", Some(vec![8, 15])),
            ("MARG", "Why did margin fall?", Some(vec![8, 9, 10, 11])),
            ("zzqq", "Why did margin fall?", None),
            ("wll", "Why did margin fall?", None),
            ("", "text", None),
            ("売上", "今日の売上の内訳", Some(vec![3, 4])),
        ] {
            assert_eq!(fuzzy_match(word, text).map(|found| found.chars), marked, "{word}");
        }
    }

    #[test]
    fn each_word_may_be_in_another_text() {
        let (_, marks) = fuzzy_match_words("4471 support", &["Lamp order 4471", "a support chat"]).unwrap();
        assert_eq!(marks, [vec![11, 12, 13, 14], (2..9).collect()]);
        assert!(fuzzy_match_words("4471 zzqq", &["Lamp order 4471", "a support chat"]).is_none());
    }

    #[test]
    fn better_matches_score_higher_and_every_word_must_match() {
        let ranked = [
            ("copy-path", "copy-path", ""),
            ("copy", "copy-path", ""),
            ("path", "copy-path", ""),
            ("opy", "copy-path", ""),
            ("JSON", "copy-path", "copy the JSON path"),
            ("ath", "copy", "the path"),
            ("cpth", "copy-path", ""),
        ];
        let scores: Vec<_> =
            ranked.iter().map(|(query, name, help)| score(query, name, help).unwrap()).collect();
        assert!(scores.windows(2).all(|pair| pair[0] > pair[1]), "{scores:?}");
        assert!(score("copy json", "copy-path", "copy the JSON path").is_some());
        assert_eq!(score("copy zzz", "copy-path", "copy the JSON path"), None);
        assert_eq!(score("htap", "path", ""), None);
        assert_eq!(score("", "path", ""), Some(0));
    }

    proptest! {
        #[test]
        fn marks_spell_the_word(word in "\\PC{1,6}", text in "\\PC{0,60}") {
            if let Some(found) = fuzzy_match(&word, &text) {
                let letters = lower_chars(&text);
                let spelled: Vec<char> = found.chars.iter().map(|at| letters[*at]).collect();
                prop_assert_eq!(spelled, lower_chars(&word));
                prop_assert!(found.chars.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
