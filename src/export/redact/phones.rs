//! Telephone numbers: international, North American, and national ones with a leading zero.

use std::ops::Range;

use super::numbers::{Digits, Gap, Group, MAX_GAP, char_at, char_before, digit, gap_of};

/// The parts that may form a telephone number.
struct Phone {
    has_plus: bool,
    /// The digits of each group, and its end.
    groups: Vec<(Digits, usize)>,
    /// Whether brackets enclose the first group, and whether only spaces or one slash divide the groups.
    has_brackets: bool,
    has_dots_or_dashes: bool,
}

/// Finds a telephone number that begins with a group of digits.
pub(super) fn phone_at(text: &str, has_groups_before: bool, first: &Group) -> Option<Range<usize>> {
    let before = char_before(text, first.range.start);
    let is_plus = |c: char| matches!(c, '+' | '\u{ff0b}');
    let is_bracket = |c: char| matches!(c, '(' | '\u{ff08}');
    // After a digit, `+` is an operator between numbers.
    let is_sum = |c: char| {
        is_plus(c) && char_before(text, first.range.start - c.len_utf8()).is_some_and(|c| digit(c).is_some())
    };
    let lead: usize =
        before.filter(|c| is_plus(*c) && !is_sum(*c) || is_bracket(*c)).map_or(0, char::len_utf8);
    let start = first.range.start - lead;
    let has_plus = lead > 0 && before.is_some_and(is_plus);
    let has_brackets = before.is_some_and(is_bracket);
    // Cheap checks come first, because most numbers are not telephone numbers.
    let length = first.digits.length;
    let starts_with_zero = first.digits.first() == Some(&0);
    if !has_plus && !starts_with_zero && length != 3 && (length != 1 || *first.digits != [1]) {
        return None;
    }
    if !has_plus
        && (!has_brackets && is_joined_before(text, start) || has_groups_before && first.gap != Gap::Space)
    {
        return None;
    }
    let phone = read_phone(
        text,
        Phone { has_plus, groups: Vec::new(), has_brackets, has_dots_or_dashes: false },
        first.range.start,
    );
    let is_joined = |end: &usize| {
        let after = char_at(text, *end);
        let is_time = || after == Some(':') && char_at(text, end + 1).and_then(digit).is_some();
        after.is_some_and(|c| digit(c).is_some())
            || !has_plus && (after.is_some_and(char::is_alphanumeric) || is_time())
    };
    // The longest number is used that does not end inside other text.
    let longest = |ends: Vec<usize>| ends.into_iter().rev().find(|end| !is_joined(end));
    let end = longest(ends_of_international(&phone))
        .or_else(|| longest(end_of_north_american(&phone).into_iter().collect()))
        .or_else(|| longest(end_of_national(&phone).into_iter().collect()))?;
    Some(start..end)
}

/// Returns whether a number is continued from before a position: as part of a word, a date or a longer number.
fn is_joined_before(text: &str, start: usize) -> bool {
    match char_before(text, start) {
        Some('/' | '-') => char_before(text, start - 1).is_some_and(char::is_numeric),
        before => before.is_some_and(char::is_alphanumeric),
    }
}

fn read_phone(text: &str, mut phone: Phone, start: usize) -> Phone {
    let mut gap = 0;
    let mut is_open = false;
    let mut has_mark = false;
    for (offset, c) in text.get(start..).unwrap_or_default().char_indices() {
        let end = start + offset + c.len_utf8();
        if let Some(value) = digit(c) {
            match phone.groups.last_mut() {
                Some((digits, group_end)) if is_open => {
                    digits.push(value);
                    *group_end = end;
                }
                _ => phone.groups.push((Digits::new(value), end)),
            }
            phone.has_dots_or_dashes |= has_mark;
            (is_open, has_mark) = (true, false);
            gap = 0;
            if phone.groups.len() > 10 {
                break;
            }
            continue;
        }
        let kind = gap_of(c);
        if gap > MAX_GAP || kind.is_none() && !matches!(c, '(' | ')' | '/' | '\u{ff08}' | '\u{ff09}') {
            break;
        }
        has_mark |= phone.groups.len() > 1 && matches!(kind, Some(Gap::Dash | Gap::Dot));
        is_open = false;
        gap += 1;
    }
    phone
}

/// Returns the possible ends of a number with `+` or `00` and a country code: 8 to 15 digits.
fn ends_of_international(phone: &Phone) -> Vec<usize> {
    let Some((first, _)) = phone.groups.first() else { return Vec::new() };
    let is_prefixed =
        phone.has_plus || first.starts_with(&[0, 0]) && first.get(2).is_none_or(|digit| *digit != 0);
    let second = phone.groups.get(1).and_then(|(digits, _)| digits.first());
    let code = if phone.has_plus { first.first() } else { first.get(2).or(second) };
    if !is_prefixed || code.is_none_or(|code| *code == 0) || !phone.has_plus && phone.has_brackets {
        return Vec::new();
    }
    let limit = if phone.has_plus { 15 } else { 17 };
    let mut count = 0;
    let mut ends = Vec::new();
    for (digits, end) in &phone.groups {
        count += digits.length;
        if count > limit {
            break;
        }
        if count >= if phone.has_plus { 8 } else { 10 } {
            ends.push(*end);
        }
    }
    ends
}

/// Returns the end of a North American number: `(212) 555-0199`, `212-555-0199`, `1 212 555 0199`.
fn end_of_north_american(phone: &Phone) -> Option<usize> {
    let skip = usize::from(phone.groups.first().is_some_and(|(digits, _)| **digits == [1]));
    let mut groups = phone.groups.iter().skip(skip);
    let (area, _) = groups.next()?;
    let (exchange, _) = groups.next()?;
    let (line, end) = groups.next()?;
    // A number with brackets or dashes is complete; groups with only spaces may be the start of a longer number.
    let is_complete = groups.next().is_none() || phone.has_brackets || phone.has_dots_or_dashes;
    let fits = (area.length, exchange.length, line.length) == (3, 3, 4)
        && area.first().is_some_and(|digit| *digit > 1);
    (fits && is_complete).then_some(*end)
}

/// Returns the end of a national number: `0664 1234567`, `030/12345678`, `0664 123 45 67`. File modes look similar: `0644
/// 1000`.
fn end_of_national(phone: &Phone) -> Option<usize> {
    let (area, _) = phone.groups.first()?;
    if area.first() != Some(&0)
        || area.get(1) == Some(&0)
        || !(3..=5).contains(&area.length)
        || phone.has_dots_or_dashes
    {
        return None;
    }
    let is_mode = area.length == 4 && area.iter().all(|digit| *digit < 8);
    let (number, end) = phone.groups.get(1)?;
    if (5..=8).contains(&number.length) {
        return Some(*end);
    }
    let rest = phone.groups.get(1..)?;
    let count: usize = rest.iter().map(|(digits, _)| digits.length).sum();
    let has_short_groups = rest.iter().all(|(digits, _)| (2..=4).contains(&digits.length));
    let fits =
        has_short_groups && (6..=9).contains(&count) && rest.len() > 1 && (!is_mode || number.length == 3);
    fits.then(|| rest.last().map(|(_, end)| *end)).flatten()
}
