"""How soon does a sound answer? attack.py DIR_OR_FILES... [--notes notes.json]

The time from the start of an event until its envelope (RMS of 1 ms, smoothed over 5 ms) first comes within
20 dB of the event's peak. With --notes, the events are the notes and start when they say. Without, a file
is one event that starts at its first frame within 60 dB of the file's peak; with --gap-ms, a new event
starts after each stretch that long below that level. A note is silent if it never comes within 60 dB of
the file's peak (it counts with its whole length), and masked if something within 20 dB of its peak
sounds in the 10 ms before it (it does not count).
"""

import argparse

import numpy as np

from audio import files_in, load, print_json, summary, text
from notes import read_notes

STEP_MS, SMOOTH_MS = 1, 5
ANSWERED_DB, SOUNDING_DB = 20, 60
BEFORE_MS = 10


def envelope_db(samples, rate):
    """RMS of each millisecond, in dB, its power smoothed over five."""
    edges = np.round(np.arange(0, len(samples) * 1000 // rate + 1, STEP_MS) * rate / 1000).astype(int)
    total = np.concatenate([[0.0], np.cumsum(np.square(samples))])
    power = np.diff(total[edges]) / np.diff(edges)
    smooth = np.convolve(power, np.ones(SMOOTH_MS) / SMOOTH_MS, mode="same")
    return 10 * np.log10(np.maximum(smooth, 1e-20))


def found_events(envelope, gap_ms):
    """(start, end) in ms: where sound begins, at first or after a gap."""
    sounding = envelope.max() - SOUNDING_DB <= envelope
    on = np.flatnonzero(sounding)
    if gap_ms is None:
        return [(int(on[0]), len(envelope))]
    starts = [int(on[0])] + [int(b) for a, b in zip(on, on[1:]) if gap_ms < b - a]
    return list(zip(starts, starts[1:] + [len(envelope)]))


def judge(envelope, start, end):
    """Attack of one event in ms, and what is wrong with it, if anything."""
    event = envelope[start:end]
    if len(event) == 0 or event.max() < envelope.max() - SOUNDING_DB:
        return float(end - start), "silent"
    before = envelope[max(0, start - BEFORE_MS - SMOOTH_MS):max(0, start - SMOOTH_MS)]
    if len(before) and event.max() - ANSWERED_DB <= before.max():
        return None, "masked"
    return float(np.argmax(event.max() - ANSWERED_DB <= event)) * STEP_MS, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="DIR_OR_FILE")
    parser.add_argument("--notes", help="JSON list of notes (of the one file) or object of lists by file name")
    parser.add_argument("--gap-ms", type=float, help="split files into events at silences this long")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    events = []
    for path in [f for p in arguments.paths for f in files_in(p)]:
        envelope = envelope_db(*load(path))
        if arguments.notes:
            spans = [(round(1000 * n["start"]), round(1000 * n["end"])) for n in read_notes(arguments.notes, path)]
        else:
            spans = found_events(envelope, arguments.gap_ms)
        for start, end in spans:
            attack_ms, fault = judge(envelope, start, end)
            events.append({"file": str(path), "start": start / 1000, "attack_ms": attack_ms, "fault": fault})
    total = summary(e["attack_ms"] for e in events)
    values = [e["attack_ms"] for e in events if e["attack_ms"] is not None]
    spread = dict(zip(("p10", "p25", "p75", "p90"), np.percentile(values, [10, 25, 75, 90]))) if values else {}
    faults = {f: sum(e["fault"] == f for e in events) for f in ("silent", "masked")}
    if arguments.json:
        print_json({"events": events, "attack_ms": {**total, **spread}, **faults})
        return
    for e in events:
        print(f"{text(e['attack_ms'], 0):>6} ms  at {e['start']:8.3f} s  {e['file']}  {e['fault'] or ''}")
    print(f"{total['n']} events: median {text(total['median'], 0)} ms, mean {text(total['mean'], 0)};"
          f" percentiles {', '.join(f'{k} {v:.0f}' for k, v in spread.items())};"
          f" {faults['silent']} silent, {faults['masked']} masked")


if __name__ == "__main__":
    main()
