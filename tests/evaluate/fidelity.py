"""Distances between sets of sound: fidelity.py HELD_OUT_DIR SET_DIR... [--learned DIR] [--embedding aisfx|mel]

Windows of 2.3 s every 1.2 s, each a vector: the 512 numbers of aisfx (Nam 2022: a general embedding of sound
effects), or the mean and spread of 64 log-mel bands. Files shorter than a window are joined with their
neighbours. For each set against the held-out files, with the 5th and 95th percentile of a bootstrap over files of both
(coverage: of the held-out files alone):
  distance  kernel distance as in KAD (Chung 2025): unbiased squared maximum mean discrepancy, Gaussian kernel
            as wide as the median distance of held-out windows, times 1000; below 0 by chance alone
  coverage, density   (Naeem 2020, k = 5): the share of held-out windows that have a window of the set in their
            neighbourhood, and how many of them each window of the set lies in
  nearest   with --learned: median distance of a window of the set to the nearest learned window, over that of
            held-out windows: well below 1 means copies
  floor     distance, coverage and density of one half of the recordings (held out and learned) to the other, over
            random halves of the files
Windows of one file are alike: the distance counts pairs of windows of different files alone, and no copy beside its
own original. All three reward copying: read them beside `nearest`.
"""

import argparse
import functools
import sys

import librosa
import numpy as np

from audio import files_in, load_at, print_json, text

RATE_HZ, HOP = 44100, 1024
WINDOW_FRAMES, STEP_FRAMES = 100, 50
SILENT_DB = 60
NEIGHBOURS, SCALE, NUM_DRAWS, SEED = 5, 1000, 200, 1
LOW, HIGH, FEWEST_FILES = 5, 95, 4


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
        raise ValueError(f"{path}: silent")
    return np.array([vector for vector, _ in pairs]), np.array([owner for _, owner in pairs])


def names(path):
    return np.array([file.stem for file in files_in(path)])


def distances(a, b):
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))


def sums_by_file(values, rows, columns):
    """Sums over the windows of each pair of files. Shape [files][files]."""
    def starts(owners):
        return np.flatnonzero(np.diff(owners, prepend=-1))
    return np.add.reduceat(np.add.reduceat(values, starts(rows), axis=0), starts(columns), axis=1)


class Comparison:
    """Kernels and neighbourhoods of held-out windows and those of a set, by file: any draw of files is quick then."""

    def __init__(self, apart, x_owners, y_owners, same, width):
        """`apart`: distances of held-out windows, of those of the set, between both. `same` is for each pair of
        files whether one is a copy of the other."""
        xx, yy, xy = apart
        kernel = lambda d: np.exp(-d ** 2 / (2 * width ** 2))
        self.xx, self.yy = sums_by_file(kernel(xx), x_owners, x_owners), sums_by_file(kernel(yy), y_owners, y_owners)
        self.xy = sums_by_file(kernel(xy), x_owners, y_owners)
        self.nx, self.ny = (np.unique(o, return_counts=True)[1] for o in (x_owners, y_owners))
        self.different = ~same
        self.k = min(NEIGHBOURS, len(xx) - 1)
        inside = xy <= np.sort(xx, axis=1)[:, self.k][:, None]
        self.hits = sums_by_file(inside.astype(float), x_owners, y_owners)
        self.x_owners = np.unique(x_owners, return_inverse=True)[1]
        self.near = inside.any(axis=1)

    def distance(self, wx, wy):
        """Gretton 2012, eq. 3, over windows of different files, each file counted so often; times 1000."""
        def mean(sums, weights, counts):
            total = (weights * counts).sum()
            return (weights * sums).sum() / total if 0 < total else float("nan")
        def other(w):
            return np.outer(w, w) * (1 - np.eye(len(w)))
        within = mean(self.xx, other(wx), np.outer(self.nx, self.nx)) + mean(
            self.yy, other(wy), np.outer(self.ny, self.ny))
        return SCALE * float(within - 2 * mean(self.xy, np.outer(wx, wy) * self.different, np.outer(self.nx, self.ny)))

    def neighbourhoods(self, wx, wy):
        """Coverage and density (Naeem 2020, eq. 6 and 9)."""
        # Draws of the set would leave files out and so cover less: it is whole here.
        of_window = wx[self.x_owners]
        coverage = (of_window * self.near).sum() / of_window.sum()
        # A held-out window that is drawn twice is one more that may be near, of as many more.
        share = (np.outer(wx, wy) * self.hits).sum() / ((wx * self.nx).sum() * (wy * self.ny).sum())
        return float(coverage), float(share * self.nx.sum() / self.k)

    def figures(self, wx, wy):
        return (self.distance(wx, wy), *self.neighbourhoods(wx, wy))


