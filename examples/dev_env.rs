//! Development: envelope against measured.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use mynah::vocoder::{analysis::*, envelope::*, harmonics::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut r = hound::WavReader::open(&a[1]).unwrap();
    let sp = r.spec();
    let rate = sp.sample_rate as f64;
    let x: Vec<f32> = r.samples::<i32>().map(|v| v.unwrap() as f32 / 32768.0).collect();
    let an = analyse(&x, rate, 0.01);
    for i in [13usize, 28, 47, 68] {
        let f = an[i].frame;
        let f0 = f.pitch_hz as f64;
        let mut p = Projector::default();
        p.project(
            &x,
            i as f64 * 0.01 * rate,
            LocalPitch { f: f0 / rate, slope: 0.0 },
            Grid { first: 1.0, num: 20, periods: 3 },
        );
        println!("frame {i} f0 {f0:.1} loud {:.1}", f.loudness_db);
        let tot: f32 = (0..20).map(|k| p.power(k)).sum();
        println!("  harmonic power {:.1}", 10.0 * tot.log10());
        for k in 0..20 {
            let hz = f0 * (k + 1) as f64;
            let m = 10.0 * p.power(k).log10();
            let e = interpolate(&f.envelope_db, point_position(hz, 80))
                + f.loudness_db
                + 10.0 * (f0 as f32).log10();
            println!(
                "  {hz:.0} measured {m:.1} envelope {e:.1} share {:.2}",
                interpolate(&f.noise, point_position(hz, 32))
            );
        }
    }
}
