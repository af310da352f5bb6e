//! Any text through the text gate and everything that draws text: the output has no control characters, no direction
//! changes and no invisible characters; no line exceeds its width; JSON keeps its value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use unspool::testing::json::Value;
use unspool::testing::text::{
    Line, Safe, chart, code, diff, markdown, safe_json, scan_hidden, table, wrap, wrap_styled,
};
use unspool::testing::theme::Role;

fn is_bad(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}')
}

fn check_harmless(text: &str) {
    let bad = text.chars().find(|c| *c != '\n' && is_bad(*c));
    assert_eq!(bad, None, "{text:?}");
}

fn check_single_line(text: &str) {
    assert!(!text.contains('\n'), "{text:?}");
    check_harmless(text);
}

fn check_lines(lines: &[Line], width: usize) {
    for line in lines {
        check_single_line(&line.plain_text());
        line.spans.iter().for_each(|run| check_single_line(run.text.as_str()));
        assert!(line.width() <= width.max(2), "{} > {width}: {line:?}", line.width());
    }
}

fn gate(text: &str) {
    for (sanitized, is_single_line) in
        [(Safe::line(text), true), (Safe::text(text), false), (Safe::revealed_text(text), false)]
    {
        check_harmless(&sanitized);
        assert!(!is_single_line || !sanitized.contains('\n'));
        let again = if is_single_line { Safe::line(&sanitized) } else { Safe::text(&sanitized) };
        assert_eq!(again.as_str(), sanitized.as_str(), "sanitizing twice changed the text");
    }
    let hidden = scan_hidden(text);
    assert!(hidden.count <= text.chars().count());
    check_harmless(&hidden.tags);
}

fn file_slug(text: &str, max: usize) {
    let slug = Safe::file_slug(text, max);
    assert!(!slug.is_empty() && slug.len() <= max.max(1), "{slug:?} of {max}");
    assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{slug:?}");
}

fn wrapped_text(text: &str, width: usize) {
    check_lines(&wrap_styled(text, width, Role::default()), width);
    let index = wrap::WrapIndex::build(text, width);
    index.rows(text, 0..index.row_count());
}

fn code_and_diff(text: &str, width: usize) {
    let language = code::language_from_name(text.split('\n').next().unwrap_or_default());
    check_lines(&code::highlight(text, language, width), width);
    let (old, new) = text.split_at(text.floor_char_boundary(text.len() / 2));
    diff::compare(old, new, width);
}

fn tables(text: &str, width: usize) {
    for found in [table::delimited_table(text), table::html_table(text)].into_iter().flatten() {
        check_lines(&table::draw(&found, width, 20), width);
    }
}

fn charts(text: &str, width: usize) {
    let point = |(at, word): (usize, &str)| {
        let value = word.parse().unwrap_or(word.len() as f64);
        chart::Point { label: word.to_owned(), x: at as f64, y: value }
    };
    let points = text.split_whitespace().take(20).enumerate().map(point).collect();
    let series = [chart::Series { name: text.to_owned(), points }];
    check_lines(&chart::bars(&series, width, 8), width);
    check_lines(&chart::plot(&series, chart::PlotStyle::Lines, chart::LogAxes::default(), width, 8), width);
}

fn json(text: &str) {
    let mut raw = String::new();
    unspool::testing::json::write_string(&mut raw, text);
    for json in [raw.as_str(), text] {
        let safe = safe_json(json);
        check_harmless(&safe);
        assert_eq!(safe_json(&safe), safe);
    }
    let safe = safe_json(&raw);
    assert_eq!(Value::of(safe.as_bytes()).text(), text, "sanitizing changed the value");
}

// One part per input: running all of them each time would be seven times slower without finding more.
fuzz_target!(|data: &[u8]| {
    let Some((&[part, size], data)) = data.split_first_chunk::<2>() else { return };
    let text = String::from_utf8_lossy(data);
    let width = usize::from(size % 120) + 1;
    match part % 8 {
        0 | 1 => gate(&text),
        2 => file_slug(&text, usize::from(size)),
        3 => json(&text),
        4 => check_lines(&markdown::render(&text, width), width),
        5 => wrapped_text(&text, width),
        6 => code_and_diff(&text, width),
        _ => {
            tables(&text, width);
            charts(&text, width);
        }
    }
});
