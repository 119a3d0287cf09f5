//! The pool of voices: which take answers a key, which one makes room, and what notes hear of the player.

use super::channel::Channels;
use super::context::Context;
use super::ended::EndedNotes;
use super::event::{Expression, NoteAddress, NoteOn};
use super::hash::{seed_from, unit_from};
use super::keyboard::Keyboard;
use super::param::{MODE_LEGATO, MODE_POLY, ParamId};
use super::prepared::PreparedModel;
use super::voice::{FADE_SECONDS, Phase, Voice, VoiceStart};
use super::workers::{Workers, add_side_by_side};
use super::{MAX_VOICES, NUM_SLOTS};

/// Longest wait of a member of a choir, seconds.
const CHOIR_SPREAD_SECONDS: f32 = 0.03;

/// Time in which voices cross over to another model, seconds.
const CROSSFADE_SECONDS: f32 = 0.04;

/// The key of a free run: none.
const NO_KEY: u8 = u8::MAX;

/// All voices.
#[derive(Debug)]
pub(super) struct Voices {
    /// Shape `[NUM_SLOTS]`.
    slots: Box<[Voice]>,
    keyboard: Keyboard,
    /// Notes since the last reset.
    num_notes: u64,
    /// Voices begun since the last reset.
    num_begun: u64,
    latest_key: Option<u8>,
    /// What is left of a voice that had to give up its slot unfaded: its last sample, dying away.
    residue: [f32; 2],
    ended: EndedNotes,
}

impl Voices {
    pub(super) fn new(prepared: &PreparedModel, context: &Context) -> Self {
        let voice = |_| Voice::new(prepared.tables.clone(), context.sample_rate);
        Self {
            slots: (0..NUM_SLOTS).map(voice).collect(),
            keyboard: Keyboard::new(),
            num_notes: 0,
            num_begun: 0,
            latest_key: None,
            residue: [0.0; 2],
            ended: EndedNotes::new(),
        }
    }

    pub(super) fn reset(&mut self) {
        for voice in &mut self.slots {
            (voice.phase, voice.untold) = (Phase::Free, false);
        }
        self.keyboard.clear();
        (self.num_notes, self.num_begun, self.latest_key) = (0, 0, None);
        self.residue = [0.0; 2];
        self.ended.clear();
    }

    /// Does nothing sound?
    pub(super) fn are_silent(&self) -> bool {
        self.residue == [0.0; 2] && self.slots.iter().all(|voice| voice.phase == Phase::Free)
    }

    /// Does a voice play this one of the two models?
    pub(super) fn play(&self, model_idx: usize) -> bool {
        self.slots.iter().any(|voice| voice.phase != Phase::Free && voice.model_idx == model_idx)
    }

    /// A block begins: what ended in the last one has been told.
    pub(super) fn begin_block(&mut self) {
        self.ended.clear();
    }

    /// A block ends: notes with no voice left have ended.
    pub(super) fn end_block(&mut self) {
        for slot_idx in 0..self.slots.len() {
            if self.slots[slot_idx].phase == Phase::Free {
                self.tell_end(slot_idx);
            }
        }
    }

    /// Notes that ended in this block.
    pub(super) fn ended(&self) -> &[NoteOn] {
        self.ended.notes()
    }

