"""What every judge shares: reading audio, pairing files by name, and summing up."""

import json
import math
import pathlib
import sys

import numpy as np
import soundfile
import soxr

AUDIO_SUFFIXES = {".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"}


def files_in(path):
    """The audio files of a folder (recursively) or the one file itself, sorted."""
    path = pathlib.Path(path)
    if path.is_dir():
        found = sorted(f for f in path.rglob("*") if f.suffix.lower() in AUDIO_SUFFIXES)
    elif path.is_file():
        found = [path]
    else:
        sys.exit(f"{path}: no such file or folder")
    if not found:
        sys.exit(f"{path}: no audio files")
    return found


def pairs(reference_dir, other_dir):
    """Files of two folders that share a path below the folder, whatever the suffix: (name, reference, other).

    Both arguments may also be single files, which then are one pair.
    """
    reference_dir, other_dir = pathlib.Path(reference_dir), pathlib.Path(other_dir)
    if reference_dir.is_file() and other_dir.is_file():
        return [(reference_dir.stem, reference_dir, other_dir)]
    def by_name(folder):
        return {str(f.relative_to(folder).with_suffix("")): f for f in files_in(folder)}
    references, others = by_name(reference_dir), by_name(other_dir)
    names = sorted(references.keys() & others.keys())
    if not names:
        sys.exit(f"no file of {other_dir} has the name of one in {reference_dir}")
    missing = sorted(references.keys() - others.keys())
    if missing:
        print(f"warning: {len(missing)} of {len(references)} references have no copy: {', '.join(missing[:5])}",
              file=sys.stderr)
    return [(name, references[name], others[name]) for name in names]


def load(path):
    """Mono samples (float64, channels averaged) and sample rate."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    samples = samples.mean(axis=1)
    if len(samples) == 0:
        sys.exit(f"{path}: empty")
    if not np.isfinite(samples).all():
        sys.exit(f"{path}: samples that are not finite")
    return samples, rate


def resample(samples, rate, to_rate):
    return samples if rate == to_rate else soxr.resample(samples, rate, to_rate, quality="VHQ")


def load_at(path, to_rate):
    return resample(*load(path), to_rate)


def rms_db(samples):
    return 10 * math.log10(max(float(np.mean(np.square(samples))), 1e-20))


def summary(values):
    """Number, median, mean and standard error of the mean, of the values that are there."""
    values = np.array([v for v in values if v is not None and math.isfinite(v)], dtype=float)
    n = len(values)
    if n == 0:
        return {"n": 0, "median": None, "mean": None, "standard_error": None}
    error = float(values.std(ddof=1) / math.sqrt(n)) if 1 < n else None
    return {"n": n, "median": float(np.median(values)), "mean": float(values.mean()), "standard_error": error}


def text(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def print_json(result):
    def plain(x):
        if isinstance(x, dict):
            return {str(k): plain(v) for k, v in x.items()}
        if isinstance(x, (list, tuple)):
            return [plain(v) for v in x]
        if isinstance(x, (float, np.floating)):
            return float(x) if math.isfinite(x) else None
        if isinstance(x, np.integer):
            return int(x)
        return x
    print(json.dumps(plain(result), indent=1))
