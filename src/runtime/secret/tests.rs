use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
};

use secrecy::ExposeSecret;

use super::*;

const KEY: &str = "canary-51c0";

fn shell(script: &str) -> Sources {
    Sources { command: ["sh", "-c", script].map(str::to_owned).to_vec(), ..Sources::default() }
}

fn file(mode: u32, bytes: &[u8]) -> (tempfile::TempDir, Sources) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("the key");
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    (home, Sources { file: Some(path), ..Sources::default() })
}

async fn key(sources: &Sources) -> (String, Source) {
    let found = find(sources).await.unwrap().unwrap();
    (found.key.expose_secret().to_owned(), found.source)
}

/// The error in all its words, which never tell the key.
async fn refused(sources: &Sources) -> String {
    let error = find(sources).await.unwrap_err();
    let told = format!("{error} | {} | {error:?}", error.advice());
    assert!(!told.contains(KEY), "{told}");
    told
}

#[tokio::test]
async fn the_environment_wins_over_the_command_and_that_over_the_file() {
    let (_home, from_file) = file(0o600, b"from-file\n");
    let command = shell("echo from-command");
    let both = Sources { file: from_file.file.clone(), ..command };
    let all =
        Sources { environment: Some(("SGP_API_KEY".into(), "from-environment".into())), ..both.clone() };
    assert_eq!(key(&all).await, ("from-environment".into(), Source::Environment("SGP_API_KEY".into())));
    assert_eq!(key(&both).await, ("from-command".into(), Source::Command("sh".into())));
    assert_eq!(key(&from_file).await, ("from-file".into(), Source::File(from_file.file.clone().unwrap())));
    assert!(find(&Sources::default()).await.unwrap().is_none());
}

#[tokio::test]
async fn arguments_reach_the_program_as_they_are() {
    let command = ["printf", "%s", "a;b $HOME *"].map(str::to_owned).to_vec();
    let sources = Sources { command, ..Sources::default() };
    assert_eq!(key(&sources).await.0, "a;b $HOME *");
}

#[tokio::test]
async fn one_newline_is_cut_and_nothing_else() {
    for (printed, wanted) in [("key", "key"), ("key\n", "key"), ("key\r\n", "key"), (" key ", " key ")] {
        let (_home, sources) = file(0o600, printed.as_bytes());
        assert_eq!(key(&sources).await.0, wanted, "{printed:?}");
    }
    for bad in [
        &b""[..],
        b"\n",
        b"  \n",
        b"canary-51c0\n\n",
        b"canary-51c0\nmore",
        b"canary-51c0\x1b[m",
        b"canary-51c0\xff",
    ] {
        let (_home, sources) = file(0o600, bad);
        assert!(refused(&sources).await.contains("one line"), "{bad:?}");
    }
}

#[tokio::test]
async fn failures_of_a_command_name_the_program_and_its_exit_code_but_not_what_it_printed() {
    let told = refused(&shell("echo canary-51c0; echo canary-51c0 >&2; exit 3")).await;
    assert!(told.starts_with("key_command \"sh\" ended with exit code 3"), "{told}");
    let told = refused(&shell("kill -9 $$")).await;
    assert!(told.contains("ended by a signal"), "{told}");
    let missing = Sources { command: vec!["no-such-program-of-unspool".into()], ..Sources::default() };
    let told = refused(&missing).await;
    assert!(told.contains("could not be started: entity not found"), "{told}");
}

#[tokio::test]
async fn a_command_without_end_is_cut_off() {
    let told = refused(&shell("while :; do echo canary-51c0; done")).await;
    assert!(told.contains("far more than a key"), "{told}");
    let slow = shell("exec tail -f /dev/null");
    let error = find_within(&slow, Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.to_string(), "key_command \"sh\" took longer than 0.05 s");
}

#[tokio::test]
async fn a_command_gets_no_input_and_none_of_our_secrets() {
    assert_eq!(key(&shell("cat; echo end")).await.0, "end");
    let mut names = scrub_environment();
    assert!(names.contains(&"SGP_CLIENT_CUSTOM_HEADERS".to_owned()));
    names.dedup();
    assert_eq!(names, scrub_environment());
}

