//! Threads that could not be opened: what happened, in whose words, and what to do next.

use std::fs;

use unspool::event::{Failure, News};
use unspool::provider;

use crate::looks;
use crate::scene::{Scene, fixture};

/// The service refused with this body.
fn refused(typed: &str, status: u16, body: &str) -> Scene {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for(typed);
    let (service, _) = typed.split_once(':').unwrap();
    let provider = provider::named(service).unwrap();
    let access = provider.access(&|_| None);
    let refusal = provider.explain(status, &fs::read(fixture(body)).unwrap(), &access);
    let failure = Failure {
        what: format!("https://service.example: the answer was {status}"),
        said: refusal.said,
        advice: refusal.advice,
        exit_code: 1,
    };
    scene.hears(request, News::Failed(failure));
    scene
}

#[test]
fn a_key_was_not_accepted() {
    looks!("failed-401", refused("sgp:lamp", 401, "sgp_error_401.json"));
}

#[test]
fn there_is_no_such_thread() {
    looks!("failed-404", refused("camelai:17", 404, "camelai_error_404.json"));
}

#[test]
fn parameters_were_wrong() {
    looks!("failed-422", refused("sgp:lamp", 422, "sgp_error_422.json"));
}

#[test]
fn a_proxy_answered_with_a_page() {
    looks!("failed-502", refused("sgp:lamp", 502, "error_non_json_502.txt"));
}

#[test]
fn words_of_a_service_cannot_draw() {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for("sgp:lamp");
    let failure = Failure {
        what: "the answer was 403".into(),
        said: vec!["\u{1b}[2Jall gone\r\u{202e}txt.exe\nand a second line".into()],
        advice: "Ask the owner of the account.".into(),
        exit_code: 4,
    };
    scene.hears(request, News::Failed(failure));
    looks!("failed-hostile", scene);
}

#[test]
fn a_reload_failed_and_the_old_copy_stays() {
    let mut scene = Scene::with(100, 30, "sgp:lamp", "sgp-lamp-order.json");
    scene.types("r");
    let request = scene.app.loading.request;
    let failure = Failure {
        what: "service.example cannot be reached: the connection was refused".into(),
        said: Vec::new(),
        advice: "Check the network.".into(),
        exit_code: 6,
    };
    scene.hears(request, News::Failed(failure));
    looks!("reload-failed", scene);
}
