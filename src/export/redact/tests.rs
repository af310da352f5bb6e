use std::sync::{LazyLock, Mutex, PoisonError};

use proptest::prelude::*;

use super::*;

mod forms;
mod numbers;

/// Compiling the rules takes longer than a whole case.
static SHARED: LazyLock<Mutex<Redactor>> = LazyLock::new(|| Mutex::new(new_redactor()));

const HARMLESS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/redact/harmless.txt"));

fn redact_json_shared(json: &[u8]) -> Vec<u8> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner).redact_json(json)
}

fn new_redactor() -> Redactor {
    Redactor::new(&[]).unwrap()
}

fn redact(text: &str) -> String {
    new_redactor().redact_text(text).into_owned()
}

#[test]
fn finds_every_kind_in_a_sentence() {
    for (secret, kind) in [
        ("ada.lovelace+x@mail.example.co.uk", "email"),
        ("jürgen@münchen.example", "email"),
        ("+49 (0)30 123456-78", "phone"),
        ("+1 415-555-0132", "phone"),
        ("(415) 555-0132", "phone"),
        ("415-555-0132", "phone"),
        ("030 12345678", "phone"),
        ("4111 1111 1111 1111", "card"),
        ("378282246310005", "card"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("GB82WEST12345698765432", "iban"),
        ("sk-proj-abcdefghijklmnop1234567890", "key"),
        ("AKIAIOSFODNN7EXAMPLE", "key"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "key"),
        ("xoxb-123456789012-abcdefghijkl", "key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "jwt"),
        ("123-45-6789", "ssn"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "private-key"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "private-key"),
    ] {
        let text = redact(&format!("It is {secret}"));
        assert_eq!(text, format!("It is [{kind}-1]"), "{secret}");
    }
}

#[test]
fn masks_values_and_keeps_their_names() {
    for (text, masked) in [
        ("password=hunter2hunter2", "password=[password-1]"),
        ("DB_PASSWORD=hunter22", "DB_PASSWORD=[password-1]"),
        ("Bearer abcdefghijklmnop123456", "Bearer [token-1]"),
        ("postgres://admin:hunter2@db/x", "postgres://admin:[password-1]@db/x"),
        ("redis://:pw@cache", "redis://:[password-1]@cache"),
        ("a?sig=abcdefgh1234567890%3D&se=2026", "a?sig=[secret-1]&se=2026"),
        ("Cookie: a=b; c=d", "Cookie: [cookie-1]"),
        ("'name': 'x', 'password': 'swordfish', 'y': 1", "'name': 'x', 'password': '[password-1]', 'y': 1"),
        (
            "Card 4111 1111 1111 1111 12/27 IBAN AT61 1904 3002 3457 3201 BIC GIBAATWW",
            "Card [card-1] 12/27 IBAN [iban-1] BIC GIBAATWW",
        ),
    ] {
        assert_eq!(redact(text), masked);
    }
}

#[test]
fn harmless_lines_stay() {
    let lines: Vec<&str> = HARMLESS.lines().collect();
    assert!(lines.len() >= 100);
    let changed: Vec<String> =
        lines.iter().map(|line| redact(line)).filter(|line| !lines.contains(&line.as_str())).collect();
    assert!(changed.is_empty(), "{changed:#?}");
    assert_eq!(redact(HARMLESS), HARMLESS);
}

#[test]
fn summary_names_the_kinds_and_never_calls_a_text_clean() {
    let mut redactor = Redactor::new(&["order=ORD-[0-9]+".to_owned()]).unwrap();
    let nothing = redactor.summary();
    assert!(nothing.starts_with("masked: nothing; looked for: mail addresses, "), "{nothing}");
    assert!(nothing.ends_with(", order; other forms may remain"), "{nothing}");
    redactor.redact_text("a@b.example, c@d.example, a@b.example");
    assert!(redactor.summary().starts_with("masked: 2 email (3 places); looked for: "));
}

#[test]
fn joins_overlapping_secrets() {
    let mut redactor = Redactor::new(&["a=abcdef".to_owned(), "b=defghi".to_owned()]).unwrap();
    assert_eq!(redactor.redact_text("xabcdefghix"), "x[a-1]x");
}

#[test]
fn masks_values_of_labelled_members_and_secret_numbers() {
    let json = br#"[{"name":"DB_PASSWORD","value":"swordfish"},{"name":"MODE","value":"swordfish"},{"pin":4711,"max_tokens":4711}]"#;
    let out = String::from_utf8(new_redactor().redact_json(json)).unwrap();
    assert_eq!(
        out,
        r#"[{"name":"DB_PASSWORD","value":"[secret-1]"},{"name":"MODE","value":"swordfish"},{"pin":"[secret-2]","max_tokens":4711}]"#
    );
}

#[test]
fn keeps_ids_times_versions_and_amounts() {
    for text in [
        "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
        "41111111-1111-4111-8111-111111111111",
        "2026-09-01T09:00:01.500000Z",
        "2026-09-01 09:00:01",
        "1788253201500000 µs, 1788253201500 ms",
        "order 4471, 12,345.67 EUR, 1.2.3, 10.0.0.1, 192.168.100.200",
        "4111 1111 1111 1112 has a wrong check digit",
        "total_tokens: 1949",
        "10:30:45.123456",
        "https://example.com/path?x=1",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn masks_equal_values_alike_and_counts_them() {
    let mut redactor = new_redactor();
    assert_eq!(
        redactor.redact_text("a@b.example, c@d.example, A@B.example"),
        "[email-1], [email-2], [email-1]"
    );
    assert_eq!(redactor.redact_text("c@d.example"), "[email-2]");
    assert_eq!(redactor.counts().get("email"), Some(&MaskCount { distinct_values: 2, occurrences: 4 }));
}

#[test]
fn decodes_json_strings_and_masks_values_of_secret_keys() {
    let json = br#"{"e":"a\u0040b.example","n":4111111111111111,"x\u0040y.example":{"Api-Key":"short","tokens":["x"],
        "token":["abc","def"],"total_tokens":7},"nested":"{\"mail\":\"a@b.example\"}","t":1788253201500}"#;
    let out = String::from_utf8(new_redactor().redact_json(json)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(value["e"], "[email-1]");
    assert_eq!(value["n"], "[card-1]");
    assert_eq!(value["[email-2]"]["Api-Key"], "[secret-1]");
    assert_eq!(value["[email-2]"]["token"], serde_json::json!(["[secret-2]", "[secret-3]"]));
    assert_eq!(value["[email-2]"]["tokens"][0], "x");
    assert_eq!(
        (value["[email-2]"]["total_tokens"].as_i64(), value["t"].as_i64()),
        (Some(7), Some(1_788_253_201_500))
    );
    assert_eq!(value["nested"], "{\"mail\":\"[email-1]\"}");
}

#[test]
fn applies_custom_rules_too() {
    let mut redactor = Redactor::new(&["order=ORD-[0-9]+".to_owned()]).unwrap();
    assert_eq!(redactor.redact_text("ORD-12 of a@b.example"), "[order-1] of [email-1]");
    assert!(matches!(Redactor::new(&["x".to_owned()]), Err(PatternError::Syntax(_))));
    assert!(matches!(Redactor::new(&["a b=c".to_owned()]), Err(PatternError::Syntax(_))));
    assert!(matches!(Redactor::new(&["x=(".to_owned()]), Err(PatternError::Regex { .. })));
}

proptest! {
    #[test]
    fn keeps_json_without_secrets_unchanged(bytes in "[\\[\\]{}\":,0-9a-z\\\\ \n]{0,60}") {
        prop_assert_eq!(redact_json_shared(bytes.as_bytes()), bytes.as_bytes());
    }

    #[test]
    fn masks_an_address_in_any_context(before in ".{0,10}", after in "[^\\p{L}\\p{N}._%+'-].{0,10}") {
        let json = serde_json::to_string(&format!("{before} joe@mail.example{after}")).unwrap();
        let out = String::from_utf8(redact_json_shared(json.as_bytes())).unwrap();
        prop_assert!(!out.contains("joe@mail.example"), "{}", out);
        prop_assert!(serde_json::from_str::<String>(&out).is_ok());
    }
}