#[tokio::test]
async fn a_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    for mode in [0o640, 0o604, 0o660, 0o601, 0o777] {
        let (_home, sources) = file(mode, KEY.as_bytes());
        let told = refused(&sources).await;
        let path = sources.file.clone().unwrap();
        assert!(told.contains(&format!("chmod 600 '{}'", path.display())), "{told}");
        assert!(told.contains(&format!("{mode:o}")), "{told}");
    }
    for mode in [0o600, 0o400] {
        let (_home, sources) = file(mode, KEY.as_bytes());
        assert_eq!(key(&sources).await.0, KEY);
    }
}

#[tokio::test]
async fn what_is_no_plain_file_is_refused_without_waiting_for_it() {
    let home = tempfile::tempdir().unwrap();
    let missing = Sources { file: Some(home.path().join("missing")), ..Sources::default() };
    assert!(refused(&missing).await.contains("no such file"));
    let folder = Sources { file: Some(home.path().to_owned()), ..Sources::default() };
    assert!(refused(&folder).await.contains("not a plain file"));
    let pipe = home.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    let sources = Sources { file: Some(pipe), ..Sources::default() };
    assert!(refused(&sources).await.contains("not a plain file"));
}

#[tokio::test]
async fn a_link_leads_to_the_file_that_counts() {
    let (home, sources) = file(0o644, KEY.as_bytes());
    let link = home.path().join("link");
    symlink(sources.file.as_ref().unwrap(), &link).unwrap();
    let linked = Sources { file: Some(link), ..Sources::default() };
    assert!(refused(&linked).await.contains("chmod 600"));
    fs::set_permissions(sources.file.as_ref().unwrap(), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(key(&linked).await.0, KEY);
}

#[test]
fn advice_can_be_pasted() {
    assert_eq!(quoted(Path::new("/home/a/.key")), "/home/a/.key");
    assert_eq!(quoted(Path::new("/home/it's $HOME")), r"'/home/it'\''s $HOME'");
}

#[test]
fn what_was_found_can_be_printed_without_the_key() {
    let found = Found { key: KEY.into(), source: Source::Environment("SGP_API_KEY".into()) };
    assert!(!format!("{found:?}").contains(KEY));
    assert_eq!(found.source.to_string(), "the variable SGP_API_KEY");
}

/// A pipe that ends when nobody holds it any more: the lines that come through it, and then its end.
fn held() -> (tempfile::TempDir, PathBuf, std::sync::mpsc::Receiver<String>) {
    use std::io::BufRead;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("held");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    let (tell, lines) = std::sync::mpsc::channel();
    let end = path.clone();
    std::thread::spawn(move || {
        for line in io::BufReader::new(File::open(end).unwrap()).lines() {
            tell.send(line.unwrap()).unwrap();
        }
    });
    (home, path, lines)
}

/// Waits for the end of the pipe.
fn is_over(lines: &std::sync::mpsc::Receiver<String>) -> bool {
    lines.recv_timeout(Duration::from_secs(30)) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
}

#[tokio::test]
async fn what_a_command_has_started_ends_when_it_is_cut_off() {
    let (_home, path, lines) = held();
    let script = format!("exec 9>'{}'; tail -f /dev/null & while :; do echo {KEY}; done", path.display());
    assert!(refused(&shell(&script)).await.contains("far more than a key"));
    assert!(is_over(&lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_has_started_ends_when_nobody_waits_for_it() {
    let (_home, path, lines) = held();
    let script = format!("exec 9>'{}'; echo started >&9; tail -f /dev/null & wait", path.display());
    let asking = tokio::spawn(async move { find_within(&shell(&script), Duration::from_secs(600)).await });
    let lines = tokio::task::spawn_blocking(move || {
        assert_eq!(lines.recv().unwrap(), "started");
        lines
    });
    let lines = lines.await.unwrap();
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert!(is_over(&lines));
}
