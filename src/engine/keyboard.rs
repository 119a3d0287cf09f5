//! The keys that are down, in their order: what a voice in mono goes back to.

use super::event::{NoteAddress, NoteOn};

/// Most keys remembered; a player has ten fingers.
const MAX_KEYS: usize = 32;

/// Keys that are down, the latest last.
#[derive(Clone, Debug)]
pub(super) struct Keyboard {
    keys: [NoteOn; MAX_KEYS],
    num_keys: usize,
}

impl Keyboard {
    pub(super) fn new() -> Self {
        let none = NoteOn { channel: 0, key: 0, note_id: None, velocity: 0.0 };
        Self { keys: [none; MAX_KEYS], num_keys: 0 }
    }

    /// A key goes down; the one down longest is forgotten if there are too many.
    pub(super) fn press(&mut self, on: NoteOn) {
        self.lift(&NoteAddress::of_key(on.channel, on.key));
        if self.num_keys == MAX_KEYS {
            self.keys.copy_within(1.., 0);
            self.num_keys -= 1;
        }
        self.keys[self.num_keys] = on;
        self.num_keys += 1;
    }

    /// Keys come up.
    pub(super) fn lift(&mut self, address: &NoteAddress) {
        self.keep(|key| !address.means(key));
    }

    /// Keys of which this does not hold come up.
    pub(super) fn keep(&mut self, holds: impl Fn(&NoteOn) -> bool) {
        let mut kept = 0;
        for idx in 0..self.num_keys {
            if holds(&self.keys[idx]) {
                self.keys[kept] = self.keys[idx];
                kept += 1;
            }
        }
        self.num_keys = kept;
    }

    /// All keys come up.
    pub(super) fn clear(&mut self) {
        self.num_keys = 0;
    }

    /// The key pressed last of those down.
    pub(super) fn latest(&self) -> Option<NoteOn> {
        self.num_keys.checked_sub(1).map(|idx| self.keys[idx])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(key: u8) -> NoteOn {
        NoteOn { channel: 0, key, note_id: None, velocity: 1.0 }
    }

    #[test]
    fn the_latest_key_down_is_the_one_to_go_back_to() {
        let mut keyboard = Keyboard::new();
        for key in [60, 64, 67] {
            keyboard.press(on(key));
        }
        keyboard.lift(&NoteAddress::of_key(0, 64));
        assert_eq!(keyboard.latest(), Some(on(67)));
        keyboard.lift(&NoteAddress::of_key(0, 67));
        assert_eq!(keyboard.latest(), Some(on(60)));
        keyboard.clear();
        assert_eq!(keyboard.latest(), None);
    }

    #[test]
    fn too_many_keys_forget_the_oldest() {
        let mut keyboard = Keyboard::new();
        for key in 0..100 {
            keyboard.press(on(key));
        }
        for key in (69..100).rev() {
            assert_eq!(keyboard.latest(), Some(on(key)));
            keyboard.lift(&NoteAddress::of_key(0, key));
        }
        assert_eq!(keyboard.latest(), Some(on(68)));
    }
}
