"""Pictures of the application in its window, each state at three scales. `cargo xtask screenshots` runs it.

    python3 screenshots.py FOLDER     with MYNAH_APP naming the application

Writes STATE@SCALE.png. The states are listed at the end.
"""

import pathlib
import shutil
import sys
import tempfile
import time

from PIL import Image

import stage
from stage import until

SCALES = (1, 1.5, 2)

# A picture of few hues loses little that is seen in 256 colours, and three quarters of its bytes.
NUM_COLOURS = 256

# The one that the README shows keeps every shade of its ground, for three times the bytes.
FINE = "playing@2"

# Places, points.
NAME, CURVE = (222, 26), (574, 276, 786, 370)
ACCENT, ERROR = (0xF5, 0xA9, 0x3B), (0xF2, 0x74, 0x64)

# When all four voices of the round sing.
ROUND_SECONDS = 15.0


def num_accents(app, box):
    """How many pixels of a box have the accent's colour."""
    colours = app.picture().crop(app.pixels(*box)).getcolors(1 << 22)
    return sum(num for num, at in colours if max(abs(a - b) for a, b in zip(at, ACCENT)) <= 12)


def empty(on, folder):
    with stage.app(on, folder) as app:
        return settled(app)


def playing(on, folder):
    with stage.app(on, folder, "Voice", "--play", stage.ASSETS / "tunes" / "round.mid") as app:
        time.sleep(ROUND_SECONDS)
        return settled(app)


def learning(on, folder):
    recordings = pathlib.Path(folder) / "Fiddle"
    recordings.mkdir()
    for file in sorted((stage.ASSETS / "corpus" / "violin").glob("*.flac"))[:6]:
        shutil.copy(file, recordings)
    song = stage.ASSETS / "tunes" / "round.mid"
    with stage.app(on, folder, "Voice", "--play", song) as app:
        app.drop(recordings)
        until("a curve", lambda: 100 < num_accents(app, CURVE), seconds=stage.LEARNING_SECONDS)
        return settled(app)


def card(on, folder):
    with stage.app(on, folder, "Violin") as app:
        app.click(*NAME)
        return settled(app)


def error(on, folder):
    whole = (stage.ASSETS / "models" / "violin.mynah").read_bytes()
    damaged = pathlib.Path(folder) / "damaged.mynah"
    damaged.write_bytes(whole[: len(whole) // 2])
    with stage.app(on, folder) as app:
        app.drop(damaged)
        return settled(app)


def settled(app):
    """The picture, once the pointer is out of it and no hint is shown."""
    app.move(995, 415)
    time.sleep(0.6)
    return app.picture()


def fine(picture):
    """Its colours by how many pixels they have, and those that few have but all see."""
    rare = [*ACCENT, *ERROR]
    palette = picture.quantize(NUM_COLOURS - len(rare) // 3, Image.Quantize.MEDIANCUT)
    palette.putpalette(palette.getpalette()[: 3 * NUM_COLOURS - len(rare)] + rare)
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def main(folder):
    total = 0
    for file in pathlib.Path(folder).glob("*@*.png"):
        file.unlink()
    for scale in SCALES:
        for state in (empty, playing, learning, card, error):
            with stage.screen(scale) as on, tempfile.TemporaryDirectory() as temporary:
                picture = state(on, temporary)
            path = pathlib.Path(folder) / f"{state.__name__}@{scale}.png"
            few = fine(picture) if path.stem == FINE else picture.quantize(NUM_COLOURS, Image.Quantize.FASTOCTREE)
            few.save(path, optimize=True)
            total += path.stat().st_size
            print(f"{path.name}: {picture.width} by {picture.height}, {path.stat().st_size // 1000} kB", flush=True)
    print(f"{total // 1000} kB in all")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
