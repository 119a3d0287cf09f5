//! What is read, what is refused, and in which words.

use super::*;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::f64::consts::TAU;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const RATE_HZ: u32 = 22_050;
const TONE_HZ: f64 = 440.0;
const TONE_PEAK: f64 = 0.5;

fn tone(rate_hz: u32, index: usize) -> f64 {
    TONE_PEAK * (TAU * TONE_HZ * index as f64 / f64::from(rate_hz)).sin()
}

/// A folder with one file in it.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A WAV file of float samples. Shape of `samples`: `[samples][channels]`.
fn float_wav(channels: u16, sample_rate: u32, samples: impl IntoIterator<Item = f32>) -> Vec<u8> {
    let spec = WavSpec { channels, sample_rate, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let mut bytes = io::Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn tone_wav(num_samples: usize) -> Vec<u8> {
    float_wav(1, RATE_HZ, (0..num_samples).map(|index| tone(RATE_HZ, index) as f32))
}

/// A WAV file from its `fmt ` chunk and its data.
fn raw_wav(fmt: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    bytes.extend((fmt.len() as u32).to_le_bytes());
    bytes.extend(fmt);
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    let num_riff = bytes.len() as u32 - 8;
    bytes[4..8].copy_from_slice(&num_riff.to_le_bytes());
    bytes
}

/// The `fmt ` chunk of plain PCM.
fn pcm_fmt(channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let block = channels.wrapping_mul(bits / 8);
    let mut fmt = 1_u16.to_le_bytes().to_vec();
    fmt.extend(channels.to_le_bytes());
    fmt.extend(rate_hz.to_le_bytes());
    fmt.extend(rate_hz.wrapping_mul(u32::from(block)).to_le_bytes());
    fmt.extend(block.to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    fmt
}

/// Reads a file of half a second of the tone and holds it to the tone.
#[track_caller]
fn check_tone(path: &Path, rate_hz: u32, tolerance: f64) -> Recording {
    let recording = read(path, ANY_RATE).unwrap();
    assert_eq!((recording.source_rate, recording.sample_rate), (rate_hz, rate_hz));
    let num_expected = rate_hz as usize / 2;
    assert_eq!(recording.samples.len(), num_expected, "{}", path.display());
    // The ends of a coded tone are smeared.
    for (index, got) in recording.samples.iter().enumerate().take(num_expected - 500).skip(500) {
        let expected = tone(rate_hz, index);
        assert!((f64::from(*got) - expected).abs() < tolerance, "{}: {index}: {got}", path.display());
    }
    recording
}

/// Reads a file that must be refused in these words.
#[track_caller]
fn check_refused(name: &str, bytes: &[u8], words: &str) {
    let (_folder, path) = file(name, bytes);
    let error = read(&path, 16_000..=16_000).expect_err("the file should be refused").to_string();
    assert!(error.contains(words), "{error:?} should say {words:?}");
}

#[test]
fn every_integer_form_of_wav_reads_as_the_tone() {
    for (bits, bytes_per_sample) in [(8, 1), (16, 2), (24, 3), (24, 4), (32, 4)] {
        let spec = WavSpec {
            channels: 1,
            sample_rate: RATE_HZ,
            bits_per_sample: bits,
            sample_format: SampleFormat::Int,
        };
        let scale = f64::from(bits - 1).exp2();
        let mut bytes = io::Cursor::new(Vec::new());
        let spec = hound::WavSpecEx { spec, bytes_per_sample };
        let mut writer = WavWriter::new_with_spec_ex(&mut bytes, spec).unwrap();
        for index in 0..RATE_HZ as usize / 2 {
            writer.write_sample((tone(RATE_HZ, index) * scale).round() as i32).unwrap();
        }
        writer.finalize().unwrap();
        let (_folder, path) = file("a.wav", &bytes.into_inner());
        // One step of the integer, and what f32 rounds.
        check_tone(&path, RATE_HZ, 1.0 / scale + 1e-7);
    }
}

#[test]
fn twenty_four_bits_on_the_upper_side_of_four_bytes_read_as_the_tone() {
    let mut fmt = pcm_fmt(1, RATE_HZ, 32);
    fmt[0..2].copy_from_slice(&0xfffe_u16.to_le_bytes());
    fmt.extend([22, 0, 24, 0, 4, 0, 0, 0]);
    fmt.extend([1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
    let data: Vec<u8> = (0..RATE_HZ as usize / 2)
        .flat_map(|index| (((tone(RATE_HZ, index) * 8_388_608.0) as i32) << 8).to_le_bytes())
        .collect();
    let (_folder, path) = file("a.wav", &raw_wav(&fmt, &data));
    check_tone(&path, RATE_HZ, 3e-7);
}

#[test]
fn float_wav_reads_to_the_bit_and_channels_are_averaged() {
    let stereo = (0..RATE_HZ as usize / 2).flat_map(|index| [tone(RATE_HZ, index) as f32 * 2.0, 0.0]);
    let (_folder, path) = file("a.wav", &float_wav(2, RATE_HZ, stereo));
    assert_eq!(check_tone(&path, RATE_HZ, 1e-7).num_channels, 2);
}

#[test]
fn compressed_and_rare_forms_read_as_the_tone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio");
    let bits16 = 1.0 / 32_768.0 + 1e-6;
    // A-law keeps some 12 bits near full scale 0.5; the two lossy codes at their lowest are a few hundredths off.
    for (name, rate_hz, tolerance) in [
        ("tone.flac", RATE_HZ, bits16),
        ("tone.aiff", RATE_HZ, bits16),
        ("tone-f32.aifc", RATE_HZ, bits16),
        ("tone-rf64.wav", RATE_HZ, bits16),
        ("tone-alaw.wav", RATE_HZ, 0.02),
        ("tone-f64.wav", RATE_HZ, bits16),
        ("tone.ogg", RATE_HZ, 0.03),
        ("tone.mp3", RATE_HZ, 0.03),
    ] {
        check_tone(&folder.join(name), rate_hz, tolerance);
    }
    let error = read(&folder.join("tone-opus.ogg"), ANY_RATE).unwrap_err().to_string();
    assert!(error.starts_with("cannot be decoded: "), "{error}");
}

#[test]
fn a_recording_goes_to_the_nearest_of_the_rates_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    super::write_wav(&path, &[&[0.5; 48_000]], 96_000, WavFormat::Float32).unwrap();
    for (rates_hz, expected) in
        [(ANY_RATE, 96_000), (0..=48_000, 48_000), (96_000..=96_000, 96_000), (100_000..=192_000, 100_000)]
    {
        let recording = read(&path, rates_hz).unwrap();
        assert_eq!((recording.sample_rate, recording.source_rate), (expected, 96_000));
        assert_eq!(recording.samples.len(), expected as usize / 2);
    }
}

#[test]
fn resampling_keeps_the_tone_in_time() {
    let (_folder, path) = file("a.wav", &tone_wav(RATE_HZ as usize / 2));
    let recording = read(&path, 48_000..=48_000).unwrap();
    assert_eq!((recording.sample_rate, recording.source_rate), (48_000, RATE_HZ));
    assert_eq!(recording.samples.len(), 24_000);
    for (index, got) in recording.samples.iter().enumerate().take(19_000).skip(5_000) {
        assert!((f64::from(*got) - tone(48_000, index)).abs() < 1e-4, "{index}: {got}");
    }
}

#[test]
fn cut_files_give_what_is_there_or_say_it_is_too_little() {
    let whole = tone_wav(RATE_HZ as usize);
    let (_folder, path) = file("a.wav", &whole[..whole.len() / 2]);
    let samples = read(&path, ANY_RATE).unwrap().samples;
    assert!(
        RATE_HZ as usize * 4 / 10 < samples.len() && samples.len() < RATE_HZ as usize,
        "{}",
        samples.len()
    );
    check_refused("a.wav", &whole[..whole.len() / 20], "0.0 s, too short: at least 0.1 s");
    for name in ["tone.flac", "tone.ogg", "tone.mp3", "tone.aiff", "tone-rf64.wav"] {
        let whole =
            fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio").join(name)).unwrap();
        let (_folder, path) = file(name, &whole[..whole.len() - 300]);
        let samples = read(&path, ANY_RATE).unwrap_or_else(|error| panic!("{name}: {error}")).samples;
        assert!(samples.len() < RATE_HZ as usize / 2, "{name}: {}", samples.len());
    }
}

#[test]
fn headers_that_promise_four_gigabytes_give_what_is_there() {
    // As written to a pipe: the lengths were never filled in.
    let mut promising = raw_wav(&pcm_fmt(1, RATE_HZ, 16), &[0, 64].repeat(RATE_HZ as usize / 2));
    for length in [u32::MAX, 0x7fff_fffe, u32::MAX - 1] {
        promising[4..8].copy_from_slice(&length.to_le_bytes());
        promising[40..44].copy_from_slice(&length.to_le_bytes());
        let (_folder, path) = file("a.wav", &promising);
        assert_eq!(read(&path, ANY_RATE).unwrap().samples.len(), RATE_HZ as usize / 2);
    }
}

#[test]
fn what_is_not_a_recording_is_refused_with_its_reason() {
    check_refused("a.wav", b"", "empty");
    check_refused("a.wav", &raw_wav(&pcm_fmt(1, RATE_HZ, 16), &[]), "empty");
    check_refused("a.wav", &b"Dear reader, this is text. ".repeat(5_000), "not an audio file");
    check_refused("a.mp3", &b"Dear reader, this is text. ".repeat(5_000), "cannot be decoded");
    check_refused("a.wav", b"RIFF", "not an audio file");
    check_refused("a.wav", b"RIFF\x10\0\0\0WAVEfmt ", "cannot be decoded: its header is cut short");
    check_refused("a.wav", &tone_wav(RATE_HZ as usize / 20), "0.0 s, too short: at least 0.1 s");
    check_refused("a.wav", &tone_wav(2_204), "0.0 s, too short");
    check_refused("a.wav", &float_wav(1, RATE_HZ, vec![0.0; 22_050]), "silent: its peak is -inf dBFS");
    check_refused("a.wav", &float_wav(1, RATE_HZ, vec![1e-4; 22_050]), "silent: its peak is -80 dBFS");
    check_refused("a.wav", &float_wav(2, RATE_HZ, [0.5, -0.5].repeat(22_050)), "cancel each other out");
    check_refused("a.wav", &float_wav(1, RATE_HZ, vec![1e30; 22_050]), "its peak is 600 dBFS");
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut samples = vec![0.5; 22_050];
        samples[2_205] = bad;
        check_refused(
            "a.wav",
            &float_wav(1, RATE_HZ, samples),
            "the sample at 0.100 s is not a finite number",
        );
    }
}

#[test]
fn absurd_rates_and_channels_are_refused() {
    let data = [64; 65_535 * 2];
    for rate_hz in [0, 1, 3_999, 768_001, u32::MAX / 2] {
        check_refused(
            "a.wav",
            &raw_wav(&pcm_fmt(1, rate_hz, 16), &data),
            &format!("sample rate of {rate_hz} Hz"),
        );
    }
    check_refused("a.wav", &raw_wav(&pcm_fmt(65_535, RATE_HZ, 8), &data), "65535 channels, must be 1 to 64");
    check_refused("a.wav", &raw_wav(&pcm_fmt(0, RATE_HZ, 16), &data), "");
    check_refused("a.wav", &raw_wav(&pcm_fmt(65_535, RATE_HZ, 32), &data), "");
    let (_folder, path) = file("a.wav", &tone_wav(22_050));
    assert!(matches!(read(&path, 0..=0), Err(AudioFileError::SampleRate { rate_hz: 0 })));
    // Symphonia 0.6.1 multiplies these past 16 bits, and panics where overflow is checked.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/tone.aiff");
    let mut aiff = fs::read(path).unwrap();
    aiff[20..22].copy_from_slice(&[0xff, 0xff]);
    check_refused("a.aiff", &aiff, "");
}

#[test]
fn a_folder_and_a_missing_file_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(read(folder.path(), ANY_RATE), Err(AudioFileError::NotAudio)));
    assert!(matches!(read(&folder.path().join("a.wav"), ANY_RATE), Err(AudioFileError::Open(_))));
}

