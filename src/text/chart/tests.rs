use proptest::prelude::*;

use super::*;

fn series(values: &[(&str, f64)]) -> Series {
    let points = values.iter().enumerate();
    let point =
        |(at, (label, y)): (usize, &(&str, f64))| Point { label: (*label).into(), x: at as f64, y: *y };
    Series { name: String::new(), points: points.map(point).collect() }
}

fn plain_lines(lines: &[Line]) -> Vec<String> {
    lines.iter().map(Line::plain_text).collect()
}

#[test]
fn bars_grow_from_zero_in_eighths() {
    let one = series(&[("a", 8.0), ("bcd", 3.0), ("e", 0.0)]);
    assert_eq!(plain_lines(&bars(&[one], 14, 9)), ["  a ████████ 8", "bcd ███      3", "  e ▏        0"]);
    let half = series(&[("a", 4.0), ("b", 1.1)]);
    assert_eq!(plain_lines(&bars(&[half], 12, 9)), ["a █████    4", "b █▍    1.10"]);
}

#[test]
fn negative_bars_end_at_zero_and_remaining_bars_are_counted() {
    let one = series(&[("a", -2.0), ("b", 2.0), ("c", 1.0)]);
    let one = [one];
    assert_eq!(plain_lines(&bars(&one, 13, 3)), ["a ████     -2", "b     ████  2", "c     ██    1"]);
    assert_eq!(plain_lines(&bars(&one, 13, 2)), ["a ████████ -2", "… 2 more"]);
}

#[test]
fn a_line_is_drawn_in_braille_between_its_axes() {
    let one = series(&[("Jan", 0.0), ("Feb", 8.0)]);
    let drawn = plain_lines(&plot(&[one], PlotStyle::Lines, LogAxes::default(), 10, 3));
    assert_eq!(drawn, ["8│    ⣀⠤⠒⠉", "0│⣀⠤⠒⠉    ", "  Jan  Feb"]);
}

#[test]
fn every_form_of_a_plotly_figure_is_read() {
    let bars = br#"{"light":{"data":[{"type":"bar","orientation":"h","y":["x","y"],"x":[1,"2"]}],"layout":{"title":{"text":"T"}}}}"#;
    assert_eq!(plain_lines(&plotly(bars, 12, 9).unwrap()), ["T", "x ████     1", "y ████████ 2"]);
    let packed = br#"{"data":[{"y":{"dtype":"i2","bdata":"AQADAA=="},"mode":"markers"}]}"#;
    assert_eq!(plain_lines(&plotly(packed, 6, 2).unwrap()), ["3│⡀  ⠈", "  1  2"]);
    assert_eq!(plotly(br#"{"data":[{"type":"sankey"}]}"#, 20, 9), None);
    assert_eq!(plotly(b"nonsense", 20, 9), None);
}

#[test]
fn traces_on_two_axes_are_drawn_separately_each_on_its_own_scale() {
    let two = br#"{"data":[{"type":"bar","x":["a","b"],"y":[1000,2000],"name":"sum"},
        {"type":"scatter","yaxis":"y2","x":["a","b"],"y":[1,2],"name":"part"}]}"#;
    assert_eq!(
        plain_lines(&plotly(two, 12, 8).unwrap()),
        [
            "sum",
            "a ██   1,000",
            "b ████ 2,000",
            "part",
            "2│      ⢀⡠⠔⠊",
            " │   ⢀⠤⠒⠁   ",
            "1│⡠⠔⠊⠁      ",
            "  a        b"
        ]
    );
}

proptest! {
    #[test]
    fn any_numbers_fit_into_any_size(
        values in proptest::collection::vec((any::<f64>(), any::<f64>(), "\\PC{0,6}"), 0..20),
        cols in 0usize..50,
        height in 0usize..20,
    ) {
        let points: Vec<Point> = values.into_iter().map(|(x, y, label)| Point { label, x, y }).collect();
        let all = [Series { name: "日本".into(), points: points.clone() }, Series { name: "b".into(), points }];
        let linear = LogAxes::default();
        for drawn in [
            bars(&all, cols, height),
            plot(&all, PlotStyle::Lines, linear, cols, height),
            plot(&all[..1], PlotStyle::Points, linear, cols, height),
        ] {
            prop_assert!(drawn.len() <= height);
            prop_assert!(drawn.iter().all(|line| line.width() <= cols), "{:?}", plain_lines(&drawn));
        }
    }

    #[test]
    fn any_bytes_are_no_figure_or_one_that_fits(raw in "(\\{|\\}|\\[|\\]|\"data\"|\"x\"|\"y\"|\"type\"|\"bar\"|:|,|1|2e999|null){0,40}") {
        if let Some(lines) = plotly(raw.as_bytes(), 20, 5) {
            prop_assert!(lines.len() <= 5);
        }
    }
}

#[test]
fn labels_of_several_levels_are_joined() {
    let levels = br#"{"data":[{"type":"bar","x":[["2025","2025","2026"],["Q3","Q4","Q1"]],"y":[1,2,3]}]}"#;
    let rows = br#"{"data":[{"type":"bar","x":[["2025","Q3"],["2025","Q4"],["2026","Q1"]],"y":[1,2,3]}]}"#;
    for figure in [&levels[..], rows] {
        let drawn = plain_lines(&plotly(figure, 30, 9).unwrap());
        let labels: Vec<&str> = drawn.iter().map(|line| line.get(..7).unwrap().trim()).collect();
        assert_eq!(labels, ["2025 Q3", "2025 Q4", "2026 Q1"]);
    }
}

#[test]
fn a_log_axis_is_drawn_as_one_and_named() {
    let line = br#"{"data":[{"type":"scatter","x":[1,2,3],"y":[1,1000,1000000]}],"layout":{"title":{"text":"T"},"yaxis":{"type":"log"}}}"#;
    let drawn = plain_lines(&plotly(line, 18, 5).unwrap());
    assert_eq!(drawn[0], "T \u{b7} log value axis");
    assert!(
        drawn[1].starts_with("1,000,000\u{2502}") && drawn[3].starts_with("        1\u{2502}"),
        "{drawn:?}"
    );
    // A straight line: in the middle row, the dots are in the middle.
    let middle = drawn[2].chars().skip(10).position(|dots| dots != ' ').unwrap();
    assert!((2..=5).contains(&middle), "{drawn:?}");
    let bars = br#"{"data":[{"type":"bar","orientation":"h","y":["a","b","c"],"x":[10,1000,0]}],"layout":{"xaxis":{"type":"log"}}}"#;
    let drawn = plain_lines(&plotly(bars, 16, 5).unwrap());
    let blocks = |line: &str| line.chars().filter(|c| *c == '\u{2588}').count();
    assert_eq!([blocks(&drawn[1]), blocks(&drawn[2]), blocks(&drawn[3])], [2, 8, 0], "{drawn:?}");
}
