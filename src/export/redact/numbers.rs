//! Numbers that are recognized by a check digit or by their form: cards, IBANs, social security numbers and telephone
//! numbers.
//!
//! Digits may be of any common script, and a number may contain spaces of any width, dashes and dots. Every sequence of
//! whole groups of digits is tried, and the checksum decides.

use std::ops::Range;

use super::Secret;
use super::phones::phone_at;

/// The maximum number of characters between two groups of digits.
pub(super) const MAX_GAP: usize = 3;

/// The code points of the digit 0 of the scripts whose digits are folded.
const ZEROS: [u32; 19] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
    0x1040, 0x17e0, 0x1810, 0xff10,
];

/// Countries that issue IBANs: code, length, and whether all characters after the code are digits.
const IBAN_COUNTRIES: &str = "AD24 AE23d AL28 AT20d AZ28 BA20d BE16d BG22 BH22 BI27d BR29 BY28 CH21 CR22d CY28 CZ24d \
    DE22d DJ27d DK18d DO28 EE20d EG29d ES24d FI18d FK18 FO18d FR27 GB22 GE22 GI23 GL18d GR27 GT28 HN28 HR21d HU28d IE22 \
    IL23d IQ23 IS26d IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20d LU20 LV21 LY25d MC27 MD24 ME22d MK19 MN20d MR27d MT31 \
    MU30 NI28 NL18 NO15d OM23 PK24 PL28d PS29 PT25d QA29 RO24 RS22d RU33 SA24 SC31 SD18d SE24d SI19d SK24d SM27 SO23d \
    ST25d SV28 TL23d TN24d TR26d UA29 VA22d VG24 XK20d YE30";

/// The digits of a group; for a long group, only the first ones.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    values: [u8; 20],
    pub(super) length: usize,
}

impl Digits {
    pub(super) fn new(first: u8) -> Self {
        let mut digits = Self { values: [0; 20], length: 0 };
        digits.push(first);
        digits
    }

    pub(super) fn push(&mut self, value: u8) {
        if let Some(place) = self.values.get_mut(self.length) {
            *place = value;
        }
        self.length += 1;
    }
}

impl std::ops::Deref for Digits {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.values.get(..self.length.min(self.values.len())).unwrap_or_default()
    }
}

/// A group of digits without a gap.
pub(super) struct Group {
    pub(super) range: Range<usize>,
    pub(super) digits: Digits,
    /// The characters between the previous group and this one.
    pub(super) gap: Gap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Start,
    Space,
    Dash,
    Dot,
    Mixed,
}

/// Returns the value of a digit of any script.
pub(super) fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|value| u8::try_from(value).ok());
    }
    let code = u32::from(c);
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    u8::try_from(code - zero).ok()
}

/// Returns the ASCII form of a digit or letter.
fn fold(c: char) -> Option<char> {
    if let Some(value) = digit(c) {
        return Some(char::from(b'0' + value));
    }
    let is_wide = matches!(c, '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}');
    let c = if is_wide { char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c) } else { c };
    c.is_ascii_alphanumeric().then_some(c)
}

pub(super) fn gap_of(c: char) -> Option<Gap> {
    match c {
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some(Gap::Dash),
        '.' | '\u{b7}' | '\u{2022}' | '\u{2219}' | '\u{ff0e}' => Some(Gap::Dot),
        ' '
        | '\t'
        | '\u{a0}'
        | '\u{ad}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200d}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{2060}'
        | '\u{3000}'
        | '\u{feff}' => Some(Gap::Space),
        _ => None,
    }
}

pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

pub(super) fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// Finds the numbers of a text.
pub(super) fn find(text: &str, found: &mut Vec<Secret>) {
    let bytes = text.as_bytes();
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(start) = next_digit(bytes, at) {
        if char_at(text, start).and_then(digit).is_none() {
            at = start + 1;
            continue;
        }
        read_groups(text, start, &mut groups);
        at = groups.last().map_or(start + 1, |group| group.range.end);
        find_in_groups(text, &groups, found);
    }
}

/// Returns the position of the next byte that may begin a digit.
fn next_digit(bytes: &[u8], at: usize) -> Option<usize> {
    let may_begin =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, 0xd9 | 0xdb | 0xdf | 0xe0 | 0xe1 | 0xef);
    bytes.get(at..)?.iter().position(may_begin).map(|offset| at + offset)
}

/// Reads groups of digits with short gaps, starting with the digit at `start`.
fn read_groups(text: &str, start: usize, groups: &mut Vec<Group>) {
    groups.clear();
    let mut gap = Gap::Start;
    let mut gap_length = 0;
    for (offset, c) in text.get(start..).unwrap_or_default().char_indices() {
        let at = start + offset;
        if let Some(value) = digit(c) {
            match groups.last_mut() {
                Some(group) if gap_length == 0 => {
                    group.digits.push(value);
                    group.range.end = at + c.len_utf8();
                }
                _ => groups.push(Group { range: at..at + c.len_utf8(), digits: Digits::new(value), gap }),
            }
            gap = Gap::Start;
            gap_length = 0;
        } else if let Some(kind) = gap_of(c)
            && gap_length < MAX_GAP
        {
            gap = if gap_length == 0 || gap == kind { kind } else { Gap::Mixed };
            gap_length += 1;
        } else {
            break;
        }
    }
}

