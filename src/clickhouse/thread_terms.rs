//! Terms about threads as conditions over the columns of `threads`, so that a search reads only threads that may match. The
//! server may select too many threads, because it compares capital letters less exactly; the program checks them again.

use std::sync::LazyLock;

use super::sql::quote;
use crate::filter::{ThreadPlace, ThreadTerm};

/// Returns the condition that the terms have in common; none without one that the server can compare. `names` is the table
/// with the names of applications and variants.
pub(super) fn condition(terms: &[&ThreadTerm], names: &str) -> Option<String> {
    let terms: Vec<String> = terms.iter().filter_map(|term| condition_of(term, names)).collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

fn condition_of(term: &ThreadTerm, names: &str) -> Option<String> {
    Some(match term {
        ThreadTerm::Application(part) => {
            let named = ids_with_name(names, "application", part);
            let is_it = format!("(application_id IN ({named}) OR {})", is_whole("application_id", part));
            let variants = format!("SELECT id FROM {names} WHERE kind = 'variant' AND {is_it}");
            format!("({is_it} OR variant_id IN ({variants}))")
        }
        ThreadTerm::Variant(part) => {
            let named = ids_with_name(names, "variant", part);
            format!("(variant_id IN ({named}) OR {})", is_whole("variant_id", part))
        }
        ThreadTerm::User(part) => has_part("user", part),
        ThreadTerm::Model(part) => has_part("model", part),
        ThreadTerm::Source(whole) => is_whole("origin", whole),
        // Only the plain column has an index.
        ThreadTerm::Id(id) if !id.contains(|c: char| c.is_ascii_alphabetic()) => {
            format!("id = {}", quote(id))
        }
        ThreadTerm::Id(id) => format!("lower(id) = {}", quote(&id.to_ascii_lowercase())),
        ThreadTerm::Since(time) => format!("({HAS_TIME}) AND changed_at >= {}", time.0),
        ThreadTerm::Before(time) => format!("({HAS_TIME}) AND changed_at < {}", time.0),
        ThreadTerm::Archived(true) => "isNotNull(archived_at)".to_owned(),
        ThreadTerm::Archived(false) => "isNull(archived_at)".to_owned(),
        ThreadTerm::Place(place, true) => is_in(*place),
        ThreadTerm::Place(place, false) => format!("NOT ({})", is_in(*place)),
        ThreadTerm::Messages(comparison, count) => {
            format!("listed_message_count {} {count}", comparison.operator())
        }
        // Notes are on this machine, and the server cannot compare texts in the same way.
        ThreadTerm::Noted(_) | ThreadTerm::Text(_) => return None,
    })
}

/// Whether a thread has a time; without one, `changed_at` is 0.
const HAS_TIME: &str = "isNotNull(updated_at) OR isNotNull(created_at)";

/// Returns the expression for a place of threads; it is never NULL.
fn is_in(place: ThreadPlace) -> String {
    let is_same =
        |one: &str, other: &str| format!("(isNull({one}) AND isNull({other}) OR ifNull({one} = {other}, 0))");
    match place {
        ThreadPlace::Saved => "revision > 0".to_owned(),
        // Cached copies stay on the machine that made them.
        ThreadPlace::Read => "0 = 1".to_owned(),
        ThreadPlace::Gone => "revision > 0 AND isNotNull(gone_since)".to_owned(),
        ThreadPlace::Changed => format!(
            "revision > 0 AND isNull(gone_since) AND NOT (
                (isNotNull(updated_at) OR isNotNull(listed_message_count)) AND {} AND {})",
            is_same("revision_updated_at", "updated_at"),
            is_same("revision_message_count", "listed_message_count"),
        ),
    }
}

/// Returns a query for the ids of the applications or variants with a part in their names.
fn ids_with_name(names: &str, kind: &str, part: &str) -> String {
    format!("SELECT id FROM {names} WHERE kind = '{kind}' AND {}", has_part("name", part))
}

fn has_part(column: &str, part: &str) -> String {
    format!("match({column}, {})", quote(&pattern(part)))
}

fn is_whole(column: &str, whole: &str) -> String {
    format!("match({column}, {})", quote(&format!("\\A(?:{})\\z", pattern(whole))))
}

