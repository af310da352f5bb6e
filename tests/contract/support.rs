//! The sample bodies and their services.

use std::path::Path;

use unspool::testing::json::Value;
use unspool::testing::provider::{self, Provider};

/// Reads a file of `tests/fixtures`.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the provider with this id.
pub fn service(name: &str) -> &'static dyn Provider {
    provider::by_id(name).unwrap()
}

/// Returns the raw messages of a body.
pub fn messages(body: &[u8]) -> Vec<&[u8]> {
    Value::of(body).get("messages").map(|list| list.elements().map(Value::raw).collect()).unwrap_or_default()
}
