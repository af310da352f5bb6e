//! The list of threads in the plain mode.

use super::{PlainSession, print_sanitized};
use crate::commands::load::LoadedThread;
use crate::domain::RecentThread;
use crate::platform;
use crate::provider::parse_source::parse_source;
use crate::text::to_sentence;

/// The maximum number of threads in the list.
const MAX_LISTED: usize = 40;

impl PlainSession<'_> {
    /// Prints the recent or suggested threads, numbered.
    pub(super) fn list_threads(&mut self) {
        self.listed = self.recent_threads.load();
        self.listed.truncate(MAX_LISTED);
        if self.listed.is_empty() {
            print_sanitized(
                "No thread is open. Type o and a thread id, a link or a file. Type h for all commands. \
                 For example threads, quit and run unspool --demo --plain.",
            );
            return;
        }
        print_sanitized("Threads:");
        for (index, thread) in self.listed.iter().enumerate() {
            let title = if thread.title.trim().is_empty() { "no title" } else { thread.title.trim() };
            let note = if thread.note.is_empty() { String::new() } else { format!(", {}", thread.note) };
            print_sanitized(&format!("{}: {title}, {}{note}", index + 1, thread.input));
        }
        print_sanitized(if self.thread.is_some() {
            "Type o and a number to open one."
        } else {
            "Type a number to open one, o and an id, link or file for another, or h for all commands."
        });
    }

    /// Opens a thread of the list.
    pub(super) fn open_listed(&mut self, number: usize) {
        let thread = number.checked_sub(1).and_then(|index| self.listed.get(index)).cloned();
        let Some(thread) = thread else {
            return print_sanitized(&format!("No thread {number} in the list. Type l for the list."));
        };
        if let Some(profile) = &thread.profile
            && self.profiles.active_profile(&thread.service) != Some(profile)
            && self.profiles.named(profile).is_ok()
        {
            self.thread = None;
            self.last_source = None;
            self.use_profile(profile);
        }
        match parse_source(&thread.input, self.profiles.preferred_service) {
            Ok(source) => {
                self.open(source);
            }
            Err(error) => print_sanitized(&error.reason),
        }
    }

    /// Adds an opened thread to the recent threads.
    pub(super) fn record_visit(&self, loaded: &LoadedThread) {
        let Some(source) = &self.last_source else { return };
        let service = source.thread().map_or("file", |thread| thread.service);
        let visit = RecentThread {
            input: source.to_input(),
            title: loaded.thread.title.clone().unwrap_or_default(),
            service: service.to_owned(),
            profile: self.profiles.active_profile(service).map(str::to_owned),
            opened_at: Some(platform::now()),
            note: String::new(),
            place: None,
        };
        if let Some(Err(reason)) = self.recent_threads.record(&visit) {
            print_sanitized(&to_sentence(&reason));
        }
    }
}
