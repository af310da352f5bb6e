//! `unspool library export`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::home::Home;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Returns a home with two archived threads.
fn archived() -> Home {
    let home = Home::with_demo();
    home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    home
}

/// Returns the files below a folder, as paths relative to it.
fn files(folder: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Returns the rows of every part, with its path.
fn rows(folder: &Path) -> Vec<(String, Map<String, Value>)> {
    let mut rows = Vec::new();
    for path in files(folder).into_iter().filter(|path| path.ends_with(".ndjson.zst")) {
        let text = zstd::decode_all(fs::read(folder.join(&path)).unwrap().as_slice()).unwrap();
        for line in String::from_utf8(text).unwrap().lines() {
            rows.push((path.clone(), serde_json::from_str(line).unwrap()));
        }
    }
    rows
}

fn manifest(folder: &Path) -> Value {
    let manifests: Vec<_> = fs::read_dir(folder.join("manifests")).unwrap().flatten().collect();
    assert_eq!(manifests.len(), 1);
    let path = manifests.first().unwrap().path();
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_rows_are_those_of_ndjson_with_their_origin_in_folders_by_kind_service_and_month() {
    let home = archived();
    home.run(&["library", "export", "set"]).assert_ok();
    let folder = home.path("set");
    let rows = rows(&folder);
    let mut lines: Vec<String> = Vec::new();
    for (path, mut row) in rows.clone() {
        for name in ["account", "fetched_at", "revision"] {
            assert!(row.shift_remove(name).is_some_and(|value| !value.is_null()), "{path}: {name}");
        }
        let service = row["service"].as_str().unwrap();
        assert!(path.contains(&format!("/service={service}/month=")), "{path}");
        if let Some(time) =
            row.get("created_at").and_then(Value::as_str).filter(|_| row["type"] != "feedback")
        {
            assert!(path.contains(&format!("/month={}/", time.get(..7).unwrap())), "{path}: {time}");
        }
        lines.push(Value::Object(row).to_string());
    }
    lines.sort();
    let mut expected = Vec::new();
    for thread in [LAMP, "camelai:1001"] {
        let text = home.fetch(&["export", thread, "--offline", "--format", "ndjson"]).assert_ok().out;
        for line in text.lines() {
            expected.push(serde_json::from_str::<Value>(line).unwrap().to_string());
        }
    }
    expected.sort();
    let is_thread = |line: &&String| line.starts_with("{\"type\":\"thread\"");
    assert_eq!(lines.iter().filter(is_thread).count(), 2);
    // Rows of threads may have more from the list than the body alone.
    lines.retain(|line| !is_thread(&line));
    expected.retain(|line| !is_thread(&line));
    assert_eq!(lines, expected);
    let ids: Vec<_> = rows.iter().map(|(_, row)| row["thread_id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"1001"));
}

#[test]
fn the_manifest_has_the_rows_and_checksum_of_every_file() {
    let home = archived();
    let out = home.run(&["library", "export", "set"]).assert_ok().out;
    assert!(out.starts_with("2 threads, ") && out.contains(" rows, "), "{out}");
    let folder = home.path("set");
    assert_eq!(fs::read(folder.join("_SUCCESS")).unwrap(), b"");
    let manifest = manifest(&folder);
    let mut counts = BTreeMap::new();
    for (path, _) in rows(&folder) {
        *counts.entry(path).or_insert(0) += 1;
    }
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), counts.len());
    let mut total = 0;
    for file in files {
        let path = file["path"].as_str().unwrap();
        let bytes = fs::read(folder.join(path)).unwrap();
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file["sha256"], digest.as_str());
        assert_eq!((&file["bytes"], &file["rows"]), (&bytes.len().into(), &counts[path].into()));
        total += counts[path];
    }
    let by_kind: i64 = manifest["rows"].as_object().unwrap().values().filter_map(Value::as_i64).sum();
    assert_eq!(by_kind, i64::from(total));
    assert_eq!((&manifest["threads"], &manifest["schema_version"]), (&2.into(), &1.into()));
}

#[test]
fn a_folder_with_files_is_refused_and_force_replaces_only_the_export() {
    let home = archived();
    home.run(&["library", "export", "set"]).assert_ok();
    let own = home.write("set/messages/service=sgp/notes.txt", "mine");
    let ran = home.run(&["library", "export", "set"]);
    assert!(ran.code == 1 && ran.err.contains("--force"), "{ran:?}");
    home.run(&["library", "export", "set", "--force", "--filter", "id:1001"]).assert_ok();
    let folder = home.path("set");
    assert!(rows(&folder).iter().all(|(_, row)| row["service"] == "camelai"));
    assert_eq!(manifest(&folder)["filter"], "id:1001");
    assert!(own.exists() && folder.join("_SUCCESS").exists());
    assert!(!folder.join("spans/service=sgp/month=2026-09").exists());
    let file = home.write("file", "x");
    assert_eq!(home.run(&["library", "export", file.to_str().unwrap(), "--force"]).code, 1);
}

#[test]
fn without_a_thread_to_export_nothing_is_written() {
    let home = archived();
    for (filter, code) in [("id:nothere", 5), ("bogus:1", 2), ("messages>", 2)] {
        let ran = home.run(&["library", "export", "set", "--filter", filter]);
        assert_eq!(ran.code, code, "{filter}: {}", ran.err);
        assert!(!home.path("set").exists());
    }
    assert_eq!(Home::new().run(&["library", "export", "set"]).code, 5);
}

#[test]
fn a_damaged_body_is_omitted_and_the_export_is_not_marked_complete() {
    let home = archived();
    let data = home.path("data/library/data");
    let damaged: PathBuf = data.join(files(&data).into_iter().find(|path| path.starts_with("sgp")).unwrap());
    let whole = fs::read(&damaged).unwrap();
    for bytes in [&b"damage"[..], &whole[..whole.len() / 2], b""] {
        fs::write(&damaged, bytes).unwrap();
        let ran = home.run(&["library", "export", "set", "--force"]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains(LAMP) && ran.err.contains("library check"), "{}", ran.err);
        assert!(!home.path("set/_SUCCESS").exists());
        assert_eq!(manifest(&home.path("set"))["incomplete_threads"][0], LAMP);
        assert!(rows(&home.path("set")).iter().any(|(_, row)| row["service"] == "camelai"));
    }
    fs::remove_file(&damaged).unwrap();
    assert_eq!(home.run(&["library", "export", "set", "--force"]).code, 3);
}

#[test]
fn redaction_masks_every_row() {
    let home = archived();
    home.run(&["library", "export", "plain"]).assert_ok();
    let ran = home.run(&["library", "export", "set", "--redact-pattern", "order=lamp"]).assert_ok();
    assert!(ran.err.contains("masked: "), "{}", ran.err);
    let has_word = |folder: &str| {
        rows(&home.path(folder))
            .iter()
            .any(|(_, row)| Value::Object(row.clone()).to_string().contains("lamp"))
    };
    assert!(has_word("plain") && !has_word("set"));
    assert_eq!(manifest(&home.path("set"))["redacted"], true);
}

/// Returns a number of each row of a kind, read from NDJSON.
fn numbers(folder: &Path, kind: &str, column: &str) -> Vec<Option<i64>> {
    let rows = rows(folder).into_iter().filter(|(path, _)| path.starts_with(kind));
    let mut numbers: Vec<_> = rows.map(|(_, row)| row.get(column).and_then(Value::as_i64)).collect();
    numbers.sort();
    numbers
}

#[test]
fn parquet_has_the_same_rows() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let home = archived();
    home.run(&["library", "export", "set"]).assert_ok();
    home.run(&["library", "export", "columns", "--format", "parquet"]).assert_ok();
    let folder = home.path("columns");
    let (ndjson, columns) = (manifest(&home.path("set")), manifest(&folder));
    assert_eq!((&columns["rows"], &columns["format"]), (&ndjson["rows"], &"parquet".into()));
    for (kind, column) in [("messages", "number"), ("messages", "total_tokens"), ("spans", "depth")] {
        let mut found = Vec::new();
        for path in files(&folder).iter().filter(|path| path.starts_with(kind)) {
            let reader = SerializedFileReader::new(fs::File::open(folder.join(path)).unwrap()).unwrap();
            for row in reader.get_row_iter(None).unwrap().map(Result::unwrap) {
                let (_, value) = row.get_column_iter().find(|(name, _)| *name == column).unwrap();
                found.push(if let Field::Long(number) = value { Some(*number) } else { None });
            }
        }
        found.sort();
        assert_eq!(found, numbers(&home.path("set"), kind, column), "{kind} {column}");
    }
}

