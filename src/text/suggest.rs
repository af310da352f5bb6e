//! "Did you mean": the known name closest to a mistyped one.

/// Returns the candidate closest to `name`, ignoring case, if at most one edit per four characters (plus one) apart: a
/// character inserted, deleted, replaced, or swapped with its neighbour.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let max_distance = 1 + name.chars().count() / 4;
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&name, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_a_name_for_a_typo_but_not_for_nonsense() {
        let names = ["theme", "mouse", "clipboard", "max_body"];
        for (typed, expected) in [
            ("thmee", Some("theme")),
            ("Mouse", Some("mouse")),
            ("maxbody", Some("max_body")),
            ("clipbord", Some("clipboard")),
            ("profiles", None),
            ("", None),
        ] {
            assert_eq!(closest(typed, names), expected, "{typed}");
        }
    }
}
