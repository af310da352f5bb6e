//! The profile commands of the plain mode.

use super::{PlainSession, print_open_error, print_sanitized};
use crate::app::profiles::NO_PROFILES_NOTICE;
use crate::config::{LinkAccess, link_host_warning, link_profile_notice};
use crate::domain::Source;
use crate::text::to_sentence;

impl PlainSession<'_> {
    pub(super) fn list_profiles(&self) {
        if self.profiles.choices.is_empty() {
            return print_sanitized(&to_sentence(NO_PROFILES_NOTICE));
        }
        for choice in &self.profiles.choices {
            let is_active = self.profiles.active_profile(choice.service) == Some(choice.name.as_str());
            let suffix = if is_active { ", in use" } else { "" };
            print_sanitized(&to_sentence(&format!(
                "{}, key: {}{suffix}",
                choice.describe(),
                choice.key_source
            )));
        }
    }

    /// Switches to a profile. As in the browser, an open thread of its service is fetched again.
    pub(super) fn use_profile(&mut self, name: &str) {
        let choice = match self.profiles.named(name) {
            Ok(choice) => choice.clone(),
            Err(reason) => return print_sanitized(&to_sentence(&reason)),
        };
        if let Err(error) = self.context.activate_profile(name) {
            print_open_error(&error);
            return;
        }
        self.profiles.activate(&choice);
        self.account = None;
        print_sanitized(&to_sentence(&choice.describe()));
        let is_affected =
            |source: &Source| source.thread().is_some_and(|thread| thread.service == choice.service);
        let affected = self.last_source.clone().filter(is_affected);
        if let Some(source) = affected {
            self.thread = None;
            self.open(source);
        }
    }
}

impl PlainSession<'_> {
    /// Opens a thread. The host of its link, if any, selects a profile or is mentioned in a notice.
    pub(super) fn open_with_host(&mut self, source: Source, host: Option<&str>) {
        if let (Source::Thread(thread), Some(host)) = (&source, host) {
            match self.profiles.access_for_link(thread.service, host) {
                LinkAccess::Active => {}
                LinkAccess::Unknown { base_url } => {
                    print_sanitized(&to_sentence(&link_host_warning(host, base_url)));
                }
                LinkAccess::Profile(choice) => {
                    let choice = choice.clone();
                    if let Err(error) = self.context.activate_profile(&choice.name) {
                        print_open_error(&error);
                        return;
                    }
                    self.profiles.activate(&choice);
                    self.account = None;
                    print_sanitized(&to_sentence(&link_profile_notice(&choice.name, host)));
                }
            }
        }
        self.open(source);
    }
}
