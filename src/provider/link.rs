//! Parses pasted text: a bare id, an API link, a link copied from a dashboard. The providers decide which links belong
//! to their services; this is the shared part.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

/// A parsed link.
pub(super) struct Link {
    host: String,
    port: Option<u16>,
    /// Decoded path segments without empty ones, followed by those of a `#/…` route.
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl Link {
    /// Parses a link with or without a scheme; `None` if the text is not a link.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = match text.split_once("://") {
            Some(_) => Url::parse(text).ok()?,
            None if looks_like_host(text) => Url::parse(&format!("https://{text}")).ok()?,
            None => return None,
        };
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let mut segments = decode_segments(url.path());
        if let Some(route) = url.fragment() {
            segments.extend(decode_segments(route.split('?').next().unwrap_or_default()));
        }
        let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        Some(Self { host, port: url.port(), segments, query })
    }

    /// Returns whether the host name contains `word`.
    pub(super) fn host_contains(&self, word: &str) -> bool {
        self.host.contains(word)
    }

    /// Returns the host, with its port unless that is the default one.
    fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// Returns the segment after the consecutive segments `path`.
    pub(super) fn segment_after(&self, path: &[&str]) -> Option<&str> {
        let start = self.segments.windows(path.len()).position(|window| window == path)?;
        self.segments.get(start + path.len()).map(String::as_str)
    }

    /// Returns the first query parameter with one of the given names that is not empty.
    pub(super) fn query_parameter(&self, names: &[&str]) -> Option<&str> {
        let found = self.query.iter().find(|(key, value)| names.contains(&key.as_str()) && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }
}

/// Returns whether the part before a slash has a dot or a port: `host.name/…` or `localhost:1/…`.
fn looks_like_host(text: &str) -> bool {
    text.split_once('/').is_some_and(|(host, _)| {
        let plain =
            host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
        plain && !host.starts_with('.') && host.contains(['.', ':'])
    })
}

/// Returns the host of a pasted link, with its port unless that is the default one; `None` for any other text.
pub fn link_host(text: &str) -> Option<String> {
    let authority = Link::parse(trim_pasted(text))?.authority();
    (!authority.is_empty()).then_some(authority)
}

/// Returns whether a link to `host` leads to the installation of a service that answers at `base_url`: the same host, or
/// names that differ only in their purpose, such as `egp.dashboard.scale.com` and `api.egp.scale.com`.
pub fn is_same_installation(host: &str, base_url: &str) -> bool {
    let Some(base) = Link::parse(base_url).map(|base| base.authority()) else { return false };
    host == base || (!host.contains(':') && installation_labels(host) == installation_labels(&base))
}

/// Returns the labels of a host name, sorted, without those that name a purpose.
fn installation_labels(host: &str) -> Vec<&str> {
    const PURPOSES: [&str; 7] = ["api", "app", "chat", "console", "dashboard", "ui", "www"];
    let mut labels: Vec<&str> = host.split('.').filter(|label| !PURPOSES.contains(label)).collect();
    labels.sort_unstable();
    labels
}

fn decode_segments(path: &str) -> Vec<String> {
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8().map(Cow::into_owned).ok();
    path.split('/').filter(|segment| !segment.is_empty()).filter_map(decoded).collect()
}

/// Trims characters that are easily copied along: spaces, quotes, brackets, commas.
pub(super) fn trim_pasted(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ',' | ';'))
}

/// Returns whether the text is a UUID in the usual form, 8-4-4-4-12.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Returns whether the text has only letters, digits, `-` and `_`, and at most 128 of them.
pub(super) fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.len() <= 128 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_links_with_and_without_scheme() {
        for text in
            ["https://H.example/v4/threads/a%2Fb/messages?x=1", "h.example/v4/threads/a%2Fb/messages?x=1"]
        {
            let link = Link::parse(text).unwrap();
            assert_eq!(link.segment_after(&["v4", "threads"]), Some("a/b"));
            assert_eq!(link.query_parameter(&["y", "x"]), Some("1"));
            assert!(link.host_contains("h.ex"));
        }
        assert_eq!(Link::parse("localhost:9/threads/7").unwrap().segment_after(&["threads"]), Some("7"));
        assert_eq!(Link::parse("https://h/#/threads/7?a").unwrap().segment_after(&["threads"]), Some("7"));
        assert_eq!(Link::parse("https://h/threads/").unwrap().segment_after(&["threads"]), None);
    }

    #[test]
    fn does_not_parse_ids_and_file_paths_as_links() {
        for text in ["", "abc", "8c5e1a70", "./a/b", "../threads/x", "/threads/x", "a/b", "file:///threads/x"]
        {
            assert!(Link::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_host_of_a_link_distinguishes_installations() {
        assert_eq!(link_host(" <https://H.example:8443/threads/7>\n").as_deref(), Some("h.example:8443"));
        assert_eq!(link_host("https://h.example:443/x").as_deref(), Some("h.example"));
        assert_eq!(link_host("8c5e1a70-93d2"), None);
        for (host, base_url, is_same) in [
            ("egp.dashboard.scale.com", "https://api.egp.scale.com", true),
            ("console.camelai.com", "https://api.camelai.com/", true),
            ("api.egp.scale.com", "https://api.egp.scale.com/public", true),
            ("egp.staging.dashboard.scale.com", "https://api.egp.scale.com", false),
            ("staging-api.camelai.com", "https://api.camelai.com", false),
            ("api.egp.scale.com.evil.example", "https://api.egp.scale.com", false),
            ("api.egp.scale.com:8443", "https://api.egp.scale.com", false),
            ("127.0.0.1:5003", "http://127.0.0.1:5003/public", true),
            ("127.0.0.1:5004", "http://127.0.0.1:5003/public", false),
        ] {
            assert_eq!(is_same_installation(host, base_url), is_same, "{host} {base_url}");
        }
    }

    #[test]
    fn recognizes_uuids_and_slugs() {
        assert!(is_uuid("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"));
        assert!(!is_uuid("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5g"));
        assert!(!is_uuid("8c5e1a7-093d2-4b4f-a6c8-0e1f2d3c4b5a"));
        assert!(is_slug("Thread_1-x"));
        for text in ["", "a.json", "a b", "a/b", "ü"] {
            assert!(!is_slug(text), "{text}");
        }
        assert_eq!(trim_pasted(" \"abc\",\n"), "abc");
    }
}
