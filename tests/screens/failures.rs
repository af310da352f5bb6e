//! Threads that failed to open: the error, the service's message, and the hint.

use std::fs;

use unspool::testing::domain::{ExitCode, UserError};
use unspool::testing::event::FetchUpdate;
use unspool::testing::provider;

use crate::assert_screen;
use crate::scene::{Scene, fixture};

/// Returns a scene with a thread that failed with this status and body.
fn failed_scene(typed: &str, status: u16, body: &str) -> Scene {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for(typed);
    let (service, _) = typed.split_once(':').unwrap();
    let provider = provider::by_id(service).unwrap();
    let access = provider.access_from_env(&|_| None);
    let refusal = provider.explain_error(status, &fs::read(fixture(body)).unwrap(), &access);
    let error = UserError {
        headline: "The service rejected the request.".into(),
        facts: ["Key from the variable SGP_API_KEY".into()].into(),
        service_messages: refusal.messages,
        ..UserError::new(format!("https://service.example: HTTP {status}"), refusal.hint, ExitCode::Failure)
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
        service_messages: vec!["\u{1b}[2Jall gone\r\u{202e}txt.exe\nand a second line".into()],
        ..UserError::new("HTTP 403", "Ask the owner of the account.", ExitCode::NotAllowed)
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
        service_messages: Vec::new(),
        ..UserError::new(
            "service.example cannot be reached: the connection was refused",
            "Check the network.",
            ExitCode::Network,
        )
    };
    scene.hears(request, FetchUpdate::Failed(error));
    assert_screen!("reload-failed", scene);
}

#[test]
fn a_refusal_with_a_delay_counts_down() {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for("sgp:lamp");
    let error = UserError {
        headline: "The service received too many requests.".into(),
        retry_after: Some(12),
        ..UserError::new("https://service.example: HTTP 429", "Try again later.", ExitCode::Failure)
    };
    scene.hears(request, FetchUpdate::Failed(error));
    assert!(scene.app.is_animated());
    assert!(scene.picture().contains("12 s left"));
    scene.lets_pass(5);
    assert!(scene.picture().contains("7 s left"));
    scene.lets_pass(7);
    assert!(!scene.app.is_animated() && !scene.picture().contains("s left"));
}

#[test]
fn after_a_failed_opening_the_box_names_the_thread_in_the_panes() {
    let mut scene = Scene::with(100, 30, "sgp:lamp", "sgp-lamp-order.json");
    let request = scene.asks_for("sgp:wrong");
    assert_eq!(scene.app.thread_box.text(), "sgp:wrong");
    let error = UserError::new("https://service.example: HTTP 404", "", ExitCode::NotFound);
    scene.hears(request, FetchUpdate::Failed(error));
    assert_eq!(scene.app.thread_box.text(), "sgp:wrong");
    scene.types("<Esc>");
    assert_eq!(scene.app.thread_box.text(), "sgp:lamp");
    scene.types("i");
    scene.types("<Esc>");
    assert_eq!(scene.app.thread_box.text(), "sgp:lamp");
}
