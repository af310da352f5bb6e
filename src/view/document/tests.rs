use super::*;

fn line(text: &str) -> Line {
    Line::styled(text, Role::Text)
}

fn lines(count: usize) -> Body {
    Body::Lines((0..count).map(|number| line(&number.to_string())).collect())
}

#[test]
fn window_equals_the_slice_of_all_rows() {
    let mut document = Document::new(vec![
        Section::text(lines(3), Role::Text),
        Section::foldable(line("tool"), lines(4), Role::Text, Fold::Open),
        Section::foldable(line("empty"), lines(0), Role::Text, Fold::Closed),
        Section::with_heading(line("end"), lines(2), Role::Text),
    ]);
    for _ in 0..2 {
        let whole = document.window(0..document.len());
        assert_eq!(whole.len(), document.len());
        for from in 0..whole.len() {
            for to in from..whole.len() {
                assert_eq!(document.window(from..to), whole[from..to]);
            }
        }
        assert!(document.toggle(1));
    }
    assert!(!document.toggle(0));
}

#[test]
fn folds_are_copied_by_title_or_else_by_position() {
    let block = |title: &str, open| Section::foldable(line(title), lines(2), Role::Text, open);
    let (open, closed) = (Fold::Open, Fold::Closed);
    let old = Document::new(vec![
        block("tool", open),
        block("tool", closed),
        Section::text(lines(1), Role::Text),
        block("thinking, 3 lines", open),
    ]);
    let mut new = Document::new(vec![
        block("first", closed),
        block("tool", closed),
        block("tool", open),
        block("thinking, 4 lines", closed),
        block("more", open),
    ]);
    new.copy_folds_from(&old);
    let opens: Vec<bool> = new.sections().iter().map(|section| section.open).collect();
    assert_eq!(opens, [false, true, false, false, true], "a block inserted before them shifts positions");
    assert_eq!(new.len(), 5 + 2 * 2);
    let mut new = Document::new(vec![
        block("tool", closed),
        block("tool", open),
        block("thinking, 4 lines", closed),
        block("more", closed),
    ]);
    new.copy_folds_from(&old);
    let opens: Vec<bool> = new.sections().iter().map(|section| section.open).collect();
    assert_eq!(opens, [true, false, true, false]);
}

#[test]
fn equivalent_row_is_found_at_another_width() {
    // Each line of the wide document is two lines of the narrow one.
    let of = |text: &str, rows: [usize; 3]| {
        let body = |rows: &usize| Body::Lines(vec![Line::styled(text, Role::Text); *rows]);
        Document::new(rows.iter().map(|rows| Section::text(body(rows), Role::Text)).collect())
    };
    let (wide, narrow) = (of("ab", [4, 10, 3]), of("a", [8, 20, 6]));
    assert_eq!([0, 4, 9, 16].map(|row| narrow.equivalent_row(&wide, row)), [0, 8, 18, 32]);
    assert_eq!([0, 8, 18, 32].map(|row| wide.equivalent_row(&narrow, row)), [0, 4, 9, 16]);
    assert_eq!(Document::default().equivalent_row(&wide, 9), 0);
}

#[test]
fn selected_block_is_folded_while_in_view() {
    let block = || Section::foldable(line("block"), lines(2), Role::Text, Fold::Open);
    let mut document = Document::new(vec![block(), Section::text(lines(1), Role::Text), block(), block()]);
    assert_eq!(document.foldable_near(0, 10), Some(0));
    assert_eq!(document.select_foldable(Direction::Forward, 0, 10), Some(4));
    assert_eq!(document.select_foldable(Direction::Forward, 0, 10), Some(7));
    assert_eq!(document.select_foldable(Direction::Forward, 0, 10), Some(7), "no other block below");
    assert_eq!(document.foldable_near(0, 10), Some(3));
    assert_eq!(document.foldable_near(0, 7), Some(0), "a selection out of view is ignored");
    assert_eq!(document.select_foldable(Direction::Backward, 0, 10), Some(4));
    assert_eq!(Document::default().select_foldable(Direction::Forward, 0, 10), None);
}
