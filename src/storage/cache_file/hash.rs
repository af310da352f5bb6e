//! SipHash-2-4 with 128 bits: short, keyed, and made against inputs that somebody chose.

use std::hash::{BuildHasher, RandomState};

/// Hashes a sequence of parts; their borders count, so `ab` + `c` is not `a` + `bc`.
#[derive(Clone, Debug)]
pub(super) struct Hasher {
    bytes: Vec<u8>,
    key: (u64, u64),
}

impl Hasher {
    pub(super) fn new(key: [u8; 16]) -> Self {
        let whole = u128::from_le_bytes(key);
        Self { bytes: Vec::new(), key: (whole as u64, (whole >> 64) as u64) }
    }

    pub(super) fn write_part(&mut self, part: &[u8]) {
        self.bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(part);
    }

    pub(super) fn finish(&self) -> u128 {
        siphash(self.key, &self.bytes)
    }
}

/// From the process's random state, which the system seeds.
pub(super) fn random_bytes() -> [u8; 16] {
    let state = RandomState::new();
    let whole = u128::from(state.hash_one(0u8)) | u128::from(state.hash_one(1u8)) << 64;
    whole.to_le_bytes()
}

struct SipState(u64, u64, u64, u64);

impl SipState {
    fn rounds(&mut self, count: u32) {
        for _ in 0..count {
            self.0 = self.0.wrapping_add(self.1);
            self.1 = self.1.rotate_left(13) ^ self.0;
            self.0 = self.0.rotate_left(32);
            self.2 = self.2.wrapping_add(self.3);
            self.3 = self.3.rotate_left(16) ^ self.2;
            self.0 = self.0.wrapping_add(self.3);
            self.3 = self.3.rotate_left(21) ^ self.0;
            self.2 = self.2.wrapping_add(self.1);
            self.1 = self.1.rotate_left(17) ^ self.2;
            self.2 = self.2.rotate_left(32);
        }
    }

    fn absorb(&mut self, word: u64) {
        self.3 ^= word;
        self.rounds(2);
        self.0 ^= word;
    }

    fn fold(&self) -> u64 {
        self.0 ^ self.1 ^ self.2 ^ self.3
    }
}

fn siphash(key: (u64, u64), bytes: &[u8]) -> u128 {
    let mut state = SipState(
        key.0 ^ 0x736f_6d65_7073_6575,
        key.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        key.0 ^ 0x6c79_6765_6e65_7261,
        key.1 ^ 0x7465_6462_7974_6573,
    );
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state.absorb(u64::from_le_bytes(*word));
    }
    let tail = rest.iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    state.absorb((bytes.len() as u64) << 56 | tail);
    state.2 ^= 0xee;
    state.rounds(4);
    let low = state.fold();
    state.1 ^= 0xdd;
    state.rounds(4);
    u128::from(low) | u128::from(state.fold()) << 64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_published_vectors() {
        let key: [u8; 16] = std::array::from_fn(|place| place as u8);
        let key = Hasher::new(key).key;
        let vector = |bytes: &[u8]| u128::from_be_bytes(siphash(key, bytes).to_le_bytes());
        assert_eq!(vector(&[]), 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293);
        assert_eq!(vector(&[0]), 0xda87_c1d8_6b99_af44_3476_5911_9b22_fc45);
    }

    #[test]
    fn part_boundaries_matter() {
        let hash = |parts: &[&str]| {
            let mut hasher = Hasher::new([7; 16]);
            parts.iter().for_each(|part| hasher.write_part(part.as_bytes()));
            hasher.finish()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["a", ""]), hash(&["a"]));
        assert_ne!(hash(&["a"]), {
            let mut other = Hasher::new([8; 16]);
            other.write_part(b"a");
            other.finish()
        });
    }
}
