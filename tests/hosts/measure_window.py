#!/usr/bin/env python3
"""What the window costs while eight voices sound, drawn by software: shares of a core.

    python3 measure_window.py [SCALE]     with MYNAH_APP naming the application

All threads of the application count but the one that plays. The X server's own share is told too. Where other work
goes on, pictures are drawn more slowly and cost more.
"""

import collections
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import stage

VOICES, SECONDS = 8, 20.0

# The thread that plays.
PLAYING = "mynah-null"

# Until all is drawn and every voice sounds.
WARM_UP_SECONDS = 4.0


def seconds_by_thread(pid):
    """Processor time so far, by name of thread."""
    seconds = collections.Counter()
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name, rest = (task / "stat").read_text().split(" (", 1)[1].rsplit(") ", 1)
        fields = rest.split()
        seconds[name] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def shares(*pids):
    """Share of a core of each process, by thread."""
    time.sleep(WARM_UP_SECONDS)
    before, start = [seconds_by_thread(pid) for pid in pids], time.monotonic()
    time.sleep(SECONDS)
    passed = time.monotonic() - start
    after = [seconds_by_thread(pid) for pid in pids]
    return [{name: (now[name] - then[name]) / passed for name in now} for then, now in zip(before, after)]


def told(threads):
    parts = sorted(threads.items(), key=lambda part: -part[1])
    return ", ".join(f"{name} {share:.1%}" for name, share in parts if 0.0005 <= share)


def main():
    scale = float(sys.argv[1]) if 1 < len(sys.argv) else 1.0
    with tempfile.TemporaryDirectory() as folder, stage.screen(scale=scale) as screen:
        song = pathlib.Path(folder) / "held.mid"
        # However long it takes until there is a window.
        length = stage.PATIENCE_SECONDS + WARM_UP_SECONDS + SECONDS
        song_of = [str(stage.HERE / "songs.py"), str(song), str(VOICES), str(length)]
        subprocess.run([sys.executable, *song_of], check=True)
        with stage.app(screen, folder, "Voice", "--play", song) as app:
            threads, server = shares(app.process.pid, screen.server.pid)
            app.picture().save(os.environ.get("PICTURE", os.devnull), format="PNG")
    playing = threads.pop(PLAYING)
    print(f"the window {sum(threads.values()):.1%} of a core at scale {scale:g} ({told(threads)})")
    print(f"the sound {playing:.1%}, the X server {sum(server.values()):.1%}")


if __name__ == "__main__":
    main()
