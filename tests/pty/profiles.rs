//! Choosing a profile while the program runs.

use tokio::runtime::Runtime;
use unspool::demo;

use crate::bytes;
use crate::session::Session;

/// Profiles of the same service: one leads nowhere, one to a demo server.
const THREAD: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

#[test]
fn another_profile_reaches_the_thread_at_its_place_with_its_key() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(demo::start(None)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let config = format!(
        "[profiles.gone]\nservice = \"sgp\"\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"GONE_KEY\"\n\
         [profiles.here]\nservice = \"sgp\"\nbase_url = \"{}\"\naccount = \"{}\"\nkey_env = \"HERE_KEY\"\n",
        server.base_url(),
        demo::DEMO_ACCOUNT,
    );
    std::fs::create_dir_all(home.path().join("config")).unwrap();
    std::fs::write(home.path().join("config/config.toml"), config).unwrap();
    let variables = [
        ("UNSPOOL_HOME", home.path().to_str().unwrap()),
        ("GONE_KEY", "canary-5c1e9b-gone"),
        ("HERE_KEY", demo::DEMO_KEY),
        ("SSH_TTY", "/dev/pts/9"),
    ];
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
    session.sees("copied");
    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    let command = format!("unspool {THREAD} --profile here");
    let copied = bytes::copied(&ended.bytes);
    assert!(copied.len() == 1 && copied[0].starts_with(&command), "{copied:?}");
    assert!(!String::from_utf8_lossy(&ended.bytes).contains("canary-5c1e9b"));
}
