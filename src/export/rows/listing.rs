//! The columns of lists: accounts, applications, variants and threads of a service.

use super::{Cell, Row};
use crate::domain::{ListedAccount, ListedApplication, ListedThread, ListedVariant};

fn row_of(kind: &'static str, service: &str) -> Row {
    vec![("type", Cell::text(kind)), ("service", Cell::text(service))]
}

/// Returns a text, or null if it is empty.
fn name_cell(name: &str) -> Cell {
    Some(name).filter(|name| !name.is_empty()).into()
}

/// Returns the row of an account.
pub fn listed_account_row(service: &str, account: &ListedAccount) -> Row {
    let mut row = row_of("listed_account", service);
    row.extend([
        ("account_id", Cell::text(&account.id)),
        ("account_name", name_cell(&account.name)),
        ("account_role", name_cell(&account.role)),
        ("account_status", name_cell(&account.status)),
    ]);
    row
}

/// Returns the row of an application.
pub fn listed_application_row(service: &str, application: &ListedApplication) -> Row {
    let mut row = row_of("listed_application", service);
    row.extend([
        ("application_id", Cell::text(&application.id)),
        ("application_name", name_cell(&application.name)),
        ("created_at", application.created_at.into()),
        ("archived_at", application.archived_at.into()),
    ]);
    row
}

/// Returns the row of a variant of the application with this name, which may be empty.
pub fn listed_variant_row(service: &str, variant: &ListedVariant, application_name: &str) -> Row {
    let mut row = row_of("listed_variant", service);
    row.extend([
        ("variant_id", Cell::text(&variant.id)),
        ("variant_name", name_cell(&variant.name)),
        ("application_id", variant.application_id.as_deref().into()),
        ("application_name", name_cell(application_name)),
        ("variant_version", name_cell(&variant.version)),
        ("is_draft", Cell::Bool(variant.is_draft)),
        ("updated_at", variant.updated_at.into()),
    ]);
    row
}

/// Returns the row of a thread of the application and variant with these names, which may be empty.
pub fn listed_thread_row(
    service: &str,
    thread: &ListedThread,
    application_name: &str,
    variant_name: &str,
) -> Row {
    let mut row = row_of("listed_thread", service);
    row.extend([
        ("thread_id", Cell::text(&thread.id)),
        ("title", name_cell(&thread.title)),
        ("application_id", thread.application_id.as_deref().into()),
        ("application_name", name_cell(application_name)),
        ("variant_id", thread.variant_id.as_deref().into()),
        ("variant_name", name_cell(variant_name)),
        ("user_id", thread.user.as_deref().into()),
        ("started_from", thread.origin.as_deref().into()),
        ("model", thread.model.as_deref().into()),
        ("message_count", thread.message_count.and_then(|count| i64::try_from(count).ok()).into()),
        ("created_at", thread.created_at.into()),
        ("updated_at", thread.updated_at.into()),
        ("archived_at", thread.archived_at.into()),
    ]);
    row
}
