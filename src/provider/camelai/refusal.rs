//! What to do when camelAI says no.

use crate::provider::explain::{self, Refusal, Settings};

pub(super) fn explain(status: u16, body: &[u8]) -> Refusal {
    let settings = Settings {
        key: "CAMEL_API_KEY",
        base_url: "CAMEL_API_URL",
        on_401: "Check CAMEL_API_KEY.",
        on_403: "This key may not read this thread: check that CAMEL_API_KEY belongs to the account of the thread.",
        on_404: "Check the thread id: no thread has it, or it belongs to another account than CAMEL_API_KEY.",
    };
    Refusal { said: explain::sentences(body), advice: explain::advice(status, &settings) }
}
