"""Writes a MIDI file of single notes with silence between, and the JSON list of them that the other judges read.

    scale_midi.py OUT.mid NOTES.json --low 48 --high 84 [--step 3] [--seconds 1.5] [--gap 1.0] [--velocity 100]
"""

import argparse
import json
import struct

TICKS = 480  # a quarter, at 120 beats a minute: 960 ticks a second


def length(ticks: int) -> bytes:
    """A variable-length quantity of the standard MIDI file."""
    out = [ticks & 0x7F]
    while ticks := ticks >> 7:
        out.append(ticks & 0x7F | 0x80)
    return bytes(reversed(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("midi")
    parser.add_argument("notes")
    parser.add_argument("--low", type=int, default=48)
    parser.add_argument("--high", type=int, default=84)
    parser.add_argument("--step", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--gap", type=float, default=1.0)
    parser.add_argument("--velocity", type=int, default=100)
    args = parser.parse_args()
    track, notes, wait, now = b"", [], args.gap, 0.0
    for key in range(args.low, args.high + 1, args.step):
        now += wait
        notes.append({"start": now, "end": now + args.seconds, "midi": key})
        track += length(round(wait * 2 * TICKS)) + bytes([0x90, key, args.velocity])
        track += length(round(args.seconds * 2 * TICKS)) + bytes([0x80, key, 0])
        now, wait = now + args.seconds, args.gap
    track += length(0) + b"\xff\x2f\x00"
    with open(args.midi, "wb") as file:
        file.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS))
        file.write(b"MTrk" + struct.pack(">I", len(track)) + track)
    with open(args.notes, "w", encoding="utf-8") as file:
        json.dump(notes, file)


if __name__ == "__main__":
    main()
