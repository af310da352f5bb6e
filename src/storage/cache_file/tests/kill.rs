//! Instances killed while they write: the entry afterwards is the old one or the new one, never a damaged one.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use super::*;

const TEST_NAME: &str = "storage::cache_file::tests::kill::a_kill_while_writing_leaves_complete_entries_only";
const CHILD_VARIABLE: &str = "UNSPOOL_TEST_CACHE_OF_CHILD";

/// Writes until killed and prints a line after each entry.
fn write_until_killed(home: &Path) {
    let cache = Cache::open(home, DEFAULT_LIMIT).unwrap();
    for round in 0u8.. {
        put(&cache, &key("a"), i64::from(round), &vec![round; 400_000]);
        if writeln!(io::stdout(), "written").is_err() {
            return;
        }
    }
}

#[test]
fn a_kill_while_writing_leaves_complete_entries_only() {
    if let Some(home) = env::var_os(CHILD_VARIABLE) {
        return write_until_killed(Path::new(&home));
    }
    let home = tempfile::tempdir().unwrap();
    // Each child is killed after another number of entries; a variable raises the number of kills.
    let kills = env::var("UNSPOOL_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(8);
    for rounds in (1..=8).cycle().take(kills) {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([TEST_NAME, "--exact", "--nocapture"])
            .env(CHILD_VARIABLE, home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let written =
            lines.map_while(Result::ok).filter(|line| line.ends_with("written")).take(rounds).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(written, rounds);
        let cache = Cache::open(home.path(), DEFAULT_LIMIT).unwrap();
        assert_eq!(file_names(&cache).len(), 1, "partial files are swept");
        let body = get(&cache, &key("a")).unwrap();
        assert!(body.len() == 400_000 && body.iter().all(|byte| *byte == body[0]));
    }
}
