//! Seeds from numbers: the same on every machine, and unlike each other for numbers that are alike.

/// A seed from two numbers (the finaliser of SplitMix64: Steele, Lea and Flood 2014, Fast splittable pseudorandom
/// number generators, figure 17, run over one number and then the other).
pub(super) fn seed_from(a: u64, b: u64) -> u64 {
    mixed(mixed(a.wrapping_add(GOLDEN_GAMMA)).wrapping_add(b).wrapping_add(GOLDEN_GAMMA))
}

/// 0 to 1 from a seed.
pub(super) fn unit_from(seed: u64) -> f32 {
    // The 24 highest bits: as many as a f32 holds exactly.
    (mixed(seed) >> 40) as f32 / (1_u32 << 24) as f32
}

/// `2^64 / φ`, odd.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_of_numbers_alike_are_unlike() {
        let mut seeds: Vec<u64> = (0..100).flat_map(|a| (0..100).map(move |b| seed_from(a, b))).collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 10_000);
    }

    #[test]
    fn unit_values_cover_the_unit() {
        let mean = (0..1_000).map(|seed| unit_from(seed_from(seed, 3))).sum::<f32>() / 1_000.0;
        assert!((mean - 0.5).abs() < 0.03, "{mean}");
    }
}
