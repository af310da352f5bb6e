//! A table of the file while it is read: values are asked for by name, and what nobody asked for is a problem with the
//! nearest name that somebody did.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Setting, SettingOrigin, suggest};

/// One table.
pub(super) struct Section<'t> {
    text: &'t str,
    /// Before its names, such as `network.`.
    prefix: String,
    table: Option<&'t DeTable<'t>>,
    known_names: Vec<&'static str>,
    pub(super) errors: Vec<ConfigError>,
}

/// The line of a byte, counted from 1.
pub(super) fn line_number(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

impl<'t> Section<'t> {
    pub(super) fn root(text: &'t str, table: &'t DeTable<'t>) -> Self {
        Self { text, prefix: String::new(), table: Some(table), known_names: Vec::new(), errors: Vec::new() }
    }

    /// A table inside; one that is missing has no values.
    pub(super) fn section(&mut self, name: &'static str) -> Self {
        let value = self.value(name);
        let table = value.and_then(|value| {
            let table = value.get_ref().as_table();
            if table.is_none() {
                self.add_error(value, format!("`{}{name}` has to be a table", self.prefix));
            }
            table
        });
        self.child(name, table)
    }

    fn child(&self, name: &str, table: Option<&'t DeTable<'t>>) -> Self {
        let prefix = format!("{}{name}.", self.prefix);
        Self { text: self.text, prefix, table, known_names: Vec::new(), errors: Vec::new() }
    }

    /// Tables by names of the user's.
    pub(super) fn sections(&mut self) -> Vec<(String, usize, Self)> {
        let mut found = Vec::new();
        for (name, line, value) in self.entries() {
            match value.get_ref().as_table() {
                Some(table) => found.push((name.clone(), line, self.child(&name, Some(table)))),
                None => self.add_error(value, format!("`{}{name}` has to be a table", self.prefix)),
            }
        }
        found
    }

    /// Values by names of the user's, in the order of the file, with their lines.
    pub(super) fn entries(&self) -> Vec<(String, usize, &'t Spanned<DeValue<'t>>)> {
        let table = self.table.into_iter().flat_map(|table| table.iter());
        let mut found: Vec<_> = table
            .map(|(name, value)| {
                (name.get_ref().to_string(), line_number(self.text, name.span().start), value)
            })
            .collect();
        found.sort_by_key(|(_, line, _)| *line);
        found
    }

    pub(super) fn value(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known_names.push(name);
        self.table?.get(name)
    }

    /// Reads a value into its setting, if there is one.
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

    /// Reads a value, if there is one, with its line.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<(T, usize)> {
        let value = self.value(name)?;
        match read(value.get_ref()) {
            Ok(read) => Some((read, line_number(self.text, value.span().start))),
            Err(wanted) => {
                self.add_error(value, format!("`{}{name}` has to be {wanted}", self.prefix));
                None
            }
        }
    }

    /// A problem with this value.
    pub(super) fn add_error(&mut self, value: &Spanned<DeValue<'_>>, what: String) {
        self.errors.push(ConfigError { line: line_number(self.text, value.span().start), message: what });
    }

    pub(super) fn add_errors(&mut self, problems: Vec<ConfigError>) {
        self.errors.extend(problems);
    }

    /// Names that nobody asked for; `hint` may know more about one than a nearest name.
    pub(super) fn finish_with(mut self, hint: impl Fn(&str) -> Option<String>) -> Vec<ConfigError> {
        for (name, line, _) in self.entries() {
            if self.known_names.contains(&name.as_str()) {
                continue;
            }
            let like = suggest(&name, self.known_names.iter().copied());
            let like = like.map(|like| format!("; did you mean `{like}`?")).unwrap_or_default();
            let what =
                hint(&name).unwrap_or_else(|| format!("there is no setting `{}{name}`{like}", self.prefix));
            self.errors.push(ConfigError { line, message: what });
        }
        self.errors
    }

    pub(super) fn finish(self) -> Vec<ConfigError> {
        self.finish_with(|_| None)
    }
}

pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "true or false".to_owned())
}

pub(super) fn string(value: &DeValue<'_>) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "a text in quotes".to_owned())
}

/// A text that is one of these.
pub(super) fn one_of(value: &DeValue<'_>, names: &[&str]) -> Result<String, String> {
    let wanted = || {
        format!("one of {}", names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "))
    };
    let text = value.as_str().ok_or_else(wanted)?;
    if names.contains(&text) {
        return Ok(text.to_owned());
    }
    let like = suggest(text, names.iter().copied());
    Err(wanted() + &like.map(|like| format!("; did you mean \"{like}\"?")).unwrap_or_default())
}

/// A list of texts; a single text stands for a list of one.
pub(super) fn strings(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let wanted = || "a list of texts".to_owned();
    if let Some(text) = value.as_str() {
        return Ok(vec![text.to_owned()]);
    }
    let items = value.as_array().ok_or_else(wanted)?;
    items.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(wanted)).collect()
}
