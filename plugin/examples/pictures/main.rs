//! Pictures of the panel in its states, drawn without a window: `cargo run --example pictures -- FOLDER [STATE]`.

#![expect(clippy::print_stdout, reason = "it is run by hand, to be read")]

mod raster;
mod scene;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use egui::{Event, Modifiers};
use mynah::engine::ParamId;
use mynah_plugin::Knobs as _;
use mynah_plugin::panel::Rig;
use mynah_plugin::session::{LearnRequest, LearningPhase, Notice, Playing};

use scene::{Scene, Shown};

/// Sizes in points, and pixels a point.
const WINDOWS: [(f32, f32, f32); 4] =
    [(640.0, 400.0, 2.0), (1_000.0, 640.0, 1.0), (1_000.0, 640.0, 1.5), (1_600.0, 1_000.0, 1.0)];

/// The states that are drawn.
const STATES: [&str; 12] = [
    "fresh", "playing", "learning", "finished", "failed", "card", "browser", "settings", "notice", "focus",
    "menu", "voice",
];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("give a folder for the pictures")?);
    let wanted: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder)?;
    for state in STATES {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == state) {
            continue;
        }
        // Learning takes its time: two windows are enough of it.
        let num_windows = if matches!(state, "learning" | "finished") { 2 } else { WINDOWS.len() };
        for window in WINDOWS.into_iter().take(num_windows) {
            let rig: Option<Box<dyn Rig>> = (state != "fresh").then(|| Box::new(Shown) as Box<dyn Rig>);
            let mut scene = Scene::new(window, rig);
            scene.steps(4);
            show(&mut scene, state)?;
            let (width, height, scale) = window;
            scene.save(&folder.join(format!("{state}-{width}x{height}@{scale}.png")))?;
        }
    }
    Ok(())
}

fn show(scene: &mut Scene, state: &str) -> anyhow::Result<()> {
    match state {
        "playing" => play_eight(scene),
        "learning" | "finished" => learn(scene, state == "finished"),
        "failed" => {
            let paths = vec![std::env::temp_dir().join("there is nothing here")];
            scene.session.learn(LearnRequest { paths, name: "Nothing".into() });
            while scene.session.learning().phase.is_busy() {
                scene.steps(1);
            }
            scene.steps(2);
        }
        "card" => scene.press("Model ")?,
        "browser" => scene.press("Browse")?,
        "menu" => scene.press("Learn")?,
        // Where the window is small, the groups are behind tabs.
        "voice" => scene.press("Voice")?,
        "settings" => scene.press("Settings")?,
        "notice" => {
            scene
                .session
                .tell(Notice::error("cannot load old.mynah: it is of format 9, this Mynah reads up to 1"));
            scene.steps(2);
        }
        "focus" => {
            for _ in 0..11 {
                scene.step(vec![Event::Key {
                    key: egui::Key::Tab,
                    physical_key: None,
                    pressed: true,
                    repeat: false,
                    modifiers: Modifiers::NONE,
                }]);
                scene.step(Vec::new());
            }
        }
        _ => {}
    }
    Ok(())
}

/// Eight voices, steered; says what a picture costs.
fn play_eight(scene: &mut Scene) {
    if let Some(violin) = Playing::factory("violin") {
        scene.session.play(violin);
    }
    for (id, value) in [(ParamId::Steer, 0.6), (ParamId::SteerX, 0.35), (ParamId::SteerY, -0.3)] {
        scene.params.set(id, value);
    }
    scene.steps(4);
    for key in [55, 59, 62, 67, 69, 71, 74, 76] {
        scene.panel.desk.press(key, 0.8);
    }
    scene.steps(30);
    let num = 100;
    let took: Duration = (0..num).map(|_| scene.step(Vec::new()).1).sum();
    let voices = scene.session.meters().map_or(0, |meters| meters.num_voices());
    println!(
        "{}: {voices} voices, {:.2} ms a picture",
        scene.size,
        1e3 * took.as_secs_f64() / f64::from(num)
    );
}

/// Learns the violin of the factory's corpus for a few seconds.
fn learn(scene: &mut Scene, to_the_end: bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/corpus/violin");
    scene.session.learn(LearnRequest { paths: vec![folder], name: "violin".into() });
    let started = std::time::Instant::now();
    while scene.session.learning().num_snapshots < 1 && started.elapsed() < Duration::from_secs(90) {
        std::thread::sleep(Duration::from_millis(50));
        scene.steps(1);
    }
    if to_the_end {
        scene.session.stop_learning();
        while scene.session.learning().phase.is_busy() {
            std::thread::sleep(Duration::from_millis(50));
            scene.steps(1);
        }
        debug_assert!(
            !matches!(scene.session.learning().phase, LearningPhase::Failed(_)),
            "the violin is learned"
        );
    }
    scene.steps(2);
}
