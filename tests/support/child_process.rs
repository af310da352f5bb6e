//! Tests that run themselves again in a child process.

use std::env;
use std::process::Command;

const CHILD_VAR: &str = "UNSPOOL_TEST_CHILD_OF";

/// Runs one test of this binary in a child process with additional environment variables.
pub fn rerun_with_env(test: &str, variables: &[(&str, &str)]) {
    let output = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .envs(variables.iter().copied())
        .env(CHILD_VAR, test)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Returns whether this process is the child that runs this test.
pub fn is_child_of(test: &str) -> bool {
    env::var(CHILD_VAR).is_ok_and(|parent| parent == test)
}
