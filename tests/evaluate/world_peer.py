"""Peers from WORLD (Morise 2016), coded to as many numbers as Mynah's frames: world_peer.py LEARN_DIR COPY_DIR OUT_DIR

Writes below OUT_DIR
  coded/        copies of COPY_DIR, 5 ms a frame, each frame 60 numbers of the spectral envelope, the aperiodicity in its
                1 to 5 bands, and pitch: 124 to 132 numbers in 10 ms, as many as a remembered frame has (34 and 96)
  coded_34/     the same, 10 ms a frame, each frame 32 numbers (the aperiodicity, the rest principal components of the
                spectral envelope), pitch and level: as many as a frame has for the network
  first_order/  clips of 8 s from a model without memory: each frame is what followed one of the 8 learned frames
                nearest to the frame before
"""

import argparse
import pathlib

import numpy as np
import pyworld
import soundfile

from audio import files_in, load_at

HOP_MS, SHORT_HOP_MS, NUM_NUMBERS, NUM_BANDS = 10.0, 5.0, 32, 60
NUM_NEAREST, CLIP_S, MAX_LEARNED, SEED = 8, 8.0, 20000, 1


def analysed(path, rate, ceil_hz, hop_ms=HOP_MS):
    samples = load_at(path, rate)
    pitch, times = pyworld.harvest(samples, rate, f0_floor=60.0, f0_ceil=ceil_hz, frame_period=hop_ms)
    envelope = pyworld.cheaptrick(samples, pitch, times, rate)
    noise = pyworld.d4c(samples, pitch, times, rate)
    bands = pyworld.code_spectral_envelope(envelope, rate, NUM_BANDS)
    return pitch, bands, pyworld.code_aperiodicity(noise, rate), len(samples)


def synthesised(pitch, bands, noise, rate, hop_ms=HOP_MS):
    size = pyworld.get_cheaptrick_fft_size(rate)
    envelope = pyworld.decode_spectral_envelope(np.ascontiguousarray(bands), rate, size)
    aperiodicity = pyworld.decode_aperiodicity(np.ascontiguousarray(noise), rate, size)
    return pyworld.synthesize(np.ascontiguousarray(pitch), envelope, aperiodicity, rate, hop_ms)


class Codec:
    """Level and aperiodicity as they are; of the cepstrum between, principal components.

    They are of the plain numbers: as wide as each other, the least of them crowd out the rest (PESQ 1.46, not 2.4)."""

    def __init__(self, rows):
        self.mean = rows[:, 1:NUM_BANDS].mean(axis=0)
        num_noise = rows.shape[1] - NUM_BANDS
        _, _, axes = np.linalg.svd(rows[:, 1:NUM_BANDS] - self.mean, full_matrices=False)
        self.axes = axes[:NUM_NUMBERS - num_noise]

    def coded(self, rows):
        return np.hstack([rows[:, :1], (rows[:, 1:NUM_BANDS] - self.mean) @ self.axes.T, rows[:, NUM_BANDS:]])

    def decoded(self, numbers):
        end = 1 + len(self.axes)
        return np.hstack([numbers[:, :1], numbers[:, 1:end] @ self.axes + self.mean, numbers[:, end:]])


def first_order(rng, frames, follows, num_frames):
    """Indices of frames."""
    current = int(rng.choice(follows))
    for _ in range(num_frames):
        yield current
        nearest = np.argpartition(((frames[follows] - frames[current]) ** 2).sum(axis=1), NUM_NEAREST)[:NUM_NEAREST]
        current = int(follows[rng.choice(nearest)]) + 1


def write(path, sound, rate):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path.with_suffix(".wav"), sound.astype(np.float32), rate, subtype="FLOAT")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("learn_dir")
    parser.add_argument("copy_dir", type=pathlib.Path)
    parser.add_argument("out_dir", type=pathlib.Path)
    parser.add_argument("--f0-ceil", type=float, default=800.0)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--rate", type=int, default=16000)
    arguments = parser.parse_args()
    rate, out_dir = arguments.rate, arguments.out_dir
    learned, ends, total = [], [], 0
    for path in files_in(arguments.learn_dir):
        pitch, bands, noise, _ = analysed(path, rate, arguments.f0_ceil)
        learned.append((pitch, np.hstack([bands, noise])))
        total += len(pitch)
        ends.append(total - 1)
        if MAX_LEARNED < total:
            break
    pitch = np.concatenate([p for p, _ in learned])
    rows = np.concatenate([r for _, r in learned])
    codec = Codec(rows)
    coded = codec.coded(rows)
    # Frames are compared with each kind of number as wide as the others, the components by their own width.
    kinds = [slice(0, 1), slice(1, 1 + len(codec.axes)), slice(1 + len(codec.axes), None)]
    numbers = np.hstack([coded[:, kind] / (np.sqrt(coded[:, kind].var(axis=0).sum()) + 1e-6) for kind in kinds]
                        + [np.log(np.maximum(pitch, 40.0))[:, None]])
    for path in files_in(arguments.copy_dir):
        name = path.relative_to(arguments.copy_dir)
        *frames, length = analysed(path, rate, arguments.f0_ceil, SHORT_HOP_MS)
        write(out_dir / "coded" / name, synthesised(*frames, rate, SHORT_HOP_MS)[:length], rate)
        one_pitch, bands, noise, length = analysed(path, rate, arguments.f0_ceil)
        back = codec.decoded(codec.coded(np.hstack([bands, noise])))
        sound = synthesised(one_pitch, back[:, :NUM_BANDS], np.minimum(back[:, NUM_BANDS:], 0), rate)[:length]
        write(out_dir / "coded_34" / name, sound, rate)
    rng = np.random.default_rng(SEED)
    follows = np.setdiff1d(np.arange(total), ends)
    for clip in range(arguments.clips):
        idx = list(first_order(rng, numbers, follows, round(CLIP_S * 1000 / HOP_MS)))
        sound = synthesised(pitch[idx], rows[idx, :NUM_BANDS], np.minimum(rows[idx, NUM_BANDS:], 0), rate)
        write(out_dir / "first_order" / f"{clip:02}.wav", sound, rate)


if __name__ == "__main__":
    main()
