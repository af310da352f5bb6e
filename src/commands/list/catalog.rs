//! What is known of the account: applications and variants by id, and the order of threads.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::cli::ListSort;
use crate::domain::{ListedAccount, ListedApplication, ListedThread, ListedVariant};
use crate::filter::ThreadNames;

/// Everything but the threads.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    pub(super) accounts: Vec<ListedAccount>,
    pub(super) applications: Vec<ListedApplication>,
    pub(super) variants: Vec<ListedVariant>,
    application_names: HashMap<String, String>,
    variant_names: HashMap<String, String>,
}

impl Catalog {
    pub(super) fn add_applications(&mut self, applications: Vec<ListedApplication>) {
        let names = applications.iter().map(|application| (application.id.clone(), application.name.clone()));
        self.application_names.extend(names);
        self.applications.extend(applications);
    }

    pub(super) fn add_variants(&mut self, variants: Vec<ListedVariant>) {
        let names = variants.iter().map(|variant| (variant.id.clone(), variant.name.clone()));
        self.variant_names.extend(names);
        self.variants.extend(variants);
    }

    /// The name of an application; empty if it is unknown.
    pub(super) fn application_name(&self, id: Option<&str>) -> &str {
        id.and_then(|id| self.application_names.get(id)).map_or("", String::as_str)
    }

    /// The names of what a thread belongs to.
    pub(super) fn names(&self, thread: &ListedThread) -> ThreadNames<'_> {
        let variant = thread.variant_id.as_ref().and_then(|id| self.variant_names.get(id));
        ThreadNames {
            application: self.application_name(thread.application_id.as_deref()),
            variant: variant.map_or("", String::as_str),
        }
    }

    /// Whether an application is the one that was asked for, by its id or a part of its name.
    pub(super) fn is_application(&self, id: Option<&str>, wanted: Option<&str>) -> bool {
        wanted.is_none_or(|wanted| {
            let name = self.application_name(id).to_lowercase();
            id == Some(wanted) || name.contains(&wanted.to_lowercase())
        })
    }
}

/// Sorts threads; equal ones by id, so that the order is always the same.
pub(super) fn sort_threads(threads: &mut [ListedThread], sort: ListSort) {
    match sort {
        ListSort::Updated => threads.sort_by(|a, b| {
            (Reverse(a.updated_at), Reverse(a.created_at), &a.id).cmp(&(
                Reverse(b.updated_at),
                Reverse(b.created_at),
                &b.id,
            ))
        }),
        ListSort::Created => {
            threads.sort_by(|a, b| (Reverse(a.created_at), &a.id).cmp(&(Reverse(b.created_at), &b.id)))
        }
        ListSort::Title => threads.sort_by_cached_key(|thread| {
            (thread.title.is_empty(), thread.title.to_lowercase(), thread.id.clone())
        }),
        ListSort::Messages => {
            threads.sort_by(|a, b| (Reverse(a.message_count), &a.id).cmp(&(Reverse(b.message_count), &b.id)));
        }
    }
}
