//! Colours that are as far apart as they look, by OKLab.
//!
//! Ottosson 2020, A perceptual color space for image processing. Colours that a screen cannot show are clipped, which
//! bends hue a little at the ends.

use core::f32::consts::TAU;

/// A colour of a screen, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) [u8; 3]);

impl Rgb {
    /// From lightness 0 to 1, chroma 0 to about 0.3, and hue in turns.
    fn from_oklch(lightness: f32, chroma: f32, hue: f32) -> Self {
        let (a, b) = (chroma * libm::cosf(TAU * hue), chroma * libm::sinf(TAU * hue));
        // Cone responses of the paper: l, m, s.
        let l = lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b;
        let m = lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b;
        let s = lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b;
        let (l, m, s) = (l * l * l, m * m * m, s * s * s);
        Self([
            byte_from_linear(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
            byte_from_linear(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
            byte_from_linear(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s),
        ])
    }

    /// As style sheets write it.
    pub(super) fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Level, 0 to 1, as a colour: from near black through violet and ember to pale yellow, lightness in proportion.
pub(super) fn heat(level: f32) -> Rgb {
    let level = level.clamp(0.0, 1.0);
    // Hue from violet-blue (0.78 of a turn) up through red (1.07) to yellow (1.28); chroma fades at both ends, where
    // screens have none to give.
    let hue = 0.78 + 0.5 * level;
    let chroma = 0.19 * libm::sinf(core::f32::consts::PI * (0.06 + 0.88 * level)).max(0.0);
    Rgb::from_oklch(0.13 + 0.84 * level, chroma, hue)
}

/// Place between low and high, 0 to 1, as a colour of one lightness: blue through green to red. Legible on light and
/// on dark.
pub(super) fn rank(level: f32) -> Rgb {
    Rgb::from_oklch(0.68, 0.15, 0.72 - 0.66 * level.clamp(0.0, 1.0))
}

/// The transfer function of sRGB (IEC 61966-2-1), to a byte.
fn byte_from_linear(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded =
        if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055 };
    // 0 to 255 by the clamp above.
    (255.0 * encoded).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_the_red_of_the_paper_are_themselves() {
        assert_eq!(Rgb::from_oklch(1.0, 0.0, 0.0).0, [255, 255, 255]);
        assert_eq!(Rgb::from_oklch(0.0, 0.0, 0.0).0, [0, 0, 0]);
        // sRGB red is L 0.628, C 0.2577, h 29.23°.
        assert_eq!(Rgb::from_oklch(0.627_96, 0.257_7, 29.23 / 360.0).hex(), "#ff0000");
    }

    #[test]
    fn heat_grows_lighter_with_level() {
        let luma = |level: f32| {
            let [red, green, blue] = heat(level).0.map(f32::from);
            0.3 * red + 0.59 * green + 0.11 * blue
        };
        for step in 1..=20 {
            assert!(luma((step - 1) as f32 / 20.0) < luma(step as f32 / 20.0), "at {step}");
        }
    }
}
