//! The themes to choose from, and the one in use.

use super::Theme;

/// The themes: built-in ones, those of the user, and `auto`, which fits the terminal's background.
#[derive(Clone, Debug, PartialEq)]
pub struct Themes {
    /// The themes of the user, by name.
    user: Vec<(String, Theme)>,
    /// Styles of single roles, over those of every theme: name and spec.
    overrides: Vec<(String, String)>,
    chosen: String,
    /// The background of the terminal, if it reported it: red, green, blue.
    background: Option<[u8; 3]>,
    current: Theme,
}

impl Themes {
    /// The name of the theme that fits the background.
    pub const AUTO: &str = "auto";

    /// The names of the built-in themes.
    pub const BUILT_IN: &[&str] = &[Self::AUTO, "ansi16", "plain", "dark", "light"];

    /// Creates the list with this theme in use.
    pub fn new(chosen: &str, user: Vec<(String, Theme)>, overrides: Vec<(String, String)>) -> Self {
        let mut themes =
            Self { user, overrides, chosen: chosen.to_owned(), background: None, current: Theme::default() };
        themes.restyle();
        themes
    }

    /// Returns the styles in use.
    pub fn current(&self) -> &Theme {
        &self.current
    }

    /// Returns the name of the theme in use.
    pub fn chosen(&self) -> &str {
        &self.chosen
    }

    /// Returns all names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        Self::BUILT_IN.iter().copied().chain(self.user.iter().map(|(name, _)| name.as_str()))
    }

    /// Selects another theme; returns whether there is one with this name.
    pub fn choose(&mut self, name: &str) -> bool {
        let is_known = self.names().any(|known| known == name);
        if is_known {
            name.clone_into(&mut self.chosen);
            self.restyle();
        }
        is_known
    }

    /// Sets the background of the terminal: red, green, blue.
    pub fn set_background(&mut self, rgb: [u8; 3]) {
        self.background = Some(rgb);
        self.restyle();
    }

    fn restyle(&mut self) {
        let user = self.user.iter().find(|(name, _)| *name == self.chosen).map(|(_, theme)| theme.clone());
        let auto = self.background.filter(|_| self.chosen == Self::AUTO).map(Theme::for_background);
        let theme = user.or(auto).or_else(|| Theme::from_name(&self.chosen));
        self.current = theme.unwrap_or_default();
        for (name, spec) in &self.overrides {
            // Name and spec were checked when the configuration was parsed.
            let _ = self.current.set(name, spec);
        }
    }
}

impl Default for Themes {
    fn default() -> Self {
        Self::new(Self::AUTO, Vec::new(), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Role;

    #[test]
    fn auto_follows_the_background_and_other_themes_do_not() {
        let mut themes = Themes::default();
        assert_eq!(themes.current(), &Theme::ansi16());
        themes.set_background([255, 255, 255]);
        assert_eq!(themes.current().style(Role::Dim), Theme::light().style(Role::Dim));
        themes.set_background([0x12, 0x12, 0x12]);
        assert_eq!(themes.current().style(Role::Dim), Theme::dark().style(Role::Dim));
        assert!(themes.choose("plain"));
        themes.set_background([255, 255, 255]);
        assert_eq!(themes.current(), &Theme::plain());
        assert!(themes.choose("auto"));
        assert_eq!(themes.current().style(Role::Dim), Theme::light().style(Role::Dim));
    }

    #[test]
    fn themes_of_the_user_are_chosen_by_name_and_single_styles_apply_to_all() {
        let overrides = vec![("error".to_owned(), "bold".to_owned())];
        let mut themes = Themes::new("ansi16", vec![("mine".to_owned(), Theme::light())], overrides);
        assert!(themes.choose("mine") && !themes.choose("yours"));
        assert_eq!(themes.chosen(), "mine");
        assert_eq!(themes.current().style(Role::Dim), Theme::light().style(Role::Dim));
        assert_eq!(themes.current().style(Role::Error), Theme::plain().style(Role::Error));
        assert_eq!(themes.names().last(), Some("mine"));
    }
}
