use proptest::prelude::*;

use super::*;

fn json_value(text: &str) -> Value<'_> {
    Value::of(text.as_bytes())
}

#[test]
fn last_duplicate_member_wins() {
    assert_eq!(json_value(r#"{"a":1,"b":2,"\u0061":3}"#).get("a").and_then(Value::as_i64), Some(3));
    assert_eq!(json_value(r#"{"a":1,"a":null}"#).get("a"), None);
}

#[test]
fn names_are_compared_after_decoding() {
    let value = json_value(r#"{"x\"y":1,"\\":2,"a\\u0062":3}"#);
    assert_eq!(value.get("x\"y").and_then(Value::as_i64), Some(1));
    assert_eq!(value.get("\\").and_then(Value::as_i64), Some(2));
    assert_eq!(value.get("x\\\"y"), None);
    assert_eq!(value.get("a\\u0062").and_then(Value::as_i64), Some(3));
}

#[test]
fn kind_depends_on_the_first_bytes() {
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
        assert_eq!(json_value(text).kind(), kind, "{text}");
    }
}

#[test]
fn numbers_saturate_and_may_be_strings() {
    assert_eq!(json_value("1e3").as_i64(), Some(1000));
    assert_eq!(json_value("5.0").as_i64(), Some(5));
    assert_eq!(json_value("\" -7 \"").as_i64(), Some(-7));
    assert_eq!(json_value("1e400").as_i64(), Some(i64::MAX));
    assert_eq!(json_value("-1e400").as_f64(), Some(f64::MIN));
    assert_eq!(json_value(&"9".repeat(400)).as_i64(), Some(i64::MAX));
    assert_eq!(json_value("\"inf\"").as_f64(), None);
    assert_eq!(json_value("NaN").as_f64(), None);
    assert_eq!(json_value("true").as_i64(), None);
}

#[test]
fn syntax_errors_are_reported_after_the_readable_members() {
    let cases = [
        (r#"{"a":1 "b":2}"#, 2, "missing comma"),
        (r#"{"a":1,}"#, 1, "extra comma"),
        (r#"{"a" 1}"#, 1, "missing colon"),
        (r#"{"a":}"#, 1, "missing value"),
        (r#"{a:1}"#, 1, "unquoted key"),
        (r#"{"a":1]"#, 1, "closed by the wrong bracket"),
        (r#"{"a":1} x"#, 1, "data after its end"),
        (r#"{"a":[1,{"b""#, 1, "cut off"),
        (r#"{"a":1,"b":"c"#, 2, "cut off"),
        ("[]", 0, "not an object"),
    ];
    for (text, count, reason) in cases {
        let mut members = json_value(text).members();
        assert_eq!(members.by_ref().count(), count, "{text}");
        assert_eq!(members.error().map(|error| error.reason), Some(reason), "{text}");
    }
    let mut members = json_value(r#" {"a":NaN , "b":[1,2] } "#).members();
    assert_eq!((members.by_ref().count(), members.error()), (2, None));
}

#[test]
fn truncated_value_is_still_returned() {
    let value = json_value(r#"{"id":7,"text":"so f"#);
    assert_eq!(value.get("id").and_then(Value::as_i64), Some(7));
    assert_eq!(value.get("text").and_then(Value::as_str).as_deref(), Some("so f"));
}

#[test]
fn is_empty_ignores_whitespace() {
    assert!(
        json_value("{ \n}").is_empty()
            && json_value("[]").is_empty()
            && json_value("\"\"").is_empty()
            && json_value(" ").is_empty()
    );
    assert!(
        !json_value("[0]").is_empty() && !json_value("null").is_empty() && !json_value("\" \"").is_empty()
    );
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

fn to_serde_value(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Object => {
            value.members().map(|(key, value)| (key.text().into_owned(), to_serde_value(value))).collect()
        }
        Kind::Array => value.elements().map(to_serde_value).collect(),
        Kind::String => value.as_str().unwrap().into(),
        Kind::Number => value.as_i64().unwrap().into(),
        Kind::Bool => value.as_bool().unwrap().into(),
        Kind::Null => serde_json::Value::Null,
        Kind::Invalid => panic!("no value"),
    }
}

proptest! {
    #[test]
    fn iteration_agrees_with_a_strict_parser(json in any_json(), wide in any::<bool>()) {
        let text = if wide { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        prop_assert_eq!(to_serde_value(json_value(&text)), json);
    }

    #[test]
    fn any_bytes_can_be_iterated(bytes in proptest::collection::vec(
        prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b'"'), Just(b':'), Just(b','), any::<u8>()], 0..60))
    {
        let value = Value::of(&bytes);
        let sum: usize = value.members().map(|(key, value)| key.raw().len() + value.raw().len()).sum();
        prop_assert!(sum <= bytes.len());
        prop_assert!(value.elements().map(|value| value.raw().len()).sum::<usize>() <= bytes.len());
        let _ = (value.as_i64(), value.as_f64(), value.text(), value.is_empty());
    }
}

#[test]
fn json_in_a_string_is_found_only_if_it_is_a_container() {
    let embedded = |text: &str| Value::of(text.as_bytes()).embedded_json();
    assert_eq!(embedded(r#""{\"a\":1}""#).as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(embedded(r#"" [1, 2] ""#).as_deref(), Some(" [1, 2] "));
    for text in [r#""text""#, r#""{\"a\":""#, r#""7""#, r#"{"a":1}"#, "null"] {
        assert_eq!(embedded(text), None, "{text}");
    }
}
