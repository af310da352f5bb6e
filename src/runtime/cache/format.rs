//! The shape of an entry: magic, head, blocks, end. The end has a fixed length and stands last, so opening an entry
//! sees at once whether all of it is there.
//!
//! ```text
//! "unspool1" · length of head (4) · checksum of head (4) · head (JSON) · blocks … · end
//! end: plain bytes (8) · blocks (4) · extent (4) · checksum of the end and of the head (4)
//! ```

use serde::{Deserialize, Serialize};

use super::{Extent, Key};
use crate::domain::Stamp;

/// Changes with the format; entries of another one are none.
const MAGIC: &[u8; 8] = b"unspool1";
pub(super) const PRELUDE: usize = 16;
pub(super) const END: usize = 20;
/// Keys are short; more is damage.
pub(super) const LONGEST_HEAD: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) key: Key,
    /// Microseconds since 1970.
    fetched: i64,
}

impl Head {
    pub(super) fn new(key: Key, fetched: Stamp) -> Self {
        Self { key, fetched: fetched.0 }
    }

    pub(super) fn fetched(&self) -> Stamp {
        Stamp(self.fetched)
    }

    /// Prelude and head, and the checksum that seeds all others; none if the key is absurdly long.
    pub(super) fn written(&self) -> Option<(Vec<u8>, u32)> {
        let json = serde_json::to_vec(self).ok().filter(|json| json.len() <= LONGEST_HEAD)?;
        let seed = crc32fast::hash(&json);
        let mut bytes = Vec::with_capacity(PRELUDE + json.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&(json.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&seed.to_le_bytes());
        bytes.extend_from_slice(&json);
        Some((bytes, seed))
    }

    pub(super) fn read(json: &[u8], seed: u32) -> Option<Self> {
        if crc32fast::hash(json) != seed {
            return None;
        }
        serde_json::from_slice(json).ok()
    }
}

/// Length and checksum of the head that follows.
pub(super) fn read_prelude(bytes: &[u8; PRELUDE]) -> Option<(usize, u32)> {
    let (magic, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let seed = rest.first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    (magic == MAGIC && length <= LONGEST_HEAD).then_some((length, u32::from_le_bytes(*seed)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) plain: u64,
    pub(super) blocks: u32,
    pub(super) extent: Extent,
}

/// No packing makes a body smaller than this many times, so memory for one is in proportion to its file.
const MOST_PACKED: u64 = 255;

impl End {
    /// Whether `stored` bytes of blocks can hold so much.
    pub(super) fn can_be(&self, stored: u64) -> bool {
        self.plain <= stored.saturating_mul(MOST_PACKED)
    }

    pub(super) fn written(self, seed: u32) -> Vec<u8> {
        let extent: u32 = match self.extent {
            Extent::Whole => 0,
            Extent::Partial => 1,
        };
        let mut bytes = Vec::with_capacity(END);
        bytes.extend_from_slice(&self.plain.to_le_bytes());
        bytes.extend_from_slice(&self.blocks.to_le_bytes());
        bytes.extend_from_slice(&extent.to_le_bytes());
        bytes.extend_from_slice(&checksum(&bytes, seed).to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8; END], seed: u32) -> Option<Self> {
        let (told, sum) = bytes.split_last_chunk::<4>()?;
        if u32::from_le_bytes(*sum) != checksum(told, seed) {
            return None;
        }
        let (plain, rest) = told.split_first_chunk::<8>()?;
        let (blocks, rest) = rest.split_first_chunk::<4>()?;
        let extent = match u32::from_le_bytes(*rest.first_chunk::<4>()?) {
            0 => Extent::Whole,
            1 => Extent::Partial,
            _ => return None,
        };
        Some(Self { plain: u64::from_le_bytes(*plain), blocks: u32::from_le_bytes(*blocks), extent })
    }
}

fn checksum(bytes: &[u8], seed: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}
