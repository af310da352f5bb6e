use proptest::prelude::*;

use super::*;

fn of(text: &str) -> Value<'_> {
    Value::of(text.as_bytes())
}

#[test]
fn the_last_of_duplicate_members_counts() {
    assert_eq!(of(r#"{"a":1,"b":2,"\u0061":3}"#).get("a").and_then(Value::as_i64), Some(3));
    assert_eq!(of(r#"{"a":1,"a":null}"#).get("a"), None);
}

#[test]
fn names_are_compared_as_they_are_decoded() {
    let value = of(r#"{"x\"y":1,"\\":2,"a\\u0062":3}"#);
    assert_eq!(value.get("x\"y").and_then(Value::as_i64), Some(1));
    assert_eq!(value.get("\\").and_then(Value::as_i64), Some(2));
    assert_eq!(value.get("x\\\"y"), None);
    assert_eq!(value.get("a\\u0062").and_then(Value::as_i64), Some(3));
}

#[test]
fn kinds_go_by_the_first_bytes() {
    let kinds = [
        ("null", Kind::Null),
        ("true", Kind::Bool),
        ("-1e400", Kind::Number),
        ("\"", Kind::String),
        ("[", Kind::Array),
        ("{", Kind::Object),
        ("NaN", Kind::Invalid),
        ("-Infinity", Kind::Invalid),
        ("", Kind::Invalid),
    ];
    for (text, kind) in kinds {
        assert_eq!(of(text).kind(), kind, "{text}");
    }
}

#[test]
fn numbers_saturate_and_may_stand_in_strings() {
    assert_eq!(of("1e3").as_i64(), Some(1000));
    assert_eq!(of("5.0").as_i64(), Some(5));
    assert_eq!(of("\" -7 \"").as_i64(), Some(-7));
    assert_eq!(of("1e400").as_i64(), Some(i64::MAX));
    assert_eq!(of("-1e400").as_f64(), Some(f64::MIN));
    assert_eq!(of(&"9".repeat(400)).as_i64(), Some(i64::MAX));
    assert_eq!(of("\"inf\"").as_f64(), None);
    assert_eq!(of("NaN").as_f64(), None);
    assert_eq!(of("true").as_i64(), None);
}

#[test]
fn faults_are_told_after_what_could_be_had() {
    let cases = [
        (r#"{"a":1 "b":2}"#, 2, "a comma is missing"),
        (r#"{"a":1,}"#, 1, "there is a comma too many"),
        (r#"{"a" 1}"#, 1, "a colon is missing"),
        (r#"{"a":}"#, 1, "a value is missing"),
        (r#"{a:1}"#, 1, "a name has no quotes"),
        (r#"{"a":1]"#, 1, "it is closed by the wrong bracket"),
        (r#"{"a":1} x"#, 1, "something follows after its end"),
        (r#"{"a":[1,{"b""#, 1, "it is cut off"),
        (r#"{"a":1,"b":"c"#, 2, "it is cut off"),
        ("[]", 0, "it is not an object"),
    ];
    for (text, count, reason) in cases {
        let mut members = of(text).members();
        assert_eq!(members.by_ref().count(), count, "{text}");
        assert_eq!(members.fault().map(|fault| fault.reason), Some(reason), "{text}");
    }
    let mut good = of(r#" {"a":NaN , "b":[1,2] } "#).members();
    assert_eq!((good.by_ref().count(), good.fault()), (2, None));
}

#[test]
fn a_value_that_is_cut_off_is_still_given() {
    let value = of(r#"{"id":7,"text":"so f"#);
    assert_eq!(value.get("id").and_then(Value::as_i64), Some(7));
    assert_eq!(value.get("text").and_then(Value::as_str).as_deref(), Some("so f"));
}

#[test]
fn emptiness_sees_through_white_space() {
    assert!(of("{ \n}").is_empty() && of("[]").is_empty() && of("\"\"").is_empty() && of(" ").is_empty());
    assert!(!of("[0]").is_empty() && !of("null").is_empty() && !of("\" \"").is_empty());
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            proptest::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn rebuild(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Object => {
            value.members().map(|(key, value)| (key.text().into_owned(), rebuild(value))).collect()
        }
        Kind::Array => value.elements().map(rebuild).collect(),
        Kind::String => value.as_str().unwrap().into(),
        Kind::Number => value.as_i64().unwrap().into(),
        Kind::Bool => value.as_bool().unwrap().into(),
        Kind::Null => serde_json::Value::Null,
        Kind::Invalid => panic!("no value"),
    }
}

proptest! {
    #[test]
    fn walking_finds_what_a_strict_parser_finds(json in any_json(), wide in any::<bool>()) {
        let text = if wide { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        prop_assert_eq!(rebuild(of(&text)), json);
    }

    #[test]
    fn any_bytes_can_be_walked(bytes in proptest::collection::vec(
        prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b'"'), Just(b':'), Just(b','), any::<u8>()], 0..60))
    {
        let value = Value::of(&bytes);
        let sum: usize = value.members().map(|(key, value)| key.raw().len() + value.raw().len()).sum();
        prop_assert!(sum <= bytes.len());
        prop_assert!(value.elements().map(|value| value.raw().len()).sum::<usize>() <= bytes.len());
        let _ = (value.as_i64(), value.as_f64(), value.text(), value.is_empty());
    }
}
