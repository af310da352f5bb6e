//! A library on a server that accepts connections and never responds.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt;
use rustix::process::{Pid, Signal, kill_process};

use crate::home::{CANARY, Home};

#[test]
fn an_interrupt_ends_a_command_that_waits_for_the_server() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let home = Home::new();
    let profile = "[profiles.team]\nservice = \"sgp\"\nbase_url = \"http://127.0.0.1:9/\"\naccount = \"a\"\n";
    home.write("config/config.toml", &format!("{profile}library = \"clickhouse://{address}/team\"\n"));
    for args in [
        &["list", "--offline"][..],
        &["show", "sgp:1", "--offline"],
        &["search", "refund"],
        &["library", "stats"],
    ] {
        let mut command = Command::cargo_bin("unspool").unwrap();
        command.env_clear().env("UNSPOOL_HOME", home.path("")).env("SGP_API_KEY", CANARY);
        command.args(args).args(["--profile", "team"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let _connection = server.accept().unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && !error.contains("panicked"), "{args:?}: {error}");
    }
}
