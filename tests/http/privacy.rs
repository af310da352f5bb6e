//! Request headers, proxies, and secrets in errors.

use unspool::testing::net::{Client, FetchControl, FetchErrorKind};

use crate::{
    child_process::{is_child_of, rerun_with_env},
    server::{Server, Step, answer, raw},
    support::{KEY, RecordingSink, fetch, limits, request},
};

#[tokio::test]
async fn a_request_has_only_its_headers_and_no_cookies_or_referer() {
    let first = answer(200, "Set-Cookie: session=1; Path=/\r\n", "x");
    let server = Server::start(vec![first, answer(200, "", "y")]).await;
    let client = Client::new(limits());
    for _ in 0..2 {
        client
            .get(&request(&server.url("/t?q=1")), &mut RecordingSink::default(), &FetchControl::none())
            .await
            .unwrap();
    }
    for head in server.requests.heads() {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("get /t?q=1 http/1.1\r\n"), "{head}");
        assert!(
            head.contains(&format!("x-api-key: {KEY}\r\n")) && head.contains("accept: application/json\r\n")
        );
        assert!(head.contains(&format!("user-agent: unspool/{}\r\n", env!("CARGO_PKG_VERSION"))));
        assert!(!head.contains("cookie") && !head.contains("referer"), "{head}");
    }
}

#[tokio::test]
async fn no_error_reveals_the_key_or_the_full_url() {
    let scripts = [
        vec![],
        vec![Step::Reset],
        vec![Step::Send("nonsense\r\n\r\n".into())],
        vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "part")],
        answer(401, "", "no"),
        answer(302, "Location: http://127.0.0.1:1/x?token=hidden\r\n", ""),
    ];
    for script in scripts {
        let server = Server::start(vec![script]).await;
        let (outcome, sink) = fetch(&server.url("/hidden-path?token=hidden")).await;
        let error = outcome.unwrap_err();
        let text = format!("{error} {error:?} {} {:?}", error.hint(), sink.progress);
        assert!(!text.contains(KEY) && !text.contains("hidden"), "{text}");
        assert!(text.contains(&format!("http://127.0.0.1:{}", server.port)), "{text}");
    }
}

#[tokio::test]
async fn urls_that_would_expose_the_key_are_rejected_before_sending() {
    for url in ["http://192.0.2.1/t", "https://user:pw@127.0.0.1/t", "ftp://127.0.0.1/t"] {
        let (outcome, sink) = fetch(url).await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.kind, FetchErrorKind::InvalidAddress(_)), "{error:?}");
        assert_eq!((error.attempts, sink.progress.len(), error.exit_code().code()), (0, 0, 1));
        assert!(!error.to_string().contains("pw"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loopback_is_never_reached_through_a_proxy() {
    const TEST: &str = "privacy::loopback_is_never_reached_through_a_proxy";
    if is_child_of(TEST) {
        let server = Server::start(vec![answer(200, "", "direct")]).await;
        for host in ["127.0.0.1", "localhost"] {
            let (outcome, sink) = fetch(&format!("http://{host}:{}/t", server.port)).await;
            outcome.unwrap();
            assert_eq!(sink.bytes, b"direct");
        }
        return;
    }
    let proxy = Server::start(vec![answer(502, "", "proxy")]).await;
    let address = format!("http://127.0.0.1:{}", proxy.port);
    rerun_with_env(
        TEST,
        &[
            ("HTTP_PROXY", &address),
            ("HTTPS_PROXY", &address),
            ("ALL_PROXY", &address),
            ("http_proxy", &address),
        ],
    );
    assert_eq!(proxy.requests.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_are_reached_through_the_proxy_which_never_sees_the_key() {
    const TEST: &str = "privacy::other_hosts_are_reached_through_the_proxy_which_never_sees_the_key";
    if is_child_of(TEST) {
        let (outcome, _) = fetch("https://api.example.invalid/t").await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.kind, FetchErrorKind::Proxy { .. }), "{error:?}");
        assert_eq!((error.attempts, error.exit_code().code()), (1, 6));
        return;
    }
    let proxy = Server::start(vec![answer(407, "", "")]).await;
    let address = format!("http://127.0.0.1:{}", proxy.port);
    rerun_with_env(
        TEST,
        &[("HTTPS_PROXY", &address), ("https_proxy", &address), ("NO_PROXY", ""), ("no_proxy", "")],
    );
    let heads = proxy.requests.heads();
    assert!(heads[0].starts_with("CONNECT api.example.invalid:443 "), "{heads:?}");
    assert!(!heads.concat().contains(KEY));
}

#[cfg(not(any(target_vendor = "apple", windows)))]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_path_to_root_certificates_is_reported() {
    const TEST: &str = "privacy::a_wrong_path_to_root_certificates_is_reported";
    if is_child_of(TEST) {
        let (outcome, _) = fetch("https://localhost:1/t").await;
        let error = outcome.unwrap_err();
        let text = error.to_string();
        assert!(matches!(*error.kind, FetchErrorKind::Certificates { .. }), "{error:?}");
        assert!(text.contains("SSL_CERT_FILE") && text.contains("no-such-roots.pem"), "{text}");
        assert!(error.hint().contains("SSL_CERT_FILE"));
        return;
    }
    rerun_with_env(TEST, &[("SSL_CERT_FILE", "/nonexistent/no-such-roots.pem")]);
}
