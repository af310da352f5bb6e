//! A screen as comparable and readable text: its lines, then the style of each run of cells, then the legend of the styles.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};

/// Returns the lines of a screen, without trailing spaces.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in rows(buffer) {
        let mut skip = 0;
        let mut line = String::new();
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            skip = unspool::testing::text::width::columns(cell.symbol()).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width.max(1)))
}

/// Returns the whole picture. A dot is a cell in the terminal's default style; `a12` are twelve cells in style `a`.
pub fn picture(buffer: &Buffer) -> String {
    let mut known: Vec<Style> = Vec::new();
    let mut styles = String::new();
    for (number, row) in rows(buffer).enumerate() {
        let line = style_runs(row, &mut known);
        if !line.is_empty() {
            writeln!(styles, "{number:>3} {line}").unwrap();
        }
    }
    let mut picture = text(buffer);
    picture.push_str("---\n");
    picture.push_str(&styles);
    for (letter, style) in ('a'..).zip(&known) {
        writeln!(picture, "{letter} = {}", describe(style)).unwrap();
    }
    picture
}

fn style_runs(row: &[Cell], known: &mut Vec<Style>) -> String {
    let mut letters: Vec<(char, usize)> = Vec::new();
    for cell in row {
        let letter = letter_of(visible_style(cell), known);
        match letters.last_mut() {
            Some((last, count)) if *last == letter => *count += 1,
            _ => letters.push((letter, 1)),
        }
    }
    if letters.last().is_some_and(|(letter, _)| *letter == '.') {
        letters.pop();
    }
    let words: Vec<String> = letters.iter().map(|(letter, count)| format!("{letter}{count}")).collect();
    words.join(" ")
}

/// Returns a cell's style, without the foreground of spaces, which is invisible unless they are inverted or underlined.
fn visible_style(cell: &Cell) -> Style {
    let style = cell.style();
    let visible = Modifier::REVERSED | Modifier::UNDERLINED;
    if cell.symbol() == " " && !style.add_modifier.intersects(visible) {
        Style::new().bg(style.bg.unwrap_or(Color::Reset))
    } else {
        style
    }
}

fn letter_of(style: Style, known: &mut Vec<Style>) -> char {
    if describe(&style).is_empty() {
        return '.';
    }
    let at = known.iter().position(|old| *old == style).unwrap_or_else(|| {
        known.push(style);
        known.len() - 1
    });
    ('a'..).nth(at).unwrap()
}

fn describe(style: &Style) -> String {
    let mut words = Vec::new();
    for (name, colour) in [("", style.fg), ("on ", style.bg)] {
        if let Some(colour) = colour.filter(|colour| *colour != Color::Reset) {
            words.push(format!("{name}{colour}"));
        }
    }
    for (name, _) in style.add_modifier.iter_names() {
        words.push(name.to_lowercase());
    }
    words.join(" ")
}
