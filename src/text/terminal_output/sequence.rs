//! Control sequences at the start of a text, after ECMA-48.

/// The effect of a sequence on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect<'a> {
    /// No effect on text: links, titles, modes.
    None,
    /// Moves the cursor to a column, counted from 0.
    ToColumn(usize),
    Forward(usize),
    Backward(usize),
    EraseToEnd,
    EraseToStart,
    EraseLine,
    /// Selects colours and other styles: the parameters, such as `1;31`.
    Style(&'a str),
}

/// Returns the length of the sequence at the start of `rest` and its effect; `None` if no sequence starts there.
pub(super) fn read(rest: &str) -> Option<(usize, Effect<'_>)> {
    let mut chars = rest.chars();
    let first = chars.next()?;
    let after = chars.as_str();
    match first {
        '\x1b' => Some(read_escape(after)),
        // The same introducers as one character.
        '\u{9b}' => Some(read_csi(after, first.len_utf8())),
        '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => Some(read_string(after, first.len_utf8())),
        '\u{80}'..='\u{9f}' | '\x07' | '\x0e' | '\x0f' => Some((first.len_utf8(), Effect::None)),
        _ => None,
    }
}

/// Reads the sequence after an escape character.
fn read_escape(after: &str) -> (usize, Effect<'_>) {
    match after.as_bytes() {
        [b'[', ..] => read_csi(after.get(1..).unwrap_or_default(), 2),
        [b']' | b'P' | b'X' | b'^' | b'_', ..] => read_string(after.get(1..).unwrap_or_default(), 2),
        bytes => {
            let intermediates = bytes.iter().take_while(|byte| matches!(byte, b' '..=b'/')).count();
            match bytes.get(intermediates) {
                Some(b'0'..=b'~') => (1 + intermediates + 1, Effect::None),
                Some(_) | None => (1, Effect::None),
            }
        }
    }
}

/// Reads parameters, intermediates and the final byte of a control sequence after an introducer of `start` bytes.
fn read_csi(body: &str, start: usize) -> (usize, Effect<'_>) {
    let bytes = body.as_bytes();
    let parameters = bytes.iter().take_while(|byte| matches!(byte, b'0'..=b'?')).count();
    let intermediates = bytes.iter().skip(parameters).take_while(|byte| matches!(byte, b' '..=b'/')).count();
    let Some(last @ b'@'..=b'~') = bytes.get(parameters + intermediates) else {
        return (start, Effect::None);
    };
    let number = body.get(..parameters).and_then(|text| text.split(';').next()?.parse().ok());
    let effect = match (last, intermediates) {
        (b'm', 0) => body.get(..parameters).map_or(Effect::None, Effect::Style),
        (b'G' | b'`', 0) => Effect::ToColumn(number.unwrap_or(1).max(1) - 1),
        (b'C', 0) => Effect::Forward(number.unwrap_or(1).max(1)),
        (b'D', 0) => Effect::Backward(number.unwrap_or(1).max(1)),
        (b'K', 0) => match number {
            None | Some(0) => Effect::EraseToEnd,
            Some(1) => Effect::EraseToStart,
            Some(_) => Effect::EraseLine,
        },
        _ => Effect::None,
    };
    (start + parameters + intermediates + 1, effect)
}

/// Reads a string up to its terminator: BEL, ST, or ST as one character.
fn read_string(body: &str, start: usize) -> (usize, Effect<'_>) {
    let end = body.char_indices().find_map(|(at, c)| match c {
        '\x07' => Some(at + 1),
        '\u{9c}' => Some(at + 2),
        '\x1b' if body.get(at + 1..).is_some_and(|rest| rest.starts_with('\\')) => Some(at + 2),
        _ => None,
    });
    (start + end.unwrap_or(0), Effect::None)
}
