//! Tests of the panel without a window: what is clicked, dragged and typed, found by the names that are read aloud.

mod controls;
mod heard;
mod learn;
mod models;
mod steer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use egui::{Modifiers, PointerButton, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mynah::engine::{Event, EventKind, ParamId};

use super::*;
use crate::library::Library;
use crate::panel::loose::Loose;
use crate::session::{AudioEnd, Session};

/// Devices that tell what they were asked.
#[derive(Default)]
struct Asks(Arc<Mutex<Vec<String>>>);

impl Rig for Asks {
    fn state(&self) -> RigState {
        RigState {
            devices: vec!["One".into(), "Two".into()],
            device: Some("One".into()),
            rates_hz: vec![44_100, 48_000],
            rate_hz: 48_000,
            buffers: vec![64],
            midi_inputs: vec!["Keys".into()],
            ..RigState::default()
        }
    }
    fn refresh(&mut self) {
        self.note("refresh");
    }
    fn choose_device(&mut self, name: &str) {
        self.note(name);
    }
    fn choose_rate(&mut self, rate_hz: u32) {
        self.note(&rate_hz.to_string());
    }
    fn choose_buffer(&mut self, samples: Option<u32>) {
        self.note(&format!("{samples:?}"));
    }
    fn listen(&mut self, name: &str, on: bool) {
        self.note(&format!("{name} {on}"));
    }
    fn record(&mut self) -> Result<PathBuf, String> {
        self.note("record");
        Err("the disk is full".into())
    }
    fn stop(&mut self) -> Option<Result<PathBuf, String>> {
        None
    }
}

impl Asks {
    fn note(&self, asked: &str) {
        self.0.lock().unwrap().push(asked.to_owned());
    }
}

/// A panel, and the end of its session that plays.
struct Bench {
    harness: Harness<'static, Panel>,
    audio_end: AudioEnd,
}

impl Bench {
    fn new() -> Self {
        Self::with(Path::new("/nowhere/at/all"), None, egui::vec2(1_000.0, 640.0))
    }

    fn with(folder: &Path, rig: Option<Box<dyn Rig>>, size: Vec2) -> Self {
        let (session, audio_end) = Session::new();
        let desk = Desk::new(session, Box::new(Loose::default()), Library::in_folder(folder));
        let mut is_open = false;
        let app = move |ui: &mut Ui, panel: &mut Panel| {
            if !core::mem::replace(&mut is_open, true) {
                panel.opened(ui.ctx());
            }
            // The harness leaves a margin, a window does not.
            let window = ui.ctx().content_rect();
            let builder = egui::UiBuilder::new().max_rect(window).layer_id(ui.layer_id());
            let mut whole = ui.new_child(builder);
            whole.set_clip_rect(window);
            panel.ui(&mut whole);
        };
        let builder = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0).with_max_steps(60);
        let mut harness = builder.build_ui_state(app, Panel::new(desk, rig));
        harness.run();
        Self { harness, audio_end }
    }

    fn value(&self, id: ParamId) -> f32 {
        self.harness.state().desk.value(id)
    }

    fn session(&self) -> Arc<Session> {
        Arc::clone(&self.harness.state().desk.session)
    }

    fn has(&self, name: &str) -> bool {
        self.harness.query_by_label(name).is_some()
    }

    fn centre(&self, name: &str) -> Pos2 {
        self.harness.get_by_label(name).rect().center()
    }

    fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.harness.run();
    }

    fn click_at(&mut self, place: Pos2) {
        self.pointer(place, Some(true));
        self.pointer(place, Some(false));
    }

    /// Moves the pointer, and presses or lets go of its button.
    fn pointer(&mut self, place: Pos2, pressed: Option<bool>) {
        self.harness.event(egui::Event::PointerMoved(place));
        if let Some(pressed) = pressed {
            let modifiers = Modifiers::NONE;
            self.harness.event(egui::Event::PointerButton {
                pos: place,
                button: PointerButton::Primary,
                pressed,
                modifiers,
            });
        }
        self.harness.step();
        self.harness.step();
    }

    /// Drags from a place by some points, in steps.
    fn drag(&mut self, from: Pos2, by: Vec2) {
        self.pointer(from, Some(true));
        for step in 1..=10 {
            self.pointer(from + by * (step as f32 / 10.0), None);
        }
        self.pointer(from + by, Some(false));
    }

    fn key(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_ok();
    }

    fn focus(&mut self, name: &str) {
        self.harness.get_by_label(name).focus();
        self.harness.run_ok();
    }

    fn type_text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_ok();
    }

    /// Lets time go by: steps that are one gesture end.
    fn wait(&mut self) {
        self.harness.run_steps(60);
    }

    /// What was sent to the engine.
    fn sent(&mut self) -> Vec<EventKind> {
        let mut events: Vec<Event> = Vec::with_capacity(64);
        self.audio_end.gather(&mut events);
        events.into_iter().map(|event| event.kind).collect()
    }
}

#[test]
fn a_panel_may_move_to_the_thread_of_a_window() {
    fn is_send<T: Send>() {}
    is_send::<Panel>();
}

#[test]
fn everything_is_reachable_in_the_smallest_window() {
    let mut bench = Bench::with(Path::new("/nowhere"), None, grip::MIN_POINTS);
    for (tab, members) in
        [("Take", ["Chance", "Take"]), ("Shape", ["Formant", "Let go"]), ("Voice", ["Mode", "Output"])]
    {
        let tabs = bench.harness.get_by_role_and_label(egui::Role::Tab, tab).rect().center();
        bench.click_at(tabs);
        bench.harness.run();
        for name in members {
            let window = egui::Rect::from_min_size(Pos2::ZERO, grip::MIN_POINTS);
            let found: Vec<_> = bench.harness.query_all_by_label(name).collect();
            assert!(
                !found.is_empty() && found.iter().all(|node| window.contains_rect(node.rect())),
                "{name}"
            );
        }
    }
    for name in ["Previous", "Next", "Browse", "Learn", "Undo", "Redo", "Octave up"] {
        assert!(bench.has(name), "{name}");
    }
}

#[test]
fn the_grip_asks_for_the_size_that_it_is_drawn_to() {
    let mut bench = Bench::new();
    bench.drag(egui::pos2(995.0, 635.0), egui::vec2(50.0, 30.0));
    let size = bench.harness.ctx.content_rect().size();
    assert_eq!(size, egui::vec2(1_050.0, 670.0));
}

#[test]
fn a_panel_at_rest_is_drawn_four_times_a_second() {
    let bench = Bench::new();
    let delay = bench.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, RESTING);
}
