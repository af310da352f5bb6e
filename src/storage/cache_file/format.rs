//! The file format of an entry: magic, header, blocks, footer. The footer has a fixed length and comes last, so opening
//! an entry shows at once whether it is complete.
//!
//! ```text
//! "unspool1" · header length (4) · header checksum (4) · header (JSON) · blocks … · footer
//! footer: plain bytes (8) · blocks (4) · completeness (4) · checksum of header checksum and footer (4)
//! ```

use serde::{Deserialize, Serialize};

use super::{BodyCompleteness, CacheKey};
use crate::domain::Timestamp;

/// The magic, which changes with the format. Entries with another magic are treated as missing.
const MAGIC: &[u8; 8] = b"unspool1";
pub(super) const PRELUDE_SIZE: usize = 16;
pub(super) const FOOTER_SIZE: usize = 20;
/// The largest valid header; keys are short.
pub(super) const MAX_HEADER_SIZE: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileHeader {
    pub(super) key: CacheKey,
    /// Microseconds since 1970.
    fetched: i64,
}

impl FileHeader {
    pub(super) fn new(key: CacheKey, fetched_at: Timestamp) -> Self {
        Self { key, fetched: fetched_at.0 }
    }

    pub(super) fn fetched_at(&self) -> Timestamp {
        Timestamp(self.fetched)
    }

    /// Encodes prelude and header. Returns them with the checksum that seeds all others; `None` if the key is too long.
    pub(super) fn encode(&self) -> Option<(Vec<u8>, u32)> {
        let json = serde_json::to_vec(self).ok().filter(|json| json.len() <= MAX_HEADER_SIZE)?;
        let seed = crc32fast::hash(&json);
        let mut bytes = Vec::with_capacity(PRELUDE_SIZE + json.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&(json.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&seed.to_le_bytes());
        bytes.extend_from_slice(&json);
        Some((bytes, seed))
    }

    pub(super) fn decode(json: &[u8], seed: u32) -> Option<Self> {
        if crc32fast::hash(json) != seed {
            return None;
        }
        serde_json::from_slice(json).ok()
    }
}

/// Decodes length and checksum of the header that follows.
pub(super) fn decode_prelude(bytes: &[u8; PRELUDE_SIZE]) -> Option<(usize, u32)> {
    let (magic, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let seed = rest.first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    (magic == MAGIC && length <= MAX_HEADER_SIZE).then_some((length, u32::from_le_bytes(*seed)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) plain_len: u64,
    pub(super) block_count: u32,
    pub(super) completeness: BodyCompleteness,
}

/// The highest compression ratio of LZ4, so that the memory for a body is proportional to its file.
const MAX_COMPRESSION_RATIO: u64 = 255;

impl Footer {
    /// Returns whether blocks with a total of `stored_len` bytes can hold the body.
    pub(super) fn is_plausible(&self, stored_len: u64) -> bool {
        self.plain_len <= stored_len.saturating_mul(MAX_COMPRESSION_RATIO)
    }

    pub(super) fn encode(self, seed: u32) -> Vec<u8> {
        let completeness: u32 = match self.completeness {
            BodyCompleteness::Complete => 0,
            BodyCompleteness::Partial => 1,
        };
        let mut bytes = Vec::with_capacity(FOOTER_SIZE);
        bytes.extend_from_slice(&self.plain_len.to_le_bytes());
        bytes.extend_from_slice(&self.block_count.to_le_bytes());
        bytes.extend_from_slice(&completeness.to_le_bytes());
        bytes.extend_from_slice(&checksum(seed, &[&bytes]).to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; FOOTER_SIZE], seed: u32) -> Option<Self> {
        let (fields, sum) = bytes.split_last_chunk::<4>()?;
        if u32::from_le_bytes(*sum) != checksum(seed, &[fields]) {
            return None;
        }
        let (plain_len, rest) = fields.split_first_chunk::<8>()?;
        let (block_count, rest) = rest.split_first_chunk::<4>()?;
        let completeness = match u32::from_le_bytes(*rest.first_chunk::<4>()?) {
            0 => BodyCompleteness::Complete,
            1 => BodyCompleteness::Partial,
            _ => return None,
        };
        Some(Self {
            plain_len: u64::from_le_bytes(*plain_len),
            block_count: u32::from_le_bytes(*block_count),
            completeness,
        })
    }
}

/// Returns the CRC-32 of the seed and the parts.
pub(super) fn checksum(seed: u32, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}
