//! Switching profiles in the running program.

use std::path::Path;

use tokio::runtime::Runtime;
use unspool::testing::demo;

use crate::output;
use crate::session::Session;

const THREAD: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Writes two profiles of one service: `gone` is unreachable, `here` is a demo server.
fn write_config(home: &Path, server: &str) {
    let config = format!(
        "open_at_problem = false\n[profiles.gone]\nservice = \"sgp\"\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"GONE_KEY\"\n\
         [profiles.here]\nservice = \"sgp\"\nbase_url = \"{server}\"\naccount = \"{}\"\nkey_env = \"HERE_KEY\"\n",
        demo::DEMO_ACCOUNT,
    );
    std::fs::create_dir_all(home.join("config")).unwrap();
    std::fs::write(home.join("config/config.toml"), config).unwrap();
}

fn env_vars(home: &Path) -> [(&str, &str); 4] {
    [
        ("UNSPOOL_HOME", home.to_str().unwrap()),
        ("GONE_KEY", "canary-5c1e9b-gone"),
        ("HERE_KEY", demo::DEMO_KEY),
        ("SSH_TTY", "/dev/pts/9"),
    ]
}

#[test]
fn switching_profile_fetches_the_thread_with_its_url_and_key() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(demo::start(None)).unwrap();
    let home = tempfile::tempdir().unwrap();
    write_config(home.path(), &server.base_url());
    let variables = env_vars(home.path());
    let mut session = Session::start_with(&["--profile", "gone", THREAD], &variables);
    session.sees("sgp · gone");
    session.types("P");
    session.sees("key: the variable HERE_KEY");
    session.types("\x1b");
    session.no_longer_sees("HERE_KEY");
    session.types(":profile h\t");
    session.sees(":profile here");
    session.types("\r");
    session.sees("Messages 1/12");
    session.sees("sgp · here");
    session.types("yc");
    session.sees("Copied");
    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    let command = format!("unspool {THREAD} --profile here");
    let copied = output::clipboard_writes(&ended.bytes);
    assert!(copied.len() == 1 && copied[0].starts_with(&command), "{copied:?}");
    assert!(!String::from_utf8_lossy(&ended.bytes).contains("canary-5c1e9b"));
}

#[test]
fn a_recent_thread_is_opened_with_its_last_profile() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(demo::start(None)).unwrap();
    let home = tempfile::tempdir().unwrap();
    write_config(home.path(), &server.base_url());
    let variables = env_vars(home.path());
    let quit = |mut session: Session| {
        session.types("q");
        assert_eq!(session.ends().code, Ok(0));
    };
    let mut session = Session::start_with(&["--no-cache", "--profile", "here", THREAD], &variables);
    session.sees("Messages 1/12");
    session.types("i");
    session.sees("A wrong answer: lamp order 4471  sgp:");
    session.types("\x1b");
    session.sees("f filter");
    quit(session);

    // From the list below the thread box, while the other profile is in use.
    let mut session = Session::start_with(&["--no-cache", "--profile", "gone"], &variables);
    session.sees(", here");
    session.types("\r");
    session.sees("Messages 1/12");
    session.sees("sgp · here");
    quit(session);

    // By its id only.
    let session = Session::start_with(&["--no-cache", THREAD], &variables);
    session.sees("Using profile here, as last time");
    session.sees("Messages 1/12");
    quit(session);

    let config = home.path().join("config/config.toml");
    let other = std::fs::read_to_string(&config).unwrap().replace("profiles.here", "profiles.other");
    std::fs::write(&config, other).unwrap();
    let mut session = Session::start_with(&["--no-cache", "--profile", "other"], &variables);
    session.sees(", here");
    session.types("\r");
    session.sees("Profile here, used last time, no longer exists; using other");
    session.sees("Messages 1/12");
    quit(session);
    let history = std::fs::read_to_string(home.path().join("state/history.jsonl")).unwrap();
    assert!(!history.contains(demo::DEMO_KEY) && history.contains(r#""profile":"here""#), "{history}");
}
