//! Every command line in the `sh` blocks of the README and of `docs`, run verbatim against the demo server.
//!
//! Placeholders become threads of the demo. A comment `<!-- not run: REASON -->` before a block excludes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use unspool::testing::demo::DEMO_KEY;

use crate::support::{Demo, temp_folder, text};

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// A block of command lines: the page, the lines, and the reason why they are not run.
struct Block {
    page: PathBuf,
    lines: Vec<String>,
    not_run: Option<String>,
}

fn blocks(page: &Path) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut reason = None;
    let mut inside = false;
    for line in fs::read_to_string(page).unwrap().lines() {
        match (line.trim(), inside) {
            ("```sh" | "```bash" | "```console", false) => {
                blocks.push(Block { page: page.to_owned(), lines: Vec::new(), not_run: reason.take() });
                inside = true;
            }
            ("```", true) => inside = false,
            (line, true) => {
                let lines = &mut blocks.last_mut().unwrap().lines;
                match lines.last_mut().filter(|before| before.ends_with('\\')) {
                    Some(before) => before.replace_range(before.len() - 1.., line),
                    None => lines.push(line.to_owned()),
                }
            }
            (line, false) => {
                let comment = line.strip_prefix("<!-- not run: ").and_then(|rest| rest.strip_suffix(" -->"));
                reason = comment.map(str::to_owned);
            }
        }
    }
    blocks
}

fn all_blocks() -> Vec<Block> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs.chain([root.join("README.md")]).collect();
    pages.sort();
    pages.iter().flat_map(|page| blocks(page)).collect()
}

/// Returns an OTLP endpoint that accepts everything, and its address.
fn collector(runtime: &Runtime) -> String {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(|| async { "" });
    runtime.spawn(async move { axum::serve(listener, app).await });
    url
}

#[test]
fn command_lines_of_the_readme_and_the_pages_work_as_printed() {
    let demo = Demo::start();
    let runtime = Runtime::new().unwrap();
    let collector = collector(&runtime);
    let home = temp_folder("documented-commands");
    for folder in ["folder", ".local/share/bash-completion/completions"] {
        fs::create_dir_all(home.join(folder)).unwrap();
    }
    let body = fs::read("assets/demo/sgp-lamp-order.json").unwrap();
    fs::write(home.join("thread.json"), &body).unwrap();
    // A packed file is recognized by its bytes, not by its name.
    fs::write(home.join("thread.json.gz"), &body).unwrap();
    fs::write(home.join("ids.txt"), format!("{LAMP}\ncamelai:1001\n")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_unspool")).parent().unwrap().to_owned();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let fill = |line: &str| {
        let ids = [("THREAD", LAMP), ("sgp:ID", LAMP), ("0f2c9d4e-7a31-4c0b-9a51-6f2b1c7d8e90", LAMP)];
        let others = [
            ("48213", "1001"),
            ("https://collector.example", &collector),
            ("http://localhost:4318", &collector),
        ];
        ids.into_iter().chain(others).fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
    };
    let mut run = 0;
    for block in all_blocks().iter().filter(|block| block.not_run.is_none()) {
        for line in block.lines.iter().filter(|line| !line.is_empty()) {
            let ended = Command::new("bash")
                .args(["-o", "pipefail", "-c", &fill(line)])
                .current_dir(&home)
                .env_clear()
                .envs([("PATH", path.as_str()), ("HOME", home.to_str().unwrap()), ("COLLECTOR_KEY", "k")])
                .envs([("SGP_API_KEY", DEMO_KEY), ("CAMEL_API_KEY", DEMO_KEY)])
                .envs([("SGP_CLIENT_BASE_URL", demo.url()), ("CAMEL_API_URL", demo.url())])
                .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector)
                .output()
                .unwrap();
            let (out, err) = (text(&ended.stdout), text(&ended.stderr));
            let page = block.page.display();
            assert!(ended.status.success(), "{page}: {line}: {}\n{out}\n{err}", ended.status);
            assert!(!err.contains("error:"), "{page}: {line}\n{err}");
            run += 1;
        }
    }
    assert!(run >= 20, "only {run} lines were run");
}

#[test]
fn command_lines_that_are_not_run_have_a_reason_and_are_few() {
    let all = all_blocks();
    let lines = |skipped: bool| -> usize {
        all.iter().filter(|block| block.not_run.is_some() == skipped).map(|block| block.lines.len()).sum()
    };
    assert!(all.iter().all(|block| block.not_run.as_ref().is_none_or(|reason| reason.len() > 8)));
    assert!(lines(true) * 3 < lines(false), "{} of {} lines are not run", lines(true), lines(false));
}
