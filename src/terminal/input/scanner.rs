//! Splits the bytes of the terminal into keys, mouse reports and pastes. Replies to requests that this program never made
//! (late replies to an earlier program, or replies that displayed text provoked) are dropped as a whole: none of their
//! letters is read as a key. Two kinds are passed on: the background and the attributes of the terminal. Unfinished input
//! is dropped after a moment, so that the next key works.
//!
//! The scanner of the terminal library is unsuitable: it waits forever for the end of a `CSI ?` report or a paste, and
//! reads the letters of a control string as keys, see <https://github.com/crossterm-rs/crossterm/issues/1104>. Does no I/O
//! and has no clock.

use std::time::{Duration, Instant};

/// The time after which an unfinished sequence, reply or paste is dropped.
const MAX_PAUSE: Duration = Duration::from_millis(100);

// A longer delay of a key is noticeable.
const _: () = assert!(MAX_PAUSE.as_millis() <= 200 && MAX_ESCAPE_PAUSE.as_millis() <= 200);

/// The time after which Esc alone is the key: the other bytes of a sequence follow sooner, even over a network.
const MAX_ESCAPE_PAUSE: Duration = Duration::from_millis(50);

/// Bytes that follow each other faster than this were not typed.
const MAX_STREAM_GAP: Duration = Duration::from_millis(15);

/// The time within which a stalled paste may continue.
const MAX_PASTE_STALL: Duration = Duration::from_secs(2);

/// The maximum number of bytes to keep of a sequence; a longer one is dropped.
const MAX_SEQUENCE_BYTES: usize = 64;

/// The maximum number of bytes to keep of a paste.
const MAX_PASTE_BYTES: usize = 4 << 20;

const PASTE_END: &[u8] = b"\x1b[201~";

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// A complete piece of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A character or control character; `alt` if Esc came right before it.
    Char { c: char, alt: bool },
    /// The Esc key.
    Esc,
    /// `ESC [` with its parameter bytes and its final byte; never a report with a private marker except of the mouse.
    Csi { parameters: String, end: u8 },
    /// `ESC O` with its final byte.
    Ss3(u8),
    /// A function key of the Linux console: `ESC [ [` and this letter.
    ConsoleFunction(u8),
    /// A mouse report of three bytes: button, column, row.
    MouseBytes([u8; 3]),
    /// A complete bracketed paste.
    Paste(String),
    /// The reply to a request for the background: a colour in the notation of X11.
    Background(String),
    /// The reply to a request for the terminal's features, which every terminal answers.
    DeviceAttributes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    /// Within a character of `len` bytes.
    Utf8 {
        len: usize,
        alt: bool,
    },
    Escape,
    Csi,
    Ss3,
    ConsoleFunction,
    MouseBytes,
    /// Within a control string. Only the content of an OSC is kept.
    ControlString {
        kind: StringKind,
        /// The byte before was Esc, the first of the two bytes that end the string.
        is_ending: bool,
    },
    Paste,
    /// A paste paused. It continues if more text follows directly, else it is dropped.
    StalledPaste,
}

/// The terminators of a control string besides `ESC \`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StringKind {
    /// OSC: also at BEL.
    Command,
    /// DCS, APC, PM, SOS.
    Other,
}

