//! What somebody meant who mistyped a name.

/// The name that is most like `typed`, if one is alike enough to be meant.
pub fn suggest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = 1 + typed.chars().count() / 4;
    let lower = typed.to_lowercase();
    names
        .into_iter()
        .map(|name| (edit_distance(&lower, &name.to_lowercase()), name))
        .filter(|(far, _)| *far <= most)
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name)
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour.
fn edit_distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let (mut before, mut last) = (Vec::new(), (0..=two.len()).collect::<Vec<_>>());
    let mut previous = None;
    for (row, letter) in one.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in two.iter().enumerate() {
            let get = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut least = (get(&last, column) + usize::from(letter != *other))
                .min(get(&last, column + 1) + 1)
                .min(get(&line, column) + 1);
            let swapped = column.checked_sub(1).filter(|at| two.get(*at) == Some(&letter));
            if let Some(at) = swapped.filter(|_| previous == Some(*other)) {
                least = least.min(get(&before, at) + 1);
            }
            line.push(least);
        }
        previous = Some(letter);
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_a_name_for_a_typo_but_not_for_nonsense() {
        let names = ["theme", "mouse", "clipboard", "max_body"];
        for (typed, meant) in [
            ("thmee", Some("theme")),
            ("Mouse", Some("mouse")),
            ("maxbody", Some("max_body")),
            ("clipbord", Some("clipboard")),
            ("profiles", None),
            ("", None),
        ] {
            assert_eq!(suggest(typed, names), meant, "{typed}");
        }
        assert_eq!(
            (edit_distance("", "abc"), edit_distance("ab", "ba"), edit_distance("same", "same")),
            (3, 1, 0)
        );
    }
}
