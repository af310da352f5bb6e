//! Runs the program with an empty environment, and starts demo servers.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use assert_cmd::Command;
use tokio::runtime::Runtime;
use unspool::testing::demo::{self, DEMO_KEY};

pub use crate::assert_harmless::assert_harmless;

/// A key that must not appear in any output.
pub const CANARY: &str = DEMO_KEY;

/// Returns the program with an empty environment and a temporary home.
pub fn unspool_command() -> Command {
    let mut command = Command::cargo_bin("unspool").unwrap();
    command.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR")).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Runs the program with these arguments.
pub fn run(args: &[&str]) -> Output {
    unspool_command().args(args).output().unwrap()
}

/// A demo server that stops when the value is dropped.
pub struct Demo {
    runtime: Runtime,
    server: demo::DemoServer,
}

impl Demo {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(demo::start(None)).unwrap();
        Self { runtime, server }
    }

    pub fn url(&self) -> String {
        self.server.base_url()
    }

    /// Returns the program with the demo's key, and with the demo as its `--base-url`.
    pub fn command(&self, args: &[&str]) -> Command {
        let _alive = &self.runtime;
        let mut command = unspool_command();
        command.env("SGP_API_KEY", DEMO_KEY).env("CAMEL_API_KEY", DEMO_KEY);
        command.args(args).args(["--base-url", &self.url()]);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Returns every thread body of the fixtures and the demo.
pub fn bodies() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bodies: Vec<PathBuf> = ["tests/fixtures", "assets/demo"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.ends_with(".json")
                && !["error", "_list", "-threads", "_minimal"].iter().any(|word| name.contains(word))
        })
        .collect();
    bodies.sort();
    assert!(bodies.len() >= 15, "{bodies:?}");
    bodies
}

/// Returns an empty folder for one test.
pub fn temp_folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Returns the header and the rows of a table of comma-separated values, all of the same length.
pub fn read_csv(table: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let head = cells(reader.headers().unwrap());
    (head, reader.records().map(|record| cells(&record.unwrap())).collect())
}
