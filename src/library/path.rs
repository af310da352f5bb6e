//! File names from ids. An id is untrusted: it may be `..`, contain separators, or be very long.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::Account;
use crate::domain::Timestamp;
use crate::text::{hex, time};

/// The longest name in bytes, well below the limit of all file systems.
const MAX_NAME_BYTES: usize = 100;
/// The bytes of a longer name that are kept.
const KEPT_NAME_BYTES: usize = 64;

/// Returns a file name for an id, different for different ids even where case is ignored: `a-z`, digits, `-`, `_` and inner
/// dots stay, every other byte becomes `%XX`. A long name ends in a hash.
pub(super) fn safe_name(id: &str) -> String {
    let is_device = {
        let stem = id.split('.').next().unwrap_or_default();
        matches!(stem, "con" | "prn" | "aux" | "nul")
            || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")))
    };
    let last = id.len().saturating_sub(1);
    let mut name = String::new();
    for (index, byte) in id.bytes().enumerate() {
        let is_plain = match byte {
            b'a'..=b'z' => !(is_device && index == 0),
            b'0'..=b'9' | b'-' | b'_' => true,
            b'.' => index != 0 && index != last,
            _ => false,
        };
        if is_plain { name.push(char::from(byte)) } else { name.push_str(&format!("%{byte:02X}")) }
    }
    if name.is_empty() {
        return "%".to_owned();
    }
    if name.len() > MAX_NAME_BYTES {
        let mut hash = hex(Sha256::digest(id.as_bytes()));
        hash.truncate(16);
        // All characters are ASCII.
        name.truncate(KEPT_NAME_BYTES);
        name = format!("{name}~{hash}");
    }
    name
}

/// Returns the folder of a thread below the library's.
pub(super) fn thread_folder(account: &Account, thread_id: &str, created_at: Option<Timestamp>) -> PathBuf {
    let month = created_at.map_or_else(|| "undated".to_owned(), month);
    Path::new("data")
        .join(safe_name(&account.service))
        .join(account.folder())
        .join(month)
        .join(safe_name(thread_id))
}

/// Returns the month of a time in UTC: `2026-09`; `undated` outside the calendar.
fn month(at: Timestamp) -> String {
    let date = time::date(at, &TimeZone::UTC);
    let month = date.get(..7).filter(|month| date.len() == 10 && !month.contains(' '));
    month.unwrap_or("undated").to_owned()
}

/// Returns the path as the manifest and the catalogue name it: relative, with `/`.
pub(super) fn relative_name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_readable_and_inside_their_folder() {
        for (id, name) in [
            ("c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000001"),
            ("48004", "48004"),
            ("..", "%2E%2E"),
            (".", "%2E"),
            ("", "%"),
            ("a/b\\c", "a%2Fb%5Cc"),
            ("A", "%41"),
            ("nul", "%6Eul"),
            ("com1.txt", "%63om1.txt"),
            ("v1.2", "v1.2"),
            ("ü\u{202e}", "%C3%BC%E2%80%AE"),
        ] {
            assert_eq!(safe_name(id), name);
        }
        let long = safe_name(&"x".repeat(300));
        assert!(long.len() <= MAX_NAME_BYTES && long.contains('~'));
        assert_ne!(long, safe_name(&"x".repeat(301)));
    }

    #[test]
    fn months_come_from_the_creation_time() {
        let account = Account::new("sgp", "https://h", Some("acc"));
        let at = Timestamp::parse("2026-09-30T23:59:59Z");
        assert_eq!(relative_name(&thread_folder(&account, "1", at)), "data/sgp/acc/2026-09/1");
        for at in [None, Some(Timestamp(i64::MAX)), Some(Timestamp(i64::MIN))] {
            assert_eq!(relative_name(&thread_folder(&account, "1", at)), "data/sgp/acc/undated/1");
        }
    }

    proptest! {
        #[test]
        fn different_ids_have_different_names_even_without_case(one in "\\PC{0,80}", other in "\\PC{0,80}") {
            let (first, second) = (safe_name(&one).to_lowercase(), safe_name(&other).to_lowercase());
            prop_assert_eq!(one == other, first == second);
        }

        #[test]
        fn names_hold_only_portable_characters(id in any::<String>()) {
            let name = safe_name(&id);
            let is_portable = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.%~".contains(&byte);
            prop_assert!(name.bytes().all(is_portable) && !name.starts_with('.') && !name.ends_with('.'));
            prop_assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES);
        }
    }
}
