//! Checks of the library: folder, size, state of its index, and whether its file system is suitable for a database.

use std::fs;

use super::Check;
use crate::library::{Library, LibraryStats};
use crate::platform::{self, now};
use crate::settings::Settings;
use crate::text::number;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let Some(location) = settings.library() else { return Vec::new() };
    let path = location.folder.display();
    if !location.folder.exists() {
        return vec![Check::ok("library", format!("empty; will be in {path}"))];
    }
    let library = match location.open_read_only() {
        Ok(Some(library)) => library,
        Ok(None) => return vec![Check::ok("library", format!("empty, in {path}"))],
        Err(error) => {
            let hint = "Run unspool library rebuild to recreate the catalogue from the files.";
            return vec![Check::fail("library", error.to_string(), hint)];
        }
    };
    let mut checks = match library.stats() {
        Ok(stats) => vec![check_size(&library, &stats), check_age(&stats)],
        Err(error) => vec![Check::fail("library", error.to_string(), "Run unspool library rebuild.")],
    };
    checks.push(check_index(&library));
    if tempfile::tempfile_in(&location.folder).is_err() {
        let finding = format!("{path} is read-only");
        checks.push(Check::warn("library", finding, "To archive, make the folder writable."));
    }
    if let Some(system) = platform::network_file_system(&location.folder) {
        let finding = format!("{path} is on a network file system ({system}), where locks may not work");
        checks.push(Check::warn(
            "library",
            finding,
            "Use it from one machine at a time, or move it to a local disk.",
        ));
    }
    checks
}

fn check_size(library: &Library, stats: &LibraryStats) -> Check {
    let catalogue = fs::metadata(library.catalogue_path()).map_or(0, |metadata| metadata.len());
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Check::ok(
        "library",
        format!(
            "{} kept, {} read, in {}; {} and a catalogue of {}",
            number::pluralize(count(stats.saved), "thread"),
            number::count(stats.read),
            library.folder().display(),
            number::bytes(stats.packed_bytes),
            number::bytes(catalogue),
        ),
    )
}

fn check_age(stats: &LibraryStats) -> Check {
    let finding = match stats.oldest_check {
        Some(at) => {
            format!("oldest comparison of a kept thread with its service: {}", number::age(at, now()))
        }
        None => "no kept thread was compared with its service yet".to_owned(),
    };
    Check::ok("library check", finding)
}

fn check_index(library: &Library) -> Check {
    let counts = library.unindexed_count().and_then(|count| Ok((count, library.has_new_copies()?)));
    match counts {
        Ok((0, false)) => Check::ok("library index", "complete"),
        Ok((0, true)) => {
            Check::ok("library index", "complete, except threads read since; the next search adds them")
        }
        Ok((count, _)) => {
            let threads = number::pluralize(count, "thread");
            Check::ok("library index", format!("lacks {threads}; the next search adds them"))
        }
        Err(error) => Check::fail("library index", error.to_string(), "Run unspool library rebuild."),
    }
}
