use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Any;

use super::*;
use crate::json::{Kind, Value};

fn tree(text: &str) -> Tree {
    Tree::collapsed(Raw::owned(text.as_bytes().to_vec()))
}

/// A row's position, as child indices from the root, and its value.
type ExpectedRow<'a> = (Vec<usize>, Value<'a>);

fn children(value: Value<'_>) -> Vec<Value<'_>> {
    match value.kind() {
        Kind::Object => value.members().map(|(_, value)| value).collect(),
        _ => value.elements().collect(),
    }
}

/// Collects all visible rows by a full traversal.
fn flatten<'a>(
    value: Value<'a>,
    place: &[usize],
    open: &HashSet<Vec<usize>>,
    rows: &mut Vec<ExpectedRow<'a>>,
) {
    rows.push((place.to_vec(), value));
    if open.contains(place) {
        for (number, child) in children(value).into_iter().enumerate() {
            flatten(child, &[place, &[number]].concat(), open, rows);
        }
    }
}

fn is_container(value: Value<'_>) -> bool {
    matches!(value.kind(), Kind::Array | Kind::Object)
}

/// JSON with containers and strings larger than the distance between two samples of an index.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => (0_u32..1000).prop_map(|number| number.to_string()),
        2 => "[a-z\"\\\\{}\\[\\],: ä]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        1 => Just(format!("\"{}\"", "x".repeat(17_000))),
        1 => Just("{ }".to_owned()),
        1 => (0_usize..200).prop_map(|count| format!("[{}]", vec!["7"; count].join(", "))),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(|items| format!("[{}]", items.join(" ,"))),
            (vec(inner, 0..8), any::<bool>()).prop_map(|(items, needs_quotes)| {
                let name =
                    |number| if needs_quotes { format!("a b\\\"{number}") } else { format!("k{number}") };
                let member = |(number, item)| format!("\"{}\" : {item}", name(number));
                format!("{{{}}}", items.iter().enumerate().map(member).collect::<Vec<_>>().join(",\n"))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_match_a_full_traversal(json in any_json(), toggles in vec(any::<Any>(), 0..25)) {
        let mut tree = tree(&json);
        let mut open = HashSet::from([vec![]]);
        for toggle in toggles.iter().map(Some).chain([None]) {
            prop_assert!(tree.index_step(usize::MAX));
            let mut expected = Vec::new();
            flatten(Value::of(json.as_bytes()), &[], &open, &mut expected);
            prop_assert_eq!(tree.len(), expected.len());
            let rows = tree.rows(0..usize::MAX);
            prop_assert_eq!(rows.len(), expected.len());
            for (number, (row, (place, value))) in rows.iter().zip(&expected).enumerate() {
                prop_assert_eq!(row.depth, place.len());
                prop_assert_eq!((row.kind, row.byte_len), (value.kind(), Some(value.raw().len())));
                prop_assert_eq!(&json.as_bytes()[row.start..][..value.raw().len()], value.raw());
                let is_open = is_container(*value).then(|| open.contains(place));
                prop_assert_eq!(row.is_open, is_open);
                prop_assert!(row.child_count.is_none_or(|count| count == children(*value).len()));
                prop_assert_eq!((tree.row_of(row.id), tree.id_at(number)), (Some(number), Some(row.id)));
            }
            let Some(toggle) = toggle else { break };
            let row = toggle.index(expected.len());
            let (place, value) = &expected[row];
            let was_open = open.contains(place);
            prop_assert_eq!(if was_open { tree.close(row) } else { tree.open(row) }, is_container(*value));
            if is_container(*value) && !open.remove(place) {
                open.insert(place.clone());
            }
        }
    }

    #[test]
    fn window_is_a_slice_of_all_rows(json in any_json(), limit in 0_usize..400, from in any::<Any>(), count in 0_usize..50) {
        let mut tree = tree(&json);
        tree.open_all(limit, &mut { usize::MAX });
        tree.index_step(usize::MAX);
        let whole = tree.rows(0..usize::MAX);
        let from = from.index(tree.len());
        let to = (from + count).min(whole.len());
        prop_assert_eq!(&tree.rows(from..from + count)[..], &whole[from..to]);
    }

    #[test]
    fn path_and_offset_identify_the_row(json in any_json(), row in any::<Any>()) {
        let mut full = tree(&json);
        let is_open = full.open_all(usize::MAX, &mut { usize::MAX });
        prop_assert!(is_open | full.index_step(usize::MAX));
        let row = row.index(full.len());
        let (path, expected) = (full.path(row), full.rows(row..row + 1));
        let mut fresh = tree(&json);
        let found = fresh.reveal(&path).unwrap();
        prop_assert_eq!(fresh.path(found), path);
        prop_assert_eq!(&fresh.rows(found..found + 1)[0].start, &expected[0].start);
        let mut fresh = tree(&json);
        let found = fresh.reveal_offset(expected[0].start).unwrap();
        prop_assert_eq!(&fresh.rows(found..found + 1)[0].start, &expected[0].start);
    }

    #[test]
    fn siblings_and_parents_agree(json in any_json(), row in any::<Any>()) {
        let mut tree = tree(&json);
        tree.open_all(300, &mut { usize::MAX });
        tree.index_step(usize::MAX);
        let row = row.index(tree.len());
        let depth = |row: usize| tree.rows(row..row + 1)[0].depth;
        prop_assert_eq!(tree.parent(row).is_none(), row == 0);
        if let Some(parent) = tree.parent(row) {
            prop_assert_eq!(depth(parent) + 1, depth(row));
            prop_assert!(parent < row);
        }
        if let Some(next) = tree.next_sibling(row) {
            prop_assert!(next > row && tree.previous_sibling(next) == Some(row));
            prop_assert_eq!(tree.parent(next), tree.parent(row));
        }
    }

    #[test]
    fn any_bytes_make_a_tree(bytes in vec(prop_oneof![
        Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b':'), Just(b','), any::<u8>()], 0..80))
    {
        let mut tree = Tree::new(Raw::owned(bytes.clone()));
        tree.open_all(1000, &mut { usize::MAX });
        tree.index_step(usize::MAX);
        let rows = tree.rows(0..usize::MAX);
        prop_assert_eq!(rows.len(), tree.len());
        for (number, row) in rows.iter().enumerate() {
            prop_assert_eq!(tree.row_of(row.id), Some(number));
            prop_assert!(row.start + row.byte_len.unwrap_or(0) <= bytes.len().max(row.start));
            tree.path(number);
        }
        for offset in 0..bytes.len() {
            tree.reveal_offset(offset);
        }
    }
}

