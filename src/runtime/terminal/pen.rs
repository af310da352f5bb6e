//! The look that the terminal writes in, and the shortest sequence that changes it.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// What shows on a cell without text.
const SHOWS_ON_BLANK: Modifier = Modifier::REVERSED
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

/// Colours and modifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Look {
    /// The look of a cell.
    pub fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether a blank in this look shows nothing but its background.
    pub fn is_bare(self) -> bool {
        !self.modifier.intersects(SHOWS_ON_BLANK)
    }

    /// Whether two cells look the same: the colour of text that is not there does not count.
    pub fn alike(one: &Cell, other: &Cell) -> bool {
        let (look, against) = (Self::of(one), Self::of(other));
        let symbol = one.symbol();
        symbol == other.symbol() && (look == against || symbol == " " && look.same_on_blank(against))
    }

    fn same_on_blank(self, other: Self) -> bool {
        self.bg == other.bg && self.is_bare() && other.is_bare()
    }

    /// Whether a blank that is erased rather than written looks like this one: erasing leaves the default background.
    pub fn is_erased(cell: &Cell) -> bool {
        cell.symbol() == " " && cell.bg == Color::Reset && Self::of(cell).is_bare()
    }
}

/// The terminal's pen.
#[derive(Debug, Default)]
pub struct Pen {
    look: Look,
    steps: Vec<u8>,
    anew: Vec<u8>,
}

impl Pen {
    /// Whether a cell written now would look right.
    pub fn fits(&self, cell: &Cell) -> bool {
        let wanted = Look::of(cell);
        wanted == self.look || cell.symbol() == " " && self.look.same_on_blank(wanted)
    }

    /// Changes to the look of a cell, if it would not look right already.
    pub fn take(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        if !self.fits(cell) {
            self.change(Look::of(cell), out);
        }
    }

    /// Changes to a look that erasing may be done in.
    pub fn clean(&mut self, out: &mut Vec<u8>) {
        if self.look.bg != Color::Reset || !self.look.is_bare() {
            self.change(Look::default(), out);
        }
    }

    /// Changes to the terminal's own look.
    pub fn reset(&mut self, out: &mut Vec<u8>) {
        if self.look != Look::default() {
            self.change(Look::default(), out);
        }
    }

    fn change(&mut self, wanted: Look, out: &mut Vec<u8>) {
        self.steps.clear();
        steps(&mut self.steps, self.look, wanted);
        self.anew.clear();
        if wanted != Look::default() {
            self.anew.push(b'0');
            steps(&mut self.anew, Look::default(), wanted);
        }
        let shorter = if self.anew.len() < self.steps.len() { &self.anew } else { &self.steps };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(shorter);
        out.push(b'm');
        self.look = wanted;
    }
}

/// The parameters that lead from one look to another.
fn steps(out: &mut Vec<u8>, from: Look, to: Look) {
    let (gone, mut new) = (from.modifier - to.modifier, to.modifier - from.modifier);
    if gone.intersects(Modifier::BOLD | Modifier::DIM) {
        new |= to.modifier & (Modifier::BOLD | Modifier::DIM);
    }
    if gone.intersects(Modifier::SLOW_BLINK | Modifier::RAPID_BLINK) {
        new |= to.modifier & (Modifier::SLOW_BLINK | Modifier::RAPID_BLINK);
    }
    let mut last = 0;
    for (modifier, _, off) in MODIFIERS {
        if gone.contains(modifier) && off != last {
            parameter(out, off);
            last = off;
        }
    }
    for (modifier, on, _) in MODIFIERS {
        if new.contains(modifier) {
            parameter(out, on);
        }
    }
    if from.fg != to.fg {
        colour(out, to.fg, 30);
    }
    if from.bg != to.bg {
        colour(out, to.bg, 40);
    }
}

fn parameter(out: &mut Vec<u8>, number: u8) {
    if !out.is_empty() {
        out.push(b';');
    }
    decimal(out, u16::from(number));
}

/// Appends a number in decimal digits.
pub fn decimal(out: &mut Vec<u8>, number: u16) {
    let mut unit = 10_000;
    while unit > 1 && number < unit {
        unit /= 10;
    }
    while unit > 0 {
        out.push(b'0' + u8::try_from(number / unit % 10).unwrap_or(0));
        unit /= 10;
    }
}

/// The parameters of a colour; `base` is 30 for text and 40 for the background.
fn colour(out: &mut Vec<u8>, colour: Color, base: u8) {
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
    parameter(out, first);
    rest.iter().for_each(|number| parameter(out, *number));
}
