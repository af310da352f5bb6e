//! The ruler above a waterfall: round times since the start, far enough apart to be readable.

use super::Scale;

/// The minimum number of columns between the starts of two labels.
const MIN_LABEL_SPACING: i128 = 10;
/// The minimum in a narrow track, which would otherwise have no second tick.
const NARROW_LABEL_SPACING: i128 = 8;
/// A track with fewer columns is narrow.
const NARROW_TRACK_COLS: u16 = 48;

/// Round steps between a second and a day, in microseconds. Shorter steps are 1, 2 and 5 times a power of ten; longer ones
/// as well, in days.
const LONG_STEPS: [i128; 16] = [
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    15_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
    900_000_000,
    1_800_000_000,
    3_600_000_000,
    10_800_000_000,
    21_600_000_000,
    43_200_000_000,
];

const MINUTE: i128 = 60_000_000;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// A tick of the ruler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub col: u16,
    /// The time since the start of the scale, such as `0`, `250 ms`, `1.5 s`, `2m30s`, `1h05m`, `3d04h`.
    pub label: String,
}

impl Scale {
    /// Returns ticks at round times for a track of `cols` columns, from left to right. Labels do not overlap and end inside
    /// the track. No tick is inside a folded range.
    pub fn ticks(&self, cols: u16) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        let spacing = if cols < NARROW_TRACK_COLS { NARROW_LABEL_SPACING } else { MIN_LABEL_SPACING };
        let step = round_step(self.view_len() * spacing / i128::from(cols.max(1)));
        let mut free = 0;
        for time in self.round_times(step) {
            let since = time - i128::from(self.extent().start);
            let Some(col) = i64::try_from(time).ok().and_then(|time| self.col_of(time, cols)) else {
                continue;
            };
            let label = format_label(since, step);
            let end = usize::from(col) + label.chars().count();
            if usize::from(col) >= free && end <= usize::from(cols) {
                free = end + 1;
                ticks.push(Tick { col, label });
            }
        }
        ticks
    }

    /// Returns the multiples of `step` since the start that are in the view and in no folded range. As the step is a
    /// fraction of the view, there are never many.
    fn round_times(&self, step: i128) -> impl Iterator<Item = i128> + '_ {
        let origin = i128::from(self.extent().start);
        let (from, to) = self.view_range();
        let unfolded = self
            .axis()
            .sections()
            .iter()
            .filter(move |p| !p.is_folded() && p.position <= to && p.position + p.len >= from);
        unfolded.flat_map(move |section| {
            let first = section.time + (from - section.position).max(0);
            let last = section.time + (to - section.position).min(section.len);
            let first = (first - origin + step - 1).div_euclid(step);
            let last = (last - origin).div_euclid(step);
            (first..=last).map(move |times| origin + times * step)
        })
    }
}

/// Returns the smallest round step of at least `min` microseconds.
fn round_step(min: i128) -> i128 {
    let mut power = 1;
    while power < 1_000_000 {
        if let Some(step) = [power, 2 * power, 5 * power].into_iter().find(|step| *step >= min) {
            return step;
        }
        power *= 10;
    }
    if let Some(step) = LONG_STEPS.into_iter().find(|step| *step >= min) {
        return step;
    }
    let mut days = DAY;
    loop {
        if let Some(step) = [days, 2 * days, 5 * days].into_iter().find(|step| *step >= min) {
            return step;
        }
        days = days.saturating_mul(10);
    }
}

/// Formats a time since the start, as precisely as the step requires.
fn format_label(micros: i128, step: i128) -> String {
    let pair = |big: i128, big_unit: &str, small: i128, small_unit: &str| {
        let (whole, rest) = (micros / big, micros % big / small);
        if rest == 0 {
            format!("{whole}{big_unit}")
        } else {
            format!("{whole}{big_unit}{rest:02}{small_unit}")
        }
    };
    match micros {
        ..=0 => "0".to_owned(),
        1..1000 => format!("{micros} µs"),
        1000..1_000_000 => format!("{} ms", format_decimal(micros, 1000, step)),
        1_000_000..MINUTE => format!("{} s", format_decimal(micros, 1_000_000, step)),
        // Labels must be distinct, so small steps use small units however far from the start.
        _ if step < 1_000_000 => format!("{} s", format_decimal(micros, 1_000_000, step)),
        _ if micros < HOUR || step < MINUTE => pair(MINUTE, "m", 1_000_000, "s"),
        _ if micros < DAY || step < HOUR => pair(HOUR, "h", MINUTE, "m"),
        _ => pair(DAY, "d", HOUR, "h"),
    }
}

/// Formats a time in units of `unit` microseconds, with the digits that distinguish two steps and no trailing zeros.
fn format_decimal(micros: i128, unit: i128, step: i128) -> String {
    let (whole, mut rest) = (micros / unit, micros % unit);
    let mut text = whole.to_string();
    let mut place = unit / 10;
    if rest > 0 && step < unit {
        text.push('.');
    }
    while rest > 0 && place > 0 && step < place * 10 {
        text.push_str(&(rest / place).to_string());
        rest %= place;
        place /= 10;
    }
    text
}
