//! Finds the end of a JSON value without parsing it: 64 bytes at a time for containers, with `memchr` for strings. Only
//! quotes, escapes and brackets count, and mismatched brackets are accepted; the iterators report those.

use memchr::memchr2;
use wide::u8x16;

use crate::domain::steps::count_steps;

/// Bytes scanned at once.
const BLOCK: usize = 64;

/// Returns whether the byte is JSON whitespace.
pub(crate) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Returns whether the byte ends a token such as a number, `true` or garbage.
pub(crate) fn is_token_end(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')
}

/// Returns the position of the first non-whitespace byte at or after `at`; the length if there is none.
pub(crate) fn skip_whitespace(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| !is_whitespace(byte)).unwrap_or(rest.len())
}

/// Strips a byte order mark, and whitespace at both ends.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = skip_whitespace(bytes, 0);
    let rest = bytes.get(start..).unwrap_or_default();
    let end = rest.iter().rposition(|&byte| !is_whitespace(byte)).map_or(0, |last| last + 1);
    rest.get(..end).unwrap_or_default()
}

/// Returns the end of the value that starts at `at` or after whitespace there. `None` if there is no value, or if a string
/// or container is cut off. A non-JSON token (`NaN`) ends at the next `,`, `]`, `}` or whitespace.
pub fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    let start = skip_whitespace(bytes, at);
    let first = *bytes.get(start)?;
    if matches!(first, b',' | b']' | b'}') {
        return None;
    }
    let mut scan = Scan::starting_with(first);
    let rest = bytes.get(start + 1..)?;
    match scan.read(rest) {
        Some(length) => Some(start + 1 + length),
        None if scan.kind == ScanKind::Token => Some(bytes.len()),
        None => None,
    }
}

/// The kind of value being scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScanKind {
    Container,
    String,
    Token,
}

/// A resumable search for the end of a value: it can stop at any byte and continue when more have arrived.
#[derive(Clone, Debug)]
pub struct Scan {
    kind: ScanKind,
    /// Number of open brackets.
    depth: u64,
    /// All ones inside a string, else zero.
    in_string_mask: u64,
    /// 1 if the next byte is escaped, else 0.
    escape_carry: u64,
    /// Whether a backslash was found outside of strings.
    has_lost_sync: bool,
}

impl Scan {
    /// Starts after the first byte of a value.
    pub fn starting_with(first: u8) -> Self {
        let (kind, depth) = match first {
            b'{' | b'[' => (ScanKind::Container, 1),
            b'"' => (ScanKind::String, 0),
            _ => (ScanKind::Token, 0),
        };
        Self { kind, depth, in_string_mask: 0, escape_carry: 0, has_lost_sync: false }
    }

    /// Returns whether the inside and outside of strings are likely swapped, as after a missing quote: a backslash was
    /// found outside of strings. Quotes that later fall back into step come after such a backslash.
    pub fn has_lost_sync(&self) -> bool {
        self.has_lost_sync
    }

