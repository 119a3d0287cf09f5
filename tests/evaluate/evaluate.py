"""The whole evaluation: evaluate.py --mynah PROGRAM --out FOLDER [SET...]   (`cargo xtask evaluate` runs it)

For each set of recordings: learns it with the default settings, files held out of it aside; copies the held-out
files, uncoded and through the model; generates, free and played; makes the reference lines and the peers; has
all of them judged; prints one table a set, and writes FOLDER/evaluation.html with players, and
FOLDER/evaluation.json. What is made is kept: a run that is repeated makes only what is missing.
"""

import argparse
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys

from audio import files_in
from fetch import SETS, fetch
from page import write_page

HERE = pathlib.Path(__file__).parent
SPEECH = {"speech_en", "speech_fr"}
CEILING = {"speech_en": "speech_fr", "speech_fr": "speech_en", "violin": "trumpet", "trumpet": "cello",
           "cello": "trumpet", "ambience": "percussion", "percussion": "ambience"}
PIECES_MS = [1000, 500, 200, 100]
HELD_OUT_EVERY = 5
# A held-out speech file is copied if it has this length in bytes of 16-bit sound at 16 kHz: 2 to 8 s.
COPIED_BYTES = (64_000, 256_000)
MAX_COPIED, MAX_LEARNED_FILES = 25, 270
NUM_CLIPS, CLIP_SECONDS, CLIP_RATE_HZ = 12, 8, 16_000


class Bench:
    """Runs programs for one set, in its folder."""

    def __init__(self, mynah, out, name, torch):
        self.mynah, self.name, self.folder, self.torch = mynah, name, out / name, torch
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command[:3]))}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def script(self, name, *arguments):
        return self.run(sys.executable, HERE / name, *arguments)

    def judged(self, name, *arguments):
        """What a judge says, or nothing where it cannot judge."""
        try:
            return json.loads(self.script(name, *arguments, "--json"))
        except (RuntimeError, json.JSONDecodeError) as error:
            print(f"  {name}: {error}", file=sys.stderr)
            return None

    def made(self, name, make):
        """A folder that `make` fills, whole or not at all."""
        target = self.folder / name
        if not target.is_dir():
            beside = self.folder / f".{name}"
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            make(beside)
            beside.rename(target)
        return target


def split(bench, recordings):
    """Folders of links: what is learned, what is held out, what of it is copied."""
    files = files_in(recordings)
    # So few files cannot spare one: the copies then are of what was learned, which the table says.
    held = files[::HELD_OUT_EVERY] if HELD_OUT_EVERY < len(files) else files
    learned = [f for f in files if f not in set(held)][:MAX_LEARNED_FILES] or files
    fits = lambda f: bench.name not in SPEECH or COPIED_BYTES[0] < f.stat().st_size < COPIED_BYTES[1]
    copied = [f for f in held if fits(f)][:MAX_COPIED]
    def link(chosen):
        return lambda folder: [(folder / f.name).symlink_to(f.resolve()) for f in chosen]
    return [bench.made(name, link(chosen)) for name, chosen in
            (("learned", learned), ("held_out", held), ("recordings", copied))]


def materials(bench, other):
    """Makes all that is judged; folders by name."""
    recordings = fetch(bench.name, bench.folder.parent / "recordings")
    learned, held_out, copied = split(bench, recordings)
    model = bench.folder / "model.mynah"
    if not model.is_file():
        bench.run(bench.mynah, "learn", learned, "-o", model, "--seed", "1", "--name", bench.name)
    def copies(*options):
        return lambda folder: [bench.run(bench.mynah, "copy", f, "-o", folder / f"{f.stem}.wav", *options)
                               for f in files_in(copied)]
    def clips(*options):
        return lambda folder: [
            bench.run(bench.mynah, "sample", model, "-o", folder / f"{clip:02}.wav", "--seconds", CLIP_SECONDS,
                      "--seed", clip, "--rate", CLIP_RATE_HZ, *options) for clip in range(NUM_CLIPS)]
    def played(folder):
        card = json.loads(bench.run(bench.mynah, "inspect", model, "--json"))
        low, high = card["card"]["corpus"]["pitch_range_hz"]
        key = lambda hz: round(69 + 12 * __import__("math").log2(max(hz, 20) / 440))
        bench.script("scale_midi.py", folder / "scale.mid", folder / "notes.json", "--low", max(key(low) - 12, 12),
                     "--high", min(key(high) + 12, 115), "--step", 3)
        bench.run(bench.mynah, "render", model, folder / "scale.mid", "-o", folder / "scale.wav", "--seed", 1)
    sets = {
        "recordings": copied, "held out": held_out, "learned (the cheat)": learned,
        "copy, uncoded": bench.made("copy_uncoded", copies()),
        "copy, coded": bench.made("copy_coded", copies("--model", model)),
        "generated": bench.made("generated", clips()),
        "generated, Memory 0": bench.made("imagined", clips("--memory", 0)),
        "generated, Chance 1": bench.made("chance_1", clips("--chance", 1)),
        "generated, Chance 1, Memory 0": bench.made("imagined_chance_1", clips("--chance", 1, "--memory", 0)),
        "played": bench.made("played", played),
    }
    coded_all = bench.made("coded_held_out", lambda folder: [
        bench.run(bench.mynah, "copy", f, "-o", folder / f"{f.stem}.wav", "--model", model)
        for f in files_in(held_out)[:60]])
    for piece_ms in PIECES_MS:
        sets[f"pieces of {piece_ms} ms"] = bench.made(f"pieces_{piece_ms}", lambda folder: bench.script(
            "pieces.py", coded_all, folder, "--piece-ms", piece_ms, "--clips", NUM_CLIPS))
    ceil_hz = 800 if bench.name in SPEECH else 2500
    peers = bench.made("world", lambda folder: bench.script(
        "world_peer.py", learned, copied, folder, "--f0-ceil", ceil_hz, "--clips", NUM_CLIPS))
    sets["WORLD, coded alike"], sets["first-order model"] = peers / "coded", peers / "first_order"
    if other:
        sets[f"ceiling: {CEILING[bench.name]}"] = fetch(CEILING[bench.name], bench.folder.parent / "recordings")
    return sets


