//! Keys, bends and tunings: which pitch is heard.

use super::*;
use crate::tuning::Tuning;

/// Pitch of the last 4,800 samples, cents from `expected_hz`: the lag near one period at which the sound is most
/// like itself.
fn cents_off(sound: &[f32], expected_hz: f32) -> f32 {
    let tail = &sound[sound.len() - 4_800..];
    let period = RATE.0 / expected_hz;
    let (low, high) = ((period * 0.9) as usize, (period * 1.1) as usize + 1);
    let likeness = |lag: usize| -> f64 {
        let pairs = tail.iter().zip(&tail[lag..]).take(4_000);
        pairs.map(|(a, b)| -f64::from(a - b) * f64::from(a - b)).sum()
    };
    let best = (low..=high).max_by(|&a, &b| likeness(a).total_cmp(&likeness(b))).unwrap();
    let [before, at, after] = [best - 1, best, best + 1].map(likeness);
    let lag = best as f64 + 0.5 * (before - after) / (before - 2.0 * at + after);
    1_200.0 * (f64::from(period) / lag).log2() as f32
}

/// No chance and no movement of the model's own.
const STRICT: [(ParamId, f32); 5] = [
    (ParamId::Chance, 0.0),
    (ParamId::OwnPitch, 0.0),
    (ParamId::OwnLoudness, 0.0),
    (ParamId::Breath, 0.0),
    (ParamId::Memory, 0.0),
];

#[track_caller]
fn check_pitch(events: &[Event], expected_hz: f32) {
    check_pitch_of(&mut Player::new(&STRICT), events, expected_hz);
}

#[track_caller]
fn check_pitch_of(player: &mut Player, events: &[Event], expected_hz: f32) {
    let [left, _] = player.play(events, 48_000);
    let cents = cents_off(&left, expected_hz);
    assert!(cents.abs() < 5.0, "{cents} cents from {expected_hz} Hz");
}

#[test]
fn notes_are_in_tune_and_bend_by_what_bends_them() {
    let semitones = |semitones: f32| 440.0 * (semitones / 12.0).exp2();
    check_pitch(&[on(0, 69)], semitones(0.0));
    check_pitch(&[on(0, 57)], semitones(-12.0));
    check_pitch(&[on(0, 69), at(24_000, Bend { channel: 0, value: 0.5 })], semitones(1.0));
    check_pitch(&[at(0, Param { id: ParamId::Tune, value: -50.0 }), on(0, 69)], semitones(-0.5));
    let tuned = Express { note: NoteAddress::of_key(0, 69), expression: Expression::Tune, value: 3.0 };
    check_pitch(&[on(0, 69), at(1, tuned)], semitones(3.0));
    let (legato, glide) = ((ParamId::Mode, MODE_LEGATO), (ParamId::Glide, 0.3));
    let set = [legato, glide].map(|(id, value)| at(0, Param { id, value }));
    let slide = [on(0, 69), on(9_600, 74)];
    check_pitch(&[&set[..], &slide].concat(), semitones(5.0));
}

/// 19 equal steps to the octave from A at 440 Hz; keys above 80 do not sound.
fn nineteen() -> Tuning {
    let steps: String = (1..=19).map(|step| format!("{}\n", f64::from(step) * 1_200.0 / 19.0)).collect();
    let steps = steps.replace("1200\n", "2/1\n");
    Tuning::from_scala(&format!("19\n19\n{steps}"), Some("0\n0\n80\n69\n69\n440.0\n0\n")).unwrap()
}

fn tuned(params: &[(ParamId, f32)]) -> Player {
    let mut player = Player::new(params);
    player.handle.tune(nineteen().pitches());
    player
}

#[test]
fn keys_bends_and_slides_are_in_tune_in_19_steps() {
    let steps = |steps: f32| 440.0 * (steps / 19.0).exp2();
    // Keys around which the test model itself moves little; around some it does by 6 cents, in any tuning.
    for key in [55, 57, 67, 69, 70, 75] {
        check_pitch_of(&mut tuned(&STRICT), &[on(0, key)], steps(f32::from(key) - 69.0));
    }
    // A bend is in semitones whatever the tuning.
    let bend = at(24_000, Bend { channel: 0, value: 0.5 });
    check_pitch_of(&mut tuned(&STRICT), &[on(0, 74), bend], steps(5.0) * (1.0_f32 / 12.0).exp2());
    let slid = [(ParamId::Mode, MODE_LEGATO), (ParamId::Glide, 0.3)];
    check_pitch_of(&mut tuned(&[&STRICT[..], &slid].concat()), &[on(0, 69), on(9_600, 74)], steps(5.0));
}

#[test]
fn a_held_note_follows_a_new_tuning_and_ends_where_its_key_has_no_pitch() {
    let mut player = Player::new(&STRICT);
    check_pitch_of(&mut player, &[on(0, 72)], 440.0 * 0.25_f32.exp2());
    player.handle.tune(nineteen().pitches());
    check_pitch_of(&mut player, &[], 440.0 * (3.0_f32 / 19.0).exp2());
    player.engine.reset();
    check_pitch_of(&mut player, &[on(0, 72)], 440.0 * (3.0_f32 / 19.0).exp2());

    let mut player = Player::new(&[(ParamId::Release, 0.05)]);
    player.play(&[on(0, 90)], 4_800);
    player.handle.tune(nineteen().pitches());
    player.play(&[], 9_600);
    assert!(player.engine.is_silent(), "released");
}

#[test]
fn keys_without_a_pitch_are_silent_end_at_once_and_disturb_none() {
    for mode in [0.0, MODE_MONO, MODE_LEGATO] {
        let play = |unmapped: &[Event]| {
            let mut player = tuned(&[(ParamId::Mode, mode)]);
            let sound = player.play(&[&[on(0, 69)], unmapped].concat(), 9_600);
            (sound, player.engine.ended_notes().to_vec())
        };
        let (alone, _) = play(&[]);
        let (sound, ended) = play(&[on(2_400, 81), off(4_800, 81)]);
        assert_eq!(sound, alone, "mode {mode}");
        assert_eq!(ended.iter().map(|note| note.key).collect::<Vec<_>>(), [81], "mode {mode}");
    }
}

#[test]
fn the_equal_tuning_and_twelve_equal_steps_change_no_sample() {
    let play = |tuning: Option<Tuning>| {
        let mut player = Player::new(&[(ParamId::Mode, MODE_MONO), (ParamId::Glide, 0.1)]);
        tuning.iter().for_each(|tuning| player.handle.tune(tuning.pitches()));
        player.play(&[on(0, 60), on(5_000, 67), off(9_000, 67)], 14_400)
    };
    let expected = play(None);
    let steps: String = (1..=12).map(|step| format!("{step}00.0\n")).collect();
    let twelve = Tuning::from_scala(&format!("12\n12\n{steps}"), None).unwrap();
    assert!(play(Some(Tuning::equal())) == expected && play(Some(twelve)) == expected, "to the bit");
}

#[test]
fn of_many_tunings_the_newest_is_played() {
    let mut player = Player::new(&STRICT);
    for _ in 0..20 {
        player.handle.tune(Tuning::equal().pitches());
    }
    player.handle.tune(nineteen().pitches());
    assert!(player.handle.has_waiting(), "the ring is full");
    player.play(&[], 64);
    player.handle.tend();
    assert!(!player.handle.has_waiting(), "all were taken");
    check_pitch_of(&mut player, &[on(0, 57)], 440.0 * (-12.0_f32 / 19.0).exp2());
}
