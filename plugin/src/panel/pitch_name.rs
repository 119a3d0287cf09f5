//! Names of pitches: middle C, MIDI key 60, is C4.

const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/// Is a MIDI key black?
pub(super) fn is_black(key: u8) -> bool {
    matches!(key % 12, 1 | 3 | 6 | 8 | 10)
}

/// Name of the key nearest to a pitch, given as a MIDI key with its fraction.
pub(super) fn name_from_midi(key: f32) -> String {
    let key = key.round() as i32;
    format!("{}{}", NAMES[key.rem_euclid(12) as usize], key.div_euclid(12) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_usual_names() {
        for (key, name) in [(60.0, "C4"), (69.2, "A4"), (0.0, "C-1"), (61.0, "C#4"), (127.0, "G9")] {
            assert_eq!(name_from_midi(key), name);
        }
        assert_eq!((0..128).filter(|&key| is_black(key)).count(), 53);
    }
}
