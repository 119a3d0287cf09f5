//! Development copy synthesis.
#![allow(missing_docs, clippy::unwrap_used)]
use mynah::vocoder::{analysis::analyse, synthesis::*};
use std::sync::Arc;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (dir, out) = (&a[1], &a[2]);
    std::fs::create_dir_all(out).unwrap();
    let t = std::time::Instant::now();
    let (mut secs, mut ta, mut ts) = (0.0, 0.0, 0.0);
    for e in std::fs::read_dir(dir).unwrap() {
        let p = e.unwrap().path();
        let mut r = hound::WavReader::open(&p).unwrap();
        let sp = r.spec();
        let x: Vec<f32> = r
            .samples::<i32>()
            .map(|v| v.unwrap() as f32 / (1u32 << (sp.bits_per_sample - 1)) as f32)
            .collect::<Vec<_>>()
            .chunks(sp.channels as usize)
            .map(|c| c.iter().sum::<f32>() / c.len() as f32)
            .collect();
        let rate = sp.sample_rate as f64;
        let hs: f64 = std::env::var("HOP").ok().and_then(|v| v.parse().ok()).unwrap_or(0.01);
        let t0 = std::time::Instant::now();
        let mut an = analyse(&x, rate, hs);
        let mode = std::env::var("MODE").unwrap_or_default();
        if mode.contains("v0") {
            for f in &mut an {
                if f.voiced {
                    f.frame.noise = [0.0; 32];
                }
            }
        }
        if mode.contains("u1") {
            for f in &mut an {
                if !f.voiced {
                    f.frame.noise = [1.0; 32];
                }
            }
        }
        if mode.contains("u0") {
            for f in &mut an {
                if !f.voiced {
                    f.frame.noise = [0.0; 32];
                }
            }
        }
        if mode.contains("sq") {
            for f in &mut an {
                for n in &mut f.frame.noise {
                    *n = n.powf(std::env::var("SP").unwrap().parse().unwrap());
                }
            }
        }
        if mode.contains("stat") {
            let mut s = [0.0f32; 32];
            let mut c = 0.0;
            for f in &an {
                if f.voiced {
                    c += 1.0;
                    for b in 0..32 {
                        s[b] += f.frame.noise[b];
                    }
                }
            }
            for b in &mut s {
                *b /= c;
            }
            eprintln!("{s:.2?} voiced {}", c / an.len() as f32);
        }
        ta += t0.elapsed().as_secs_f64();
        let tables = Arc::new(SynthesisTables::new(rate as f32));
        let t0 = std::time::Instant::now();
        let mut v = Synthesizer::new(tables);
        v.reset(1);
        let mut y = vec![];
        let hop = rate * hs;
        for (i, f) in an.iter().enumerate() {
            let n = ((i as f64) * hop) as usize - (((i as f64) - 1.0).max(0.0) * hop) as usize;
            if i == 0 {
                v.begin_hop(&f.frame, 1);
                let mut b = [0.0];
                v.process(&mut b);
                continue;
            }
            v.begin_hop(&f.frame, n);
            let mut b = vec![0.0; n];
            v.process(&mut b);
            y.extend(b);
        }
        ts += t0.elapsed().as_secs_f64();
        secs += x.len() as f64 / rate;
        if mode.contains("meas") {
            y = mynah::vocoder::measured::copy(&x, rate);
        }
        let mut w = hound::WavWriter::create(
            format!("{out}/{}", p.file_name().unwrap().to_str().unwrap()),
            hound::WavSpec {
                channels: 1,
                sample_rate: sp.sample_rate,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            },
        )
        .unwrap();
        for s in y {
            w.write_sample((s.clamp(-1.0, 1.0) * 32767.0) as i16).unwrap();
        }
        w.finalize().unwrap();
    }
    eprintln!(
        "{secs:.1} s; analysis {:.1} x, synthesis {:.1} x, all {:.1}",
        secs / ta,
        secs / ts,
        t.elapsed().as_secs_f64()
    );
}
