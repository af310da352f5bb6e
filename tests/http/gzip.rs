//! A minimal gzip encoder for valid, damaged and exploding bodies.

/// Encodes as stored blocks, without compression.
pub fn gzip_stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = header();
    let mut chunks = bytes.chunks(0xffff).peekable();
    while let Some(chunk) = chunks.next() {
        let length = chunk.len() as u16;
        out.push(u8::from(chunks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    out.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out
}

/// Returns a body that expands to `runs` × 258 + 1 zeros: 13 bits per run, in one block with fixed Huffman codes.
pub fn decompression_bomb(runs: usize) -> Vec<u8> {
    let mut bits = Bits { out: header(), byte: 0, used: 0 };
    bits.push(0b1, 1);
    bits.push(0b10, 2);
    bits.push(0x30, 8);
    for _ in 0..runs {
        bits.push(0b1100_0101, 8);
        bits.push(0, 5);
    }
    bits.push(0, 7);
    bits.push(0, 7);
    bits.out
}

fn header() -> Vec<u8> {
    vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
}

struct Bits {
    out: Vec<u8>,
    byte: u8,
    used: u32,
}

impl Bits {
    /// Appends `count` bits of a code, the most significant first, as gzip stores codes.
    fn push(&mut self, code: u16, count: u32) {
        for bit in (0..count).rev() {
            self.byte |= u8::from(code >> bit & 1 == 1) << self.used;
            self.used += 1;
            if self.used == 8 {
                self.out.push(self.byte);
                (self.byte, self.used) = (0, 0);
            }
        }
    }
}
