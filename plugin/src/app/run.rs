//! A run of the application, from the command line to the exit code.

use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{anyhow, bail};
use cpal::HostId;

use super::args::Args;
use super::counts::Counts;
use super::device::host_from_name;
use super::end::End;
use super::keeper::{Asked, Common, KeeperThread, Start};
use super::midi::intake::intake;
use super::player::{Player, PlayerConfig};
use super::recorder::recorder;
use super::settings::{LastModel, Place, Settings};
use super::values::{AppKnobs, Values};
use super::{list, null, song, tell, window};
use crate::library::{Library, MODEL_ENDING, PRESET_ENDING};
use crate::panel::{Desk, Rig as _, RigState};
use crate::session::{Notice, Playing, Session, Source};

/// Does what the command line asks for.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let host = args.backend.as_deref().map(host_from_name).transpose().map_err(|error| anyhow!(error))?;
    if args.list {
        list::print(host, args.json);
        return Ok(());
    }
    // Everything that can be wrong with files is found before any device is opened.
    let song = args.play.as_deref().map(song::read).transpose()?;
    let place = Place::default();
    let settings = settings(&args, host, Settings::load(&place));

    let (session, audio_end) = Session::new();
    let values = Arc::new(Values::default());
    settings.give_params(&values);
    if let Some(points) = settings.window {
        session.window().set_size_points(points.into());
    }
    if let Some(tuning) = settings.tuning() {
        session.tune_unrecorded(Arc::new(tuning));
    }
    let mut desk =
        Desk::new(Arc::clone(&session), Box::new(AppKnobs(Arc::clone(&values))), Library::default());
    match &args.model {
        Some(name) => load(&mut desk, name)?,
        None => play_last(&session, settings.model.as_ref()),
    }

    let end = End::default();
    end.ask_on_signals()?;
    let (recorder, tap) = recorder(Arc::clone(&session));
    let counts = Arc::new(Counts::default());
    let (doors, intake) = intake();
    let song_door = doors[0].clone();
    let player = Player::new(PlayerConfig {
        audio_end,
        intake,
        tap,
        values: Arc::clone(&values),
        counts: Arc::clone(&counts),
    });
    let state = Arc::new(Mutex::new(RigState::default()));
    let common = Common { session, values, counts, recorder: Arc::new(recorder), state };
    let asked = Asked {
        device: args.device.is_some(),
        rate: args.rate.is_some(),
        buffer: args.buffer.is_some(),
        midi: !args.midi.is_empty(),
        sound: args.no_window || host.is_some() || args.record.is_some(),
    };
    let start = Start { settings, place, host, doors, player: Box::new(player), asked };
    let keeper = KeeperThread::start(common.clone(), start).map_err(|reason| anyhow!(reason))?;

    let outcome = play(&args, song, song_door, desk, &keeper, &common, &end);
    end.ask();
    let recorded = common.recorder.stop();
    let state = keeper.rig(&common).state();
    if args.no_window {
        tell::note(&summary(&state, &common.counts));
    }
    keeper.end();
    if let (Some(notice), true) = (common.session.notice(), args.no_window) {
        tell::note(&format!("mynah-app: {}", notice.text));
    }
    outcome?;
    let is_mute = args.no_window && state.device.is_none();
    match recorded {
        Some(Ok(path)) => tell::note(&format!("recorded {}", path.display())),
        Some(Err(reason)) => bail!("{reason}"),
        // It began and ended by itself, which was told.
        None if args.record.is_some() => bail!("the recording ended before its time"),
        None => {}
    }
    if is_mute {
        bail!("the sound device stopped, and no other plays");
    }
    Ok(())
}

