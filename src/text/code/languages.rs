//! The table of languages.

use crate::domain::Language;
use crate::theme::Role;

/// The marks and words of a language.
pub(super) struct Syntax {
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    /// The kinds of strings; a longer delimiter precedes its prefix.
    pub quotes: &'static [Quote],
    /// The keywords, separated by spaces; in lower case if the language ignores case.
    pub keywords: &'static str,
    pub ignores_case: bool,
    /// Further characters that are part of words.
    pub word_signs: &'static str,
    /// Characters before names, such as `$`.
    pub sigils: &'static str,
    /// The character after a string or the first word of a line that makes it a key.
    pub key_end: Option<char>,
    /// Whether words may contain quotes and the characters that start comments.
    pub has_words_with_signs: bool,
    pub has_lifetimes: bool,
    /// Whether a line in brackets is the title of a section.
    pub has_sections: bool,
    pub has_tags: bool,
    pub is_diff: bool,
}

/// A kind of string.
pub(super) struct Quote {
    pub mark: &'static str,
    /// Whether a backslash escapes the character after it.
    pub has_escapes: bool,
    pub spans_lines: bool,
    pub role: Role,
}

const fn quote(mark: &'static str, has_escapes: bool, spans_lines: bool) -> Quote {
    Quote { mark, has_escapes, spans_lines, role: Role::StringLiteral }
}

const fn quoted_name(mark: &'static str) -> Quote {
    Quote { mark, has_escapes: false, spans_lines: true, role: Role::Key }
}

const DOUBLE: Quote = quote("\"", true, false);
const SINGLE: Quote = quote("'", true, false);

/// A language with only words and numbers.
const BASE: Syntax = Syntax {
    line_comments: &[],
    block_comment: None,
    quotes: &[],
    keywords: "",
    ignores_case: false,
    word_signs: "",
    sigils: "",
    key_end: None,
    has_words_with_signs: false,
    has_lifetimes: false,
    has_sections: false,
    has_tags: false,
    is_diff: false,
};

static SQL: Syntax = Syntax {
    line_comments: &["--"],
    block_comment: Some(("/*", "*/")),
    quotes: &[quote("'", false, true), quoted_name("\""), quoted_name("`")],
    ignores_case: true,
    keywords: "select from where and or not in is as on join left right inner outer full cross group by order having \
        limit offset union all distinct case when then else end with recursive insert into values update set delete \
        create table view index drop alter add column primary key foreign references between like ilike exists asc \
        desc nulls first last over partition window rows range interval cast using returning except intersect lateral \
        qualify fetch top",
    ..BASE
};

static PYTHON: Syntax = Syntax {
    line_comments: &["#"],
    quotes: &[quote("\"\"\"", false, true), quote("'''", false, true), DOUBLE, SINGLE],
    sigils: "@",
    keywords: "and as assert async await break case class continue def del elif else except finally for from global if \
        import in is lambda match nonlocal not or pass raise return try while with yield",
    ..BASE
};

static JSON: Syntax = Syntax { line_comments: &["//"], quotes: &[DOUBLE], key_end: Some(':'), ..BASE };

static BASH: Syntax = Syntax {
    line_comments: &["#"],
    quotes: &[quote("\"", true, true), quote("'", false, true)],
    word_signs: "-",
    sigils: "$",
    has_words_with_signs: true,
    keywords: "if then else elif fi for while until do done case esac in function select time return exit break \
        continue export local readonly declare unset set shift source alias trap eval exec sudo",
    ..BASE
};

static JAVASCRIPT: Syntax = Syntax {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[DOUBLE, SINGLE, quote("`", true, true)],
    word_signs: "$",
    sigils: "@",
    keywords: "abstract as async await break case catch class const continue debugger declare default delete do else \
        enum export extends finally for from function get if implements import in instanceof interface keyof let \
        namespace new of private protected public readonly return satisfies set static super switch this throw try type \
        typeof var void while with yield",
    ..BASE
};

static YAML: Syntax = Syntax {
    line_comments: &["#"],
    quotes: &[quote("\"", true, true), quote("'", false, true)],
    word_signs: "-./",
    sigils: "&*",
    key_end: Some(':'),
    has_words_with_signs: true,
    keywords: "yes no on off",
    ..BASE
};

static TOML: Syntax = Syntax {
    line_comments: &["#", ";"],
    quotes: &[quote("\"\"\"", true, true), quote("'''", false, true), DOUBLE, quote("'", false, false)],
    word_signs: "-.",
    key_end: Some('='),
    has_sections: true,
    ..BASE
};

static DIFF: Syntax = Syntax { is_diff: true, ..BASE };

static RUST: Syntax = Syntax {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[quote("\"", true, true), SINGLE],
    has_lifetimes: true,
    keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move \
        mut pub ref return self Self static struct super trait type unsafe use where while",
    ..BASE
};

static GO: Syntax = Syntax {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[DOUBLE, SINGLE, quote("`", false, true)],
    keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map \
        package range return select struct switch type var",
    ..BASE
};

static HTML: Syntax = Syntax {
    quotes: &[quote("\"", false, true), quote("'", false, true)],
    word_signs: "-:",
    has_tags: true,
    ..BASE
};

static CSS: Syntax = Syntax {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[DOUBLE, SINGLE],
    word_signs: "-",
    sigils: "@$",
    key_end: Some(':'),
    ..BASE
};

impl Syntax {
    /// Returns the syntax of a language; `None` for plain text.
    pub(super) fn of(language: Language) -> Option<&'static Self> {
        match language {
            Language::Sql => Some(&SQL),
            Language::Python => Some(&PYTHON),
            Language::Json => Some(&JSON),
            Language::Bash => Some(&BASH),
            Language::JavaScript => Some(&JAVASCRIPT),
            Language::Yaml => Some(&YAML),
            Language::Toml => Some(&TOML),
            Language::Diff => Some(&DIFF),
            Language::Rust => Some(&RUST),
            Language::Go => Some(&GO),
            Language::Html => Some(&HTML),
            Language::Css => Some(&CSS),
            Language::Plain => None,
        }
    }
}
