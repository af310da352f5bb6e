//! The items in the header: the counts of the thread, its origin, and the progress while it loads. A click on a count goes
//! to the next message that it counts. Drawn by `ui/header`.

use crate::action::Action;
use crate::app::App;
use crate::app::loading::{PaneContent, Phase};
use crate::domain::Origin;
use crate::layout::Rect;
use crate::text::{number, width};
use crate::theme::Role;
use crate::view::thread::OpenThread;

/// The first column after the name of the program.
pub const TITLE_COLUMN: u16 = 10;

/// The columns between two items.
pub const ITEM_GAP: u16 = 3;

/// The wait after which the header shows its seconds.
const SLOW_AFTER_SECONDS: i64 = 3;

/// The age, in microseconds, from which the header shows the age of a thread.
const MIN_SHOWN_AGE_MICROS: i64 = 60_000_000;

/// The frames of the loading animation.
const SPINNER_FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⢰", "⣠", "⣄", "⡆", "⠇"];

/// Returns the current frame of the loading animation.
pub fn spinner(app: &App) -> &'static str {
    SPINNER_FRAMES.get((app.loading.spinner_frame % 8) as usize).copied().unwrap_or("⠋")
}

/// An item at the right of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderItem {
    pub text: String,
    pub role: Role,
    /// The action of a click.
    action: Option<Action>,
    /// The columns between this item and the next one.
    gap: u16,
}

impl HeaderItem {
    fn new(text: String, role: Role) -> Self {
        Self { text, role, action: None, gap: ITEM_GAP }
    }

    fn with(self, action: Action) -> Self {
        Self { action: Some(action), ..self }
    }
}

impl App {
    /// Returns the items with their places, from left to right. Two fifths of the line are for the title: items that do not
    /// fit are dropped from the left, but two always stay.
    pub fn header_items(&self) -> Vec<(HeaderItem, Rect)> {
        let area = self.screen.frame().header;
        let room = area.width.saturating_sub(TITLE_COLUMN + 1);
        let columns = |item: &HeaderItem| u16::try_from(width::columns(&item.text)).unwrap_or(u16::MAX);
        let mut items = status_items(self);
        let mut used: usize = items.iter().map(|item| usize::from(columns(item) + item.gap)).sum();
        while used > usize::from(room) * 3 / 5 && items.len() > 2 {
            let first = items.remove(0);
            used -= usize::from(columns(&first) + first.gap);
        }
        let mut right = area.right().saturating_sub(1).saturating_add(ITEM_GAP);
        let mut placed = Vec::new();
        for item in items.into_iter().rev() {
            right = right.saturating_sub(item.gap);
            let columns = columns(&item);
            if columns > right.saturating_sub(area.x + TITLE_COLUMN) {
                break;
            }
            placed.push((item, Rect { x: right - columns, width: columns, ..area }));
            right -= columns;
        }
        placed.reverse();
        placed
    }

    /// Returns the action of a click in the header.
    pub(super) fn header_action(&self, column: u16, row: u16) -> Option<Action> {
        let is_there = |(_, place): &(HeaderItem, Rect)| place.contains((column, row).into());
        self.header_items().into_iter().find(is_there)?.0.action
    }
}

/// Returns the items at the right, the least important first.
fn status_items(app: &App) -> Vec<HeaderItem> {
    let mut items = Vec::new();
    if let PaneContent::Thread(thread) = app.loading.pane_content() {
        items.extend(origin_items(app, thread));
        items.extend(count_items(thread));
    }
    items.extend(progress(app).map(|(text, role)| HeaderItem::new(text, role)));
    items
}

fn origin_items(app: &App, thread: &OpenThread) -> Vec<HeaderItem> {
    let mut items = Vec::new();
    if let Some(summary) = &thread.body_summary {
        items.push(HeaderItem::new(number::bytes(summary.bytes), Role::Dim));
    }
    match &thread.origin {
        Origin::Cache { fetched_at } => {
            let text = format!("cached {}", number::age(*fetched_at, app.now));
            items.push(HeaderItem::new(text, Role::Warn).with(Action::Reload));
        }
        Origin::Network { .. } if !app.loading.is_active() => {
            if app.now.micros_since(thread.fetched_at) > MIN_SHOWN_AGE_MICROS {
                let text = format!("fetched {}", number::age(thread.fetched_at, app.now));
                items.push(HeaderItem::new(text, Role::Dim).with(Action::Reload));
            }
        }
        Origin::Network { .. } | Origin::File { .. } => {}
    }
    items
}