#[test]
fn damaged_bytes_anywhere_never_unwind() {
    // Symphonia 0.6.1 does panic, in builds that check for overflow, on AIFF with thousands of channels: caught.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio");
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("a.mp3");
    for name in ["tone.flac", "tone.ogg", "tone.mp3", "tone.aiff", "tone-rf64.wav", "tone-alaw.wav"] {
        let whole = fs::read(folder.join(name)).unwrap();
        // The first bytes, where headers are, one by one; the rest in steps.
        for position in (0..120).chain((120..whole.len()).step_by(whole.len() / 30 + 1)) {
            let mut damaged = whole.clone();
            damaged[position] ^= [0xff, 0x80, 0x01][position % 3];
            fs::write(&path, &damaged).unwrap();
            let _ = read(&path, ANY_RATE);
        }
    }
}

#[test]
fn parts_that_are_taken_and_the_rest_are_the_whole() {
    let (_folder, path) = file("a.wav", &tone_wav(5 * RATE_HZ as usize));
    for rates_hz in [ANY_RATE, 8_000..=8_000] {
        let whole = read(&path, rates_hz.clone()).unwrap().samples;
        let parts = std::cell::RefCell::new(Vec::new());
        let take = |samples: &mut Vec<f32>, _| {
            let half = samples.len() / 2;
            parts.borrow_mut().extend(samples.drain(..half));
        };
        let rest = read_in_parts(&path, rates_hz, Taken { seconds: 1.0, take: &take }, &|| true).unwrap();
        let mut parts = parts.into_inner();
        assert!(rest.samples.len() < parts.len(), "most was taken");
        parts.extend(rest.samples);
        assert!(parts == whole, "sample by sample");
    }
}
