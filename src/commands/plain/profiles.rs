//! Profiles in the plain mode: what the browser offers for them, by a letter.

use super::{PlainSession, print_open_error, print_sanitized};
use crate::app::profiles::NO_PROFILES_NOTICE;
use crate::domain::Source;

impl PlainSession<'_> {
    pub(super) fn list_profiles(&self) {
        if self.profiles.choices.is_empty() {
            return print_sanitized(&to_sentence(NO_PROFILES_NOTICE));
        }
        for choice in &self.profiles.choices {
            let used = self.profiles.active_profile(choice.service) == Some(choice.name.as_str());
            let used = if used { ", in use" } else { "" };
            print_sanitized(&to_sentence(&format!(
                "{}, key: {}{used}",
                choice.describe(),
                choice.key_source
            )));
        }
    }

    /// As in the browser: a thread of its service is asked for again, where the profile leads.
    pub(super) fn use_profile(&mut self, name: &str) {
        let choice = match self.profiles.named(name) {
            Ok(choice) => choice.clone(),
            Err(reason) => return print_sanitized(&to_sentence(&reason)),
        };
        let entered =
            self.context.profiles.clone().map(|profiles| profiles.activate(name, &mut self.context));
        if let Some(Err(failure)) = entered {
            print_open_error(&failure);
            return;
        }
        self.profiles.activate(&choice);
        print_sanitized(&to_sentence(&choice.describe()));
        let again = self.last_source.clone().filter(|source| match source {
            Source::Thread(thread) => thread.service == choice.service,
            Source::File(_) | Source::Stdin => false,
        });
        if let Some(source) = again {
            self.thread = None;
            self.open(source);
        }
    }
}

/// With a capital letter and a full stop.
pub(super) fn to_sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
