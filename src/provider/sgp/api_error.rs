//! What to do when SGP says no.

use crate::provider::ServiceAccess;
use crate::provider::error_body::{self, ApiError, ServiceHints};

pub(super) fn explain_error(status: u16, body: &[u8], access: &ServiceAccess) -> ApiError {
    let has_account = access.account_id.as_deref().is_some_and(|account| !account.trim().is_empty());
    let on_401 = if has_account {
        "Check SGP_API_KEY, and that it belongs to the account in SGP_ACCOUNT_ID."
    } else {
        "Check SGP_API_KEY. SGP_ACCOUNT_ID is not set, and most keys are refused without it."
    };
    let on_403 = match (has_account, access.fetch_by_account) {
        (false, _) => {
            "This key may not read this thread: set SGP_ACCOUNT_ID to the account that the thread is in."
        }
        (true, false) => {
            "This key may not read this thread: check SGP_ACCOUNT_ID, or, if the thread is somebody else's, \
             fetch it by account."
        }
        (true, true) => {
            "This key may not read this account's threads: check SGP_ACCOUNT_ID, or ask an admin of the account."
        }
    };
    let on_404 = if access.fetch_by_account {
        "Check the thread id and SGP_ACCOUNT_ID."
    } else {
        "Check the thread id. If the thread is somebody else's, fetch it by account; only admins may."
    };
    let settings = ServiceHints {
        key_variable: "SGP_API_KEY",
        base_url_variable: "SGP_CLIENT_BASE_URL",
        on_401,
        on_403,
        on_404,
    };
    ApiError {
        messages: error_body::error_messages(body),
        hint: error_body::hint_for_status(status, &settings),
    }
}
