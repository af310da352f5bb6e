//! The terminal's background colour, to choose a theme that fits it: requested once at the start. A reply that arrives too
//! late is dropped, as all other replies are.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The time to wait for the reply.
const MAX_WAIT: Duration = Duration::from_millis(100);

/// The request for the background, followed by one that every terminal answers, whose reply ends the wait.
const QUESTION: &[u8] = b"\x1b]11;?\x1b\\\x1b[c";

/// The pause between two checks for the reply when the program ends.
const POLL_PAUSE: Duration = Duration::from_millis(5);

/// The time until which a reply is accepted, once the request is sent.
static DEADLINE: OnceLock<Instant> = OnceLock::new();

static IS_ANSWERED: AtomicBool = AtomicBool::new(false);

/// Returns whether, by the environment, the terminal draws RGB colours.
pub fn has_rgb_colours() -> bool {
    let is_set = |name: &str, test: fn(&str) -> bool| std::env::var(name).is_ok_and(|value| test(&value));
    is_set("COLORTERM", |value| matches!(value, "truecolor" | "24bit"))
        || is_set("TERM", |value| value.contains("direct"))
}

/// Sends the request; returns the time until which a reply is accepted. Does nothing on Windows, whose consoles send
/// records instead of bytes.
pub fn ask() -> Option<Instant> {
    if cfg!(windows) {
        return None;
    }
    let until = Instant::now() + MAX_WAIT;
    ask_with(super::write).ok()?;
    Some(*DEADLINE.get_or_init(|| until))
}

fn ask_with(write: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<()> {
    write(QUESTION)
}

/// Notes that all replies have arrived.
#[cfg(unix)]
pub(super) fn note_answer() {
    IS_ANSWERED.store(true, Ordering::SeqCst);
}

/// Waits for outstanding replies, so that the shell does not read them as input.
pub fn wait_for_answer() {
    let Some(until) = DEADLINE.get() else { return };
    while !IS_ANSWERED.load(Ordering::SeqCst) && Instant::now() < *until {
        std::thread::sleep(POLL_PAUSE);
    }
}

/// Parses a colour of a reply, such as `rgb:ffff/ffff/ffff`, `rgba:ff/ff/ff/ff` or `#ffffff`: red, green, blue.
#[cfg(any(unix, test))]
pub(super) fn parse_colour(text: &str) -> Option<[u8; 3]> {
    let parts: Vec<&str> =
        match (text.strip_prefix("rgb:"), text.strip_prefix("rgba:"), text.strip_prefix('#')) {
            (Some(rgb), ..) => rgb.split('/').collect(),
            (_, Some(rgba), _) => rgba.split('/').collect(),
            (.., Some(hex)) => hex_parts(hex)?,
            (None, None, None) => return None,
        };
    match parts.as_slice() {
        [red, green, blue] | [red, green, blue, _] => Some([channel(red)?, channel(green)?, channel(blue)?]),
        _ => None,
    }
}

/// Splits hexadecimal digits into three equal parts.
#[cfg(any(unix, test))]
fn hex_parts(hex: &str) -> Option<Vec<&str>> {
    let len = hex.len() / 3;
    let parts = [hex.get(..len), hex.get(len..len * 2), hex.get(len * 2..)];
    parts.into_iter().collect::<Option<Vec<_>>>().filter(|_| len > 0 && hex.len().is_multiple_of(3))
}

/// Scales one to four hexadecimal digits to a byte.
#[cfg(any(unix, test))]
fn channel(digits: &str) -> Option<u8> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let len = u32::try_from(digits.len()).ok().filter(|len| (1..=4).contains(len) && is_hex)?;
    let max = 16_u32.pow(len) - 1;
    u8::try_from((u32::from_str_radix(digits, 16).ok()? * 255 + max / 2) / max).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_every_notation_are_read_and_others_refused() {
        for (text, expected) in [
            ("rgb:ffff/8080/0000", Some([255, 128, 0])),
            ("rgb:ff/80/00", Some([255, 128, 0])),
            ("rgb:f/8/0", Some([255, 136, 0])),
            ("rgba:ffff/8080/0000/ffff", Some([255, 128, 0])),
            ("#ff8000", Some([255, 128, 0])),
            ("#ffff80800000", Some([255, 128, 0])),
            ("", None),
            ("#", None),
            ("#ff80", None),
            ("rgb:", None),
            ("rgb:ff/80", None),
            ("rgb:ff/80/00/00/00", None),
            ("rgb:fffff/0/0", None),
            ("rgb:+f/0/0", None),
            ("rgb:gg/0/0", None),
            ("#ff80é", None),
            ("?", None),
        ] {
            assert_eq!(parse_colour(text), expected, "{text}");
        }
    }

    #[test]
    fn the_request_ends_with_one_that_every_terminal_answers() {
        let mut written = Vec::new();
        ask_with(|bytes| {
            written = bytes.to_vec();
            Ok(())
        })
        .unwrap();
        assert_eq!(written, b"\x1b]11;?\x1b\\\x1b[c");
    }
}
