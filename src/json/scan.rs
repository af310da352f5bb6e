//! Finding where a JSON value ends, without looking at what is in it: 64 bytes at a time for containers, `memchr` for
//! strings. Only quotes, escapes and brackets count, and `[` closes `{` for all it cares; who walks a value sees that.

use memchr::memchr2;
use wide::u8x16;

/// Bytes looked at in one go.
const BLOCK: usize = 64;

/// Whether the byte is white space between JSON tokens.
pub(crate) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether the byte ends a token such as a number, `true` or garbage.
pub(crate) fn is_token_end(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')
}

/// Where the first byte at or after `at` is that is not white space; the length if there is none.
pub(crate) fn skip_whitespace(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| !is_whitespace(byte)).unwrap_or(rest.len())
}

/// The bytes without a byte order mark and without white space at both ends.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = skip_whitespace(bytes, 0);
    let rest = bytes.get(start..).unwrap_or_default();
    let end = rest.iter().rposition(|&byte| !is_whitespace(byte)).map_or(0, |last| last + 1);
    rest.get(..end).unwrap_or_default()
}

/// Where the value ends that starts at `at` or after white space there. `None` if there is no value, or if a string or
/// a container is cut off. A token that is none of JSON's (`NaN`) ends at the next `,`, `]`, `}` or white space.
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

/// What kind of end is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScanKind {
    Container,
    String,
    Token,
}

/// The search for the end of one value, which can stop where the bytes stop and go on when more have come.
#[derive(Clone, Debug)]
pub struct Scan {
    kind: ScanKind,
    /// Brackets open.
    depth: u64,
    /// All ones within a string, else zero.
    in_string_mask: u64,
    /// 1 if the next byte is escaped, else 0.
    escape_carry: u64,
    /// Whether a backslash stood where none can.
    has_lost_sync: bool,
}

impl Scan {
    /// A search in a value that starts with this byte; what is read next follows it.
    pub fn starting_with(first: u8) -> Self {
        let (form, depth) = match first {
            b'{' | b'[' => (ScanKind::Container, 1),
            b'"' => (ScanKind::String, 0),
            _ => (ScanKind::Token, 0),
        };
        Self { kind: form, depth, in_string_mask: 0, escape_carry: 0, has_lost_sync: false }
    }

    /// Whether the value is one whose end shows only in what follows it: a number, `null`, garbage. It may also end with
    /// the bytes.
    pub fn is_token(&self) -> bool {
        self.kind == ScanKind::Token
    }

    /// Whether what was taken for strings cannot all be strings, as after a quote that is missing: what was inside was
    /// taken for outside. Strings that end as they should again are preceded by such a place.
    pub fn has_lost_sync(&self) -> bool {
        self.has_lost_sync
    }

    /// Reads on in `bytes`, which continue what was read before. The number of them that still belong to the value, or
    /// `None` if it does not end in them.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        match self.kind {
            ScanKind::Container => self.read_container(bytes),
            ScanKind::String => self.read_string(bytes),
            ScanKind::Token => bytes.iter().position(|&byte| is_token_end(byte)),
        }
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

    /// Text in which there are escapes usually has many of them: a line break for each line. Stopping at each would cost
    /// more than looking at everything.
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
        // A copy of its own can stay in registers.
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

    /// Reads one block of which the first `len` bytes count; the others are spaces.
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

    /// For blocks with a backslash outside of strings, which means nothing there.
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

/// A block that starts with these bytes and ends in spaces.
fn pad_block(tail: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    block.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    block
}

/// Just after the close bracket that brings `depth` to zero, if one of the block does.
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

/// The quotes and the backslashes of a block, one bit a byte.
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

/// The opening and the closing brackets of a block, one bit a byte.
#[inline]
fn bracket_masks(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut opens, mut closes) = (0, 0);
    let (lanes, _) = block.as_chunks::<16>();
    for (number, lane) in lanes.iter().enumerate() {
        // `[` and `{` differ by this bit only, as do `]` and `}`; no other byte becomes one of them.
        let folded = u8x16::new(*lane) | u8x16::splat(0x20);
        opens |= equality_mask(folded, b'{') << (number * 16);
        closes |= equality_mask(folded, b'}') << (number * 16);
    }
    (opens, closes)
}

#[inline]
fn equality_mask(bytes: u8x16, wanted: u8) -> u64 {
    u64::from(bytes.simd_eq(u8x16::splat(wanted)).to_bitmask())
}

/// Which bytes of a block are escaped by a backslash before them, and whether the first after `len` is (1 or 0).
/// A run of backslashes escapes every second byte from its start on: subtracting its start from the odd bits carries
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

/// Every bit becomes the parity of itself and all lower ones: ones from each opening quote up to its closing one.
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
