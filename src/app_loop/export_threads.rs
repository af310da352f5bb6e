//! Exports of listed threads, one after another, so that only one thread is in memory. Each thread gets its own file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender as Outbox;
use tokio::task::spawn_blocking;

use crate::app_loop::context::{Context, Redaction};
use crate::app_loop::failure::internal_error;
use crate::app_loop::load::{LoadedThread, load};
use crate::app_loop::save::{FileNames, describe_path, unused_path, write_export};
use crate::domain::{ExitCode, Source, ThreadRef, UserError};
use crate::effect::{ExportRequest, ThreadToExport, ThreadsExport};
use crate::event::Event;
use crate::ingest::fetch::CachePolicy;
use crate::net::Client;
use crate::storage::files::create_private_folder;
use crate::storage::output::file_error;
use crate::text::number;

/// The folder of several threads, in the working directory.
const FOLDER_NAME: &str = "unspool-export";

/// The shortest time between two notices about the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

/// Exports the threads and sends a notice at the end.
pub async fn run(context: Context, client: Arc<Client>, export: ThreadsExport, outbox: Outbox<Event>) {
    let end = match export_all(&context, &client, &export, &outbox).await {
        Ok(end) => end,
        Err(error) => Event::warning(format!("Export failed: {}. {}", error.message, error.hint)),
    };
    let _ = outbox.send(end).await;
}

async fn export_all(
    context: &Context,
    client: &Arc<Client>,
    export: &ThreadsExport,
    outbox: &Outbox<Event>,
) -> Result<Event, UserError> {
    let folder = if export.threads.len() > 1 { create_folder()? } else { PathBuf::new() };
    let (mut names, mut paths, mut problems) = (FileNames::default(), Vec::new(), Problems::default());
    let mut shown_at = Instant::now();
    for (done, thread) in export.threads.iter().enumerate() {
        if shown_at.elapsed() >= PROGRESS_INTERVAL {
            shown_at = Instant::now();
            let text = format!(
                "Exporting {} of {} threads",
                number::count(done),
                number::count(export.threads.len())
            );
            // If the queue is full, the notice is dropped: other events are more urgent.
            let _ = outbox.try_send(Event::notice(text));
        }
        match export_one(context, client, (export, thread), (&folder, &mut names)).await {
            Ok(Exported { path, network_error }) => {
                paths.push(path);
                if let Some(reason) = network_error {
                    problems.copies += 1;
                    problems.set_reason(&thread.thread, &reason);
                }
            }
            Err(error) => {
                problems.failed += 1;
                problems.set_reason(&thread.thread, &error.message);
            }
        }
    }
    let saved = match paths.as_slice() {
        [] => "Nothing exported".to_owned(),
        [path] if folder.as_os_str().is_empty() => format!("Saved {}", describe_path(path)),
        paths => {
            format!("Exported {} to {}", number::pluralize(paths.len(), "thread"), describe_path(&folder))
        }
    };
    Ok(problems.to_event(saved))
}

/// A thread that was exported.
struct Exported {
    path: PathBuf,
    /// The network error because of which an earlier copy was exported.
    network_error: Option<String>,
}

/// The numbers of threads whose files are missing or may be outdated.
#[derive(Default)]
struct Problems {
    failed: usize,
    copies: usize,
    /// The first thread with a problem, and its reason.
    first: Option<String>,
}

impl Problems {
    fn set_reason(&mut self, thread: &ThreadRef, reason: &str) {
        self.first.get_or_insert_with(|| format!("{}:{}: {reason}", thread.service, thread.id));
    }

    /// Returns the event at the end of the export.
    fn to_event(&self, saved: String) -> Event {
        let Some(first) = &self.first else { return Event::notice(saved) };
        let counts = [(self.failed, "failed"), (self.copies, "from earlier copies")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, text)| format!("{} {text}", number::count(count))).collect();
        Event::warning(format!("{saved}; {}: {first}", counts.join(", ")))
    }
}

/// Exports a thread. An incomplete thread is an error, because its file would look complete.
async fn export_one(
    context: &Context,
    client: &Arc<Client>,
    (export, thread): (&ThreadsExport, &ThreadToExport),
    (folder, names): (&Path, &mut FileNames),
) -> Result<Exported, UserError> {
    let cache_policy = if thread.is_kept { CachePolicy::CacheOnly } else { CachePolicy::NetworkElseCache };
    let source = Source::Thread(thread.thread.clone());
    let loaded = load(source, context, client, cache_policy, &mut |_| {}).await?;
    if loaded.body_summary.is_partial {
        return Err(UserError::new("the thread is incomplete", "", ExitCode::Network));
    }
    let name = names.next(&loaded.thread, export.format);
    let path = if folder.as_os_str().is_empty() { unused_path(&name)? } else { folder.join(name) };
    let network_error = loaded.network_error.clone();
    let (request, redaction) = (to_request(loaded, export), context.redaction.clone());
    Ok(Exported { path: write(request, redaction, path).await?, network_error })
}

async fn write(request: ExportRequest, redaction: Redaction, path: PathBuf) -> Result<PathBuf, UserError> {
    let writing = spawn_blocking(move || write_export(&request, &redaction, &path).map(|_| path));
    writing.await.map_err(|_| internal_error("export"))?
}

fn to_request(loaded: LoadedThread, export: &ThreadsExport) -> ExportRequest {
    ExportRequest {
        format: export.format,
        service: loaded.service,
        thread: loaded.thread,
        summaries: loaded.summaries,
        notes: loaded.notes,
        message_indices: None,
        payloads: export.payloads,
        redact: export.redact,
        warnings: loaded.body_summary.warnings,
    }
}

fn create_folder() -> Result<PathBuf, UserError> {
    let path = unused_path(FOLDER_NAME)?;
    create_private_folder(&path).map_err(file_error)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_failed_and_earlier_copies_are_counted_at_the_end() {
        let thread = ThreadRef::new("sgp", "a");
        let end = |problems: &Problems| match problems.to_event("Saved a.md".to_owned()) {
            Event::Notify { text, is_warning } => (text, is_warning),
            other => panic!("{other:?}"),
        };
        let mut problems = Problems::default();
        assert_eq!(end(&problems), ("Saved a.md".to_owned(), false));
        problems.copies = 1;
        problems.set_reason(&thread, "no connection");
        let text = "Saved a.md; 1 from earlier copies: sgp:a: no connection";
        assert_eq!(end(&problems), (text.to_owned(), true));
        problems.failed = 2;
        problems.set_reason(&thread, "403 Forbidden");
        let text = "Saved a.md; 2 failed, 1 from earlier copies: sgp:a: no connection";
        assert_eq!(end(&problems), (text.to_owned(), true));
    }
}
