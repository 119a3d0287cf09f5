"""The application in a real window: mouse, keyboard, what is dropped on it, its size and its end.

Every claim has a window of its own, on a screen that nobody sees; what it did is read in the settings, which are written
while it runs, in what it recorded, or in its pixels.
"""

import json
import shutil
import time

import numpy as np
import pytest

import measure_wav
import stage
from stage import until

pytestmark = pytest.mark.skipif(not stage.is_possible(), reason="needs Linux, Xvfb, xdotool and MYNAH_APP")

# Places in a window of `stage.SIZE`, points.
BROWSE, NAME, MAP = (382, 33), (160, 14, 284, 52), (500, 237)
CHANCE, CHANCE_VALUE = (58, 129), (58, 157)
KEY_C4 = (620, 605)
SCOPE = (818, 338, 988, 413)
BANNER, DISMISS = (500, 72), (777, 90)
# What can be pressed while learning, below the bar and left of the curve.
BUTTONS = (205, 303, 565, 402)

ACCENT, ERROR_GROUND = (0xF5, 0xA9, 0x3B), (0x35, 0x1A, 0x18)

# Silence of a recording: far below the softest of a voice.
SILENCE = 1e-4


@pytest.fixture(scope="module")
def screen():
    with stage.screen() as made:
        yield made


@pytest.fixture
def app(screen, tmp_path):
    with stage.app(screen, tmp_path) as made:
        yield made


def is_coloured(app, place, colour, tolerance=8):
    at = app.picture().getpixel(tuple(app.pixels(*place)))
    return max(abs(a - b) for a, b in zip(at, colour)) <= tolerance


def main_button(app):
    """The middle of the button that stands out while learning, if one does."""
    left, top, right, bottom = BUTTONS
    pixels = np.asarray(app.picture().crop(app.pixels(*BUTTONS))).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - ACCENT).max(axis=2) <= 8)
    # A word in the same colour has fewer pixels.
    return (left + columns.mean(), top + rows.mean()) if 500 < len(rows) else None


def sounds(path):
    """How many times there is sound, with a quarter of a second of silence between."""
    channels, rate, samples = measure_wav.read(path)
    samples = np.array(samples)
    piece = rate * channels // 4
    loud = [SILENCE < np.abs(samples[at : at + piece]).max() for at in range(0, len(samples), piece)]
    return sum(here and not before for before, here in zip([False, *loud], loud))


def it_finds_a_model_by_a_few_letters(app):
    app.click(*BROWSE)
    app.type("vio")
    app.key("Return")
    until("the violin", lambda: app.settings().get("model") == {"factory": "violin"})


def it_turns_a_knob_by_a_drag_and_back_by_a_double_click(app):
    before = until("the settings", lambda: app.param("chance"))
    x, y = CHANCE
    app.drag(x, y, x, y + 80)
    until("a lower value", lambda: 0.0 < app.param("chance") < before - 0.2)
    app.click(x, y, times=2)
    until("the default", lambda: app.param("chance") == before)


def it_undoes_and_does_again_by_keys(app):
    before = until("the settings", lambda: app.param("chance"))
    x, y = CHANCE
    app.drag(x, y, x, y + 80)
    until("a lower value", lambda: app.param("chance") < before)
    app.key("ctrl+z")
    until("the value before", lambda: app.param("chance") == before)
    app.key("ctrl+shift+z")
    until("the lower value again", lambda: app.param("chance") < before)


def it_takes_a_value_that_is_typed(app):
    app.click(*CHANCE_VALUE)
    app.type("0.25")
    app.key("Return")
    until("the value", lambda: app.param("chance") == 0.25)


def it_steers_by_a_drag_on_the_map_and_lets_go_by_a_double_click(app):
    x, y = MAP
    app.drag(x, y, x + 140, y - 80)
    until("the place", lambda: app.param("steer") and 0.2 < app.param("steer-x") and 0.2 < app.param("steer-y"))
    app.click(x + 140, y - 80, times=2)
    until("the sound to go its own way", lambda: app.param("steer") == 0.0)


def it_sounds_while_keys_are_held_by_mouse_and_by_keyboard_and_never_else(screen, tmp_path):
    recording = tmp_path / "heard.wav"
    with stage.app(screen, tmp_path, "--record", recording) as app:
        time.sleep(0.5)
        app.press(*KEY_C4)
        time.sleep(0.7)
        app.let_go()
        time.sleep(1.0)
        screen.xdotool("keydown", "g")
        time.sleep(0.7)
        screen.xdotool("keyup", "g")
        time.sleep(1.0)
        assert app.close() == 0
    assert sounds(recording) == 2


