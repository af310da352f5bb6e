use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
};

use secrecy::ExposeSecret;

use super::*;

const KEY: &str = "canary-51c0";

fn shell_command(script: &str) -> KeySources {
    KeySources { command: ["sh", "-c", script].map(str::to_owned).to_vec(), ..KeySources::default() }
}

fn key_file(mode: u32, bytes: &[u8]) -> (tempfile::TempDir, KeySources) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("the key");
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    (home, KeySources { file: Some(path), ..KeySources::default() })
}

async fn resolve_key(sources: &KeySources) -> (String, KeyOrigin) {
    let found = resolve(sources).await.unwrap().unwrap();
    (found.key.expose_secret().to_owned(), found.origin)
}

/// Returns all texts of the error, which never contain the key.
async fn resolve_error(sources: &KeySources) -> String {
    let error = resolve(sources).await.unwrap_err();
    let text = format!("{error} | {} | {error:?}", error.hint());
    assert!(!text.contains(KEY), "{text}");
    text
}

#[tokio::test]
async fn environment_precedes_command_and_command_precedes_file() {
    let (_home, from_file) = key_file(0o600, b"from-file\n");
    let command = shell_command("echo from-command");
    let both = KeySources { file: from_file.file.clone(), ..command };
    let all =
        KeySources { environment: Some(("SGP_API_KEY".into(), "from-environment".into())), ..both.clone() };
    assert_eq!(
        resolve_key(&all).await,
        ("from-environment".into(), KeyOrigin::Environment("SGP_API_KEY".into()))
    );
    assert_eq!(resolve_key(&both).await, ("from-command".into(), KeyOrigin::Command(both.key_command("sh"))));
    assert_eq!(
        resolve_key(&from_file).await,
        ("from-file".into(), KeyOrigin::File(from_file.file.clone().unwrap()))
    );
    assert!(resolve(&KeySources::default()).await.unwrap().is_none());
}

#[tokio::test]
async fn command_arguments_are_passed_unchanged() {
    let command = ["printf", "%s", "a;b $HOME *"].map(str::to_owned).to_vec();
    let sources = KeySources { command, ..KeySources::default() };
    assert_eq!(resolve_key(&sources).await.0, "a;b $HOME *");
}

#[tokio::test]
async fn only_one_trailing_newline_is_removed() {
    for (content, key) in [("key", "key"), ("key\n", "key"), ("key\r\n", "key"), (" key ", " key ")] {
        let (_home, sources) = key_file(0o600, content.as_bytes());
        assert_eq!(resolve_key(&sources).await.0, key, "{content:?}");
    }
    for invalid in [
        &b""[..],
        b"\n",
        b"  \n",
        b"canary-51c0\n\n",
        b"canary-51c0\nmore",
        b"canary-51c0\x1b[m",
        b"canary-51c0\xff",
    ] {
        let (_home, sources) = key_file(0o600, invalid);
        assert!(resolve_error(&sources).await.contains("on one line"), "{invalid:?}");
    }
}

#[tokio::test]
async fn command_errors_show_program_and_exit_code_but_not_output() {
    let error = resolve_error(&shell_command("echo canary-51c0; echo canary-51c0 >&2; exit 3")).await;
    assert!(error.starts_with("key_command \"sh\" failed with exit code 3"), "{error}");
    let error = resolve_error(&shell_command("kill -9 $$")).await;
    assert!(error.contains("killed by a signal"), "{error}");
    let missing = KeySources { command: vec!["no-such-program-of-unspool".into()], ..KeySources::default() };
    let error = resolve_error(&missing).await;
    assert!(error.contains("could not be started: entity not found"), "{error}");
}

#[tokio::test]
async fn errors_name_the_setting_of_the_secret() {
    let command = vec!["no-such-program-of-unspool".to_owned()];
    let unset_variable = Some("V".to_owned());
    for (secret, prefix) in [(Secret::ApiKey, "key"), (Secret::LibraryPassword, "library_password")] {
        let failing = KeySources { secret, command: command.clone(), ..KeySources::default() };
        let texts = resolve_error(&failing).await;
        for name in [format!("{prefix}_command \"no-such"), format!("Check {prefix}_command:")] {
            assert!(texts.contains(&name), "{texts}");
        }
        let unset = KeySources { secret, unset_variable: unset_variable.clone(), ..KeySources::default() };
        assert!(resolve_error(&unset).await.contains(&format!("change {prefix}_env of")));
    }
}

