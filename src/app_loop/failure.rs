//! The events and errors about tasks that failed.

use crate::domain::{ExitCode, RequestId, UserError};
use crate::event::{Event, FetchUpdate};
use crate::provider;

/// Returns the event about a task that panicked.
pub fn task_failed_event(what: &str) -> Event {
    Event::TaskFailed { message: format!("Internal error ({what}). Details are in the log.") }
}

/// Returns the event that fails the request, which would otherwise wait forever.
pub fn request_failed_event(request: RequestId, what: &str) -> Event {
    Event::Fetch { request, update: FetchUpdate::Failed(internal_error(what)) }
}

/// Returns the error of a task that panicked.
pub fn internal_error(what: &str) -> UserError {
    UserError::new(
        format!("Internal error ({what})"),
        "This is a bug in unspool. Try again; details are in the log.",
        ExitCode::Failure,
    )
}

/// Returns the error about a service that the program does not support.
pub fn unknown_service_error(service: &str) -> UserError {
    UserError::new(
        format!("unknown service: {service}"),
        format!("Pass {}.", provider::id_forms()),
        ExitCode::Usage,
    )
}
