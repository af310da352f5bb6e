//! Terminals that measure text in other ways than the program: every letter is on the screen, and nothing else.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar;

use super::*;
use crate::terminal::all_cells;
use crate::text::Graphemes;

const COLUMNS: usize = 30;
const ROWS: usize = 4;

/// How a terminal measures characters that others measure differently.
#[derive(Clone, Copy, Debug)]
struct Habits {
    /// The columns of combining marks, as in `wcwidth`.
    spacing_mark: usize,
    /// Whether the parts of a joined emoji are drawn next to each other.
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

/// A terminal that keeps characters in columns, without line wrap. A cell after a wide character is empty.
struct Replay {
    habits: Habits,
    cells: Vec<Vec<String>>,
    /// The address of each cell.
    links: Vec<Vec<String>>,
    open_link: String,
    x: usize,
    y: usize,
}

impl Replay {
    fn new(habits: Habits) -> Self {
        let (cells, links) =
            (vec![vec![" ".to_owned(); COLUMNS]; ROWS], vec![vec![String::new(); COLUMNS]; ROWS]);
        Self { habits, cells, links, open_link: String::new(), x: 0, y: 0 }
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
        self.links[self.y][start..end].fill(self.open_link.clone());
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
                    if let Some(link) = chars.as_str().strip_prefix("]8;;") {
                        let (address, rest) = link.split_once("\x1b\\").unwrap();
                        self.open_link = address.to_owned();
                        chars = rest.chars();
                    } else {
                        assert_eq!(chars.next(), Some('['));
                        let body: String = chars.by_ref().take_while_inclusive();
                        self.obey(&body);
                    }
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
        assert_eq!(self.open_link, "", "some terminals link what they erase");
        self.links[self.y][x..(x + count).min(COLUMNS)].fill(String::new());
    }

    /// Returns the letters of a row, without spaces and the parts of emoji.
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
            for page in &pages {
                let next = paint(page);
                let mut out = Vec::new();
                encoder.draw(all_cells(&next), Vec::new(), &mut out);
                terminal.process(&out);
                for y in 0..ROWS {
                    let row: String = next.content[y * COLUMNS..(y + 1) * COLUMNS].iter().map(Cell::symbol).collect();
                    prop_assert_eq!(terminal.letters(y), letters(&row), "{:?} {:?}", habits, row);
                }
            }
        }
    }
    #[test]
    fn every_cell_has_its_link(pages in prop::collection::vec(prop::collection::vec(linked_row(), ROWS), 1..5)) {
        let mut terminal = Replay::new(HABITS[0]);
        let mut encoder = Encoder::new(Size { width: 30, height: 4 });
        for page in &pages {
            let texts: Vec<String> = page.iter().map(|(text, _)| text.clone()).collect();
            let next = paint(&texts);
            let links: Vec<LinkedCells> = (0..).zip(page).filter_map(|(y, (_, link))| {
                let (x, columns, address) = (*link)?;
                Some(LinkedCells { y, x, columns, address: address.into() })
            }).collect();
            let mut out = Vec::new();
            encoder.draw(all_cells(&next), links.clone(), &mut out);
            terminal.process(&out);
            prop_assert_eq!(&terminal.open_link, "");
            for (index, cell) in next.content.iter().enumerate() {
                let (x, y) = (index % COLUMNS, index / COLUMNS);
                let is_inside = |link: &&LinkedCells| {
                    usize::from(link.y) == y && (link.x..link.x + link.columns).contains(&u16::try_from(x).unwrap())
                };
                let expected = links.iter().find(is_inside).map_or("", |link| &*link.address);
                let is_letter = !cell.symbol().trim().is_empty();
                prop_assert!(!is_letter || terminal.links[y][x] == expected, "{x},{y}");
            }
            out.clear();
            encoder.draw(all_cells(&next), links, &mut out);
            prop_assert_eq!(&out, b"");
        }
    }
}

/// Returns a row of text, and the columns of a link with its address.
fn linked_row() -> impl Strategy<Value = (String, Option<(u16, u16, &'static str)>)> {
    let address = prop::sample::select(vec!["https://a.example", "http://b.example/c"]);
    let piece = prop::sample::select(vec!["a", "bcd ", "  ", "ef", "            ", "日本"]);
    let text = prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat());
    (text, prop::option::of((0u16..24, 1u16..6, address)))
}

#[test]
fn link_is_written_around_its_cells_and_percent_encoded() {
    let buffer = paint(&["see https://é now".to_owned()]);
    let mut encoder = Encoder::new(Size { width: 30, height: 4 });
    let links = vec![LinkedCells { y: 0, x: 4, columns: 9, address: "https://é".into() }];
    let mut out = Vec::new();
    encoder.draw(all_cells(&buffer), links.clone(), &mut out);
    let written = String::from_utf8(out).unwrap();
    assert_eq!(written, "\x1b[1Hsee \x1b]8;;https://%C3%A9\x1b\\https://é\x1b]8;;\x1b\\ now");
    let mut out = Vec::new();
    encoder.draw(all_cells(&buffer), Vec::new(), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "\x1b[5Ghttps://é", "the link is gone, the text stays");
}
