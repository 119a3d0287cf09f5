"""Pitch by swift-f0 (a tracker of other people's making): one frame each 16 ms, 47 to 2,094 Hz."""

import numpy as np
from swift_f0 import SwiftF0

from audio import resample

RATE_HZ = 16000
LOWEST_HZ, HIGHEST_HZ = 46.875, 2093.75
# swift-f0 calls a frame voiced from 0.5 on; judges count only frames that it is sure of.
CONFIDENT = 0.8

_detector = None


def track(samples, rate):
    """Times (s), pitches (Hz) and confidences (0 to 1) of the frames."""
    global _detector
    if _detector is None:
        _detector = SwiftF0(threads=1)
    result = _detector.detect(resample(samples, rate, RATE_HZ).astype(np.float32), RATE_HZ)
    return result.timestamps, result.pitch_hz, result.confidence


def cents(pitch_hz, reference_hz):
    return 1200 * np.log2(np.asarray(pitch_hz) / reference_hz)


def hz_from_midi(midi):
    return 440.0 * 2 ** ((midi - 69) / 12)
