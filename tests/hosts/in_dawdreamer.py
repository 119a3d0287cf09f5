"""The VST3 in dawdreamer: notes, automation, and the same samples as in another host."""

import dawdreamer
import numpy as np
import pytest

import in_pedalboard
import vst3


def played(rate=vst3.RATE, block_samples=512, automation=None):
    """Renders a note; `automation` is the name of a parameter and its values, one a sample."""
    engine = dawdreamer.RenderEngine(rate, block_samples)
    plugin = engine.make_plugin_processor("mynah", vst3.BUNDLE)
    plugin.add_midi_note(vst3.KEY, vst3.VELOCITY, vst3.ON_SECONDS, vst3.OFF_SECONDS - vst3.ON_SECONDS)
    if automation:
        name, values = automation
        numbers = {param["name"]: param["index"] for param in plugin.get_parameters_description()}
        assert plugin.set_automation(numbers[name], values.astype(np.float32))
    engine.load_graph([(plugin, [])])
    engine.render(vst3.SECONDS)
    return engine.get_audio()


def it_plays_the_same_in_blocks_of_every_length():
    expected = played()
    vst3.check_starts_at_its_sample(expected, vst3.RATE)
    for block_samples in (1, 7, 64, 480, 4_096, 8_192):
        assert np.array_equal(played(block_samples=block_samples), expected), block_samples


@pytest.mark.parametrize("rate", (8_000, 11_025, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000))
def it_sounds_at_every_rate(rate):
    vst3.check_starts_at_its_sample(played(rate=rate), rate)


def it_plays_the_same_samples_as_in_pedalboard():
    assert np.array_equal(played(), in_pedalboard.played(in_pedalboard.loaded()))


@pytest.mark.parametrize("name, before, after", (("Output", 0.75, 0.5), ("Formant", 0.5, 0.75), ("Breath", 0.5, 1.0)))
def it_is_automated_from_a_block_on_and_not_before(name, before, after):
    # dawdreamer automates by blocks of 480: a frame of the model, so that what is heard at the next is heard at once.
    turned = 12_000
    values = np.full(round(vst3.SECONDS * vst3.RATE), before)
    steady = played(block_samples=480, automation=(name, values))
    values[turned:] = after
    automated = played(block_samples=480, automation=(name, values))
    assert turned <= vst3.first_difference(steady, automated) < turned + 2 * 480
