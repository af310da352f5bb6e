//! Terminals that measure text in other ways than the program: every letter is on the screen, and nothing else.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar;

use super::*;
use crate::text::Graphemes;

const COLUMNS: usize = 30;
const ROWS: usize = 4;

/// How a terminal measures characters that others measure differently.
#[derive(Clone, Copy, Debug)]
struct Habits {
    /// The columns of marks without ink beside their letter, as `wcwidth` has it.
    spacing_mark: usize,
    /// Whether the parts of a joined emoji stand beside each other.
    splits_emoji: bool,
    /// The columns of ambiguous characters and emoji forms.
    ambiguous: usize,
}

const HABITS: [Habits; 5] = [
    Habits { spacing_mark: 1, splits_emoji: false, ambiguous: 1 },
    Habits { spacing_mark: 0, splits_emoji: false, ambiguous: 1 },
    Habits { spacing_mark: 1, splits_emoji: true, ambiguous: 1 },
    Habits { spacing_mark: 0, splits_emoji: true, ambiguous: 2 },
    Habits { spacing_mark: 1, splits_emoji: true, ambiguous: 2 },
];

/// A terminal that keeps characters in columns, without line wrap. A cell behind a wide character is empty.
struct Replay {
    habits: Habits,
    cells: Vec<Vec<String>>,
    x: usize,
    y: usize,
}

impl Replay {
    fn new(habits: Habits) -> Self {
        Self { habits, cells: vec![vec![" ".to_owned(); COLUMNS]; ROWS], x: 0, y: 0 }
    }

    fn width(&self, c: char, before: Option<char>) -> usize {
        let is_emoji_part = matches!(c, '\u{1f3fb}'..='\u{1f3ff}') || before == Some('\u{200d}');
        match c {
            _ if is_emoji_part && !self.habits.splits_emoji => 0,
            '\u{9be}' | '\u{9bf}' | '\u{93e}' | '\u{93f}' | '\u{bbe}' | '\u{cc0}' => self.habits.spacing_mark,
            '①' | '★' => self.habits.ambiguous,
            _ => c.width().unwrap_or(0),
        }
    }

    fn put(&mut self, c: char, before: Option<char>) {
        let width = self.width(c, before);
        // Without line wrap, what does not fit is not shown.
        let row = &mut self.cells[self.y];
        if width == 0 {
            // After the last column, the cursor stays on it.
            let mut at = self.x.saturating_sub(1).min(COLUMNS - 1);
            while row[at].is_empty() && at > 0 {
                at -= 1;
            }
            row[at].push(c);
            return;
        }
        if self.x + width > COLUMNS {
            return;
        }
        let (start, end) = (self.x, self.x + width);
        // Half of a wide character does not stay.
        let mut first = start;
        while row[first].is_empty() && first > 0 {
            first -= 1;
            row[first] = " ".to_owned();
        }
        for cell in row.iter_mut().skip(end).take_while(|cell| cell.is_empty()) {
            *cell = " ".to_owned();
        }
        row[start] = c.to_string();
        row[start + 1..end].fill(String::new());
        self.x = end;
    }

    fn process(&mut self, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap();
        let (mut chars, mut before) = (text.chars(), None);
        while let Some(c) = chars.next() {
            match c {
                '\r' => self.x = 0,
                '\n' => self.y += 1,
                '\u{1b}' => {
                    assert_eq!(chars.next(), Some('['));
                    let body: String = chars.by_ref().take_while_inclusive();
                    self.obey(&body);
                }
                _ => self.put(c, before),
            }
            before = Some(c);
        }
    }

    fn obey(&mut self, body: &str) {
        let (numbers, end) = body.split_at(body.len() - 1);
        let numbers: Vec<usize> = numbers.split(';').map(|number| number.parse().unwrap_or(1)).collect();
        match end {
            "H" => (self.y, self.x) = (numbers[0] - 1, numbers.get(1).map_or(0, |x| x - 1)),
            "G" => self.x = numbers[0] - 1,
            "C" => self.x = (self.x.min(COLUMNS - 1) + numbers[0]).min(COLUMNS - 1),
            "K" => self.erase(COLUMNS),
            "X" => self.erase(numbers[0]),
            "m" => {}
            _ => panic!("{body:?}"),
        }
    }

    fn erase(&mut self, count: usize) {
        let x = self.x.min(COLUMNS - 1);
        self.cells[self.y][x..(x + count).min(COLUMNS)].fill(" ".to_owned());
    }

    /// The letters of a row, without blanks and the parts of emoji.
    fn letters(&self, y: usize) -> String {
        letters(&self.cells[y].concat())
    }
}

/// The rest of a control sequence with its last character.
trait TakeSequence {
    fn take_while_inclusive(self) -> String;
}

impl<I: Iterator<Item = char>> TakeSequence for I {
    fn take_while_inclusive(mut self) -> String {
        let mut body = String::new();
        for c in &mut self {
            body.push(c);
            if c.is_ascii_alphabetic() {
                break;
            }
        }
        body
    }
}

/// Letters, with their marks; emoji and symbols may lose the part for which a terminal has no room.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !is_symbol(*c)).collect()
}

fn is_symbol(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe0f}' | '①' | '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1ffff}')
}

fn paint(rows: &[String]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
    for (y, text) in rows.iter().enumerate() {
        let (mut x, mut clusters) = (0, Graphemes::new(text));
        while let Some((cluster, width)) = clusters.next_with_width() {
            if x + width > COLUMNS {
                break;
            }
            buffer.content[y * COLUMNS + x].set_symbol(cluster);
            for covered in 1..width {
                buffer.content[y * COLUMNS + x + covered].set_symbol("");
            }
            x += width;
        }
    }
    buffer
}

fn row() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "…",
        "bc ",
        "  ",
        "কা",
        "কি",
        "ক্ষা",
        "हिन्दी ",
        "கா",
        "ಕೀ",
        "ក្ក",
        "กำ",
        "👩🏽‍💻",
        "👨‍👩‍👧 ",
        "⚠️",
        "❤️x",
        "日本",
        "①",
        "★ ",
        "e\u{301}",
        "12",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_letter_is_shown_and_none_stays_by_terminals_with_other_widths(
        pages in prop::collection::vec(prop::collection::vec(row(), ROWS), 1..5)
    ) {
        for habits in HABITS {
            let mut terminal = Replay::new(habits);
            let mut encoder = Encoder::new(Size { width: 30, height: 4 });
            let mut before = Buffer::empty(Rect::new(0, 0, 30, 4));
            for page in &pages {
                let next = paint(page);
                let mut out = Vec::new();
                encoder.draw(before.diff_iter(&next), &mut out);
                terminal.process(&out);
                for y in 0..ROWS {
                    let row: String = next.content[y * COLUMNS..(y + 1) * COLUMNS].iter().map(Cell::symbol).collect();
                    prop_assert_eq!(terminal.letters(y), letters(&row), "{:?} {:?}", habits, row);
                }
                before = next;
            }
        }
    }
}
