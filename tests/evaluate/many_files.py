#!/usr/bin/env python3
"""Does a folder of 100,000 small files take time and memory in proportion? many_files.py MYNAH [NUM...]

For each number, that many hard links to eight notes of 0.32 s at 8 kHz are made in a folder of their own and learned
from; at the first look at what was learned, learning is asked to finish. Prints the seconds until then, the processor
time and the peak memory of all of it, and what a file takes of both beyond what learning from 100 takes. Exits
with 1 if that grows by more than half from one number to the next.
"""

import math
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import wave

RATE_HZ = 8000
SECONDS = 0.32
MOST_GROWTH = 1.5


def write_note(path, frequency_hz):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        turn = math.tau * frequency_hz / RATE_HZ
        num = int(SECONDS * RATE_HZ)
        tone = (sum(math.sin(turn * k * n) / k for k in range(1, 6)) for n in range(num))
        file.writeframes(b"".join(struct.pack("<h", int(6000 * value)) for value in tone))


def learn(mynah, num_files):
    """Seconds until the first look, seconds of the processor, and peak memory in KiB."""
    with tempfile.TemporaryDirectory() as folder:
        notes = [os.path.join(folder, f"note{idx}.wav") for idx in range(8)]
        for idx, note in enumerate(notes):
            write_note(note, 150 + 20 * idx)
        inside = os.path.join(folder, "in")
        for idx in range(num_files):
            part = os.path.join(inside, f"{idx // 1000:03}")
            if idx % 1000 == 0:
                os.makedirs(part)
            os.link(notes[idx % 8], os.path.join(part, f"{idx:06}.wav"))
        command = [mynah, "learn", inside, "-o", os.path.join(folder, "o"), "--threads", "1", "--no-report"]
        started = time.monotonic()
        child = subprocess.Popen([*command, "--max-minutes", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        seconds = math.nan
        for line in child.stderr:
            if line.startswith(b"learning") and math.isnan(seconds):
                seconds = time.monotonic() - started
                child.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            sys.exit(f"{num_files} files: it failed with {status}")
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    numbers = [int(word) for word in sys.argv[2:]] or [1_000, 10_000, 100_000]
    _, own_cpu, own_kib = learn(sys.argv[1], 100)
    before = None
    steady = True
    for num in numbers:
        seconds, cpu, kib = learn(sys.argv[1], num)
        each = (max(cpu - own_cpu, 0) / num, max(kib - own_kib, 0) / num)
        print(
            f"{num} files: first look after {seconds:.1f} s, {cpu:.1f} s of the processor ({1e3 * each[0]:.2f} ms a file), "
            f"peak {kib / 1024:.0f} MB ({each[1]:.1f} KiB a file)",
            flush=True,
        )
        if before:
            steady &= all(now <= MOST_GROWTH * then for now, then in zip(each, before) if 0 < then)
        before = each
    sys.exit(0 if steady else 1)


if __name__ == "__main__":
    main()
