use proptest::prelude::*;

use super::*;

fn table(head: &[&str], rows: &[&[&str]]) -> Table {
    let own = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    Table { head: own(head), rows: rows.iter().map(|row| own(row)).collect(), align: Vec::new() }
}

fn drawn_lines(table: &Table, width: usize, max_rows: usize) -> Vec<String> {
    draw(table, width, max_rows).iter().map(Line::plain_text).collect()
}

#[test]
fn a_table_that_fits_is_drawn_with_numbers_on_the_right() {
    let table = table(&["month", "売上"], &[&["2026-05", "377,145.90"], &["June", "9"]]);
    let expected = [
        "┌─────────┬────────────┐",
        "│ month   │       売上 │",
        "├─────────┼────────────┤",
        "│ 2026-05 │ 377,145.90 │",
        "│ June    │          9 │",
        "└─────────┴────────────┘",
    ];
    assert_eq!(drawn_lines(&table, 80, 10), expected);
}

#[test]
fn wide_columns_shrink_and_wrap() {
    let table = table(&["id", "what"], &[&["1", "a long description of it"]]);
    let expected = [
        "┌────┬──────────────┐",
        "│ id │ what         │",
        "├────┼──────────────┤",
        "│  1 │ a long       │",
        "│    │ description  │",
        "│    │ of it        │",
        "└────┴──────────────┘",
    ];
    assert_eq!(drawn_lines(&table, 21, 10), expected);
}

#[test]
fn a_narrow_table_becomes_records_and_a_long_one_counts_the_remaining_rows() {
    let table = table(&["id", "name"], &[&["1", "ab"], &["2", ""], &["3", "x"]]);
    assert_eq!(drawn_lines(&table, 8, 2), ["id: 1", "name: ab", "────────", "id: 2", "… 1 more", "row"]);
}

#[test]
fn numbers_and_words_do_not_break() {
    let wide =
        table(&["组", "Config", "(%)", "total"], &[&["a (report)", "dense", "79.30 %", "1 234 567.89"]]);
    for width in 3..60 {
        let lines = drawn_lines(&wide, width, 9).join("\n");
        let is_table = lines.contains('┌');
        for whole in ["79.30 %", "1 234 567.89", "(report)", "Config"] {
            assert!(
                !is_table && width < 16 || lines.replace('\u{a0}', " ").contains(whole),
                "{width}: {lines}"
            );
        }
        assert_eq!(is_table, width >= 46, "{width}: {lines}");
    }
}

#[test]
fn cells_beyond_the_header_are_drawn() {
    let lines = drawn_lines(&table(&["a"], &[&["1", "2", "x"]]), 40, 9).join("\n");
    assert!(lines.contains("│ 1 │ 2 │ x │"), "{lines}");
    let records = drawn_lines(&table(&["a"], &[&["1", "2", "x"]]), 6, 9);
    assert_eq!(records, ["a: 1", "2", "x"]);
}

#[test]
fn malformed_html_is_read() {
    let html = "x<table class='a>b'><thead><tr><th>month</th><th>a &lt; b&#33;</tr></thead>\n<!-- <td> -->\
        <tbody><tr><td>2026-05</td><td>\n 377 <b>145</b>.90<br/>net </td></tr><tr><td>June<td>9 < 10</table><td>no";
    let read = html_table(html).unwrap();
    assert_eq!(read, table(&["month", "a < b!"], &[&["2026-05", "377 145.90\nnet"], &["June", "9 < 10"]]));
    assert_eq!(html_table("<p>no table</p>"), None);
}

#[test]
fn a_row_heading_does_not_make_a_header_row() {
    let html = "<table><tr><th></th><th>a</th></tr><tr><th>0</th><td>1</td></tr></table>";
    assert_eq!(html_table(html).unwrap(), table(&["", "a"], &[&["0", "1"]]));
}

#[test]
fn a_row_of_a_cell_that_begins_inside_a_cluster_fits() {
    let head = ["ਓ𑼃¡𒒀", "", "𑬀0🪀\u{10d69}𖹀େa", "! a"];
    let table = Table {
        align: vec![Align::Center],
        ..table(&head, &[&["", "", "", "", "¡!"], &[], &["", "a0𚿰"]])
    };
    for width in 3..60 {
        for line in draw(&table, width, 3) {
            assert!(line.width() <= width, "{width}: {:?}", line.plain_text());
        }
    }
}

proptest! {
    #[test]
    fn every_line_fits(
        head in proptest::collection::vec("\\PC{0,12}", 0..6),
        rows in proptest::collection::vec(proptest::collection::vec("(\\PC|\n){0,30}", 0..7), 0..5),
        width in 3usize..60,
    ) {
        let table = Table { head, rows, align: vec![Align::Center] };
        for line in draw(&table, width, 3) {
            prop_assert!(line.width() <= width, "{:?}", line.plain_text());
        }
    }

    #[test]
    fn readers_accept_any_text(text in "(<table|<tr>|<td>|</|[<>&;\"',|\n]|\\PC){0,40}") {
        _ = html_table(&text);
        _ = delimited_table(&text);
    }
}