#[test]
fn huge_array_is_shown_immediately_and_grows_in_steps() {
    let json = format!("[{}]", vec!["{\"a\":1}"; 1_000_000].join(","));
    let mut tree = tree(&json);
    let first = tree.len();
    assert!(first > 100 && first < 100_000);
    assert_eq!(tree.rows(0..3)[0].child_count, None);
    let mut steps = 0;
    while !tree.index_step(1 << 20) {
        assert!(tree.len() > first);
        steps += 1;
    }
    assert!(steps >= 6);
    assert_eq!(tree.len(), 1_000_001);
    assert_eq!(tree.rows(1_000_000..1_000_010)[0].label, Label::Index(999_999));
    assert_eq!(tree.reveal_offset(json.len() - 3), Some(1_000_001));
}

#[test]
fn partly_indexed_child_is_already_a_row() {
    let json = format!("{{\"a\":1,\"big\":\"{}\",\"c\":2}}", "ä".repeat(1 << 20));
    let mut tree = tree(&json);
    let rows = tree.rows(0..10);
    assert_eq!((rows.len(), rows[2].byte_len, rows[2].preview.len()), (3, None, 256));
    tree.index_step(usize::MAX);
    let rows = tree.rows(0..10);
    assert_eq!((rows.len(), rows[2].byte_len), (4, Some((2 << 20) + 2)));
}

#[test]
fn small_containers_start_open() {
    let long = vec!["{\"x\":[1,2,3]}"; 500].join(",");
    let json = format!(
        "{{\"entry\":{{\"id\":1,\"input\":{{\"query\":\"q\"}}}},\"spans\":[{long}],\"feedback\":null}}"
    );
    let tree = Tree::new(Raw::owned(json.into_bytes()));
    let rows = tree.rows(0..100);
    let open: Vec<_> =
        rows.iter().filter(|row| row.is_open == Some(true)).map(|row| row.label.clone()).collect();
    assert_eq!(open, [Label::Root, Label::Key("entry".to_owned()), Label::Key("input".to_owned())]);
    assert_eq!(rows.len(), 7);
}

#[test]
fn deep_nesting_uses_no_stack_and_levels_open_and_close() {
    let json = ["[".repeat(200_000), "]".repeat(200_000)].concat();
    let mut tree = tree(&json);
    assert!(!tree.open_all(300, &mut { usize::MAX }));
    assert_eq!(tree.len(), 201, "deeper levels open row by row");
    assert!(tree.open(200));
    assert_eq!(tree.len(), 202);
    tree.open_to_depth(2, 1000);
    assert_eq!(tree.len(), 3);
    tree.close_all();
    assert_eq!(tree.len(), 2);
    tree.open_to_depth(0, 1000);
    assert_eq!(tree.len(), 1);
}

#[test]
fn paths_render_as_json_path_and_jq_filter() {
    let json = r#"{"chunks":[0,1,{"text":"x","a b":{"\"":[7]}}]}"#;
    let mut tree = tree(json);
    let row = tree.reveal_offset(json.find('x').unwrap()).unwrap();
    assert_eq!(json_path(&tree.path(row)), "$.chunks[2].text");
    assert_eq!(jq_filter(&tree.path(row)), ".chunks[2].text");
    let row = tree.reveal_offset(json.find('7').unwrap()).unwrap();
    assert_eq!(json_path(&tree.path(row)), r#"$.chunks[2]["a b"]["\""][0]"#);
    assert_eq!(jq_filter(&tree.path(row)), r#".chunks[2]."a b"."\""[0]"#);
    assert_eq!(
        (json_path(&[]), jq_filter(&[]), jq_filter(&[PathStep::Index(3)])),
        ("$".into(), ".".into(), ".[3]".into())
    );
    assert_eq!(tree.reveal(&[PathStep::Key("missing".to_owned())]), None);
    assert_eq!(tree.value(row).map(Value::raw), Some(&b"7"[..]));
}
