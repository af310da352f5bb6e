//! Retrieved chunks as a ranked list: score bars, titles, sources, and the parts that the answer quotes.

use crate::domain::{Chunk, Message, Role as Speaker, Timestamp};
use crate::text::overlap::{Overlap, OverlapFinder, highlight_ranges};
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;

/// The cells of a score bar.
const BAR_WIDTH: usize = 10;

/// The maximum number of chunks in a list; the JSON has the rest.
pub const MAX_CHUNKS: usize = 200;

/// The maximum number of bytes of text of a chunk.
const MAX_CHUNK_BYTES: usize = 16 * 1024;

/// The maximum number of bytes of text of a list; beyond them, only the beginning of each chunk is shown.
const MAX_LIST_BYTES: usize = 128 * 1024;

/// The fewest bytes of a long chunk that are shown.
const MIN_CHUNK_BYTES: usize = 300;

/// Returns a finder of the parts of other texts that the message's answer quotes.
pub fn answer_overlap_finder(message: &Message) -> OverlapFinder {
    let answer = message.sides.iter().rev().find(|side| side.role == Speaker::Assistant);
    OverlapFinder::new(&answer.map(|side| side.text()).unwrap_or_default())
}

/// Returns a score as a bar of fixed width, `share` of it filled.
pub fn score_bar(share: f64) -> [StyledRun; 2] {
    let cells = (share.clamp(0.0, 1.0) * BAR_WIDTH as f64).round() as usize;
    [
        StyledRun::new(&"█".repeat(cells), Role::Accent),
        StyledRun::new(&"░".repeat(BAR_WIDTH.saturating_sub(cells)), Role::Dim),
    ]
}

/// A list of chunks to draw.
pub struct ChunkList<'a> {
    pub chunks: &'a [Chunk],
    pub overlap_finder: &'a OverlapFinder,
    pub width: usize,
    /// The time of the answer; chunks that expired before it were outdated.
    pub answered_at: Option<Timestamp>,
}

impl ChunkList<'_> {
    /// Returns the heading and the text of each of the first `MAX_CHUNKS` chunks. `note` returns a run to add to the
    /// heading of the chunk at an index.
    pub fn entries(&self, note: impl Fn(usize) -> Option<StyledRun>) -> Vec<(Line, Vec<Line>)> {
        let full = full_score(self.chunks.iter().filter_map(|chunk| chunk.score));
        let mut room = MAX_LIST_BYTES;
        let entry = |(index, chunk): (usize, &Chunk)| {
            let limit = MAX_CHUNK_BYTES.min(room).max(MIN_CHUNK_BYTES);
            let text = chunk.text.get(..chunk.text.floor_char_boundary(limit)).unwrap_or_default();
            room = room.saturating_sub(text.len());
            let overlap = self.overlap_finder.overlap_with(text);
            let mut heading = heading(index + 1, chunk, full, &overlap);
            if let Some(note) = note(index) {
                heading.spans.insert(1, note);
            }
            (heading, self.body(chunk, text, &overlap))
        };
        self.chunks.iter().take(MAX_CHUNKS).enumerate().map(entry).collect()
    }

    fn body(&self, chunk: &Chunk, text: &str, overlap: &Overlap) -> Vec<Line> {
        let width = self.width.saturating_sub(4).max(1);
        let mut lines = field_lines(chunk, self.answered_at, width);
        lines.extend(highlight_ranges(text, &overlap.ranges, width, [Role::Text, Role::Added]));
        let mut note = |note: String| lines.push(Line::styled(&note, Role::Dim));
        if text.len() < chunk.text.len() {
            note(format!("… {} in total", number::bytes(chunk.text.len() as u64)));
        }
        if chunk.embedding > 0 {
            note(format!("Embedding: {}, not shown", number::bytes(chunk.embedding as u64)));
        }
        for line in &mut lines {
            line.spans.insert(0, StyledRun::new("    ", Role::Text));
        }
        lines
    }

    /// Returns all entries as lines.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (heading, body) in self.entries(|_| None) {
            lines.push(heading);
            lines.extend(body);
        }
        lines.extend(self.overflow_line());
        lines
    }

    /// Returns the line with the number of chunks beyond `MAX_CHUNKS`.
    pub fn overflow_line(&self) -> Option<Line> {
        let more = self.chunks.len().saturating_sub(MAX_CHUNKS);
        (more > 0).then(|| Line::styled(&format!("… {}", number::pluralize(more, "more chunk")), Role::Dim))
    }
}

