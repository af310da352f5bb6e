//! A small response that decompresses to a huge body: memory is bounded by the cap, not by the body.

#![cfg(target_os = "linux")]

use std::fs;

use crate::browser::Browser;
use crate::child_process::{is_child_of, rerun_with_env};
use crate::gzip;
use crate::server::answer;
use crate::test_env::TestEnv;

const TEST: &str = "memory::a_decompression_bomb_uses_no_more_memory_than_the_cap";
/// The cap on the body, far below the size of the bomb.
const MAX_BODY: u64 = 8 << 20;
const BOMB_RUNS: usize = 4 << 20;
/// The limit on the memory of the whole process: several times the cap, plus the tests themselves.
const MAX_KIB: u64 = 256 << 10;

fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Runs in a child process, because memory is measured per process.
#[tokio::test(flavor = "multi_thread")]
async fn a_decompression_bomb_uses_no_more_memory_than_the_cap() {
    if !is_child_of(TEST) {
        return rerun_with_env(TEST, &[]);
    }
    let bomb = gzip::decompression_bomb(BOMB_RUNS);
    assert!((bomb.len() as u64) < MAX_BODY && BOMB_RUNS as u64 * 258 > 1 << 30);
    let mut env = TestEnv::start(|_| vec![answer(200, "Content-Encoding: gzip\r\n", &bomb)]).await;
    env.limits.max_body = MAX_BODY;
    let mut browser = Browser::open(&env);
    browser.wait_until_loaded().await;
    assert!(browser.screen().contains("Raise max_body above 8,388,608"), "{}", browser.screen());
    assert!(peak_kib() < MAX_KIB, "{} KiB", peak_kib());
}