/// The scanner of one stream of input.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    /// The bytes of the unfinished character, sequence or paste.
    bytes: Vec<u8>,
    /// The time from which the pause of an unfinished piece counts.
    waiting_since: Option<Instant>,
    /// The time of the last input.
    fed_at: Option<Instant>,
    tokens: Vec<Token>,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            state: State::Ground,
            bytes: Vec::new(),
            waiting_since: None,
            fed_at: None,
            tokens: Vec::new(),
        }
    }

    /// Reads bytes that arrived together; returns the pieces that are complete.
    pub(super) fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Token> {
        let gap = self.fed_at.replace(now).map(|before| now.saturating_duration_since(before));
        if self.state == State::StalledPaste {
            let is_late = gap.is_none_or(|gap| gap > MAX_PASTE_STALL);
            self.enter(if is_late || !continues_paste(bytes) { State::Ground } else { State::Paste });
        }
        // Keys typed one by one do not keep an unfinished piece alive.
        let is_stream = bytes.len() > 1 || gap.is_some_and(|gap| gap < MAX_STREAM_GAP);
        if is_stream && matches!(self.state, State::ControlString { .. } | State::Paste) {
            self.waiting_since = Some(now);
        }
        for byte in bytes {
            self.on_byte(*byte);
        }
        match self.state {
            State::Ground | State::StalledPaste => self.waiting_since = None,
            State::Utf8 { .. }
            | State::Escape
            | State::Csi
            | State::Ss3
            | State::ConsoleFunction
            | State::MouseBytes
            | State::ControlString { .. }
            | State::Paste => {
                self.waiting_since.get_or_insert(now);
            }
        }
        std::mem::take(&mut self.tokens)
    }

    /// Returns the time at which [`give_up`](Self::give_up) is due unless input arrives.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let pause = if self.state == State::Escape { MAX_ESCAPE_PAUSE } else { MAX_PAUSE };
        self.waiting_since.map(|since| since + pause)
    }

    /// Returns the number of kept bytes of unfinished input.
    pub(super) fn pending_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Ends unfinished input: Esc becomes the key; everything else is dropped, except that a paste may still continue.
    pub(super) fn give_up(&mut self) -> Option<Token> {
        self.waiting_since = None;
        let token = (self.state == State::Escape).then_some(Token::Esc);
        if self.state == State::Paste {
            self.state = State::StalledPaste;
        } else {
            self.enter(State::Ground);
        }
        token
    }

    /// Starts a state without bytes. A resumed paste keeps its bytes.
    fn enter(&mut self, state: State) {
        if (self.state, state) != (State::StalledPaste, State::Paste) {
            self.bytes.clear();
        }
        self.state = state;
        self.waiting_since = None;
    }

    fn emit(&mut self, token: Token) {
        self.tokens.push(token);
        self.enter(State::Ground);
    }

    fn on_byte(&mut self, byte: u8) {
        match self.state {
            State::Ground | State::StalledPaste => self.on_first_byte(byte, false),
            State::Utf8 { len, alt } => self.on_utf8_byte(byte, len, alt),
            State::Escape => self.on_byte_after_escape(byte),
            State::Csi => self.on_csi_byte(byte),
            State::Ss3 if byte == ESC => self.enter(State::Escape),
            State::Ss3 => self.emit(Token::Ss3(byte)),
            State::ConsoleFunction if byte.is_ascii_alphabetic() => self.emit(Token::ConsoleFunction(byte)),
            State::ConsoleFunction => self.restart_with(byte),
            State::MouseBytes => self.on_mouse_byte(byte),
            State::ControlString { kind, is_ending } => self.on_string_byte(byte, kind, is_ending),
            State::Paste => self.on_paste_byte(byte),
        }
    }

    /// Drops the unfinished input and reads this byte as the start of new input.
    fn restart_with(&mut self, byte: u8) {
        self.enter(State::Ground);
        self.on_first_byte(byte, false);
    }

    fn on_first_byte(&mut self, byte: u8, alt: bool) {
        let len = match byte {
            ESC => return self.enter(State::Escape),
            0..=0x7f => return self.emit(Token::Char { c: char::from(byte), alt }),
            // Terminals in the mode for 8-bit controls start their replies with one of these.
            0x80..=0x9f => return self.on_c1(byte),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0xa0..=0xc1 | 0xf5..=0xff => return self.enter(State::Ground),
        };
        self.enter(State::Utf8 { len, alt });
        self.bytes.push(byte);
    }

    fn on_utf8_byte(&mut self, byte: u8, len: usize, alt: bool) {
        if !matches!(byte, 0x80..=0xbf) {
            return self.restart_with(byte);
        }
        self.bytes.push(byte);
        if self.bytes.len() < len {
            return;
        }
        let c = std::str::from_utf8(&self.bytes).ok().and_then(|text| text.chars().next());
        match c {
            Some(c @ '\u{80}'..='\u{9f}') => self.on_c1(u8::try_from(u32::from(c)).unwrap_or(0x80)),
            Some(c) => self.emit(Token::Char { c, alt }),
            None => self.enter(State::Ground),
        }
    }

    /// Handles a control character that represents Esc and a letter.
    fn on_c1(&mut self, byte: u8) {
        match byte {
            0x8f => self.enter(State::Ss3),
            0x90 | 0x98 | 0x9e | 0x9f => self.enter_string(StringKind::Other),
            0x9b => self.enter(State::Csi),
            0x9d => self.enter_string(StringKind::Command),
            _ => self.enter(State::Ground),
        }
    }

    fn enter_string(&mut self, kind: StringKind) {
        self.enter(State::ControlString { kind, is_ending: false });
    }

    fn on_byte_after_escape(&mut self, byte: u8) {
        match byte {
            b'[' => self.enter(State::Csi),
            b'O' => self.enter(State::Ss3),
            b']' => self.enter_string(StringKind::Command),
            b'P' | b'X' | b'^' | b'_' => self.enter_string(StringKind::Other),
            ESC => {
                self.emit(Token::Esc);
                self.enter(State::Escape);
            }
            // The end of a string that was dropped.
            b'\\' => self.enter(State::Ground),
            _ => self.on_first_byte(byte, true),
        }
    }

    fn on_csi_byte(&mut self, byte: u8) {
        match byte {
            b'[' if self.bytes.is_empty() => self.enter(State::ConsoleFunction),
            b'M' if self.bytes.is_empty() => self.enter(State::MouseBytes),
            0x20..=0x3f if self.bytes.len() < MAX_SEQUENCE_BYTES => self.bytes.push(byte),
            0x20..=0x3f => {}
            0x40..=0x7e => self.finish_csi(byte),
            _ => self.restart_with(byte),
        }
    }

    fn finish_csi(&mut self, end: u8) {
        let parameters = String::from_utf8_lossy(&self.bytes).into_owned();
        if parameters == "200" && end == b'~' {
            return self.enter(State::Paste);
        }
        if parameters.starts_with('?') && end == b'c' {
            return self.emit(Token::DeviceAttributes);
        }
        // Everything else with a private marker or an intermediate byte is a report.
        let is_mouse = parameters.starts_with('<') && matches!(end, b'M' | b'm');
        let numbers = parameters.strip_prefix('<').filter(|_| is_mouse).unwrap_or(&parameters);
        let is_plain = numbers.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'));
        if is_plain && self.bytes.len() < MAX_SEQUENCE_BYTES {
            self.emit(Token::Csi { parameters, end });
        } else {
            self.enter(State::Ground);
        }
    }

    fn on_mouse_byte(&mut self, byte: u8) {
        if byte == ESC {
            return self.enter(State::Escape);
        }
        self.bytes.push(byte);
        if let Ok(report) = self.bytes.as_slice().try_into() {
            self.emit(Token::MouseBytes(report));
        }
    }

    fn on_string_byte(&mut self, byte: u8, kind: StringKind, is_ending: bool) {
        match (byte, kind) {
            (b'\\', _) if is_ending => self.finish_string(),
            (BEL, StringKind::Command) => self.finish_string(),
            // Any other sequence ends the string, but its own bytes are part of the same reply or the next key.
            (b'[' | b'O' | b']' | b'P' | b'X' | b'^' | b'_', _) if is_ending => {
                self.on_byte_after_escape(byte)
            }
            _ => {
                if kind == StringKind::Command && byte != ESC && self.bytes.len() < MAX_SEQUENCE_BYTES {
                    self.bytes.push(byte);
                }
                self.state = State::ControlString { kind, is_ending: byte == ESC };
            }
        }
    }

    /// Drops a control string, unless it reports the background.
    fn finish_string(&mut self) {
        let is_whole = self.bytes.len() < MAX_SEQUENCE_BYTES;
        let text = std::str::from_utf8(&self.bytes).ok().filter(|_| is_whole);
        match text.and_then(|text| text.strip_prefix("11;")).map(str::to_owned) {
            Some(colour) => self.emit(Token::Background(colour)),
            None => self.enter(State::Ground),
        }
    }

    fn on_paste_byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == b'~' && self.bytes.ends_with(PASTE_END) {
            let len = (self.bytes.len() - PASTE_END.len()).min(MAX_PASTE_BYTES);
            let text = String::from_utf8_lossy(self.bytes.get(..len).unwrap_or_default()).into_owned();
            self.emit(Token::Paste(text));
        } else if self.bytes.len() > MAX_PASTE_BYTES * 2 {
            self.bytes.drain(MAX_PASTE_BYTES..self.bytes.len() - PASTE_END.len());
        }
    }
}

/// Returns whether bytes that arrived together continue a stalled paste: they are its end, or more text than one key.
fn continues_paste(bytes: &[u8]) -> bool {
    let has_end = bytes.windows(PASTE_END.len()).any(|window| window == PASTE_END);
    let characters = String::from_utf8_lossy(bytes).chars().count();
    has_end || (characters > 1 && bytes.first() != Some(&ESC))
}

#[cfg(test)]
mod tests;
