//! The current style of the terminal, and the shortest sequence that changes it.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Modifiers that are visible on a blank cell.
const VISIBLE_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Every modifier with the parameter that turns it on and the one that turns it off, which bold and dim share.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// The colours and modifiers of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellStyle {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl CellStyle {
    /// Returns the style of a cell.
    pub fn of_cell(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Returns whether a space in this style shows nothing but its background.
    pub fn is_background_only(self) -> bool {
        !self.modifier.intersects(VISIBLE_ON_BLANK)
    }

    /// Returns whether two cells look the same; the foreground of a space is ignored.
    // Every cell of every frame is compared.
    #[inline]
    pub fn is_same_appearance(one: &Cell, other: &Cell) -> bool {
        let is_same_symbol = match (one.symbol().as_bytes(), other.symbol().as_bytes()) {
            ([one], [other]) => one == other,
            (one, other) => one == other,
        };
        is_same_symbol && Self::is_same_style(one, other)
    }

    #[inline]
    fn is_same_style(one: &Cell, other: &Cell) -> bool {
        let (style, other_style) = (Self::of_cell(one), Self::of_cell(other));
        style == other_style || one.symbol() == " " && style.is_same_on_blank(other_style)
    }

    fn is_same_on_blank(self, other: Self) -> bool {
        self.bg == other.bg && self.is_background_only() && other.is_background_only()
    }

    /// Returns whether erasing produces this cell: a space on the default background.
    pub fn is_erasable(cell: &Cell) -> bool {
        cell.symbol() == " " && cell.bg == Color::Reset && Self::of_cell(cell).is_background_only()
    }
}

/// The current style of the terminal.
#[derive(Debug, Default)]
pub struct StyleState {
    style: CellStyle,
    delta: Vec<u8>,
    full: Vec<u8>,
}

impl StyleState {
    /// Returns whether a cell can be written in the current style.
    pub fn matches(&self, cell: &Cell) -> bool {
        let style = CellStyle::of_cell(cell);
        style == self.style || cell.symbol() == " " && self.style.is_same_on_blank(style)
    }

    /// Changes to the style of a cell, unless the current style matches it.
    pub fn apply(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        if !self.matches(cell) {
            self.change_to(CellStyle::of_cell(cell), out);
        }
    }

    /// Changes to the default style, unless erasing works in the current one.
    pub fn prepare_erase(&mut self, out: &mut Vec<u8>) {
        if self.style.bg != Color::Reset || !self.style.is_background_only() {
            self.change_to(CellStyle::default(), out);
        }
    }

    /// Changes to the default style.
    pub fn reset(&mut self, out: &mut Vec<u8>) {
        if self.style != CellStyle::default() {
            self.change_to(CellStyle::default(), out);
        }
    }

    fn change_to(&mut self, style: CellStyle, out: &mut Vec<u8>) {
        self.delta.clear();
        push_changes(&mut self.delta, self.style, style);
        self.full.clear();
        if style != CellStyle::default() {
            self.full.push(b'0');
            push_changes(&mut self.full, CellStyle::default(), style);
        }
        let shorter = if self.full.len() < self.delta.len() { &self.full } else { &self.delta };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(shorter);
        out.push(b'm');
        self.style = style;
    }
}

/// Appends the parameters that change one style to another.
fn push_changes(out: &mut Vec<u8>, from: CellStyle, to: CellStyle) {
    let (removed, mut added) = (from.modifier - to.modifier, to.modifier - from.modifier);
    if removed.intersects(Modifier::BOLD | Modifier::DIM) {
        added |= to.modifier & (Modifier::BOLD | Modifier::DIM);
    }
    if removed.intersects(Modifier::SLOW_BLINK | Modifier::RAPID_BLINK) {
        added |= to.modifier & (Modifier::SLOW_BLINK | Modifier::RAPID_BLINK);
    }
    let mut last = 0;
    for (modifier, _, off) in MODIFIERS {
        if removed.contains(modifier) && off != last {
            push_parameter(out, off);
            last = off;
        }
    }
    for (modifier, on, _) in MODIFIERS {
        if added.contains(modifier) {
            push_parameter(out, on);
        }
    }
    if from.fg != to.fg {
        push_colour(out, to.fg, 30);
    }
    if from.bg != to.bg {
        push_colour(out, to.bg, 40);
    }
}

fn push_parameter(out: &mut Vec<u8>, number: u8) {
    if !out.is_empty() {
        out.push(b';');
    }
    push_decimal(out, u16::from(number));
}

/// Appends a number in decimal digits.
pub fn push_decimal(out: &mut Vec<u8>, number: u16) {
    let mut unit = 10_000;
    while unit > 1 && number < unit {
        unit /= 10;
    }
    while unit > 0 {
        out.push(b'0' + u8::try_from(number / unit % 10).unwrap_or(0));
        unit /= 10;
    }
}

/// Appends the parameters of a colour; `base` is 30 for text and 40 for the background.
fn push_colour(out: &mut Vec<u8>, colour: Color, base: u8) {
    let (first, rest): (u8, &[u8]) = match colour {
        Color::Reset => (base + 9, &[]),
        Color::Black => (base, &[]),
        Color::Red => (base + 1, &[]),
        Color::Green => (base + 2, &[]),
        Color::Yellow => (base + 3, &[]),
        Color::Blue => (base + 4, &[]),
        Color::Magenta => (base + 5, &[]),
        Color::Cyan => (base + 6, &[]),
        Color::Gray => (base + 7, &[]),
        Color::DarkGray => (base + 60, &[]),
        Color::LightRed => (base + 61, &[]),
        Color::LightGreen => (base + 62, &[]),
        Color::LightYellow => (base + 63, &[]),
        Color::LightBlue => (base + 64, &[]),
        Color::LightMagenta => (base + 65, &[]),
        Color::LightCyan => (base + 66, &[]),
        Color::White => (base + 67, &[]),
        Color::Indexed(index) => (base + 8, &[5, index]),
        Color::Rgb(red, green, blue) => (base + 8, &[2, red, green, blue]),
    };
    push_parameter(out, first);
    rest.iter().for_each(|number| push_parameter(out, *number));
}
