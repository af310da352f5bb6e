//! An entry of camelAI's list of threads.

use crate::domain::ListedThread;
use crate::json::Value;
use crate::provider::{fields, listing};

/// Reads a thread; `None` without an id.
pub(super) fn read_thread(row: Value<'_>) -> Option<ListedThread> {
    let [id, title, created, modified, count, source, uid, model] = row.get_many([
        "id",
        "title",
        "created_at",
        "last_modified",
        "message_count",
        "source",
        "uid",
        "model",
    ]);
    Some(ListedThread {
        id: listing::id(id)?,
        title: fields::text(title),
        user: fields::non_empty_text(uid),
        origin: fields::non_empty_text(source),
        model: fields::non_empty_text(model),
        created_at: created.and_then(fields::timestamp),
        updated_at: modified.and_then(fields::timestamp),
        message_count: count.and_then(Value::as_i64).and_then(|count| u64::try_from(count).ok()),
        ..ListedThread::default()
    })
}
