//! Addresses of camelAI threads: ids, links, environment variables, requests.

use url::Url;

use crate::provider::access::{self, AccessError, EnvVariable, HeaderText, Request, ServiceAccess};
use crate::provider::link::{self, Link};
use crate::provider::{Confidence, ParsedThreadId};

const DEFAULT_BASE_URL: &str = "https://api.camelai.com";

pub(super) const ENV_VARIABLES: [EnvVariable; 2] = [
    EnvVariable { name: "CAMEL_API_KEY", description: "the API key", is_secret: true },
    EnvVariable { name: "CAMEL_API_URL", description: "a different base URL", is_secret: false },
];

pub(super) fn access_from_env(lookup: &dyn Fn(&str) -> Option<String>) -> ServiceAccess {
    ServiceAccess {
        base_url: access::first_set(lookup, &["CAMEL_API_URL"])
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        api_key: access::first_set(lookup, &["CAMEL_API_KEY"]).map(Into::into),
        account_id: None,
        fetch_by_account: false,
    }
}

/// Parses an id, which is an integer; checking it here saves a request for a mistyped id.
pub(super) fn parse_id(id: &str) -> Result<i64, String> {
    let id = id.trim();
    let digits = id.strip_prefix('-').unwrap_or(id);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("camelAI thread ids are whole numbers, such as 48213".to_owned());
    }
    id.parse().map_err(|_| "the number is too large for a camelAI thread id".to_owned())
}

pub(super) fn parse_thread_id(text: &str) -> Option<ParsedThreadId> {
    let text = link::trim_pasted(text);
    let (id, confidence) = match Link::parse(text) {
        Some(link) => parse_link(&link)?,
        None => (parse_id(text).ok()?, Confidence::Likely),
    };
    Some(ParsedThreadId { id: id.to_string(), confidence })
}

fn parse_link(link: &Link) -> Option<(i64, Confidence)> {
    if let Some(id) = link.segment_after(&["api", "v1", "threads"]) {
        return Some((parse_id(id).ok()?, Confidence::Certain));
    }
    if link.segment_after(&["v4", "threads"]).is_some() {
        return None;
    }
    let segments = ["threads", "thread", "chats", "chat", "c"];
    let in_path =
        segments.iter().filter_map(|segment| link.segment_after(&[segment])).find_map(|id| parse_id(id).ok());
    let in_query =
        || link.query_parameter(&["thread_id", "threadId", "thread"]).and_then(|id| parse_id(id).ok());
    let id = in_path.or_else(in_query)?;
    Some((id, if link.host_contains("camelai") { Confidence::Certain } else { Confidence::Possible }))
}

pub(super) fn messages_request(id: &str, access: &ServiceAccess) -> Result<Request, AccessError> {
    build_request(id, access, &["messages"])
}

/// Returns the request for a thread's details. The URL has no trailing slash, as in the latest documentation. An older
/// server redirects, which is not followed; then the thread has no title.
pub(super) fn details_request(id: &str, access: &ServiceAccess) -> Result<Request, AccessError> {
    build_request(id, access, &[])
}

fn build_request(id: &str, access: &ServiceAccess, rest: &[&str]) -> Result<Request, AccessError> {
    let id = parse_id(id).map_err(|reason| AccessError::BadId { reason })?.to_string();
    let mut segments = vec!["api", "v1", "threads", id.as_str()];
    segments.extend(rest);
    get(access::join_url(&access.base_url, &segments)?, access)
}

/// Returns the request for a page of threads. The path ends with a slash; only the query may come from a response.
pub(super) fn threads_request(query: &str, access: &ServiceAccess) -> Result<Request, AccessError> {
    let mut url = access::join_url(&access.base_url, &["api", "v1", "threads", ""])?;
    url.set_query(Some(query));
    get(url, access)
}

/// Builds a GET request with the key.
fn get(url: Url, access: &ServiceAccess) -> Result<Request, AccessError> {
    let missing = AccessError::NoKey { service: "camelAI", variable: "CAMEL_API_KEY" };
    let headers = vec![
        ("accept", HeaderText::Plain("application/json".to_owned())),
        ("authorization", access::secret_header(access, "Bearer ", missing)?),
    ];
    Ok(Request { url, headers })
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::*;

    fn access_with_key() -> ServiceAccess {
        ServiceAccess { api_key: Some(SecretString::from("k3y")), ..access_from_env(&|_| None) }
    }

    #[test]
    fn sends_a_bearer_key_and_no_trailing_slash() {
        let request = messages_request(" 48213 ", &access_with_key()).unwrap();
        assert_eq!(request.url.as_str(), "https://api.camelai.com/api/v1/threads/48213/messages");
        let Some((_, HeaderText::Secret(key))) =
            request.headers.iter().find(|(name, _)| *name == "authorization")
        else {
            panic!("no key")
        };
        assert_eq!(key.expose_secret(), "Bearer k3y");
        assert!(!format!("{request:?}").contains("k3y"));
        let details = details_request("-7", &access_with_key()).unwrap();
        assert_eq!(details.url.as_str(), "https://api.camelai.com/api/v1/threads/-7");
    }

    #[test]
    fn rejects_non_integer_ids() {
        for id in ["", "abc", "4.0", "+7", "--7", "-", "7/../8", "٧", "9223372036854775808"] {
            assert!(
                matches!(messages_request(id, &access_with_key()), Err(AccessError::BadId { .. })),
                "{id}"
            );
        }
        assert!(messages_request("-9223372036854775808", &access_with_key()).is_ok());
        let no_key = messages_request("7", &access_from_env(&|_| None)).unwrap_err();
        assert_eq!(no_key.to_string(), "CAMEL_API_KEY is not set");
    }

    #[test]
    fn reads_the_environment() {
        let lookup = |name: &str| (name == "CAMEL_API_URL").then(|| "http://localhost:8000/x".to_owned());
        let access = ServiceAccess { api_key: Some(SecretString::from("k3y")), ..access_from_env(&lookup) };
        let url = messages_request("7", &access).unwrap().url;
        assert_eq!(url.as_str(), "http://localhost:8000/x/api/v1/threads/7/messages");
    }

    #[test]
    fn parses_thread_ids_and_links() {
        use Confidence::{Certain, Likely, Possible};
        for (text, id, confidence) in [
            ("48213", "48213", Likely),
            (" 007\n", "7", Likely),
            ("https://api.camelai.com/api/v1/threads/123/messages", "123", Certain),
            ("http://localhost:8000/x/api/v1/threads/123/", "123", Certain),
            ("https://console.camelai.com/chat/9", "9", Certain),
            ("https://camelai.com/app?thread_id=9", "9", Certain),
            ("https://internal.example/threads/9", "9", Possible),
        ] {
            assert_eq!(
                parse_thread_id(text),
                Some(ParsedThreadId { id: id.to_owned(), confidence }),
                "{text}"
            );
        }
        for text in [
            "",
            "abc",
            "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
            "https://api.egp.scale.com/v4/threads/123/messages",
            "https://api.camelai.com/api/v1/threads/abc/messages",
        ] {
            assert_eq!(parse_thread_id(text), None, "{text}");
        }
    }
}
