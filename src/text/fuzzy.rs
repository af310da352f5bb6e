//! Matching of typed words with names and descriptions, for lists that narrow while one types.

/// How well a word matches, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Its letters are in the name, in order.
    Scattered,
    InDescription,
    StartsWordOfDescription,
    InName,
    StartsWordOfName,
    StartsName,
    Name,
}

/// How well a query matches: larger is better, `None` if a word of it is nowhere.
pub fn score(query: &str, name: &str, description: &str) -> Option<u32> {
    let (name, description) = (name.to_lowercase(), description.to_lowercase());
    let query = query.to_lowercase();
    let whole = u32::from(query.trim() == name) * 100;
    let words = query.split_whitespace();
    words
        .map(|word| fit(word, &name, &description).map(|fit| fit as u32))
        .try_fold(whole, |sum, fit| Some(sum + fit?))
}

fn fit(word: &str, name: &str, description: &str) -> Option<Fit> {
    let starts_word =
        |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word));
    Some(match () {
        () if name == word => Fit::Name,
        () if name.starts_with(word) => Fit::StartsName,
        () if starts_word(name) => Fit::StartsWordOfName,
        () if name.contains(word) => Fit::InName,
        () if starts_word(description) => Fit::StartsWordOfDescription,
        () if description.contains(word) => Fit::InDescription,
        () if has_in_order(name, word) => Fit::Scattered,
        () => return None,
    })
}

/// Whether the letters of `word` are in `text`, in order.
fn has_in_order(text: &str, word: &str) -> bool {
    let mut letters = text.chars();
    word.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
