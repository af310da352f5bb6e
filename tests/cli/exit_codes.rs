//! Exit codes.

use crate::support::{Demo, assert_harmless, run, text, unspool_command};

#[test]
fn every_service_error_has_its_exit_code_and_a_message() {
    let demo = Demo::start();
    for (id, code) in [
        ("sgp:demo-401", 4),
        ("sgp:demo-403", 4),
        ("sgp:demo-404", 5),
        ("sgp:demo-422", 1),
        ("sgp:demo-429", 1),
        ("sgp:demo-502", 1),
        ("sgp:demo-elsewhere", 1),
        ("sgp:demo-moved", 1),
        ("sgp:demo-sign-in-page", 7),
        ("sgp:demo-truncated", 6),
        ("camelai:1402", 1),
        ("camelai:1404", 5),
        ("camelai:1001", 0),
        ("sgp:demo-empty", 0),
    ] {
        let ended = demo.run(&["show", id]);
        assert_eq!(ended.status.code(), Some(code), "{id}: {}", text(&ended.stderr));
        assert_eq!(code == 0, ended.stderr.is_empty(), "{id}");
        assert_harmless(text(&ended.stderr), id);
    }
}

#[test]
fn every_local_error_has_its_exit_code_and_a_message() {
    for (args, code) in [
        (&["show", "/nowhere/thread.json"][..], 5),
        (&["show", "sgp:abc"], 4),
        (&["show", "sgp:abc", "--base-url", "http://example.com"], 2),
        (&["show", "what is this"], 2),
        (&["show"], 2),
        (&["show", "a", "--format", "pdf"], 2),
        (&["show", "tests/fixtures/error_non_json_502.txt"], 7),
        (&["show", "Cargo.lock"], 7),
        (&["show", "tests/fixtures/camelai_error_404.json"], 7),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        let ended = run(args);
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {}", text(&ended.stderr));
        assert_eq!(code != 0, !ended.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_body_of_another_provider_is_reported_with_its_provider() {
    let camelai = "tests/fixtures/camelai_thread_messages.json";
    let sgp = "tests/fixtures/sgp_thread_messages_spans.json";
    for (body, provider, detected) in [(camelai, "sgp", "camelai"), (sgp, "camelai", "sgp")] {
        for command in
            [&["show"][..], &["show", "--quiet"], &["export", "--format", "markdown"], &["spans"], &["stats"]]
        {
            let args = [command, &[body, "--provider", provider]].concat();
            let ended = run(&args);
            assert_eq!(ended.status.code(), Some(7), "{args:?}");
            let stderr = text(&ended.stderr);
            assert!(stderr.contains(&format!("run with --provider {detected}")), "{args:?}: {stderr}");
        }
        let raw = run(&["show", body, "--provider", provider, "--format", "raw"]);
        assert_eq!((raw.status.code(), raw.stdout), (Some(0), std::fs::read(body).unwrap()));
        let push = ["push", body, "--provider", provider, "--otlp", "http://localhost:1", "--dry-run"];
        let ended = run(&push);
        assert_eq!((ended.status.code(), text(&ended.stdout)), (Some(7), ""));
    }
    // Among several threads, the error names the affected one.
    let ended = run(&["stats", sgp, camelai, "--provider", "sgp"]);
    assert_eq!(ended.status.code(), Some(7));
    assert!(text(&ended.stderr).starts_with(&format!("unspool: {camelai}: this body looks like")));
}

#[test]
fn a_thread_without_a_readable_message_exits_with_7() {
    let show = |body: &'static str| {
        unspool_command().args(["show", "-", "--provider", "sgp"]).write_stdin(body).output().unwrap()
    };
    let none = show(r#"{"messages":[1,"two"]}"#);
    assert_eq!(none.status.code(), Some(7));
    assert!(text(&none.stdout).contains("── 2 ── unreadable"), "{}", text(&none.stdout));
    assert!(text(&none.stderr).contains("none of the messages could be parsed"));
    assert_eq!(show(r#"{"messages":[1,{"entry":{"id":"a"}}]}"#).status.code(), Some(0));
    assert_eq!(show(r#"{"messages":[]}"#).status.code(), Some(0));
}

#[test]
fn a_refused_connection_is_a_network_error() {
    // A port without a server.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = unspool_command();
    command.env("SGP_API_KEY", "k").args([
        "show",
        "sgp:abc",
        "--base-url",
        &format!("http://127.0.0.1:{port}"),
    ]);
    assert_eq!(command.output().unwrap().status.code(), Some(6));
}

#[test]
fn an_empty_pipe_is_not_a_thread() {
    let ended = unspool_command().args(["show", "-"]).write_stdin("").output().unwrap();
    assert_eq!(ended.status.code(), Some(7));
}

#[test]
fn empty_compressed_and_utf16_input_is_recognized() {
    let body = std::fs::read_to_string("tests/fixtures/sgp_thread_messages_spans.json").unwrap();
    let utf16 = |to_bytes: fn(u16) -> [u8; 2], bom: &[u8]| {
        bom.iter().copied().chain(body.encode_utf16().flat_map(to_bytes)).collect::<Vec<u8>>()
    };
    let show = |body: &[u8]| {
        let ended = unspool_command().args(["show", "-"]).write_stdin(body).output().unwrap();
        (ended.status.code(), text(&ended.stderr).to_owned())
    };
    for (body, format, advice) in [
        (Vec::new(), "empty", "Check the file"),
        (b"\xfd7zXZ\0\0".to_vec(), "compressed with xz", "xz -dc"),
        (b"BZh91AY".to_vec(), "compressed with bzip2", "bzip2 -dc"),
        (b"PK\x03\x04\x14".to_vec(), "a zip archive", "unzip -p"),
        (utf16(u16::to_le_bytes, b"\xff\xfe"), "UTF-16, not UTF-8", "iconv -f UTF-16"),
        (utf16(u16::to_be_bytes, b"\xfe\xff"), "UTF-16, not UTF-8", "Out-File -Encoding utf8"),
        (utf16(u16::to_be_bytes, b""), "UTF-16, not UTF-8", "iconv -f UTF-16"),
        (b"plain words".to_vec(), "not JSON", "Open the body of GET"),
    ] {
        let (code, stderr) = show(&body);
        assert_eq!(code, Some(7), "{stderr}");
        assert!(stderr.contains(&format!("the body is {format}\n")) && stderr.contains(advice), "{stderr}");
    }
    let (code, stderr) = show(&body.as_bytes()[..2000]);
    assert!(code == Some(7) && stderr.contains("truncated") && !stderr.contains("none of"), "{stderr}");
    for marked in [format!("\u{feff}{body}"), body.replace('\n', "\r\n")] {
        assert_eq!(show(marked.as_bytes()), (Some(0), String::new()));
    }
}

#[test]
fn misleading_arguments_get_a_precise_error() {
    let folder = crate::support::temp_folder("arguments");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let body = "tests/fixtures/sgp_thread_messages_spans.json";
    std::fs::write(at("ids"), format!("\u{feff}{body}\r\n\n# not this\n")).unwrap();
    std::fs::write(at("wide"), [0xff, 0xfe, b'a', 0]).unwrap();
    let (ids, wide, out) = (at("ids"), at("wide"), folder.to_str().unwrap());
    for (args, code, error) in [
        (&["show", "."][..], 1, "is a folder"),
        (&["show", "nosuch.json", "--provider", "camelai"], 5, "file not found"),
        (&["show", "https://example.com/page"], 2, "this link does not lead to a thread"),
        (&["show", "sgp:abc"], 4, "unspool login --provider sgp"),
        (&["show", body, "-o", out], 1, "is a folder"),
        (&["show", body, "-o", out, "--force"], 1, "is a folder"),
        (&["show", body, "--redact-pattern", "a=("], 2, "invalid pattern a: unclosed group\n"),
        (&["push", body, "--otlp", "collector"], 2, "it must start with https://"),
        (&["stats", "-", "-"], 2, "can be read only once"),
        (&["stats", "-", "--from", "-"], 2, "can be read only once"),
        (&["stats", "--from", &wide], 2, "not UTF-8"),
        (&["stats", "--from", &ids], 0, ""),
    ] {
        let ended = unspool_command().args(args).write_stdin("").output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {}", text(&ended.stderr));
        assert!(text(&ended.stderr).contains(error), "{args:?}: {}", text(&ended.stderr));
    }
    let mut command = unspool_command();
    command.env("SGP_API_KEY", "k").args(["show", "sgp:abc", "--base-url", "example.com"]);
    assert!(text(&command.output().unwrap().stderr).contains("it must start with https://"));
}

/// A path without a slash names a file too.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_read() {
    let folder = crate::support::temp_folder("pipes");
    let made = std::process::Command::new("mkfifo").arg(folder.join("body")).status();
    if !made.is_ok_and(|made| made.success()) {
        return;
    }
    let body = std::fs::read("tests/fixtures/sgp_thread_messages_spans.json").unwrap();
    let into = folder.join("body");
    let writer = std::thread::spawn(move || std::fs::write(into, body));
    let ended = unspool_command().current_dir(&folder).args(["show", "body"]).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    writer.join().unwrap().unwrap();
}

#[test]
fn a_body_that_is_no_thread_exits_with_7_and_a_sentence() {
    for (body, sentence) in [
        ("[]", "the body is an empty list, not a thread"),
        (" [ ] ", "the body is an empty list, not a thread"),
        ("{'messages':[{'id':'a','role':'user','content':'x'}]}", "single quotes"),
        ("[{'id':'a','role':'user','content':'x'}]", "not a thread of a supported service"),
        ("{messages:[]}", "the body is not JSON"),
        ("{\"title\":\"a\"} and more", "the body is not JSON"),
        (r#"{"messages":[}}}]}"#, "only unrecognized data"),
        (r#"{"messages":[{},{},{}]}"#, "not a thread of a supported service"),
        ("[{},{},{}]", "not a thread of a supported service"),
        (r#"[{"foo":1},{"bar":[]}]"#, "not a thread of a supported service"),
        (r#"{"messages":[1,2,3]}"#, "not a thread of a supported service"),
        ("{}", "JSON without messages"),
    ] {
        for provider in [&[][..], &["--provider", "sgp"], &["--provider", "camelai"]] {
            for command in [
                &["show", "-"][..],
                &["show", "-", "--format", "json"],
                &["export", "-", "--format", "md"],
                &["stats", "-"],
                &["spans", "-"],
                &["push", "-", "--otlp", "http://127.0.0.1:1"],
                &["-", "--plain"],
            ] {
                let ended =
                    unspool_command().args(command).args(provider).write_stdin(body).output().unwrap();
                // The plain mode prints for people.
                let error =
                    if command.contains(&"--plain") { text(&ended.stdout) } else { text(&ended.stderr) };
                assert_eq!(ended.status.code(), Some(7), "{command:?} {provider:?} {body}: {error}");
                let is_named = provider.is_empty() || !sentence.contains("supported service");
                let has_sentence = error.to_lowercase().contains(&sentence.to_lowercase());
                assert!(!is_named || has_sentence, "{command:?} {provider:?} {body}: {error}");
            }
        }
    }
}

#[test]
fn messages_before_the_first_that_shows_the_service_are_kept() {
    let odd = r#"{"a":"long enough to be a message"},"#.repeat(70);
    let body = format!(r#"{{"messages":[{odd}{{"entry":{{"id":"e"}}}}]}}"#);
    // In two writes, so that the odd ones arrive first.
    let ended = unspool_command().args(["show", "-", "--format", "json"]).write_stdin(body).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("70 unreadable messages"), "{}", text(&ended.stderr));
}

#[test]
fn elements_that_are_not_listed_are_counted() {
    let body = format!(r#"{{"messages":[{}{{"entry":{{"id":"e","input":"hello"}}}}]}}"#, "1,".repeat(5000));
    let ended = unspool_command().args(["show", "-"]).write_stdin(body).output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert!(text(&ended.stderr).contains("5,000 unreadable messages"), "{}", text(&ended.stderr));
    assert!(text(&ended.stdout).contains("4,990 more unreadable elements"), "{}", text(&ended.stdout));
}
