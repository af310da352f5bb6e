//! `unspool search`: finds messages in the library.

mod analysis;
mod saved;

use serde_json::json;

use crate::app_loop::library_search::PreparedSearch;
use crate::cli::{SearchArgs, SearchFormat};
use crate::commands::library;
use crate::commands::maintenance::print;
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::domain::{ExitCode, UserError};
use crate::library::{Library, LibraryHit, LibraryLocation, LibraryReader, SearchMode, format_time};
use crate::settings::Settings;
use crate::text::time::TimeFormat;
use crate::text::{Safe, number, safe_json, shell_quote, time};

/// Runs the command; returns the exit code: not found without a hit.
pub fn run(args: &SearchArgs) -> ExitCode {
    search(args).unwrap_or_else(|error| runner::print_error(&error, None))
}

fn search(args: &SearchArgs) -> Result<ExitCode, UserError> {
    let location = library::location(args.demo)?;
    if args.list_saved {
        return saved::list(&location, args.format);
    }
    if let Some(name) = &args.remove_saved {
        return saved::remove(&location, name);
    }
    let words = whole_query(args, &location)?;
    let library = library::open_reader((args.demo, args.profile.as_deref()), |library| {
        update_index(library, &mut Progress::new(Verbosity::Normal))
    })?;
    let library = library.as_ref();
    let place = (&location, library);
    let prepared = if args.analysis {
        PreparedSearch::of_threads(place, &words, SearchMode::Whole)?
    } else {
        PreparedSearch::new(place, &words, SearchMode::Whole)?
    };
    if let Some(name) = &args.save {
        saved::save(&location, name, &words)?;
    }
    if args.analysis {
        return analysis::print_analysis(&prepared, library, args.format);
    }
    let hits = if args.payloads {
        find_in_payloads(&prepared, library, args.limit)?
    } else {
        prepared.find(library, args.limit, &|| false)?
    };
    if hits.is_empty() {
        let message = format!("no hit among {}", number::pluralize(library.stats()?.readable(), "thread"));
        let hint = if args.payloads {
            "A word is found as a whole; refund* also finds refunds."
        } else {
            "A word is found as a whole; refund* also finds refunds. --payloads searches the payloads of spans."
        };
        return Err(UserError::new(message, hint, ExitCode::NotFound));
    }
    let time_format = Settings::load().time_format();
    let text = match args.format {
        SearchFormat::Text => limited(text_blocks(&hits, &time_format), args.max_chars),
        SearchFormat::Ndjson => limited(hits.iter().map(json_line), args.max_chars),
        SearchFormat::Ids => limited(hits.iter().map(|hit| format!("{}\n", hit.reference)), args.max_chars),
    };
    Ok(print(&text))
}

fn find_in_payloads(
    prepared: &PreparedSearch,
    library: &dyn LibraryReader,
    limit: usize,
) -> Result<Vec<LibraryHit>, UserError> {
    let mut progress = Progress::new(Verbosity::Normal);
    let mut hits = Vec::new();
    prepared.find_in_payloads(library, limit, &|| false, &mut |state, found| {
        hits.extend(found);
        let threads = number::pluralize(state.all_threads, "thread");
        progress.draw(&format!("{} of {threads}, {}", state.threads, number::pluralize(state.hits, "hit")));
    })?;
    progress.clear();
    Ok(hits)
}

/// Returns the saved query, then the words.
fn whole_query(args: &SearchArgs, location: &LibraryLocation) -> Result<String, UserError> {
    let saved = args.saved.as_ref().map(|name| saved::query(location, name)).transpose()?;
    let words = Some(quote_phrases(&args.words)).filter(|words| !words.is_empty());
    Ok(saved.into_iter().chain(words).collect::<Vec<_>>().join(" "))
}

/// Joins the words of a query. The shell removed the quotes of a word with spaces: it is a phrase again, unless it has terms.
/// An only word is the whole query.
fn quote_phrases(words: &[String]) -> String {
    match words {
        [only] => only.clone(),
        _ => {
            let quote = |word: &String| {
                let is_phrase = word.contains(char::is_whitespace) && !word.contains(['"', ':']);
                if is_phrase { format!("\"{word}\"") } else { word.clone() }
            };
            words.iter().map(quote).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Adds the threads that are not yet in the search index, and draws the progress.
///
/// # Errors
/// The library cannot be read or written.
pub(super) fn update_index(library: &mut Library, progress: &mut Progress) -> Result<(), UserError> {
    library.register_copies()?;
    let total = library.unindexed_count()?;
    if total > 0 {
        library.update_index(&mut |done| {
            progress.draw(&format!("indexing {done} of {}", number::pluralize(total, "thread")));
            true
        })?;
    }
    Ok(())
}

/// Joins blocks of text up to a number of characters; each is whole, and the first is always there.
fn limited(blocks: impl Iterator<Item = String>, max_chars: Option<usize>) -> String {
    let mut room = max_chars.unwrap_or(usize::MAX);
    let mut text = String::new();
    for block in blocks {
        let length = block.chars().count();
        if length > room && !text.is_empty() {
            break;
        }
        room = room.saturating_sub(length);
        text.push_str(&block);
    }
    text
}

/// Formats hits under the headings of their threads.
fn text_blocks(hits: &[LibraryHit], time_format: &TimeFormat) -> impl Iterator<Item = String> {
    let mut last = None;
    hits.iter().map(move |hit| {
        let (service, listed) = (&hit.thread.account.service, &hit.thread.listed);
        let id = format!("{service}:{}", listed.id);
        let mut block = String::new();
        if last.as_ref() != Some(&id) {
            let title = if listed.title.trim().is_empty() { "(no title)" } else { &listed.title };
            let line = format!("{}  {id}", Safe::line(title));
            block.push_str(&format!("{}{}\n", if last.is_some() { "\n" } else { "" }, Safe::line(&line)));
            last = Some(id);
        }
        let at = hit.at.map_or_else(String::new, |at| format!("{} ", time::short(at, time_format)));
        block.push_str(&format!(
            "  {at}{} {}  {}\n",
            hit.place.name(),
            Safe::line(&hit.snippet),
            hit.reference
        ));
        block
    })
}

fn json_line(hit: &LibraryHit) -> String {
    let listed = &hit.thread.listed;
    let thread = format!("{}:{}", hit.thread.account.service, listed.id);
    let object = json!({
        "service": hit.thread.account.service,
        "thread_id": listed.id,
        "title": listed.title,
        "message_id": hit.message_id,
        "message_index": hit.position,
        "span_id": hit.span_id,
        "at": hit.at.map(format_time),
        "place": hit.place.name(),
        "snippet": hit.snippet,
        "reference": hit.reference,
        "open": if hit.message_id.is_empty() {
            format!("unspool {} --offline", shell_quote(&thread))
        } else {
            format!("unspool {} --message {} --offline", shell_quote(&thread), shell_quote(&hit.message_id))
        },
    });
    format!("{}\n", safe_json(&object.to_string()))
}