#[tokio::test]
async fn endless_command_is_stopped() {
    let error = resolve_error(&shell_command("while :; do echo canary-51c0; done")).await;
    assert!(error.contains("too long for a key"), "{error}");
    let slow = shell_command("exec tail -f /dev/null");
    let error = resolve_within(&slow, Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.to_string(), "key_command \"sh\" took longer than 0.05 s");
}

#[tokio::test]
async fn command_gets_no_input_and_no_secrets() {
    assert_eq!(resolve_key(&shell_command("cat; echo end")).await.0, "end");
}

#[tokio::test]
async fn file_readable_by_others_is_rejected_with_the_fix() {
    for mode in [0o640, 0o604, 0o660, 0o601, 0o777] {
        let (_home, sources) = key_file(mode, KEY.as_bytes());
        let error = resolve_error(&sources).await;
        let path = sources.file.clone().unwrap();
        assert!(error.contains(&format!("chmod 600 '{}'", path.display())), "{error}");
        assert!(error.contains(&format!("{mode:o}")), "{error}");
    }
    for mode in [0o600, 0o400] {
        let (_home, sources) = key_file(mode, KEY.as_bytes());
        assert_eq!(resolve_key(&sources).await.0, KEY);
    }
}

#[tokio::test]
async fn non_regular_files_are_rejected_without_blocking() {
    let home = tempfile::tempdir().unwrap();
    let missing = KeySources { file: Some(home.path().join("missing")), ..KeySources::default() };
    assert!(resolve_error(&missing).await.contains("no such file"));
    let folder = KeySources { file: Some(home.path().to_owned()), ..KeySources::default() };
    assert!(resolve_error(&folder).await.contains("not a regular file"));
    let pipe = home.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    let sources = KeySources { file: Some(pipe), ..KeySources::default() };
    assert!(resolve_error(&sources).await.contains("not a regular file"));
}

#[tokio::test]
async fn symlink_is_judged_by_its_target() {
    let (home, sources) = key_file(0o644, KEY.as_bytes());
    let link = home.path().join("link");
    symlink(sources.file.as_ref().unwrap(), &link).unwrap();
    let linked = KeySources { file: Some(link), ..KeySources::default() };
    assert!(resolve_error(&linked).await.contains("chmod 600"));
    fs::set_permissions(sources.file.as_ref().unwrap(), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(resolve_key(&linked).await.0, KEY);
}

#[test]
fn hint_can_be_pasted_into_a_shell() {
    let path = "/home/it's $HOME";
    let error = ApiKeyError::InsecurePermissions { path: path.into(), mode: 0o644 };
    let words = shlex::split(&error.hint()).unwrap();
    assert_eq!(words, ["Run:", "chmod", "600", path]);
}

#[test]
fn debug_output_does_not_contain_the_key() {
    let found = ResolvedKey { key: KEY.into(), origin: KeyOrigin::Environment("SGP_API_KEY".into()) };
    assert!(!format!("{found:?}").contains(KEY));
    assert_eq!(found.origin.to_string(), "the variable SGP_API_KEY");
}

/// Opens a named pipe; the receiver gets its lines and disconnects once no process holds the pipe open.
fn open_held_pipe() -> (tempfile::TempDir, PathBuf, std::sync::mpsc::Receiver<String>) {
    use std::io::BufRead;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("held");
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    let pipe = path.clone();
    std::thread::spawn(move || {
        for line in io::BufReader::new(File::open(pipe).unwrap()).lines() {
            sender.send(line.unwrap()).unwrap();
        }
    });
    (home, path, lines)
}

/// Waits until no process holds the pipe open.
fn is_pipe_closed(lines: &std::sync::mpsc::Receiver<String>) -> bool {
    lines.recv_timeout(Duration::from_secs(30)) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
}

#[tokio::test]
async fn child_processes_are_killed_when_the_command_is_stopped() {
    let (_home, path, lines) = open_held_pipe();
    let script = format!("exec 9>'{}'; tail -f /dev/null & while :; do echo {KEY}; done", path.display());
    assert!(resolve_error(&shell_command(&script)).await.contains("too long for a key"));
    assert!(is_pipe_closed(&lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn child_processes_are_killed_when_the_request_is_dropped() {
    let (_home, path, lines) = open_held_pipe();
    let script = format!("exec 9>'{}'; echo started >&9; tail -f /dev/null & wait", path.display());
    let resolving =
        tokio::spawn(async move { resolve_within(&shell_command(&script), Duration::from_secs(600)).await });
    let lines = tokio::task::spawn_blocking(move || {
        assert_eq!(lines.recv().unwrap(), "started");
        lines
    });
    let lines = lines.await.unwrap();
    resolving.abort();
    assert!(resolving.await.unwrap_err().is_cancelled());
    assert!(is_pipe_closed(&lines));
}
