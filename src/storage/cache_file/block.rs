//! One block of a body: packed, and with a checksum over the plain bytes, so that nothing leaves it unverified.
//! The LZ4 frame format does not do: its checksums leave out the lengths, and its last one comes after all bytes.

use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};

/// Plain bytes of a full block.
pub(super) const SIZE: usize = 256 << 10;

/// Stored length, plain length, checksum.
pub(super) const HEADER_SIZE: usize = 12;

/// Packs a block behind its head. What does not get smaller is stored as it is.
pub(super) fn compress(plain: &[u8], seed: u32, index: u32, out: &mut Vec<u8>) {
    out.clear();
    out.resize(HEADER_SIZE + get_maximum_output_size(plain.len()), 0);
    let packed = out.get_mut(HEADER_SIZE..).and_then(|room| compress_into(plain, room).ok());
    match packed.filter(|length| *length < plain.len()) {
        Some(length) => out.truncate(HEADER_SIZE + length),
        None => {
            out.truncate(HEADER_SIZE);
            out.extend_from_slice(plain);
        }
    }
    let stored = (out.len() - HEADER_SIZE) as u32;
    let head = [stored, plain.len() as u32, checksum(plain, seed, index)];
    for (place, word) in out.iter_mut().zip(head.iter().flat_map(|word| word.to_le_bytes())) {
        *place = word;
    }
}

/// The head of a block, if it can be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockHeader {
    pub(super) stored_len: usize,
    plain_len: usize,
    checksum: u32,
}

impl BlockHeader {
    pub(super) fn decode(bytes: &[u8; HEADER_SIZE]) -> Option<Self> {
        let (words, _) = bytes.as_chunks::<4>();
        let [stored, plain, checksum] = words else { return None };
        let [stored, plain] = [stored, plain].map(|word| u32::from_le_bytes(*word) as usize);
        let head = Self { stored_len: stored, plain_len: plain, checksum: u32::from_le_bytes(*checksum) };
        (stored > 0 && stored <= plain && plain <= SIZE).then_some(head)
    }

    /// Unpacks into `plain`; false if that is not what was packed.
    pub(super) fn decompress(self, stored: &[u8], seed: u32, index: u32, plain: &mut Vec<u8>) -> bool {
        plain.clear();
        if stored.len() == self.plain_len {
            plain.extend_from_slice(stored);
        } else {
            plain.resize(self.plain_len, 0);
            if decompress_into(stored, plain).ok() != Some(self.plain_len) {
                return false;
            }
        }
        checksum(plain, seed, index) == self.checksum
    }
}

/// Over the bytes, and over which block of which file they are.
fn checksum(plain: &[u8], seed: u32, index: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&index.to_le_bytes());
    hasher.update(plain);
    hasher.finalize()
}
