//! The recorder: what is played is what is in the file.

use super::*;

fn read(path: &Path) -> Vec<f32> {
    // One channel at a time would be mixed: both are the same here.
    mynah::audio_file::read(path, mynah::audio_file::ANY_RATE).unwrap().samples
}

/// Steps of 24 bits, exactly: what is written is what is read.
fn ramp(range: core::ops::Range<usize>) -> Vec<f32> {
    range.map(|idx| (idx % 8_000) as f32 / 8_192.0).collect()
}

#[test]
fn the_file_has_what_was_played_between_start_and_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, mut tap) = recorder(Session::new().0);
    let path = folder.path().join("a.wav");
    let before = ramp(0..100);
    tap.push(&before, &before);
    assert_eq!(recorder.seconds(), None);
    assert!(recorder.stop().is_none());
    for take in 0..2 {
        recorder.start(&path, 48_000).unwrap();
        assert!(recorder.start(&path, 48_000).unwrap_err().contains("stop first"));
        let played = ramp(take..30_000 + take);
        for piece in played.chunks(777) {
            tap.push(piece, piece);
        }
        assert!(recorder.seconds().is_some());
        let written = recorder.stop().unwrap().unwrap();
        tap.push(&before, &before);
        assert_eq!(read(&written), played);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_finds_no_room_is_counted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, mut tap) = recorder(Session::new().0);
    recorder.start(&folder.path().join("a.wav"), 48_000).unwrap();
    // One push that the ring can never take: the only sure way, for the writer empties the ring meanwhile.
    let too_much = vec![0.0; RING_SAMPLES];
    tap.push(&too_much, &too_much);
    let some = ramp(0..24_000);
    tap.push(&some, &some);
    let reason = recorder.stop().unwrap().unwrap_err();
    assert!(reason.contains("lacks 1048576 samples"), "{reason}");
    assert_eq!(read(&folder.path().join("a.wav")), some);
}

#[test]
fn another_rate_ends_the_file_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (session, _) = Session::new();
    let (recorder, mut tap) = recorder(Arc::clone(&session));
    recorder.start(&folder.path().join("a.wav"), 48_000).unwrap();
    let some = ramp(0..24_000);
    tap.push(&some, &some);
    recorder.change_rate(48_000);
    assert!(recorder.seconds().is_some());
    recorder.change_rate(44_100);
    assert!(recorder.seconds().is_none() && recorder.stop().is_none());
    assert!(session.notice().unwrap().text.contains("sample rate has changed"));
    assert_eq!(read(&folder.path().join("a.wav")).len(), 24_000);
}

#[test]
fn a_file_that_cannot_be_made_is_told_and_the_next_can() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, _tap) = recorder(Session::new().0);
    let reason = recorder.start(&folder.path().join("no/a.wav"), 48_000).unwrap_err();
    assert!(reason.contains("does not exist"), "{reason}");
    recorder.start(&folder.path().join("a.wav"), 48_000).unwrap();
    recorder.stop().unwrap().unwrap();
}

#[test]
fn a_new_recording_replaces_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("Music/Mynah");
    let first = new_recording_in(&place).unwrap();
    std::fs::write(&first, "x").unwrap();
    let second = new_recording_in(&place).unwrap();
    assert_eq!(
        [first, second].map(|path| path.file_name().unwrap().to_owned()),
        ["Mynah 1.wav", "Mynah 2.wav"]
    );
}
