"""Judges copies against the recordings they are copies of: copy_synthesis.py REFERENCE_DIR COPY_DIR

For each pair of files of the same name:
  pesq       PESQ-WB at 16 kHz, 1 to 4.64 (speech only; it matches levels itself)
  stoi       STOI, 0 to 1 (speech only)
  zimtohrli  Zimtohrli's opinion score at 48 kHz, 1 to 5 = identical (any sound)
  stft_db    mean difference of log magnitudes, dB, over the bins within 60 dB of the reference's loudest
  pitch      median absolute pitch difference in cents, by swift-f0, where it is sure of both
  fine       the same, both refined by StoneMask (pitch.py)
  voiced     share of the reference's surely voiced frames that are so in the copy too
  level_db   level of the copy above the reference's; levels are never matched here
  lag_ms     delay of the copy that was taken out before comparing, at most 20 ms
"""

import argparse
import warnings

import numpy as np
import scipy.signal
import zimtohrli
from pesq import PesqError, pesq
from pystoi import stoi

import pitch
from audio import load, pairs, print_json, resample, rms_db, summary, text

MAX_LAG_S = 0.020
# Copies are aligned by cross-correlating their log band energies, one frame each millisecond. Waveforms
# will not do: a copy with phases of its own correlates best with itself moved by several milliseconds,
# which cost WORLD's copies 0.02 of STOI.
ALIGN_HOP_S, ALIGN_WINDOW_S, ALIGN_BANDS, ALIGN_RANGE_DB = 0.001, 0.010, 24, 60
# Steady sounds fit at many lags about equally: the smallest within this of the best correlation is taken.
ALIGN_TOLERANCE = 0.002
COMMON_RATE_HZ = 48000
SPEECH_RATE_HZ = 16000
STFT_WINDOW_S, STFT_HOP_S = 0.032, 0.008
STFT_RANGE_DB = 60
METRICS = ["pesq", "stoi", "zimtohrli", "stft_db", "pitch", "fine", "voiced", "level_db", "lag_ms"]
DIGITS = {"stoi": 3, "voiced": 3}


def band_energies_db(samples, rate):
    """Log energies in bands of equal width on the mel scale, less each band's mean. Shape [frames][bands]."""
    window, hop = round(ALIGN_WINDOW_S * rate), round(ALIGN_HOP_S * rate)
    spectrum = scipy.signal.stft(samples, rate, nperseg=window, noverlap=window - hop)[2]
    edges_hz = 700 * (np.expm1(np.linspace(0, np.log1p(8000 / 700), ALIGN_BANDS + 1)))
    edges = np.maximum.accumulate(np.round(edges_hz * window / rate).astype(int))
    bands = np.unique(edges)
    power = np.add.reduceat(np.abs(spectrum) ** 2, bands[:-1], axis=0)
    level = 10 * np.log10(np.maximum(power, power.max() * 10 ** (-ALIGN_RANGE_DB / 10) + 1e-20)).T
    return level - level.mean(axis=0)


def lag_samples(reference, copy, rate):
    """By how many samples the copy is late (negative: early)."""
    a, b = band_energies_db(reference, rate), band_energies_db(copy, rate)
    n, reach = min(len(a), len(b)), round(MAX_LAG_S / ALIGN_HOP_S)
    if n <= 3 * reach:
        return 0
    def correlation(lag):
        x, y = a[reach:n - reach], b[reach + lag:n - reach + lag]
        return np.vdot(x, y) / np.sqrt(np.vdot(x, x) * np.vdot(y, y) + 1e-20)
    lags = np.arange(-reach, reach + 1)
    fit = np.array([correlation(lag) for lag in lags])
    good = lags[fit.max() - ALIGN_TOLERANCE <= fit]
    return int(good[np.abs(good).argmin()]) * round(ALIGN_HOP_S * rate)


def aligned(reference, copy, lag):
    """Both cut to what they share once the copy's lag is taken out."""
    if 0 < lag:
        copy = copy[lag:]
    else:
        reference = reference[-lag:]
    n = min(len(reference), len(copy))
    return reference[:n], copy[:n]


