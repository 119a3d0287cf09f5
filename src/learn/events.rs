//! Events of one recording: stretches of sound between silences, with what leads into them and what rings on.
//!
//! An event begins at its onset, from nothing: a key that is pressed has no past either. Its gate is on until the last
//! fast fall of its level before silence, which is what follows a key's release; what rings on after it is release too.
//! What was struck or plucked falls from its peak on: it has no release, and its gate is on to its end, and nowhere else.

use crate::vocoder::frame::HOP_SECONDS;
use crate::vocoder::moment::Moment;
use core::ops::Range;

/// Level below the loud parts of a file (95th percentile) at which sound counts as silence, dB.
const EVENT_RANGE_DB: f32 = 40.0;
/// Where a string rings out, its sound comes up through the threshold of silence again and again, and a key would be
/// answered by that: what is shorter than so many frames is an event only where it reaches a level so far below the loudest
/// of its file, or so far below the loud parts where they are rare, dB.
const SHORT_FRAMES: usize = 300;
const PEAK_RANGE_DB: f32 = 32.0;
const PEAK_BELOW_LOUD_DB: f32 = 20.0;
/// Level below which sound is silence, whatever the file, dB.
const QUIETEST_DB: f32 = -70.0;
/// Steady noise of a room or of the mains lies within so many dB above the 2nd percentile of levels, for a share of the
/// file: less is a pause or a fading tone, more is what was to be recorded, with something loud in it.
const STEADY_NOISE_DB: f32 = 8.0;
const STEADY_NOISE_SHARE: Range<f32> = 0.2..0.9;
/// Level of the loud parts above such noise at which it is taken for noise, dB.
const ABOVE_NOISE_DB: f32 = 10.0;
/// A frame sounds where so many of it and as many before and after it as the second says are above silence: noise alone
/// rises above it for a frame now and then.
const SOUNDING_FRAMES: (usize, usize) = (3, 2);
/// Silence that ends an event, frames.
const GAP_FRAMES: usize = 20;
/// Level below the loud parts down to which an event is followed beyond its edges, dB: sound that is cut where silence
/// begins is heard as cut. French prompts in a row, pauses between them, have a DistillMOS of 3.72; cut at
/// [`EVENT_RANGE_DB`] 3.42, with all that follows 3.55, with what leads in as well 3.65 (16 clips, pairs).
const EDGE_RANGE_DB: f32 = 70.0;
/// Level above the quietest frame of a file at which its noise takes over, dB. Most files of prompts and notes are trimmed:
/// what is quietest of them is little more than a frame.
const NOISE_MARGIN_DB: f32 = 6.0;
/// Most frames that lead in: a key is to be answered at once.
const LONGEST_LEAD: usize = 3;
/// Most frames that ring on after the gate and its fast fall.
const LONGEST_TAIL: usize = 100;
/// Shortest event, frames.
pub(crate) const SHORTEST_EVENT: usize = 10;
/// Longest event, frames: longer ones are cut.
const LONGEST_EVENT: usize = 3_000;
/// Fall of level that belongs to a release, dB a frame.
const RELEASE_FALL_DB: f32 = 0.6;
/// Longest fast release, frames.
const LONGEST_RELEASE: usize = 40;
/// A slow release leaves the body of an event, its 75th percentile of levels, by the first of these for good, then by the
/// second, dB, and does not come back from the third; what is before it is so many times as long. That of an organ in its
/// church is one.
const SLOW_RELEASE_DB: [f32; 3] = [6.0, 20.0, 26.0];
const SLOW_RELEASE_SHARE: usize = 2;
/// Frames before and after that a level is the highest of.
const BEAT_FRAMES: usize = 3;
/// Parts of an event whose levels tell whether it was struck; what each loses at least to the one before, and the last to
/// the first, dB.
const STRUCK_PARTS: usize = 5;
const STRUCK_STEP_DB: f32 = 1.5;
const STRUCK_FALL_DB: f32 = 15.0;
/// What it has lost by its middle, of what it loses after that, at least. Of guitar, harp and xylophone it is 0.78 and more,
/// of trumpets that fade and are then released 0.58 at most.
const STRUCK_EARLY: f32 = 0.7;

