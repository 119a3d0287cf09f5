//! A panel with an engine behind it, and no window around.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use egui::{Event, Modifiers, PointerButton, Pos2, RawInput, Rect, Vec2, pos2, vec2};
use mynah::engine::{Engine, EngineConfig, ParamId, Params, PreparedModel};
use mynah::units::SampleRate;
use mynah_plugin::Knobs;
use mynah_plugin::library::Library;
use mynah_plugin::panel::{Desk, Panel, Rig, RigState};
use mynah_plugin::session::{AudioEnd, Session};

use crate::raster::Raster;

const SAMPLE_RATE: SampleRate = SampleRate(48_000.0);
const BLOCK_SAMPLES: usize = 480;
const PICTURE_SECONDS: f64 = 0.04;

/// Parameters that nobody else moves.
#[derive(Clone, Default)]
pub(crate) struct Loose(Arc<Mutex<Params>>);

impl Loose {
    fn with<T>(&self, act: impl FnOnce(&mut Params) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Knobs for Loose {
    fn value(&self, id: ParamId) -> f32 {
        self.with(|params| params.get(id))
    }
    fn begin(&self, _id: ParamId) {}
    fn set(&self, id: ParamId, value: f32) {
        self.with(|params| params.set(id, value));
    }
    fn end(&self, _id: ParamId) {}
}

/// Devices that are none.
pub(crate) struct Shown;

impl Rig for Shown {
    fn state(&self) -> RigState {
        RigState {
            devices: vec!["Studio interface".into(), "Built-in output".into()],
            device: Some("Studio interface".into()),
            rates_hz: vec![44_100, 48_000, 96_000],
            rate_hz: 48_000,
            buffers: vec![64, 128, 256, 512],
            buffer: Some(128),
            midi_inputs: vec!["Keystation 49".into(), "Seaboard".into()],
            midi_chosen: vec!["Seaboard".into()],
            num_late: 0,
            recorded_seconds: Some(73.2),
        }
    }
    fn refresh(&mut self) {}
    fn choose_device(&mut self, _name: &str) {}
    fn choose_rate(&mut self, _rate_hz: u32) {}
    fn choose_buffer(&mut self, _samples: Option<u32>) {}
    fn listen(&mut self, _name: &str, _on: bool) {}
    fn record(&mut self) -> Result<PathBuf, String> {
        Err("nothing is recorded here".into())
    }
    fn stop(&mut self) -> Option<Result<PathBuf, String>> {
        None
    }
}

/// A panel with an engine behind it, and no window around.
pub(crate) struct Scene {
    pub(crate) panel: Panel,
    context: egui::Context,
    raster: Raster,
    pub(crate) session: Arc<Session>,
    engine: Engine,
    audio_end: AudioEnd,
    pub(crate) params: Loose,
    pub(crate) size: Vec2,
    scale: f32,
    time: f64,
    /// Names that a screen reader says, and where they are.
    names: Vec<(String, Pos2)>,
}

impl Scene {
    pub(crate) fn new((width, height, scale): (f32, f32, f32), rig: Option<Box<dyn Rig>>) -> Self {
        let (session, audio_end) = Session::new();
        let prepared = PreparedModel::new(session.playing().model, SAMPLE_RATE);
        let (engine, handle) = Engine::new(EngineConfig { sample_rate: SAMPLE_RATE, seed: 1 }, prepared);
        session.attach(handle);
        let params = Loose::default();
        let library = Library::in_folder(std::env::temp_dir().join("mynah-pictures"));
        let desk = Desk::new(Arc::clone(&session), Box::new(params.clone()), library);
        let mut panel = Panel::new(desk, rig);
        let context = egui::Context::default();
        context.enable_accesskit();
        panel.opened(&context);
        let raster = Raster::default();
        let size = vec2(width, height);
        Self {
            panel,
            context,
            raster,
            session,
            engine,
            audio_end,
            params,
            size,
            scale,
            time: 0.0,
            names: Vec::new(),
        }
    }

    /// Plays for the time of a picture, and draws it; how long the panel and egui took.
    pub(crate) fn step(&mut self, events: Vec<Event>) -> (Vec<egui::ClippedPrimitive>, Duration) {
        self.play();
        self.time += PICTURE_SECONDS;
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size)),
            time: Some(self.time),
            events,
            focused: true,
            ..RawInput::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(self.scale);
        }
        let started = std::time::Instant::now();
        let panel = &mut self.panel;
        let mut output = self.context.run_ui(input, |ui| panel.ui(ui));
        let shapes = std::mem::take(&mut output.shapes);
        let primitives = self.context.tessellate(shapes, output.pixels_per_point);
        let took = started.elapsed();
        if let Some(update) = output.platform_output.accesskit_update.take() {
            self.names = update
                .nodes
                .iter()
                .filter_map(|(_, node)| {
                    let bounds = node.bounds()?;
                    let middle =
                        pos2(0.5 * (bounds.x0 + bounds.x1) as f32, 0.5 * (bounds.y0 + bounds.y1) as f32);
                    Some((node.label()?.to_owned(), middle))
                })
                .collect();
        }
        self.raster.take(std::mem::take(&mut output.textures_delta));
        (primitives, took)
    }

    fn play(&mut self) {
        for _ in 0..(PICTURE_SECONDS * f64::from(SAMPLE_RATE.0)) as usize / BLOCK_SAMPLES {
            let mut events = Vec::with_capacity(64);
            for spec in &mynah::engine::param::TABLE {
                let value = self.params.value(spec.id);
                let kind = mynah::engine::EventKind::Param { id: spec.id, value };
                events.push(mynah::engine::Event { offset_samples: 0, kind });
            }
            self.audio_end.gather(&mut events);
            let timer = self.audio_end.begin_block();
            let (mut left, mut right) = ([0.0; BLOCK_SAMPLES], [0.0; BLOCK_SAMPLES]);
            self.engine.process(&events, &mut left, &mut right);
            self.audio_end.end_block(timer, &left, &right, SAMPLE_RATE.0);
        }
    }

    pub(crate) fn steps(&mut self, num: usize) {
        for _ in 0..num {
            self.step(Vec::new());
        }
    }

    fn click(&mut self, place: Pos2) {
        let button = |pressed| Event::PointerButton {
            pos: place,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.step(vec![Event::PointerMoved(place)]);
        self.step(vec![button(true)]);
        self.step(vec![button(false)]);
        self.step(vec![Event::PointerMoved(pos2(2.0, 2.0))]);
        self.steps(12);
    }

    /// Presses what has a name, or else one that begins so.
    pub(crate) fn press(&mut self, name: &str) -> anyhow::Result<()> {
        let exact = self.names.iter().find(|(found, _)| found == name);
        let found = exact.or_else(|| self.names.iter().find(|(found, _)| found.starts_with(name)));
        let place = found.with_context(|| format!("nothing is called {name}"))?.1;
        self.click(place);
        Ok(())
    }

    pub(crate) fn save(&mut self, path: &Path) -> anyhow::Result<()> {
        let (primitives, _) = self.step(Vec::new());
        let size = [(self.size.x * self.scale) as usize, (self.size.y * self.scale) as usize];
        let image = self.raster.draw(&primitives, size, self.scale);
        let file = std::io::BufWriter::new(std::fs::File::create(path)?);
        let mut encoder = png::Encoder::new(file, size[0] as u32, size[1] as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let bytes: Vec<u8> =
            image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
        encoder.write_header()?.write_image_data(&bytes)?;
        Ok(())
    }
}
