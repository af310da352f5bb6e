//! File names from untrusted text: never a path, never a reserved device name.

/// The name for a text without usable characters.
const FALLBACK: &str = "thread";

/// Implements [`super::Safe::file_slug`].
pub(super) fn slugify(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= max {
            break;
        }
        let c = c.to_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let kept = out.trim_end_matches('-').len();
    out.truncate(kept);
    match out.as_str() {
        "" => truncated(FALLBACK, max),
        name if is_reserved(name) => truncated(&format!("x-{name}"), max),
        _ => out,
    }
}

/// Truncates a name to `max` bytes, but at least one.
fn truncated(name: &str, max: usize) -> String {
    let cut = name.get(..max.clamp(1, name.len())).unwrap_or(name);
    cut.trim_end_matches('-').to_owned()
}

/// Returns whether a name is a device name of Windows.
fn is_reserved(name: &str) -> bool {
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    matches!(name, "con" | "prn" | "aux" | "nul")
        || port.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slugs_are_plain_ascii() {
        assert_eq!(slugify("  Größe/../Refund? Policy!! ", 40), "gr-e-refund-policy");
        assert_eq!(slugify("..", 40), "thread");
        assert_eq!(slugify("NUL", 40), "x-nul");
        assert_eq!(slugify("com1", 40), "x-com1");
        assert_eq!(slugify("abc def", 4), "abc");
        assert_eq!(slugify("", 0), "t");
    }

    proptest! {
        #[test]
        fn a_slug_is_never_empty_and_uses_only_allowed_characters(text in ".*", max in 1usize..30) {
            let name = slugify(&text, max);
            prop_assert!(!name.is_empty() && name.len() <= max, "{}", name);
            prop_assert!(name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')), "{}", name);
            prop_assert!(!is_reserved(&name) && !name.starts_with('-') && !name.ends_with('-'));
        }
    }
}
