use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::json::tree::{jq_filter, json_path};

fn grove(text: &str) -> Grove {
    Grove::new(Raw::owned(text.as_bytes().to_vec()))
}

/// JSON with JSON in its strings, and strings that only look like it.
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
    fn rows_of_all_trees_count_as_one(text in any_json(), touches in vec((any::<prop::sample::Index>(), 0..4u8), 0..24)) {
        let mut grove = grove(&text);
        for (row, what) in touches {
            let row = row.index(grove.len());
            match what {
                0 => { grove.close(row); }
                1 => { grove.toggle(row); }
                _ => { grove.open(row); }
            }
        }
        let all = grove.rows(0..usize::MAX);
        prop_assert_eq!(all.len(), grove.len());
        for row in 0..all.len() {
            prop_assert_eq!(&grove.rows(row..row + 3)[..], &all[row..all.len().min(row + 3)]);
            prop_assert_eq!(grove.row_of(&grove.id_at(row).unwrap()), Some(row));
            let parent = grove.parent(row).map_or(0, |parent| all[parent].row.depth + 1);
            prop_assert_eq!(all[row].row.depth, parent);
            let path = grove.path(row);
            prop_assert_eq!(grove.reveal(&path), Some(row), "{}", json_path(&path));
        }
        prop_assert_eq!(grove.rows(0..usize::MAX), all);
    }
}

#[test]
fn a_string_that_holds_json_opens_where_it_stands() {
    let mut grove = grove(r#"{"a":"{\"b\":[1,\"[true]\"]}","c":2}"#);
    assert_eq!((grove.len(), grove.is_open(1)), (3, Some(false)));
    assert!(grove.open(1));
    assert_eq!(grove.len(), 6);
    let path = grove.path(4);
    assert_eq!(json_path(&path), "$.a ⟶ $.b[1]");
    assert_eq!(jq_filter(&path), ".a | fromjson | .b[1]");
    assert!(grove.open(4));
    assert_eq!(json_path(&grove.path(5)), "$.a ⟶ $.b[1] ⟶ $[0]");
    assert_eq!(grove.value(5).unwrap().raw(), b"true");
    assert_eq!(json_path(&grove.path(6)), "$.c");
    assert_eq!((grove.next_sibling(1), grove.previous_sibling(6)), (Some(6), Some(1)));
    assert!(grove.close(1));
    assert_eq!(grove.len(), 3);
    assert!(grove.open(1));
    assert_eq!(grove.len(), 7, "what was open inside is open again");
}

#[test]
fn what_only_looks_like_json_does_not_open() {
    for text in ["{name}", "[see above]", "[1] and [2]", "{", "[1", "12", "", "{\"a\":}x"] {
        let json = serde_json::to_string(&[text]).unwrap();
        let mut grove = grove(&json);
        assert_eq!(grove.is_open(1), None, "{text}");
        assert!(!grove.open(1), "{text}");
    }
}

#[test]
fn a_hit_inside_the_string_opens_it() {
    let text = r#"{"a":"  {\"b\":\"x\\\"y\",\"c\":\"needle\"}"}"#;
    let mut grove = grove(text);
    let place = grove.reveal_offset(text.find("needle").unwrap()).unwrap();
    assert_eq!(json_path(&grove.path(place.row)), "$.a ⟶ $.c");
    let around = grove.around(place, 9).unwrap();
    assert_eq!((around.before.as_str(), around.after.as_str()), ("", "needle"));
}
