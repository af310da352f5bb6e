//! Translates scanned pieces of input to events: the sequences of keys and mouse reports, in the forms of xterm, the Linux
//! console, rxvt and the kitty protocol.

use crossterm::event::{
    Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::scanner::Token;

/// Returns the event of a piece of input; `None` for unexpected reports and unknown keys.
pub(super) fn to_event(token: Token) -> Option<Raw> {
    match token {
        Token::Char { c, alt } => {
            let mut key = typed_key(c);
            if alt {
                key.modifiers |= KeyModifiers::ALT;
            }
            Some(Raw::Key(key))
        }
        Token::Esc => key(KeyCode::Esc),
        Token::Ss3(end) => key(ss3_key(end)?),
        Token::ConsoleFunction(letter @ b'A'..=b'E') => key(KeyCode::F(letter - b'A' + 1)),
        Token::ConsoleFunction(_) => None,
        Token::MouseBytes([button, column, row]) => {
            let number = |byte: u8| u16::from(byte).checked_sub(32);
            mouse(number(button)?, number(column)?, number(row)?, false)
        }
        Token::Csi { parameters, end } => csi_event(&parameters, end),
        Token::Paste(text) => Some(Raw::Paste(text)),
        Token::Background(_) | Token::DeviceAttributes => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the callers return options")]
fn key(code: KeyCode) -> Option<Raw> {
    Some(Raw::Key(KeyEvent::from(code)))
}

/// Returns the key that types a character or a control character.
fn typed_key(c: char) -> KeyEvent {
    let ctrl = |letter: u8| KeyEvent::new(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    match c {
        '\r' => KeyCode::Enter.into(),
        '\t' => KeyCode::Tab.into(),
        '\x7f' => KeyCode::Backspace.into(),
        '\0' => ctrl(b' '),
        '\x01'..='\x1a' => ctrl(c as u8 - 1 + b'a'),
        '\x1b' => KeyCode::Esc.into(),
        '\x1c'..='\x1f' => ctrl(c as u8 - 0x1c + b'4'),
        c => KeyCode::Char(c).into(),
    }
}

fn ss3_key(end: u8) -> Option<KeyCode> {
    match end {
        b'M' => Some(KeyCode::Enter),
        b'P'..=b'S' => Some(KeyCode::F(end - b'P' + 1)),
        _ => cursor_key(end),
    }
}

/// Returns the key of the cursor block with this letter.
fn cursor_key(end: u8) -> Option<KeyCode> {
    Some(match end {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

/// Returns the numbers of a parameter: `13:2` is `[13, 2]`. A missing or oversized number is `None`.
fn numbers(parameter: Option<&str>) -> Vec<Option<u32>> {
    parameter.map(|text| text.split(':').map(|number| number.parse().ok()).collect()).unwrap_or_default()
}

fn csi_event(parameters: &str, end: u8) -> Option<Raw> {
    if let Some(report) = parameters.strip_prefix('<') {
        return mouse_report(report, 0, end == b'm');
    }
    let mut parts = parameters.split(';');
    let first = numbers(parts.next()).first().copied().flatten();
    let second = numbers(parts.next());
    let third = numbers(parts.next()).first().copied().flatten();
    let modifiers = second.first().copied().flatten();
    let code = match end {
        // rxvt counts buttons from 32.
        b'M' => return mouse_report(parameters, 32, false),
        b'I' => return Some(Raw::FocusGained),
        b'O' => return Some(Raw::FocusLost),
        b'Z' => KeyCode::BackTab,
        b'a'..=b'd' if parameters.is_empty() => {
            return modified(cursor_key(end.to_ascii_uppercase())?, Some(2), None);
        }
        b'P' | b'Q' | b'S' => KeyCode::F(end - b'P' + 1),
        // The form of xterm for keys without their own sequence.
        b'~' if first == Some(27) => kitty_key(third?)?,
        b'~' => numbered_key(first?)?,
        b'u' => kitty_key(first?)?,
        _ => cursor_key(end)?,
    };
    modified(code, modifiers, second.get(1).copied().flatten())
}

/// Reads a key with modifiers in xterm's form, 1 for none, and the kind of event in kitty's.
fn modified(code: KeyCode, modifiers: Option<u32>, kind: Option<u32>) -> Option<Raw> {
    let mask = modifiers.unwrap_or(1).saturating_sub(1);
    let held = [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)];
    let modifiers =
        held.iter().filter(|(bit, _)| mask & bit != 0).fold(KeyModifiers::NONE, |all, (_, one)| all | *one);
    let kind = match kind {
        Some(2) => KeyEventKind::Repeat,
        Some(3) => KeyEventKind::Release,
        _ => KeyEventKind::Press,
    };
    Some(Raw::Key(KeyEvent::new_with_kind(code, modifiers, kind)))
}

/// Returns the key with this number before `~`.
fn numbered_key(number: u32) -> Option<KeyCode> {
    let function = |number: u32| u8::try_from(number).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(number - 10),
        17..=21 => function(number - 11),
        23..=26 => function(number - 12),
        28..=29 => function(number - 13),
        31..=34 => function(number - 14),
        _ => None,
    }
}

/// Returns the key with this code point, or with the number that kitty gives to it on the keypad.
fn kitty_key(number: u32) -> Option<KeyCode> {
    Some(match number {
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(number - 57399, 10)?),
        57409..=57413 => KeyCode::Char(char::from(*b"./*-+".get(usize::try_from(number - 57409).ok()?)?)),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        // The other keys without a character: media, locks, modifiers.
        57344..=63743 => return None,
        _ => KeyCode::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    })
}

/// Reads a mouse report of three numbers: button, counted from `base`, column, row.
fn mouse_report(report: &str, base: u16, is_release: bool) -> Option<Raw> {
    let mut numbers = report.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    mouse(button.checked_sub(base)?, column, row, is_release)
}

/// Creates a mouse event; columns and rows count from 1.
fn mouse(button: u16, column: u16, row: u16, is_release: bool) -> Option<Raw> {
    let kind = match (button & !0b1_1100, is_release) {
        (0, false) => MouseEventKind::Down(MouseButton::Left),
        (32, false) => MouseEventKind::Drag(MouseButton::Left),
        (64, false) => MouseEventKind::ScrollUp,
        (65, false) => MouseEventKind::ScrollDown,
        _ => return None,
    };
    let (column, row) = (column.checked_sub(1)?, row.checked_sub(1)?);
    Some(Raw::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::event::{Event, Mouse, MouseKind};
    use crate::terminal::input::scanner::Scanner;
    use crate::terminal::input::translate;

    fn events(bytes: &str) -> Vec<Event> {
        let tokens = Scanner::new().feed(bytes.as_bytes(), Instant::now());
        tokens.into_iter().filter_map(to_event).filter_map(translate).collect()
    }

    /// Returns the names of the keys of an input.
    fn keys(bytes: &str) -> String {
        let name = |event| if let Event::Key(chord) = event { chord.to_string() } else { "?".to_owned() };
        events(bytes).into_iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn keys_of_common_terminals_are_read() {
        for (bytes, names) in [
            ("aZé日\r\t\x7f \0\x01\x1a", "a Z é 日 enter tab backspace space ctrl-space ctrl-a ctrl-z"),
            ("\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "up down right left home end"),
            ("\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF\x1bOM", "up down right left home end enter"),
            (
                "\x1b[1~\x1b[2~\x1b[3~\x1b[4~\x1b[5~\x1b[6~\x1b[7~\x1b[8~",
                "home insert delete end pageup pagedown home end",
            ),
            ("\x1bOP\x1bOS\x1b[[A\x1b[[E\x1b[15~\x1b[17~\x1b[24~\x1b[34~", "f1 f4 f1 f5 f5 f6 f12 f20"),
            ("\x1b[Z\x1b[1;5A\x1b[3;5~\x1b[1;2P\x1b[a", "shift-tab ctrl-up ctrl-delete shift-f1 shift-up"),
            ("\x1bx\x1bZ\x1b\x04", "alt-x alt-Z ctrl-alt-d"),
            // kitty and xterm's modifyOtherKeys.
            ("\x1b[97u\x1b[97;5u\x1b[97:65;2u\x1b[27u\x1b[13;1:2u", "a ctrl-a A esc enter"),
            ("\x1b[97;1:3u\x1b[57441;2u\x1b[57399u\x1b[27;5;105~", "0 ctrl-i"),
        ] {
            assert_eq!(keys(bytes), names, "{bytes:?}");
        }
    }

    #[test]
    fn mouse_reports_are_read_in_three_forms_and_invalid_ones_dropped() {
        let at = |kind| Event::Mouse(Mouse { kind, column: 4, row: 9 });
        for (bytes, kind) in [
            ("\x1b[<0;5;10M", MouseKind::Press),
            ("\x1b[<32;5;10M", MouseKind::Drag),
            ("\x1b[<64;5;10M", MouseKind::WheelUp),
            ("\x1b[<65;5;10M", MouseKind::WheelDown),
            ("\x1b[<4;5;10M", MouseKind::Press),
            ("\x1b[32;5;10M", MouseKind::Press),
            ("\x1b[M\x20\x25\x2a", MouseKind::Press),
        ] {
            assert_eq!(format!("{:?}", events(bytes)), format!("{:?}", [at(kind)]), "{bytes:?}");
        }
        for bytes in ["\x1b[<0;5;10m", "\x1b[<0;0;1M", "\x1b[<;;M", "\x1b[<0;99999;1M", "\x1b[M\x20\x20\x20"]
        {
            assert_eq!(events(bytes).len(), 0, "{bytes:?}");
        }
    }

    #[test]
    fn reports_without_a_marker_are_not_keys() {
        for bytes in [
            "\x1b[0n",
            "\x1b[12;40R",
            "\x1b[8;30;100t",
            "\x1b[2;1;1x",
            "\x1b[I\x1b[O",
            "\x1b[64;1c",
            "\x1b[201~",
        ] {
            assert_eq!(events(bytes).len(), 0, "{bytes:?}");
        }
    }
}
