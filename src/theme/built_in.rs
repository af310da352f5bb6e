//! The built-in themes: one table of the roles, their names in the configuration and their styles in each theme.

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
            pub(super) fn specs(self) -> [&'static str; 4] {
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
