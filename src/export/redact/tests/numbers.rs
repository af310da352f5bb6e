//! Card numbers and IBANs with random digits, gaps, scripts and neighbours.

use super::*;

const GAPS: [&str; 9] = ["", " ", "\u{a0}", "-", ".", "\u{2011}", "\u{202f}", "\u{2013}", "  "];
const BEFORE: [&str; 8] = ["", " ", "Card ", "x", "No.", "(", "中", "12 "];
const AFTER: [&str; 9] = ["", " 12/27", " 123", ".", ", CVV", "x", " BIC GIBAATWW", ")", " and 5 words"];

/// Writes digits in another script.
fn write_digits(digits: &str, script: usize) -> String {
    let zero = [0x30, 0xff10, 0x660, 0x6f0, 0x966][script];
    digits.chars().map(|c| c.to_digit(10).map_or(c, |digit| char::from_u32(zero + digit).unwrap())).collect()
}

fn group(text: &str, sizes: &[usize], gap: &str) -> String {
    let mut rest = text;
    let mut groups = Vec::new();
    for size in sizes.iter().cycle() {
        let (head, tail) = rest.split_at((*size).min(rest.len()));
        groups.push(head);
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
    groups.join(gap)
}

fn with_check_digit(start: &str) -> String {
    let digits: Vec<u32> = start.chars().rev().map(|c| c.to_digit(10).unwrap()).collect();
    let value = |(index, digit): (usize, &u32)| match index % 2 {
        0 if *digit > 4 => 2 * digit - 9,
        0 => 2 * digit,
        _ => *digit,
    };
    let sum: u32 = digits.iter().enumerate().map(value).sum();
    format!("{start}{}", (10 - sum % 10) % 10)
}

fn with_check_digits(country: &str, account: &str) -> String {
    let text = format!("{account}{country}00");
    let remainder = text.chars().fold(0_u32, |sum, c| {
        let value = c.to_digit(36).unwrap();
        (if value > 9 { sum * 100 + value } else { sum * 10 + value }) % 97
    });
    format!("{country}{:02}{account}", 98 - remainder)
}

fn remains(number: &str, text: &str) -> bool {
    let (number, masked): (Vec<char>, _) = (number.chars().collect(), redact_shared(text));
    number.windows(8).any(|part| masked.contains(&part.iter().collect::<String>()))
}

fn redact_shared(text: &str) -> String {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner).redact_text(text).into_owned()
}

proptest! {
    #[test]
    fn cards_are_masked_in_every_writing(
        issuer in 0_usize..6, digits in "[0-9]{18}", gap in 0_usize..9, script in 0_usize..5, before in 0_usize..8,
        after in 0_usize..9,
    ) {
        let (prefix, length) = [("4", 16), ("51", 16), ("37", 15), ("4", 13), ("6011", 16), ("2221", 16)][issuer];
        let number = with_check_digit(&format!("{prefix}{}", digits.get(..length - prefix.len() - 1).unwrap()));
        let sizes: &[usize] = if length == 15 { &[4, 6, 5] } else { &[4] };
        let written = write_digits(&group(&number, sizes, GAPS[gap]), script);
        let text = format!("{}{written}{}", BEFORE[before], AFTER[after]);
        prop_assert!(!remains(&written, &text), "{}: {}", text, redact_shared(&text));
    }

    #[test]
    fn ibans_are_masked_in_every_writing(
        country in 0_usize..6, digits in "[0-9]{30}", gap in 0_usize..9, before in 0_usize..8, after in 0_usize..9,
        is_small in any::<bool>(),
    ) {
        let (code, bank, length) =
            [("AT", "", 20), ("DE", "", 22), ("GB", "WEST", 22), ("FR", "", 27), ("NO", "", 15), ("MT", "MALT", 31)][country];
        let account = format!("{bank}{}", digits.get(..length - 4 - bank.len()).unwrap());
        let number = with_check_digits(code, &account);
        let number = if is_small { number.to_lowercase() } else { number };
        let before = if is_small && before == 3 { "" } else { BEFORE[before] };
        let written = group(&number, &[4], GAPS[gap]);
        let text = format!("{before}{written}{}", AFTER[after]);
        prop_assert!(!remains(&written, &text), "{}: {}", text, redact_shared(&text));
    }
}