fn count_items(thread: &OpenThread) -> Vec<HeaderItem> {
    let totals = &thread.totals;
    let mut items = Vec::new();
    let positive = HeaderItem::new(format!("{}▲", totals.positive), Role::Text).with(Action::NextFeedback);
    let gap = if totals.negative > 0 { 1 } else { ITEM_GAP };
    let failed = number::pluralize(totals.span_errors, "failed span");
    let errors = number::pluralize(totals.errors, "error");
    let counted = |text: String, role, action| HeaderItem::new(text, role).with(action);
    let counts = [
        (totals.positive, HeaderItem { gap, ..positive }),
        (totals.negative, counted(format!("{}▼", totals.negative), Role::Text, Action::NextDisliked)),
        (totals.canceled, counted(format!("{} cancelled", totals.canceled), Role::Warn, Action::NextError)),
        (totals.span_errors, counted(failed, Role::Error, Action::NextError)),
        (totals.errors, counted(errors, Role::Error, Action::NextError)),
        (
            totals.unreadable,
            counted(format!("{} unreadable", totals.unreadable), Role::Error, Action::NextError),
        ),
    ];
    items.extend(counts.into_iter().filter(|(count, _)| *count > 0).map(|(_, item)| item));
    if let Some(summary) = &thread.body_summary {
        if summary.is_partial {
            items.push(HeaderItem::new("incomplete".to_owned(), Role::Error).with(Action::Reload));
        }
        items.push(HeaderItem::new(message_count(thread), Role::Strong));
    }
    items
}

fn message_count(thread: &OpenThread) -> String {
    number::pluralize(thread.summaries.len(), "message")
}

/// Returns the progress of the request, or the interval of following.
fn progress(app: &App) -> Option<(String, Role)> {
    let spinner = spinner(app);
    if let Some(seconds) = app.follow.interval_seconds()
        && app.loading.thread.is_some()
        && !matches!(app.loading.phase, Phase::RetryScheduled { .. })
    {
        // The text does not change during a fetch, because new messages appear in the list.
        return Some((format!("Following, every {seconds} s"), Role::Accent));
    }
    match &app.loading.phase {
        Phase::Stopped => {
            let stopped = app.loading.thread.as_ref().filter(|thread| thread.body_summary.is_none())?;
            Some((format!("Stopped after {}", message_count(stopped)), Role::Warn))
        }
        Phase::Idle | Phase::Failed(_) => None,
        Phase::Connecting => match app.now.micros_since(app.loading.started_at) / 1_000_000 {
            seconds if seconds >= SLOW_AFTER_SECONDS => {
                Some((format!("{spinner} Waiting for server, {seconds} s"), Role::Accent))
            }
            _ => Some((format!("{spinner} Waiting for server"), Role::Accent)),
        },
        Phase::RetryScheduled { attempt, max_attempts, retry_at, .. } => {
            let seconds = retry_at.micros_since(app.now).max(0).saturating_add(999_999) / 1_000_000;
            Some((format!("{spinner} Retry {attempt}/{max_attempts} in {seconds} s"), Role::Warn))
        }
        Phase::Receiving { bytes, total, last_received_at } => {
            let loading = app.loading.incoming.as_ref().or(app.loading.thread.as_ref());
            let messages = loading.map_or_else(|| "no messages".to_owned(), message_count);
            let size = match total {
                Some(total) => format!("{} of {}", number::bytes(*bytes), number::bytes(*total)),
                None => number::bytes(*bytes),
            };
            let silent_seconds = app.now.micros_since(*last_received_at) / 1_000_000;
            if silent_seconds >= SLOW_AFTER_SECONDS {
                let text = format!("{spinner} Stalled for {silent_seconds} s · {messages}, {size}");
                return Some((text, Role::Warn));
            }
            Some((format!("{spinner} Loading · {messages}, {size}"), Role::Accent))
        }
    }
}