/// Returns the chunk as a line of evidence: its title, a warning if it was outdated, page and score.
pub fn citation_title(number: usize, chunk: &Chunk, answered_at: Option<Timestamp>) -> Line {
    let mut runs = vec![
        StyledRun::new(&format!("[{number}] "), Role::Link),
        StyledRun::new(text::Safe::line(label(chunk)).as_str(), Role::Strong),
    ];
    let outdated = outdated_fields(chunk, answered_at);
    if let Some((key, value)) = outdated.min_by_key(|(key, value)| (!is_state(key), key.len() + value.len()))
    {
        let warning = if is_state(key) { value.clone() } else { format!("{key}: {value}") };
        runs.push(StyledRun::new(&format!("  {warning}"), Role::Warn));
    }
    if let Some(page) = &chunk.page {
        runs.push(StyledRun::new(&format!("  p. {page}"), Role::Text));
    }
    if let Some(score) = chunk.score {
        runs.push(StyledRun::new(&format!("  {}", format_score(score)), Role::NumberLiteral));
    }
    Line::new(runs)
}

/// Returns the fields that mark a chunk as outdated at the time of the answer.
pub fn outdated_fields(
    chunk: &Chunk,
    answered_at: Option<Timestamp>,
) -> impl Iterator<Item = &(String, String)> {
    chunk.fields.iter().filter(move |field| is_outdated(field, answered_at))
}

/// Formats a score in about ten characters at most.
pub fn format_score(score: f64) -> String {
    if score.abs() < 1e6 { format!("{score:.3}") } else { format!("{score:.2e}") }
}

/// Returns the fields of a chunk on one or more lines; fields that mark it as outdated come first.
fn field_lines(chunk: &Chunk, answered_at: Option<Timestamp>, width: usize) -> Vec<Line> {
    let (outdated, other): (Vec<_>, Vec<_>) =
        chunk.fields.iter().partition(|field| is_outdated(field, answered_at));
    let text_of = |fields: &[&(String, String)]| {
        fields.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(" · ")
    };
    let mut lines = Vec::new();
    for (fields, role) in [(outdated, Role::Warn), (other, Role::Dim)] {
        if !fields.is_empty() {
            lines.extend(text::wrap_styled(&text_of(&fields), width, role));
        }
    }
    lines
}

/// Values of a state that mark a chunk as outdated.
const OUTDATED_STATES: [&str; 9] = [
    "superseded",
    "expired",
    "deprecated",
    "obsolete",
    "archived",
    "withdrawn",
    "outdated",
    "retired",
    "replaced",
];

/// The names of fields with the last day of validity.
const EXPIRY_KEYS: [&str; 7] =
    ["valid_until", "valid_to", "expires_at", "expires", "expiry", "expiry_date", "expiration_date"];

