//! The literal text that every match of a regular expression contains, so that most messages need not be decoded.

use regex_syntax::hir::{Hir, HirKind};

/// Returns the longest literal that every match of a pattern contains; `None` if there is no useful one.
pub(super) fn literal(pattern: &str) -> Option<String> {
    let hir = regex_syntax::ParserBuilder::new().multi_line(true).crlf(true).build().parse(pattern).ok()?;
    longest(&hir).filter(|literal| literal.chars().filter(|c| !c.is_whitespace()).count() > 1)
}

fn longest(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(str::to_owned),
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => longest(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(longest).max_by_key(String::len),
        HirKind::Empty
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_match_contains_the_literal() {
        for (pattern, expected) in [
            ("turn \\d+", Some("turn ")),
            ("a(lamp)+|b", None),
            ("x(lamp)+y", Some("lamp")),
            ("(lamp)?", None),
            ("^brain\\s+research$", Some("research")),
            ("\\d{3}-\\d{4}", None),
        ] {
            assert_eq!(literal(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
