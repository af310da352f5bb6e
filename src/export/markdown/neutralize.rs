//! Untrusted Markdown made safe to embed: raw HTML and images become text, links carry their own address, definitions and
//! footnotes end with their message, and nothing mentions a person or an issue or looks like an alert.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::escape::NO_MENTION;
use crate::text::markdown::{MarkdownSource, definition_positions};

/// The maximum number of rounds of edits. Text that still has an effect outside after them is not treated as Markdown.
const MAX_ROUNDS: usize = 6;

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES);

/// Every extension that changes which markup has an effect; for example, with definition lists there are definitions in
/// more places. Links between notes are excluded, because they would consume the brackets of citations such as
/// `[[1]](address)`.
const ALL_EXTENSIONS: Options = Options::all()
    .difference(Options::ENABLE_OLD_FOOTNOTES)
    .difference(Options::ENABLE_SMART_PUNCTUATION)
    .difference(Options::ENABLE_WIKILINKS);

/// Makes sanitized text harmless; `None` if that fails.
pub(super) fn neutralize(text: &str) -> Option<String> {
    let mut text = MarkdownSource::new(text).to_markdown();
    for _ in 0..MAX_ROUNDS {
        let mut readings = [OPTIONS, ALL_EXTENSIONS].into_iter().map(|options| Edits::of(&text, options));
        let Some(edits) = readings.find(|edits| !edits.0.is_empty()) else { return Some(text) };
        text = edits.apply(&text);
    }
    None
}

/// Replacements of ranges of a text.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    fn of(text: &str, options: Options) -> Self {
        let mut finder =
            Finder { text, edits: Self::default(), links: Vec::new(), is_in_code: false, run: Vec::new() };
        let parser = Parser::new_ext(text, options);
        for (_, definition) in parser.reference_definitions().iter() {
            finder.edits.escape(definition.span.start);
        }
        for (event, range) in parser.into_offset_iter() {
            finder.add(event, range);
        }
        finder.find_mentions();
        let mut edits = finder.edits;
        definition_positions(text).into_iter().for_each(|bracket| edits.escape(bracket));
        edits.0.sort_by_key(|(range, _)| (range.start, range.end));
        edits.0.dedup();
        edits
    }

    /// Puts a backslash before a character.
    fn escape(&mut self, position: usize) {
        self.0.push((position..position, "\\".to_owned()));
    }

    fn insert(&mut self, position: usize, text: &str) {
        self.0.push((position..position, text.to_owned()));
    }

    /// Applies the edits. One that overlaps the previous one waits for the next round.
    fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + self.0.len() * 2);
        let mut copied = 0;
        for (range, replacement) in self.0.iter() {
            if range.start < copied {
                continue;
            }
            out.push_str(text.get(copied..range.start).unwrap_or_default());
            out.push_str(replacement);
            copied = range.end;
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    }
}

/// An open link: the end of its text so far, and its address if that is in a definition.
struct OpenLink {
    text_end: usize,
    resolved: Option<String>,
    is_literal: bool,
}

/// Finds markup that has an effect outside its message.
struct Finder<'a> {
    text: &'a str,
    edits: Edits,
    links: Vec<OpenLink>,
    is_in_code: bool,
    /// The characters of adjacent text events, each with the end of its source: readers see one text, although escapes and
    /// character references divide it.
    run: Vec<(char, usize)>,
}

