//! The panel: what a player sees and does.
//!
//! Reading order: what a player does, without drawing (`desk`), what the application alone has (`rig`); how all looks
//! (`theme`, `icon`) and where it is (`layout`); what moves a parameter (`handle`) in the controls (`knob`, `number`,
//! `switch`, `choice`, `value`, joined in `control` and `group`); the map (`cloud`, `trails`, `map`); the keyboard
//! (`keyboard`, `computer_keys`, `pitch_name`); what is heard (`meter`, `scope`); the line at the top (`header`); what
//! lies over the rest (`overlay`, `browser`, `card`, `curve`, `settings`, `tuning`, `learning`, `notice`, `drop`, `dialog`).

mod browser;
mod button;
mod card;
mod choice;
mod cloud;
mod computer_keys;
mod control;
mod curve;
mod desk;
mod dialog;
mod drop;
mod grip;
mod group;
mod handle;
mod header;
mod icon;
mod keyboard;
mod knob;
mod layout;
mod learning;
#[cfg(test)]
mod loose;
mod map;
mod meter;
mod notice;
mod number;
mod overlay;
mod pitch_name;
mod rig;
mod scope;
mod settings;
mod switch;
mod theme;
mod trails;
mod tuning;
mod value;

use core::time::Duration;

use egui::{Context, Key, KeyboardShortcut, Modifiers, Rect, Ui};
use mynah::engine::param::Group;

pub use desk::Desk;
pub use rig::{Rig, RigState};

use browser::Browser;
use computer_keys::ComputerKeys;
use dialog::Dialog;
use header::{Asked, Shown, header};
use keyboard::Keyboard;
use layout::{Groups, places};
use learning::LearningSheet;
use map::Map;
use meter::Meter;
use notice::Banner;
use overlay::Overlay;
use scope::Scope;
use settings::Settings;

use crate::session::{Learning, Notice, Playing};

/// Time between two pictures while something moves, while learning goes on, which needs the processor itself, and while
/// nothing does.
const MOVING: Duration = Duration::from_millis(33);
const LEARNING: Duration = Duration::from_millis(100);
const RESTING: Duration = Duration::from_millis(250);

const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
const REDO: [KeyboardShortcut; 2] = [
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
    KeyboardShortcut::new(Modifiers::COMMAND, Key::Y),
];

/// The panel of one instance. All methods are for the thread of the window.
pub struct Panel {
    /// What the player does.
    pub desk: Desk,
    /// Devices and recorder, in the application.
    rig: Option<Box<dyn Rig>>,
    map: Map,
    /// The group that is seen where there is no room for all.
    tab: Group,
    keyboard: Keyboard,
    computer_keys: ComputerKeys,
    meter: Meter,
    scope: Scope,
    overlay: Option<Overlay>,
    browser: Browser,
    settings: Settings,
    learning: LearningSheet,
    banner: Banner,
    dialog: Dialog,
}

impl Panel {
    /// The panel of an instance; in the application, with its devices.
    pub fn new(desk: Desk, rig: Option<Box<dyn Rig>>) -> Self {
        Self {
            desk,
            rig,
            map: Map::default(),
            tab: Group::Take,
            keyboard: Keyboard::default(),
            computer_keys: ComputerKeys::default(),
            meter: Meter::default(),
            scope: Scope::default(),
            overlay: None,
            browser: Browser::default(),
            settings: Settings::default(),
            learning: LearningSheet::default(),
            banner: Banner::default(),
            dialog: Dialog::default(),
        }
    }

    /// A window shows it from now on.
    pub fn opened(&mut self, context: &Context) {
        theme::install(context);
        self.desk.session.look(true);
    }

