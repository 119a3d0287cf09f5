"""The coherence scale: sound cut into pieces and shuffled. pieces.py IN_DIR OUT_DIR --piece-ms N

Pieces of N ms of all files, silence left out, in random order, joined with 5 ms of crossfade into clips of 8 s,
and joins.json, which says where (joins.py). A generated phrase that is judged like shuffled pieces of N ms is as coherent as those.
"""

import argparse
import json
import pathlib

import numpy as np
import soundfile

from audio import files_in, load_at

FADE_S, CLIP_S, QUIET_DB, SEED = 0.005, 8.0, 40, 1


def pieces_of(samples, rate, piece_s):
    """Pieces that sound; each has a fade's length more than its step, to be joined over."""
    step, fade = round(piece_s * rate), round(FADE_S * rate)
    loudest = np.abs(samples).max()
    for start in range(0, len(samples) - step - fade + 1, step):
        piece = samples[start:start + step + fade]
        if 20 * np.log10(np.abs(piece).max() / loudest + 1e-12) > -QUIET_DB:
            yield piece


def joined(pieces, rate):
    fade = round(FADE_S * rate)
    rise = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    out = np.zeros(sum(len(p) - fade for p in pieces) + fade)
    at = 0
    for piece in pieces:
        piece = piece.copy()
        piece[:fade] *= rise
        piece[len(piece) - fade:] *= rise[::-1]
        out[at:at + len(piece)] += piece
        at += len(piece) - fade
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("in_dir")
    parser.add_argument("out_dir", type=pathlib.Path)
    parser.add_argument("--piece-ms", type=float, required=True)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--rate", type=int, default=16000)
    arguments = parser.parse_args()
    rate = arguments.rate
    pieces = [p for f in files_in(arguments.in_dir)
              for p in pieces_of(load_at(f, rate), rate, arguments.piece_ms / 1000)]
    if not pieces:
        raise SystemExit(f"{arguments.in_dir}: no file is as long as a piece")
    rng = np.random.default_rng(SEED)
    arguments.out_dir.mkdir(parents=True, exist_ok=True)
    per_clip = max(1, round(CLIP_S * 1000 / arguments.piece_ms))
    joins = {}
    for clip in range(arguments.clips):
        chosen = rng.permutation(len(pieces))[:per_clip]
        soundfile.write(arguments.out_dir / f"{clip:02}.wav", joined([pieces[i] for i in chosen], rate), rate)
        joins[f"{clip:02}.wav"] = [idx * arguments.piece_ms / 1000 + FADE_S / 2 for idx in range(1, len(chosen))]
    (arguments.out_dir / "joins.json").write_text(json.dumps(joins))


if __name__ == "__main__":
    main()