/// Returns a regular expression that finds a lower-case text without regard to case. The server's own tables of letters
/// change with its version, so each letter is listed with its capitals.
fn pattern(lower: &str) -> String {
    let mut pattern = String::with_capacity(lower.len() * 4);
    for c in lower.chars() {
        match (c, capitals_of(c)) {
            // The lower case of a capital I with a dot is two characters.
            ('\u{307}', _) => pattern.push_str("\u{307}?"),
            (_, capitals) if !capitals.is_empty() => pattern.push_str(&format!("[{c}{capitals}]")),
            (_, _) if c.is_ascii_punctuation() => pattern.extend(['\\', c]),
            (_, _) => pattern.push(c),
        }
    }
    pattern
}

/// Returns the characters whose lower case contains a small letter.
fn capitals_of(small: char) -> String {
    match small {
        'i' => "I\u{130}".to_owned(),
        'k' => "K\u{212a}".to_owned(),
        _ if small.is_ascii() => small.to_uppercase().filter(|capital| *capital != small).collect(),
        _ => CAPITALS.iter().filter(|(c, _)| *c == small).map(|(_, capital)| capital).collect(),
    }
}

/// Small letters beyond ASCII with their capitals.
static CAPITALS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let pairs = ('A'..=char::MAX).flat_map(|capital| {
        // At the end of a word, the capital sigma has another small letter.
        let small = capital.to_lowercase().chain((capital == 'Σ').then_some('ς'));
        small.filter(move |c| *c != capital).map(move |c| (c, capital))
    });
    pairs.collect()
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::domain::Timestamp;
    use crate::filter::ThreadFilter;

    fn condition_of_filter(text: &str) -> Option<String> {
        condition(&ThreadFilter::new(text, Timestamp(0)).unwrap().required_terms(), "d.names")
    }

    #[test]
    fn terms_are_conditions_over_columns_and_texts_never_end_their_literals() {
        for (text, expected) in [
            ("id:777", "id = '777'"),
            ("id:C0-7'", "lower(id) = 'c0-7\\''"),
            ("archived:no model:x", "isNull(archived_at) AND match(model, '[xX]')"),
            ("source:u", "match(origin, '\\\\A(?:[uU])\\\\z')"),
            ("user:\"a.'\"", "match(user, '[aA]\\\\.\\\\\\'')"),
            ("messages>=3", "listed_message_count >= 3"),
        ] {
            assert_eq!(condition_of_filter(text).as_deref(), Some(expected), "{text}");
        }
        let application = condition_of_filter("app:x").unwrap();
        assert!(application.contains("variant_id IN (SELECT id FROM d.names"), "{application}");
    }

    #[test]
    fn only_terms_that_every_thread_must_match_are_conditions() {
        assert_eq!(condition_of_filter("lamp id:7").as_deref(), Some("id = '7'"));
        for text in ["lamp", "", "id:7 OR user:a", "not id:7"] {
            assert_eq!(condition_of_filter(text), None, "{text}");
        }
    }

    #[test]
    fn each_letter_is_found_in_the_text_whose_lower_case_has_it() {
        let mut missing: Vec<char> = Vec::new();
        for c in ('\0'..=char::MAX).filter(|c| c.to_lowercase().ne([*c])) {
            let lower: String = c.to_lowercase().collect();
            let is_found = Regex::new(&pattern(&lower)).unwrap().is_match(&c.to_string());
            missing.extend((!is_found).then_some(c));
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    proptest! {
        #[test]
        fn a_part_is_found_wherever_the_lower_case_has_it(
            text in "[a-zA-Z.*\\\\\\[\\]()?+^$|{}'İıKẞßΣσςǅÅéÉ国Жж ]{0,12}",
            from in 0_usize..12,
            length in 1_usize..6,
        ) {
            let lower: String = text.to_lowercase().chars().skip(from).take(length).collect();
            prop_assume!(!lower.is_empty() && text.to_lowercase().contains(&lower));
            prop_assert!(Regex::new(&pattern(&lower)).unwrap().is_match(&text), "{lower:?} in {text:?}");
            let whole = format!("\\A(?:{})\\z", pattern(&text.to_lowercase()));
            prop_assert!(Regex::new(&whole).unwrap().is_match(&text), "{text:?}");
        }
    }
}
