//! The chart of the turns: durations as bars, the time of each kind of step as shares, failures and feedback below.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::analysis::{AXIS_COLUMNS, AnalysisPage, Areas, bucket_target, chart_buckets};
use crate::domain::{Sentiment, SpanKind};
use crate::event::ThreadAnalysis;
use crate::text::{number, time, width};
use crate::theme::Role;
use crate::trace::Bucket;
use crate::ui::painter::{Painter, Pen};
use crate::view::message::{sentiment_style, sentiment_symbol};
use crate::view::trace_strip::kind_role;

/// Blocks of 0 to 8 eighths of a cell, from the bottom.
const VERTICAL_EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The shares of failed turns from which a bar has the colour of a warning, or of an error.
const WARN_SHARE: f64 = 0.1;
const ERROR_SHARE: f64 = 0.5;

/// The pattern of each kind, in the order of [`SpanKind::ALL`], to distinguish them without colours.
const KIND_FILLS: [&str; SpanKind::ALL.len()] = ["█", "▓", "▒", "▞", "░", "·", ":"];

/// The buckets and the areas of their bars.
struct Chart<'a> {
    areas: &'a Areas,
    buckets: &'a [Bucket],
    columns: u16,
    selected: usize,
}

/// Draws the chart; a thread without messages has none.
pub fn draw(
    app: &App,
    painter: &mut Painter<'_>,
    areas: &Areas,
    analysis: &ThreadAnalysis,
    page: &AnalysisPage,
) {
    let (buckets, columns) = chart_buckets(analysis, areas);
    if buckets.is_empty() || areas.bucket.is_empty() {
        return;
    }
    let chart = Chart { areas, buckets, columns, selected: page.selected_bucket(buckets) };
    if !areas.title.is_empty() {
        chart.draw_title(painter, analysis);
    }
    let shown_micros = chart.draw_bars(painter);
    chart.draw_axes(painter, shown_micros, turn_noun(analysis));
    chart.draw_shares(painter);
    for index in 0..buckets.len() {
        chart.draw_marks(painter, index);
    }
    chart.mark_selected(painter, page.is_on_chart);
    let noun = turn_noun(analysis);
    if let Some(bucket) = buckets.get(chart.selected) {
        let text = bucket_text(app, bucket, noun);
        let role = if page.is_on_chart { Role::Text } else { Role::Dim };
        let lines = crate::text::wrap_styled(&text, usize::from(areas.bucket.width).saturating_sub(2), role);
        for (row, line) in (0..areas.bucket.height).zip(&lines) {
            let mut pen = Pen::at(areas.bucket, row);
            painter.write(&mut pen, "  ", Role::Text);
            painter.write_line(&mut pen, line);
        }
        let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(areas.bucket.height);
        painter.select(Rect { height: rows, ..areas.bucket }, page.is_on_chart);
    }
}

/// Returns the name of a turn.
fn turn_noun(analysis: &ThreadAnalysis) -> &'static str {
    if analysis.has_spans { "turn" } else { "question" }
}