fn find_in_groups(text: &str, groups: &[Group], found: &mut Vec<Secret>) {
    let count: usize = groups.iter().map(|group| group.digits.length).sum();
    let may_be_iban = || {
        let start = groups.first().map_or(0, |group| group.range.start);
        char_before(text, start).is_some_and(|c| fold(c).is_some_and(|c| c.is_ascii_alphabetic()))
    };
    // Brackets and slashes end these groups, but not those of a telephone number.
    let may_be_phone = || {
        let start = groups.first().map_or(0, |group| group.range.start);
        let is_prefixed =
            char_before(text, start).is_some_and(|c| matches!(c, '+' | '(' | '\u{ff0b}' | '\u{ff08}'));
        is_prefixed
            || groups.first().is_some_and(|group| group.digits.length > 1 && group.digits.first() == Some(&0))
    };
    if count < 7 && !may_be_iban() && !may_be_phone() {
        return;
    }
    let mut masked_to = 0;
    for (index, group) in groups.iter().enumerate() {
        let rest = groups.get(index..).unwrap_or_default();
        let iban = iban_at(text, group.range.start).filter(|range| !is_in_uuid(text, range));
        if let Some(range) = iban {
            masked_to = masked_to.max(range.end);
            found.push(Secret { range, kind: "iban" });
        }
        if group.range.start < masked_to {
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| groups.get(before));
        let hit = card_at(before, rest)
            .map(|range| (range, "card"))
            .or_else(|| ssn_at(text, before, rest).map(|range| (range, "ssn")))
            .or_else(|| phone_at(text, before.is_some(), group).map(|range| (range, "phone")));
        if let Some((range, kind)) = hit
            && !is_in_uuid(text, &range)
        {
            masked_to = range.end;
            found.push(Secret { range, kind });
        }
    }
}

/// Finds a card number that begins with the first of the groups.
fn card_at(before: Option<&Group>, groups: &[Group]) -> Option<Range<usize>> {
    let first = groups.first()?;
    if is_fraction(before, groups) {
        return None;
    }
    // The first group of a card has at least four digits.
    if first.digits.length < 4 || first.digits.length > 19 {
        return None;
    }
    let mut digits = Digits { values: [0; 20], length: 0 };
    let mut best = None;
    for (index, group) in groups.iter().enumerate() {
        group.digits.iter().for_each(|digit| digits.push(*digit));
        if digits.length > 19 {
            break;
        }
        if is_card_number(&digits) {
            best = Some(first.range.start..group.range.end);
        }
        // Cards are written in groups of four or more; only the last may be shorter.
        if group.digits.length < 4 && index > 0 {
            break;
        }
    }
    best
}

/// Returns whether the first group belongs to a decimal number such as `0.4111111111111111` or `4111111111111111.5`.
fn is_fraction(before: Option<&Group>, groups: &[Group]) -> bool {
    let is_long = groups.first().is_some_and(|group| group.digits.length > 12);
    if is_long && groups.get(1).is_some_and(|next| next.gap == Gap::Dot) {
        return true;
    }
    let is_alone = groups.get(1).is_none_or(|next| next.gap != Gap::Dot);
    let is_after_point = groups.first().is_some_and(|group| group.gap == Gap::Dot && group.digits.length > 4);
    is_after_point && is_alone && before.is_some_and(|before| before.gap != Gap::Dot)
}

/// Returns whether a range is a part of a UUID.
fn is_in_uuid(text: &str, range: &Range<usize>) -> bool {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b'-';
    let bytes = text.as_bytes();
    let before =
        bytes.get(..range.start).unwrap_or_default().iter().rev().take(48).take_while(is_part).count();
    let after = bytes.get(range.start..).unwrap_or_default().iter().take(48).take_while(is_part).count();
    let run = bytes.get(range.start - before..range.start + after).unwrap_or_default();
    let lengths: Vec<usize> = run.split(|byte| *byte == b'-').map(<[u8]>::len).collect();
    lengths.windows(LENGTHS.len()).any(|window| window == LENGTHS)
}

/// Returns whether the text is a card number.
pub(super) fn is_card(text: &str) -> bool {
    let digits: Vec<u8> = text.chars().filter_map(digit).collect();
    is_card_number(&digits)
}

