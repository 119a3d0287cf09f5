//! A device that plays: the stream, and the way of the player into its callback and back.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait as _, StreamTrait as _};
use cpal::{BufferSize, Data, ErrorKind, HostId, Stream};
use ringbuf::traits::{Consumer, Producer, Split};
use ringbuf::{HeapCons, HeapRb};

use super::counts::Counts;
use super::device::{Found, Plan, Wish, plan};
use super::player::Player;
use super::samples::fill_data;
use crate::session::Session;

/// Errors of a stream that may wait to be told; a stream that fails fails over and over.
const NUM_ERRORS: usize = 16;

/// Time in which a device is to open.
const OPENING: Duration = Duration::from_secs(3);

/// Longest wait for a callback that is being closed.
const CLOSING: Duration = Duration::from_secs(3);

/// Longest time without a block after an error that may be the end.
const DOUBT: Duration = Duration::from_secs(2);

/// A device that plays.
pub(super) struct Output {
    stream: Stream,
    /// The player comes back through here when the stream has ended.
    back: Receiver<Box<Player>>,
    errors: HeapCons<cpal::Error>,
    counts: Arc<Counts>,
    /// An error that may be the end: since when, how many blocks had been played, and what was said.
    doubt: Option<(Instant, u64, String)>,
    pub(super) found: Found,
    pub(super) plan: Plan,
}

/// A device that did not open: the player, unless the system kept it, and why.
pub(super) type Refused = (Option<Box<Player>>, String);

impl Output {
    /// Opens a device and plays.
    pub(super) fn open(
        found: &Found,
        wish: Wish,
        mut player: Box<Player>,
        session: &Session,
        counts: &Arc<Counts>,
    ) -> Result<Self, Refused> {
        let mut plan = match plan(found, wish) {
            Ok(plan) => plan,
            Err(reason) => return Err((Some(player), reason)),
        };
        player.prepare(session, plan.config.sample_rate, plan.config.channels.into());
        if is_behind_server(found) {
            player.watch_pace();
        }
        match Self::open_as(found, &plan, player, counts) {
            Err((Some(player), _)) if plan.buffer().is_some() => {
                // Some drivers promise lengths that they refuse.
                plan.config.buffer_size = BufferSize::Default;
                Self::open_as(found, &plan, player, counts)
            }
            opened => opened,
        }
    }

    fn open_as(
        found: &Found,
        plan: &Plan,
        player: Box<Player>,
        counts: &Arc<Counts>,
    ) -> Result<Self, Refused> {
        let (give_back, back) = sync_channel(1);
        let mut guest = Guest { player: Some(player), give_back, is_prompt: has_prompt_thread(found.host) };
        let (mut to_errors, errors) = HeapRb::new(NUM_ERRORS).split();
        let (counts, counts_too) = (Arc::clone(counts), Arc::clone(counts));
        let stream = found.device.build_output_stream_raw(
            plan.config,
            plan.format,
            move |data: &mut Data, _| guest.play(data),
            move |error: cpal::Error| match error.kind() {
                ErrorKind::Xrun => drop(counts.num_gaps.fetch_add(1, Relaxed)),
                // Heard none the less.
                ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => {}
                // Freed by whoever reads it. Those beyond the room say nothing new.
                _ => drop(to_errors.try_push(error)),
            },
            Some(OPENING),
        );
        // A stream that was not built has dropped its callback, and the player has come back.
        let refuse = |back: &Receiver<Box<Player>>, error: &cpal::Error| {
            (back.recv_timeout(CLOSING).ok(), error.to_string())
        };
        let stream = stream.map_err(|error| refuse(&back, &error))?;
        if let Err(error) = stream.play() {
            drop(stream);
            return Err(refuse(&back, &error));
        }
        let (found, plan) = (found.clone(), plan.clone());
        Ok(Self { stream, back, errors, counts: counts_too, doubt: None, found, plan })
    }

    /// Sample rate, Hz.
    pub(super) fn rate_hz(&self) -> u32 {
        self.plan.config.sample_rate
    }

    /// Why it has stopped playing, if it has. To be called now and then.
    ///
    /// Not every error is the end: PulseAudio behind ALSA now and then cannot say how late it is, and plays on.
    pub(super) fn failure(&mut self) -> Option<String> {
        let num_blocks = self.counts.num_blocks.load(Relaxed);
        while let Some(error) = self.errors.try_pop() {
            match error.kind() {
                ErrorKind::BackendError | ErrorKind::Other | ErrorKind::DeviceBusy => {
                    self.doubt.get_or_insert((Instant::now(), num_blocks, error.to_string()));
                }
                _ => return Some(error.to_string()),
            }
        }
        let (since, num_before, reason) = self.doubt.take()?;
        if num_blocks != num_before {
            return None;
        }
        if DOUBT < since.elapsed() {
            return Some(reason);
        }
        self.doubt = Some((since, num_before, reason));
        None
    }

    /// Ends the stream. The player comes back, unless the system keeps it.
    pub(super) fn close(self) -> Option<Box<Player>> {
        drop(self.stream);
        self.back.recv_timeout(CLOSING).ok()
    }
}

/// The player in a callback. It goes home when the callback is dropped, on whichever thread that is.
struct Guest {
    player: Option<Box<Player>>,
    /// Does its thread come before others?
    is_prompt: bool,
    give_back: SyncSender<Box<Player>>,
}

impl Guest {
    /// Audio thread.
    fn play(&mut self, data: &mut Data) {
        if !self.is_prompt {
            self.is_prompt = true;
            // Once, in the first block. Where the system refuses, blocks are only likelier to be late.
            come_first();
        }
        if let Some(player) = &mut self.player {
            // A format that is none of ours was never asked for; cpal has filled the buffer with silence.
            let _ = fill_data(data, &mut **player);
        }
    }
}

/// Does the host see to it that its thread comes before others? All but ALSA's do.
fn has_prompt_thread(host: HostId) -> bool {
    #[cfg(target_os = "linux")]
    return host != HostId::Alsa;
    #[cfg(not(target_os = "linux"))]
    {
        let _ = host;
        true
    }
}

/// Is a sound server behind the device? Those of ALSA tell of no gap; a card of its own does.
fn is_behind_server(found: &Found) -> bool {
    #[cfg(target_os = "linux")]
    return found.host == HostId::Alsa && !found.id.contains(':');
    #[cfg(not(target_os = "linux"))]
    {
        let _ = found;
        false
    }
}

/// Has this thread scheduled before all that are not of real time.
fn come_first() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{
            RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
            set_thread_priority_and_policy, thread_native_id,
        };
        let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
        // The lowest of real time: before every other program, and after the system's own sound.
        let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, policy);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(player) = self.player.take() {
            // Whoever no longer waits for it has given it up.
            let _ = self.give_back.try_send(player);
        }
    }
}
