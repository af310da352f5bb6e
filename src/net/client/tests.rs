use secrecy::SecretString;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn only_https_leaves_this_machine() {
    for (text, route) in [
        ("http://127.0.0.1:5003/public", Some(Route::LoopbackHttp)),
        ("http://[::1]:80/", Some(Route::LoopbackHttp)),
        ("http://LOCALHOST:1/", Some(Route::LoopbackHttp)),
        ("https://localhost/", Some(Route::LoopbackHttps)),
        ("https://api.example.com/", Some(Route::Remote)),
        ("http://api.example.com/", None),
        ("http://localhost.example.com/", None),
        ("ftp://127.0.0.1/", None),
        ("file:///etc/passwd", None),
        ("https://user@api.example.com/", None),
        ("https://:secret@api.example.com/", None),
    ] {
        assert_eq!(Route::for_url(&url(text), Encryption::Required).ok(), route, "{text}");
        let client = client_for_url(&url(text), Encryption::Required, &Limits::default());
        assert!(route.is_some() || client.is_err(), "{text}");
        let with_http =
            route.or((text.starts_with("http://") && !text.contains('@')).then_some(Route::Unencrypted));
        assert_eq!(Route::for_url(&url(text), Encryption::Optional).ok(), with_http, "{text}");
    }
}

#[test]
fn secret_headers_are_sensitive_and_errors_never_contain_their_value() {
    let mut request = Request {
        url: url("https://api.example.com/"),
        headers: vec![
            ("x-api-key", HeaderText::Secret(SecretString::from("canary-key"))),
            ("accept", HeaderText::Plain("application/json".into())),
        ],
    };
    let map = header_map(&request).unwrap();
    assert!(map.get("x-api-key").unwrap().is_sensitive());
    assert!(!map.get("accept").unwrap().is_sensitive());
    assert!(!format!("{map:?}").contains("canary-key"));
    request.headers.push(("x-api-key", HeaderText::Secret(SecretString::from("canary-key\n"))));
    let kind = header_map(&request).unwrap_err();
    assert_eq!(kind, FetchErrorKind::InvalidHeader("x-api-key"));
    assert!(!format!("{kind} {kind:?}").contains("canary"));
}

#[test]
fn a_redirect_is_reported_by_its_origin() {
    let from = url("https://api.example.com/v4/threads/1?x=y");
    for (location, target) in [
        ("https://evil.example/steal?key=1", RedirectTarget::Origin("https://evil.example".into())),
        ("http://api.example.com/v4", RedirectTarget::Origin("http://api.example.com".into())),
        ("//other.example/x", RedirectTarget::Origin("https://other.example".into())),
        ("/login", RedirectTarget::SameOrigin),
        ("https://api.example.com:443/", RedirectTarget::SameOrigin),
        ("file:///etc/passwd", RedirectTarget::Scheme("file".into())),
        ("data:text/html,x", RedirectTarget::Scheme("data".into())),
        ("https://[bad", RedirectTarget::Unreadable),
    ] {
        let map = HeaderMap::from_iter([(LOCATION, HeaderValue::from_str(location).unwrap())]);
        assert_eq!(redirect_target(&from, &map), target, "{location}");
    }
    assert_eq!(redirect_target(&from, &HeaderMap::new()), RedirectTarget::Missing);
    let not_ascii = HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(b"https://\xff/").unwrap())]);
    assert_eq!(redirect_target(&from, &not_ascii), RedirectTarget::Unreadable);
}

#[test]
fn an_address_that_would_expose_the_key_is_refused_with_a_reason() {
    let message = |text: &str| Route::for_url(&url(text), Encryption::Required).unwrap_err().to_string();
    assert!(message("http://api.example.com/").contains("expose the API key"));
    assert!(message("ftp://api.example.com/").contains("neither http nor https"));
    assert!(message("https://me@api.example.com/").contains("user name"));
}
