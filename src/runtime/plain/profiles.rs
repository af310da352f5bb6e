//! Profiles in the plain mode: what the browser offers for them, by a letter.

use super::{Plain, fail, say};
use crate::app::profiles::NO_PROFILES;
use crate::effect::Source;

impl Plain<'_> {
    pub(super) fn list_profiles(&self) {
        if self.profiles.choices.is_empty() {
            return say(&sentence(NO_PROFILES));
        }
        for choice in &self.profiles.choices {
            let used = self.profiles.in_use(choice.service) == Some(choice.name.as_str());
            let used = if used { ", in use" } else { "" };
            say(&sentence(&format!("{}, key: {}{used}", choice.told(), choice.key)));
        }
    }

    /// As in the browser: a thread of its service is asked for again, where the profile leads.
    pub(super) fn use_profile(&mut self, name: &str) {
        let choice = match self.profiles.named(name) {
            Ok(choice) => choice.clone(),
            Err(reason) => return say(&sentence(&reason)),
        };
        let entered = self.world.profiles.clone().map(|profiles| profiles.enter(name, &mut self.world));
        if let Some(Err(failure)) = entered {
            fail(&failure);
            return;
        }
        self.profiles.choose(&choice);
        say(&sentence(&choice.told()));
        let again = self.source.clone().filter(|source| match source {
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
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
