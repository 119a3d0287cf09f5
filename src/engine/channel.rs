//! What the controllers of a MIDI channel say, and what that means for a note of the channel.

use super::param::{ParamId, Params};

/// Number of MIDI channels.
const NUM_CHANNELS: usize = 16;

/// The channel whose controllers are for all notes in MPE.
const MPE_MASTER: u8 = 0;

/// Bend range of a note's own channel until it sets another (MPE specification 1.1, section 2.2.5), semitones.
const MPE_BEND_RANGE: f32 = 48.0;

/// Value of controller 7 that is unity gain, as many files set it and many others leave it unset.
const NOMINAL_VOLUME: f32 = 100.0 / 127.0;

/// Value of a brightness controller that changes nothing.
const NEUTRAL: f32 = 0.5;

/// State of one channel.
#[derive(Clone, Copy, Debug)]
struct Channel {
    /// −1 to 1.
    bend: f32,
    /// Semitones, if the channel set it by registered parameter 0.
    bend_range: Option<f32>,
    pressure: f32,
    modulation: f32,
    /// Linear gain.
    volume: f32,
    /// Linear gain.
    expression: f32,
    /// −1 to 1.
    pan: f32,
    /// 0 to 1.
    brightness: f32,
    sustain: bool,
    /// Registered parameter that data entry means: most and least significant part.
    registered: [u8; 2],
}

/// No registered parameter is chosen.
const NO_REGISTERED: [u8; 2] = [127, 127];

impl Channel {
    const fn new() -> Self {
        Self {
            bend: 0.0,
            bend_range: None,
            pressure: 0.0,
            modulation: 0.0,
            volume: 1.0,
            expression: 1.0,
            pan: 0.0,
            brightness: NEUTRAL,
            sustain: false,
            registered: NO_REGISTERED,
        }
    }

    /// Controller 121 (MIDI recommended practice 15): volume and pan stay.
    fn reset_controllers(&mut self) {
        *self = Self { volume: self.volume, pan: self.pan, bend_range: self.bend_range, ..Self::new() };
    }
}

/// What all this means for a note of a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Played {
    pub bend_semitones: f32,
    /// 0 to 1.
    pub pressure: f32,
    /// 0 to 1.
    pub modulation: f32,
    /// −0.5 (dark) to 0.5 (bright).
    pub brightness: f32,
    /// Linear.
    pub gain: f32,
    /// −1 to 1.
    pub pan: f32,
}

/// What a controller asks of sounding notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlEffect {
    None,
    PedalUp,
    AllSoundOff,
    AllNotesOff,
}

/// All channels.
#[derive(Clone, Debug)]
pub(super) struct Channels {
    channels: [Channel; NUM_CHANNELS],
}

impl Channels {
    pub(super) fn new() -> Self {
        Self { channels: [Channel::new(); NUM_CHANNELS] }
    }

    pub(super) fn bend(&mut self, channel: u8, value: f32) {
        self.of_mut(channel).bend = bounded(value, -1.0, 1.0);
    }

    pub(super) fn press(&mut self, channel: u8, value: f32) {
        self.of_mut(channel).pressure = bounded(value, 0.0, 1.0);
    }

    /// Takes a controller's value, 0 to 1.
    pub(super) fn control(&mut self, channel: u8, controller: u8, value: f32) -> ControlEffect {
        let value = bounded(value, 0.0, 1.0);
        let seven_bits = (value * 127.0).round();
        let channel = self.of_mut(channel);
        match controller {
            1 => channel.modulation = value,
            6 if channel.registered == [0, 0] => channel.bend_range = Some(seven_bits),
            7 => {
                let gain = value / NOMINAL_VOLUME;
                channel.volume = gain * gain;
            }
            // 64 of 127 is the middle.
            10 => channel.pan = ((seven_bits - 64.0) / 63.0).max(-1.0),
            11 => channel.expression = value * value,
            64 => {
                channel.sustain = value >= 0.5;
                if !channel.sustain {
                    return ControlEffect::PedalUp;
                }
            }
            74 => channel.brightness = value,
            // A parameter that is not registered may follow: data entry is then not for us.
            98 | 99 => channel.registered = NO_REGISTERED,
            100 => channel.registered[1] = seven_bits as u8,
            101 => channel.registered[0] = seven_bits as u8,
            120 => return ControlEffect::AllSoundOff,
            121 => {
                channel.reset_controllers();
                return ControlEffect::PedalUp;
            }
            123..=127 => return ControlEffect::AllNotesOff,
            _ => {}
        }
        ControlEffect::None
    }

    /// Is a note of the channel held by a pedal?
    pub(super) fn sustains(&self, channel: u8, params: &Params) -> bool {
        self.of(channel).sustain || (params.is_on(ParamId::Mpe) && self.of(MPE_MASTER).sustain)
    }

    /// Does what happens to `channel` happen to all?
    pub(super) fn is_for_all(channel: u8, params: &Params) -> bool {
        channel == MPE_MASTER && params.is_on(ParamId::Mpe)
    }