#[test]
fn otlp_has_a_thread_per_line_as_in_an_export_of_it() {
    let home = archived();
    home.run(&["library", "export", "set", "--format", "otlp"]).assert_ok();
    let folder = home.path("set");
    let paths: Vec<_> = files(&folder).into_iter().filter(|path| path.ends_with(".jsonl")).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("traces/service=")), "{paths:?}");
    for path in paths {
        let text = fs::read_to_string(folder.join(&path)).unwrap();
        assert_eq!(text.lines().count(), 1);
        let thread = if path.contains("=sgp/") { LAMP } else { "camelai:1001" };
        let alone = home.fetch(&["export", thread, "--offline", "--format", "otlp"]).assert_ok().out;
        // The thread's own address is not archived, so attributes from there are missing.
        let spans = |text: &str| {
            let json = serde_json::from_str::<Value>(text).unwrap();
            let spans = json["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
            let facts = ["spanId", "parentSpanId", "name", "startTimeUnixNano", "status"];
            spans.iter().map(|span| facts.map(|fact| span[fact].clone())).collect::<Vec<_>>()
        };
        assert_eq!(spans(&text), spans(&alone), "{path}");
        assert!(path.contains("/month=2026-"), "{path}");
    }
}

#[test]
fn pages_are_linked_from_an_index_and_replaced_by_the_next_export() {
    let home = archived();
    for (format, extension) in [("html", "html"), ("markdown", "md")] {
        home.run(&["library", "export", format, "--format", format]).assert_ok();
        let folder = home.path(format);
        let index = fs::read_to_string(folder.join(format!("index.{extension}"))).unwrap();
        let pages: Vec<_> = files(&folder)
            .into_iter()
            .filter(|path| path.ends_with(extension) && !path.starts_with("index"))
            .collect();
        assert_eq!(pages.len(), 2, "{pages:?}");
        assert!(pages.iter().all(|path| index.contains(path.as_str())), "{index}");
        assert!(index.contains("2 threads"), "{index}");
        assert_eq!(manifest(&folder)["rows"]["threads"], 2);
    }
    let own = home.write("html/mine.html", "mine");
    home.run(&["library", "export", "html", "--format", "json", "--force"]).assert_ok();
    let left = files(&home.path("html"));
    assert!(!left.iter().any(|path| path.ends_with(".html") && !path.ends_with("mine.html")), "{left:?}");
    assert!(own.exists() && left.iter().filter(|path| path.ends_with(".json")).count() == 3, "{left:?}");
}

#[test]
fn a_changed_manifest_removes_nothing_outside_its_folder() {
    let home = archived();
    home.run(&["library", "export", "set", "--format", "html"]).assert_ok();
    let own = home.write("own.txt", "mine");
    for path in ["../own.txt", own.to_str().unwrap()] {
        let text = serde_json::json!({ "files": [{ "path": path }, { "path": 7 }, "x"] }).to_string();
        home.write("set/manifests/2026-01-01T00-00-00Z.json", &text);
        home.run(&["library", "export", "set", "--force"]).assert_ok();
        assert!(own.exists(), "{path}");
    }
}
