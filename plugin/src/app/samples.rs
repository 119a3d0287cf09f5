//! Two channels of f32 as the samples and channels that a device takes.

use cpal::{Data, FromSample, SampleFormat, SizedSample};

/// Largest f32 below 1 that 24 bits hold: a format of whole numbers has no step for 1 itself.
const LARGEST_WHOLE: f32 = 1.0 - 1.0 / 8_388_608.0;

/// Can sound be written in this format? All can but those of one bit.
pub(super) fn is_playable(format: SampleFormat) -> bool {
    rank(format).is_some()
}

/// Order in which formats are preferred, the best first: as it comes, then by bits.
pub(super) fn rank(format: SampleFormat) -> Option<usize> {
    use SampleFormat::{F32, F64, I8, I16, I24, I32, I64, U8, U16, U24, U32, U64};
    [F32, I32, I24, F64, I16, U32, U24, U16, I64, U64, I8, U8].iter().position(|known| *known == format)
}

/// Something that fills samples of any type, interleaved.
pub(super) trait Fill {
    /// Writes every sample.
    fn fill<T: SizedSample + FromSample<f32>>(&mut self, samples: &mut [T]);
}

/// Fills a device's buffer; false if its format is none of ours. Audio thread.
pub(super) fn fill_data(data: &mut Data, fill: &mut impl Fill) -> bool {
    macro_rules! fill_as {
        ($($format:ident: $sample:ty),*) => {
            match data.sample_format() {
                $(SampleFormat::$format => data.as_slice_mut::<$sample>().map(|samples| fill.fill(samples)),)*
                _ => None,
            }
        };
    }
    fill_as!(
        F32: f32, F64: f64, I8: i8, I16: i16, I24: cpal::I24, I32: i32, I64: i64,
        U8: u8, U16: u16, U24: cpal::U24, U32: u32, U64: u64
    )
    .is_some()
}

/// Writes two channels to `num_channels`, interleaved: their mean to one, themselves to the first two of more, silence
/// to the rest. Audio thread.
pub(super) fn spread<T: SizedSample + FromSample<f32>>(
    left: &[f32],
    right: &[f32],
    num_channels: usize,
    samples: &mut [T],
) {
    debug_assert!(left.len() * num_channels == samples.len(), "a sample of each channel");
    let frames = samples.chunks_exact_mut(num_channels.max(1));
    for ((frame, left), right) in frames.zip(left).zip(right) {
        match frame {
            [mono] => *mono = device_from(0.5 * (left + right)),
            [first, second, rest @ ..] => {
                *first = device_from(*left);
                *second = device_from(*right);
                rest.fill(T::EQUILIBRIUM);
            }
            [] => {}
        }
    }
}

fn device_from<T: SizedSample + FromSample<f32>>(sample: f32) -> T {
    if T::FORMAT.is_float() {
        return T::from_sample(sample);
    }
    T::from_sample(sample.clamp(-1.0, LARGEST_WHOLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread_to<T: SizedSample + FromSample<f32>>(num_channels: usize, left: f32, right: f32) -> Vec<T> {
        let mut samples = vec![T::EQUILIBRIUM; num_channels];
        spread(&[left], &[right], num_channels, &mut samples);
        samples
    }

    #[test]
    fn every_format_has_its_ends_and_its_middle() {
        fn check<T: SizedSample + FromSample<f32> + PartialEq + core::fmt::Debug>(low: T, high: T) {
            assert_eq!(spread_to::<T>(2, -1.0, 1.0), [low, high]);
            assert_eq!(spread_to::<T>(2, 0.0, -3.0), [T::EQUILIBRIUM, low]);
        }
        check::<i8>(i8::MIN, i8::MAX);
        check::<i16>(i16::MIN, i16::MAX);
        check::<u8>(0, u8::MAX);
        check::<u16>(0, u16::MAX);
        let last_of_24 = |bits: u32| ((1_i128 << (bits - 1)) - (1_i128 << (bits - 24))) as i64;
        check::<i32>(i32::MIN, last_of_24(32) as i32);
        check::<i64>(i64::MIN, last_of_24(64));
        check::<cpal::I24>(cpal::I24::new(-8_388_608).unwrap(), cpal::I24::new(8_388_607).unwrap());
        check::<cpal::U24>(cpal::U24::new(0).unwrap(), cpal::U24::new(16_777_215).unwrap());
    }

    #[test]
    fn floats_come_through_as_they_are() {
        assert_eq!(spread_to::<f32>(2, 0.3, -1.0), [0.3, -1.0]);
        assert_eq!(spread_to::<f64>(2, 0.25, 1.0), [0.25, 1.0]);
    }

    #[test]
    fn one_channel_has_the_mean_and_those_beyond_two_are_silent() {
        assert_eq!(spread_to::<f32>(1, 0.5, -0.25), [0.125]);
        assert_eq!(spread_to::<f32>(4, 0.5, 0.25), [0.5, 0.25, 0.0, 0.0]);
        assert_eq!(spread_to::<u16>(3, 0.5, 0.0)[2], 1 << 15);
    }

    #[test]
    fn every_format_but_those_of_one_bit_is_playable() {
        for format in [SampleFormat::F32, SampleFormat::I16, SampleFormat::I24, SampleFormat::U8] {
            assert!(is_playable(format), "{format}");
        }
        assert!(!is_playable(SampleFormat::DsdU8));
    }
}