impl Chart<'_> {
    /// Returns the cells of a bar in an area; wide bars are separated by a space.
    fn cells(&self, area: Rect, index: usize) -> Rect {
        let left = u16::try_from(index).unwrap_or(u16::MAX).saturating_mul(self.columns);
        let x = area.x.saturating_add(left).min(area.right());
        let width = self.columns - u16::from(self.columns > 2);
        Rect { x, width: width.min(area.right() - x), ..area }
    }

    fn draw_title(&self, painter: &mut Painter<'_>, analysis: &ThreadAnalysis) {
        let whole = &analysis.timeline.whole;
        let noun = turn_noun(analysis);
        let mut parts = vec![number::pluralize(whole.turns as usize, noun)];
        if whole.failed > 0 {
            parts.push(format!(
                "{} failed ({})",
                number::count(i64::from(whole.failed)),
                percent(whole.failed_share())
            ));
        }
        parts.push(format!(
            "p50 {}, p95 {}, max {}",
            number::duration(whole.p50),
            number::duration(whole.p95),
            number::duration(whole.max)
        ));
        if let Some(tokens) = analysis.usage.total() {
            parts.push(format!("{} tokens", number::tokens(tokens)));
        }
        if let (Some(p50), Some(p95)) = (whole.tokens_p50, whole.tokens_p95) {
            parts.push(format!("p50 {}, p95 {} per {noun}", number::tokens(p50), number::tokens(p95)));
        }
        parts.extend(analysis.usage.cost_usd.map(number::money));
        write_parts(painter, Pen::at(self.areas.title, 0), &parts, Role::Heading);
    }

    /// Draws the bars: solid up to the median, light up to the 95th percentile. Returns the time of the full height in
    /// microseconds.
    fn draw_bars(&self, painter: &mut Painter<'_>) -> i64 {
        let area = self.areas.bars;
        let longest = self.buckets.iter().filter_map(|bucket| bucket.p95).max().unwrap_or(0).max(1);
        let eighths = |micros: Option<i64>| {
            let share = micros.unwrap_or(0).max(0) as f64 / longest as f64;
            (share * f64::from(area.height) * 8.0).round() as usize
        };
        for (index, bucket) in self.buckets.iter().enumerate() {
            let cells = self.cells(area, index);
            let (median, high) =
                (eighths(bucket.p50), eighths(bucket.p95).max(usize::from(bucket.p95.is_some())));
            let role = bar_role(bucket.failed_share());
            for row in 0..area.height {
                let below = usize::from(area.height - 1 - row) * 8;
                let level = high.saturating_sub(below).min(8);
                let symbol = match level {
                    8 if median < below + 4 => "░",
                    level => VERTICAL_EIGHTHS.get(level).copied().unwrap_or(" "),
                };
                for x in cells.left()..cells.right() {
                    painter.set_cell(x, area.y + row, symbol, role);
                }
            }
        }
        longest
    }

    /// Draws the numbers next to and below the bars.
    fn draw_axes(&self, painter: &mut Painter<'_>, longest: i64, noun: &str) {
        let Areas { bars, shares, failures, feedback, axis, title, .. } = *self.areas;
        if title.is_empty() {
            return;
        }
        let mut label = |y: u16, text: &str| {
            let mut pen = Pen::between(title.x, title.x + AXIS_COLUMNS, y);
            let columns = usize::from(AXIS_COLUMNS) - 1;
            painter.write(&mut pen, &width::pad_left(text, columns), Role::Dim);
        };
        for row in 0..bars.height {
            let is_labelled = row == 0 || bars.height > 3 && row == bars.height / 2;
            if is_labelled {
                let share = i64::from(bars.height - row);
                label(bars.y + row, &number::duration(Some(longest / i64::from(bars.height) * share)));
            }
        }
        let labels = [(shares, "share"), (failures, "failed"), (feedback, "feedback"), (axis, noun)];
        for (area, text) in labels.into_iter().filter(|(area, _)| !area.is_empty()) {
            label(area.y, text);
        }
        self.draw_numbers(painter, axis);
    }

    /// Draws the numbers of the first turns of some buckets, and of the last turn.
    fn draw_numbers(&self, painter: &mut Painter<'_>, axis: Rect) {
        let mut free = axis.x;
        let step = self.buckets.len().div_ceil(usize::from(axis.width / 16).max(1)).max(1);
        for (index, bucket) in self.buckets.iter().enumerate().step_by(step) {
            let x = self.cells(axis, index).x;
            let text = number::count(i64::from(bucket.first_turn));
            let end = x.saturating_add(u16::try_from(text.len()).unwrap_or(u16::MAX));
            if x >= free && end <= axis.right() {
                painter.write(&mut Pen::between(x, axis.right(), axis.y), &text, Role::Dim);
                free = end + 1;
            }
        }
    }

    /// Draws the share of each kind of step in the self time of a bucket, from the first kind at the bottom.
    fn draw_shares(&self, painter: &mut Painter<'_>) {
        let area = self.areas.shares;
        for (index, bucket) in self.buckets.iter().enumerate().filter(|_| !area.is_empty()) {
            let total: i64 =
                bucket.kind_micros.iter().fold(0, |sum: i64, micros| sum.saturating_add(*micros));
            for row in (0..area.height).filter(|_| total > 0) {
                // The kind at the middle of the cell.
                let middle = (f64::from(area.height - row) - 0.5) / f64::from(area.height) * total as f64;
                let mut sum = 0.0;
                let kind = SpanKind::ALL.into_iter().zip(bucket.kind_micros).zip(KIND_FILLS).find(
                    |((_, micros), _)| {
                        sum += *micros as f64;
                        sum >= middle
                    },
                );
                let Some(((kind, _), fill)) = kind else { continue };
                let cells = self.cells(area, index);
                for x in cells.left()..cells.right() {
                    painter.set_cell(x, area.y + row, fill, kind_role(kind));
                }
            }
        }
    }

    /// Draws the share of failed turns, and the feedback.
    fn draw_marks(&self, painter: &mut Painter<'_>, index: usize) {
        let Some(bucket) = self.buckets.get(index) else { return };
        let Areas { failures, feedback, .. } = *self.areas;
        let is_single = bucket.turns == 1;
        if bucket.failed > 0 && !failures.is_empty() {
            let level = (bucket.failed_share() * 8.0).ceil() as usize;
            let symbol =
                if is_single { "✗" } else { VERTICAL_EIGHTHS.get(level).copied().unwrap_or("█") };
            let cells = self.cells(failures, index);
            let middle = cells.x + cells.width.max(1).div_ceil(2) - 1;
            let cells = if is_single { Rect { x: middle, width: 1, ..cells } } else { cells };
            for x in cells.left()..cells.right() {
                painter.set_cell(x, failures.y, symbol, Role::Error);
            }
        }
        let sentiments = [(bucket.negative, Sentiment::Negative), (bucket.positive, Sentiment::Positive)];
        let sentiment = sentiments.into_iter().find(|(count, _)| *count > 0).map(|(_, sentiment)| sentiment);
        if let Some(sentiment) = sentiment.filter(|_| !feedback.is_empty()) {
            let cells = self.cells(feedback, index);
            let middle = cells.x + cells.width.max(1).div_ceil(2) - 1;
            painter.set_cell(middle, feedback.y, sentiment_symbol(sentiment), sentiment_style(sentiment));
        }
    }

    /// Marks the selected bucket on the axis, or over its bar in a low page.
    fn mark_selected(&self, painter: &mut Painter<'_>, has_focus: bool) {
        let row = if self.areas.axis.is_empty() { self.areas.bars } else { self.areas.axis };
        let cells = self.cells(row, self.selected);
        let role = if has_focus { Role::Accent } else { Role::Dim };
        if self.areas.axis.is_empty() {
            return painter.tint(cells, role);
        }
        for x in cells.left()..cells.right() {
            painter.set_cell(x, row.y, "▀", role);
        }
    }
}

