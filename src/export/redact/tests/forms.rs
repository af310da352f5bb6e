//! Secrets of every form, with random characters, alone and next to any other character.

use super::*;

const FORMS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/redact/forms.txt"));

/// The maximum number of characters in a secret that may remain together.
const MAX_REMAINDER: usize = 7;

struct Form {
    before: &'static str,
    secret: &'static str,
    after: &'static str,
    /// Whether adjacent letters and digits make it something else.
    stands_alone: bool,
}

/// A small random generator, so that each seed gives the same secret.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

fn forms() -> Vec<Form> {
    let lines = FORMS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (before, rest) = line.split_once('⟦').unwrap();
            let (secret, after) = rest.split_once('⟧').unwrap();
            Form { before, secret, after: after.trim_end_matches('~'), stands_alone: line.ends_with('~') }
        })
        .collect()
}

fn fill(template: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((text, place)) = rest.split_once('{') {
        let (place, after) = place.split_once('}').unwrap();
        let (class, count) = place.split_once(':').unwrap();
        let count: usize = count.parse().unwrap();
        let alphabet = match class {
            "a" => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "l" => "0123456789abcdefghijklmnopqrstuvwxyz",
            "u" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "h" => "0123456789abcdef",
            "w" => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-",
            "b" => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/",
            "n" => "123456789",
            "t" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            _ => panic!("{class}"),
        };
        out.push_str(text);
        // A value of more than a few characters has a digit, almost always.
        let digit_at = random.below(count);
        for index in 0..count {
            let limit = if index == digit_at && class != "t" { 9 } else { alphabet.len() };
            out.push(char::from(alphabet.as_bytes()[random.below(limit)]));
        }
        rest = after;
    }
    out.push_str(rest);
    out.replace("\\n", "\n").replace("\\r", "\r")
}

/// Returns the first part of the secret that remains.
fn remainder(secret: &str, redacted: &str) -> Option<String> {
    let characters: Vec<char> = secret.chars().collect();
    let length = (MAX_REMAINDER + 1).min(characters.len());
    let mut parts = characters.windows(length).map(|part| part.iter().collect::<String>());
    parts.find(|part| redacted.contains(part.as_str()))
}

/// Fills a form and redacts it next to other characters; returns the remaining text.
fn check(form: &Form, seed: u64, neighbours: (&str, &str)) -> Option<String> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let [before, secret, after] = [form.before, form.secret, form.after].map(|part| fill(part, &mut random));
    let text = format!("{}{before}{secret}{after}{}", neighbours.0, neighbours.1);
    let json = serde_json::to_string(&text).unwrap();
    let masked = String::from_utf8(redact_json_shared(json.as_bytes())).unwrap();
    let masked: String = serde_json::from_str(&masked).unwrap();
    remainder(&secret, &masked).map(|part| format!("{part:?} of {secret:?} in {text:?}: {masked:?}"))
}

#[test]
fn no_form_keeps_eight_characters_of_its_secret() {
    let forms = forms();
    assert!(forms.len() >= 150, "{}", forms.len());
    let left: Vec<String> = forms
        .iter()
        .filter_map(|form| (1..4).find_map(|seed| check(form, seed, ("Look: ", " - and more."))))
        .collect();
    assert!(left.is_empty(), "{} of {}: {left:#?}", left.len(), forms.len());
}

proptest! {
    #[test]
    fn no_character_next_to_a_secret_protects_a_part_of_it(
        form in any::<prop::sample::Index>(), seed in any::<u64>(), before in "(\\PC|[ -~\t\n]){0,4}",
        after in "(\\PC|[ -~\t\n]){0,4}",
    ) {
        let forms = forms();
        let form = form.get(&forms);
        // A name before a secret is a separate word; a secret without a name may begin anywhere.
        let stands_apart = form.stands_alone || !form.before.is_empty();
        let before = if stands_apart { before.trim_end_matches(char::is_alphanumeric) } else { &before };
        // Digits before a separator belong to the number: `2-212-555-0199`.
        let is_joined = before.trim_end_matches(['-', '/', '+', '.']).ends_with(char::is_numeric);
        let before = if form.stands_alone && is_joined { "" } else { before };
        let after = if form.stands_alone { after.trim_start_matches(char::is_alphanumeric) } else { &after };
        let left = check(form, seed, (before, after));
        prop_assert!(left.is_none(), "{}", left.unwrap_or_default());
    }
}
