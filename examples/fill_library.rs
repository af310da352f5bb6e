//! Fills a library with generated threads, indexes it, and times searches in it, letter by letter:
//!
//! ```text
//! cargo run --release --example fill_library -- FOLDER [THREADS [MESSAGES]]
//! ```
//!
//! 10,000 threads of 100 messages are the million messages of `benches/README.md`. Words of two to four syllables follow
//! Zipf's law over 60,000 words; one message in twenty is Japanese. An existing library is searched without changes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints its figures")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use unspool::testing::domain::{ListedThread, Timestamp};
use unspool::testing::library::{
    Account, BodyFacts, FetchedBody, HitExtent, Library, LibraryError, LibraryQuery, SearchMode,
    SearchOptions,
};

const VOCABULARY: f64 = 60_000.0;
/// September 2026.
const START_MICROS: i64 = 1_788_000_000_000_000;
const QUERIES: [&str; 10] = [
    "refund",
    "warranty lamp",
    "\"how long",
    "api_key",
    "return policy",
    "con",
    "売上",
    "refund customer connection",
    "zzzz",
    "role:user warranty",
];

/// A SplitMix64 sequence, so that every run has the same text.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Between 0 and 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns a word of rank r with a chance of about 1/r.
    fn word(&mut self) -> String {
        const COMMON: [&str; 12] = [
            "the",
            "refund",
            "lamp",
            "warranty",
            "order",
            "return",
            "policy",
            "how",
            "long",
            "customer",
            "api_key",
            "connection",
        ];
        let rank = VOCABULARY.powf(self.unit()) as usize;
        COMMON.get(rank.wrapping_sub(1)).map_or_else(|| invented_word(rank), |word| (*word).to_owned())
    }

    fn text(&mut self, is_japanese: bool) -> String {
        if is_japanese {
            return (0..60)
                .filter_map(|_| char::from_u32(0x4e00 + (self.next() % 2000) as u32))
                .collect::<String>()
                + "売上";
        }
        let words: Vec<String> = (0..80).map(|_| self.word()).collect();
        words.join(" ")
    }
}

/// Returns the same word for the same rank; its beginning, one of few as in natural words, is independent of the rank.
fn invented_word(rank: usize) -> String {
    const BEGINNINGS: [&str; 32] = [
        "re", "con", "in", "de", "un", "pro", "dis", "com", "ma", "pa", "ex", "st", "ca", "per", "mi", "so",
        "en", "tra", "sub", "be", "fo", "la", "che", "po", "ha", "su", "al", "ti", "gr", "wo", "bo", "ve",
    ];
    const SYLLABLES: [&str; 40] = [
        "ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "ster", "tion",
        "ment", "ing", "er", "al", "ous", "ter", "lan", "den", "ker", "ron", "sim", "tak", "val", "wen",
        "bri", "clo", "dra", "fle", "gri", "plu", "sco", "tru", "nas", "lim",
    ];
    // Multiplying by an odd number permutes the ranks below 65,536. Earlier beginnings are more frequent.
    let mut rest = rank.wrapping_mul(40_503) % 65_536;
    let beginning = (rest % 32) * (rest / 32 % 32) / 32;
    let mut word = BEGINNINGS.get(beginning).map_or_else(String::new, |beginning| (*beginning).to_owned());
    for _ in 0..if rank < 300 { 2 } else { 3 } {
        word.push_str(SYLLABLES.get(rest % 40).unwrap_or(&""));
        rest /= 40;
    }
    word
}

fn body(random: &mut Random, messages: usize, text_bytes: &mut u64) -> String {
    let messages: Vec<String> = (0..messages)
        .map(|id| {
            let text = random.text(id % 20 == 19);
            *text_bytes += text.len() as u64;
            let role = if id % 2 == 0 { "user" } else { "assistant" };
            format!(r#"{{"id":{id},"role":"{role}","content":"{text}"}}"#)
        })
        .collect();
    format!(r#"{{"messages":[{}]}}"#, messages.join(","))
}

fn fill(library: &mut Library, threads: usize, messages: usize) -> Result<(), LibraryError> {
    let account = Account::new("camelai", "https://example.com", None);
    let mut random = Random(1);
    let mut text_bytes = 0;
    let started = Instant::now();
    for index in 0..threads {
        let at = Timestamp(START_MICROS + index as i64 * 60_000_000);
        let listed = ListedThread {
            id: index.to_string(),
            title: format!("Thread {index} about {}", random.word()),
            created_at: Some(at),
            updated_at: Some(at),
            ..ListedThread::default()
        };
        let mut writer = library.start_body()?;
        writer.write(body(&mut random, messages, &mut text_bytes).as_bytes())?;
        let facts = BodyFacts { message_count: messages as u64, ..BodyFacts::default() };
        library.keep(&account, &listed, FetchedBody { body: writer.finish()?, facts, fetched_at: at })?;
    }
    println!(
        "kept {threads} threads, {} MB of text, in {:.1} s",
        text_bytes / 1_000_000,
        started.elapsed().as_secs_f64()
    );
    let started = Instant::now();
    library.update_index(&mut |_| true)?;
    let seconds = started.elapsed().as_secs_f64();
    println!("indexed in {seconds:.1} s: {:.0} messages/s", (threads * messages) as f64 / seconds);
    Ok(())
}

/// Types each query letter by letter, and prints the times in milliseconds.
fn search(folder: &std::path::Path) -> Result<(), LibraryError> {
    let mut all: Vec<Duration> = Vec::new();
    for query in QUERIES {
        let mut times = Vec::new();
        let mut typed = String::new();
        for letter in query.chars() {
            typed.push(letter);
            let options = SearchOptions {
                is_selected: &|_| true,
                required_terms: &[],
                is_stopped: &|| false,
                limit: 100,
                extent: HitExtent::All,
            };
            let started = Instant::now();
            // Like the browser, open the library for each query.
            let Some(library) = Library::open_read_only(folder)? else { return Ok(()) };
            let Ok(query) = LibraryQuery::parse(&typed, SearchMode::Typing, Timestamp(0)) else { continue };
            let hits = library.search(&query, &options)?;
            times.push((started.elapsed(), hits.len()));
        }
        let shown: Vec<String> =
            times.iter().map(|(time, hits)| format!("{:.1}/{hits}", time.as_secs_f64() * 1e3)).collect();
        println!("{query:16} {}", shown.join(" "));
        all.extend(times.iter().skip(1).map(|(time, _)| *time));
    }
    all.sort();
    let at = |share: usize| all.get((all.len() * share / 100).min(all.len().saturating_sub(1)));
    println!("from the second letter: median {:?}, p95 {:?}, max {:?}", at(50), at(95), all.last());
    Ok(())
}

fn main() -> Result<(), LibraryError> {
    let mut args = std::env::args().skip(1);
    let Some(folder) = args.next().map(PathBuf::from) else {
        eprintln!("pass a folder");
        return Ok(());
    };
    let mut number = |default| args.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (threads, messages) = (number(1_000), number(100));
    if !folder.exists() {
        fill(&mut Library::open(&folder)?, threads, messages)?;
    }
    search(&folder)
}
