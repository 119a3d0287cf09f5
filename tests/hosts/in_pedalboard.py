"""The VST3 in pedalboard: notes, parameters, rates, blocks, and a state from one process to another."""

import json
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from pedalboard import VST3Plugin, _pedalboard

import vst3

# A VST3 hears MIDI controllers as parameters, 130 for each channel. pedalboard would ask for a thousand texts of each.
_pedalboard.PARAMETER_NAME_REGEXES_TO_IGNORE.add(re.compile(r"MIDI Ch\. "))

NAMES = (
    "chance memory own_pitch own_loudness pace formant breath steer steer_x steer_y attack release voices mode glide "
    "choir spread bend_range tune take same_take velocity mpe output"
).split()

VIOLIN = {"formant": {"f32": 3.0}, "output": {"f32": -9.0}, "take": {"i32": 7}}

# Many times what a load takes when nothing else runs.
MAX_LOAD_SECONDS = 10.0


def loaded():
    return VST3Plugin(vst3.BUNDLE)


def played(plugin, rate=vst3.RATE, block_samples=512, key=vst3.KEY):
    on, off = bytes([0x90, key, vst3.VELOCITY]), bytes([0x80, key, 0])
    notes = [(on, vst3.ON_SECONDS), (off, vst3.OFF_SECONDS)]
    return plugin(notes, duration=vst3.SECONDS, sample_rate=rate, buffer_size=block_samples)


def it_loads_and_sounds_soon():
    start = time.monotonic()
    played(loaded())
    seconds = time.monotonic() - start
    print(f"loaded and played {vst3.SECONDS} s in {seconds:.2f} s")
    assert seconds < MAX_LOAD_SECONDS


def it_plays_the_same_in_blocks_of_every_length():
    plugin = loaded()
    expected = played(plugin)
    vst3.check_starts_at_its_sample(expected, vst3.RATE)
    for block_samples in (1, 7, 64, 480, 4_096, 8_192):
        assert np.array_equal(played(plugin, block_samples=block_samples), expected), block_samples


@pytest.mark.parametrize("rate", (8_000, 11_025, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000))
def it_sounds_at_every_rate(rate):
    vst3.check_starts_at_its_sample(played(loaded(), rate=rate), rate)


def it_shows_every_parameter_and_takes_its_texts():
    plugin = loaded()
    assert sorted(plugin.parameters) == sorted(NAMES)
    for name, parameter in plugin.parameters.items():
        for raw in (0.0, 0.3, 0.7, 1.0):
            text = parameter.get_text_for_raw_value(raw)
            parameter.raw_value = parameter.get_raw_value_for_text(text)
            assert parameter.string_value == text, name


@pytest.mark.parametrize("name, raw", (("chance", 0.0), ("memory", 0.0), ("formant", 0.75), ("breath", 1.0)))
def it_sounds_different_when_a_knob_is_turned(name, raw):
    plugin = loaded()
    plain = played(plugin)
    plugin.parameters[name].raw_value = raw
    turned = played(plugin)
    vst3.check_starts_at_its_sample(turned, vst3.RATE)
    assert vst3.first_difference(turned, plain) is not None


def it_opens_a_state_in_another_process_to_the_same_samples(tmp_path):
    plugin = loaded()
    plugin.raw_state = vst3.juce_state(vst3.plugin_state(VIOLIN, "violin"))
    expected = played(plugin)
    state, samples = tmp_path / "state", tmp_path / "samples.npy"
    state.write_bytes(plugin.raw_state)
    subprocess.run([sys.executable, __file__, state, samples], check=True)
    assert np.array_equal(np.load(samples), expected)
    assert not np.array_equal(expected, played(loaded())), "another model sounds different"


def it_keeps_parameters_and_model():
    plugin = loaded()
    plugin.raw_state = vst3.juce_state(vst3.plugin_state(VIOLIN, "violin"))
    plugin.parameters["breath"].raw_value = 1.0
    played(plugin)
    kept = json.loads(vst3.plugin_state_from_juce(plugin.raw_state))
    assert VIOLIN.items() <= kept["params"].items()
    assert kept["params"]["breath"] == {"f32": 1.0}
    assert kept["fields"]["model"] == json.loads(vst3.plugin_state({}, "violin"))["fields"]["model"]


@pytest.mark.parametrize(
    "state",
    (
        b"",
        b"{}",
        b"\x00\xff",
        b'{"version":"9","params":{},"fields":{"model":"AAAA"}}',
        vst3.plugin_state({}, "voice")[:9_999],
    ),
    ids=("empty", "without-parameters", "no-text", "no-model", "cut-off"),
)
def it_plays_on_after_a_damaged_state(state):
    plugin = loaded()
    plugin.raw_state = vst3.juce_state(state)
    vst3.check_starts_at_its_sample(played(plugin), vst3.RATE)


if __name__ == "__main__":
    # The other process: opens a state and writes what it plays.
    kept, samples = sys.argv[1:]
    other = loaded()
    other.raw_state = open(kept, "rb").read()
    np.save(samples, played(other))