    /// Draws the whole window, and does what the player did since the last picture.
    pub fn ui(&mut self, ui: &mut Ui) {
        let window = ui.max_rect();
        self.before(ui);
        let playing = self.desk.session.playing();
        let learning = self.desk.session.learning();
        ui.painter().rect_filled(window, 0, theme::BACKGROUND);
        let places = places(window);
        self.header(ui, &playing, places.header);
        self.map.show(ui, &mut self.desk, &playing, places.map);
        match places.groups {
            Groups::Open { take, shape, voice, scope } => {
                group::group(ui, &mut self.desk, Group::Take, take, 2);
                group::group(ui, &mut self.desk, Group::Shape, shape, 2);
                group::group(ui, &mut self.desk, Group::Voice, voice, 12);
                self.scope.show(ui, scope);
            }
            Groups::Tabs(rect) => group::tabs(ui, &mut self.desk, &mut self.tab, rect, 4),
        }
        self.keyboard.show(ui, &self.desk, &playing.model, places.keyboard);
        self.learning.show(ui, &mut self.desk, &learning, places.map);
        self.banner.show(ui, &self.desk, places.map.shrink(theme::NEAR));
        grip::grip(ui, window);
        self.overlays(ui, &playing);
        drop::take_dropped(ui, &mut self.desk);
        self.ask_for_next(ui, &learning);
    }

    /// The window is closed. A learning that goes on ends and keeps the best so far.
    pub fn closed(&mut self) {
        self.desk.end();
        self.keyboard.release(&self.desk);
        self.computer_keys.release(&self.desk);
        self.desk.session.look(false);
        self.desk.session.stop_learning();
    }

    /// What came since the last picture.
    fn before(&mut self, ui: &mut Ui) {
        let now = ui.input(|input| input.time);
        self.desk.session.tend();
        self.desk.settle(now);
        if let Some(paths) = self.dialog.poll() {
            self.desk.take_files(paths);
        }
        if !ui.ctx().text_edit_focused() {
            if REDO.iter().any(|keys| ui.input_mut(|input| input.consume_shortcut(keys))) {
                self.desk.redo();
            } else if ui.input_mut(|input| input.consume_shortcut(&UNDO)) {
                self.desk.undo();
            }
        }
        if self.rig.is_some() {
            self.computer_keys.play(ui.ctx(), &self.desk, &mut self.keyboard);
        }
        self.scope.take(&self.desk);
        let peaks = self.desk.session.meters().map_or([0.0; 2], |meters| meters.take_peaks());
        self.meter.take(peaks, now);
    }

    fn header(&mut self, ui: &mut Ui, playing: &Playing, rect: Rect) {
        let now = ui.input(|input| input.time);
        let rig = self.rig.as_deref().map(|rig| self.settings.state(rig, now));
        let shown = Shown { playing, rig, meter: &self.meter };
        match header(ui, &mut self.desk, &mut self.dialog, &shown, rect) {
            Some(Asked::Open(overlay)) => {
                if overlay == Overlay::Browser {
                    self.browser.open(&self.desk);
                }
                self.overlay = Some(overlay);
            }
            Some(Asked::Record) => self.record(),
            None => {}
        }
    }

    fn overlays(&mut self, ui: &Ui, playing: &Playing) {
        let closes = match self.overlay {
            Some(Overlay::Browser) => self.browser.show(ui, &mut self.desk, &mut self.dialog),
            Some(Overlay::Card) => card::card(ui, playing.name(), &playing.model.card),
            Some(Overlay::Settings) => {
                self.settings.show(ui, &self.desk, &mut self.dialog, self.rig.as_deref_mut())
            }
            None => true,
        };
        if closes {
            self.overlay = None;
        }
    }

    fn record(&mut self) {
        let Some(rig) = self.rig.as_deref_mut() else { return };
        let notice = if rig.state().recorded_seconds.is_none() {
            rig.record().err().map(|error| Notice::error(format!("not recorded: {error}")))
        } else {
            rig.stop().map(|stopped| match stopped {
                Ok(path) => Notice::done(format!("recorded to {}", path.display())),
                Err(error) => Notice::error(format!("the recording is not whole: {error}")),
            })
        };
        self.settings.look_again();
        if let Some(notice) = notice {
            self.desk.session.tell(notice);
        }
    }

    /// The next picture comes soon while something moves.
    fn ask_for_next(&self, ui: &Ui, learning: &Learning) {
        let sounds = self.desk.session.meters().is_some_and(|meters| 0 < meters.num_voices());
        let moves = sounds || self.map.is_moving() || self.meter.is_moving() || self.scope.is_moving();
        let pause = match (moves, learning.phase.is_busy()) {
            (true, _) => MOVING,
            (false, true) => LEARNING,
            (false, false) => RESTING,
        };
        ui.ctx().request_repaint_after(pause);
    }
}

#[cfg(test)]
mod tests;
