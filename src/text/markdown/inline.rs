//! The inline text of one block: nested styles, links, formulas.

use pulldown_cmark::CowStr;

use crate::text::line::StyledText;
use crate::theme::Role;

/// The inline text collected so far.
#[derive(Default)]
pub(super) struct Inline<'a> {
    text: StyledText,
    styles: Vec<Role>,
    /// Open links and images.
    links: Vec<OpenLink<'a>>,
}

/// A link or an image: the start of its text, and its target.
struct OpenLink<'a> {
    start: usize,
    url: CowStr<'a>,
    title: CowStr<'a>,
}

impl<'a> Inline<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the collected text and starts a new one.
    pub(super) fn take(&mut self) -> StyledText {
        std::mem::take(&mut self.text)
    }

    pub(super) fn start_style(&mut self, role: Role) {
        // Nested styles do not change a heading.
        let role = if self.style() == Role::Heading { Role::Heading } else { role };
        self.styles.push(role);
    }

    pub(super) fn end_style(&mut self) {
        self.styles.pop();
    }

    pub(super) fn style(&self) -> Role {
        self.styles.last().copied().unwrap_or_default()
    }

    pub(super) fn start_link(&mut self, url: CowStr<'a>, title: CowStr<'a>) {
        self.start_style(Role::Link);
        self.links.push(OpenLink { start: self.text.text().len(), url, title });
    }

    /// Ends a link, and appends its URL unless its text is the URL.
    pub(super) fn end_link(&mut self) {
        self.end_style();
        let Some(OpenLink { start, url, title }) = self.links.pop() else { return };
        let text = self.text.text().get(start..).unwrap_or_default();
        let is_url = text == &*url || url.strip_prefix("mailto:") == Some(text);
        self.push_target(if is_url { "" } else { &url }, &title);
    }

    pub(super) fn start_image(&mut self, url: CowStr<'a>, title: CowStr<'a>) {
        self.push_literal("[image: ");
        self.links.push(OpenLink { start: self.text.text().len(), url, title });
    }

    /// Ends an image, and appends its URL.
    pub(super) fn end_image(&mut self) {
        self.push_literal("]");
        let Some(OpenLink { url, title, .. }) = self.links.pop() else { return };
        self.push_target(&url, &title);
    }

    fn push_target(&mut self, url: &str, title: &str) {
        let title = if title.is_empty() { String::new() } else { format!("\"{title}\"") };
        let parts: Vec<&str> = [url, &title].into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            self.text.push(&format!(" ({})", parts.join(" ")), Role::Dim);
        }
    }

    /// Appends text in the current style.
    pub(super) fn push_literal(&mut self, text: &str) {
        let style = self.style();
        self.text.push(text, style);
    }

    /// Appends text in a style.
    pub(super) fn push_styled(&mut self, text: &str, style: Role) {
        self.text.push(text, style);
    }

    /// Appends text of the source.
    pub(super) fn push(&mut self, text: &CowStr<'_>, style: Role) {
        match text {
            // Borrowed from the source, which was sanitized as a whole.
            CowStr::Borrowed(part) => self.text.push_sanitized(part, style),
            CowStr::Boxed(_) | CowStr::Inlined(_) => self.text.push(text, style),
        }
    }
}
