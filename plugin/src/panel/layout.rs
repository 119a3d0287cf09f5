//! Where the parts of the panel are in a window of any size.

use egui::{Rect, Vec2, pos2, vec2};

use super::theme::GAP;

/// A window this wide and high shows all groups at once.
const ROOMY: Vec2 = vec2(880.0, 600.0);

/// Places of the parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Places {
    pub(super) header: Rect,
    pub(super) map: Rect,
    pub(super) groups: Groups,
    pub(super) keyboard: Rect,
}

/// Places of the groups of parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Groups {
    /// All are seen, and the scope.
    Open { take: Rect, shape: Rect, voice: Rect, scope: Rect },
    /// One is seen, behind tabs.
    Tabs(Rect),
}

/// Places in a window.
pub(super) fn places(window: Rect) -> Places {
    if window.width() < ROOMY.x || window.height() < ROOMY.y { small(window) } else { roomy(window) }
}

fn small(window: Rect) -> Places {
    let inside = window.shrink(GAP - 2.0);
    let header = inside.with_max_y(inside.top() + 40.0);
    let keyboard = inside.with_min_y(inside.bottom() - (0.17 * window.height()).clamp(64.0, 100.0));
    let middle = between(inside, header, keyboard);
    let width = (0.48 * middle.width()).clamp(296.0, 400.0);
    let groups = Groups::Tabs(middle.with_min_x(middle.right() - width));
    Places { header, map: middle.with_max_x(middle.right() - width - GAP), groups, keyboard }
}

fn roomy(window: Rect) -> Places {
    let inside = window.shrink(GAP + 2.0);
    let header = inside.with_max_y(inside.top() + 42.0);
    let keyboard = inside.with_min_y(inside.bottom() - (0.135 * window.height()).clamp(84.0, 132.0));
    let middle = between(inside, header, keyboard);
    let voice_height = (0.17 * window.height()).clamp(106.0, 150.0);
    let voice = middle.with_min_y(middle.bottom() - voice_height);
    let upper = middle.with_max_y(voice.top() - GAP);
    let column = (0.17 * window.width()).clamp(166.0, 236.0);
    let take = upper.with_max_x(upper.left() + column);
    let right = upper.with_min_x(upper.right() - column);
    // Three rows of the four that the other column has: what is left is for the scope.
    let shape = right.with_max_y(right.top() + 0.76 * right.height());
    let scope = right.with_min_y(shape.bottom() + GAP);
    let map =
        Rect::from_min_max(pos2(take.right() + GAP, upper.top()), pos2(right.left() - GAP, upper.bottom()));
    Places { header, map, groups: Groups::Open { take, shape, voice, scope }, keyboard }
}

fn between(inside: Rect, header: Rect, keyboard: Rect) -> Rect {
    inside.with_min_y(header.bottom() + GAP - 2.0).with_max_y(keyboard.top() - GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_in_the_window_and_beside_each_other_at_every_size() {
        for size in [[640.0, 400.0], [879.0, 900.0], [880.0, 600.0], [1_000.0, 640.0], [2_560.0, 1_440.0]] {
            let window = Rect::from_min_size(pos2(0.0, 0.0), size.into());
            let places = places(window);
            let mut parts = vec![places.header, places.map, places.keyboard];
            match places.groups {
                Groups::Open { take, shape, voice, scope } => parts.extend([take, shape, voice, scope]),
                Groups::Tabs(tabs) => parts.push(tabs),
            }
            for (idx, part) in parts.iter().enumerate() {
                assert!(
                    window.contains_rect(*part) && 40.0 <= part.width().min(part.height()),
                    "{size:?}: {part:?}"
                );
                for other in &parts[..idx] {
                    assert!(!part.intersects(*other), "{size:?}: {part:?} and {other:?}");
                }
            }
        }
    }
}
