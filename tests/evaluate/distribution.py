"""Has the generated sound the distribution of the real? distribution.py REAL_DIR GENERATED_DIR

Frames of log-mel energies (64 bands, 25 ms, every 10 ms) that sound (within 60 dB of the loudest real one).
The distance is the kernel distance of KAD (Chung 2025): the unbiased estimate of the squared maximum mean
discrepancy (Gretton 2012, eq. 3) under a Gaussian kernel whose width is the median distance of real frames,
times 1000. The floor is the distance of one half of the real files to files of the other half, over many
random halves; the generated files are held against the same halves, with equally many frames. An unbiased
estimate of nothing is 0 on average: with many files judge by the floor's 95th percentile, not its mean.
Also: the share of frames that sound, and the mean and spread of the bands against the real ones.
"""

import argparse

import librosa
import numpy as np

from audio import files_in, load_at, print_json

RATE_HZ = 16000
BANDS, WINDOW_S, HOP_S = 64, 0.025, 0.010
SOUNDING_DB = 60
SCALE = 1000
NUM_HALVES = 200
SEED = 1


def log_mel(path):
    """Band energies in dB. Shape [frames][bands]."""
    samples = load_at(path, RATE_HZ).astype(np.float32)
    power = librosa.feature.melspectrogram(
        y=samples, sr=RATE_HZ, n_fft=512, win_length=round(WINDOW_S * RATE_HZ),
        hop_length=round(HOP_S * RATE_HZ), n_mels=BANDS, power=2.0)
    return 10 * np.log10(np.maximum(power.T, 1e-10))


def sounding(frames, loudest_db):
    """The frames above the floor, with bands floored there too."""
    floor = loudest_db - SOUNDING_DB
    return np.maximum(frames[floor < frames.max(axis=1)], floor)


def thin(sets, max_frames):
    """Every n-th frame of each file, the same n for all sets, so that none has more than max_frames or so."""
    step = max(1, int(np.ceil(max(sum(map(len, files)) for files in sets) / max_frames)))
    return [[f[::step] for f in files] for files in sets]


def block_sums(a, b, width):
    """Sums of the kernel over each pair of files. Shape [files of a][files of b]."""
    starts = np.cumsum([0] + [len(f) for f in b[:-1]])
    y = np.concatenate(b).astype(np.float32)
    y_squares = (y * y).sum(axis=1)
    rows = []
    for x in (f.astype(np.float32) for f in a):
        squares = (x * x).sum(axis=1)[:, None] + y_squares - 2 * x @ y.T
        kernel = np.exp(-np.maximum(squares, 0) / (2 * width ** 2))
        rows.append(np.add.reduceat(kernel.sum(axis=0, dtype=np.float64), starts))
    return np.array(rows)


def distance(xx, yy, xy, nx, ny):
    """Unbiased squared discrepancy times 1000, from sums over files; nx, ny are frames of each file."""
    m, n = nx.sum(), ny.sum()
    # A frame's kernel with itself is 1: take those out.
    within_x = (xx.sum() - m) / (m * (m - 1))
    within_y = (yy.sum() - n) / (n * (n - 1))
    return SCALE * (within_x + within_y - 2 * xy.sum() / (m * n))


def drawn(rng, candidates, num_frames_of, num_frames):
    """Files in random order until they have about num_frames."""
    order = rng.permutation(candidates)
    reached = np.cumsum(num_frames_of[order])
    return order[:max(1, int(np.searchsorted(reached, num_frames)) + (reached[-1] <= num_frames))]


