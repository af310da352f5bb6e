//! What to do when camelAI says no.

use crate::provider::error_body::{self, ApiError, ServiceHints};

pub(super) fn explain_error(status: u16, body: &[u8]) -> ApiError {
    let settings = ServiceHints {
        key_variable: "CAMEL_API_KEY",
        base_url_variable: "CAMEL_API_URL",
        on_401: "Check CAMEL_API_KEY.",
        on_403: "This key may not read this thread: check that CAMEL_API_KEY belongs to the account of the thread.",
        on_404: "Check the thread id: no thread has it, or it belongs to another account than CAMEL_API_KEY.",
    };
    ApiError {
        messages: error_body::error_messages(body),
        hint: error_body::hint_for_status(status, &settings),
    }
}