/// Events and pauses of one recording.
pub(crate) struct Found {
    /// Frames, and during how many of them the key would be down.
    pub(crate) events: Vec<(Vec<Moment>, usize)>,
    /// Between them, seconds.
    pub(crate) pauses: Vec<f32>,
}

/// Cuts a recording at its silences.
pub(crate) fn find_events(mut frames: Vec<Moment>) -> Found {
    let thresholds = Thresholds::of(&frames);
    let cores = thresholds.cores(&frames);
    let found = thresholds.with_edges(&frames, &cores);
    let pause = |pair: &[Range<usize>]| (pair[1].start - pair[0].end) as f32 * HOP_SECONDS as f32;
    let pauses = found.windows(2).map(pause).collect();
    // From the end, so that the frames of an hour are never there twice.
    let mut events: Vec<(Vec<Moment>, usize)> = Vec::with_capacity(found.len());
    for (range, core) in found.iter().zip(&cores).rev() {
        frames.truncate(range.end);
        let event = frames.split_off(range.start);
        frames.shrink_to_fit();
        let core = core.start - range.start..core.end - range.start;
        let gate_frames = if is_struck(&event[core.clone()]) {
            event.len()
        } else {
            (core.start + gate_frames(&event[core])).min(event.len() - 1)
        };
        events.push((event, gate_frames));
    }
    events.reverse();
    Found { events, pauses }
}

/// Levels that tell sound from silence in one file, dB.
struct Thresholds {
    /// Where events are.
    event: f32,
    /// What short ones reach.
    peak: f32,
    /// How far they are followed beyond their edges.
    edge: f32,
}

impl Thresholds {
    fn of(frames: &[Moment]) -> Self {
        let mut levels: Vec<f32> = frames.iter().map(|frame| frame.frame.loudness_db).collect();
        levels.sort_by(f32::total_cmp);
        let quiet = levels.first().copied().unwrap_or(QUIETEST_DB);
        let loud = levels.get(levels.len() * 95 / 100).copied().unwrap_or(QUIETEST_DB);
        let mut event = (loud - EVENT_RANGE_DB).max(QUIETEST_DB);
        if let Some(noise) = steady_noise(&levels).filter(|noise| noise + ABOVE_NOISE_DB <= loud) {
            event = event.max(noise);
        }
        let loudest = levels.last().copied().unwrap_or(QUIETEST_DB);
        let peak = (loudest - PEAK_RANGE_DB).min(loud - PEAK_BELOW_LOUD_DB);
        Self { event, peak, edge: (loud - EDGE_RANGE_DB).max(quiet + NOISE_MARGIN_DB).min(event) }
    }

    /// Stretches above silence.
    fn cores(&self, frames: &[Moment]) -> Vec<Range<usize>> {
        let is_loud = |moment: &Moment| self.event <= moment.frame.loudness_db;
        let (enough, reach) = SOUNDING_FRAMES;
        let is_silent = |idx: usize| {
            !is_loud(&frames[idx])
                || around(frames, idx, reach).iter().filter(|moment| is_loud(moment)).count() < enough
        };
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut idx = 0;
        while idx < frames.len() {
            if is_silent(idx) {
                idx += 1;
                continue;
            }
            let start = idx;
            let mut end = start + 1;
            let mut quiet = 0;
            let mut reaches = false;
            while idx < frames.len() && quiet < GAP_FRAMES && idx - start < LONGEST_EVENT {
                if is_silent(idx) {
                    quiet += 1;
                } else {
                    quiet = 0;
                    reaches |= self.peak <= frames[idx].frame.loudness_db;
                    end = idx + 1;
                }
                idx += 1;
            }
            let shortest = if reaches { SHORTEST_EVENT } else { SHORT_FRAMES };
            if shortest <= end - start {
                found.push(start..end);
            }
        }
        found
    }

