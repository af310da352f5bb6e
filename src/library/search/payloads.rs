//! Search in the payloads of spans, which are not in the index: the bodies of the threads that may match are read, the newest
//! first.

use std::ops::ControlFlow;

use super::{LibraryHit, LibraryQuery, Place, SearchOptions, cut, cut_preview, format_reference};
use crate::domain::{ExitCode, Message, Span};
use crate::json::Kind;
use crate::library::index::{flags_of, reference_of};
use crate::library::json_values::visit_values;
use crate::library::{KeptThread, LibraryError, LibraryReader, visit_messages};
use crate::provider::{self, Provider};
use crate::search::Finder;
use crate::trace::message_usage;

/// The bytes of a payload that a snippet is taken from.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// The progress of a search in payloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadProgress {
    /// The number of threads that were read, of `all_threads`.
    pub threads: usize,
    pub all_threads: usize,
    pub hits: usize,
}

/// Searches the payloads of the selected threads up to the limit, the thread that changed last first. `on_progress` is
/// called after each thread with its hits.
///
/// # Errors
/// The catalogue cannot be read, or the server cannot be reached. A body that cannot be read is omitted.
pub fn search_payloads(
    library: &dyn LibraryReader,
    query: &LibraryQuery,
    options: &SearchOptions<'_>,
    on_progress: &mut dyn FnMut(PayloadProgress, Vec<LibraryHit>),
) -> Result<PayloadProgress, LibraryError> {
    let finders = query.finders();
    if finders.is_empty() {
        return Ok(PayloadProgress::default());
    }
    let threads = library.readable_threads(options)?;
    let mut progress = PayloadProgress { all_threads: threads.len(), ..PayloadProgress::default() };
    for thread in &threads {
        let room = options.limit.saturating_sub(progress.hits);
        if room == 0 || (options.is_stopped)() {
            break;
        }
        let mut hits = Vec::new();
        if let Some(provider) = provider::by_id(&thread.account.service) {
            let job = ThreadJob { thread, provider, query, finders: &finders };
            let read = visit_messages(library, thread, &mut |index, raw| {
                hits.extend(job.hits(index, raw).into_iter().take(room - hits.len()));
                let is_full = hits.len() >= room || (options.is_stopped)();
                if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            match read {
                // Without the server, the other bodies cannot be read either.
                Err(LibraryError::Remote(error)) if error.exit_code == ExitCode::Network => {
                    return Err(LibraryError::Remote(error));
                }
                // A damaged body does not affect the others.
                Ok(()) | Err(_) => {}
            }
        }
        progress.threads += 1;
        progress.hits += hits.len();
        on_progress(progress, hits);
    }
    Ok(progress)
}

/// The search in one thread.
struct ThreadJob<'a> {
    thread: &'a KeptThread,
    provider: &'static dyn Provider,
    query: &'a LibraryQuery,
    finders: &'a [Finder],
}

impl ThreadJob<'_> {
    /// Returns the hits in a message.
    fn hits(&self, index: u32, raw: &[u8]) -> Vec<LibraryHit> {
        // A look at the bytes rejects most messages.
        let is_candidate = self.finders.iter().all(|finder| finder.count_hits(raw, 1) > 0);
        let message = is_candidate.then(|| self.provider.read_message(raw));
        match message.filter(|message| self.accepts(message)) {
            Some(message) => {
                message.spans.iter().filter_map(|span| self.hit_in_span(index, &message, span, raw)).collect()
            }
            None => Vec::new(),
        }
    }

    /// Returns whether the values of the message itself fit the query.
    fn accepts(&self, message: &Message) -> bool {
        let usage = message_usage(message);
        let numbers = [
            message.duration_ms.map(|ms| ms as f64),
            usage.total().map(|tokens| tokens as f64),
            usage.cost_usd,
        ];
        self.query.accepts(flags_of(message), message.created_at, numbers)
    }

    fn hit_in_span(&self, index: u32, message: &Message, span: &Span, raw: &[u8]) -> Option<LibraryHit> {
        let payloads = [span.input, span.output, span.expected, span.metadata].map(|range| range.slice(raw));
        let has = |finder: &Finder| payloads.iter().any(|payload| finder.count_hits(payload, 1) > 0);
        if !self.finders.iter().all(has) {
            return None;
        }
        let found = payloads.iter().find_map(|payload| {
            let text = text_of(payload);
            let hit = self.finders.first()?.text_hits(&text, 1).into_iter().next()?;
            Some((text, hit))
        });
        // Text in JSON that is itself in a string may have other escapes.
        let (text, hit) = found.unwrap_or_else(|| (text_of(span.raw.slice(raw)), 0..0));
        let (snippet, snippet_hit) = cut(&text, hit.clone());
        let (preview, preview_hit) = cut_preview(&text, hit);
        let account = &self.thread.account;
        let reference = reference_of((account, &self.thread.listed.id), index, &message.id);
        Some(LibraryHit {
            thread: self.thread.clone(),
            position: Some(index),
            message_id: message.id.clone(),
            span_id: Some(span.id.clone()).filter(|id| !id.is_empty()),
            at: span.start.or(message.created_at),
            place: Place::Payload,
            snippet,
            hit: snippet_hit,
            preview,
            preview_hit,
            reference: format_reference(reference),
        })
    }
}

/// Returns the values of a payload with their names, one per line.
fn text_of(payload: &[u8]) -> String {
    let mut text = String::new();
    visit_values(payload, &mut |name, value| {
        if !name.is_empty() {
            text.push_str(name);
            text.push_str(": ");
        }
        let is_container = matches!(value.kind(), Kind::Array | Kind::Object);
        if !is_container || value.is_empty() {
            text.push_str(&value.text());
            text.push('\n');
        }
        text.len() < MAX_TEXT_BYTES
    });
    text
}