fn play(
    args: &Args,
    song: Option<mynah::render::Song>,
    door: super::midi::intake::Door,
    desk: Desk,
    keeper: &KeeperThread,
    common: &Common,
    end: &End,
) -> anyhow::Result<()> {
    let rig = keeper.rig(common);
    if let Some(path) = &args.record {
        common
            .recorder
            .start(path, rig.state().rate_hz)
            .map_err(|reason| anyhow!("cannot record: {reason}"))?;
    }
    let is_all = args.no_window && args.seconds.is_none();
    let song = song.map(|song| song::play(song, door, end.clone(), is_all)).transpose()?;
    let clock = args.seconds.map(|seconds| alarm(seconds, end.clone())).transpose()?;
    if args.no_window {
        window::run_without(&desk, Box::new(rig), end);
    } else {
        window::open_window(desk, Box::new(rig), end)?;
    }
    end.ask();
    for thread in [song, clock].into_iter().flatten() {
        // They only wait, and have heard the end.
        let _ = thread.join();
    }
    Ok(())
}

/// Asks for the end after a time.
fn alarm(seconds: f64, end: End) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("mynah-clock".into()).spawn(move || {
        if !end.wait(Duration::from_secs_f64(seconds)) {
            end.ask();
        }
    })
}

/// What is remembered, with what the command line says in its place.
fn settings(args: &Args, host: Option<HostId>, remembered: Settings) -> Settings {
    let mut settings = remembered;
    // Of a run without sound the next has nothing.
    if args.device.is_some() || host.is_some_and(|host| host != null::HOST) {
        settings.device.clone_from(&args.device);
    }
    settings.rate_hz = args.rate.or(settings.rate_hz);
    settings.buffer = args.buffer.or(settings.buffer);
    if !args.midi.is_empty() {
        settings.midi = Some(args.midi.clone());
    }
    settings
}

/// Loads a file, or an entry of the library by its name.
fn load(desk: &mut Desk, name: &str) -> anyhow::Result<()> {
    let path = Path::new(name);
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    if [MODEL_ENDING, PRESET_ENDING].iter().any(|known| ending.as_deref() == Some(*known)) {
        desk.take_files(vec![path.to_owned()]);
    } else {
        let entries = desk.library.entries();
        let Some(entry) = entries.iter().find(|entry| entry.name.to_lowercase() == name.to_lowercase())
        else {
            let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
            bail!("there is no model or preset {name}; give a .mynah file or one of: {}", names.join(", "));
        };
        desk.load(entry);
    }
    match desk.session.notice() {
        Some(notice) if notice.is_error => Err(anyhow!(notice.text)),
        _ => Ok(()),
    }
}

/// Plays what played last. If it is gone the default plays, and a notice says so.
fn play_last(session: &Session, last: Option<&LastModel>) {
    let playing = match last {
        None => return,
        Some(LastModel::Factory(key)) => {
            Playing::factory(key).ok_or_else(|| format!("{key} does not come with this Mynah"))
        }
        Some(LastModel::File(path)) => Playing::from_file(path).map_err(|error| error.to_string()),
        Some(LastModel::Unsaved(path)) => Playing::from_file(path)
            .map(|playing| Playing { source: Source::Learned, ..playing })
            .map_err(|error| error.to_string()),
    };
    match playing {
        Ok(playing) => session.play_unrecorded(playing),
        Err(reason) => session.tell(Notice::error(format!(
            "what played last does not load: {reason}. The built-in voice plays"
        ))),
    }
}

/// What was played, in a line.
fn summary(state: &RigState, counts: &Counts) -> String {
    let [mean, largest] = counts.loads(state.rate_hz);
    format!(
        "played {:.1} s on {} at {} Hz in {} blocks of up to {} samples; load {:.0} %, at most {:.0} %; late: {} \
         ({} slow blocks, {} gaps of the device)",
        counts.num_samples.load(Relaxed) as f64 / f64::from(state.rate_hz.max(1)),
        state.device.as_deref().unwrap_or("no device"),
        state.rate_hz,
        counts.num_blocks.load(Relaxed),
        counts.longest_block.load(Relaxed),
        100.0 * mean,
        100.0 * largest,
        counts.num_late(),
        counts.num_slow.load(Relaxed),
        counts.num_gaps.load(Relaxed),
    )
}
