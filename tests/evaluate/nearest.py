"""How far from what was learned? nearest.py LEARNED_DIR HELD_OUT_DIR SET_DIR...

Median distance of a frame to the nearest learned frame (64 log-mel bands, 25 ms, every 10 ms, that sound), over
that of held-out frames: 0 is a copy, 1 as far as recordings that were never heard. A model that follows real
frames for a while is below 1 by intent; windows of seconds (fidelity.py) tell whether whole passages are copied.
"""

import argparse
import sys

import numpy as np

from audio import files_in, print_json, text
from distribution import log_mel, sounding

# More say the same: learned frames are thinned alike for all sets.
MAX_LEARNED, MAX_JUDGED, ROWS = 80000, 4000, 500


def frames_of(path, loudest_db, most):
    frames = np.concatenate([sounding(log_mel(f), loudest_db) for f in files_in(path)])
    if not len(frames):
        raise ValueError(f"{path}: silent")
    return frames[::max(1, -(-len(frames) // most))].astype(np.float32)


def nearest(frames, learned):
    """Distance of each frame to the nearest learned one."""
    squares = (learned * learned).sum(axis=1)
    found = []
    for start in range(0, len(frames), ROWS):
        rows = frames[start:start + ROWS]
        apart = (rows * rows).sum(axis=1)[:, None] + squares - 2 * rows @ learned.T
        found.append(np.sqrt(np.maximum(apart.min(axis=1), 0)))
    return np.concatenate(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("learned_dir")
    parser.add_argument("held_out_dir")
    parser.add_argument("set_dirs", nargs="+", metavar="SET_DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    loudest_db = max(log_mel(f).max() for f in files_in(arguments.held_out_dir))
    learned = frames_of(arguments.learned_dir, loudest_db, MAX_LEARNED)
    held_out = float(np.median(nearest(frames_of(arguments.held_out_dir, loudest_db, MAX_JUDGED), learned)))
    sets = {}
    for path in arguments.set_dirs:
        try:
            median = float(np.median(nearest(frames_of(path, loudest_db, MAX_JUDGED), learned)))
        except ValueError as error:
            print(f"warning: {error}", file=sys.stderr)
            continue
        sets[path] = {"db": median / np.sqrt(learned.shape[1]), "ratio": median / max(held_out, 1e-9)}
    if arguments.json:
        print_json({"held_out_db": held_out / np.sqrt(learned.shape[1]), "sets": sets})
        return
    print(f"held out: {held_out / np.sqrt(learned.shape[1]):.2f} dB a band")
    for path, values in sets.items():
        print(f"{text(values['ratio'])} of that  {path}")


if __name__ == "__main__":
    main()
