//! Any text through the gate and through everything that draws text: nothing comes out that a terminal obeys, that
//! turns the direction of text or that nobody sees; lines keep to their width; JSON keeps its value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use unspool::json::Value;
use unspool::text::{Line, Safe, chart, code, diff, hidden, markdown, plain, render_plain, safe_json, table, wrap};
use unspool::theme::Role;

fn is_bad(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}')
}

fn harmless(text: &str) {
    let bad = text.chars().find(|c| *c != '\n' && is_bad(*c));
    assert_eq!(bad, None, "{text:?}");
}

fn in_one_line(text: &str) {
    assert!(!text.contains('\n'), "{text:?}");
    harmless(text);
}

fn lines(lines: &[Line], width: usize) {
    for line in lines {
        in_one_line(&line.plain());
        line.spans.iter().for_each(|run| in_one_line(run.text.as_str()));
        assert!(line.width() <= width.max(2), "{} > {width}: {line:?}", line.width());
    }
}

fn gate(text: &str) {
    for (gated, one) in [
        (Safe::line(text), true),
        (Safe::text(text), false),
        (Safe::revealed_line(text), true),
        (Safe::revealed_text(text), false),
    ] {
        harmless(&gated);
        assert!(!one || !gated.contains('\n'));
        let again = if one { Safe::line(&gated) } else { Safe::text(&gated) };
        assert_eq!(again.as_str(), gated.as_str(), "what passed passes as it is");
    }
    let found = hidden(text);
    assert!(found.count <= text.chars().count());
    harmless(&found.tags);
}

fn names(text: &str, max: usize) {
    let slug = Safe::file_slug(text, max);
    assert!(!slug.is_empty() && slug.len() <= max.max(1), "{slug:?} of {max}");
    assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{slug:?}");
}

fn plainly(text: &str, width: usize) {
    lines(&render_plain(text, width), width);
    lines(&plain(text, width, Role::default()), width);
    let wrapped = wrap::Wrap::all(text, width);
    wrapped.rows(text, 0..wrapped.len());
}

fn as_code(text: &str, width: usize) {
    let language = code::language_named(text.split('\n').next().unwrap_or_default());
    lines(&code::code(text, language, width), width);
    let (old, new) = text.split_at(text.floor_char_boundary(text.len() / 2));
    diff::compare(old, new, width);
}

fn as_table(text: &str, width: usize) {
    for found in [table::csv_table(text), table::html_table(text)].into_iter().flatten() {
        lines(&table::draw(&found, width, 20), width);
    }
}

fn as_chart(text: &str, width: usize) {
    let point = |(at, word): (usize, &str)| {
        let value = word.parse().unwrap_or(word.len() as f64);
        chart::Point { label: word.to_owned(), x: at as f64, y: value }
    };
    let points = text.split_whitespace().take(20).enumerate().map(point).collect();
    let series = [chart::Series { name: text.to_owned(), points }];
    lines(&chart::bars(&series, width, 8), width);
    lines(&chart::plot(&series, chart::Style::Lines, width, 8), width);
}

fn json(text: &str) {
    let raw = unspool::json::escape(text);
    for json in [raw.as_str(), text] {
        let safe = safe_json(json);
        harmless(&safe);
        assert_eq!(safe_json(&safe), safe);
    }
    let safe = safe_json(&raw);
    assert_eq!(Value::of(safe.as_bytes()).text(), text, "the value is the same");
}

// One part for each input: all of them each time would be seven times slower and find no more.
fuzz_target!(|data: &[u8]| {
    let Some((&[part, size], data)) = data.split_first_chunk::<2>() else { return };
    let text = String::from_utf8_lossy(data);
    let width = usize::from(size % 120) + 1;
    match part % 8 {
        0 | 1 => gate(&text),
        2 => names(&text, usize::from(size)),
        3 => json(&text),
        4 => lines(&markdown::render(&text, width), width),
        5 => plainly(&text, width),
        6 => as_code(&text, width),
        _ => {
            as_table(&text, width);
            as_chart(&text, width);
        }
    }
});