def stft_difference_db(reference, copy, rate):
    window, hop = round(STFT_WINDOW_S * rate), round(STFT_HOP_S * rate)
    def magnitudes_db(x):
        spectrum = scipy.signal.stft(x, rate, nperseg=window, noverlap=window - hop)[2]
        return 20 * np.log10(np.maximum(np.abs(spectrum), 1e-10))
    a, b = magnitudes_db(reference), magnitudes_db(copy)
    floor = a.max() - STFT_RANGE_DB
    heard = floor < np.maximum(a, b)
    return float(np.abs(np.maximum(a, floor) - np.maximum(b, floor))[heard].mean()) if heard.any() else None


def pitch_difference(reference, copy, rate):
    """Median absolute difference in cents, the same refined, and the share of voiced frames that stayed voiced."""
    times, reference_hz, reference_sure = pitch.track(reference, rate)
    _, copy_hz, copy_sure = pitch.track(copy, rate)
    voiced = pitch.CONFIDENT <= reference_sure
    both = voiced & (pitch.CONFIDENT <= copy_sure)
    if not voiced.any():
        return None, None, None
    def median(a, b):
        difference = np.abs(pitch.cents(a, b))[both]
        return float(np.nanmedian(difference)) if np.isfinite(difference).any() else None
    fine = median(pitch.fine(copy, rate, times, copy_hz), pitch.fine(reference, rate, times, reference_hz))
    return median(copy_hz, reference_hz), fine, float(both.sum() / voiced.sum())


def judge(reference_path, copy_path):
    reference, reference_rate = load(reference_path)
    copy, copy_rate = load(copy_path)
    # Bins above the lower of the two rates hold nothing to compare: the STFT stays below it.
    shared_rate = min(reference_rate, copy_rate, COMMON_RATE_HZ)
    reference = resample(reference, reference_rate, COMMON_RATE_HZ)
    copy = resample(copy, copy_rate, COMMON_RATE_HZ)
    lag = lag_samples(reference, copy, COMMON_RATE_HZ)
    reference, copy = aligned(reference, copy, lag)
    reference_16, copy_16 = (resample(x, COMMON_RATE_HZ, SPEECH_RATE_HZ) for x in (reference, copy))
    result = dict.fromkeys(METRICS)
    score = pesq(SPEECH_RATE_HZ, reference_16, copy_16, "wb", on_error=PesqError.RETURN_VALUES)
    result["pesq"] = float(score) if 0 < score else None
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            result["stoi"] = float(stoi(reference_16, copy_16, SPEECH_RATE_HZ))
        except RuntimeWarning:  # Too short for one STOI segment.
            pass
    result["zimtohrli"] = float(zimtohrli.mos_from_signals(reference, copy))
    result["stft_db"] = stft_difference_db(*(resample(x, COMMON_RATE_HZ, shared_rate) for x in (reference, copy)),
                                           shared_rate)
    result["pitch"], result["fine"], result["voiced"] = pitch_difference(reference, copy, COMMON_RATE_HZ)
    result["level_db"] = rms_db(copy) - rms_db(reference)
    result["lag_ms"] = 1000 * lag / COMMON_RATE_HZ
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference_dir")
    parser.add_argument("copy_dir")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    files = {name: judge(reference, copy)
             for name, reference, copy in pairs(arguments.reference_dir, arguments.copy_dir)}
    totals = {metric: summary(f[metric] for f in files.values()) for metric in METRICS}
    if arguments.json:
        print_json({"files": files, "summary": totals})
        return
    width = max(len(name) for name in files) + 2
    print(" " * width + "".join(f"{metric:>10}" for metric in METRICS))
    for name, values in files.items():
        print(f"{name:<{width}}" + "".join(f"{text(values[m], DIGITS.get(m, 2)):>10}" for m in METRICS))
    for row in ("median", "mean", "standard_error", "n"):
        print(f"{row:<{width}}" + "".join(
            f"{text(totals[m][row], 0 if row == 'n' else 3):>10}" for m in METRICS))


if __name__ == "__main__":
    main()
