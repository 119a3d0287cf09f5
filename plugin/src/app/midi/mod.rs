//! MIDI on its way to the audio thread.
//!
//! Reading order: what a message means (`message`), how it crosses to the audio thread and when it is played
//! (`intake`), the system's inputs (`ports`), JACK's (`jack_ports`), and all of them (`inputs`).

pub(super) mod inputs;
pub(super) mod intake;
#[cfg(target_os = "linux")]
mod jack_ports;
mod message;
mod ports;

/// Something that sends MIDI can be chosen by this name, and is remembered by it: the numbers that ALSA adds change
/// from day to day.
fn lasting_name(name: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = |tail: &str| tail.split_once(':').is_some_and(|(a, b)| is_number(a) && is_number(b));
    match name.rsplit_once(' ') {
        Some((rest, tail)) if numbered(tail) => rest,
        _ => name,
    }
}

/// Names that differ: the second of a name is "… 2".
fn told_apart(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut apart: Vec<String> = Vec::new();
    for name in names {
        let mut number = 1;
        let mut candidate = name.clone();
        while apart.contains(&candidate) {
            number += 1;
            candidate = format!("{name} {number}");
        }
        apart.push(candidate);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_lasts_and_two_devices_of_one_name_differ() {
        for (name, expected) in [
            ("Keystation 49:Keystation 49 MIDI 1 20:0", "Keystation 49:Keystation 49 MIDI 1"),
            ("Keystation 49", "Keystation 49"),
            ("CoreMIDI 1:x", "CoreMIDI 1:x"),
            ("20:0", "20:0"),
        ] {
            assert_eq!(lasting_name(name), expected);
        }
        let names = ["a", "b", "a", "a"].map(str::to_owned).into_iter();
        assert_eq!(told_apart(names), ["a", "b", "a 2", "a 3"]);
    }
}
