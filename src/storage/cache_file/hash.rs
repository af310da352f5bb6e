//! Keyed 128-bit hashes (SipHash-2-4): short, and safe against inputs chosen by an attacker.

use std::hash::{BuildHasher, Hasher as _, RandomState};

use siphasher::sip128::{Hasher128 as _, SipHasher24};

/// Hashes a sequence of parts, including their boundaries: `ab` + `c` differs from `a` + `bc`.
#[derive(Clone, Debug)]
pub(super) struct Hasher(SipHasher24);

impl Hasher {
    pub(super) fn new(key: [u8; 16]) -> Self {
        Self(SipHasher24::new_with_key(&key))
    }

    pub(super) fn write_part(&mut self, part: &[u8]) {
        self.0.write(&(part.len() as u64).to_le_bytes());
        self.0.write(part);
    }

    pub(super) fn finish(&self) -> u128 {
        self.0.finish128().into()
    }
}

/// Returns random bytes from the hash seeds of the process, which come from the system.
pub(super) fn random_bytes() -> [u8; 16] {
    let state = RandomState::new();
    let random = u128::from(state.hash_one(0u8)) | u128::from(state.hash_one(1u8)) << 64;
    random.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(key: [u8; 16], parts: &[&str]) -> u128 {
        let mut hasher = Hasher::new(key);
        parts.iter().for_each(|part| hasher.write_part(part.as_bytes()));
        hasher.finish()
    }

    #[test]
    fn matches_published_vectors() {
        let key: [u8; 16] = std::array::from_fn(|index| index as u8);
        let vector = |bytes: &[u8]| {
            let mut hasher = Hasher::new(key);
            hasher.0.write(bytes);
            u128::from_be_bytes(hasher.finish().to_le_bytes())
        };
        assert_eq!(vector(&[]), 0xa381_7f04_ba25_a8e6_6df6_7214_c755_0293);
        assert_eq!(vector(&[0]), 0xda87_c1d8_6b99_af44_3476_5911_9b22_fc45);
    }

    /// File names and key fingerprints on disk depend on it.
    #[test]
    fn the_hash_of_parts_never_changes() {
        assert_eq!(hash([7; 16], &["sgp", "a", ""]), 0xd831_4135_7212_2761_470a_68aa_26a9_8b13);
    }

    #[test]
    fn part_boundaries_and_the_key_change_the_hash() {
        assert_ne!(hash([7; 16], &["ab", "c"]), hash([7; 16], &["a", "bc"]));
        assert_ne!(hash([7; 16], &["a", ""]), hash([7; 16], &["a"]));
        assert_ne!(hash([7; 16], &["a"]), hash([8; 16], &["a"]));
    }
}
