//! Entries of SGP's lists. Only the fields that a list needs are read, because a variant's configuration may be large.

use crate::domain::{ListedAccount, ListedApplication, ListedThread, ListedVariant};
use crate::json::Value;
use crate::provider::fields;
use crate::provider::listing::id;

/// Reads one of the `access_profiles` of `/user-info`.
pub(super) fn read_account(profile: Value<'_>) -> Option<ListedAccount> {
    let [role, account] = profile.get_many(["role", "account"]);
    let [account_id, name, status] = account?.get_many(["id", "name", "status"]);
    Some(ListedAccount {
        id: id(account_id)?,
        name: fields::text(name),
        role: fields::text(role),
        status: fields::text(status),
    })
}

pub(super) fn read_application(row: Value<'_>) -> Option<ListedApplication> {
    let [spec_id, name, created, archived] = row.get_many(["id", "name", "created_at", "archived_at"]);
    Some(ListedApplication {
        id: id(spec_id)?,
        name: fields::text(name),
        created_at: created.and_then(fields::timestamp),
        archived_at: archived.and_then(fields::timestamp),
    })
}

pub(super) fn read_variant(row: Value<'_>) -> Option<ListedVariant> {
    let [variant_id, name, spec, version, draft, updated] =
        row.get_many(["id", "name", "application_spec_id", "version", "draft", "updated_at"]);
    Some(ListedVariant {
        id: id(variant_id)?,
        name: fields::text(name),
        application_id: id(spec),
        version: fields::text(version),
        is_draft: draft.and_then(Value::as_bool).unwrap_or(false),
        updated_at: updated.and_then(fields::timestamp),
    })
}

pub(super) fn read_thread(row: Value<'_>) -> Option<ListedThread> {
    let [thread_id, title, variant, user, created, updated, archived] = row.get_many([
        "id",
        "title",
        "application_variant_id",
        "created_by_user_id",
        "created_at",
        "updated_at",
        "archived_at",
    ]);
    Some(ListedThread {
        id: id(thread_id)?,
        title: fields::text(title),
        variant_id: id(variant),
        user: fields::non_empty_text(user),
        created_at: created.and_then(fields::timestamp),
        updated_at: updated.and_then(fields::timestamp),
        archived_at: archived.and_then(fields::timestamp),
        ..ListedThread::default()
    })
}

/// Reads a turn of an application: its own id, and the thread that it belongs to.
pub(super) fn read_interaction(row: Value<'_>) -> Option<(String, Option<ListedThread>)> {
    let [turn_id, thread_id, spec, variant, created] = row.get("interaction")?.get_many([
        "id",
        "chat_thread_id",
        "application_spec_id",
        "application_variant_id",
        "created_at",
    ]);
    let thread = id(thread_id).map(|thread_id| ListedThread {
        id: thread_id,
        application_id: id(spec),
        variant_id: id(variant),
        updated_at: created.and_then(fields::timestamp),
        ..ListedThread::default()
    });
    Some((id(turn_id)?, thread))
}
