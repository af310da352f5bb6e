use super::*;

fn join_to_string(base: &str, segments: &[&str]) -> String {
    join_url(base, segments).unwrap().to_string()
}

#[test]
fn keeps_the_path_prefix_of_the_base_url() {
    for base in
        ["http://127.0.0.1:5003/public", "http://127.0.0.1:5003/public/", " http://127.0.0.1:5003/public// "]
    {
        assert_eq!(join_to_string(base, &["v4", "threads"]), "http://127.0.0.1:5003/public/v4/threads");
    }
    assert_eq!(join_to_string("https://api.egp.scale.com", &["v4"]), "https://api.egp.scale.com/v4");
}

#[test]
fn encodes_any_id_as_one_path_segment() {
    for (id, encoded) in [
        ("a/b c", "a%2Fb%20c"),
        ("a\\..\\b", "a%5C..%5Cb"),
        ("%2e%2e", "%252e%252e"),
        ("x?y#z", "x%3Fy%23z"),
        ("ümlaut", "%C3%BCmlaut"),
        ("a.b-c_d~e", "a.b-c_d~e"),
        ("...", "..."),
    ] {
        let url = join_url("https://h.example/p", &["t", id, "m"]).unwrap();
        assert_eq!(url.as_str(), format!("https://h.example/p/t/{encoded}/m"));
        assert_eq!(url.path_segments().unwrap().count(), 4, "{id}");
    }
}

#[test]
fn rejects_ids_that_would_change_the_path() {
    for id in ["", ".", "..", "a\nb", "a\u{0}", "\u{9b}31m", &"x".repeat(257)] {
        assert!(check_segment(id).is_err(), "{id:?}");
    }
    for id in ["a", "...", "a/b c", &"x".repeat(256)] {
        assert_eq!(check_segment(id), Ok(()), "{id:?}");
    }
}

#[test]
fn every_form_of_a_loopback_address_is_recognized() {
    let is_loopback = |host: &str| is_loopback(&Url::parse(&format!("http://{host}/")).unwrap());
    for host in [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "api.localhost",
        "a.b.localhost.",
        "127.0.0.1",
        "127.255.1.2",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:127.9.9.9]",
    ] {
        assert!(is_loopback(host), "{host}");
    }
    for host in [
        "notlocalhost",
        "localhost.example",
        "127.0.0.1.example",
        "0.0.0.0",
        "128.0.0.1",
        "[::]",
        "[::2]",
        "[::ffff:10.0.0.1]",
    ] {
        assert!(!is_loopback(host), "{host}");
    }
}

#[test]
fn allows_plain_http_only_on_loopback() {
    for base in
        ["http://localhost:1", "http://LOCALHOST.", "http://127.1.2.3", "http://[::1]:8/x", "https://a.b"]
    {
        assert!(join_url(base, &[]).is_ok(), "{base}");
    }
    for base in [
        "http://api.egp.scale.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "ftp://localhost",
        "file:///etc/passwd",
        "data:text/plain,x",
        "api.egp.scale.com",
        "localhost:8080",
        "",
    ] {
        assert!(matches!(join_url(base, &[]), Err(AccessError::BadBaseUrl { .. })), "{base}");
    }
}

#[test]
fn rejects_a_base_url_with_secrets_without_printing_them() {
    for base in [
        "https://me:hunter2@h.example/p",
        "https://hunter2@h.example/p",
        "https://h.example/p?key=hunter2",
        "https://h.example/p#hunter2",
        "https//me:hunter2@h.example/p",
    ] {
        let error = join_url(base, &[]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(error.to_string().contains("h.example/p"), "{error}");
    }
    assert!(join_url("https://h.example/?", &[]).is_err());
}

#[test]
fn trims_secret_headers_and_hides_them_from_debug() {
    let access = |key: &str| ServiceAccess {
        base_url: String::new(),
        api_key: Some(SecretString::from(key.to_owned())),
        account_id: None,
        fetch_by_account: false,
    };
    let missing = AccessError::NoKey { service: "sgp", variable: "SGP_API_KEY" };
    let header = secret_header(&access(" k3y\n"), "Bearer ", missing.clone()).unwrap();
    assert!(!format!("{header:?} {:?}", access("k3y")).contains("k3y"));
    let HeaderText::Secret(text) = header else { panic!("a key is secret") };
    assert_eq!(text.expose_secret(), "Bearer k3y");
    assert_eq!(secret_header(&access(" "), "", missing.clone()).unwrap_err(), missing);
    let bad = secret_header(&access("k\r\nx: y"), "", missing.clone()).unwrap_err();
    assert_eq!(bad, AccessError::BadHeader { what: "API key" });
    assert!(secret_header(&access("schlüssel"), "", missing).is_err());
}

#[test]
fn first_variable_with_a_value_wins() {
    let lookup = |name: &str| match name {
        "A" => Some("  ".to_owned()),
        "B" => Some(" b\n".to_owned()),
        "C" => Some("c".to_owned()),
        _ => None,
    };
    assert_eq!(first_set(&lookup, &["Z", "A", "B", "C"]), Some("b".to_owned()));
    assert_eq!(first_set(&lookup, &["Z", "A"]), None);
}

#[test]
fn masks_the_key_in_text_unless_it_is_too_short() {
    let access = |key: &str| ServiceAccess {
        base_url: String::new(),
        api_key: Some(SecretString::from(key)),
        account_id: None,
        fetch_by_account: true,
    };
    let text = "Invalid key canary-1 (canary-1).";
    assert_eq!(access(" canary-1\n").mask_key(text), "Invalid key ‹your key› (‹your key›).");
    assert_eq!(access("key").mask_key(text), text);
    assert_eq!(access(" ").mask_key(text), text);
}
