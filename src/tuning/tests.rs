//! Numbers checked by hand, texts as they are found in the world, and texts that nobody should give.

use super::*;
use crate::units::hz_from_midi;
use proptest::prelude::*;

/// Tolerance of a pitch in f32 around 100 keys: 0.002 cents.
const TOLERANCE: f32 = 2e-5;

const TWELVE: &str = "! 12.scl\n!\nTwelve\n 12\n!\n100.\n200.0 cents\n300.0\n400.\n500.0\n600.0\n700.0\n800.0\n900.0\n1000.0\n1100.0\n2/1\n";

/// Ptolemy's intense diatonic.
const JUST: &str = "Just\n7\n9/8\n5/4\n4/3\n3/2\n5/3\n15/8\n2\n";

/// The seven notes of a scale on the white keys, A at 440 Hz.
const WHITE: &str = "! white\n12\n0\n127\n60\n69\n440.0\n7\n0\nx\n1\nx\n2\n3\nx\n4\nX\n5\nx\n6\n";

#[track_caller]
fn tuned(scl: &str, kbm: Option<&str>) -> KeyPitches {
    *Tuning::from_scala(scl, kbm).unwrap().pitches()
}

#[track_caller]
fn check(pitches: &KeyPitches, key: u8, expected: f64) {
    let got = pitches.of(key).unwrap();
    assert!(
        (f64::from(got) - expected).abs() < f64::from(TOLERANCE),
        "key {key}: {got}, expected {expected}"
    );
}

/// Pitch in keys of a ratio to middle C.
fn above_c(ratio: f64) -> f64 {
    60.0 + 12.0 * ratio.log2()
}

#[test]
fn the_default_is_each_key_to_the_bit_and_so_are_twelve_equal_steps() {
    assert_eq!(Tuning::default(), Tuning::equal());
    for key in 0..128 {
        assert_eq!(KeyPitches::equal().of(key), Some(f32::from(key)));
    }
    assert_eq!(KeyPitches::equal().of(128), None);
    let linear_a440 = "0\n0\n127\n60\n69\n440.0\n0\n";
    for kbm in [None, Some(linear_a440)] {
        assert_eq!(tuned(TWELVE, kbm), KeyPitches::equal());
    }
}

#[test]
fn without_a_mapping_key_60_begins_the_scale() {
    let pitches = tuned(JUST, None);
    check(&pitches, 60, 60.0);
    check(&pitches, 61, above_c(9.0 / 8.0));
    check(&pitches, 62, above_c(5.0 / 4.0));
    check(&pitches, 64, above_c(3.0 / 2.0));
    check(&pitches, 67, above_c(2.0));
    check(&pitches, 59, above_c(15.0 / 16.0));
    check(&pitches, 53, above_c(0.5));
    // A just major third is 13.686 cents below the equal one.
    check(&pitches, 62, 64.0 - 0.136_862_9);
}

#[test]
fn a_mapping_names_keys_degrees_and_the_reference() {
    let pitches = tuned(JUST, Some(WHITE));
    let hz = |key| f64::from(hz_from_midi(pitches.of(key).unwrap()));
    // A is 5/3 of C, so C is 264 Hz, and the others are its multiples.
    for (key, expected) in
        [(69, 440.0), (60, 264.0), (62, 297.0), (64, 330.0), (67, 396.0), (72, 528.0), (45, 110.0)]
    {
        assert!((hz(key) - expected).abs() < 2e-3, "key {key}: {} Hz, expected {expected}", hz(key));
    }
    for key in [61, 63, 66, 68, 70, 1, 126] {
        assert_eq!(pitches.of(key), None, "black key {key}");
    }
}

#[test]
fn a_frequency_can_be_given_to_the_middle_key() {
    let pitches = tuned(JUST, Some("0\n0\n127\n60\n60\n440\n7"));
    check(&pitches, 60, 69.0);
    check(&pitches, 64, 69.0 + 7.019_550);
    check(&pitches, 67, 81.0);
}

#[test]
fn a_map_repeats_by_its_formal_octave() {
    // Two keys to a tritave of three equal steps of 634 cents; the second entry is above the formal octave.
    let (scl, map) = ("Thirds\n3\n634.0\n1268.0\n3/1\n", "2\n0\n127\n60\n60\n261.6255653\n");
    let tritave = 12.0 * 3.0_f64.log2();
    for (octave, interval) in [("3", tritave), ("0", tritave), ("1", 6.34)] {
        let pitches = tuned(scl, Some(&format!("{map}{octave}\n0\n4\n")));
        check(&pitches, 61, 60.0 + tritave + 6.34);
        check(&pitches, 62, 60.0 + interval);
        check(&pitches, 58, 60.0 - interval);
    }
}

