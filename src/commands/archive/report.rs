//! The report of an archive run, for people and for scripts.

use serde_json::{Map, Value, json};

use crate::app_loop::archive::format_counts;
use crate::archive::ArchiveReport;
use crate::library::ArchiveOutcome;
use crate::text::{Safe, number, safe_json};

/// Formats the report as text, with the name of the service if one is passed.
pub(super) fn text(report: &ArchiveReport, service: Option<&str>) -> String {
    let counts = format_counts(report);
    let mut lines = vec![service.map_or_else(|| counts.clone(), |service| format!("{service}: {counts}"))];
    if report.bytes > 0 {
        let (bytes, packed) = (number::bytes(report.bytes), number::bytes(report.packed_bytes));
        let requests = number::pluralize(usize::try_from(report.requests).unwrap_or(usize::MAX), "request");
        lines.push(format!("{bytes}, packed {packed}; {requests} in {} s", report.duration.as_secs()));
    }
    if report.unreadable_messages > 0 {
        let count = usize::try_from(report.unreadable_messages).unwrap_or(usize::MAX);
        lines.push(format!("{} in the fetched threads", number::pluralize(count, "unreadable message")));
    }
    if report.without_spans > 0 {
        let threads = number::pluralize(report.without_spans, "thread");
        lines.push(format!("The server sent no spans for {threads}; it may not offer them."));
    }
    if report.changed_unseen > 0 {
        let threads = number::pluralize(report.changed_unseen, "thread");
        lines.push(format!(
            "{threads} had changed although the list showed no change; --deep fetches every thread."
        ));
    }
    if report.expired > 0 {
        let threads = number::pluralize(report.expired, "thread");
        lines.push(format!(
            "Removed {threads} that had not changed for longer than `keep` in [library] of the configuration."
        ));
    }
    if report.too_old > 0 {
        let threads = number::pluralize(report.too_old, "listed thread");
        lines.push(format!("Not fetched: {threads} of that age."));
    }
    for (id, reason) in &report.problems {
        lines.push(format!("  {}: {}", Safe::line(id), Safe::line(reason)));
    }
    lines.join("\n") + "\n"
}

/// Formats the report of a service as a JSON object.
pub(super) fn json(report: &ArchiveReport, service: &str) -> String {
    let counts: Map<String, Value> = ArchiveOutcome::ALL
        .into_iter()
        .map(|outcome| (outcome.name().to_owned(), json!(report.count(outcome))))
        .collect();
    let problems: Vec<Value> =
        report.problems.iter().map(|(id, reason)| json!({ "id": id, "reason": reason })).collect();
    let object = json!({
        "service": service,
        "threads": counts,
        "requests": report.requests,
        "bytes": report.bytes,
        "packed_bytes": report.packed_bytes,
        "unreadable_messages": report.unreadable_messages,
        "threads_without_spans": report.without_spans,
        "changed_unseen": report.changed_unseen,
        "expired": report.expired,
        "too_old": report.too_old,
        "seconds": report.duration.as_secs_f64(),
        "problems": problems,
    });
    format!("{}\n", safe_json(&object.to_string()))
}