impl Finder<'_> {
    fn add(&mut self, event: Event<'_>, range: Range<usize>) {
        if !matches!(event, Event::Text(_)) {
            self.find_mentions();
        }
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {
                let bytes = self.text.as_bytes().get(range.clone()).unwrap_or_default();
                let signs = range.clone().zip(bytes).filter(|(_, byte)| **byte == b'<');
                signs.for_each(|(position, _)| self.edits.escape(position));
            }
            Event::Start(Tag::Image { .. }) => {
                self.edits.escape(range.start);
                self.edits.escape(range.start + 1);
            }
            Event::Start(Tag::CodeBlock(_)) => self.is_in_code = true,
            Event::End(TagEnd::CodeBlock) => self.is_in_code = false,
            Event::FootnoteReference(_) => self.edits.escape(range.start),
            Event::Start(Tag::FootnoteDefinition(_)) => {
                let bracket = self.text.get(range.start..).and_then(|rest| rest.find('['));
                self.edits.escape(range.start + bracket.unwrap_or(0));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                let resolved = match link_type {
                    LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => {
                        Some(link_target(&dest_url, &title))
                    }
                    LinkType::Inline
                    | LinkType::ReferenceUnknown
                    | LinkType::CollapsedUnknown
                    | LinkType::ShortcutUnknown
                    | LinkType::Autolink
                    | LinkType::Email
                    | LinkType::WikiLink { .. } => None,
                };
                let is_literal = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.links.push(OpenLink { text_end: range.start + 1, resolved, is_literal });
                return;
            }
            Event::End(TagEnd::Link) => {
                if let Some(OpenLink { text_end, resolved: Some(target), .. }) = self.links.pop() {
                    self.edits.0.push((text_end..range.end, target));
                }
            }
            Event::Text(ref text) if !self.is_in_code && !self.links.iter().any(|link| link.is_literal) => {
                self.extend_run(text, range.clone());
            }
            _ => {}
        }
        for link in &mut self.links {
            link.text_end = link.text_end.max(range.end);
        }
    }

    fn extend_run(&mut self, text: &str, range: Range<usize>) {
        let is_verbatim = self.text.get(range.clone()) == Some(text);
        if is_verbatim {
            self.escape_open_tags(&range);
        }
        // A character reference has one end for all its characters.
        let end = |at: usize, c: char| if is_verbatim { range.start + at + c.len_utf8() } else { range.end };
        self.run.extend(text.char_indices().map(|(at, c)| (c, end(at, c))));
    }

    /// Escapes `<b` and `<!` without `>` on their line: in a quote, some readers take the character at the start of the
    /// next line for the end of a tag.
    fn escape_open_tags(&mut self, range: &Range<usize>) {
        let text = self.text;
        for (at, _) in text.get(range.clone()).unwrap_or_default().match_indices('<') {
            let position = range.start + at;
            let before = text.get(..position).unwrap_or_default();
            let backslashes = before.len() - before.trim_end_matches('\\').len();
            let line = text.get(position + 1..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let opens_tag =
                line.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
            if opens_tag && backslashes % 2 == 0 && !line.contains('>') {
                self.edits.escape(position);
            }
        }
    }

    /// Finds `@name`, `#12`, `GH-12`, `!12` and `[!NOTE]` in the text so far.
    fn find_mentions(&mut self) {
        let run = std::mem::take(&mut self.run);
        self.find_closing_words(&run);
        let char_at = |at: Option<usize>| at.and_then(|at| run.get(at)).map_or(' ', |(c, _)| *c);
        for (at, (sign, end)) in run.iter().enumerate() {
            let before = |count: usize| char_at(at.checked_sub(count));
            let after = char_at(at.checked_add(1));
            let is_mention = match sign {
                '@' => after.is_ascii_alphanumeric() && !before(1).is_ascii_alphanumeric(),
                '-' => {
                    after.is_ascii_digit()
                        && before(1).eq_ignore_ascii_case(&'h')
                        && before(2).eq_ignore_ascii_case(&'g')
                }
                '!' if before(1) == '[' => after.is_ascii_alphabetic(),
                '#' | '!' => after.is_ascii_digit(),
                _ => false,
            };
            if is_mention && !is_in_address(self.text.get(..*end).unwrap_or_default()) {
                self.edits.insert(*end, NO_MENTION);
            }
        }
    }
}

