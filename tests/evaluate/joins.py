"""Are joins heard? joins.py RECORDINGS_DIR SET_DIR...

The spectral flux of a moment: mean difference of the log-mel bands (64, windows of 25 ms, every 10 ms, floored
60 dB below the recordings' loudest) from one frame to the next, the largest within 30 ms around it, in dB, where
sound goes on before and after. A join is not heard by this measure if its flux is within the 95th percentile of
the recordings'. For each set with a joins.json (joins.rs and pieces.py write it), at its joins; for others, at
every moment:
  within   share of moments within the recordings' 95th percentile (recordings: 0.95)
  flux_db  median flux
  rate     joins a second
"""

import argparse
import json
import pathlib

import numpy as np

from audio import files_in, print_json, text
from distribution import HOP_S, SOUNDING_DB, log_mel

REACH = 1  # Frames on either side of a moment that belong to it.
PERCENTILE = 95


def flux(bands, floor_db):
    """Flux of each frame in dB; not a number at the edges of sound."""
    sounds = floor_db < bands.max(axis=1)
    change = np.abs(np.diff(np.maximum(bands, floor_db), axis=0)).mean(axis=1)
    result = np.full(len(bands), np.nan)
    for frame in range(REACH + 1, len(bands) - REACH):
        if sounds[frame - REACH - 1:frame + REACH + 1].all():
            # The change that leads to a frame has the number of the frame before it.
            result[frame] = change[frame - REACH - 1:frame + REACH].max()
    return result


def moments(path, floor_db):
    """Flux at the joins of a set, and how many there are a second; where none are listed, at every moment."""
    path = pathlib.Path(path)
    listed = path / "joins.json"
    joins = json.loads(listed.read_text()) if listed.is_file() else None
    found, num_joins, num_frames = [], 0, 0
    for file in files_in(path):
        values = flux(log_mel(file), floor_db)
        num_frames += len(values)
        if joins is not None:
            times = joins.get(file.name, [])
            num_joins += len(times)
            values = values[[idx for idx in (round(t / HOP_S) for t in times) if idx < len(values)]]
        found.append(values)
    found = np.concatenate(found)
    return found[np.isfinite(found)], None if joins is None else num_joins / (num_frames * HOP_S)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings_dir")
    parser.add_argument("set_dirs", nargs="*", metavar="SET_DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    floor_db = max(log_mel(f).max() for f in files_in(arguments.recordings_dir)) - SOUNDING_DB
    limit_db = np.percentile(moments(arguments.recordings_dir, floor_db)[0], PERCENTILE)
    sets = {}
    for path in [arguments.recordings_dir, *arguments.set_dirs]:
        values, rate = moments(path, floor_db)
        sets[path] = {"moments": len(values), "rate": rate,
                      "within": float((values <= limit_db).mean()) if len(values) else None,
                      "flux_db": float(np.median(values)) if len(values) else None}
    if arguments.json:
        print_json({"limit_db": limit_db, "sets": sets})
        return
    print(f"95th percentile of the recordings: {limit_db:.2f} dB")
    for path, values in sets.items():
        what = "moments" if values["rate"] is None else f"joins, {values['rate']:.2f} a second"
        print(f"within {text(values['within'], 3)}  median {text(values['flux_db'])} dB  {values['moments']} {what}"
              f"  {path}")


if __name__ == "__main__":
    main()
