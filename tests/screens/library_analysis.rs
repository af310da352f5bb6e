//! The page with statistics of many kept threads.

use std::sync::Arc;

use unspool::testing::domain::{Timestamp, Usage};
use unspool::testing::event::{
    AnalysedThread, Event, LibraryAnalysis, LibraryAnalysisUpdate, LibraryOperation, MessagePlace,
};
use unspool::testing::trace::{DayTotals, OperationStats, TurnTotals};

use crate::assert_screen;
use crate::scene::Scene;

fn day(day: Option<&str>, turns: u64, failed: u64) -> DayTotals {
    DayTotals { day: day.and_then(Timestamp::parse), totals: totals(turns, failed) }
}

fn totals(turns: u64, failed: u64) -> TurnTotals {
    TurnTotals {
        turns,
        failed,
        positive: turns / 3,
        negative: failed / 2,
        tokens: 2_014 * i64::try_from(turns).unwrap(),
        cost_usd: 0.0059 * turns as f64,
    }
}

fn operation(name: &str, count: u64) -> LibraryOperation {
    let stats = OperationStats {
        operation: name.to_owned(),
        count,
        errors: count / 40,
        timed_count: count,
        total_micros: 9_000_000,
        self_micros: 8_000_000,
        p50: Some(400_000),
        p95: Some(4_100_000),
        max: Some(61_000_000),
        slowest: None,
        usage: Usage { total_tokens: Some(120_000), cost_usd: Some(0.41), ..Usage::default() },
    };
    LibraryOperation { stats, slowest: None }
}

fn analysis() -> LibraryAnalysis {
    let thread = |id: &str, title: &str, turns, failed| AnalysedThread {
        place: MessagePlace {
            service: "sgp".to_owned(),
            account: None,
            thread_id: id.to_owned(),
            message_id: "m1".to_owned(),
        },
        title: title.to_owned(),
        totals: totals(turns, failed),
        slowest_micros: Some(6_200_000),
    };
    LibraryAnalysis {
        threads: 311,
        unreadable: 1,
        totals: totals(1_204, 31),
        operations: vec![operation("COMPLETION", 3_200), operation("KB_RETRIEVAL", 1_180), operation("", 3)],
        worst: vec![
            thread("a", "A wrong answer: lamp order 4471", 12, 5),
            thread("b", "Hostile \u{1b}]0;x\u{7} \u{202e}title", 3, 2),
            thread("no-title", "", 1, 0),
        ],
        days: vec![
            day(None, 2, 0),
            day(Some("2026-09-13T00:00:00Z"), 140, 2),
            day(Some("2026-09-14T00:00:00Z"), 1_062, 29),
        ],
    }
}

#[test]
fn totals_worst_threads_operations_and_days_are_below_each_other() {
    for (width, height) in [(160, 48), (120, 34), (80, 24), (40, 12)] {
        let mut scene = Scene::sized(width, height);
        scene.types("<esc>S");
        scene.types("refund<ctrl-t>");
        scene.happens(Event::LibraryAnalysed(Box::new(LibraryAnalysisUpdate {
            id: 1,
            done: 120,
            all: 311,
            ..LibraryAnalysisUpdate::default()
        })));
        if width == 80 {
            assert_screen!("library-analysis-running", scene);
        }
        let result = LibraryAnalysisUpdate {
            id: 1,
            done: 311,
            all: 311,
            analysis: Some(Arc::new(analysis())),
            problem: String::new(),
        };
        scene.happens(Event::LibraryAnalysed(Box::new(result)));
        scene.types("<down><down><down>");
        assert_screen!(format!("library-analysis-{width}x{height}"), scene);
    }
}

#[test]
fn a_day_is_analysed_alone_and_esc_returns_to_all_of_them() {
    let mut scene = Scene::sized(120, 34);
    scene.types("<esc>S");
    scene.types("refund<ctrl-t>");
    let result = |id| {
        let analysis = Some(Arc::new(analysis()));
        Event::LibraryAnalysed(Box::new(LibraryAnalysisUpdate {
            id,
            analysis,
            ..LibraryAnalysisUpdate::default()
        }))
    };
    scene.happens(result(1));
    scene.types("G");
    let whole = scene.picture();
    assert!(whole.contains("enter this day alone"), "{whole}");
    scene.types("<Enter>");
    assert!(scene.picture().contains("Analysis of 2026-09-14"), "{}", scene.picture());
    // A late step of the analysis of all days is dropped.
    scene.happens(result(1));
    assert!(scene.picture().contains("Finding threads"), "{}", scene.picture());
    scene.happens(result(2));
    assert_screen!("library-analysis-day", scene);
    // A day of a day is the same.
    scene.types("G<Enter>");
    assert!(scene.picture().contains("Analysis of 2026-09-14"), "{}", scene.picture());
    scene.types("<Esc>");
    assert_eq!(scene.picture(), whole);
}
