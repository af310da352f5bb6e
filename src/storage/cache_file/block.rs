//! A block of a body: compressed, with a checksum over the plain bytes, so that no byte is returned unverified. The LZ4
//! frame format does not suffice: its checksums omit the lengths, and the last one follows all bytes.

use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};

use super::format::checksum;

/// The plain bytes of a full block.
pub(super) const SIZE: usize = 256 << 10;

/// The size of a header: stored length, plain length, checksum.
pub(super) const HEADER_SIZE: usize = 12;

/// Compresses a block after its header. Bytes that do not get smaller are stored uncompressed.
pub(super) fn compress(plain: &[u8], seed: u32, index: u32, out: &mut Vec<u8>) {
    out.clear();
    out.resize(HEADER_SIZE + get_maximum_output_size(plain.len()), 0);
    let compressed_len = out.get_mut(HEADER_SIZE..).and_then(|room| compress_into(plain, room).ok());
    match compressed_len.filter(|length| *length < plain.len()) {
        Some(length) => out.truncate(HEADER_SIZE + length),
        None => {
            out.truncate(HEADER_SIZE);
            out.extend_from_slice(plain);
        }
    }
    let stored_len = (out.len() - HEADER_SIZE) as u32;
    let header = [stored_len, plain.len() as u32, block_checksum(plain, seed, index)];
    for (slot, byte) in out.iter_mut().zip(header.iter().flat_map(|word| word.to_le_bytes())) {
        *slot = byte;
    }
}

/// The header of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockHeader {
    pub(super) stored_len: usize,
    plain_len: usize,
    checksum: u32,
}

impl BlockHeader {
    /// Decodes a header; `None` if the lengths are implausible.
    pub(super) fn decode(bytes: &[u8; HEADER_SIZE]) -> Option<Self> {
        let (words, _) = bytes.as_chunks::<4>();
        let [stored_len, plain_len, checksum] = words else { return None };
        let [stored_len, plain_len] = [stored_len, plain_len].map(|word| u32::from_le_bytes(*word) as usize);
        let header = Self { stored_len, plain_len, checksum: u32::from_le_bytes(*checksum) };
        (stored_len > 0 && stored_len <= plain_len && plain_len <= SIZE).then_some(header)
    }

    /// Decompresses into `plain`; false if the checksum differs.
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
        block_checksum(plain, seed, index) == self.checksum
    }
}

/// Computes the checksum of a block. It covers the seed of the file and the index of the block, so that a misplaced block
/// is detected.
fn block_checksum(plain: &[u8], seed: u32, index: u32) -> u32 {
    checksum(seed, &[&index.to_le_bytes(), plain])
}
