//! What SGP's threads are called and where they are asked for: ids, links, environment, the request.

use crate::provider::access::{self, Access, AccessError, HeaderText, Request, Variable};
use crate::provider::link::{self, Link};
use crate::provider::{Certainty, Recognised};

const DEFAULT_BASE_URL: &str = "https://api.egp.scale.com";

/// Names of query parameters that dashboards use for a thread.
const PARAMETERS: [&str; 5] = ["thread_id", "chat_thread_id", "threadId", "chatThreadId", "thread"];

pub(super) const VARIABLES: [Variable; 6] = [
    Variable { name: "SGP_API_KEY", meaning: "the API key", secret: true },
    Variable { name: "SGP_ACCOUNT_ID", meaning: "the account id; most keys need it", secret: false },
    Variable { name: "SGP_CLIENT_BASE_URL", meaning: "another base URL", secret: false },
    Variable { name: "EGP_API_KEY", meaning: "older name of SGP_API_KEY", secret: true },
    Variable { name: "EGP_ACCOUNT_ID", meaning: "older name of SGP_ACCOUNT_ID", secret: false },
    Variable { name: "EGP_ENDPOINT_URL", meaning: "older name of SGP_CLIENT_BASE_URL", secret: false },
];

pub(super) fn access(lookup: &dyn Fn(&str) -> Option<String>) -> Access {
    Access {
        base_url: access::first_set(lookup, &["SGP_CLIENT_BASE_URL", "EGP_ENDPOINT_URL"])
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        key: access::first_set(lookup, &["SGP_API_KEY", "EGP_API_KEY"]).map(Into::into),
        account: access::first_set(lookup, &["SGP_ACCOUNT_ID", "EGP_ACCOUNT_ID"]),
        by_account: false,
    }
}

pub(super) fn recognise(text: &str) -> Option<Recognised> {
    let text = link::bare(text);
    let (id, certainty) = match Link::read(text) {
        Some(link) => in_link(&link)?,
        None if link::is_uuid(text) => (text.to_owned(), Certainty::Likely),
        None if link::is_slug(text) => (text.to_owned(), Certainty::Possible),
        None => return None,
    };
    access::check_segment(&id).ok()?;
    Some(Recognised { id, certainty })
}

fn in_link(link: &Link) -> Option<(String, Certainty)> {
    if let Some(id) = link.after(&["v4", "threads"]) {
        return Some((id.to_owned(), Certainty::Certain));
    }
    if link.host_has("camelai") || link.after(&["api", "v1", "threads"]).is_some() {
        return None;
    }
    let id = link
        .after(&["threads"])
        .or_else(|| link.after(&["thread"]))
        .or_else(|| link.parameter(&PARAMETERS))?;
    let certainty = if link.host_has("scale") {
        Certainty::Certain
    } else if link::is_uuid(id) {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    Some((id.to_owned(), certainty))
}

pub(super) fn messages_request(id: &str, access: &Access) -> Result<Request, AccessError> {
    access::check_segment(id).map_err(|reason| AccessError::BadId { reason })?;
    let mut url = access::join(&access.base_url, &["v4", "threads", id, "messages"])?;
    let by_account = if access.by_account { "true" } else { "false" };
    url.query_pairs_mut().append_pair("fetch_spans", "true").append_pair("fetch_by_account", by_account);
    let missing = AccessError::NoKey { service: "Scale SGP", variable: "SGP_API_KEY" };
    let mut headers = vec![
        ("accept", HeaderText::Plain("application/json".to_owned())),
        ("x-api-key", access::secret_header(access, "", missing)?),
    ];
    if let Some(account) = access.account.as_deref().map(str::trim).filter(|account| !account.is_empty()) {
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

    fn with_key() -> Access {
        Access { key: Some(SecretString::from("k3y")), ..access(&|_| None) }
    }

    fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
        let (_, text) = request.headers.iter().find(|(header, _)| *header == name)?;
        Some(match text {
            HeaderText::Plain(text) => text,
            HeaderText::Secret(text) => text.expose_secret(),
        })
    }

    #[test]
    fn the_request_is_the_one_of_the_official_client() {
        let request = messages_request("a/b c", &with_key()).unwrap();
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
    fn prefix_account_and_asking_by_account_are_in_the_request() {
        let base_url = "http://127.0.0.1:5003/public".to_owned();
        let access = Access { base_url, account: Some(" acc ".to_owned()), by_account: true, ..with_key() };
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
    fn nothing_is_sent_without_a_key_or_for_an_id_that_is_none() {
        let no_key = messages_request(UUID, &access(&|_| None)).unwrap_err();
        assert_eq!(no_key.to_string(), "no API key for Scale SGP (SGP_API_KEY is not set)");
        for id in ["", ".", ".."] {
            assert!(matches!(messages_request(id, &with_key()), Err(AccessError::BadId { .. })), "{id}");
        }
        let access = Access { account: Some("a\nb".to_owned()), ..with_key() };
        assert_eq!(
            messages_request(UUID, &access).unwrap_err(),
            AccessError::BadHeader { what: "account id" }
        );
    }

    #[test]
    fn the_environment_is_read_with_its_older_names() {
        let lookup = |name: &str| match name {
            "EGP_API_KEY" => Some("old".to_owned()),
            "SGP_ACCOUNT_ID" => Some("new account".to_owned()),
            "EGP_ACCOUNT_ID" => Some("old account".to_owned()),
            "EGP_ENDPOINT_URL" => Some("https://api.ws.workspace.egp.scale.com/".to_owned()),
            _ => None,
        };
        let access = access(&lookup);
        assert_eq!(access.key.unwrap().expose_secret(), "old");
        assert_eq!(access.account.as_deref(), Some("new account"));
        assert_eq!(access.base_url, "https://api.ws.workspace.egp.scale.com/");
    }

    #[test]
    fn threads_are_found_in_ids_and_links() {
        use Certainty::{Certain, Likely, Possible};
        for (text, id, certainty) in [
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
            assert_eq!(recognise(text), Some(Recognised { id: id.to_owned(), certainty }), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_thread_is_left_alone() {
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
            assert_eq!(recognise(text), None, "{text}");
        }
    }
}
