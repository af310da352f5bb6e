//! Draws random screens one after another and compares a terminal emulator with the drawn buffer.

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::terminal::all_cells;

const COLUMNS: u16 = 24;
const ROWS: u16 = 5;

/// Pieces of text at random positions in random styles.
fn strokes() -> impl Strategy<Value = Vec<(u16, u16, String, Style)>> {
    let text = prop::sample::select(vec![
        "a",
        "hello",
        "          ",
        "                        ",
        "漢字",
        "x漢y",
        "가나다",
        "é",
        "│",
        "─────",
        "a b c d",
        "ends here  ",
    ]);
    let colours = prop::sample::select(vec![
        Color::Reset,
        Color::Red,
        Color::DarkGray,
        Color::White,
        Color::Indexed(200),
        Color::Rgb(1, 20, 255),
    ]);
    let modifiers = prop::sample::select(vec![
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::BOLD | Modifier::DIM,
        Modifier::REVERSED,
        Modifier::UNDERLINED | Modifier::ITALIC,
    ]);
    let style = (colours.clone(), colours, modifiers)
        .prop_map(|(fg, bg, modifier)| Style::reset().fg(fg).bg(bg).add_modifier(modifier));
    let stroke = (0..COLUMNS, 0..ROWS, text, prop_oneof![2 => Just(Style::reset()), 3 => style]);
    prop::collection::vec(stroke.prop_map(|(x, y, text, style)| (x, y, text.to_owned(), style)), 0..12)
}

fn paint(strokes: &[(u16, u16, String, Style)]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, COLUMNS, ROWS));
    for (x, y, text, style) in strokes {
        buffer.set_stringn(*x, *y, text, usize::from(COLUMNS - x), *style);
    }
    // The rest of an overwritten wide character is a space; the cell after a complete one is empty.
    for index in 0..buffer.content.len() {
        let wide = width_of(buffer.content[index].symbol()) == 2;
        let last = index % usize::from(COLUMNS) == usize::from(COLUMNS) - 1;
        if wide && (last || buffer.content[index + 1].symbol() != " ") {
            buffer.content[index].set_symbol(" ");
        } else if wide {
            buffer.content[index + 1].set_symbol("");
        }
    }
    buffer
}

fn vt100_colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        _ => vt100::Color::Default,
    }
}

fn assert_shows(screen: &vt100::Screen, buffer: &Buffer) {
    for y in 0..ROWS {
        for x in 0..COLUMNS {
            let (expected, shown) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
            let place = format!("{x},{y} of {buffer:?}");
            if expected.symbol().is_empty() {
                assert!(shown.is_wide_continuation(), "{place}");
                continue;
            }
            let symbol = if shown.contents().is_empty() { " " } else { shown.contents() };
            assert_eq!(symbol, expected.symbol(), "{place}");
            assert_eq!(shown.bgcolor(), vt100_colour(expected.bg), "{place}");
            let style = (shown.inverse(), shown.underline());
            let has = |modifier| expected.modifier.contains(modifier);
            assert_eq!(style, (has(Modifier::REVERSED), has(Modifier::UNDERLINED)), "{place}");
            if expected.symbol() != " " || !CellStyle::of_cell(expected).is_background_only() {
                let style = (shown.fgcolor(), shown.italic());
                assert_eq!(style, (vt100_colour(expected.fg), has(Modifier::ITALIC)), "{place}");
                // The emulator supports only one of them at a time.
                if !has(Modifier::BOLD | Modifier::DIM) {
                    let style = (shown.bold(), shown.dim());
                    assert_eq!(style, (has(Modifier::BOLD), has(Modifier::DIM)), "{place}");
                }
            }
        }
    }
}

fn draw(encoder: &mut Encoder, buffer: &Buffer) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.draw(all_cells(buffer), Vec::new(), &mut out);
    out
}

proptest! {
    #[test]
    fn the_terminal_shows_the_drawn_cells(frames in prop::collection::vec(strokes(), 1..6)) {
        let mut terminal = vt100::Parser::new(NonZeroU16::new(ROWS).unwrap(), NonZeroU16::new(COLUMNS).unwrap(), 0);
        let mut encoder = Encoder::new(Size { width: COLUMNS, height: ROWS });
        for strokes in &frames {
            let next = paint(strokes);
            terminal.process(&draw(&mut encoder, &next));
            assert_shows(terminal.screen(), &next);
            prop_assert!(draw(&mut encoder, &next).is_empty());
        }
    }
}

fn encode_change(before: &[&str], after: &[&str]) -> String {
    let size = Size { width: 12, height: 2 };
    let (before, after) = (Buffer::with_lines(before.to_vec()), Buffer::with_lines(after.to_vec()));
    let mut encoder = Encoder::new(size);
    draw(&mut encoder, &before);
    String::from_utf8(draw(&mut encoder, &after)).unwrap()
}

#[test]
fn changes_are_encoded_in_few_bytes() {
    let same = "            ";
    assert_eq!(encode_change(&["abcdefgh    ", same], &["abcdefgh    ", same]), "");
    assert_eq!(encode_change(&["abcdefgh    ", same], &["Abc!efgh    ", same]), "\rAbc!");
    assert_eq!(encode_change(&["abcdefgh    ", same], &["A       !   ", same]), "\rA       !");
    assert_eq!(encode_change(&["abcdefghijk ", same], &["A           ", same]), "\rA\x1b[K");
    assert_eq!(encode_change(&["abcdefghijk ", same], &["abcdefghij! ", "x           "]), "\x1b[11G!\r\nx");
    assert_eq!(encode_change(&["abcdefghijkl", same], &["           l", same]), "\r\x1b[11X");
}

#[test]
fn clear_resets_the_known_screen() {
    let mut encoder = Encoder::new(Size { width: 12, height: 1 });
    let text = Buffer::with_lines(["ab"]);
    draw(&mut encoder, &text);
    let mut out = Vec::new();
    encoder.clear(Size { width: 2, height: 1 }, &mut out);
    assert_eq!(out, b"\x1b[m\x1b[2J");
    assert_eq!(draw(&mut encoder, &text), b"\x1b[1Hab");
}