/// Returns whether the digits are a card number: 13 to 19 of them, a known issuer, a valid check digit.
fn is_card_number(digits: &[u8]) -> bool {
    let prefix =
        |length: usize| digits.iter().take(length).fold(0, |sum, digit| sum * 10 + u32::from(*digit));
    let has_known_issuer = prefix(1) == 4
        || matches!(prefix(2), 34 | 36..=39 | 51..=55 | 62 | 65 | 67)
        || matches!(prefix(3), 300..=305 | 309 | 508 | 644..=649)
        || matches!(prefix(4), 2200..=2204 | 2221..=2720 | 3528..=3589 | 5018 | 5020 | 5038 | 5612 | 5893 | 6011 | 6304);
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| if index % 2 == 1 { doubled(u32::from(*digit)) } else { u32::from(*digit) })
        .sum();
    (13..=19).contains(&digits.len()) && has_known_issuer && sum.is_multiple_of(10)
}

/// Finds an IBAN whose check digits begin at a position.
fn iban_at(text: &str, digits_start: usize) -> Option<Range<usize>> {
    let mut letters = text.get(..digits_start)?.char_indices().rev();
    let (_, second) = letters.next()?;
    let (start, first) = letters.next()?;
    let (first, second) = (fold(first)?, fold(second)?);
    let is_small = first.is_ascii_lowercase();
    if is_small && letters.next().is_some_and(|(_, c)| c.is_ascii_alphanumeric()) {
        return None;
    }
    if !first.is_ascii_alphabetic() || first.is_ascii_uppercase() != second.is_ascii_uppercase() {
        return None;
    }
    let code: String = [first.to_ascii_uppercase(), second.to_ascii_uppercase()].iter().collect();
    let country =
        IBAN_COUNTRIES.split_whitespace().find_map(|country| country.strip_prefix(code.as_str()))?;
    let has_digits_only = country.ends_with('d');
    let length: usize = country.trim_end_matches('d').parse().ok()?;
    let (plain, end) = read_alphanumerics(text, start, length)?;
    if has_digits_only && !plain.chars().skip(2).all(|c| c.is_ascii_digit()) || !has_valid_remainder(&plain) {
        return None;
    }
    Some(start..end)
}

/// Reads a number of letters and digits with short gaps; returns them folded, and their end.
fn read_alphanumerics(text: &str, start: usize, count: usize) -> Option<(String, usize)> {
    let mut plain = String::with_capacity(count);
    let mut gap = 0;
    for (offset, c) in text.get(start..)?.char_indices() {
        if let Some(folded) = fold(c) {
            plain.push(folded.to_ascii_uppercase());
            gap = 0;
            if plain.len() == count {
                return Some((plain, start + offset + c.len_utf8()));
            }
        } else if gap_of(c).is_some() && gap < MAX_GAP {
            gap += 1;
        } else {
            return None;
        }
    }
    None
}

/// Returns the check of ISO 13616: the rearranged text as a number, modulo 97.
fn has_valid_remainder(plain: &str) -> bool {
    let (country, rest) = plain.split_at_checked(4).unwrap_or_default();
    let remainder = rest.chars().chain(country.chars()).try_fold(0, |sum: u32, c| {
        let value = c.to_digit(36)?;
        Some(if value > 9 { (sum * 100 + value) % 97 } else { (sum * 10 + value) % 97 })
    });
    remainder == Some(1)
}

/// Finds a United States social security number, or a taxpayer number. Without dashes, it must follow words such as "social
/// security".
fn ssn_at(text: &str, before: Option<&Group>, groups: &[Group]) -> Option<Range<usize>> {
    let first = groups.first()?;
    let lengths =
        |count: usize| groups.iter().take(count).map(|group| group.digits.length).collect::<Vec<_>>();
    let is_grouped = lengths(3) == [3, 2, 4];
    let has_dashes = groups.iter().take(3).skip(1).all(|group| group.gap == Gap::Dash);
    let count = match (is_grouped, first.digits.length) {
        (true, _) => 3,
        (false, 9) => 1,
        (false, _) => return None,
    };
    let is_joined = |group: Option<&Group>| group.is_some_and(|group| group.gap == Gap::Dash);
    if is_joined(groups.get(count)) || (before.is_some() && first.gap == Gap::Dash) {
        return None;
    }
    let digits: Vec<u8> = groups.iter().take(count).flat_map(|group| group.digits.to_vec()).collect();
    let is_zero =
        |range: Range<usize>| digits.get(range).is_some_and(|part| part.iter().all(|digit| *digit == 0));
    let is_unused = is_zero(0..3) || is_zero(3..5) || is_zero(5..9) || digits.starts_with(&[6, 6, 6]);
    let is_named = || {
        let from = text.floor_char_boundary(first.range.start.saturating_sub(40));
        let context = text.get(from..first.range.start).unwrap_or_default().to_ascii_lowercase();
        context.contains("ssn") || context.contains("social sec")
    };
    let end = groups.get(count - 1)?.range.end;
    (is_grouped && has_dashes && !is_unused || is_named()).then_some(first.range.start..end)
}
