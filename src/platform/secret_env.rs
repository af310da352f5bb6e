//! Environment variables that hold secrets, which no child process inherits.

use std::sync::{Mutex, PoisonError};

static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Adds a variable to those removed from the environment of every child process.
pub fn add_secret_variable(name: &str) {
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// Returns the variables to remove from the environment of a child process.
pub fn secret_variables() -> Vec<String> {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