#[test]
fn keys_out_of_the_range_of_the_mapping_or_of_hearing_do_not_sound() {
    let pitches = tuned(TWELVE, Some("0\n48\n72\n60\n69\n440.0\n12\n"));
    for key in 0..128 {
        assert_eq!(pitches.of(key).is_some(), (48..=72).contains(&key), "key {key}");
    }
    let octaves = tuned("Octaves\n1\n2/1\n", None);
    assert_eq!((octaves.of(54), octaves.of(53)), (Some(-12.0), None));
    assert_eq!((octaves.of(67), octaves.of(68)), (Some(144.0), None));
}

#[test]
fn what_the_format_allows_is_read() {
    let fifths = |scl: &str| check(&tuned(scl, None), 61, above_c(1.5));
    fifths("\n1\n3/2\n");
    fifths("! a comment\n\n 1 \n\t3/2\n");
    fifths("Windows\r\n1\r\n! comment\r\n3/2\r\n");
    fifths("Old Mac\r1\r3/2\r");
    fifths("\u{feff}Mark\n1\n3/2");
    fifths("Remark\n1 note\n 3/2   fifth, 702 cents\n");
    fifths("Remark\n1\n3 / 2\n");
    fifths("Glued\n1\n701.9550008654cents\n");
    fifths("More text\n1\n\n3/2\n\nThat is all.\n");
    fifths("Big\n1\n6442450941/4294967294\n");
    let unsorted = tuned("Unsorted\n3\n-100.0\n.5\n2\n", None);
    check(&unsorted, 61, 59.0);
    check(&unsorted, 62, 60.005);
    check(&unsorted, 63, 72.0);
    // No notes: the first, which is understood, on every key.
    let single = tuned("Single\n0\n", None);
    assert_eq!((single.of(0), single.of(127)), (Some(60.0), Some(60.0)));
    let cells = tuned(JUST, Some("3 ! size\n0\n127\n60\n60\n440.0 Hz\n7\n0 C\n1\n"));
    assert_eq!(cells.of(62), None, "unmapped keys at the end may be left out");
}

#[test]
fn the_texts_and_the_name_are_kept() {
    let tuning = Tuning::from_scala(JUST, Some(WHITE)).unwrap();
    assert_eq!((tuning.name(), tuning.scl(), tuning.kbm()), ("Just", Some(JUST), Some(WHITE)));
    assert_eq!(Tuning::from_scala(tuning.scl().unwrap(), tuning.kbm()), Ok(tuning.clone()));
    let tuning = Tuning::from_scala("\n1\n2\n", None).unwrap();
    assert_eq!((tuning.name(), tuning.kbm()), ("1-note scale", None));
    let long = format!("{}\u{7}\n1\n2\n", "ä".repeat(5_000));
    assert_eq!(Tuning::from_scala(&long, None).unwrap().name(), "ä".repeat(120));
    assert_eq!(text_from_bytes(b"Wohltemperiert f\xfcr C\n"), "Wohltemperiert für C\n");
    assert_eq!(text_from_bytes("für".as_bytes()), "für");
}

#[track_caller]
fn check_fault(scl: &str, kbm: Option<&str>, expected: &str) {
    let error = Tuning::from_scala(scl, kbm).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}; expected {expected}");
    assert!(error.len() < 300, "{error}");
}

