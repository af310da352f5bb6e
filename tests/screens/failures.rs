//! Threads that failed to open: the error, the service's message, and the hint.

use std::fs;

use unspool::testing::domain::UserError;
use unspool::testing::event::FetchUpdate;
use unspool::testing::provider;

use crate::assert_screen;
use crate::scene::{Scene, fixture};

/// A scene with a thread that failed with this status and body.
fn failed_scene(typed: &str, status: u16, body: &str) -> Scene {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for(typed);
    let (service, _) = typed.split_once(':').unwrap();
    let provider = provider::by_id(service).unwrap();
    let access = provider.access_from_env(&|_| None);
    let refusal = provider.explain_error(status, &fs::read(fixture(body)).unwrap(), &access);
    let error = UserError {
        message: format!("https://service.example: HTTP {status}"),
        service_messages: refusal.messages,
        hint: refusal.hint,
        exit_code: unspool::testing::domain::ExitCode::Failure,
    };
    scene.hears(request, FetchUpdate::Failed(error));
    scene
}

#[test]
fn a_rejected_key_is_shown() {
    assert_screen!("failed-401", failed_scene("sgp:lamp", 401, "sgp_error_401.json"));
}

#[test]
fn a_missing_thread_is_shown() {
    assert_screen!("failed-404", failed_scene("camelai:17", 404, "camelai_error_404.json"));
}

#[test]
fn invalid_parameters_are_shown() {
    assert_screen!("failed-422", failed_scene("sgp:lamp", 422, "sgp_error_422.json"));
}

#[test]
fn an_html_error_page_is_shown() {
    assert_screen!("failed-502", failed_scene("sgp:lamp", 502, "error_non_json_502.txt"));
}

#[test]
fn service_messages_are_sanitized() {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for("sgp:lamp");
    let error = UserError {
        message: "HTTP 403".into(),
        service_messages: vec!["\u{1b}[2Jall gone\r\u{202e}txt.exe\nand a second line".into()],
        hint: "Ask the owner of the account.".into(),
        exit_code: unspool::testing::domain::ExitCode::NotAllowed,
    };
    scene.hears(request, FetchUpdate::Failed(error));
    assert_screen!("failed-hostile", scene);
}

#[test]
fn a_failed_reload_keeps_the_thread() {
    let mut scene = Scene::with(100, 30, "sgp:lamp", "sgp-lamp-order.json");
    scene.types("r");
    let request = scene.app.loading.request;
    let error = UserError {
        message: "service.example cannot be reached: the connection was refused".into(),
        service_messages: Vec::new(),
        hint: "Check the network.".into(),
        exit_code: unspool::testing::domain::ExitCode::Network,
    };
    scene.hears(request, FetchUpdate::Failed(error));
    assert_screen!("reload-failed", scene);
}
