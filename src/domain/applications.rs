//! The applications and variants of an account, and their names.

use std::collections::HashMap;

use super::{ListedApplication, ListedThread, ListedVariant};

/// The applications and variants that a listing has named so far.
#[derive(Clone, Debug, Default)]
pub struct Applications {
    applications: Vec<ListedApplication>,
    variants: Vec<ListedVariant>,
    application_at: HashMap<String, usize>,
    variant_at: HashMap<String, usize>,
}

impl Applications {
    /// Returns all applications, in the order of their arrival.
    pub fn applications(&self) -> &[ListedApplication] {
        &self.applications
    }

    /// Returns all variants, in the order of their arrival.
    pub fn variants(&self) -> &[ListedVariant] {
        &self.variants
    }

    /// Adds applications; one with a known id replaces it.
    pub fn add_applications(&mut self, applications: Vec<ListedApplication>) {
        for application in applications {
            let at = *self.application_at.entry(application.id.clone()).or_insert(self.applications.len());
            match self.applications.get_mut(at) {
                Some(known) => *known = application,
                None => self.applications.push(application),
            }
        }
    }

    /// Adds variants; one with a known id replaces it.
    pub fn add_variants(&mut self, variants: Vec<ListedVariant>) {
        for variant in variants {
            let at = *self.variant_at.entry(variant.id.clone()).or_insert(self.variants.len());
            match self.variants.get_mut(at) {
                Some(known) => *known = variant,
                None => self.variants.push(variant),
            }
        }
    }

    /// Returns the application with this id.
    pub fn application(&self, id: &str) -> Option<&ListedApplication> {
        self.applications.get(*self.application_at.get(id)?)
    }

    /// Returns the variant with this id.
    pub fn variant(&self, id: &str) -> Option<&ListedVariant> {
        self.variants.get(*self.variant_at.get(id)?)
    }

    /// Returns the name of an application, or its id.
    pub fn application_name<'a>(&'a self, id: &'a str) -> &'a str {
        let known = self.application(id).map(|known| known.name.as_str());
        known.filter(|name| !name.trim().is_empty()).unwrap_or(id)
    }

    /// Returns the name of a variant, or its id.
    pub fn variant_name<'a>(&'a self, id: &'a str) -> &'a str {
        let known = self.variant(id).map(|variant| variant.name.as_str());
        known.filter(|name| !name.trim().is_empty()).unwrap_or(id)
    }

    /// Returns the application of a thread: its own, or that of its variant.
    pub fn application_id_of<'a>(&'a self, thread: &'a ListedThread) -> Option<&'a String> {
        let variant = || self.variant(thread.variant_id.as_deref()?)?.application_id.as_ref();
        thread.application_id.as_ref().or_else(variant)
    }

    /// Returns the names of a thread's application and variant; empty if they are unknown.
    pub fn names_of(&self, thread: &ListedThread) -> [&str; 2] {
        let application = self.application_id_of(thread).and_then(|id| self.application(id));
        let variant = thread.variant_id.as_deref().and_then(|id| self.variant(id));
        [application.map_or("", |known| &known.name), variant.map_or("", |known| &known.name)]
    }

    /// Returns the application and the variant of a thread, else its origin; empty if neither is known.
    pub fn place_of(&self, thread: &ListedThread) -> String {
        let application = self.application_id_of(thread).map(|id| self.application_name(id));
        let variant = thread.variant_id.as_deref().map(|id| self.variant_name(id));
        match (application, variant) {
            (Some(application), Some(variant)) => format!("{application} · {variant}"),
            (Some(only), None) | (None, Some(only)) => only.to_owned(),
            (None, None) => thread.origin.clone().unwrap_or_default(),
        }
    }
}
