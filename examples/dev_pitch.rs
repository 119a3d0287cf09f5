//! Development: print the pitch.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut r = hound::WavReader::open(&a[1]).unwrap();
    let sp = r.spec();
    let x: Vec<f32> = r.samples::<i32>().map(|v| v.unwrap() as f32 / 32768.0).collect();
    for (i, f) in mynah::vocoder::analysis::analyse(&x, sp.sample_rate as f64, 0.01).iter().enumerate() {
        println!(
            "{i} {} {:.1} {:.1} {:.2} {:.2}",
            f.voiced as u8, f.frame.pitch_hz, f.frame.loudness_db, f.frame.noise[3], f.frame.noise[12]
        );
    }
}
