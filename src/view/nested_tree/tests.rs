use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::json::tree::{jq_filter, json_path};

fn nested_tree(text: &str) -> NestedTree {
    NestedTree::new(Raw::owned(text.as_bytes().to_vec()))
}

/// JSON with JSON in its strings, and strings that only look like JSON.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0_u32..1000).prop_map(|number| number.to_string()),
        "[a-z{}\\[\\],: ä]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            vec(inner.clone(), 0..5).prop_map(|items| {
                let member = |(number, item)| format!("\"k{number}\":{item}");
                format!("{{{}}}", items.iter().enumerate().map(member).collect::<Vec<_>>().join(","))
            }),
            inner.prop_map(|text| serde_json::to_string(&format!(" {text}")).unwrap()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn rows_of_all_trees_count_as_one(text in any_json(), operations in vec((any::<prop::sample::Index>(), 0..4u8), 0..24)) {
        let mut tree = nested_tree(&text);
        for (row, operation) in operations {
            let row = row.index(tree.len());
            match operation {
                0 => { tree.close(row); }
                1 => { tree.toggle(row); }
                _ => { tree.open(row); }
            }
        }
        let all = tree.rows(0..usize::MAX);
        prop_assert_eq!(all.len(), tree.len());
        for row in 0..all.len() {
            prop_assert_eq!(&tree.rows(row..row + 3)[..], &all[row..all.len().min(row + 3)]);
            prop_assert_eq!(tree.row_of(&tree.id_at(row).unwrap()), Some(row));
            let parent = tree.parent(row).map_or(0, |parent| all[parent].row.depth + 1);
            prop_assert_eq!(all[row].row.depth, parent);
            let path = tree.path(row);
            prop_assert_eq!(tree.reveal(&path), Some(row), "{}", json_path(&path));
        }
        prop_assert_eq!(tree.rows(0..usize::MAX), all);
        let own = tree.tree.rows(0..usize::MAX);
        let strings = own.iter().enumerate().filter(|(_, row)| row.kind == Kind::String).map(|(row, _)| row);
        prop_assert_eq!(tree.tree.rows_where(|raw| raw.starts_with(b"\""), 99), strings.take(99).collect::<Vec<_>>());
    }
}

#[test]
fn embedded_json_opens_in_place() {
    let mut tree = nested_tree(r#"{"a":"{\"b\":[1,\"[true]\"]}","c":2}"#);
    assert_eq!((tree.len(), tree.is_open(1)), (3, Some(false)));
    assert!(tree.open(1));
    assert_eq!(tree.len(), 6);
    let path = tree.path(4);
    assert_eq!(json_path(&path), "$.a ⟶ $.b[1]");
    assert_eq!(jq_filter(&path), ".a | fromjson | .b[1]");
    assert!(tree.open(4));
    assert_eq!(json_path(&tree.path(5)), "$.a ⟶ $.b[1] ⟶ $[0]");
    assert_eq!(tree.value(5).unwrap().raw(), b"true");
    assert_eq!(json_path(&tree.path(6)), "$.c");
    assert_eq!((tree.next_sibling(1), tree.previous_sibling(6)), (Some(6), Some(1)));
    assert!(tree.close(1));
    assert_eq!(tree.len(), 3);
    assert!(tree.open(1));
    assert_eq!(tree.len(), 7, "inner rows stay open");
}

#[test]
fn text_that_only_looks_like_json_does_not_open() {
    for text in ["{name}", "[see above]", "[1] and [2]", "{", "[1", "12", "", "{\"a\":}x"] {
        let json = serde_json::to_string(&[text]).unwrap();
        let mut tree = nested_tree(&json);
        assert_eq!(tree.is_open(1), None, "{text}");
        assert!(!tree.open(1), "{text}");
    }
}

#[test]
fn revealing_an_offset_inside_embedded_json_opens_it() {
    let text = r#"{"a":"  {\"b\":\"x\\\"y\",\"c\":\"needle\"}"}"#;
    let mut tree = nested_tree(text);
    let place = tree.reveal_offset(text.find("needle").unwrap()).unwrap();
    assert_eq!(json_path(&tree.path(place.row)), "$.a ⟶ $.c");
    let around = tree.excerpt(place, 9).unwrap();
    assert_eq!((around.before.as_str(), around.after.as_str()), ("", "needle"));
}

const LARGE_BUDGET: ExpandBudget =
    ExpandBudget { rows: 100_000, strings: 100, bytes: 1 << 20, depth: 9, scannable: 1 << 20 };

#[test]
fn open_all_opens_nested_embedded_json() {
    let mut tree = nested_tree(r#"{"a":"{\"b\":[1,\"[true]\"]}","c":"[see above]","d":{"e":" [[]]"}}"#);
    let mut budget = LARGE_BUDGET;
    assert!(tree.open_all(&mut budget));
    let open: Vec<_> = tree.rows(0..99).iter().map(|row| row.row.is_open).collect();
    let expected = [1, 1, 1, 0, 1, 0, 0, 1, 1, 1].map(|open| (open == 1).then_some(true));
    assert_eq!(open, expected);
    assert_eq!((budget.strings, budget.depth), (97, 9));
    tree.close_all();
    assert!(tree.open_all(&mut { LARGE_BUDGET }), "and again");
    assert_eq!(tree.len(), expected.len());
}

#[test]
fn open_all_reports_what_exceeds_the_budget() {
    let strings = serde_json::to_string(&vec!["[1]"; 9]).unwrap();
    let deep = (0..6).fold("[1]".to_owned(), |inner, _| serde_json::to_string(&[inner]).unwrap());
    for (text, budget, len) in [
        (&strings, ExpandBudget { strings: 4, ..LARGE_BUDGET }, 14),
        (&strings, ExpandBudget { bytes: 12, ..LARGE_BUDGET }, 12),
        (&strings, ExpandBudget { rows: 13, ..LARGE_BUDGET }, 12),
        (&deep, ExpandBudget { scannable: 40, ..LARGE_BUDGET }, 2),
        (&deep, ExpandBudget { depth: 2, ..LARGE_BUDGET }, 4),
    ] {
        let mut tree = nested_tree(text);
        assert!(!tree.open_all(&mut { budget }), "{budget:?}");
        assert_eq!(tree.len(), len, "{budget:?}");
    }
}

#[test]
fn open_all_ignores_text_that_only_looks_like_json() {
    let mut tree = nested_tree(r#"["[see above]", "{name}"]"#);
    assert!(tree.open_all(&mut ExpandBudget { strings: 0, ..LARGE_BUDGET }));
}

#[test]
fn open_all_opens_long_containers_to_the_end() {
    let text = format!("[{}]", vec!["[[1]]"; 20_000].join(","));
    let mut tree = nested_tree(&text);
    assert!(tree.open_all(&mut { LARGE_BUDGET }));
    assert_eq!(tree.len(), 60_001);
}
