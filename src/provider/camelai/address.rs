//! What camelAI's threads are called and where they are asked for: ids, links, environment, the requests.

use crate::provider::access::{self, Access, AccessError, HeaderText, Request, Variable};
use crate::provider::link::{self, Link};
use crate::provider::{Certainty, Recognised};

const DEFAULT_BASE_URL: &str = "https://api.camelai.com";

pub(super) const VARIABLES: [Variable; 2] = [
    Variable { name: "CAMEL_API_KEY", meaning: "the API key", secret: true },
    Variable { name: "CAMEL_API_URL", meaning: "another base URL", secret: false },
];

pub(super) fn access(lookup: &dyn Fn(&str) -> Option<String>) -> Access {
    Access {
        base_url: access::first_set(lookup, &["CAMEL_API_URL"])
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        key: access::first_set(lookup, &["CAMEL_API_KEY"]).map(Into::into),
        account: None,
        by_account: false,
    }
}

/// The id as an integer. The service takes nothing else, and a mistyped id is cheaper to tell here.
pub(super) fn number(id: &str) -> Result<i64, String> {
    let id = id.trim();
    let digits = id.strip_prefix('-').unwrap_or(id);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("camelAI's thread ids are whole numbers, such as 48213".to_owned());
    }
    id.parse().map_err(|_| "this number is too large for a thread id of camelAI".to_owned())
}

pub(super) fn recognise(text: &str) -> Option<Recognised> {
    let text = link::bare(text);
    let (id, certainty) = match Link::read(text) {
        Some(link) => in_link(&link)?,
        None => (number(text).ok()?, Certainty::Likely),
    };
    Some(Recognised { id: id.to_string(), certainty })
}

fn in_link(link: &Link) -> Option<(i64, Certainty)> {
    if let Some(id) = link.after(&["api", "v1", "threads"]) {
        return Some((number(id).ok()?, Certainty::Certain));
    }
    if link.after(&["v4", "threads"]).is_some() {
        return None;
    }
    let places = ["threads", "thread", "chats", "chat", "c"];
    let in_path = places.iter().filter_map(|place| link.after(&[place])).find_map(|id| number(id).ok());
    let in_query = || link.parameter(&["thread_id", "threadId", "thread"]).and_then(|id| number(id).ok());
    let id = in_path.or_else(in_query)?;
    Some((id, if link.host_has("camelai") { Certainty::Certain } else { Certainty::Possible }))
}

pub(super) fn messages_request(id: &str, access: &Access) -> Result<Request, AccessError> {
    request(id, access, &["messages"])
}

/// Without a slash at the end, as the latest documentation has it; an older server answers with a redirect, which is
/// not followed, and the thread goes without its title.
pub(super) fn details_request(id: &str, access: &Access) -> Result<Request, AccessError> {
    request(id, access, &[])
}

fn request(id: &str, access: &Access, rest: &[&str]) -> Result<Request, AccessError> {
    let id = number(id).map_err(|reason| AccessError::BadId { reason })?.to_string();
    let mut segments = vec!["api", "v1", "threads", id.as_str()];
    segments.extend(rest);
    let url = access::join(&access.base_url, &segments)?;
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

    fn with_key() -> Access {
        Access { key: Some(SecretString::from("k3y")), ..access(&|_| None) }
    }

    #[test]
    fn the_requests_have_a_bearer_key_and_no_slash_at_the_end() {
        let request = messages_request(" 48213 ", &with_key()).unwrap();
        assert_eq!(request.url.as_str(), "https://api.camelai.com/api/v1/threads/48213/messages");
        let Some((_, HeaderText::Secret(key))) =
            request.headers.iter().find(|(name, _)| *name == "authorization")
        else {
            panic!("no key")
        };
        assert_eq!(key.expose_secret(), "Bearer k3y");
        assert!(!format!("{request:?}").contains("k3y"));
        let details = details_request("-7", &with_key()).unwrap();
        assert_eq!(details.url.as_str(), "https://api.camelai.com/api/v1/threads/-7");
    }

    #[test]
    fn an_id_that_is_no_integer_is_refused_before_sending() {
        for id in ["", "abc", "4.0", "+7", "--7", "-", "7/../8", "٧", "9223372036854775808"] {
            assert!(matches!(messages_request(id, &with_key()), Err(AccessError::BadId { .. })), "{id}");
        }
        assert!(messages_request("-9223372036854775808", &with_key()).is_ok());
        let no_key = messages_request("7", &access(&|_| None)).unwrap_err();
        assert_eq!(no_key.to_string(), "no API key for camelAI (CAMEL_API_KEY is not set)");
    }

    #[test]
    fn the_environment_is_read() {
        let lookup = |name: &str| (name == "CAMEL_API_URL").then(|| "http://localhost:8000/x".to_owned());
        let access = Access { key: Some(SecretString::from("k3y")), ..access(&lookup) };
        let url = messages_request("7", &access).unwrap().url;
        assert_eq!(url.as_str(), "http://localhost:8000/x/api/v1/threads/7/messages");
    }

    #[test]
    fn threads_are_found_in_ids_and_links() {
        use Certainty::{Certain, Likely, Possible};
        for (text, id, certainty) in [
            ("48213", "48213", Likely),
            (" 007\n", "7", Likely),
            ("https://api.camelai.com/api/v1/threads/123/messages", "123", Certain),
            ("http://localhost:8000/x/api/v1/threads/123/", "123", Certain),
            ("https://console.camelai.com/chat/9", "9", Certain),
            ("https://camelai.com/app?thread_id=9", "9", Certain),
            ("https://internal.example/threads/9", "9", Possible),
        ] {
            assert_eq!(recognise(text), Some(Recognised { id: id.to_owned(), certainty }), "{text}");
        }
        for text in [
            "",
            "abc",
            "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
            "https://api.egp.scale.com/v4/threads/123/messages",
            "https://api.camelai.com/api/v1/threads/abc/messages",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }
}
