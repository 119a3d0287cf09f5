//! The limiter at the very end: no latency, and whatever comes in, full scale is never passed.
//!
//! A static soft curve bounds the peak of each sample; the gain that it asks for acts at once and recovers slowly, so
//! that a loud passage is turned down rather than bent. Where it stops working: the first wave of a sudden overload is
//! shaped by the curve alone, as any limiter without look-ahead must.

/// Level from which peaks are bent, linear: below −1.9 dB of full scale samples pass unchanged.
const KNEE: f32 = 0.8;

/// Time in which gain recovers to within 1/e, seconds.
const RECOVERY_SECONDS: f32 = 0.08;

/// Recovery ends where less than this is missing, so that quiet sound is again passed to the bit.
const RECOVERED: f32 = 1e-4;

/// A stereo limiter with one gain for both channels.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// Share of the missing gain that is still missing a sample later.
    decay: f32,
    /// What is missing of gain 1. Kept in place of the gain: a small number decays to the end where a sum would stall.
    missing: f32,
}

impl Limiter {
    /// For a sample rate above 0.
    pub fn new(sample_rate: f32) -> Self {
        Self { decay: 1.0 - 1.0 / (RECOVERY_SECONDS * sample_rate).max(1.0), missing: 0.0 }
    }

    /// As new.
    pub fn reset(&mut self) {
        self.missing = 0.0;
    }

    /// Does the limiter pass quiet sound unchanged now?
    pub fn at_rest(&self) -> bool {
        self.missing == 0.0
    }

    /// Limits two channels of one length in place. NaN and infinity become silence.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        debug_assert!(left.len() == right.len(), "channels have one length");
        for (left, right) in left.iter_mut().zip(right) {
            let l = if left.is_finite() { *left } else { 0.0 };
            let r = if right.is_finite() { *right } else { 0.0 };
            let gain = self.gain_for(l.abs().max(r.abs()));
            *left = (l * gain).clamp(-1.0, 1.0);
            *right = (r * gain).clamp(-1.0, 1.0);
        }
    }

    #[inline]
    fn gain_for(&mut self, peak: f32) -> f32 {
        self.missing *= self.decay;
        if self.missing < RECOVERED {
            self.missing = 0.0;
        }
        if KNEE < peak {
            self.missing = self.missing.max(1.0 - bent(peak) / peak);
        }
        1.0 - self.missing
    }
}

/// The soft curve above the knee: slope 1 there, towards 1 for ever.
fn bent(peak: f32) -> f32 {
    let over = (peak - KNEE) / (1.0 - KNEE);
    KNEE + (1.0 - KNEE) * (over / (1.0 + over))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE_RATE: f32 = 48_000.0;

    #[test]
    fn quiet_sound_passes_to_the_bit() {
        let mut limiter = Limiter::new(SAMPLE_RATE);
        let (mut left, mut right) = ([0.79, -0.5, 1e-20], [-0.8, 0.0, 0.3]);
        limiter.process(&mut left, &mut right);
        assert_eq!((left, right), ([0.79, -0.5, 1e-20], [-0.8, 0.0, 0.3]));
    }

    #[test]
    fn output_is_finite_and_within_full_scale_whatever_comes_in() {
        let hostile = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            1e30,
            -3.0,
            1.0,
            f32::MIN_POSITIVE,
        ];
        let mut limiter = Limiter::new(SAMPLE_RATE);
        for &value in hostile.iter().cycle().take(1_000) {
            let (mut left, mut right) = ([value, 0.1], [0.1, value]);
            limiter.process(&mut left, &mut right);
            for sample in left.iter().chain(&right) {
                assert!(sample.is_finite() && sample.abs() <= 1.0, "{value} gave {sample}");
            }
        }
    }

    #[test]
    fn nan_becomes_silence_and_does_no_harm_later() {
        let mut limiter = Limiter::new(SAMPLE_RATE);
        let (mut left, mut right) = ([f32::NAN, 0.25], [0.5, 0.25]);
        limiter.process(&mut left, &mut right);
        assert_eq!((left, right), ([0.0, 0.25], [0.5, 0.25]));
    }

    #[test]
    fn gain_recovers_fully_after_an_overload() {
        let mut limiter = Limiter::new(SAMPLE_RATE);
        limiter.process(&mut [4.0], &mut [4.0]);
        assert!(!limiter.at_rest(), "an overload turns down");
        let (mut left, mut right) = (vec![0.1; 48_000], vec![0.1; 48_000]);
        limiter.process(&mut left, &mut right);
        assert!(limiter.at_rest(), "one second is enough");
        assert_eq!(left[47_999], 0.1);
    }

    #[test]
    fn the_curve_has_no_corner_at_the_knee() {
        let step = 1e-3;
        let slope = (bent(KNEE + step) - KNEE) / step;
        assert!((slope - 1.0).abs() < 0.01, "{slope}");
    }
}
