//! Fail points: places where tests can make the program panic.

/// Panics if `UNSPOOL_FAIL` names this fail point. Does nothing in release builds.
#[cfg(debug_assertions)]
pub fn fail_point(name: &str) {
    let is_set = std::env::var("UNSPOOL_FAIL").is_ok_and(|set| set == name);
    assert!(!is_set, "fail point {name} \u{1b}[2J\u{202e}");
}

#[cfg(not(debug_assertions))]
pub const fn fail_point(_name: &str) {}