impl Finder<'_> {
    /// Finds the words that close the issue at an address after them, such as `fixes https://github.com/a/b/issues/1`.
    fn find_closing_words(&mut self, run: &[(char, usize)]) {
        for word in
            run.chunk_by(|(one, _), (next, _)| one.is_ascii_alphanumeric() && next.is_ascii_alphanumeric())
        {
            let ([_, (_, second_end), ..], [.., (_, end)]) = (word, word) else { continue };
            let letters: String = word.iter().map(|(letter, _)| *letter).collect();
            if CLOSING_WORDS.iter().any(|closing| closing.eq_ignore_ascii_case(&letters)) {
                let after = self.text.get(*end..).unwrap_or_default();
                let target =
                    after.trim_start_matches(|c: char| c.is_whitespace() || ":<([*_~\"'".contains(c));
                if ["http://", "https://"].iter().any(|scheme| {
                    target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                }) {
                    self.edits.insert(*second_end, NO_MENTION);
                }
            }
        }
    }
}

/// The words with which GitHub and GitLab close issues.
const CLOSING_WORDS: [&str; 16] = [
    "close",
    "closes",
    "closed",
    "closing",
    "fix",
    "fixes",
    "fixed",
    "fixing",
    "resolve",
    "resolves",
    "resolved",
    "resolving",
    "implement",
    "implements",
    "implemented",
    "implementing",
];

/// The starts of addresses that renderers turn into links.
const ADDRESS_STARTS: [&str; 4] = ["http://", "https://", "ftp://", "www."];