    /// The same with what leads into them and what rings on, as far as neither noise nor the next begins.
    fn with_edges(&self, frames: &[Moment], cores: &[Range<usize>]) -> Vec<Range<usize>> {
        let sounds = |idx: &usize| self.edge <= frames[*idx].frame.loudness_db;
        let mut found: Vec<Range<usize>> = Vec::with_capacity(cores.len());
        for (idx, core) in cores.iter().enumerate() {
            let before = found.last().map_or(0, |range| range.end);
            let after = cores.get(idx + 1).map_or(frames.len(), |next| next.start);
            let lead = (before..core.start).rev().take(LONGEST_LEAD).take_while(sounds).count();
            let tail = (core.end..after).take(LONGEST_TAIL).take_while(sounds).count();
            found.push(core.start - lead..core.end + tail);
        }
        found
    }
}

/// A frame and as many before and after it as `reach` says, where there are so many.
fn around(frames: &[Moment], idx: usize, reach: usize) -> &[Moment] {
    &frames[idx.saturating_sub(reach)..frames.len().min(idx + reach + 1)]
}

/// Upper edge of the steady noise of a file, dB, if there is any. `levels` are sorted.
fn steady_noise(levels: &[f32]) -> Option<f32> {
    let edge = levels.get(levels.len() / 50)? + STEADY_NOISE_DB;
    let share = levels.partition_point(|level| *level <= edge) as f32 / levels.len() as f32;
    STEADY_NOISE_SHARE.contains(&share).then_some(edge)
}

/// Does it fall from its beginning on?
fn is_struck(event: &[Moment]) -> bool {
    let levels: [f32; STRUCK_PARTS] = core::array::from_fn(|part| {
        let [from, to] = [part, part + 1].map(|part| part * event.len() / STRUCK_PARTS);
        let sum: f32 = event[from..to].iter().map(|moment| moment.frame.loudness_db).sum();
        sum / (to - from).max(1) as f32
    });
    let [first, middle, last] = [0, STRUCK_PARTS / 2, STRUCK_PARTS - 1].map(|part| levels[part]);
    levels.windows(2).all(|pair| pair[1] <= pair[0] - STRUCK_STEP_DB)
        && last <= first - STRUCK_FALL_DB
        && STRUCK_EARLY * (middle - last) <= first - middle
}

/// Frames before the last fast fall of the level, or before a slow one.
fn gate_frames(event: &[Moment]) -> usize {
    let level = |idx: usize| event[idx].frame.loudness_db;
    let mut gate = before_slow_release(event);
    let earliest = gate.saturating_sub(LONGEST_RELEASE).max(SHORTEST_EVENT / 2);
    while earliest < gate {
        let before = gate.saturating_sub(5);
        let fall = (level(before) - level(gate - 1)) / (gate - 1 - before).max(1) as f32;
        if fall < RELEASE_FALL_DB {
            break;
        }
        gate -= 1;
    }
    gate
}

