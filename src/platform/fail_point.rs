//! Fail points: places at which tests make the program panic or hang.

/// Panics if `UNSPOOL_FAIL` names this fail point, and hangs if `:hang` follows the name. Does nothing in release builds.
#[cfg(debug_assertions)]
pub fn fail_point(name: &str) {
    let Ok(set) = std::env::var("UNSPOOL_FAIL") else { return };
    while set.strip_suffix(":hang") == Some(name) {
        std::thread::park();
    }
    assert!(set != name, "fail point {name} \u{1b}[2J\u{202e}");
}

#[cfg(not(debug_assertions))]
pub const fn fail_point(_name: &str) {}
