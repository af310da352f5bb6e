//! Messages from error responses. Services and proxies use many formats: a sentence under one of a few keys, a list of
//! errors with a location each, a map of fields, plain text, an HTML page. All become a few short sentences here;
//! [`hint_for_status`] adds the next step, in terms of the service's settings.

use crate::json::{Kind, Value};

/// A response that is not 200, for people: the service's messages and the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    /// The service's own sentences (for 422 one per `loc` and `msg`); may be empty. Not sanitized.
    pub messages: Vec<String>,
    /// The program's next step for the user, in one or two sentences.
    pub hint: String,
}

/// The maximum number of bytes in an HTML or text body that are read; pages of proxies are small.
const MAX_PAGE_BYTES: usize = 64 * 1024;

/// Maximum number of messages.
const MAX_MESSAGES: usize = 12;

/// Maximum length of a message, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// Reads the service's messages in the order of the keys that services use: `error`, `detail`, `message`, a map of
/// fields, `hint` and `details`; without JSON, the page's title or its first words.
pub(super) fn error_messages(body: &[u8]) -> Vec<String> {
    let mut messages = MessageCollector::default();
    let value = Value::of(body);
    match value.kind() {
        Kind::Object => messages.add_object(value),
        Kind::Array => messages.add_list(value),
        Kind::String => messages.add_text(&value.text()),
        _ => messages.add_text(&page_text(body)),
    }
    messages.finish()
}

#[derive(Default)]
struct MessageCollector {
    messages: Vec<String>,
    omitted: usize,
}

impl MessageCollector {
    fn add_text(&mut self, text: &str) {
        let text = shorten(text);
        if text.is_empty() || self.messages.contains(&text) {
            return;
        }
        if self.messages.len() < MAX_MESSAGES {
            self.messages.push(text);
        } else {
            self.omitted += 1;
        }
    }

    fn add_object(&mut self, object: Value<'_>) {
        for key in ["error", "detail", "message"] {
            if let Some(value) = object.get(key) {
                self.add_value(value);
            }
        }
        if self.messages.is_empty() {
            self.add_fields(object, "");
        }
        for key in ["hint", "details"] {
            match object.get(key) {
                Some(value) if value.kind() == Kind::Object => self.add_fields(value, ""),
                Some(value) => self.add_value(value),
                None => {}
            }
        }
    }

    /// Adds the value of one of the keys: a sentence, a list of errors, or an object with a sentence.
    fn add_value(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::Array => self.add_list(value),
            Kind::Object => match ["message", "msg", "detail", "error", "description"]
                .iter()
                .find_map(|key| value.get(key))
            {
                Some(inner) => self.add_text(&inner.text()),
                None => self.add_fields(value, ""),
            },
            Kind::Bool | Kind::Null => {}
            _ => self.add_text(&value.text()),
        }
    }

    fn add_list(&mut self, list: Value<'_>) {
        for item in list.elements() {
            match (location(item), item.get("msg").or_else(|| item.get("message"))) {
                (Some(location), Some(msg)) if !location.is_empty() => {
                    self.add_text(&format!("{location}: {}", msg.text()))
                }
                (_, Some(msg)) => self.add_text(&msg.text()),
                (_, None) => self.add_text(&item.text()),
            }
        }
    }

    /// Adds a map from fields to the errors of each: one sentence or several.
    fn add_fields(&mut self, map: Value<'_>, prefix: &str) {
        for (key, value) in map.members() {
            let field = format!("{prefix}{}", key.text());
            match value.kind() {
                Kind::Array => {
                    value.elements().for_each(|item| self.add_text(&format!("{field}: {}", item.text())));
                }
                Kind::Object if prefix.is_empty() => self.add_fields(value, &format!("{field}.")),
                _ => self.add_text(&format!("{field}: {}", value.text())),
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        if self.omitted > 0 {
            self.messages.push(format!("… and {} more", self.omitted));
        }
        self.messages
    }
}

/// Returns the `loc` of an error as a path: `body.messages[0].content`.
fn location(error: Value<'_>) -> Option<String> {
    let mut path = String::new();
    for step in error.get("loc")?.elements() {
        match step.kind() {
            Kind::Number => path.push_str(&format!("[{}]", step.text())),
            _ if path.is_empty() => path.push_str(&step.text()),
            _ => path.push_str(&format!(".{}", step.text())),
        }
    }
    Some(path)
}

/// Returns the text on one line, with single spaces, cut at [`MAX_MESSAGE_CHARS`].
fn shorten(text: &str) -> String {
    let mut line = String::new();
    let mut count = 0;
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        count += word.chars().count() + 1;
        if count > MAX_MESSAGE_CHARS {
            line.extend(word.chars().take(MAX_MESSAGE_CHARS.saturating_sub(line.chars().count())));
            line.push('…');
            break;
        }
        line.push_str(word);
    }
    line
}

/// Returns a page's title, else its first heading, else its text without tags.
fn page_text(body: &[u8]) -> String {
    let body = body.get(..MAX_PAGE_BYTES).unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    if !text.trim_start().starts_with('<') {
        return text.into_owned();
    }
    let title = ["title", "h1"]
        .iter()
        .find_map(|tag| between_tags(&text, tag))
        .filter(|words| !words.trim().is_empty());
    unescape_html(&title.unwrap_or_else(|| strip_tags(&text)))
}

fn between_tags(page: &str, tag: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let open = lower.find(&format!("<{tag}"))?;
    let start = open + lower.get(open..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find(&format!("</{tag}"))?;
    page.get(start..end).map(strip_tags)
}

fn strip_tags(page: &str) -> String {
    let mut words = String::new();
    for (number, piece) in page.split('<').enumerate() {
        let text = if number == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) };
        words.push_str(text);
        words.push(' ');
    }
    words
}

fn unescape_html(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The hint for a response that is declared to have no body.
pub const NO_CONTENT_HINT: &str =
    "The service knows the address but sent no messages: check the thread id, the account and the base URL.";
/// The hint for a response that refers to a cached copy, although the request offered none.
pub const NOT_MODIFIED_HINT: &str = "A faulty cache or proxy answered: reload, or ask its operator.";

/// The settings of one service that hints refer to.
pub(super) struct ServiceHints {
    pub(super) key_variable: &'static str,
    pub(super) base_url_variable: &'static str,
    /// The hint for a refused key.
    pub(super) on_401: &'static str,
    pub(super) on_403: &'static str,
    pub(super) on_404: &'static str,
}

/// Returns the next step for a status, in one or two sentences.
pub(super) fn hint_for_status(status: u16, hints: &ServiceHints) -> String {
    match status {
        401 => hints.on_401.to_owned(),
        402 => format!("Payment required: check the plan of the account behind {}.", hints.key_variable),
        403 => hints.on_403.to_owned(),
        404 | 410 => hints.on_404.to_owned(),
        204 | 205 => NO_CONTENT_HINT.to_owned(),
        304 => NOT_MODIFIED_HINT.to_owned(),
        407 => "The proxy requires a user name and password: check HTTPS_PROXY.".to_owned(),
        400 | 422 => "The service rejected the request: check the thread id.".to_owned(),
        408 => "The server timed out: try again.".to_owned(),
        429 => "Too many requests: wait a moment, then try again.".to_owned(),
        300..=399 => format!(
            "The service redirects to another address, which is not followed with a key: check {}.",
            hints.base_url_variable
        ),
        500..=599 => "Server or proxy error: try again later.".to_owned(),
        _ => format!("Check the thread id and {}.", hints.base_url_variable),
    }
}

#[cfg(test)]
mod tests;
