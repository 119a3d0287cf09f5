"""How fast is it? speed.py MODEL SONG.mid MYNAH... [--runs 7] [--json]

Renders the song with each of the given builds of `mynah` (one thread, 48 kHz) and lets WORLD's synthesis (Morise 2016)
make as long a sound of one voice at 110 Hz from ready parameters, in turn, so that what else the machine does meets
all alike. Prints medians, as times faster than real time, and how far each build is ahead of the first, run by run.
WORLD makes one voice from parameters that are there; a render makes all voices of the song, parameters included.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import pyworld

RATE_HZ, HOP_MS, PITCH_HZ, WORLD_SECONDS = 48000, 5.0, 110.0, 10.0


def rendered(mynah, model, song, out_dir):
    command = [mynah, "render", model, song, "-o", str(pathlib.Path(out_dir) / "out.wav"), "--json"]
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(answer.stdout)["times_real_time"]


def world(pitch, envelope, noise):
    begun = time.perf_counter()
    pyworld.synthesize(pitch, envelope, noise, RATE_HZ, HOP_MS)
    return WORLD_SECONDS / (time.perf_counter() - begun)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("song")
    parser.add_argument("mynah", nargs="+")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    num_frames = round(1000 * WORLD_SECONDS / HOP_MS)
    num_bins = pyworld.get_cheaptrick_fft_size(RATE_HZ) // 2 + 1
    parameters = (np.full(num_frames, PITCH_HZ), np.full((num_frames, num_bins), 1e-4),
                  np.full((num_frames, num_bins), 0.1))
    speeds = {name: [] for name in [*arguments.mynah, "WORLD"]}
    with tempfile.TemporaryDirectory() as out_dir:
        for _ in range(arguments.runs):
            for mynah in arguments.mynah:
                speeds[mynah].append(rendered(mynah, arguments.model, arguments.song, out_dir))
            speeds["WORLD"].append(world(*parameters))
    first = speeds[arguments.mynah[0]]
    answer = {name: {"times_real_time": statistics.median(values),
                     "to_first": statistics.median(value / other for value, other in zip(values, first))}
              for name, values in speeds.items()}
    if arguments.json:
        print(json.dumps(answer))
        return
    for name, figures in answer.items():
        print(f"{figures['times_real_time']:7.1f} × real time, {figures['to_first']:5.2f} × the first  {name}")


if __name__ == "__main__":
    main()
