use secrecy::SecretString;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn only_https_leaves_this_machine() {
    for (text, wanted) in [
        ("http://127.0.0.1:5003/public", Some(Route::LoopbackHttp)),
        ("http://127.9.9.9/", Some(Route::LoopbackHttp)),
        ("http://[::1]:80/", Some(Route::LoopbackHttp)),
        ("http://[::ffff:127.0.0.1]/", Some(Route::LoopbackHttp)),
        ("http://LOCALHOST:1/", Some(Route::LoopbackHttp)),
        ("http://api.localhost./", Some(Route::LoopbackHttp)),
        ("https://localhost/", Some(Route::LoopbackHttps)),
        ("https://api.example.com/", Some(Route::Remote)),
        ("http://api.example.com/", None),
        ("http://128.0.0.1/", None),
        ("http://localhost.example.com/", None),
        ("http://notlocalhost/", None),
        ("http://0.0.0.0/", None),
        ("ftp://127.0.0.1/", None),
        ("file:///etc/passwd", None),
        ("https://user@api.example.com/", None),
        ("https://:secret@api.example.com/", None),
    ] {
        assert_eq!(Route::for_url(&url(text)).ok(), wanted, "{text}");
        assert!(wanted.is_some() || client_for_url(&url(text), &Limits::default()).is_err(), "{text}");
    }
}

#[test]
fn secret_headers_are_sensitive_and_invalid_ones_named_without_their_value() {
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
    let fault = header_map(&request).unwrap_err();
    assert_eq!(fault, FetchErrorKind::InvalidHeader("x-api-key"));
    assert!(!format!("{fault} {fault:?}").contains("canary"));
}

#[test]
fn a_redirect_is_reported_by_its_origin() {
    let from = url("https://api.example.com/v4/threads/1?x=y");
    for (location, wanted) in [
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
        assert_eq!(redirect_target(&from, &map), wanted, "{location}");
    }
    assert_eq!(redirect_target(&from, &HeaderMap::new()), RedirectTarget::Missing);
    let odd = HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(b"https://\xff/").unwrap())]);
    assert_eq!(redirect_target(&from, &odd), RedirectTarget::Unreadable);
}

#[test]
fn an_address_that_would_expose_the_key_is_refused_with_a_reason() {
    let told = |text: &str| Route::for_url(&url(text)).unwrap_err().to_string();
    assert!(told("http://api.example.com/").contains("show the key"));
    assert!(told("ftp://api.example.com/").contains("neither http nor https"));
    assert!(told("https://me@api.example.com/").contains("user"));
}
