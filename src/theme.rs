//! Colours by meaning: a [`Theme`] maps each [`Role`] to a style. One table holds the roles, their names in the
//! configuration and their styles in the built-in themes.

mod contrast;
mod spec;
mod themes;

use ratatui::style::Style;

pub use spec::SpecError;
pub use themes::Themes;

/// Defines [`Role`] from one list. A row is `Variant "name" [specs]`, with the specs of the themes ansi16, plain,
/// dark and light.
macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident $name:literal [$ansi16:literal, $plain:literal, $dark:literal, $light:literal];)+) => {
        /// The meaning of a piece of text, which decides its style.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Role {
            $($(#[$doc])* $role,)+
        }

        impl Role {
            /// Every role, in the order of the enum.
            pub const ALL: &'static [Self] = &[$(Self::$role),+];

            /// Returns the name in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$role => $name),+ }
            }

            /// Returns the specs in the themes ansi16, plain, dark, light.
            fn specs(self) -> [&'static str; 4] {
                match self { $(Self::$role => [$ansi16, $plain, $dark, $light]),+ }
            }
        }
    };
}

// The user's terminal defines the 16 colours, so white and black are only used together, one on the other. Every difference
// in colour is also a difference in a modifier, a glyph or a word.
roles! {
    /// Plain text; its background is that of the whole screen.
    #[default]
    Text "text" ["", "", "#d3d8e0 on #16191f", "#23272f on #fbfbfa"];
    /// Secondary text, readable but not prominent.
    Dim "dim" ["dim", "dim", "#8b93a1", "#626975"];
    Strong "strong" ["bold", "bold", "bold", "bold"];
    Emphasis "emphasis" ["italic", "italic", "italic", "italic"];
    Strike "strike" ["crossed-out", "crossed-out", "crossed-out #8b93a1", "crossed-out #626975"];
    Heading "heading" ["bold cyan", "bold", "bold #7cc5e8", "bold #0b6088"];
    Code "code" ["magenta", "underlined", "#e5c07b", "#85500a"];
    CodeBlock "code-block" ["", "", "#c8ccd4", "#2f343d"];
    Quote "quote" ["italic", "italic", "italic #a9b1bd", "italic #4c5360"];
    Link "link" ["underlined cyan", "underlined", "underlined #82aaff", "underlined #1f4fc4"];
    ListMark "list-mark" ["cyan", "bold", "#7cc5e8", "#0b6088"];
    TableBorder "table-border" ["dim", "dim", "#5f6875", "#9aa1ac"];
    /// A keyword of a programming language.
    Keyword "keyword" ["magenta", "bold", "#c792ea", "#7d2aa8"];
    StringLiteral "string" ["green", "", "#a5d6a0", "#2a6f2a"];
    NumberLiteral "number" ["yellow", "", "#f0b48a", "#9a4a08"];
    /// `true`, `false`, `null` and similar words.
    Constant "constant" ["magenta", "bold", "#f0908a", "#a02c40"];
    Comment "comment" ["dim italic", "dim italic", "italic #8f97a5", "italic #666d78"];
    /// The name of a field.
    Key "key" ["cyan", "bold", "#82aaff", "#1f4fc4"];
    Added "added" ["underlined green", "underlined", "underlined #a5d6a0", "underlined #2a6f2a"];
    Removed "removed" ["crossed-out red", "dim crossed-out", "crossed-out #f0908a", "crossed-out #a8201a"];
    /// A search match.
    Match "match" ["black on yellow", "underlined reversed", "#1b1f27 on #e5c07b", "#1b1f27 on #ffd866"];
    /// The current search match.
    MatchHere "match-here" ["bold black on cyan", "bold reversed", "bold #1b1f27 on #7cc5e8", "bold #ffffff on #0b6088"];
    Error "error" ["bold red", "bold", "bold #ff7a72", "bold #b3120c"];
    Warn "warn" ["yellow", "bold", "#e5c07b", "#85500a"];
    Ok "ok" ["green", "", "#a5d6a0", "#2a6f2a"];
    /// The accent colour of the program.
    Accent "accent" ["cyan", "bold", "#7cc5e8", "#0b6088"];
    /// The background of the selection, which a bar also marks.
    Selected "selected" ["bold", "bold", "bold on #2f3a4d", "bold on #d5e3f5"];
    /// The selection in a pane without focus.
    SelectedElsewhere "selected-elsewhere" ["", "", "on #262c37", "on #e6eaf0"];
    /// A key name in hints and help.
    Hint "hint" ["bold cyan", "bold", "bold #7cc5e8", "bold #0b6088"];
    /// The user's messages.
    User "user" ["green", "bold", "#a5d6a0", "#2a6f2a"];
    Assistant "assistant" ["cyan", "bold", "#7cc5e8", "#0b6088"];
    Tool "tool" ["magenta", "", "#c792ea", "#7d2aa8"];
    Border "border" ["dim", "dim", "#4a5260", "#b3b9c3"];
    BorderFocus "border-focus" ["cyan", "bold", "#7cc5e8", "#0b6088"];
    Title "title" ["bold", "bold", "bold", "bold"];
    Tab "tab" ["", "", "#a9b1bd", "#4c5360"];
    TabHere "tab-here" ["bold cyan", "bold reversed", "bold #7cc5e8", "bold #0b6088"];
    /// The bar of a span.
    Bar "bar" ["cyan", "", "#5aa7cf", "#2b7fa8"];
    BarError "bar-error" ["red", "bold", "#f0605a", "#b3120c"];
    /// The kinds of spans.
    SpanModel "span-model" ["magenta", "", "#c792ea", "#7d2aa8"];
    SpanRetrieval "span-retrieval" ["cyan", "", "#5ab0d8", "#0b6088"];
    SpanTool "span-tool" ["yellow", "", "#e5c07b", "#85500a"];
    SpanData "span-data" ["blue", "", "#82aaff", "#1f4fc4"];
    SpanGuard "span-guard" ["green", "", "#a5d6a0", "#2a6f2a"];
    SpanAgent "span-agent" ["dim", "dim", "#8b93a1", "#626975"];
    SpanOther "span-other" ["", "", "#c8ccd4", "#2f343d"];
    /// Untraced time.
    Gap "gap" ["dim", "dim", "#5f6875", "#9aa1ac"];
}

impl Role {
    /// Returns the role with this name in the configuration.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}

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