NAMES = ("distance", "coverage", "density")


def spans(draws):
    """Mean and percentiles of each figure over draws."""
    columns = np.array(draws, dtype=float).T
    return {name: [None if np.isnan(c).all() else float(f(c)) for f in (
        np.nanmean, lambda v: np.nanpercentile(v, LOW), lambda v: np.nanpercentile(v, HIGH))]
        for name, c in zip(NAMES, columns)}


def bootstrapped(rng, real, other, width):
    """Each figure, and its percentiles over files drawn with replacement."""
    (x, x_owners, x_names), (y, y_owners, y_names) = real, other
    # Files of one name are a recording and its copy.
    same = x_names[np.unique(x_owners)][:, None] == y_names[np.unique(y_owners)]
    both = Comparison((distances(x, x), distances(y, y), distances(x, y)), x_owners, y_owners, same, width)
    ones = [np.ones(len(n)) for n in (both.nx, both.ny)]
    draw = lambda w: np.bincount(rng.integers(len(w), size=len(w)), minlength=len(w)).astype(float)
    drawn = spans([both.figures(*map(draw, ones)) for _ in range(NUM_DRAWS)])
    return {name: [value, *drawn[name][1:]] for name, value in zip(NAMES, both.figures(*ones))}


def floor(rng, x, owners, width):
    """The same of halves of the files; nothing where they are too few."""
    draws, files, apart = [], np.unique(owners), distances(x, x)
    for _ in range(NUM_DRAWS if FEWEST_FILES <= len(files) else 0):
        first = np.isin(owners, rng.permutation(files)[:len(files) // 2])
        second = ~first
        if 1 < first.sum() and 1 < second.sum():
            ones = [np.ones(len(np.unique(owners[half]))) for half in (first, second)]
            parts = apart[np.ix_(first, first)], apart[np.ix_(second, second)], apart[np.ix_(first, second)]
            same = np.zeros(tuple(map(len, ones)), dtype=bool)
            draws.append(Comparison(parts, owners[first], owners[second], same, width).figures(*ones))
    return spans(draws) if draws else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("held_out_dir")
    parser.add_argument("set_dirs", nargs="+", metavar="SET_DIR")
    parser.add_argument("--learned", help="what was learned, to find copies of it")
    parser.add_argument("--embedding", choices=["aisfx", "mel"], default="mel")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    embed = aisfx_embedder() if arguments.embedding == "aisfx" else mel_embedder()
    embedded = functools.cache(lambda folder: vectors(folder, embed))
    real, owners = embedded(arguments.held_out_dir)
    spread = real.std(axis=0) + 1e-6
    real = real / spread
    width = float(np.median(distances(real, real)[np.triu_indices(len(real), 1)])) if 1 < len(real) else 1.0
    rng = np.random.default_rng(SEED)
    of_real = real, owners, names(arguments.held_out_dir)
    learned, pool, owner_of = None, real, owners
    if arguments.learned:
        learned, learned_owners = embedded(arguments.learned)
        learned = learned / spread
        pool, owner_of = np.concatenate([real, learned]), np.concatenate([owners, learned_owners + owners.max() + 1])
    apart = lambda x: float(np.median(distances(x, learned).min(axis=1)))
    result = {"windows": len(real), "files": len(np.unique(owners)), "floor": floor(rng, pool, owner_of, width),
              "sets": {}}
    for folder in arguments.set_dirs:
        try:
            found, of_file = embedded(folder)
        except ValueError as error:
            print(f"warning: {error}", file=sys.stderr)
            continue
        found = found / spread
        result["sets"][folder] = {
            "windows": len(found), **bootstrapped(rng, of_real, (found, of_file, names(folder)), width),
            "nearest": None if learned is None else apart(found) / max(apart(real), 1e-9)}
    if arguments.json:
        print_json(result)
        return
    def shown(values):
        return "  ".join(f"{name} {text(values[name][0])} ({text(values[name][1])} to {text(values[name][2])})"
                         for name in NAMES)
    if result["floor"]:
        print(f"{shown(result['floor'])}  one half of the files to the other")
    for folder, values in result["sets"].items():
        print(f"{shown(values)}  nearest {text(values['nearest'])}  {folder}")


if __name__ == "__main__":
    main()