/// Returns whether a text ends inside a bare address.
fn is_in_address(before: &str) -> bool {
    let word =
        before.rsplit(|c: char| c.is_whitespace() || matches!(c, '<' | '(')).next().unwrap_or_default();
    let word = word.trim_start_matches(['*', '_', '~']);
    let rest = ADDRESS_STARTS.iter().find_map(|start| word.strip_prefix(start));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Returns the end of a link with its address inside.
fn link_target(address: &str, title: &str) -> String {
    let escape = |text: &str, signs: &[char]| -> String {
        let escaped = text.chars().flat_map(|c| {
            let sign = signs.contains(&c) || c == '\\';
            sign.then_some('\\').into_iter().chain(std::iter::once(if c == '\n' { ' ' } else { c }))
        });
        escaped.collect::<String>().replace('&', "&amp;")
    };
    let title = if title.is_empty() { String::new() } else { format!(" \"{}\"", escape(title, &['"'])) };
    format!("](<{}>{title})", escape(address, &['<', '>']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::TextMergeStream;

    use super::*;

    fn safe(text: &str) -> String {
        neutralize(text).unwrap()
    }

    #[test]
    fn escapes_html_and_images_but_not_code() {
        assert_eq!(
            safe("a <b>b</b> `<i>` ![p](http://x/p.png) <http://a>"),
            "a \\<b>b\\</b> `<i>` \\!\\[p](http://x/p.png) <http://a>"
        );
        assert_eq!(safe("<script>\nalert(1)\n</script>\n"), "\\<script>\nalert(1)\n\\</script>\n");
        assert_eq!(safe("```\n<b>\n```\n"), "```\n<b>\n```\n");
    }

    #[test]
    fn a_tag_that_the_marker_of_a_quote_could_end_is_escaped() {
        assert_eq!(safe("a <!K2-\nb"), "a \\<!K2-\nb");
        assert_eq!(safe("a <b\nc"), "a \\<b\nc");
        assert_eq!(safe("\\<b\n1 < 2"), "\\<b\n1 < 2");
    }

    #[test]
    fn definitions_and_footnotes_end_with_the_message() {
        assert_eq!(
            safe("see [1] and [b][1]\n\n[1]: https://x \"t\""),
            "see [1](<https://x> \"t\") and [b](<https://x> \"t\")\n\n\\[1]: https://x \"t\""
        );
        assert_eq!(safe("[unused]: https://x\n[1] stays"), "\\[unused]: https://x\n[1] stays");
        assert_eq!(safe("a[^1]\n\n[^1]: note"), "a\\[^1]\n\n\\[^1]: note");
        assert_eq!(safe("> - [x]: y"), "> - \\[x]: y");
        assert_eq!(safe("term\n: [x]: y"), "term\n: \\[x]: y");
    }

    #[test]
    fn mentions_and_alerts_are_inert() {
        assert_eq!(
            safe("@ann, fixes #1, a/b#2, gh-3, !4 and a@b.example"),
            "@&#8203;ann, fixes #&#8203;1, a/b#&#8203;2, gh-&#8203;3, !&#8203;4 and a@b.example"
        );
        assert_eq!(
            safe("`@ann #1` https://x/@ann#1 # 1\n\n    @ann"),
            "`@ann #1` https://x/@ann#1 # 1\n\n    @ann"
        );
        assert_eq!(safe("[!WARNING]\nx"), "[!&#8203;WARNING]\nx");
        assert_eq!(safe("&#64;ann"), "&#64;&#8203;ann");
        assert_eq!(
            safe("@&#97;nn, &#35;&#49;, \\#\\1, [!N&#79;TE]"),
            "@&#8203;&#97;nn, &#35;&#8203;&#49;, \\#\\1, [!&#8203;N&#79;TE]"
        );
        assert_eq!(safe("x://@ann https://@ann"), "x://@&#8203;ann https://@&#8203;ann");
    }

    #[test]
    fn closing_words_before_an_address_are_inert() {
        let address = "https://github.com/x/y/issues/1";
        for (word, inert) in [
            ("fi&#120;es", "fi&#8203;&#120;es"),
            ("fixes", "fi&#8203;xes"),
            ("Closed:", "Cl&#8203;osed:"),
            ("RESOLVE", "RE&#8203;SOLVE"),
        ] {
            for target in [
                address.to_owned(),
                format!("<{address}>"),
                format!("[it]({address})").replace("it", address),
            ] {
                assert_eq!(safe(&format!("It {word} {target}.")), format!("It {inert} {target}."));
                assert_eq!(safe(&format!("{word}\n{target}")), format!("{inert}\n{target}"));
            }
        }
        assert_eq!(
            safe("FIXES #1, closes gh-2, Resolved a/b#3"),
            "FIXES #&#8203;1, closes gh-&#8203;2, Resolved a/b#&#8203;3"
        );
        for text in ["prefix https://x", "he fixes cars; see https://x", "`fixes https://x`"] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn formulas_become_code() {
        assert_eq!(safe("$a*b*c$ and \\(x_1*y_1*z\\)"), "$`a*b*c`$ and `\\(x_1*y_1*z\\)`");
        assert_eq!(safe("$$\na*b\n\nc\n$$"), "```math\na*b\n\nc\n```");
    }

    proptest! {
        #[test]
        fn neutralized_text_does_not_act(text in "([a`~> \n<!-]|```|<!--|-->|<b a='|<script>|!\\[x\\]\\(y\\)|\\[x\\]: y|!\\[x\\]|\\[x\\]|\\[\\^1\\]|\\[\\^1\\]: |@a|#1|\\[!NOTE\\]|\\\\|\\$|\\|-\\||    )*") {
            if let Some(safe) = neutralize(&text) {
                let quoted: String = safe.lines().map(|line| format!("> {line}\n")).collect();
                // Neither code nor an address between angle brackets mentions anybody.
                let mut is_inert = false;
                for event in TextMergeStream::new(Parser::new_ext(&quoted, OPTIONS | Options::ENABLE_GFM)) {
                    let acts = match &event {
                        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. } | Tag::FootnoteDefinition(_)) => true,
                        Event::FootnoteReference(_) | Event::Start(Tag::BlockQuote(Some(_))) => true,
                        Event::Start(Tag::Link { link_type, .. }) => {
                            is_inert = matches!(link_type, LinkType::Autolink | LinkType::Email);
                            matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut)
                        }
                        Event::Start(Tag::CodeBlock(_)) => {
                            is_inert = true;
                            false
                        }
                        Event::End(TagEnd::CodeBlock | TagEnd::Link) => {
                            is_inert = false;
                            false
                        }
                        Event::Text(text) if !is_inert => {
                            let is_mention = |at: usize| !text.get(..at).unwrap_or_default().ends_with(|c: char| c.is_ascii_alphanumeric());
                            text.contains("#1") || text.match_indices("@a").any(|(at, _)| is_mention(at))
                        }
                        _ => false,
                    };
                    prop_assert!(!acts, "{:?} of {:?}", event, quoted);
                }
            }
        }
    }
}
