"""Distances between sets of sound: fidelity.py HELD_OUT_DIR SET_DIR... [--learned DIR] [--embedding aisfx|mel]

Windows of 2.3 s every 1.2 s, each a vector: the 512 numbers of aisfx (Nam 2022: a general embedding of sound
effects), or the mean and spread of 64 log-mel bands. Files shorter than a window are joined with their
neighbours. For each set against the held-out files:
  distance  kernel distance as in KAD (Chung 2025): unbiased squared maximum mean discrepancy, Gaussian kernel
            as wide as the median distance of held-out windows, times 1000; with the 5th and 95th percentile
            over random halves of the files
  floor     the same, of one half of the held-out files to the other
  coverage, density   (Naeem 2020, k = 5): the share of held-out windows that have a window of the set in their
            neighbourhood, and how many of them each window of the set lies in; of the held-out halves too
  nearest   with --learned: median distance of a window of the set to the nearest learned window, over that of
            held-out windows: well below 1 means copies
All three reward copying: read them beside `nearest`.
"""

import argparse

import librosa
import numpy as np

from audio import files_in, load_at, print_json, text

RATE_HZ, HOP = 44100, 1024
WINDOW_FRAMES, STEP_FRAMES = 100, 50
SILENT_DB = 60
NEIGHBOURS, SCALE, NUM_HALVES, SEED = 5, 1000, 100, 1


def windows_of(files):
    """Stretches of sound, as long as a window, and the number of the file that each begins in."""
    length, step = WINDOW_FRAMES * HOP, STEP_FRAMES * HOP
    joined, owners = [], []
    for idx, file in enumerate(files):
        samples = load_at(file, RATE_HZ)
        joined.append(samples)
        owners.append(np.full(len(samples), idx))
    sound, owner = np.concatenate(joined), np.concatenate(owners)
    if len(sound) < length:
        sound = np.pad(sound, (0, length - len(sound)))
        owner = np.pad(owner, (0, length - len(owner)))
    loudest = np.max(np.abs(sound)) + 1e-12
    for start in range(0, len(sound) - length + 1, step):
        window = sound[start:start + length]
        if 20 * np.log10(np.max(np.abs(window)) / loudest + 1e-12) > -SILENT_DB:
            yield window.astype(np.float32), owner[start]


def mel_embedder():
    def embed(window):
        mel = librosa.feature.melspectrogram(y=window, sr=RATE_HZ, n_fft=2048, hop_length=HOP, n_mels=64)
        level = librosa.power_to_db(mel, ref=1.0, amin=1e-8)
        return np.concatenate([level.mean(axis=1), level.std(axis=1)])
    return embed


def aisfx_embedder():
    import torch
    from aisfx import inference
    torch.set_num_threads(1)
    weights, datasets = torch.load(inference.get_path_modelWeights(), map_location="cpu", weights_only=False)
    model = inference.load_bestModel(weights, datasets, "cpu")
    filters = librosa.filters.mel(sr=RATE_HZ, n_fft=2048, n_mels=96, fmin=0.0, fmax=22050.0)
    def embed(window):
        # The network was made for log10(1 + 10000 x) of mel bands, scaled by the largest value its makers saw.
        spectrum = np.abs(librosa.stft(window, n_fft=2048, hop_length=HOP, center=False))
        spec = np.log10(1 + 10000 * (filters @ spectrum)).T / 9.457798957824707
        spec = np.pad(spec, ((0, max(0, WINDOW_FRAMES - len(spec))), (0, 0)))[:WINDOW_FRAMES]
        with torch.no_grad():
            return model.get_embedding(torch.tensor(spec[None], dtype=torch.float32)).numpy().ravel()
    return embed


def vectors(path, embed):
    """One vector a window, shape [windows][numbers], and the file that each is of."""
    pairs = [(embed(window), owner) for window, owner in windows_of(files_in(path))]
    if not pairs:
        raise SystemExit(f"{path}: silent")
    return np.array([vector for vector, _ in pairs]), np.array([owner for _, owner in pairs])


