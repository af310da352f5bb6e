//! Redaction of any JSON string. The result is a JSON string, and a key and a mail address within the bytes do not
//! remain.
#![no_main]

use libfuzzer_sys::fuzz_target;
use unspool::testing::export::Redactor;

const KEY: &str = "ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R";
const MAIL: &str = "ada.lovelace@mail.example";

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let half = text.floor_char_boundary(text.len() / 2);
    let (before, after) = text.split_at(half);
    if text.contains(&KEY[4..12]) {
        // The part also occurs alone, where it is no secret.
        return;
    }
    let text = format!("{before}{KEY}{after} {MAIL} {before}");
    let json = serde_json::to_string(&text).unwrap();
    let mut redactor = Redactor::new(&[]).unwrap();
    let masked = redactor.redact_json(json.as_bytes());
    let masked: String = serde_json::from_slice(&masked).expect("a JSON string");
    assert!(!masked.contains(&KEY[4..12]), "{masked:?}");
    assert!(!masked.contains(MAIL), "{masked:?}");
});