    /// All voices with their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Voice> {
        self.slots.iter()
    }

    pub(super) fn note_on(&mut self, context: &Context, on: NoteOn) {
        let on = NoteOn { channel: on.channel.min(15), key: on.key.min(127), ..on };
        if context.tuning.of(on.key).is_none() {
            // A key without a pitch takes nothing from those that sound; its note is over at once.
            self.ended.tell(on);
            return;
        }
        let mode = context.params.get(ParamId::Mode);
        let overlaps = self.keyboard.latest().is_some();
        self.keyboard.press(on);
        if mode == MODE_POLY {
            // A key struck again lets go of what it held, also where a pedal holds it.
            let again = NoteAddress::of_key(on.channel, on.key);
            self.each_of(again, |voice| voice.release(context));
            self.begin_note(context, on, 0.0);
        } else if mode == MODE_LEGATO && overlaps && self.slide_all(context, on) {
            self.latest_key = Some(on.key);
        } else {
            self.retake(context, on, mode != MODE_LEGATO);
        }
    }

    pub(super) fn note_off(&mut self, context: &Context, address: NoteAddress) {
        self.keyboard.lift(&address);
        let mode = context.params.get(ParamId::Mode);
        let meant = |voice: &Voice| voice.phase == Phase::Held && address.means(&voice.start.on);
        if mode != MODE_POLY
            && let Some(back) = self.keyboard.latest()
            && self.slots.iter().any(meant)
        {
            if mode != MODE_LEGATO || !self.slide_all(context, back) {
                self.retake(context, back, true);
            }
            return;
        }
        for voice in self.slots.iter_mut().filter(|voice| meant(voice)) {
            if context.channels.sustains(voice.start.on.channel, &context.params) {
                voice.phase = Phase::Sustained;
            } else {
                voice.release(context);
            }
        }
    }

    /// A pedal has come up.
    pub(super) fn pedal_up(&mut self, context: &Context) {
        for voice in self.slots.iter_mut().filter(|voice| voice.phase == Phase::Sustained) {
            if !context.channels.sustains(voice.start.on.channel, &context.params) {
                voice.release(context);
            }
        }
    }

    pub(super) fn choke(&mut self, context: &Context, address: NoteAddress) {
        self.keyboard.lift(&address);
        self.each_of(address, |voice| voice.fade(context.samples(FADE_SECONDS)));
    }

    pub(super) fn express(&mut self, address: NoteAddress, expression: Expression, value: f32) {
        self.each_of(address, |voice| voice.express(expression, value));
    }

    pub(super) fn modulate(&mut self, address: NoteAddress, id: ParamId, amount: f32) {
        self.each_of(address, |voice| voice.modulate(id, amount));
    }

    pub(super) fn begin_free_run(&mut self, context: &Context) {
        let on = NoteOn { channel: 0, key: NO_KEY, note_id: None, velocity: 100.0 / 127.0 };
        self.begin_note(context, on, 0.0);
    }

    pub(super) fn end_free_runs(&mut self, context: &Context) {
        for voice in self.slots.iter_mut().filter(|voice| !voice.start.keyed) {
            voice.release(context);
        }
    }

    /// Adds all voices to both channels.
    pub(super) fn render(&mut self, context: &Context, left: &mut [f32], right: &mut [f32]) {
        for voice in self.slots.iter_mut().filter(|voice| voice.phase != Phase::Free) {
            voice.render(context, left, right);
        }
        self.add_residue(context, left, right);
    }

    /// [`Voices::render`], side by side where that is worth the while: the same samples. Allocates.
    pub(super) fn render_with(
        &mut self,
        workers: &impl Workers,
        context: &Context,
        left: &mut [f32],
        right: &mut [f32],
    ) {
        let sounding = self.slots.iter_mut().filter(|voice| voice.phase != Phase::Free);
        add_side_by_side(workers, context, sounding, left, right);
        self.add_residue(context, left, right);
    }

    fn add_residue(&mut self, context: &Context, left: &mut [f32], right: &mut [f32]) {
        if self.residue != [0.0; 2] {
            // What is left falls to a third in a quarter of a fade.
            let decay = 1.0 - 4.0 / (FADE_SECONDS * context.sample_rate.0);
            for (left, right) in left.iter_mut().zip(right) {
                self.residue = self.residue.map(|residue| residue * decay);
                *left += self.residue[0];
                *right += self.residue[1];
                if self.residue.iter().all(|residue| residue.abs() < 1e-6) {
                    self.residue = [0.0; 2];
                }
            }
        }
    }

    /// Voices of `old_idx` fade out; keys that are down begin again with the current model as they do.
    pub(super) fn cross_over(&mut self, context: &Context, old_idx: usize) {
        let fade_samples = context.samples(CROSSFADE_SECONDS);
        for slot_idx in 0..self.slots.len() {
            let voice = &self.slots[slot_idx];
            if voice.model_idx != old_idx || voice.phase == Phase::Free {
                continue;
            }
            let held = matches!(voice.phase, Phase::Held | Phase::Sustained);
            // Voices begun here play the current model: this loop does not meet them again as old ones.
            let free = self.slots.iter().position(|voice| voice.phase == Phase::Free);
            if let Some(new_idx) = free.filter(|_| held) {
                let start = VoiceStart {
                    attack_samples: Some(fade_samples),
                    delay_samples: 0,
                    glide_semitones: 0.0,
                    ..self.slots[slot_idx].start
                };
                self.tell_end(new_idx);
                if let Ok([old, new]) = self.slots.get_disjoint_mut([slot_idx, new_idx]) {
                    new.begin(context, &start);
                    new.copy_expressions(old);
                }
            }
            self.slots[slot_idx].fade(fade_samples);
        }
    }

    /// Follows a new tuning: sounding notes move to it, keys without a pitch come up.
    pub(super) fn retune(&mut self, context: &Context) {
        self.keyboard.keep(|on| context.tuning.of(on.key).is_some());
        let keyed = |voice: &&mut Voice| voice.phase != Phase::Free && voice.start.keyed;
        self.slots.iter_mut().filter(keyed).for_each(|voice| voice.retune(context));
    }

    /// Lets all others fade and begins a note that glides from the latest.
    fn retake(&mut self, context: &Context, on: NoteOn, glides: bool) {
        for voice in self.slots.iter_mut().filter(|voice| voice.is_active() && voice.start.keyed) {
            voice.fade(context.samples(FADE_SECONDS));
        }
        let pitch = |key| context.tuning.of(key);
        let from = self.latest_key.filter(|_| glides).and_then(pitch);
        let glide_semitones = from.zip(pitch(on.key)).map_or(0.0, |(from, to)| from - to);
        self.begin_note(context, on, glide_semitones);
    }

    /// Slides all held notes to another key. Were there any?
    fn slide_all(&mut self, context: &Context, on: NoteOn) -> bool {
        let mut any = false;
        let held = |voice: &&mut Voice| voice.phase == Phase::Held && voice.start.keyed;
        for voice in self.slots.iter_mut().filter(held) {
            voice.slide(context, on);
            any = true;
        }
        any
    }

    fn begin_note(&mut self, context: &Context, on: NoteOn, glide_semitones: f32) {
        let keyed = on.key != NO_KEY;
        if keyed {
            self.latest_key = Some(on.key);
        }
        let max_voices = (context.params.get(ParamId::Voices) as usize).min(MAX_VOICES);
        let num_members = if keyed { context.params.get(ParamId::Choir) as usize } else { 1 };
        let num_members = num_members.min(max_voices);
        let ordinal = self.num_notes;
        self.num_notes += 1;
        self.make_room(context, max_voices - num_members);

        let same_take = context.params.is_on(ParamId::SameTake);
        let name = if same_take { u64::from(on.key) } else { ordinal };
        let take_seed = context.seed.wrapping_add(context.params.get(ParamId::Take) as u64);
        let seed = seed_from(take_seed, name);
        let spread = context.params.get(ParamId::Spread);
        for member in 0..num_members {
            let noise_seed = seed_from(name, member as u64);
            let delay_share = if member == 0 { 0.0 } else { unit_from(noise_seed) };
            let side =
                if num_members == 1 { 0.0 } else { 2.0 * member as f32 / (num_members - 1) as f32 - 1.0 };
            let start = VoiceStart {
                on,
                keyed,
                ordinal,
                seed: seed_from(seed, member as u64),
                noise_seed,
                // A take that is the same each time also steps at the same place.
                stagger: if same_take { name + member as u64 } else { self.num_begun },
                delay_samples: context.samples(CHOIR_SPREAD_SECONDS * spread * delay_share),
                pan: spread * side,
                gain: 1.0 / (num_members as f32).sqrt(),
                glide_semitones,
                attack_samples: None,
            };
            self.num_begun += 1;
            let slot_idx = self.free_slot();
            self.tell_end(slot_idx);
            self.slots[slot_idx].begin(context, &start);
        }
    }

    /// Fades voices until no more than `max_voices` sound: released ones first, of those the quietest, then the oldest.
    fn make_room(&mut self, context: &Context, max_voices: usize) {
        let mut num_active = self.slots.iter().filter(|voice| voice.is_active()).count();
        while num_active > max_voices {
            let active = self.slots.iter_mut().filter(|voice| voice.is_active());
            let victim = active.min_by(|a, b| {
                let released = |voice: &Voice| voice.phase == Phase::Released;
                let held_first = released(b).cmp(&released(a));
                let by_level = if released(a) && released(b) {
                    a.level().total_cmp(&b.level())
                } else {
                    core::cmp::Ordering::Equal
                };
                held_first.then(by_level).then(a.start.ordinal.cmp(&b.start.ordinal))
            });
            if let Some(voice) = victim {
                voice.fade(context.samples(FADE_SECONDS));
            }
            num_active -= 1;
        }
    }

    /// A free slot; in a flood of notes within a few milliseconds, that of the fading voice that is quietest.
    fn free_slot(&mut self) -> usize {
        if let Some(slot_idx) = self.slots.iter().position(|voice| voice.phase == Phase::Free) {
            return slot_idx;
        }
        let fading = self.slots.iter().enumerate().filter(|(_, voice)| voice.phase == Phase::Fading);
        let quietest = fading.min_by(|(_, a), (_, b)| a.level().total_cmp(&b.level()));
        // Active voices fill half of the slots at most, so one is fading.
        let slot_idx = quietest.map_or(0, |(slot_idx, _)| slot_idx);
        for (residue, last) in self.residue.iter_mut().zip(self.slots[slot_idx].last) {
            *residue += last;
        }
        self.slots[slot_idx].phase = Phase::Free;
        slot_idx
    }

    /// The voice of a slot is over: tells of its note, if it was the last of it.
    fn tell_end(&mut self, slot_idx: usize) {
        let ended = &mut self.slots[slot_idx];
        if !core::mem::take(&mut ended.untold) {
            return;
        }
        let (on, ordinal) = (ended.start.on, ended.start.ordinal);
        // This voice is told of by now, so it counts as over like any other.
        let is_over = |voice: &Voice| voice.phase == Phase::Free && !voice.untold;
        if self.slots.iter().all(|voice| voice.start.ordinal != ordinal || is_over(voice)) {
            self.ended.tell(on);
        }
    }

    fn each_of(&mut self, address: NoteAddress, mut act: impl FnMut(&mut Voice)) {
        for voice in self.slots.iter_mut().filter(|voice| voice.is_active()) {
            if address.means(&voice.start.on) {
                act(voice);
            }
        }
    }
}

/// The notes that a controller of a channel is for.
pub(super) fn notes_of(channel: u8, context: &Context) -> NoteAddress {
    if Channels::is_for_all(channel, &context.params) {
        NoteAddress::default()
    } else {
        NoteAddress::of_channel(channel)
    }
}
