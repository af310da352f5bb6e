//! A table of the file while it is parsed. Values are read by name; a name that was never read is an error, with a
//! suggestion from the known names.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Setting, SettingOrigin};
use crate::text::suggest::closest;

/// One table.
pub(super) struct Section<'t> {
    text: &'t str,
    /// The prefix of its names, such as `network.`.
    prefix: String,
    table: Option<&'t DeTable<'t>>,
    known_names: Vec<&'static str>,
    pub(super) errors: Vec<ConfigError>,
}

/// Returns the line of a byte offset; lines count from 1.
pub(super) fn line_number(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

impl<'t> Section<'t> {
    pub(super) fn root(text: &'t str, table: &'t DeTable<'t>) -> Self {
        Self { text, prefix: String::new(), table: Some(table), known_names: Vec::new(), errors: Vec::new() }
    }

    /// Returns the nested table with this name; a missing one is empty.
    pub(super) fn section(&mut self, name: &'static str) -> Self {
        let value = self.value(name);
        let table = value.and_then(|value| {
            let table = value.get_ref().as_table();
            if table.is_none() {
                self.add_error(value, format!("`{}{name}` must be a table", self.prefix));
            }
            table
        });
        self.child(name, table)
    }

    fn child(&self, name: &str, table: Option<&'t DeTable<'t>>) -> Self {
        let prefix = format!("{}{name}.", self.prefix);
        Self { text: self.text, prefix, table, known_names: Vec::new(), errors: Vec::new() }
    }

    /// Returns nested tables that the user named, with their lines.
    pub(super) fn sections(&mut self) -> Vec<(String, usize, Self)> {
        let mut sections = Vec::new();
        for (name, line, value) in self.entries() {
            match value.get_ref().as_table() {
                Some(table) => sections.push((name.clone(), line, self.child(&name, Some(table)))),
                None => self.add_error(value, format!("`{}{name}` must be a table", self.prefix)),
            }
        }
        sections
    }

    /// Returns all names, lines and values, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(String, usize, &'t Spanned<DeValue<'t>>)> {
        let table = self.table.into_iter().flat_map(|table| table.iter());
        let mut entries: Vec<_> = table
            .map(|(name, value)| {
                (name.get_ref().to_string(), line_number(self.text, name.span().start), value)
            })
            .collect();
        entries.sort_by_key(|(_, line, _)| *line);
        entries
    }

    pub(super) fn value(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known_names.push(name);
        self.table?.get(name)
    }

    /// Reads a value, if present, into its setting.
    pub(super) fn read_into<T>(
        &mut self,
        name: &'static str,
        setting: &mut Setting<T>,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) {
        if let Some((value, line)) = self.read(name, read) {
            setting.set(value, SettingOrigin::File { line });
        }
    }

    /// Reads a value, if present, with its line. The error of `read` completes "must be …".
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<(T, usize)> {
        let value = self.value(name)?;
        match read(value.get_ref()) {
            Ok(read) => Some((read, line_number(self.text, value.span().start))),
            Err(expected) => {
                self.add_error(value, format!("`{}{name}` must be {expected}", self.prefix));
                None
            }
        }
    }

    /// Adds an error at the line of this value.
    pub(super) fn add_error(&mut self, value: &Spanned<DeValue<'_>>, message: String) {
        self.errors.push(ConfigError { line: line_number(self.text, value.span().start), message });
    }

    pub(super) fn add_errors(&mut self, errors: Vec<ConfigError>) {
        self.errors.extend(errors);
    }

    /// Returns the errors, including those about names that were never read; `hint` may return a better message for such a
    /// name.
    pub(super) fn finish_with(mut self, hint: impl Fn(&str) -> Option<String>) -> Vec<ConfigError> {
        for (name, line, _) in self.entries() {
            if self.known_names.contains(&name.as_str()) {
                continue;
            }
            let suggestion = did_you_mean(&name, self.known_names.iter().copied());
            let message =
                hint(&name).unwrap_or_else(|| format!("unknown setting `{}{name}`{suggestion}", self.prefix));
            self.errors.push(ConfigError { line, message });
        }
        self.errors
    }

    pub(super) fn finish(self) -> Vec<ConfigError> {
        self.finish_with(|_| None)
    }
}

/// Formats a suggestion to append to an error; empty if no candidate is close.
pub(super) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(name, candidates).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "true or false".to_owned())
}

pub(super) fn string(value: &DeValue<'_>) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "a quoted string".to_owned())
}

/// Reads a string that is one of `names`.
pub(super) fn one_of(value: &DeValue<'_>, names: &[&str]) -> Result<String, String> {
    let expected = || {
        format!("one of {}", names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "))
    };
    let text = value.as_str().ok_or_else(expected)?;
    if names.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(expected() + &did_you_mean(text, names.iter().copied()))
}

/// Reads a list of strings; a single string is read as a list of one.
pub(super) fn strings(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let expected = || "a list of strings".to_owned();
    if let Some(text) = value.as_str() {
        return Ok(vec![text.to_owned()]);
    }
    let items = value.as_array().ok_or_else(expected)?;
    items.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(expected)).collect()
}
