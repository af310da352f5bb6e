//! The shape of an entry: magic, head, blocks, end. The end has a fixed length and stands last, so opening an entry
//! sees at once whether all of it is there.
//!
//! ```text
//! "unspool1" · length of head (4) · checksum of head (4) · head (JSON) · blocks … · end
//! end: plain bytes (8) · blocks (4) · extent (4) · checksum of the end and of the head (4)
//! ```

use serde::{Deserialize, Serialize};

use super::{BodyCompleteness, CacheKey};
use crate::domain::Timestamp;

/// Changes with the format; entries of another one are none.
const MAGIC: &[u8; 8] = b"unspool1";
pub(super) const PRELUDE_SIZE: usize = 16;
pub(super) const FOOTER_SIZE: usize = 20;
/// Keys are short; more is damage.
pub(super) const MAX_HEADER_SIZE: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileHeader {
    pub(super) key: CacheKey,
    /// Microseconds since 1970.
    fetched: i64,
}

impl FileHeader {
    pub(super) fn new(key: CacheKey, fetched: Timestamp) -> Self {
        Self { key, fetched: fetched.0 }
    }

    pub(super) fn fetched_at(&self) -> Timestamp {
        Timestamp(self.fetched)
    }

    /// Prelude and head, and the checksum that seeds all others; none if the key is absurdly long.
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

/// Length and checksum of the head that follows.
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

/// No packing makes a body smaller than this many times, so memory for one is in proportion to its file.
const MAX_COMPRESSION_RATIO: u64 = 255;

impl Footer {
    /// Whether `stored` bytes of blocks can hold so much.
    pub(super) fn is_plausible(&self, stored: u64) -> bool {
        self.plain_len <= stored.saturating_mul(MAX_COMPRESSION_RATIO)
    }

    pub(super) fn encode(self, seed: u32) -> Vec<u8> {
        let extent: u32 = match self.completeness {
            BodyCompleteness::Complete => 0,
            BodyCompleteness::Partial => 1,
        };
        let mut bytes = Vec::with_capacity(FOOTER_SIZE);
        bytes.extend_from_slice(&self.plain_len.to_le_bytes());
        bytes.extend_from_slice(&self.block_count.to_le_bytes());
        bytes.extend_from_slice(&extent.to_le_bytes());
        bytes.extend_from_slice(&checksum(&bytes, seed).to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; FOOTER_SIZE], seed: u32) -> Option<Self> {
        let (told, sum) = bytes.split_last_chunk::<4>()?;
        if u32::from_le_bytes(*sum) != checksum(told, seed) {
            return None;
        }
        let (plain, rest) = told.split_first_chunk::<8>()?;
        let (blocks, rest) = rest.split_first_chunk::<4>()?;
        let extent = match u32::from_le_bytes(*rest.first_chunk::<4>()?) {
            0 => BodyCompleteness::Complete,
            1 => BodyCompleteness::Partial,
            _ => return None,
        };
        Some(Self {
            plain_len: u64::from_le_bytes(*plain),
            block_count: u32::from_le_bytes(*blocks),
            completeness: extent,
        })
    }
}

fn checksum(bytes: &[u8], seed: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}
