"""The VST3 under test: where it is, what is played on it, and its state as JUCE hosts keep it."""

import base64
import json
import os
import re
import struct
from pathlib import Path

import numpy as np

# `cargo xtask test hosts` sets it.
BUNDLE = os.environ["MYNAH_VST3"]

RATE = 48_000
SECONDS = 0.5
KEY = 57
VELOCITY = 100
ON_SECONDS = 0.1
OFF_SECONDS = 0.4

# The attack begins at nought: a few samples may still round to it.
ATTACK_SAMPLES = 48

MODELS = Path(__file__).parents[2] / "assets" / "models"

# JUCE's own base64: another alphabet, and the lowest bits first.
LETTERS = np.frombuffer(b".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+", np.uint8)


def first_sound(audio):
    """Index of the first sample that is not silent in any channel."""
    return int(np.flatnonzero(audio.any(axis=0))[0])


def first_difference(one, other):
    """Index of the first sample that differs in any channel, or None."""
    differing = np.flatnonzero((one != other).any(axis=0))
    return int(differing[0]) if len(differing) else None


def check_starts_at_its_sample(audio, rate):
    """A note at `ON_SECONDS` is silent before its sample and sounds from it."""
    start = round(ON_SECONDS * rate)
    assert start <= first_sound(audio) < start + ATTACK_SAMPLES
    assert 0.003 < np.abs(audio).max() <= 1.0


def plugin_state(params, model):
    """A state as the plugin writes it, with a model that comes with Mynah."""
    text = base64.b64encode((MODELS / f"{model}.mynah").read_bytes()).decode()
    fields = {"version": "1", "model": text}
    return json.dumps({"version": "0.1.0", "params": params, "fields": fields}).encode()


def juce_state(state):
    """What a JUCE host keeps of a plugin in that state."""
    bits = np.unpackbits(np.frombuffer(state, np.uint8), bitorder="little")
    sixes = np.pad(bits, (0, -len(bits) % 6)).reshape(-1, 6)
    text = LETTERS[sixes @ (1 << np.arange(6))].tobytes().decode()
    xml = f"<VST3PluginState><IComponent>{len(state)}.{text}</IComponent></VST3PluginState>"
    xml = f'<?xml version="1.0" encoding="UTF-8"?> {xml}'.encode()
    return b"VC2!" + struct.pack("<i", len(xml)) + xml + b"\0"


def plugin_state_from_juce(kept):
    """The plugin's own state in what a JUCE host keeps."""
    num_bytes, text = re.search(rb"<IComponent>(\d+)\.([^<]*)", kept).groups()
    values = np.zeros(256, np.uint8)
    values[LETTERS] = np.arange(64)
    values = values[np.frombuffer(text, np.uint8)]
    bits = np.unpackbits(values[:, None], axis=1, bitorder="little")[:, :6].ravel()
    return np.packbits(bits, bitorder="little").tobytes()[: int(num_bytes)]
