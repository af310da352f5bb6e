//! A temporary home for each test, with an optional demo server.

use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use unspool::testing::demo;

/// A key that must not appear in any output.
pub const CANARY: &str = "canary-5c1e9b";

pub struct Home {
    folder: TempDir,
    demo: Option<(Runtime, demo::DemoServer)>,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), demo: None }
    }

    /// Creates a home with a demo server that stops when the value is dropped.
    pub fn with_demo() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(demo::start(None)).unwrap();
        Self { demo: Some((runtime, server)), ..Self::new() }
    }

    pub fn url(&self) -> String {
        self.demo.as_ref().unwrap().1.base_url()
    }

    pub fn stop_demo(&mut self) {
        self.demo = None;
    }

    pub fn path(&self, rest: &str) -> PathBuf {
        self.folder.path().join(rest)
    }

    /// Writes a file that only its owner can read.
    pub fn write(&self, rest: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(rest);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Returns the program with an empty environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("unspool").unwrap();
        command.env_clear().env("HOME", self.folder.path()).env("UNSPOOL_HOME", self.folder.path());
        command.current_dir(self.folder.path()).args(args);
        command
    }

    pub fn run(&self, args: &[&str]) -> RunResult {
        RunResult::from_output(self.command(args).output().unwrap())
    }

    /// Runs the program with the demo's address and a key in the environment.
    pub fn fetch(&self, args: &[&str]) -> RunResult {
        let mut command = self.command(args);
        command.env("SGP_API_KEY", CANARY).env("SGP_CLIENT_BASE_URL", self.url());
        command.env("CAMEL_API_KEY", CANARY).env("CAMEL_API_URL", self.url());
        RunResult::from_output(command.output().unwrap())
    }
}

/// The exit code and output of the program.
#[derive(Debug)]
pub struct RunResult {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl RunResult {
    pub fn from_output(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(!out.contains(CANARY) && !err.contains(CANARY), "{out}\n{err}");
        Self { code: output.status.code().unwrap(), out, err }
    }

    /// Panics unless the exit code is 0.
    pub fn assert_ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }
}