/// Returns whether a field holds the state of its chunk.
fn is_state(key: &str) -> bool {
    ["status", "state", "lifecycle"].iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// Returns whether a field marks its chunk as outdated at the time of the answer.
fn is_outdated((key, value): &(String, String), answered_at: Option<Timestamp>) -> bool {
    let (key, value) = (key.to_ascii_lowercase(), value.trim().to_ascii_lowercase());
    let has_successor = matches!(key.as_str(), "superseded_by" | "replaced_by");
    let is_expired = || {
        let expiry = Timestamp::parse(&value).or_else(|| Timestamp::parse(&format!("{value}T23:59:59Z")));
        expiry.zip(answered_at).is_some_and(|(expiry, answered_at)| answered_at.micros_since(expiry) > 0)
    };
    is_state(&key) && OUTDATED_STATES.contains(&value.as_str())
        || has_successor && !value.is_empty()
        || OUTDATED_STATES.contains(&key.as_str()) && value == "true"
        || EXPIRY_KEYS.contains(&key.as_str()) && is_expired()
}

/// Returns the title of a chunk, or its id if it has none.
fn label(chunk: &Chunk) -> &str {
    chunk.title.as_deref().or(chunk.id.as_deref()).unwrap_or("chunk")
}

/// Returns the score of a full bar: 1 for scores from 0 to 1, so that a low best score looks low; else the best score.
fn full_score(scores: impl Iterator<Item = f64>) -> f64 {
    scores.fold(1.0, f64::max)
}

fn heading(rank: usize, chunk: &Chunk, full: f64, overlap: &Overlap) -> Line {
    let mut spans = vec![StyledRun::new(&format!("{rank:>3} "), Role::Dim)];
    if let Some(score) = chunk.score {
        spans.extend(score_bar(score / full));
        spans.push(StyledRun::new(&format!(" {}  ", format_score(score)), Role::NumberLiteral));
    }
    if overlap.share > 0.0 {
        let percent = (overlap.share * 100.0).round().max(1.0);
        spans.push(StyledRun::new(&format!("{percent:.0} % quoted in the answer"), Role::Added));
        spans.push(StyledRun::new("  ", Role::Text));
    }
    spans.push(StyledRun::new(text::Safe::line(label(chunk)).as_str(), Role::Strong));
    if let Some(page) = &chunk.page {
        spans.push(StyledRun::new(&format!("  p. {page}"), Role::Text));
    }
    if let Some(source) = &chunk.source {
        spans.push(StyledRun::new(&format!("  {source}"), Role::Dim));
    }
    Line::new(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str, score: Option<f64>) -> Chunk {
        Chunk { text: text.to_owned(), score, id: Some("c".to_owned()), ..Chunk::default() }
    }

    fn rendered_lines(chunks: &[Chunk], answer: &str) -> Vec<String> {
        let overlap_finder = OverlapFinder::new(answer);
        ChunkList { chunks, overlap_finder: &overlap_finder, width: 60, answered_at: Some(Timestamp(0)) }
            .lines()
            .iter()
            .map(Line::plain_text)
            .collect()
    }

    #[test]
    fn shows_score_overlap_source_and_omitted_embedding() {
        let cited = Chunk {
            title: Some("Policy".to_owned()),
            page: Some("4".to_owned()),
            embedding: 2048,
            ..chunk("one two three four five six", Some(0.5))
        };
        assert_eq!(
            rendered_lines(&[chunk("x", Some(1.0)), cited], "ONE two, three four five"),
            [
                "  1 ██████████ 1.000  c",
                "    x",
                "  2 █████░░░░░ 0.500  83 % quoted in the answer  Policy  p. 4",
                "    one two three four five six",
                "    Embedding: 2.0 kB, not shown",
            ]
        );
    }

    #[test]
    fn fields_that_mark_a_chunk_as_outdated_come_first() {
        let field = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let fields = vec![
            field("edition", "2024-02"),
            field("valid_until", "1969-02-28"),
            field("owner", "legal"),
            field("Status", "superseded"),
            field("expires_at", "1970-01-02"),
        ];
        let lines = rendered_lines(&[Chunk { fields, ..chunk("x", None) }], "");
        assert_eq!(lines[1], "    valid_until: 1969-02-28 · Status: superseded");
        assert_eq!(lines[2], "    edition: 2024-02 · owner: legal · expires_at: 1970-01-02");
    }

    #[test]
    fn limits_lines_for_unusual_scores_and_long_texts() {
        for score in [None, Some(-1.0), Some(f64::MAX), Some(0.0)] {
            assert!(rendered_lines(&[chunk("", score)], "").iter().all(|line| line.len() < 100));
        }
        let long = rendered_lines(&[chunk(&"wörd ".repeat(50_000), None)], "");
        assert_eq!(long.last().map(String::as_str), Some("    … 300 kB in total"));
        assert_eq!(
            rendered_lines(&vec![chunk("", None); MAX_CHUNKS + 3], "").last().unwrap(),
            "… 3 more chunks"
        );
        let many = rendered_lines(&vec![chunk(&"word ".repeat(5_000), None); MAX_CHUNKS], "");
        assert!(
            many.iter().map(String::len).sum::<usize>() < MAX_LIST_BYTES * 2,
            "only the beginnings of the last chunks"
        );
    }
}
