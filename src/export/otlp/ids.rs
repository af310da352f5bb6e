//! Ids derived from names: a thread has the same ids each time, so that pushing it twice does not duplicate it.

/// A 128-bit FNV-1a hash, mixed so that any part of it can serve as an id.
#[derive(Clone, Copy, Debug)]
pub(super) struct HashedId(u128);

const FNV_OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

impl HashedId {
    /// Hashes the names with their boundaries.
    pub(super) fn of(names: &[&str]) -> Self {
        let mut hash = FNV_OFFSET;
        for name in names {
            let length = (name.len() as u64).to_le_bytes();
            for byte in length.iter().chain(name.as_bytes()) {
                hash = (hash ^ u128::from(*byte)).wrapping_mul(FNV_PRIME);
            }
        }
        let (high, low) = ((hash >> 64) as u64, hash as u64);
        let low = mix(low ^ mix(high));
        Self(u128::from(mix(high ^ low)) << 64 | u128::from(low))
    }

    /// Returns an id of 16 bytes; never all zero, which means "none".
    pub(super) fn trace_id(self) -> [u8; 16] {
        self.0.max(1).to_be_bytes()
    }

    /// Returns an id of 8 bytes, never all zero.
    pub(super) fn span_id(self) -> [u8; 8] {
        (self.0 as u64).max(1).to_be_bytes()
    }
}

/// Returns the final steps of splitmix64.
fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::text::hex;

    #[test]
    fn ids_are_stable_across_versions() {
        let id = HashedId::of(&["sgp", "t", "m"]);
        assert_eq!(hex(id.trace_id()), "af34ce3a9944afda0d13b30812782c36");
        assert_eq!(hex(id.span_id()), "0d13b30812782c36");
    }

    #[test]
    fn ids_do_not_collide() {
        assert_ne!(HashedId::of(&["ab", "c"]).trace_id(), HashedId::of(&["a", "bc"]).trace_id());
        let ids: HashSet<[u8; 8]> =
            (0..100_000).map(|number| HashedId::of(&["s", &number.to_string()]).span_id()).collect();
        assert_eq!(ids.len(), 100_000);
    }
}
