//! Addresses of SGP threads: ids, links, environment variables, the request.

use crate::provider::access::{self, AccessError, EnvVariable, HeaderText, Request, ServiceAccess};
use crate::provider::link::{self, Link};
use crate::provider::{Confidence, ParsedThreadId};

const DEFAULT_BASE_URL: &str = "https://api.egp.scale.com";

/// Query parameters that dashboards use for a thread id.
const THREAD_PARAMETERS: [&str; 5] = ["thread_id", "chat_thread_id", "threadId", "chatThreadId", "thread"];

pub(super) const ENV_VARIABLES: [EnvVariable; 6] = [
    EnvVariable { name: "SGP_API_KEY", description: "the API key", is_secret: true },
    EnvVariable {
        name: "SGP_ACCOUNT_ID",
        description: "the account id; most keys need it",
        is_secret: false,
    },
    EnvVariable { name: "SGP_CLIENT_BASE_URL", description: "a different base URL", is_secret: false },
    EnvVariable { name: "EGP_API_KEY", description: "older name of SGP_API_KEY", is_secret: true },
    EnvVariable { name: "EGP_ACCOUNT_ID", description: "older name of SGP_ACCOUNT_ID", is_secret: false },
    EnvVariable {
        name: "EGP_ENDPOINT_URL",
        description: "older name of SGP_CLIENT_BASE_URL",
        is_secret: false,
    },
];

pub(super) fn access_from_env(lookup: &dyn Fn(&str) -> Option<String>) -> ServiceAccess {
    ServiceAccess {
        base_url: access::first_set(lookup, &["SGP_CLIENT_BASE_URL", "EGP_ENDPOINT_URL"])
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        api_key: access::first_set(lookup, &["SGP_API_KEY", "EGP_API_KEY"]).map(Into::into),
        account_id: access::first_set(lookup, &["SGP_ACCOUNT_ID", "EGP_ACCOUNT_ID"]),
        fetch_by_account: false,
    }
}

pub(super) fn parse_thread_id(text: &str) -> Option<ParsedThreadId> {
    let text = link::trim_pasted(text);
    let (id, confidence) = match Link::parse(text) {
        Some(link) => parse_link(&link)?,
        None if link::is_uuid(text) => (text.to_owned(), Confidence::Likely),
        None if link::is_slug(text) => (text.to_owned(), Confidence::Possible),
        None => return None,
    };
    access::check_segment(&id).ok()?;
    Some(ParsedThreadId { id, confidence })
}