    /// Continues with the next bytes. Returns how many of them belong to the value, or `None` if it does not end in them.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = match self.kind {
            ScanKind::Container => self.read_container(bytes),
            ScanKind::String => self.read_string(bytes),
            ScanKind::Token => bytes.iter().position(|&byte| is_token_end(byte)),
        };
        count_steps(end.unwrap_or(bytes.len()));
        end
    }

    fn read_string(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        if self.escape_carry == 1 && !bytes.is_empty() {
            self.escape_carry = 0;
            at = 1;
        }
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        self.read_escaped_string(bytes.get(found..)?).map(|end| found + end)
    }

    /// Reads a string with escapes. Text with one escape usually has many, such as one per line break, and stopping at each
    /// would cost more than scanning every byte.
    fn read_escaped_string(&mut self, bytes: &[u8]) -> Option<usize> {
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            if let Some(end) = self.read_string_block(block, BLOCK) {
                return Some(number * BLOCK + end);
            }
        }
        if tail.is_empty() {
            return None;
        }
        self.read_string_block(&pad_block(tail), tail.len()).map(|end| blocks.len() * BLOCK + end)
    }

    #[inline]
    fn read_string_block(&mut self, block: &[u8; BLOCK], len: usize) -> Option<usize> {
        let (quotes, backslashes) = quote_masks(block);
        let (escaped, carry) = match backslashes | self.escape_carry {
            0 => (0, 0),
            _ => escape_mask(backslashes, self.escape_carry, len),
        };
        self.escape_carry = carry;
        match quotes & !escaped {
            0 => None,
            ends => {
                self.escape_carry = 0;
                Some(ends.trailing_zeros() as usize + 1)
            }
        }
    }

    fn read_container(&mut self, bytes: &[u8]) -> Option<usize> {
        // A local copy can stay in registers.
        let mut scan = self.clone();
        let end = scan.read_blocks(bytes);
        *self = scan;
        end
    }

    #[inline(always)]
    fn read_blocks(&mut self, bytes: &[u8]) -> Option<usize> {
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            if let Some(end) = self.read_block(block, BLOCK) {
                return Some(number * BLOCK + end);
            }
        }
        if tail.is_empty() {
            return None;
        }
        self.read_block(&pad_block(tail), tail.len()).map(|end| blocks.len() * BLOCK + end)
    }

    /// Reads a block of `len` bytes, padded with spaces.
    #[inline(always)]
    fn read_block(&mut self, block: &[u8; BLOCK], len: usize) -> Option<usize> {
        let (quotes, backslashes) = quote_masks(block);
        if quotes | backslashes | self.escape_carry == 0 && self.in_string_mask != 0 {
            return None;
        }
        let (escaped, carry) = match backslashes | self.escape_carry {
            0 => (0, 0),
            _ => escape_mask(backslashes, self.escape_carry, len),
        };
        let inside = prefix_xor(quotes & !escaped) ^ self.in_string_mask;
        if backslashes & !inside != 0 {
            return self.read_block_bytewise(block, len);
        }
        self.escape_carry = carry;
        self.in_string_mask = 0_u64.wrapping_sub(inside >> 63);
        let (opens, closes) = bracket_masks(block);
        let (opens, closes) = (opens & !inside, closes & !inside);
        if opens | closes == 0 {
            return None;
        }
        if u64::from(closes.count_ones()) >= self.depth
            && let Some(end) = find_closing_bracket(opens, closes, self.depth)
        {
            return Some(end);
        }
        self.depth = self.depth + u64::from(opens.count_ones()) - u64::from(closes.count_ones());
        None
    }

    /// Reads a block with a backslash outside of strings, where it has no meaning.
    #[cold]
    fn read_block_bytewise(&mut self, block: &[u8; BLOCK], len: usize) -> Option<usize> {
        for (at, &byte) in block.iter().take(len).enumerate() {
            if self.in_string_mask != 0 {
                match byte {
                    _ if self.escape_carry == 1 => self.escape_carry = 0,
                    b'\\' => self.escape_carry = 1,
                    b'"' => self.in_string_mask = 0,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string_mask = u64::MAX,
                b'\\' => self.has_lost_sync = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// Pads bytes with spaces to a block.
fn pad_block(tail: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    block.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    block
}

/// Returns the position after the closing bracket that brings `depth` to zero, if it is in the block.
fn find_closing_bracket(opens: u64, mut closes: u64, depth: u64) -> Option<usize> {
    let mut closed = 0;
    while closes != 0 {
        let bit = closes & closes.wrapping_neg();
        closed += 1;
        let opened = (opens & (bit - 1)).count_ones();
        if depth + u64::from(opened) == closed {
            return Some(bit.trailing_zeros() as usize + 1);
        }
        closes ^= bit;
    }
    None
}

/// Returns the quotes and backslashes of a block, one bit per byte.
#[inline]
fn quote_masks(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut quotes, mut backslashes) = (0, 0);
    let (lanes, _) = block.as_chunks::<16>();
    for (number, lane) in lanes.iter().enumerate() {
        let bytes = u8x16::new(*lane);
        quotes |= equality_mask(bytes, b'"') << (number * 16);
        backslashes |= equality_mask(bytes, b'\\') << (number * 16);
    }
    (quotes, backslashes)
}

/// Returns the opening and closing brackets of a block, one bit per byte.
#[inline]
fn bracket_masks(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut opens, mut closes) = (0, 0);
    let (lanes, _) = block.as_chunks::<16>();
    for (number, lane) in lanes.iter().enumerate() {
        // `[` and `{` differ only in this bit, as do `]` and `}`; no other byte maps to one of them.
        let folded = u8x16::new(*lane) | u8x16::splat(0x20);
        opens |= equality_mask(folded, b'{') << (number * 16);
        closes |= equality_mask(folded, b'}') << (number * 16);
    }
    (opens, closes)
}

#[inline]
fn equality_mask(bytes: u8x16, byte: u8) -> u64 {
    u64::from(bytes.simd_eq(u8x16::splat(byte)).to_bitmask())
}

/// Returns the mask of bytes escaped by a backslash before them, and the carry: 1 if the first byte after `len` is escaped.
/// A run of backslashes escapes every second byte from its start: subtracting the start from the odd bits carries
/// through the run and leaves the parity.
#[inline]
fn escape_mask(backslashes: u64, first_escaped: u64, len: usize) -> (u64, u64) {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    let starts = backslashes & !first_escaped;
    let parity = ((starts << 1) | ODD).wrapping_sub(starts) ^ ODD;
    let escaped = parity ^ (backslashes | first_escaped);
    let escaping = parity & backslashes;
    (escaped, (escaping >> (len - 1)) & 1)
}

/// Sets every bit to the parity of itself and all lower bits: ones from each opening quote up to its closing quote.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ (bits << 32)
}

#[cfg(test)]
mod tests;
