#!/usr/bin/env python3
"""Writes a standard MIDI file: so many voices, held throughout, each struck again in its turn.

    songs.py OUT.mid VOICES SECONDS
"""

import struct
import sys

TICKS_PER_SECOND = 1000


def number(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def main():
    path, voices, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    keys = [36 + idx * 60 // voices for idx in range(voices)]
    events = [(0, bytes([0x90, key, 80])) for key in keys]
    # One voice each 250 ms.
    for turn in range(1, int(seconds * 4)):
        key = keys[turn % voices]
        events.append((turn * 250 - 1, bytes([0x80, key, 0])))
        events.append((turn * 250, bytes([0x90, key, 80])))
    events += [(int(seconds * TICKS_PER_SECOND), bytes([0x80, key, 0])) for key in keys]
    track, last = b"", 0
    # A beat of a second has that many ticks.
    track += b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big")
    for tick, event in events:
        track += number(tick - last) + event
        last = tick
    track += b"\x00\xff\x2f\x00"
    with open(path, "wb") as file:
        file.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_SECOND))
        file.write(b"MTrk" + struct.pack(">I", len(track)) + track)


if __name__ == "__main__":
    main()
