//! The command line of `mynah-app`.

use std::path::PathBuf;

use clap::Parser;

/// Plays a model with keys, mouse and MIDI.
///
/// Device, sample rate, block, MIDI inputs, model and settings are remembered; a device that is not there any more is
/// replaced by another.
#[derive(Debug, Parser)]
#[command(
    name = "mynah-app",
    version,
    max_term_width = 100,
    after_help = "Example: see what there is, then play a model on one device and record what is heard\n  \
                  mynah-app --list\n  \
                  mynah-app voice.mynah --device USB --buffer 128 --record evening.wav\n\n\
                  Exit codes: 0 done, 1 failure (the reason is on standard error), 2 wrong usage."
)]
pub(super) struct Args {
    /// What to play: a .mynah file, a .mynahpreset file, or the name of a model or preset of the library.
    #[arg(value_name = "MODEL.mynah|PRESET")]
    pub(super) model: Option<String>,
    /// Output device: its name, or a part of it.
    #[arg(long, value_name = "NAME")]
    pub(super) device: Option<String>,
    /// Sample rate.
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    pub(super) rate: Option<u32>,
    /// Length of a block: shorter answers sooner, longer is safer.
    #[arg(long, value_name = "SAMPLES", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(super) buffer: Option<u32>,
    /// MIDI input to listen to, by its name or a part of it; may be given again. All devices if none is ever given.
    #[arg(long, value_name = "NAME")]
    pub(super) midi: Vec<String>,
    /// Only devices of this kind: alsa, jack, coreaudio, wasapi; or null, which plays to nobody at the pace of the clock.
    #[arg(long, value_name = "NAME")]
    pub(super) backend: Option<String>,
    /// Prints the devices and MIDI inputs that there are, and ends.
    #[arg(long, conflicts_with_all = ["model", "record", "seconds", "play", "no_window"])]
    pub(super) list: bool,
    /// Prints that as JSON.
    #[arg(long, requires = "list")]
    pub(super) json: bool,
    /// Records what is heard, from the start (WAV, 24 bit, stereo).
    #[arg(long, value_name = "OUT.wav")]
    pub(super) record: Option<PathBuf>,
    /// Plays a standard MIDI file, as if its notes came from a keyboard now.
    #[arg(long, value_name = "SONG.mid")]
    pub(super) play: Option<PathBuf>,
    /// Ends after this time.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) seconds: Option<f64>,
    /// Opens no window: plays until Ctrl-C, or for --seconds, or to the end of --play.
    #[arg(long)]
    pub(super) no_window: bool,
}

/// Longest run that can be asked for, seconds: a week.
const MAX_SECONDS: f64 = 7.0 * 24.0 * 3_600.0;

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=MAX_SECONDS).contains(&seconds) => Ok(seconds),
        _ => Err(format!("give a number of seconds from 0 to {MAX_SECONDS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_interface_contradicts_itself_nowhere_and_says_how_it_ends() {
        Args::command().debug_assert();
        let help = Args::command().render_long_help().to_string();
        assert!(help.contains("Example") && help.contains("Exit codes: 0 done, 1 failure"), "{help}");
    }

    #[test]
    fn numbers_out_of_range_are_wrong_usage() {
        for args in [
            &["--rate", "7999"][..],
            &["--rate", "nan"],
            &["--buffer", "0"],
            &["--seconds", "-1"],
            &["--seconds", "nan"],
            &["--json"],
            &["--list", "--no-window"],
            &["a", "b"],
        ] {
            let error = Args::try_parse_from(["mynah-app"].iter().chain(args)).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{args:?}");
        }
    }
}
