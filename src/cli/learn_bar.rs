//! How learning goes, shown on standard error: a bar for people, now and then a line for logs.

use super::tell;
use crate::learn::Progress;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

/// Steps of the bar.
const BAR_STEPS: u64 = 1_000;

/// Time between lines in a log.
const LOG_INTERVAL: Duration = Duration::from_secs(15);

/// Shows progress; silent if quiet.
pub(super) struct LearnBar {
    bar: ProgressBar,
    /// When the last line was written, where lines are: `None` before the first.
    logged: Option<Instant>,
    logs: bool,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Begun,
    Analysing,
    Preparing,
    Fitting,
    Finishing,
}

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Audience {
    /// A person at a terminal, or a log.
    Any,
    /// Nobody.
    Nobody,
}

impl LearnBar {
    pub(super) fn new(audience: Audience) -> Self {
        let at_terminal = stderr().is_terminal();
        let shown = audience == Audience::Any && at_terminal;
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(BAR_STEPS), target);
        let style = ProgressStyle::with_template("{prefix:9} {bar:24} {percent:>3} %  {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, logged: None, logs: audience == Audience::Any && !at_terminal, phase: Phase::Begun }
    }

    /// Shows how it goes.
    pub(super) fn show(&mut self, progress: &Progress) {
        let (phase, name, share, message) = match progress {
            Progress::Analysing { done, total } => {
                let share = *done as f32 / (*total).max(1) as f32;
                (Phase::Analysing, "analysing", share, format!("{done} of {total} files"))
            }
            Progress::Preparing => (Phase::Preparing, "preparing", 0.0, "making the codec".to_owned()),
            Progress::Fitting { step, learning, held_out, share, seconds_left } => {
                let left = Duration::try_from_secs_f32(seconds_left.round()).unwrap_or_default();
                let message = format!(
                    "{} left; held out {held_out:.2}, learned {learning:.2} nats a frame; step {step}",
                    HumanDuration(left)
                );
                (Phase::Fitting, "learning", *share, message)
            }
            Progress::Snapshot(_) => return,
            Progress::Finishing => {
                (Phase::Finishing, "finishing", 1.0, "laying out memory and map".to_owned())
            }
        };
        let is_new_phase = phase != self.phase;
        self.phase = phase;
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.bar.set_prefix(name);
        self.bar.set_position((share * BAR_STEPS as f32) as u64);
        self.bar.set_message(message.clone());
        let is_time = self.logged.is_none_or(|logged| LOG_INTERVAL <= logged.elapsed());
        if self.logs && (is_new_phase || is_time) {
            tell::note(&format!("{name} {:.0} %: {message}", 100.0 * share));
            self.logged = Some(Instant::now());
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none_do_not_stop_it() {
        let mut bar = LearnBar::new(Audience::Nobody);
        bar.show(&Progress::Analysing { done: 0, total: 0 });
        for share in [f32::NAN, f32::INFINITY, -1.0] {
            bar.show(&Progress::Fitting {
                step: 1,
                learning: f32::NAN,
                held_out: f32::INFINITY,
                share,
                seconds_left: share,
            });
        }
        bar.finish();
    }
}
