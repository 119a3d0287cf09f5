"""WORLD copy synthesis of each file, as a line to compare with: world_reference.py IN_DIR OUT_DIR [--hop-ms 10]

Harvest, CheapTrick and D4C (Morise 2016) through pyworld as they come, nothing coded. Files keep their
names, rates and levels and are written as 32-bit float WAV.
"""

import argparse
import pathlib

import numpy as np
import pyworld
import soundfile

from audio import files_in, load, print_json


def copy(samples, rate, hop_ms, f0_floor, f0_ceil):
    f0, times = pyworld.harvest(samples, rate, f0_floor=f0_floor, f0_ceil=f0_ceil, frame_period=hop_ms)
    envelope = pyworld.cheaptrick(samples, f0, times, rate)
    aperiodicity = pyworld.d4c(samples, f0, times, rate)
    out = pyworld.synthesize(f0, envelope, aperiodicity, rate, frame_period=hop_ms)
    return out[:len(samples)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("in_dir", type=pathlib.Path)
    parser.add_argument("out_dir", type=pathlib.Path)
    parser.add_argument("--hop-ms", type=float, default=10.0, help="frame period (default: 10)")
    parser.add_argument("--f0-floor", type=float, default=71.0, help="lowest pitch, Hz (default: 71, WORLD's own)")
    parser.add_argument("--f0-ceil", type=float, default=800.0, help="highest pitch, Hz (default: 800, WORLD's own)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    written = []
    for path in files_in(arguments.in_dir):
        samples, rate = load(path)
        relative = path.relative_to(arguments.in_dir) if arguments.in_dir.is_dir() else pathlib.Path(path.name)
        out = (arguments.out_dir / relative).with_suffix(".wav")
        out.parent.mkdir(parents=True, exist_ok=True)
        result = copy(samples, rate, arguments.hop_ms, arguments.f0_floor, arguments.f0_ceil)
        soundfile.write(out, result.astype(np.float32), rate, subtype="FLOAT")
        written.append(str(out))
        if not arguments.json:
            print(out)
    if arguments.json:
        print_json({"hop_ms": arguments.hop_ms, "files": written})


if __name__ == "__main__":
    main()
