//! The contrast of two colours, as defined by WCAG.

use ratatui::style::Color;

/// The contrast at which small text can be read.
pub(super) const MIN_TEXT_CONTRAST: f64 = 4.5;

/// The luminance on which black and white have the same contrast.
const MIDDLE_LUMINANCE: f64 = 0.179;

/// Returns the relative luminance of a colour, from 0 to 1.
fn luminance(rgb: [u8; 3]) -> f64 {
    let [red, green, blue] = rgb.map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Returns whether dark text has the better contrast on this colour.
pub(super) fn is_light(rgb: [u8; 3]) -> bool {
    luminance(rgb) > MIDDLE_LUMINANCE
}

/// Returns the contrast, from 1 to 21.
pub(super) fn ratio(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Returns red, green and blue of a colour that the terminal cannot redefine.
pub(super) fn rgb_of(colour: Color) -> Option<[u8; 3]> {
    match colour {
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
        _ => None,
    }
}