fn parse_link(link: &Link) -> Option<(String, Confidence)> {
    if let Some(id) = link.segment_after(&["v4", "threads"]) {
        return Some((id.to_owned(), Confidence::Certain));
    }
    if link.host_contains("camelai") || link.segment_after(&["api", "v1", "threads"]).is_some() {
        return None;
    }
    let id = link
        .segment_after(&["threads"])
        .or_else(|| link.segment_after(&["thread"]))
        .or_else(|| link.query_parameter(&THREAD_PARAMETERS))?;
    let confidence = if link.host_contains("scale") {
        Confidence::Certain
    } else if link::is_uuid(id) {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some((id.to_owned(), confidence))
}

pub(super) fn messages_request(id: &str, access: &ServiceAccess) -> Result<Request, AccessError> {
    access::check_segment(id).map_err(|reason| AccessError::BadId { reason })?;
    let by_account = if access.fetch_by_account { "true" } else { "false" };
    let query = [("fetch_spans", "true"), ("fetch_by_account", by_account)];
    build_request(access, &["v4", "threads", id, "messages"], &query)
}

/// Returns the account of an access, unless it is blank.
pub(super) fn account(access: &ServiceAccess) -> Option<&str> {
    access.account_id.as_deref().map(str::trim).filter(|account| !account.is_empty())
}

/// Builds a GET request with the key, and with the account if there is one.
pub(super) fn build_request(
    access: &ServiceAccess,
    segments: &[&str],
    query: &[(&str, &str)],
) -> Result<Request, AccessError> {
    let mut url = access::join_url(&access.base_url, segments)?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let missing = AccessError::NoKey { service: "Scale SGP", variable: "SGP_API_KEY" };
    let mut headers = vec![
        ("accept", HeaderText::Plain("application/json".to_owned())),
        ("x-api-key", access::secret_header(access, "", missing)?),
    ];
    if let Some(account) = account(access) {
        access::check_header(account, "account id")?;
        headers.push(("x-selected-account-id", HeaderText::Plain(account.to_owned())));
    }
    Ok(Request { url, headers })
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::*;

    const UUID: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

    fn access_with_key() -> ServiceAccess {
        ServiceAccess { api_key: Some(SecretString::from("k3y")), ..access_from_env(&|_| None) }
    }

    fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
        let (_, text) = request.headers.iter().find(|(header, _)| *header == name)?;
        Some(match text {
            HeaderText::Plain(text) => text,
            HeaderText::Secret(text) => text.expose_secret(),
        })
    }

    #[test]
    fn builds_the_same_request_as_the_official_client() {
        let request = messages_request("a/b c", &access_with_key()).unwrap();
        assert_eq!(
            request.url.as_str(),
            "https://api.egp.scale.com/v4/threads/a%2Fb%20c/messages?fetch_spans=true&fetch_by_account=false"
        );
        assert_eq!(header(&request, "x-api-key"), Some("k3y"));
        assert_eq!(header(&request, "accept"), Some("application/json"));
        assert_eq!(header(&request, "x-selected-account-id"), None);
        assert!(!format!("{request:?}").contains("k3y"));
    }

    #[test]
    fn includes_path_prefix_account_and_fetch_by_account() {
        let base_url = "http://127.0.0.1:5003/public".to_owned();
        let access = ServiceAccess {
            base_url,
            account_id: Some(" acc ".to_owned()),
            fetch_by_account: true,
            ..access_with_key()
        };
        let request = messages_request(UUID, &access).unwrap();
        assert_eq!(
            request.url.as_str(),
            format!(
                "http://127.0.0.1:5003/public/v4/threads/{UUID}/messages?fetch_spans=true&fetch_by_account=true"
            )
        );
        assert_eq!(header(&request, "x-selected-account-id"), Some("acc"));
    }

    #[test]
    fn rejects_a_missing_key_and_invalid_ids() {
        let no_key = messages_request(UUID, &access_from_env(&|_| None)).unwrap_err();
        assert_eq!(no_key.to_string(), "SGP_API_KEY is not set");
        for id in ["", ".", ".."] {
            assert!(
                matches!(messages_request(id, &access_with_key()), Err(AccessError::BadId { .. })),
                "{id}"
            );
        }
        let access = ServiceAccess { account_id: Some("a\nb".to_owned()), ..access_with_key() };
        assert_eq!(
            messages_request(UUID, &access).unwrap_err(),
            AccessError::BadHeader { what: "account id" }
        );
    }

    #[test]
    fn falls_back_to_older_variable_names() {
        let lookup = |name: &str| match name {
            "EGP_API_KEY" => Some("old".to_owned()),
            "SGP_ACCOUNT_ID" => Some("new account".to_owned()),
            "EGP_ACCOUNT_ID" => Some("old account".to_owned()),
            "EGP_ENDPOINT_URL" => Some("https://api.ws.workspace.egp.scale.com/".to_owned()),
            _ => None,
        };
        let access = access_from_env(&lookup);
        assert_eq!(access.api_key.unwrap().expose_secret(), "old");
        assert_eq!(access.account_id.as_deref(), Some("new account"));
        assert_eq!(access.base_url, "https://api.ws.workspace.egp.scale.com/");
    }

    #[test]
    fn parses_thread_ids_and_links() {
        use Confidence::{Certain, Likely, Possible};
        for (text, id, confidence) in [
            (UUID, UUID, Likely),
            (&format!(" \"{UUID}\",\n"), UUID, Likely),
            ("65f1c9b2a7d4e01c22b9f3aa", "65f1c9b2a7d4e01c22b9f3aa", Possible),
            ("my_thread-1", "my_thread-1", Possible),
            ("48213", "48213", Possible),
            (
                &format!("https://api.egp.scale.com/v4/threads/{UUID}/messages?fetch_spans=true"),
                UUID,
                Certain,
            ),
            ("http://127.0.0.1:5003/public/v4/threads/a%2Fb%20c/messages", "a/b c", Certain),
            (&format!("https://egp.dashboard.scale.com/chat?chat_thread_id={UUID}"), UUID, Certain),
            (&format!("https://internal.example/apps/7/threads/{UUID}"), UUID, Likely),
            (&format!("https://internal.example/chat?x=1&thread_id={UUID}"), UUID, Likely),
            ("https://internal.example/threads/abc", "abc", Possible),
        ] {
            assert_eq!(
                parse_thread_id(text),
                Some(ParsedThreadId { id: id.to_owned(), confidence }),
                "{text}"
            );
        }
    }

    #[test]
    fn ignores_text_that_is_not_a_thread_id() {
        for text in [
            "",
            "two words",
            "body.json",
            "./thread",
            "https://api.camelai.com/api/v1/threads/7/messages",
            "https://console.camelai.com/threads/7",
            "https://example.org/",
            "https://api.egp.scale.com/v4/threads/%2E%2E/messages",
        ] {
            assert_eq!(parse_thread_id(text), None, "{text}");
        }
    }
}