def percentiles(values):
    return {"mean": float(np.mean(values)), "p5": float(np.percentile(values, 5)),
            "p95": float(np.percentile(values, 95))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real_dir")
    parser.add_argument("generated_dir")
    parser.add_argument("--max-frames", type=int, default=12000,
                        help="frames kept of the longer set (default: 12000; with fewer, chance rules)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()

    real_all = [log_mel(f) for f in files_in(arguments.real_dir)]
    generated_all = [log_mel(f) for f in files_in(arguments.generated_dir)]
    if len(real_all) < 4:
        raise SystemExit(f"{arguments.real_dir}: at least 4 files are needed to halve it")
    loudest_db = max(f.max() for f in real_all)
    real, generated = ([s for s in (sounding(f, loudest_db) for f in files) if len(s)]
                       for files in (real_all, generated_all))
    if not generated:
        raise SystemExit(f"{arguments.generated_dir}: silent beside {arguments.real_dir}")
    real_frames, generated_frames = np.concatenate(real), np.concatenate(generated)
    a, b = thin([real, generated], arguments.max_frames)

    rng = np.random.default_rng(SEED)
    pool = np.concatenate(a)
    i, j = rng.integers(len(pool), size=(2, 20000))
    width = float(np.median(np.linalg.norm(pool[i] - pool[j], axis=1)[i != j]))
    rr, gg, rg = block_sums(a, a, width), block_sums(b, b, width), block_sums(a, b, width)
    nr, ng = np.array([len(f) for f in a]), np.array([len(f) for f in b])

    floor, to_halves = [], []
    for _ in range(NUM_HALVES):
        p = drawn(rng, len(a), nr, nr.sum() / 2)
        others = np.setdiff1d(np.arange(len(a)), p)
        num_frames = min(nr[others].sum(), ng.sum())
        q, g = drawn(rng, others, nr, num_frames), drawn(rng, len(b), ng, num_frames)
        floor.append(distance(rr[np.ix_(p, p)], rr[np.ix_(q, q)], rr[np.ix_(p, q)], nr[p], nr[q]))
        to_halves.append(distance(rr[np.ix_(p, p)], gg[np.ix_(g, g)], rg[np.ix_(p, g)], nr[p], ng[g]))

    spread_real, spread_generated = real_frames.std(axis=0), generated_frames.std(axis=0)
    varies = 1e-3 < spread_real
    shift = np.abs(generated_frames.mean(axis=0) - real_frames.mean(axis=0))[varies] / spread_real[varies]
    result = {
        "files": {"real": len(real_all), "generated": len(generated_all)},
        "sounding_s": {"real": HOP_S * len(real_frames), "generated": HOP_S * len(generated_frames)},
        "sounding_share": {"real": len(real_frames) / sum(map(len, real_all)),
                           "generated": len(generated_frames) / sum(map(len, generated_all))},
        "kernel_width_db": width,
        "real_half_to_half": percentiles(floor),
        "generated_to_real": {"all": float(distance(rr, gg, rg, nr, ng)), **percentiles(to_halves)},
        "ratio_to_floor_mean": float(np.mean(to_halves) / max(np.mean(floor), 1e-9)),
        "ratio_to_floor_p95": float(np.mean(to_halves) / max(np.percentile(floor, 95), 1e-9)),
        "band_mean_shift_sd": float(shift.mean()),
        "band_spread_ratio": float((spread_generated[varies] / spread_real[varies]).mean()),
    }
    if arguments.json:
        print_json(result)
        return
    for name in ("real_half_to_half", "generated_to_real"):
        r = result[name]
        print(f"{name.replace('_', ' ')}: {r['mean']:.2f} ({r['p5']:.2f} to {r['p95']:.2f})"
              + (f"; to all of it {r['all']:.2f}" if "all" in r else ""))
    print(f"ratio to the floor: {result['ratio_to_floor_mean']:.2f} (to its 95th percentile:"
          f" {result['ratio_to_floor_p95']:.2f}); kernel width {width:.0f} dB")
    print(f"bands: means off by {result['band_mean_shift_sd']:.2f} standard deviations,"
          f" spread {result['band_spread_ratio']:.2f} times the real")
    for key in ("real", "generated"):
        print(f"{key}: {result['files'][key]} files, {result['sounding_s'][key]:.0f} s that sound,"
              f" {100 * result['sounding_share'][key]:.0f} % of the frames")


if __name__ == "__main__":
    main()