def judge(bench, sets):
    """Figures by line and column."""
    table = {name: {} for name in sets}
    def put(name, column, value):
        if value is not None:
            table[name][column] = value
    for name in ("copy, uncoded", "copy, coded", "WORLD, coded alike"):
        copy = bench.judged("copy_synthesis.py", sets["recordings"], sets[name])
        for column in ("pesq", "stoi", "zimtohrli", "stft_db", "fine"):
            value = copy["summary"][column] if copy else None
            if value and (bench.name in SPEECH or column not in ("pesq", "stoi")):
                put(name, column, value["median"])
    if bench.name in SPEECH:
        for name, folder in sets.items():
            # A few dozen files say enough.
            if name in ("held out", "learned (the cheat)") or name.startswith("ceiling"):
                continue
            mos = bench.judged("mos.py", folder, *([] if bench.torch else ["--no-torch"]))
            for column in ("distillmos", "p808"):
                put(name, column, mos["summary"][column]["mean"] if mos else None)
            if bench.torch:
                same = bench.judged("speaker.py", sets["learned (the cheat)"], folder)
                put(name, "speaker", same["summary"]["mean"] if same else None)
    others = {name: folder for name, folder in sets.items() if name not in ("held out", "recordings", "played")}
    for embedding in ["mel"] + (["aisfx"] if bench.torch else []):
        found = bench.judged("fidelity.py", sets["held out"], *others.values(), "--learned",
                             sets["learned (the cheat)"], "--embedding", embedding)
        if not found:
            continue
        put("held out", f"{embedding} distance", found["floor"])
        put("held out", f"{embedding} coverage", found["floor_coverage"])
        for name, folder in others.items():
            values = found["sets"][str(folder)]
            for column in ("distance", "coverage", "nearest"):
                put(name, f"{embedding} {column}", values[column])
    played = sets["played"]
    tuning = bench.judged("tuning.py", played / "scale.wav", played / "notes.json")
    put("played", "tuning_cents", tuning["fine_cents"]["absolute"]["median"] if tuning else None)
    for name, folder, more in (("played", played / "scale.wav", ["--notes", played / "notes.json"]),
                               ("held out", sets["held out"], [])):
        attack = bench.judged("attack.py", folder, *more)
        put(name, "attack_ms", attack["attack_ms"]["median"] if attack else None)
    return table


def print_table(name, table):
    columns = []
    for row in table.values():
        columns += [column for column in row if column not in columns]
    width = max(map(len, table)) + 2
    print(f"\n{name}\n{'':{width}}" + "".join(f"{column.replace('_', ' '):>16}" for column in columns))
    for line, row in table.items():
        cells = (f"{row[column]:16.3g}" if column in row else f"{'':16}" for column in columns)
        print(f"{line:{width}}" + "".join(cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS) + " (default: all)")
    parser.add_argument("--mynah", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--no-torch", action="store_true", help="leave out the judges that need PyTorch")
    arguments = parser.parse_args()
    torch = not arguments.no_torch and all(map(importlib.util.find_spec, ("torch", "distillmos", "resemblyzer")))
    results = {}
    for name in arguments.sets or SETS:
        if name not in SETS:
            parser.error(f"no set is called {name}; there are {', '.join(SETS)}")
        print(f"── {name}", file=sys.stderr)
        bench = Bench(arguments.mynah.resolve(), arguments.out.resolve(), name, torch)
        sets = materials(bench, other=name in CEILING)
        results[name] = {"table": judge(bench, sets), "folders": {line: str(f) for line, f in sets.items()}}
        print_table(name, results[name]["table"])
        (arguments.out / "evaluation.json").write_text(json.dumps(results, indent=1))
    print(f"\n{write_page(results, arguments.out)}")


if __name__ == "__main__":
    main()