fn bar_role(failed_share: f64) -> Role {
    match failed_share {
        share if share >= ERROR_SHARE => Role::BarError,
        share if share >= WARN_SHARE => Role::Warn,
        _ => Role::Bar,
    }
}

/// Formats a share in percent; small ones are not rounded to zero.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => "<1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// Writes parts with separators, as many as fit.
fn write_parts(painter: &mut Painter<'_>, mut pen: Pen, parts: &[String], role: Role) {
    for (at, part) in parts.iter().enumerate() {
        let separator = if at > 0 { " · " } else { "" };
        if width::columns(part) + width::columns(separator) > pen.columns_left() && at > 0 {
            break;
        }
        painter.write(&mut pen, separator, Role::Dim);
        painter.write(&mut pen, part, role);
    }
}

/// Returns the numbers of a bucket, and the target of Enter.
fn bucket_text(app: &App, bucket: &Bucket, noun: &str) -> String {
    let last = bucket.first_turn + bucket.turns.saturating_sub(1);
    let number = |number: u32| number::count(i64::from(number));
    let mut parts = Vec::new();
    parts.push(if bucket.turns == 1 {
        format!("{noun} {}", number(bucket.first_turn))
    } else {
        format!("{noun}s {}–{}", number(bucket.first_turn), number(last))
    });
    let format = &app.prefs.time_format;
    parts.extend(bucket.from.map(|from| match bucket.to.filter(|to| *to != from) {
        Some(to) => format!("{} – {}", time::short(from, format), time::short(to, format)),
        None => time::short(from, format),
    }));
    if bucket.turns == 1 {
        parts.push(number::duration(bucket.max));
    } else {
        let [p50, p95, max] = [bucket.p50, bucket.p95, bucket.max].map(number::duration);
        parts.push(format!("p50 {p50}, p95 {p95}, max {max}"));
    }
    match bucket.failed {
        0 => {}
        _ if bucket.turns == 1 => parts.push("failed".to_owned()),
        failed => parts.push(format!("{} failed ({})", number(failed), percent(bucket.failed_share()))),
    }
    for (count, sentiment) in [(bucket.positive, Sentiment::Positive), (bucket.negative, Sentiment::Negative)]
    {
        if count > 0 {
            parts.push(format!("{} {}", sentiment_symbol(sentiment), number(count)));
        }
    }
    let total = bucket.kind_micros.iter().fold(0, |sum: i64, micros| sum.saturating_add(*micros)).max(1);
    let mut kinds: Vec<_> = SpanKind::ALL.into_iter().zip(bucket.kind_micros).zip(KIND_FILLS).collect();
    kinds.sort_by_key(|((_, micros), _)| std::cmp::Reverse(*micros));
    for ((kind, micros), fill) in kinds.into_iter().take(3).filter(|((_, micros), _)| *micros > 0) {
        parts.push(format!("{fill} {} {}", kind.tag(), percent(micros as f64 / total as f64)));
    }
    parts.extend(bucket.tokens.map(|tokens| format!("{} tokens", number::tokens(tokens))));
    parts.extend(bucket.cost_usd.map(number::money));
    if bucket.turns > 1 {
        let reason = if bucket.failed_at.is_some() { "the first failed one" } else { "the slowest" };
        parts.push(format!("enter: #{}, {reason}", number(bucket_target(bucket).saturating_add(1))));
    }
    parts.join(" · ")
}