def distances(a, b):
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))


def discrepancy(x, y, width):
    """Gretton 2012, eq. 3, times 1000."""
    kernel = lambda a, b: np.exp(-distances(a, b) ** 2 / (2 * width ** 2))
    m, n = len(x), len(y)
    if m < 2 or n < 2:
        return float("nan")
    within = (kernel(x, x).sum() - m) / (m * (m - 1)) + (kernel(y, y).sum() - n) / (n * (n - 1))
    return SCALE * float(within - 2 * kernel(x, y).mean())


def neighbourhoods(real, generated):
    """Coverage and density (Naeem 2020, eq. 6 and 9)."""
    k = min(NEIGHBOURS, len(real) - 1)
    radius = np.sort(distances(real, real), axis=1)[:, k]
    inside = distances(real, generated) <= radius[:, None]
    return float(inside.any(axis=1).mean()), float(inside.sum() / (k * len(generated)))


def halves(rng, owners):
    files = rng.permutation(np.unique(owners))
    first = np.isin(owners, files[:max(1, len(files) // 2)])
    return first, ~first


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("held_out_dir")
    parser.add_argument("set_dirs", nargs="+", metavar="SET_DIR")
    parser.add_argument("--learned", help="what was learned, to find copies of it")
    parser.add_argument("--embedding", choices=["aisfx", "mel"], default="mel")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    embed = aisfx_embedder() if arguments.embedding == "aisfx" else mel_embedder()
    real, owners = vectors(arguments.held_out_dir, embed)
    spread = real.std(axis=0) + 1e-6
    real = real / spread
    width = float(np.median(distances(real, real)[np.triu_indices(len(real), 1)])) if 1 < len(real) else 1.0
    rng = np.random.default_rng(SEED)
    floor, floor_coverage = [], []
    for _ in range(NUM_HALVES if 3 < len(np.unique(owners)) else 0):
        first, second = halves(rng, owners)
        floor.append(discrepancy(real[first], real[second], width))
        if NEIGHBOURS < first.sum() and second.any():
            floor_coverage.append(neighbourhoods(real[first], real[second])[0])
    learned = vectors(arguments.learned, embed)[0] / spread if arguments.learned else None
    apart = lambda x: float(np.median(distances(x, learned).min(axis=1)))
    result = {"windows": len(real), "floor": float(np.nanmean(floor)) if floor else None,
              "floor_p95": float(np.nanpercentile(floor, 95)) if floor else None,
              "floor_coverage": float(np.mean(floor_coverage)) if floor_coverage else None, "sets": {}}
    for folder in arguments.set_dirs:
        found, of_file = vectors(folder, embed)
        found = found / spread
        coverage, density = neighbourhoods(real, found)
        spans = []
        for _ in range(NUM_HALVES):
            first, _ = halves(rng, owners)
            other, _ = halves(rng, of_file)
            spans.append(discrepancy(real[first], found[other], width))
        result["sets"][folder] = {
            "windows": len(found), "distance": discrepancy(real, found, width),
            "p5": float(np.nanpercentile(spans, 5)), "p95": float(np.nanpercentile(spans, 95)),
            "coverage": coverage, "density": density,
            "nearest": None if learned is None else apart(found) / max(apart(real), 1e-9)}
    if arguments.json:
        print_json(result)
        return
    print(f"floor {text(result['floor'])} (95th percentile {text(result['floor_p95'])}),"
          f" coverage of halves {text(result['floor_coverage'])}")
    for folder, values in result["sets"].items():
        print(f"distance {text(values['distance'])} ({text(values['p5'])} to {text(values['p95'])})  coverage"
              f" {text(values['coverage'])}  density {text(values['density'])}  nearest"
              f" {text(values['nearest'])}  {folder}")


if __name__ == "__main__":
    main()
