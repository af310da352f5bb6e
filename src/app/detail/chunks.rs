//! Retrieved texts as a ranked list: score bars, titles, sources, and which parts of them the answer took over.

use crate::domain::{Chunk, Message, Role as Speaker};
use crate::text::overlap::{Taken, Taker, marked};
use crate::text::{self, Line, Run, number};
use crate::theme::Role;

/// Cells of a score bar.
const BAR: usize = 10;

/// Chunks that are drawn; the JSON has the rest.
pub const MOST: usize = 200;

/// Bytes of a chunk's text that are drawn.
const SHOWN: usize = 16 * 1024;

/// Bytes of text that one list draws; of chunks beyond it only the beginning is.
const ROOM: usize = 128 * 1024;

/// The beginning of a chunk for which there is no room.
const BEGINNING: usize = 300;

/// The words of an answer, against which chunks are held.
pub fn taker(message: &Message) -> Taker {
    let answer = message.sides.iter().rev().find(|side| side.role == Speaker::Assistant);
    Taker::new(&answer.map(|side| side.text()).unwrap_or_default())
}

/// A score as a bar of fixed width, `share` of it filled.
pub fn bar(share: f64) -> [Run; 2] {
    let cells = (share.clamp(0.0, 1.0) * BAR as f64).round() as usize;
    [Run::new(&"█".repeat(cells), Role::Accent), Run::new(&"░".repeat(BAR.saturating_sub(cells)), Role::Dim)]
}

/// Chunks as they are drawn one by one.
pub struct Ranking<'a> {
    pub chunks: &'a [Chunk],
    pub taker: &'a Taker,
    pub width: usize,
}

impl Ranking<'_> {
    /// The first so many chunks: heading and text of each. `aside` says more about a chunk by its place.
    pub fn entries(&self, aside: impl Fn(usize) -> Option<Run>) -> Vec<(Line, Vec<Line>)> {
        let best = self.chunks.iter().filter_map(|chunk| chunk.score).fold(0.0f64, f64::max);
        let mut room = ROOM;
        let entry = |(place, chunk): (usize, &Chunk)| {
            let most = SHOWN.min(room).max(BEGINNING);
            let shown = chunk.text.get(..chunk.text.floor_char_boundary(most)).unwrap_or_default();
            room = room.saturating_sub(shown.len());
            let taken = self.taker.taken(shown);
            let mut heading = heading(place + 1, chunk, best, &taken);
            if let Some(aside) = aside(place) {
                heading.spans.insert(1, aside);
            }
            (heading, self.body(chunk, shown, &taken))
        };
        self.chunks.iter().take(MOST).enumerate().map(entry).collect()
    }

    fn body(&self, chunk: &Chunk, shown: &str, taken: &Taken) -> Vec<Line> {
        let width = self.width.saturating_sub(4).max(1);
        let mut lines = marked(shown, &taken.ranges, width, [Role::Text, Role::Added]);
        let mut note = |text: String| lines.push(Line { spans: vec![Run::new(&text, Role::Dim)] });
        if shown.len() < chunk.text.len() {
            note(format!("… {} in all", number::bytes(chunk.text.len() as u64)));
        }
        if chunk.embedding > 0 {
            note(format!("embedding: {}, not shown", number::bytes(chunk.embedding as u64)));
        }
        for line in &mut lines {
            line.spans.insert(0, Run::new("    ", Role::Text));
        }
        lines
    }

    /// All of it as lines.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (heading, body) in self.entries(|_| None) {
            lines.push(heading);
            lines.extend(body);
        }
        lines.extend(self.more());
        lines
    }

    /// How many chunks are not drawn.
    pub fn more(&self) -> Option<Line> {
        let more = self.chunks.len().saturating_sub(MOST);
        (more > 0).then(|| Line::styled(&format!("… {}", number::counted(more, "more chunk")), Role::Dim))
    }
}

fn heading(rank: usize, chunk: &Chunk, best: f64, taken: &Taken) -> Line {
    let mut spans = vec![Run::new(&format!("{rank:>3} "), Role::Dim)];
    if let Some(score) = chunk.score {
        spans.extend(bar(if best > 0.0 { score / best } else { 0.0 }));
        spans.push(Run::new(&format!(" {}  ", told(score)), Role::NumberLiteral));
    }
    if taken.share > 0.0 {
        let percent = (taken.share * 100.0).round().max(1.0);
        spans.push(Run::new(&format!("{percent:.0}% in the answer"), Role::Added));
        spans.push(Run::new("  ", Role::Text));
    }
    let label = chunk.title.as_deref().or(chunk.id.as_deref()).unwrap_or("chunk");
    spans.push(Run::new(text::Safe::line(label).as_str(), Role::Strong));
    if let Some(page) = &chunk.page {
        spans.push(Run::new(&format!("  p. {page}"), Role::Text));
    }
    if let Some(source) = &chunk.source {
        spans.push(Run::new(&format!("  {source}"), Role::Dim));
    }
    Line { spans }
}

/// A score in at most about ten characters.
fn told(score: f64) -> String {
    if score.abs() < 1e6 { format!("{score:.3}") } else { format!("{score:.2e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str, score: Option<f64>) -> Chunk {
        Chunk {
            text: text.to_owned(),
            score,
            title: None,
            source: None,
            id: Some("c".to_owned()),
            page: None,
            embedding: 0,
        }
    }

    fn plain(chunks: &[Chunk], answer: &str) -> Vec<String> {
        let taker = Taker::new(answer);
        Ranking { chunks, taker: &taker, width: 60 }.lines().iter().map(Line::plain).collect()
    }

    #[test]
    fn chunks_show_score_share_and_source_and_name_what_is_left_out() {
        let cited = Chunk {
            title: Some("Policy".to_owned()),
            page: Some("4".to_owned()),
            embedding: 2048,
            ..chunk("one two three four five six", Some(0.5))
        };
        assert_eq!(
            plain(&[chunk("x", Some(1.0)), cited], "ONE two, three four five"),
            [
                "  1 ██████████ 1.000  c",
                "    x",
                "  2 █████░░░░░ 0.500  83% in the answer  Policy  p. 4",
                "    one two three four five six",
                "    embedding: 2.0 kB, not shown",
            ]
        );
    }

    #[test]
    fn odd_scores_and_long_texts_stay_in_bounds() {
        for score in [None, Some(-1.0), Some(f64::MAX), Some(0.0)] {
            assert!(plain(&[chunk("", score)], "").iter().all(|line| line.len() < 100));
        }
        let long = plain(&[chunk(&"wörd ".repeat(50_000), None)], "");
        assert_eq!(long.last().map(String::as_str), Some("    … 300 kB in all"));
        assert_eq!(plain(&vec![chunk("", None); MOST + 3], "").last().unwrap(), "… 3 more chunks");
        let many = plain(&vec![chunk(&"word ".repeat(5_000), None); MOST], "");
        assert!(many.iter().map(String::len).sum::<usize>() < ROOM * 2, "only beginnings at the end");
    }
}
