//! Colours and other styles of a terminal (SGR), as roles of the theme.

use crate::theme::Role;

/// The styles that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TerminalStyle {
    colour: Option<Role>,
    is_bold: bool,
    is_dim: bool,
    is_italic: bool,
    is_struck: bool,
}

impl TerminalStyle {
    /// Applies the parameters of a sequence. Returns whether a role can show all of them; unsupported ones are ignored.
    pub(super) fn apply(&mut self, parameters: &str) -> bool {
        let mut is_shown = true;
        let mut numbers = parameters.split([';', ':']).map(|number| match number {
            "" => Some(0),
            digits => digits.parse::<u16>().ok(),
        });
        while let Some(number) = numbers.next() {
            match number {
                Some(0) => *self = Self::default(),
                Some(1) => self.is_bold = true,
                Some(2) => self.is_dim = true,
                Some(3) => self.is_italic = true,
                Some(9) => self.is_struck = true,
                Some(22) => (self.is_bold, self.is_dim) = (false, false),
                Some(23) => self.is_italic = false,
                Some(29) => self.is_struck = false,
                Some(colour @ (30..=37 | 90..=97)) => self.colour = role_of_colour(colour % 10, colour >= 90),
                Some(38) => self.colour = read_colour(&mut numbers).flatten(),
                Some(39) => self.colour = None,
                Some(24 | 27 | 28 | 49) => {}
                Some(48) => {
                    _ = read_colour(&mut numbers);
                    is_shown = false;
                }
                Some(_) | None => is_shown = false,
            }
        }
        is_shown
    }

    /// Returns the role for text in this style: its colour, else its weight.
    pub(super) fn role(self) -> Role {
        match self {
            Self { colour: Some(role), .. } => role,
            Self { is_struck: true, .. } => Role::Strike,
            Self { is_bold: true, .. } => Role::Strong,
            Self { is_dim: true, .. } => Role::Dim,
            Self { is_italic: true, .. } => Role::Emphasis,
            Self { .. } => Role::Text,
        }
    }
}

/// Returns the role of one of the eight colours. Black and white have the role of plain text, because one of them is the
/// background.
fn role_of_colour(number: u16, is_bright: bool) -> Option<Role> {
    match number {
        1 => Some(Role::Error),
        2 => Some(Role::Ok),
        3 => Some(Role::Warn),
        4 | 6 => Some(Role::Accent),
        5 => Some(Role::Tool),
        0 if is_bright => Some(Role::Dim),
        _ => None,
    }
}

/// Reads a colour by index or by its parts; `None` if it is incomplete.
fn read_colour(numbers: &mut impl Iterator<Item = Option<u16>>) -> Option<Option<Role>> {
    match numbers.next()?? {
        5 => match numbers.next()?? {
            index @ 0..=7 => Some(role_of_colour(index, false)),
            index @ 8..=15 => Some(role_of_colour(index - 8, true)),
            index @ 16..=231 => {
                let cube = index - 16;
                Some(role_of_parts([cube / 36, cube / 6 % 6, cube % 6].map(|part| part * 51)))
            }
            grey => Some((grey < 250).then_some(Role::Dim)),
        },
        2 => Some(role_of_parts([numbers.next()??, numbers.next()??, numbers.next()??])),
        _ => None,
    }
}

/// Returns the role of the nearest of the eight colours.
fn role_of_parts(parts: [u16; 3]) -> Option<Role> {
    let (low, high) = (parts.iter().min()?, parts.iter().max()?);
    if high - low < 48 {
        return (64..160).contains(high).then_some(Role::Dim);
    }
    let middle = (low + high) / 2;
    let [red, green, blue] = parts.map(|part| u16::from(part > middle));
    role_of_colour(red + 2 * green + 4 * blue, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_map_to_roles() {
        for (parameters, role) in [
            ("31", Role::Error),
            ("1;32", Role::Ok),
            ("1", Role::Strong),
            ("", Role::Text),
            ("31;0", Role::Text),
            ("38;5;196", Role::Error),
            ("38;5;244", Role::Dim),
            ("38;2;20;200;30", Role::Ok),
            ("38:2:20:200:230", Role::Accent),
            ("2;3", Role::Dim),
            ("90", Role::Dim),
            ("37", Role::Text),
            ("48;5;196", Role::Text),
        ] {
            let mut style = TerminalStyle::default();
            assert_eq!(style.apply(parameters), !parameters.starts_with("48"), "{parameters}");
            assert_eq!(style.role(), role, "{parameters}");
        }
    }
}
