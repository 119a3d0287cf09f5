"""A screen that nobody sees, and the application on it: what the claims of `in_window.py` and the pictures of
`screenshots.py` have in common. Needs Xvfb, xdotool, python-xlib and Pillow.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from PIL import Image
from Xlib import X, Xatom, display
from Xlib.error import XError
from Xlib.protocol import event

HERE = pathlib.Path(__file__).parent
ASSETS = HERE.parent.parent / "assets"

APP = os.environ.get("MYNAH_APP")

# Room for a window of 1,600 by 1,000 points, and for one of 1,000 by 640 at twice the scale.
SCREEN = "2100x1400x24"

# Many times what anything takes when nothing else runs.
PATIENCE_SECONDS = 20.0

# Learning comes after all else that runs: on a machine with other work it may take its time, and so may its end.
LEARNING_SECONDS = 300.0

# Size of the window that the places below and those of the claims are in, points.
SIZE = (1000, 640)


def is_possible():
    """Is all there that a window needs?"""
    return sys.platform == "linux" and bool(APP) and all(shutil.which(tool) for tool in ("Xvfb", "xdotool"))


def until(what, claim, seconds=PATIENCE_SECONDS):
    """Waits for `claim` to come true; its value. Fails with `what` was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        got = claim()
        if got:
            return got
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


class Screen:
    """An X server without a screen, at a scale."""

    def __init__(self, scale=1.0):
        self.scale = scale
        reads, writes = os.pipe()
        command = ["Xvfb", "-displayfd", str(writes), "-screen", "0", SCREEN, "-nolisten", "tcp"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.server = subprocess.Popen(command, pass_fds=[writes], **quiet)
        os.close(writes)
        with os.fdopen(reads) as told:
            number = told.readline().strip()
        assert number, "Xvfb does not start"
        self.name = f":{number}"
        self.x11 = display.Display(self.name)
        # As desktops tell it; the server forgets it with its last client, which is this one.
        resources = f"Xft.dpi:\t{round(96 * scale)}\n".encode()
        self.root = self.x11.screen().root
        self.root.change_property(Xatom.RESOURCE_MANAGER, Xatom.STRING, 8, resources)
        self.x11.sync()

    def close(self):
        self.x11.close()
        self.server.terminate()
        self.server.wait()

    def environment(self):
        return {**os.environ, "DISPLAY": self.name, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def xdotool(self, *words):
        command = ["xdotool", *map(str, words)]
        subprocess.run(command, env=self.environment(), check=True, timeout=PATIENCE_SECONDS)


class App:
    """The application in its window, with settings and a library of its own. Places are in points of the window."""

    def __init__(self, screen, folder, *arguments, size=SIZE):
        self.screen, self.folder = screen, pathlib.Path(folder)
        self.config, self.data = self.folder / "config", self.folder / "data"
        if size and not self.config.exists():
            self.config.mkdir(parents=True)
            (self.config / "app.json").write_text(json.dumps({"window": size}))
        environment = {
            **screen.environment(),
            "MYNAH_CONFIG": str(self.config),
            "MYNAH_DATA": str(self.data),
            "HOME": str(self.folder),
        }
        self.log = self.folder / "log.txt"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [APP, "--backend", "null", *map(str, arguments)], env=environment, cwd=self.folder, stderr=log
            )
        self.window = until("the window", self.find)
        until("the first picture", lambda: 50 < len(self.picture().resize((100, 64)).getcolors(6_400)))
        # There is no window manager to give it the keyboard.
        self.screen.xdotool("windowfocus", "--sync", self.window.id)

    def find(self):
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(XError):
            for window in self.screen.root.query_tree().children:
                shown = window.get_attributes().map_state == X.IsViewable
                if shown and window.get_wm_name() == "Mynah":
                    return window
        return None

    def picture(self):
        shape = self.window.get_geometry()
        got = self.window.get_image(0, 0, shape.width, shape.height, X.ZPixmap, 0xFFFFFFFF)
        return Image.frombytes("RGB", (shape.width, shape.height), got.data, "raw", "BGRX")

    def pixels(self, *points):
        return [round(self.screen.scale * point) for point in points]

    def move(self, x, y):
        self.screen.xdotool("mousemove", "--window", self.window.id, *self.pixels(x, y))

    def click(self, x, y, times=1):
        self.move(x, y)
        # The window sees where the pointer is before it sees the press.
        time.sleep(0.1)
        self.screen.xdotool("click", "--repeat", times, "--delay", 60, 1)
        time.sleep(0.1)

    def press(self, x, y):
        self.move(x, y)
        time.sleep(0.1)
        self.screen.xdotool("mousedown", 1)

    def let_go(self):
        self.screen.xdotool("mouseup", 1)

    def drag(self, x, y, to_x, to_y, steps=8):
        self.press(x, y)
        # What is pressed, moved and let go between two pictures is a click.
        time.sleep(0.2)
        for step in range(1, steps + 1):
            self.move(x + (to_x - x) * step / steps, y + (to_y - y) * step / steps)
            time.sleep(0.04)
        time.sleep(0.2)
        self.let_go()

    def type(self, text):
        self.screen.xdotool("type", "--delay", 40, text)

    def key(self, *names):
        self.screen.xdotool("key", "--delay", 60, *names)

    def drop(self, *paths):
        """Drops files or folders on the map; what the window answered."""
        middle = self.pixels(500, 300)
        words = [self.window.id, *middle, *paths]
        command = [sys.executable, str(HERE / "drop.py"), *map(str, words)]
        return subprocess.run(command, env=self.screen.environment(), capture_output=True, text=True, timeout=30)

    def settings(self):
        """What is remembered now: changes are written within some seconds."""
        try:
            return json.loads((self.config / "app.json").read_text())
        except FileNotFoundError:
            return {}

    def param(self, key):
        return self.settings().get("params", {}).get(key)

    def close(self):
        """Closes the window as a desktop does; the exit code."""
        if self.process.poll() is None:
            protocols, delete = map(self.screen.x11.intern_atom, ("WM_PROTOCOLS", "WM_DELETE_WINDOW"))
            data = (32, [delete, X.CurrentTime, 0, 0, 0])
            message = event.ClientMessage(window=self.window, client_type=protocols, data=data)
            self.window.send_event(message, event_mask=X.NoEventMask)
            self.screen.x11.flush()
        try:
            return self.process.wait(LEARNING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextlib.contextmanager
def screen(scale=1.0):
    """An X server, for as long as it is needed."""
    made = Screen(scale)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def app(on, folder, *arguments, **options):
    """The application, ended at the end whatever happens."""
    made = App(on, folder, *arguments, **options)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()