#[test]
fn malformed_scales_name_the_line_and_what_to_do() {
    for (scl, expected) in [
        ("", "line 1 of the scale: the file ends before its description"),
        ("Name", "line 1 of the scale: the file ends before the number of notes; add"),
        (
            "Name\nmany\n",
            "line 2 of the scale: \"many\" is not the number of notes; write a number from 0 to 1024",
        ),
        ("Name\n-1\n", "line 2"),
        ("Name\n5000\n", "line 2 of the scale: 5000 notes, at most 1024"),
        ("Name\n99999999999999999999\n", "line 2"),
        ("Name\n2\n!\n3/2\n", "line 4 of the scale: the file ends before all pitches"),
        ("Name\n2\n3/2\nfifth\n", "line 4 of the scale: \"fifth\" is not a pitch; write a ratio"),
        ("Name\n1\n701,955\n", "line 3 of the scale: \"701,955\" is not a pitch"),
        ("Name\n1\n7\\12\n", "is not a pitch"),
        ("Name\n1\n3:2\n", "is not a pitch"),
        ("Name\n1\n3/\n", "is not a pitch"),
        ("Name\n1\n3/2/1\n", "is not a pitch"),
        ("Name\n1\n3/2.5\n", "is not a pitch"),
        ("Name\n1\n1.2.3\n", "is not a pitch"),
        ("Name\n1\n.\n", "is not a pitch"),
        ("Name\n1\nnan\n", "is not a pitch"),
        ("Name\n1\n-3/2\n", "a ratio of 0 or less"),
        ("Name\n1\n3/-2\n", "a ratio of 0 or less"),
        ("Name\n1\n0\n", "a ratio of 0 or less"),
        ("Name\n1\n3/0\n", "a ratio of 0 or less"),
        ("Name\n1\n1000000.0\n", "more than 100 octaves"),
        ("Name\n1\n3/2\n2/1\n", "line 4 of the scale: this is one more than the 1 that line 2 announces"),
    ] {
        check_fault(scl, None, expected);
    }
    let huge = "9".repeat(5_000);
    check_fault(&format!("Name\n1\n{huge}/1\n"), None, "more than 100 octaves");
    check_fault(&format!("Name\n1\n{huge}/{huge}\n"), None, "more than 100 octaves");
    check_fault(&format!("Name\n{huge}\n"), None, "line 2");
    check_fault(&"x".repeat(MAX_BYTES + 1), None, "at most 1048576 are read");
}

#[test]
fn malformed_mappings_name_the_line_and_what_to_do() {
    for (kbm, expected) in [
        ("", "line 1 of the keyboard mapping: the file ends before the size of the map"),
        ("12\n0\n", "line 2 of the keyboard mapping: the file ends before the last MIDI key"),
        ("2000\n", "\"2000\" is not the size of the map; write a number from 0 to 1024"),
        ("0\n0\n128\n", "line 3 of the keyboard mapping: \"128\" is not the last MIDI key"),
        ("0\n90\n80\n", "line 3 of the keyboard mapping: the last key 80 is below the first, 90"),
        ("0\n0\n127\n60\n69\n0\n", "\"0\" is not the reference frequency in Hz"),
        ("0\n0\n127\n60\n69\nnan\n", "line 6"),
        ("0\n0\n127\n60\n69\ninf\n", "line 6"),
        ("0\n0\n127\n60\n69\n440,0\n", "line 6"),
        ("0\n0\n127\n60\n69\n440\noctave\n", "line 7"),
        ("2\n0\n127\n60\n60\n440\n7\n0\ny\n", "line 9 of the keyboard mapping: \"y\" is neither a degree"),
        ("2\n0\n127\n60\n60\n440\n7\n0\n99999999999\n", "line 9"),
        (
            "2\n0\n127\n60\n60\n440\n7\n0\n1\n2\n",
            "line 10 of the keyboard mapping: this is one more than the 2",
        ),
        (
            "2\n0\n127\n60\n61\n440\n7\n0\nx\n",
            "line 5 of the keyboard mapping: the reference key 61 is not mapped",
        ),
    ] {
        check_fault(JUST, Some(kbm), expected);
    }
    check_fault(JUST, Some(&"\n".repeat(MAX_BYTES + 1)), "the keyboard mapping has 1048577 bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_an_error_or_a_tuning_within_its_range(
        scl in "[^\n]{0,9}\n[0-3]\n([-+0-9./!x ,]{0,9}\n){0,5}|\\PC{0,40}",
        kbm in prop::option::of("[0-3]\n0\n127\n60\n6[0-9]\n[0-9.e-]{1,4}\n[0-9]{1,4}\n([-0-9x!]{0,9}\n){0,4}|\\PC{0,40}"),
    ) {
        if let Ok(tuning) = Tuning::from_scala(&scl, kbm.as_deref()) {
            for key in 0..=255 {
                let pitch = tuning.pitches().of(key);
                let within = |pitch: f32| (PITCH_RANGE[0]..=PITCH_RANGE[1]).contains(&pitch);
                prop_assert!(pitch.is_none_or(within), "key {key}: {pitch:?}");
            }
        }
    }
}
