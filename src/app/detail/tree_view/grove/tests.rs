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
        let own = grove.tree.rows(0..usize::MAX);
        let strings = own.iter().enumerate().filter(|(_, row)| row.kind == Kind::String).map(|(row, _)| row);
        prop_assert_eq!(grove.tree.rows_where(|raw| raw.starts_with(b"\""), 99), strings.take(99).collect::<Vec<_>>());
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

const ROOMY: Room = Room { rows: 100_000, strings: 100, bytes: 1 << 20, depth: 9 };

#[test]
fn everything_opens_strings_in_strings_included() {
    let mut grove = grove(r#"{"a":"{\"b\":[1,\"[true]\"]}","c":"[see above]","d":{"e":" [[]]"}}"#);
    let mut room = ROOMY;
    assert!(grove.open_all(&mut room));
    let open: Vec<_> = grove.rows(0..99).iter().map(|row| row.row.open).collect();
    let expected = [1, 1, 1, 0, 1, 0, 0, 1, 1, 1].map(|open| (open == 1).then_some(true));
    assert_eq!(open, expected);
    assert_eq!((room.strings, room.depth), (97, 9));
    grove.close_all();
    assert!(grove.open_all(&mut { ROOMY }), "and again");
    assert_eq!(grove.len(), expected.len());
}

#[test]
fn what_there_is_no_room_for_stays_closed_and_is_told_of() {
    let strings = serde_json::to_string(&vec!["[1]"; 9]).unwrap();
    let deep = (0..6).fold("[1]".to_owned(), |inner, _| serde_json::to_string(&[inner]).unwrap());
    for (text, room, len) in [
        (&strings, Room { strings: 4, ..ROOMY }, 14),
        (&strings, Room { bytes: 12, ..ROOMY }, 12),
        (&strings, Room { rows: 13, ..ROOMY }, 12),
        (&deep, Room { depth: 2, ..ROOMY }, 4),
    ] {
        let mut grove = grove(text);
        assert!(!grove.open_all(&mut { room }), "{room:?}");
        assert_eq!(grove.len(), len, "{room:?}");
    }
}

#[test]
fn what_only_looks_like_json_is_not_missed() {
    let mut grove = grove(r#"["[see above]", "{name}"]"#);
    assert!(grove.open_all(&mut Room { strings: 0, ..ROOMY }));
}

#[test]
fn a_container_longer_than_is_walked_at_once_opens_to_its_end() {
    let text = format!("[{}]", vec!["[[1]]"; 20_000].join(","));
    let mut grove = grove(&text);
    assert!(grove.open_all(&mut { ROOMY }));
    assert_eq!(grove.len(), 60_001);
}
