//! Colours by meaning: a [`Theme`] maps each [`Role`] to a style.

mod built_in;
mod choice;
mod contrast;
mod spec;

use ratatui::style::Style;

pub use built_in::Role;
pub use choice::ThemeChoice;
pub use spec::SpecError;

/// A style for every role.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: Vec<Style>,
}

impl Theme {
    /// Returns the terminal's 16 colours, which fit light and dark terminals.
    pub fn ansi16() -> Self {
        Self::from_specs(|[ansi16, ..]| ansi16)
    }

    /// Creates a theme without colours, only with modifiers such as bold, underlined and reversed: for `NO_COLOR`.
    pub fn plain() -> Self {
        Self::from_specs(|[_, plain, ..]| plain)
    }

    /// Creates the theme of RGB colours for a dark background.
    pub fn dark() -> Self {
        Self::from_specs(|[_, _, dark, _]| dark)
    }

    /// Creates the theme of RGB colours for a light background.
    pub fn light() -> Self {
        Self::from_specs(|[.., light]| light)
    }

    /// Returns the built-in theme with this name in the configuration.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ansi16" => Some(Self::ansi16()),
            "plain" => Some(Self::plain()),
            "dark" => Some(Self::dark()),
            "light" => Some(Self::light()),
            _ => None,
        }
    }

    fn from_specs(pick: fn([&'static str; 4]) -> &'static str) -> Self {
        let style = |role: &Role| spec::parse(pick(role.specs())).unwrap_or_default();
        Self { styles: Role::ALL.iter().map(style).collect() }
    }

    /// Creates a theme of RGB colours for this background: red, green, blue. It keeps the background if its weakest text
    /// can be read on it.
    pub fn for_background(rgb: [u8; 3]) -> Self {
        let mut theme = if contrast::is_light(rgb) { Self::light() } else { Self::dark() };
        let weakest = theme.style(Role::Dim).fg.and_then(contrast::rgb_of);
        if weakest.is_some_and(|dim| contrast::ratio(dim, rgb) >= contrast::MIN_TEXT_CONTRAST)
            && let Some(text) = theme.styles.get_mut(Role::Text as usize)
        {
            text.bg = None;
        }
        theme
    }

    /// Returns the style of a role, over the [base style](Self::base_style).
    pub fn style(&self, role: Role) -> Style {
        let style = self.styles.get(role as usize).copied().unwrap_or_default();
        if role == Role::Text { Style { bg: None, ..style } } else { style }
    }

    /// Returns the style of blank cells.
    pub fn base_style(&self) -> Style {
        self.styles.get(Role::Text as usize).copied().unwrap_or_default()
    }

    /// Sets the style of the role `name` from a spec: modifiers, a colour, and `on` with a background colour, in any
    /// order, such as `bold red on default` or `#ff8800`.
    ///
    /// # Errors
    /// No role has this name, or a word is neither a colour nor a modifier.
    pub fn set(&mut self, name: &str, spec: &str) -> Result<(), SpecError> {
        let role = Role::from_name(name).ok_or_else(|| SpecError::UnknownRole(name.to_owned()))?;
        let style = spec::parse(spec)?;
        if let Some(slot) = self.styles.get_mut(role as usize) {
            *slot = style;
        }
        Ok(())
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::ansi16()
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::*;

    #[test]
    fn every_builtin_spec_parses_and_role_names_are_unique() {
        for (index, role) in Role::ALL.iter().enumerate() {
            assert_eq!(*role as usize, index);
            assert_eq!(Role::from_name(role.name()), Some(*role));
            for spec in role.specs() {
                assert!(spec::parse(spec).is_ok(), "{}: {spec}", role.name());
            }
        }
    }

    #[test]
    fn plain_has_no_colours_and_ansi16_no_black_or_white_on_the_default_background() {
        for role in Role::ALL {
            let plain = Theme::plain().style(*role);
            assert_eq!((plain.fg, plain.bg), (None, None), "{}", role.name());
            let ansi16 = Theme::ansi16().style(*role);
            let has_default_background = ansi16.bg.is_none();
            assert!(
                !(has_default_background
                    && matches!(ansi16.fg, Some(Color::Black | Color::White | Color::Gray)))
            );
        }
    }

    #[test]
    fn without_colours_important_roles_differ_by_modifiers_that_every_terminal_shows() {
        // Some terminals show neither italics nor strikethrough.
        let uncertain = Modifier::ITALIC | Modifier::CROSSED_OUT;
        let modifiers = |role| Theme::plain().style(role).add_modifier - uncertain;
        for (one, other) in [
            (Role::Text, Role::Match),
            (Role::Match, Role::MatchHere),
            (Role::Text, Role::Selected),
            (Role::Text, Role::Error),
            (Role::Text, Role::Warn),
            (Role::Text, Role::Link),
            (Role::Text, Role::Added),
            (Role::Text, Role::Removed),
            (Role::Added, Role::Removed),
            (Role::Tab, Role::TabHere),
            (Role::Border, Role::BorderFocus),
        ] {
            assert_ne!(modifiers(one), modifiers(other), "{} and {}", one.name(), other.name());
        }
    }

    fn contrast(one: Color, other: Color) -> f64 {
        contrast::ratio(contrast::rgb_of(one).unwrap(), contrast::rgb_of(other).unwrap())
    }

    #[test]
    fn text_can_be_read_on_any_background_of_the_terminal() {
        for level in 0..=255 {
            let terminal = [level; 3];
            let theme = Theme::for_background(terminal);
            let ground = theme.base_style().bg.and_then(contrast::rgb_of).unwrap_or(terminal);
            for role in [Role::Text, Role::Dim, Role::Error, Role::Accent, Role::Warn, Role::Ok] {
                let fg = theme.style(role).fg.and_then(contrast::rgb_of).unwrap();
                assert!(contrast::ratio(fg, ground) >= 4.0, "{} on {terminal:?}", role.name());
            }
        }
        for theme in [Theme::dark(), Theme::light()] {
            let (ground, text) = (theme.base_style().bg.unwrap(), theme.base_style().fg.unwrap());
            for bg in [ground, theme.style(Role::Selected).bg.unwrap()] {
                assert!(contrast(text, bg) >= 7.0, "{}", contrast(text, bg));
            }
        }
        assert_eq!(Theme::for_background([0; 3]).base_style().bg, None);
        assert_eq!(Theme::for_background([255; 3]).base_style().bg, None);
        assert!(Theme::for_background([0x80; 3]).base_style().bg.is_some());
    }

    #[test]
    fn rgb_colours_have_enough_contrast_on_every_background() {
        let lines = [Role::Border, Role::TableBorder, Role::Gap, Role::Bar, Role::BarError];
        let dark = (Theme::dark(), [Color::Rgb(0, 0, 0), Color::Rgb(0x1e, 0x1e, 0x2e)]);
        let light = (Theme::light(), [Color::Rgb(255, 255, 255), Color::Rgb(0xfa, 0xf4, 0xe6)]);
        for (theme, backgrounds) in [dark, light] {
            let selections =
                [Role::Selected, Role::SelectedElsewhere].map(|role| theme.style(role).bg.unwrap());
            let backgrounds = [backgrounds.to_vec(), vec![theme.base_style().bg.unwrap()]].concat();
            for role in Role::ALL {
                let style = theme.style(*role);
                let Some(fg) = style.fg else { continue };
                let minimum = if lines.contains(role) { 1.5 } else { 4.5 };
                for bg in style.bg.map_or(backgrounds.clone(), |own| vec![own]) {
                    assert!(contrast(fg, bg) >= minimum, "{}: {}", role.name(), contrast(fg, bg));
                }
                for bg in selections.into_iter().filter(|_| style.bg.is_none() && !lines.contains(role)) {
                    assert!(contrast(fg, bg) >= 3.5, "{} selected: {}", role.name(), contrast(fg, bg));
                }
            }
        }
    }

    #[test]
    fn a_role_can_be_restyled() {
        let mut theme = Theme::default();
        assert_eq!(theme.set("error", "bold red on default"), Ok(()));
        let restyled = Style::new().fg(Color::Red).bg(Color::Reset).add_modifier(Modifier::BOLD);
        assert_eq!(theme.style(Role::Error), restyled);
        assert_eq!(theme.set("errors", "red"), Err(SpecError::UnknownRole("errors".into())));
        assert_eq!(theme.set("error", "bold rde"), Err(SpecError::UnknownWord("rde".into())));
        assert_eq!(theme.style(Role::Error), restyled);
    }
}
