//! Style specs of the configuration: `bold red on default`, `#ff8800`, `dim italic`.

use ratatui::style::{Color, Modifier, Style};

/// An invalid style spec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("unknown role `{0}`")]
    UnknownRole(String),
    #[error("`{0}` is neither a colour nor one of bold, dim, italic, underlined, reversed, crossed-out")]
    UnknownWord(String),
    #[error("a colour is missing after `on`")]
    MissingBackground,
}

/// Parses a spec; an empty one is the style of plain text.
pub(super) fn parse(spec: &str) -> Result<Style, SpecError> {
    let mut style = Style::new();
    let mut words = spec.split_whitespace();
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        style = if lower == "on" {
            let colour = words.next().ok_or(SpecError::MissingBackground)?;
            style.bg(parse_colour(colour)?)
        } else if let Some(modifier) = parse_modifier(&lower) {
            style.add_modifier(modifier)
        } else {
            style.fg(parse_colour(word)?)
        };
    }
    Ok(style)
}

fn parse_modifier(word: &str) -> Option<Modifier> {
    match word {
        "bold" => Some(Modifier::BOLD),
        "dim" => Some(Modifier::DIM),
        "italic" => Some(Modifier::ITALIC),
        "underlined" | "underline" => Some(Modifier::UNDERLINED),
        "reversed" | "reverse" => Some(Modifier::REVERSED),
        "crossed-out" | "strike" => Some(Modifier::CROSSED_OUT),
        _ => None,
    }
}

/// Parses a colour name, `#rrggbb`, or a number from 0 to 255.
fn parse_colour(word: &str) -> Result<Color, SpecError> {
    match word.to_ascii_lowercase().as_str() {
        "default" => Ok(Color::Reset),
        lower => lower.parse().map_err(|_| SpecError::UnknownWord(word.to_owned())),
    }
}
