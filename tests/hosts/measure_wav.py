#!/usr/bin/env python3
"""Measures a WAV file (16 or 24 bit): length, level, silence and gaps.

    measure_wav.py FILE.wav [--sounds-from S] [--sounds-to S]

Prints a line. Exit code 1 if there is a silent stretch of 10 ms, or a millisecond of exact zeros, between --sounds-from
and --sounds-to, or nothing at all is heard.
"""

import argparse
import array
import math
import struct
import sys

WINDOW_SECONDS = 0.010
SILENT_DB = -80.0
GAP_SECONDS = 0.001


def read(path):
    """Channels, rate in Hz, and samples of all channels, 1 is full scale."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE", "not a WAV file"
    at, channels, rate, bits, body = 12, 0, 0, 0, b""
    while at + 8 <= len(data):
        name, length = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        if name == b"fmt ":
            channels, rate = struct.unpack("<HI", data[at + 10 : at + 16])
            bits = struct.unpack("<H", data[at + 22 : at + 24])[0]
        if name == b"data":
            body = data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    if bits == 16:
        whole = array.array("h", body[: len(body) // 2 * 2])
        return channels, rate, [sample / 32768 for sample in whole]
    assert bits == 24, f"{bits} bits"
    # Each sample becomes the upper three bytes of four.
    wide = bytearray(len(body) // 3 * 4)
    for byte in range(3):
        wide[byte + 1 :: 4] = body[byte : len(body) // 3 * 3 : 3]
    return channels, rate, [sample / 2147483648 for sample in array.array("i", bytes(wide))]


def db(power):
    return 10 * math.log10(power) if power > 0 else -math.inf


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--sounds-from", type=float, default=0.0)
    parser.add_argument("--sounds-to", type=float)
    args = parser.parse_args()
    channels, rate, samples = read(args.file)
    seconds = len(samples) / channels / rate
    window = int(WINDOW_SECONDS * rate) * channels
    last = args.sounds_to if args.sounds_to is not None else seconds
    levels = []
    for start in range(0, len(samples) - window + 1, window):
        piece = samples[start : start + window]
        levels.append((start / channels / rate, db(sum(x * x for x in piece) / window)))
    inside = [(at, level) for at, level in levels if args.sounds_from <= at <= last - WINDOW_SECONDS]
    silent = [at for at, level in inside if level < SILENT_DB]
    quietest = min((level for _, level in inside), default=-math.inf)
    total = db(sum(x * x for x in samples) / max(len(samples), 1))
    peak = max((abs(x) for x in samples), default=0.0)
    zeros = longest = gaps = 0
    for frame in range(int(args.sounds_from * rate), min(int(last * rate), len(samples) // channels)):
        is_zero = all(samples[frame * channels + channel] == 0 for channel in range(channels))
        zeros = zeros + 1 if is_zero else 0
        longest = max(longest, zeros)
        gaps += zeros == int(GAP_SECONDS * rate)
    print(
        f"{args.file}: {seconds:.2f} s, {rate} Hz, {channels} channels; peak {peak:.3f}, level {total:.1f} dB; "
        f"quietest 10 ms {quietest:.1f} dB, {len(silent)} silent of {len(inside)}; "
        f"{gaps} gaps, longest run of exact zeros {longest} samples"
    )
    if silent:
        print(f"silent at {', '.join(f'{at:.2f}' for at in silent[:10])} s")
    return 1 if silent or gaps or not inside else 0


if __name__ == "__main__":
    sys.exit(main())
