//! Recall: the index finds exactly the texts that a plain scan finds.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::*;
use crate::library::SearchMode;

/// A random number generator with a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// Returns characters from a range.
    fn run(&mut self, first: char, count: usize, length: usize) -> String {
        (0..length).map(|_| char::from_u32(first as u32 + self.below(count) as u32).unwrap()).collect()
    }
}

const SYLLABLES: [&str; 20] = [
    "ba", "re", "fun", "tor", "li", "mek", "sa", "dro", "wi", "nal", "ko", "per", "ti", "gus", "ha", "ver",
    "xi", "zo", "que", "ny",
];
const ACCENTED: [&str; 8] = ["café", "naïve", "Größe", "señor", "crème", "Ångström", "façade", "éléphant"];

/// The kinds of words in a text and of queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Word,
    Identifier,
    Chinese,
    Thai,
    Arabic,
    Accented,
}

const KINDS: [Kind; 9] = [
    Kind::Word,
    Kind::Word,
    Kind::Word,
    Kind::Word,
    Kind::Identifier,
    Kind::Chinese,
    Kind::Thai,
    Kind::Arabic,
    Kind::Accented,
];

fn word(numbers: &mut Numbers, kind: Kind) -> String {
    match kind {
        Kind::Word => {
            let syllables = 1 + numbers.below(3);
            (0..=syllables).map(|_| numbers.pick(&SYLLABLES)).collect()
        }
        Kind::Identifier => match numbers.below(3) {
            0 => format!("api_key_{}", numbers.below(40)),
            1 => format!("gpt-{}o", numbers.below(40)),
            _ => format!("{:08x}-{:04x}", numbers.below(1 << 30), numbers.below(1 << 16)),
        },
        Kind::Chinese => {
            let length = 1 + numbers.below(9);
            numbers.run('中', 90, length)
        }
        Kind::Thai => {
            let length = 2 + numbers.below(8);
            numbers.run('ก', 40, length)
        }
        Kind::Arabic => {
            let length = 2 + numbers.below(5);
            numbers.run('ع', 8, length)
        }
        Kind::Accented => numbers.pick(&ACCENTED).to_owned(),
    }
}

/// Without case and accents.
fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// Returns whether a text, which is also given folded, has a term at the borders of words; inside of words, in scripts
/// without spaces.
fn contains((text, folded): &(String, String), term: &str, folded_term: &str, kind: Kind) -> bool {
    if matches!(kind, Kind::Chinese | Kind::Thai) {
        return text.contains(term);
    }
    folded.match_indices(folded_term).any(|(at, found)| {
        let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (before, rest) = folded.split_at(at);
        let after = rest.strip_prefix(found).unwrap();
        !is_inside(before.chars().next_back()) && !is_inside(after.chars().next())
    })
}

/// Returns a term from a text: a word, a phrase, or a part of a word in scripts without spaces.
fn term(numbers: &mut Numbers, words: &[(Kind, String)]) -> (Kind, String) {
    let at = numbers.below(words.len());
    let (kind, word) = &words[at];
    match kind {
        Kind::Chinese | Kind::Thai => {
            let letters: Vec<char> = word.chars().collect();
            let length = [1, 2, 3, 5][numbers.below(4)].min(letters.len());
            let start = numbers.below(letters.len() - length + 1);
            (*kind, letters[start..start + length].iter().collect())
        }
        Kind::Accented => (*kind, if numbers.below(2) == 0 { fold(word) } else { word.clone() }),
        Kind::Word | Kind::Identifier | Kind::Arabic => {
            let is_phrase = |(kind, _): &&(Kind, String)| !matches!(kind, Kind::Chinese | Kind::Thai);
            let length = 1 + numbers.below(3);
            let phrase: Vec<&str> = words[at..]
                .iter()
                .take_while(is_phrase)
                .take(length)
                .map(|(_, word)| word.as_str())
                .collect();
            (*kind, phrase.join(" "))
        }
    }
}

#[test]
fn the_index_finds_the_hits_of_a_plain_scan() {
    const THREADS: usize = 25;
    const MESSAGES: usize = 80;
    let mut numbers = Numbers(1);
    let mut threads: Vec<Vec<Vec<(Kind, String)>>> = Vec::new();
    for _ in 0..THREADS {
        let message = |numbers: &mut Numbers| {
            let length = 4 + numbers.below(20);
            (0..length)
                .map(|_| {
                    let kind = KINDS[numbers.below(KINDS.len())];
                    (kind, word(numbers, kind))
                })
                .collect()
        };
        threads.push((0..MESSAGES).map(|_| message(&mut numbers)).collect());
    }
    let text =
        |words: &[(Kind, String)]| words.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ");
    let both = |words: &Vec<(Kind, String)>| (text(words), fold(&text(words)));
    let texts: Vec<Vec<(String, String)>> =
        threads.iter().map(|messages| messages.iter().map(both).collect()).collect();
    let pairs: Vec<Vec<(&str, &str)>> = texts
        .iter()
        .map(|texts| texts.chunks(2).map(|pair| (pair[0].0.as_str(), pair[1].0.as_str())).collect())
        .collect();
    let titles: Vec<String> = (0..THREADS).map(|number| format!("T{}", "x".repeat(number))).collect();
    let kept: Vec<(&str, &[(&str, &str)])> =
        titles.iter().zip(&pairs).map(|(title, pairs)| (title.as_str(), pairs.as_slice())).collect();
    let fixture = fixture(&kept);
    let mut tried = BTreeSet::new();
    for _ in 0..1000 {
        let (thread, message) = (numbers.below(THREADS), numbers.below(MESSAGES));
        let (kind, term) = term(&mut numbers, &threads[thread][message]);
        tried.insert(kind);
        let folded = fold(&term);
        let mut expected = BTreeSet::new();
        for (title, texts) in titles.iter().zip(&texts) {
            let hits = texts.iter().enumerate().filter(|(_, text)| contains(text, &term, &folded, kind));
            expected.extend(hits.map(|(index, _)| (title.clone(), index.to_string())));
        }
        assert!(!expected.is_empty(), "{term}");
        let query = LibraryQuery::parse(&format!("\"{term}\""), SearchMode::Whole, Timestamp(0)).unwrap();
        let hits = fixture.library.search(&query, &everything(usize::MAX)).unwrap();
        let found: BTreeSet<_> =
            hits.into_iter().map(|hit| (hit.thread.listed.title, hit.message_id)).collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        assert!(missing.is_empty(), "{kind:?} {term}: {missing:?}");
        let surplus: Vec<_> = found.difference(&expected).collect();
        assert!(surplus.is_empty(), "{kind:?} {term}: {surplus:?}");
    }
    assert_eq!(tried.len(), 6);
}