def it_learns_a_folder_that_is_dropped_and_saves_it(app, tmp_path):
    folder = tmp_path / "Fiddle"
    folder.mkdir()
    for file in sorted((stage.ASSETS / "corpus" / "violin").glob("*.flac"))[:3]:
        shutil.copy(file, folder)
    before = app.picture().crop(NAME)
    dropped = app.drop(folder)
    assert dropped.returncode == 0, dropped.stdout + dropped.stderr
    until("the panel again", lambda: app.picture().crop(NAME) == before)
    until("a first version", lambda: app.picture().crop(NAME) != before, seconds=stage.LEARNING_SECONDS)
    stop = until("a way to stop", lambda: main_button(app))
    app.click(*stop)

    def save():
        # Right of where the other was, beside the name.
        button = main_button(app)
        return button if button and stop[0] + 100 < button[0] else None

    app.click(*until("the end of learning", save, seconds=stage.LEARNING_SECONDS))
    saved = app.data / "models" / "Fiddle.mynah"
    until("the model", lambda: app.settings().get("model") == {"file": str(saved)})
    assert 10_000 < saved.stat().st_size
    assert app.close() == 0


def it_says_that_a_model_is_damaged_and_plays_on(app, tmp_path):
    playing = until("the settings", lambda: app.settings().get("model"))
    whole = (stage.ASSETS / "models" / "violin.mynah").read_bytes()
    damaged = tmp_path / "damaged.mynah"
    damaged.write_bytes(whole[: len(whole) // 2])
    app.drop(damaged)
    until("a notice", lambda: is_coloured(app, BANNER, ERROR_GROUND))
    app.click(*DISMISS)
    until("no notice", lambda: not is_coloured(app, BANNER, ERROR_GROUND))
    assert app.close() == 0
    assert app.settings()["model"] == playing


@pytest.mark.parametrize("scale", [1.0, 1.5])
def it_leaves_nothing_stale_where_it_draws_only_what_has_changed(tmp_path, scale):
    with stage.screen(scale=scale) as screen, stage.app(screen, tmp_path) as app:
        # Things come and go: trails and levels, what lies over the rest, another size, a knob.
        app.press(*KEY_C4)
        time.sleep(1.0)
        app.let_go()
        app.click(*BROWSE)
        app.type("vio")
        app.key("Return")
        until("the violin", lambda: app.settings().get("model") == {"factory": "violin"})
        screen.xdotool("windowsize", "--sync", app.window.id, *app.pixels(900, 560))
        x, y = MAP
        app.drag(x, y, x + 60, y - 40)
        screen.xdotool("windowsize", "--sync", app.window.id, *app.pixels(*stage.SIZE))
        app.drag(*CHANCE, CHANCE[0], CHANCE[1] + 40)
        # Where nothing answers to the pointer, until all is at rest.
        app.move(600, 426)
        app.press(600, 426)
        app.let_go()
        time.sleep(3.0)
        piecewise = app.picture()
        # The wave comes to rest later.
        piecewise.paste(0, app.pixels(*SCOPE))
        # The window is told that it lost its picture: it draws all of it.
        app.window.clear_area(exposures=True)
        screen.x11.sync()
        time.sleep(2.0)
        at_once = app.picture()
        at_once.paste(0, app.pixels(*SCOPE))
        assert len(at_once.resize((100, 64)).getcolors(6_400)) > 50, "it draws again"
        difference = np.abs(np.asarray(piecewise).astype(int) - np.asarray(at_once).astype(int))
        assert difference.max() == 0, f"{np.count_nonzero(difference.max(axis=2))} pixels differ"
        assert app.close() == 0


@pytest.mark.parametrize("size", [(640, 400), (1600, 1000)])
def it_remembers_its_size(screen, tmp_path, size):
    with stage.app(screen, tmp_path) as app:
        screen.xdotool("windowsize", "--sync", app.window.id, *size)
        until("the new size", lambda: app.settings().get("window") == list(size))
        assert app.close() == 0
    with stage.app(screen, tmp_path) as app:
        assert app.picture().size == size
        assert app.close() == 0


def it_ends_with_its_window_and_remembers_everything(screen, tmp_path):
    with stage.app(screen, tmp_path, "Violin") as app:
        app.click(*CHANCE_VALUE)
        app.type("0.5")
        app.key("Return")
        # At once: what is not written yet is written at the end.
        assert app.close() == 0, app.log.read_text()
        settings = json.loads((app.config / "app.json").read_text())
    assert settings["mynah_app"] == 1 and len(settings["params"]) == 24
    assert settings["model"] == {"factory": "violin"} and settings["params"]["chance"] == 0.5
    assert settings["device"] is None, "a run on the null output is no wish for it"


def it_ends_in_the_midst_of_learning(app):
    app.drop(stage.ASSETS / "corpus" / "violin")
    time.sleep(0.5)
    assert app.close() == 0, app.log.read_text()


def it_is_as_large_in_points_on_a_screen_of_twice_the_pixels(tmp_path):
    with stage.screen(scale=2.0) as screen, stage.app(screen, tmp_path) as app:
        assert app.picture().size == tuple(2 * points for points in stage.SIZE)
        x, y = CHANCE
        app.drag(x, y, x, y + 80)
        until("a lower value", lambda: (app.param("chance") or 1.0) < 0.6)
