//! Error answers in words. Services and the proxies before them answer in many shapes: a sentence under one of a few
//! keys, a list of faults with the place of each, a map of fields, plain text, a page of HTML. All become a few short
//! sentences here; what to do next is said by [`advice`], in the words of the service's settings.

use crate::json::{Kind, Value};

/// An answer that is not 200, for people: what the service said and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    /// In the service's own words, one entry a sentence (for 422 one per `loc` and `msg`); may be empty. Not yet safe
    /// to be drawn.
    pub messages: Vec<String>,
    /// One or two sentences of ours: what to do next.
    pub hint: String,
}

/// How much of a body is looked at, in bytes; pages of proxies are small, and the rest would be cut anyway.
const MAX_PAGE_BYTES: usize = 64 * 1024;

/// The most sentences that are told.
const MAX_MESSAGES: usize = 12;

/// The longest sentence, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// What the service said, in the order of the keys that services use: `error`, `detail`, `message`, a map of fields,
/// `hint` and `details`, and where there is no JSON, the page's title or its first words.
pub(super) fn error_messages(body: &[u8]) -> Vec<String> {
    let mut said = MessageCollector::default();
    let value = Value::of(body);
    match value.kind() {
        Kind::Object => said.add_object(value),
        Kind::Array => said.add_list(value),
        Kind::String => said.add_text(&value.text()),
        _ => said.add_text(&page_text(body)),
    }
    said.finish()
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

    /// What stands under one of the keys: a sentence, a list of faults, or an object with a sentence of its own.
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
                (Some(place), Some(msg)) if !place.is_empty() => {
                    self.add_text(&format!("{place}: {}", msg.text()))
                }
                (_, Some(msg)) => self.add_text(&msg.text()),
                (_, None) => self.add_text(&item.text()),
            }
        }
    }

    /// A map from a field to what is wrong with it: a sentence or several.
    fn add_fields(&mut self, map: Value<'_>, before: &str) {
        for (key, value) in map.members() {
            let field = format!("{before}{}", key.text());
            match value.kind() {
                Kind::Array => {
                    value.elements().for_each(|item| self.add_text(&format!("{field}: {}", item.text())));
                }
                Kind::Object if before.is_empty() => self.add_fields(value, &format!("{field}.")),
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

/// The place that a fault names, as one would write it: `body.messages[0].content`.
fn location(fault: Value<'_>) -> Option<String> {
    let mut place = String::new();
    for step in fault.get("loc")?.elements() {
        match step.kind() {
            Kind::Number => place.push_str(&format!("[{}]", step.text())),
            _ if place.is_empty() => place.push_str(&step.text()),
            _ => place.push_str(&format!(".{}", step.text())),
        }
    }
    Some(place)
}

/// One line, without runs of white space, and not too long.
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

/// A page's title, else its first heading, else its words without tags.
fn page_text(body: &[u8]) -> String {
    let body = body.get(..MAX_PAGE_BYTES).unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    if !text.trim_start().starts_with('<') {
        return text.into_owned();
    }
    let found = ["title", "h1"]
        .iter()
        .find_map(|tag| between_tags(&text, tag))
        .filter(|words| !words.trim().is_empty());
    unescape_html(&found.unwrap_or_else(|| strip_tags(&text)))
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
        let shown = if number == 0 { piece } else { piece.split_once('>').map_or("", |(_, shown)| shown) };
        words.push_str(shown);
        words.push(' ');
    }
    words
}

fn unescape_html(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What the advice names: the settings of one service.
pub(super) struct ServiceHints {
    pub(super) key_variable: &'static str,
    pub(super) base_url_variable: &'static str,
    /// What to look at when the key is refused.
    pub(super) on_401: &'static str,
    pub(super) on_403: &'static str,
    pub(super) on_404: &'static str,
}

/// What to do about a status, in a sentence or two.
pub(super) fn hint_for_status(status: u16, settings: &ServiceHints) -> String {
    match status {
        401 => settings.on_401.to_owned(),
        402 => {
            format!("The service wants to be paid: check the plan that {} belongs to.", settings.key_variable)
        }
        403 => settings.on_403.to_owned(),
        404 | 410 => settings.on_404.to_owned(),
        400 | 422 => "The service cannot make sense of this request: check the thread id.".to_owned(),
        408 => "The service gave up waiting: try again.".to_owned(),
        429 => "Too many requests: wait a little, then try again.".to_owned(),
        300..=399 => format!(
            "The service points to another address, which is not followed with a key: check {}.",
            settings.base_url_variable
        ),
        500..=599 => {
            "The service or a proxy before it has a problem: try again in a little while.".to_owned()
        }
        _ => format!("Check the thread id and {}.", settings.base_url_variable),
    }
}

#[cfg(test)]
mod tests;
