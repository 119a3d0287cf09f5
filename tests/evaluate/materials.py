"""What is judged: copies, generated and played sound, reference lines and peers, each a folder of files."""

import json
import math
import time

import soundfile

from audio import files_in
from bench import tell
from fetch import SETS, fetch

SPEECH = {"speech_en", "speech_fr"}
UNPITCHED = {"ambience", "percussion"}
# Another speaker, another instrument: as far as a set may be.
CEILING = {"speech_en": "speech_fr", "speech_fr": "speech_en", "violin": "trumpet", "trumpet": "cello",
           "cello": "trumpet", "ambience": "percussion", "percussion": "ambience"}
PIECES_MS = [1000, 500, 200, 100]
# Of many files one in five is held out, of few one in three: fewer than four cannot be halved.
MANY_FILES, HELD_OUT_OF_MANY, HELD_OUT_OF_FEW = 50, 5, 3
# Held-out speech is copied if it is long enough for PESQ and DistillMOS, and not so long that it rules.
COPIED_SECONDS = (2, 8)
MAX_COPIED, MAX_LEARNED, MAX_CODED = 25, 270, 60
NUM_CLIPS, CLIP_SECONDS, SEED = 12, 8, 1
# Generated sound has the rate of the recordings: a band that is missing would be heard as a difference.
SPEECH_RATE_HZ, MUSIC_RATE_HZ = 16_000, 44_100
KEY_STEP, BEYOND_KEYS, LOWEST_KEY, HIGHEST_KEY = 3, 12, 12, 115
# As long as the windows in which sets are compared.
NOTE_SECONDS = 2.5


def split(bench, files):
    """Folders of links: what is learned, what is held out, what of it is copied."""
    held = files[::HELD_OUT_OF_MANY if MANY_FILES <= len(files) else HELD_OUT_OF_FEW]
    learned = [file for file in files if file not in set(held)][:MAX_LEARNED]
    return [bench.made(name, links(chosen)) for name, chosen in
            (("learned", learned), ("held_out", held), ("recordings", copied(bench.name, held)))]


def copied(name, files):
    low, high = COPIED_SECONDS
    return [f for f in files if name not in SPEECH or low < soundfile.info(f).duration < high][:MAX_COPIED]


def links(chosen):
    return lambda folder: [(folder / file.name).symlink_to(file.resolve()) for file in chosen]


def learn(bench, learned):
    """The model, learned with the default settings, and what it says about itself."""
    model = bench.folder / "model.mynah"
    if not model.is_file():
        started = time.monotonic()
        tell("  learning, at most 10 minutes")
        bench.mynah("learn", learned, "-o", model, "--seed", SEED, "--name", bench.name)
        bench.took("learned", started)
    return model, json.loads(bench.mynah("inspect", model, "--json"))["card"]


def copies(bench, of, *options):
    """Copies all that the program takes: a file too short for it is named and left out."""
    def make(folder):
        refused = []
        for file in of:
            try:
                bench.mynah("copy", file, "-o", folder / f"{file.stem}.wav", *options)
            except RuntimeError as error:
                refused.append(error)
        if len(refused) == len(of):
            raise refused[0]
        if refused:
            tell(f"  {len(refused)} of {len(of)} files not copied: {refused[0]}")
    return make


def clips(bench, model, rate_hz, *options):
    return lambda folder: [bench.mynah(
        "sample", model, "-o", folder / f"{clip:02}.wav", "--seconds", CLIP_SECONDS, "--seed", clip,
        "--rate", rate_hz, *options) for clip in range(NUM_CLIPS)]


def played(bench, model, card, rate_hz):
    """A scale an octave wider than the recordings on both sides, whole, and each note while it is held."""
    def key(hz):
        return round(69 + 12 * math.log2(max(hz, 20) / 440))
    low, high = card["corpus"]["pitch_range_hz"]
    def make(folder):
        bench.script("scale_midi.py", folder / "scale.mid", folder / "notes.json",
                     "--low", max(key(low) - BEYOND_KEYS, LOWEST_KEY),
                     "--high", min(key(high) + BEYOND_KEYS, HIGHEST_KEY), "--step", KEY_STEP, "--seconds", NOTE_SECONDS)
        bench.mynah("render", model, folder / "scale.mid", "-o", folder / "scale.wav", "--seed", SEED,
                    "--rate", rate_hz, "--set", "output=0")
        samples, _ = soundfile.read(folder / "scale.wav", always_2d=True)
        notes = json.loads((folder / "notes.json").read_text())
        (folder / "notes").mkdir()
        for note in notes:
            begin, end = (round(note[edge] * rate_hz) for edge in ("start", "end"))
            # The voice is in the middle: each channel is all of it.
            soundfile.write(folder / "notes" / f"{note['midi']:03}.wav", samples[begin:end, 0], rate_hz)
    return make


def materials(bench):
    """All that is judged, folders by line; what cannot be made is left out. And what the model says of itself."""
    shared = bench.folder.parent / "recordings"
    learned, held_out, recordings = split(bench, files_in(fetch(bench.name, shared)))
    model, card = learn(bench, learned)
    rate_hz = SPEECH_RATE_HZ if bench.name in SPEECH else MUSIC_RATE_HZ
    originals = files_in(recordings)
    def sampled(name, *options):
        return bench.made(name, clips(bench, model, rate_hz, *options))
    sets = {
        "recordings": recordings,
        "held out": held_out,
        "learning set (the cheat)": learned,
        "copy, uncoded": bench.made("copy_uncoded", copies(bench, originals)),
        "copy, coded": bench.made("copy_coded", copies(bench, originals, "--model", model)),
        "copy, the network's numbers": bench.made("copy_imagined", copies(
            bench, originals, "--model", model, "--imagined")),
        "generated": sampled("generated"),
        "generated, Memory 0": sampled("imagined", "--memory", 0),
        "generated, Chance 1": sampled("chance_1", "--chance", 1),
        "generated, Chance 1, Memory 0": sampled("imagined_chance_1", "--chance", 1, "--memory", 0),
        "played": bench.made("played", played(bench, model, card, rate_hz)),
        "joins": bench.made("joins", lambda folder: bench.run(
            bench.examples / "joins", model, folder, NUM_CLIPS, CLIP_SECONDS, rate_hz)),
    }
    coded = bench.made("coded_held_out", copies(bench, files_in(held_out)[:MAX_CODED], "--model", model))
    for piece_ms in PIECES_MS if coded else []:
        sets[f"pieces of {piece_ms} ms"] = bench.made(f"pieces_{piece_ms}", lambda folder: bench.script(
            "pieces.py", coded, folder, "--piece-ms", piece_ms, "--clips", NUM_CLIPS, "--rate", rate_hz))
    peers = bench.made("world", lambda folder: bench.script(
        "world_peer.py", learned, recordings, folder, "--clips", NUM_CLIPS, "--rate", rate_hz,
        "--f0-ceil", 800 if bench.name in SPEECH else 2500))
    if peers:
        sets["WORLD, coded alike"], sets["WORLD, 34 numbers"] = peers / "coded", peers / "coded_34"
        sets["first-order model"] = peers / "first_order"
    other = CEILING[bench.name]
    sets[f"{other} (the ceiling)"] = bench.made("other", links(copied(other, files_in(fetch(other, shared)))))
    return {line: folder for line, folder in sets.items() if folder}, card
