//! The choice of a theme by its name: the available themes, and the one in use.

use super::Theme;

/// The themes to choose from (built-in ones, the user's, and `auto`, which fits the terminal's background), and the one in
/// use.
#[derive(Clone, Debug, PartialEq)]
pub struct ThemeChoice {
    /// The user's themes, by name.
    user: Vec<(String, Theme)>,
    /// Styles of single roles, over those of every theme: name and spec.
    overrides: Vec<(String, String)>,
    chosen: String,
    /// The background of the terminal, if it reported it: red, green, blue.
    background: Option<[u8; 3]>,
    current: Theme,
}

impl ThemeChoice {
    /// The name of the theme that fits the background.
    pub const AUTO: &str = "auto";

    /// The names of the built-in themes.
    pub const BUILT_IN: &[&str] = &[Self::AUTO, "ansi16", "plain", "dark", "light"];

    /// Creates the choice with this theme in use; an unknown name means the default theme.
    pub fn new(chosen: &str, user: Vec<(String, Theme)>, overrides: Vec<(String, String)>) -> Self {
        let mut choice =
            Self { user, overrides, chosen: chosen.to_owned(), background: None, current: Theme::default() };
        choice.restyle();
        choice
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

    /// Switches to another theme. Returns whether there is one with this name.
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

    /// Updates the styles in use after the choice or the background changed.
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

impl Default for ThemeChoice {
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
        let mut choice = ThemeChoice::default();
        assert_eq!(choice.current(), &Theme::ansi16());
        choice.set_background([255, 255, 255]);
        assert_eq!(choice.current().style(Role::Dim), Theme::light().style(Role::Dim));
        choice.set_background([0x12, 0x12, 0x12]);
        assert_eq!(choice.current().style(Role::Dim), Theme::dark().style(Role::Dim));
        assert!(choice.choose("plain"));
        choice.set_background([255, 255, 255]);
        assert_eq!(choice.current(), &Theme::plain());
        assert!(choice.choose("auto"));
        assert_eq!(choice.current().style(Role::Dim), Theme::light().style(Role::Dim));
    }

    #[test]
    fn themes_of_the_user_are_chosen_by_name_and_single_styles_apply_to_all() {
        let overrides = vec![("error".to_owned(), "bold".to_owned())];
        let mut choice = ThemeChoice::new("ansi16", vec![("mine".to_owned(), Theme::light())], overrides);
        assert!(choice.choose("mine") && !choice.choose("yours"));
        assert_eq!(choice.chosen(), "mine");
        assert_eq!(choice.current().style(Role::Dim), Theme::light().style(Role::Dim));
        assert_eq!(choice.current().style(Role::Error), Theme::plain().style(Role::Error));
        assert_eq!(choice.names().last(), Some("mine"));
    }
}
