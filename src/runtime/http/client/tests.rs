use secrecy::SecretString;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn only_https_leaves_this_machine() {
    for (text, wanted) in [
        ("http://127.0.0.1:5003/public", Some(Route::Plain)),
        ("http://127.9.9.9/", Some(Route::Plain)),
        ("http://[::1]:80/", Some(Route::Plain)),
        ("http://[::ffff:127.0.0.1]/", Some(Route::Plain)),
        ("http://LOCALHOST:1/", Some(Route::Plain)),
        ("http://api.localhost./", Some(Route::Plain)),
        ("https://localhost/", Some(Route::Direct)),
        ("https://api.example.com/", Some(Route::World)),
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
        assert_eq!(Route::of(&url(text)).ok(), wanted, "{text}");
        assert!(wanted.is_some() || connector(&url(text), &Limits::default()).is_err(), "{text}");
    }
}

#[test]
fn secret_headers_are_marked_and_bad_ones_named_without_their_value() {
    let mut request = Request {
        url: url("https://api.example.com/"),
        headers: vec![
            ("x-api-key", HeaderText::Secret(SecretString::from("canary-key"))),
            ("accept", HeaderText::Plain("application/json".into())),
        ],
    };
    let map = headers(&request).unwrap();
    assert!(map.get("x-api-key").unwrap().is_sensitive());
    assert!(!map.get("accept").unwrap().is_sensitive());
    assert!(!format!("{map:?}").contains("canary-key"));
    request.headers.push(("x-api-key", HeaderText::Secret(SecretString::from("canary-key\n"))));
    let fault = headers(&request).unwrap_err();
    assert_eq!(fault, Fault::Header("x-api-key"));
    assert!(!format!("{fault} {fault:?}").contains("canary"));
}

#[test]
fn a_redirect_is_told_by_its_origin() {
    let from = url("https://api.example.com/v4/threads/1?x=y");
    for (location, wanted) in [
        ("https://evil.example/steal?key=1", Target::Origin("https://evil.example".into())),
        ("http://api.example.com/v4", Target::Origin("http://api.example.com".into())),
        ("//other.example/x", Target::Origin("https://other.example".into())),
        ("/login", Target::SameOrigin),
        ("https://api.example.com:443/", Target::SameOrigin),
        ("file:///etc/passwd", Target::Scheme("file".into())),
        ("data:text/html,x", Target::Scheme("data".into())),
        ("https://[bad", Target::Unreadable),
    ] {
        let map = HeaderMap::from_iter([(LOCATION, HeaderValue::from_str(location).unwrap())]);
        assert_eq!(target(&from, &map), wanted, "{location}");
    }
    assert_eq!(target(&from, &HeaderMap::new()), Target::Missing);
    let odd = HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(b"https://\xff/").unwrap())]);
    assert_eq!(target(&from, &odd), Target::Unreadable);
}

#[test]
fn an_address_that_would_show_the_key_says_so() {
    let told = |text: &str| Route::of(&url(text)).unwrap_err().to_string();
    assert!(told("http://api.example.com/").contains("show the key"));
    assert!(told("ftp://api.example.com/").contains("neither http nor https"));
    assert!(told("https://me@api.example.com/").contains("user"));
}
