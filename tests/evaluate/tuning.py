"""Are the notes in tune? tuning.py AUDIO NOTES.json

NOTES.json: [{"start": seconds, "end": seconds, "midi": number}, ...], one voice, not overlapping. For each
note, the median over its frames of the pitch against the note, in cents, the first 100 ms left out: by
swift-f0, and "fine": refined by StoneMask, since swift-f0 alone is 2 to 10 cents off (pitch.py). Over the
notes, the median of the error's size. swift-f0 hears 47 to 2,094 Hz: notes outside are skipped.
"""

import argparse

import numpy as np

import pitch
from audio import load, print_json, summary, text
from notes import read_notes

SKIP_S = 0.100


def judge(note, frames, skip_s):
    """Error in cents and share of voiced frames of one note."""
    times, pitches_hz, fine_hz, confidences = frames
    target_hz = pitch.hz_from_midi(note["midi"])
    result = {**note, "cents": None, "fine_cents": None, "voiced": None}
    if not pitch.LOWEST_HZ < target_hz < pitch.HIGHEST_HZ:
        return result
    held = (note["start"] + skip_s <= times) & (times < note["end"])
    sure = held & (pitch.CONFIDENT <= confidences)
    if held.any():
        result["voiced"] = float(sure.sum() / held.sum())
    if sure.any():
        result["cents"] = float(np.median(pitch.cents(pitches_hz[sure], target_hz)))
    if np.isfinite(fine_hz[sure]).any():
        result["fine_cents"] = float(np.nanmedian(pitch.cents(fine_hz[sure], target_hz)))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audio")
    parser.add_argument("notes")
    parser.add_argument("--skip-ms", type=float, default=1000 * SKIP_S, help="left out at each start (default: 100)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    samples, rate = load(arguments.audio)
    times, pitches_hz, confidences = pitch.track(samples, rate)
    frames = times, pitches_hz, pitch.fine(samples, rate, times, pitches_hz), confidences
    notes = [judge(note, frames, arguments.skip_ms / 1000) for note in read_notes(arguments.notes, arguments.audio)]
    errors = {key: {"absolute": summary(abs(n[key]) for n in notes if n[key] is not None),
                    "signed": summary(n[key] for n in notes)} for key in ("cents", "fine_cents")}
    heard = [n["voiced"] for n in notes if n["voiced"] is not None]
    unheard = sum(n["cents"] is None for n in notes)
    if arguments.json:
        print_json({"notes": notes, **errors, "voiced": summary(heard), "notes_without_pitch": unheard})
        return
    for n in notes:
        print(f"{n['start']:8.3f} s  midi {n['midi']:6.2f}  {text(n['cents'], 1):>8} cents"
              f"  fine {text(n['fine_cents'], 1):>8}  voiced {text(n['voiced'])}")
    for key, label in (("cents", "swift-f0"), ("fine_cents", "fine")):
        absolute, signed = errors[key]["absolute"], errors[key]["signed"]
        print(f"{label}: {absolute['n']} notes, median error {text(absolute['median'], 1)} cents,"
              f" mean {text(absolute['mean'], 1)}, bias {text(signed['median'], 1)}")
    print(f"{unheard} notes without a pitch; voiced {text(summary(heard)['mean'])}")


if __name__ == "__main__":
    main()