/// Frames before a slow release; all of them if there is none.
fn before_slow_release(event: &[Moment]) -> usize {
    // Deep notes beat: what counts is where each of them comes up to.
    let loudest =
        |part: &[Moment]| part.iter().map(|moment| moment.frame.loudness_db).fold(f32::MIN, f32::max);
    let levels: Vec<f32> = (0..event.len()).map(|idx| loudest(around(event, idx, BEAT_FRAMES))).collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let Some(body) = sorted.get(sorted.len() * 3 / 4) else { return 0 };
    let within = |range_db: f32| move |level: &f32| body - range_db <= *level;
    let end_of = |range_db: f32| levels.iter().rposition(within(range_db)).map_or(0, |last| last + 1);
    let (begin, end) = (end_of(SLOW_RELEASE_DB[0]), end_of(SLOW_RELEASE_DB[1]));
    let is_short = SLOW_RELEASE_SHARE * (event.len() - begin) <= begin;
    let falls_once = levels[begin..end].iter().all(within(SLOW_RELEASE_DB[2]));
    if is_short && falls_once && end < event.len() { begin } else { event.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocoder::frame::{Frame, NUM_BANDS, NUM_NOISE_BANDS};

    fn at(loudness_db: f32) -> Moment {
        let frame = Frame {
            pitch_hz: 200.0,
            loudness_db,
            envelope_db: [-30.0; NUM_BANDS],
            noise: [0.0; NUM_NOISE_BANDS],
        };
        Moment { frame, half_way: frame, voiced: true }
    }

    fn recording() -> Vec<Moment> {
        let mut frames = vec![at(-90.0); 30];
        frames.extend(vec![at(-20.0); 50]);
        frames.extend((0..10).map(|i| at(-20.0 - 3.0 * i as f32)));
        frames.extend(vec![at(-90.0); 40]);
        frames.extend(vec![at(-25.0); 30]);
        frames.extend(vec![at(-90.0); 5]);
        frames
    }

    /// Steady noise of a level, and in it a sound that something soft leads into, and that loses 50 dB in `tail` frames.
    fn ringing(noise_db: f32, tail: usize) -> Vec<Moment> {
        let level = |idx: usize| match idx {
            0..90 => -100.0,
            90..100 => -65.0,
            100..150 => -20.0,
            _ => -20.0 - 50.0 * (idx - 150) as f32 / tail as f32,
        };
        (0..500).map(|idx| at(level(idx).max(noise_db))).collect()
    }

    #[test]
    fn an_event_leads_in_and_rings_on_down_to_the_noise() {
        let length = |noise_db, tail| find_events(ringing(noise_db, tail)).events[0].0.len();
        assert_eq!(length(-99.0, 60), LONGEST_LEAD + 50 + 85, "as far as 70 dB below the loud");
        assert_eq!(length(-75.0, 60), LONGEST_LEAD + 50 + 59, "as far as 6 dB above the noise");
        assert_eq!(length(-62.0, 60), 50 + 44, "the same where noise is louder than silence");
        assert_eq!(length(-99.0, 200), LONGEST_LEAD + 50 + 161 + LONGEST_TAIL, "a second at most");
    }

    #[test]
    fn what_comes_up_again_as_a_string_rings_out_is_no_event() {
        let events = |level_db| {
            let mut frames = ringing(-99.0, 60);
            frames[300..340].fill(at(level_db));
            find_events(frames).events.len()
        };
        assert_eq!(events(-57.0), 1, "above silence, 37 dB below the note");
        assert_eq!(events(-45.0), 2, "soft, and heard");
    }

    #[test]
    fn what_was_struck_has_its_gate_on_to_its_end_and_nothing_else_has() {
        let hit = |fall_db: f32| {
            let mut frames: Vec<Moment> = (0..60).map(|idx| at(-10.0 - fall_db * idx as f32)).collect();
            frames.extend(vec![at(-100.0); 40]);
            let (event, gate) = find_events(frames).events.remove(0);
            (event.len(), gate)
        };
        for fall_db in [0.5, 1.0, 3.0] {
            let (length, gate) = hit(fall_db);
            assert_eq!(gate, length, "falling by {fall_db} dB a frame");
        }
        let (length, gate) = hit(0.05);
        assert!(gate < length, "a tone that is held is released: {gate} of {length}");
        let mut fading: Vec<Moment> = (0..100).map(|idx| at(-10.0 - 0.1 * idx as f32)).collect();
        fading.extend((0..20).map(|idx| at(-20.0 - 2.0 * idx as f32)));
        fading.extend(vec![at(-100.0); 40]);
        let (event, gate) = find_events(fading).events.remove(0);
        assert!(gate < event.len(), "a tone that fades is released: {gate} of {}", event.len());
    }

    #[test]
    fn what_is_soft_for_long_is_kept_beside_what_is_loud() {
        let mut frames = vec![at(-45.0); 2_000];
        frames[300..340].fill(at(-5.0));
        frames[200..260].fill(at(-100.0));
        let found = find_events(frames);
        assert_eq!(found.events.len(), 2, "rain before the thunder and after it");
    }

    #[test]
    fn a_key_is_answered_by_a_sound_and_not_by_the_noise_before_it() {
        let found = |noise_db: f32, seconds: f32| {
            let noise = |num: usize| (0..num).map(|idx| at(noise_db + (idx % 3) as f32)).collect::<Vec<_>>();
            let around = (seconds * 50.0) as usize;
            let sound = vec![at(-14.0); 80];
            find_events([noise(around), sound, noise(around)].concat()).events
        };
        let lengths = |events: Vec<(Vec<Moment>, usize)>| {
            events.iter().map(|(event, _)| event.len()).collect::<Vec<_>>()
        };
        assert_eq!(lengths(found(-50.0, 2.0)), [80], "36 dB above the noise");
        assert_eq!(lengths(found(-50.0, 16.0)), [1_680], "a storm with a gust in it");
        assert_eq!(lengths(found(-30.0, 2.0)), [280], "loud and soft parts of one sound");
    }

    #[test]
    fn noise_that_rises_above_silence_for_a_frame_begins_nothing() {
        let mut frames = vec![at(-70.0); 300];
        frames[100..200].fill(at(-14.0));
        for spike in [85, 93, 208, 212] {
            frames[spike] = at(-50.0);
        }
        let (event, _) = find_events(frames).events.remove(0);
        assert_eq!(event.len(), 100);
    }

    #[test]
    fn what_rings_on_is_after_the_gate() {
        let cut_at_silence = find_events(ringing(-68.0, 60)).events[0].1;
        assert_eq!(find_events(ringing(-99.0, 60)).events[0].1, LONGEST_LEAD + cut_at_silence);
    }

    #[test]
    fn a_room_that_rings_on_for_long_is_after_the_gate() {
        // Half a second in which a tone loses 20 dB, and a second in which the room does.
        let mut frames = vec![at(-14.0); 400];
        frames.extend((0..50).map(|idx| at(-14.0 - 0.4 * idx as f32)));
        frames.extend((0..100).map(|idx| at(-34.0 - 0.15 * idx as f32 + 2.0 * (idx % 2) as f32)));
        frames.extend(vec![at(-90.0); 40]);
        let (event, gate) = find_events(frames).events.remove(0);
        assert!((395..=420).contains(&gate), "{gate} of {}", event.len());
    }

    #[test]
    fn what_comes_after_a_pause_or_is_as_long_as_the_rest_is_no_slow_release() {
        let gate = |levels: &[(f32, usize)]| {
            let mut frames: Vec<Moment> = levels.iter().flat_map(|(db, num)| vec![at(*db); *num]).collect();
            frames.extend(vec![at(-90.0); 40]);
            find_events(frames).events[0].1
        };
        let (loud, soft) = (-14.0, -24.0);
        assert_eq!(gate(&[(loud, 100), (-50.0, 10), (soft, 30), (-40.0, 5)]), 144, "a word that is softer");
        assert_eq!(gate(&[(loud, 60), (soft, 40), (-40.0, 5)]), 104, "a sound that fades");
        assert_eq!(gate(&[(loud, 100), (soft, 30), (-40.0, 5)]), 100, "a tone that is let go");
    }

    #[test]
    fn events_begin_at_their_onset_and_end_before_silence() {
        let found = find_events(recording());
        let lengths: Vec<usize> = found.events.iter().map(|(frames, _)| frames.len()).collect();
        assert_eq!(lengths, [60, 30]);
        assert!((found.pauses[0] - 0.4).abs() < 1e-6 && found.pauses.len() == 1, "{:?}", found.pauses);
        assert_eq!(found.events[0].0[0].frame.loudness_db, -20.0);
    }

    #[test]
    fn the_gate_ends_where_the_level_falls_for_good() {
        let found = find_events(recording());
        let gate = found.events[0].1;
        assert!((49..=54).contains(&gate), "{gate}");
        assert_eq!(found.events[1].1, 29, "cut off by the end of its file");
    }
}
