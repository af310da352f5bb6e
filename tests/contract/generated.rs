//! Random bodies generated from the two OpenAPI documents, with the deviations of real servers: null for absent fields,
//! undocumented fields, negative numbers, years before 1970, unknown enum values.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Returns a small JSON value of any kind.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((member_name(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Text of any kind, error words included.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,20}",
        any::<String>(),
        Just("ERROR".to_owned()),
        Just("error".to_owned()),
        Just(String::new())
    ]
}

/// Member names, mostly those that the readers use.
fn member_name() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(vec![
        "query",
        "response",
        "output-text",
        "text",
        "content",
        "messages",
        "message",
        "role",
        "type",
        "input",
        "output",
        "choices",
        "context",
        "chunks",
        "metadata",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "usage",
        "error",
        "error_message",
        "input_tokens",
        "cost_usd",
        "model",
        "thought",
        "is_error",
        "title",
        "score",
        "thinking",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

fn any_object() -> impl Strategy<Value = Value> {
    proptest::collection::vec((member_name(), any_json()), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Returns a time between the years 1 and 9999, in one of the formats that servers write.
fn timestamp() -> impl Strategy<Value = Value> {
    let date = (1..=9999_u16, 1..=12_u8, 1..=28_u8);
    let clock = (0..24_u8, 0..60_u8, 0..60_u8, 0..1_000_000_u32);
    let zone = proptest::sample::select(vec!["Z", "", "+00:00", "-0730", "+05"]);
    (date, clock, zone, proptest::sample::select(vec!["T", " "])).prop_map(
        |((y, m, d), (h, min, s, us), zone, sep)| {
            Value::from(format!("{y:04}-{m:02}-{d:02}{sep}{h:02}:{min:02}:{s:02}.{us:06}{zone}"))
        },
    )
}

fn status() -> impl Strategy<Value = Value> {
    proptest::sample::select(vec!["SUCCESS", "ERROR", "CANCELED", "SOMETHING_NEW"]).prop_map(Value::from)
}

/// Returns an object with required members, optional ones (present, null or absent) and unknown ones.
fn object_with(
    required: Vec<(&'static str, BoxedStrategy<Value>)>,
    optional: Vec<(&'static str, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Value> {
    let fixed = |(name, strategy): (&'static str, BoxedStrategy<Value>)| {
        strategy.prop_map(move |value| Some((name.to_owned(), value))).boxed()
    };
    let loose = |(name, strategy): (&'static str, BoxedStrategy<Value>)| {
        prop_oneof![
            strategy.prop_map(move |value| Some((name.to_owned(), value))),
            Just(Some((name.to_owned(), Value::Null))),
            Just(None),
        ]
        .boxed()
    };
    let unknown = proptest::option::of(("x_[a-z]{1,6}", any_json())).boxed();
    let members: Vec<BoxedStrategy<Option<(String, Value)>>> =
        required.into_iter().map(fixed).chain(optional.into_iter().map(loose)).chain([unknown]).collect();
    let shuffled = members.prop_shuffle();
    shuffled.prop_map(|members| Value::Object(members.into_iter().flatten().collect::<Map<_, _>>())).boxed()
}

fn text_value() -> BoxedStrategy<Value> {
    text().prop_map(Value::from).boxed()
}

fn integer_value() -> BoxedStrategy<Value> {
    any::<i64>().prop_map(Value::from).boxed()
}

fn entry() -> BoxedStrategy<Value> {
    object_with(
        vec![
            ("id", text_value()),
            ("input", any_object().boxed()),
            ("output", any_object().boxed()),
            ("aggregated", any::<bool>().prop_map(Value::from).boxed()),
            ("application_spec_id", text_value()),
            ("application_variant_id", text_value()),
            ("start_timestamp", timestamp().boxed()),
            ("duration_ms", integer_value()),
            ("operation_status", status().boxed()),
            ("created_at", timestamp().boxed()),
        ],
        vec![
            ("chat_thread_id", text_value()),
            ("interaction_source", text_value()),
            ("models", proptest::collection::vec(text(), 0..3).prop_map(Value::from).boxed()),
            ("operation_metadata", any_object().boxed()),
        ],
    )
}

fn span() -> BoxedStrategy<Value> {
    object_with(
        vec![
            ("id", text_value()),
            ("node_id", text_value()),
            ("operation_type", text_value()),
            ("operation_status", status().boxed()),
            ("start_timestamp", timestamp().boxed()),
            ("duration_ms", integer_value()),
        ],
        vec![
            ("trace_id", text_value()),
            ("parent_id", text_value()),
            ("end_timestamp", timestamp().boxed()),
            ("operation_input", any_object().boxed()),
            ("operation_output", any_object().boxed()),
            ("operation_expected", any_object().boxed()),
            ("operation_metadata", any_object().boxed()),
        ],
    )
}

fn feedback() -> BoxedStrategy<Value> {
    let sentiment = proptest::sample::select(vec!["positive", "negative"]).prop_map(Value::from).boxed();
    object_with(
        vec![
            ("id", text_value()),
            ("chat_thread_id", text_value()),
            ("application_interaction_id", text_value()),
            ("sentiment", sentiment),
            ("description", text_value()),
            ("created_at", timestamp().boxed()),
        ],
        vec![],
    )
}

/// Returns a turn as in SGP's document.
pub fn turn() -> BoxedStrategy<Value> {
    let spans = proptest::collection::vec(span(), 0..4).prop_map(Value::from).boxed();
    object_with(vec![("entry", entry())], vec![("spans", spans), ("feedback", feedback())])
}

/// Returns a message as in camelAI's document.
pub fn message() -> BoxedStrategy<Value> {
    let role = proptest::sample::select(vec!["user", "assistant", "system", "tool", "hidden", "developer"]);
    let source = proptest::sample::select(vec!["UI", "API", "MCP"]);
    object_with(
        vec![
            ("id", integer_value()),
            ("created_at", timestamp().boxed()),
            ("source", source.prop_map(Value::from).boxed()),
        ],
        vec![
            ("role", role.prop_map(Value::from).boxed()),
            ("content", any_json().boxed()),
            ("metadata", any_json().boxed()),
            ("artifacts", proptest::collection::vec(any_json(), 0..3).prop_map(Value::from).boxed()),
        ],
    )
}