    /// What the controllers mean for a note of the channel. `bend_range` is the parameter's, semitones.
    pub(super) fn played(&self, channel: u8, bend_range: f32, params: &Params) -> Played {
        let own = self.of(channel);
        if !params.is_on(ParamId::Mpe) || channel == MPE_MASTER {
            return played_alone(own, own.bend_range.unwrap_or(bend_range));
        }
        let all = self.of(MPE_MASTER);
        let own = played_alone(own, own.bend_range.unwrap_or(MPE_BEND_RANGE));
        let all = played_alone(all, all.bend_range.unwrap_or(bend_range));
        Played {
            bend_semitones: own.bend_semitones + all.bend_semitones,
            pressure: own.pressure.max(all.pressure),
            modulation: own.modulation.max(all.modulation),
            brightness: (own.brightness + all.brightness).clamp(-0.5, 0.5),
            gain: own.gain * all.gain,
            pan: (own.pan + all.pan).clamp(-1.0, 1.0),
        }
    }

    fn of(&self, channel: u8) -> &Channel {
        &self.channels[usize::from(channel) % NUM_CHANNELS]
    }

    fn of_mut(&mut self, channel: u8) -> &mut Channel {
        &mut self.channels[usize::from(channel) % NUM_CHANNELS]
    }
}

fn played_alone(channel: &Channel, bend_range: f32) -> Played {
    Played {
        bend_semitones: channel.bend * bend_range,
        pressure: channel.pressure,
        modulation: channel.modulation,
        brightness: channel.brightness - NEUTRAL,
        gain: channel.volume * channel.expression,
        pan: channel.pan,
    }
}

/// A value within bounds; NaN becomes the middle.
pub(super) fn bounded(value: f32, min: f32, max: f32) -> f32 {
    if value.is_nan() { 0.5 * (min + max) } else { value.clamp(min, max) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mpe() -> Params {
        let mut params = Params::new();
        params.set(ParamId::Mpe, 1.0);
        params
    }

    #[test]
    fn a_channel_at_rest_changes_nothing() {
        let rest = Played {
            bend_semitones: 0.0,
            pressure: 0.0,
            modulation: 0.0,
            brightness: 0.0,
            gain: 1.0,
            pan: 0.0,
        };
        assert_eq!(Channels::new().played(3, 2.0, &Params::new()), rest);
        assert_eq!(Channels::new().played(3, 2.0, &mpe()), rest);
    }

    #[test]
    fn volume_100_and_pan_64_are_neutral() {
        let mut channels = Channels::new();
        channels.control(0, 7, 100.0 / 127.0);
        channels.control(0, 10, 64.0 / 127.0);
        let played = channels.played(0, 2.0, &Params::new());
        assert!((played.gain - 1.0).abs() < 1e-6 && played.pan == 0.0, "{played:?}");
    }

    #[test]
    fn bend_range_is_the_parameters_until_the_channel_sets_its_own() {
        let mut channels = Channels::new();
        channels.bend(2, -0.5);
        assert_eq!(channels.played(2, 7.0, &Params::new()).bend_semitones, -3.5);
        for (controller, value) in [(101, 0.0), (100, 0.0), (6, 12.0)] {
            channels.control(2, controller, value / 127.0);
        }
        assert_eq!(channels.played(2, 7.0, &Params::new()).bend_semitones, -6.0);
    }

    #[test]
    fn in_mpe_the_notes_channel_and_the_master_add_up() {
        let mut channels = Channels::new();
        channels.bend(0, 1.0);
        channels.bend(5, 0.25);
        assert_eq!(channels.played(5, 2.0, &mpe()).bend_semitones, 14.0);
        assert_eq!(channels.played(6, 2.0, &mpe()).bend_semitones, 2.0);
        assert_eq!(channels.played(6, 2.0, &Params::new()).bend_semitones, 0.0);
        channels.control(0, 64, 1.0);
        assert!(channels.sustains(6, &mpe()) && !channels.sustains(6, &Params::new()), "the master's pedal");
    }

    #[test]
    fn reset_leaves_volume_and_pan() {
        let mut channels = Channels::new();
        for controller in [1, 7, 10, 11, 64, 74] {
            channels.control(0, controller, 1.0);
        }
        assert_eq!(channels.control(0, 121, 0.0), ControlEffect::PedalUp);
        let played = channels.played(0, 2.0, &Params::new());
        assert!((played.gain - 1.27 * 1.27).abs() < 1e-3 && played.pan == 1.0, "{played:?}");
        assert!(played.modulation == 0.0 && played.brightness == 0.0, "{played:?}");
    }

    #[test]
    fn hostile_values_stay_in_range() {
        let mut channels = Channels::new();
        for value in [f32::NAN, f32::INFINITY, -7.0, 1e9] {
            channels.bend(200, value);
            channels.press(200, value);
            for controller in 0..=255 {
                channels.control(200, controller, value);
            }
            let played = channels.played(200, 48.0, &mpe());
            let all = [played.bend_semitones, played.pressure, played.gain, played.pan, played.brightness];
            assert!(all.iter().all(|value| value.is_finite()), "{played:?}");
        }
    }
}
