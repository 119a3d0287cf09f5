"""The whole evaluation: evaluate.py --builds FOLDER --out FOLDER [SET...]   (`cargo xtask evaluate` runs it)

For each set of recordings: learns it with the default settings, files held out of it aside; copies the held-out
files, uncoded and through the model; generates, free and played; makes the reference lines and the peers; has
all of them judged; prints one table a set, and writes OUT/evaluation.html with players, and OUT/evaluation.json.
What is made is kept (bench.py): a run that is repeated makes only what is missing, and sets of earlier runs stay
on the page. Exits with 1 if a set cannot be evaluated; a judge that cannot judge leaves its cells empty.
"""

import argparse
import concurrent.futures
import importlib.util
import json
import os
import pathlib
import platform
import sys
import time

from audio import files_in
from bench import Bench, tell
from fetch import SETS
from materials import SPEECH, UNPITCHED, materials
from page import write_page
from table import print_table

HELD_OUT, CHEAT, FLOOR = "held out", "learning set (the cheat)", "half against half (the floor)"
COPIES = ("copy, uncoded", "copy, coded", "copy, the network's numbers", "WORLD, coded alike", "WORLD, 34 numbers")
NUM_PLAYERS, MOST_AT_A_TIME = 2, 4
NEED_TORCH = ("torch", "distillmos", "resemblyzer", "aisfx")


class Table:
    """Figures by line and column."""

    def __init__(self, lines):
        self.rows = {line: {} for line in lines}

    def put(self, line, column, *figure):
        if figure and None not in figure:
            self.rows[line][column] = list(figure)


def judge_copies(bench, sets, table):
    for line in filter(sets.__contains__, COPIES):
        said = bench.judged("copy_synthesis.py", sets["recordings"], sets[line])
        for metric, column in (("pesq", "pesq"), ("stoi", "stoi"), ("zimtohrli", "zimtohrli"),
                               ("stft_db", "stft_db"), ("fine", "pitch_cents")):
            fits = bench.name in SPEECH if metric in ("pesq", "stoi") else True
            if said and fits and not (metric == "fine" and bench.name in UNPITCHED):
                table.put(line, column, said["summary"][metric]["median"])


def of_speech(sets):
    """Lines and folders for the judges of speech."""
    for line, folder in sets.items():
        # They are many and of all lengths; the recordings that are copied stand for them.
        if line in (HELD_OUT, CHEAT):
            continue
        folder = folder / "scale.wav" if line == "played" else folder
        yield line, folder


def judge_naturalness(bench, sets, table):
    for line, folder in of_speech(sets) if bench.name in SPEECH else ():
        said = bench.judged("mos.py", folder, *([] if bench.torch else ["--no-torch"]))
        for metric in ("distillmos", "p808") if said else ():
            put_mean(table, line, metric, said["summary"][metric])


def judge_speaker(bench, sets, table):
    for line, folder in of_speech(sets) if bench.torch and bench.name in SPEECH else ():
        said = bench.judged("speaker.py", sets[CHEAT], folder)
        if said:
            put_mean(table, line, "speaker", said["summary"])


def put_mean(table, line, column, summary):
    error = summary["standard_error"]
    table.put(line, column, summary["mean"], *([] if error is None else [error]))


def beside_held_out(sets):
    """Lines and folders that are held against the held-out recordings."""
    return {line: folder / "notes" if line == "played" else folder for line, folder in sets.items()
            if line not in (HELD_OUT, "recordings")}


def judge_distribution(bench, sets, table):
    others = beside_held_out(sets)
    for embedding in ["mel"] + (["aisfx"] if bench.torch else []):
        said = bench.judged("fidelity.py", sets[HELD_OUT], *others.values(), "--learned", sets[CHEAT],
                            "--embedding", embedding)
        if not said:
            continue
        table.put(HELD_OUT, f"{embedding}_nearest", 1.0)
        found = {line: said["sets"].get(str(folder), {}) for line, folder in others.items()}
        for line, values in {FLOOR: said["floor"] or {}, **found}.items():
            for column in ("distance", "coverage", "density"):
                table.put(line, f"{embedding}_{column}", *values.get(column, []))
            table.put(line, f"{embedding}_nearest", values.get("nearest"))


def judge_nearness(bench, sets, table):
    others = beside_held_out(sets)
    said = bench.judged("nearest.py", sets[CHEAT], sets[HELD_OUT], *others.values())
    if said:
        table.put(HELD_OUT, "nearest_frame", 1.0)
        for line, folder in others.items():
            table.put(line, "nearest_frame", said["sets"].get(str(folder), {}).get("ratio"))


def judge_played(bench, sets, table):
    attacks = [(HELD_OUT, sets[HELD_OUT], [])]
    if "played" in sets:
        scale, notes = sets["played"] / "scale.wav", sets["played"] / "notes.json"
        attacks.append(("played", scale, ["--notes", notes]))
        said = None if bench.name in UNPITCHED else bench.judged("tuning.py", scale, notes)
        if said:
            table.put("played", "tuning_cents", said["fine_cents"]["absolute"]["median"])
            table.put("played", "tuning_swift_cents", said["cents"]["absolute"]["median"])
            # The others are beyond what swift-f0 hears.
            heard = [note for note in said["notes"] if note["voiced"] is not None]
            table.put("played", "no_pitch", 100 * sum(n["cents"] is None for n in heard) / max(len(heard), 1))
    for line, folder, more in attacks:
        said = bench.judged("attack.py", folder, *more)
        if said and said["attack_ms"]["n"]:
            table.put(line, "attack_ms", *(said["attack_ms"][key] for key in ("median", "p10", "p90")))


def judge_joins(bench, sets, table):
    listed = {line: folder for line, folder in sets.items() if line == "copy, coded" or line.startswith("pieces")}
    if "joins" in sets:
        listed["generated"] = sets["joins"]
    said = bench.judged("joins.py", sets["recordings"], *listed.values())
    for line, folder in {"recordings": sets["recordings"], **listed}.items() if said else ():
        values = said["sets"][str(folder)]
        for column in ("rate", "within", "flux_db"):
            table.put(line, f"join_{column}", values[column])


JUDGES = (judge_naturalness, judge_distribution, judge_speaker, judge_copies, judge_nearness, judge_played, judge_joins)


def judge(bench, sets):
    """The table of a set, its lines in the order in which they are compared."""
    lines = {line: folder for line, folder in sets.items() if line != "joins"}
    table = Table([line for known in lines for line in ([known, FLOOR] if known == HELD_OUT else [known])])
    # Each is a process of one thread: as many at a time as there are processors, up to what memory bears.
    with concurrent.futures.ThreadPoolExecutor(min(MOST_AT_A_TIME, os.cpu_count() or 1)) as pool:
        for done in [pool.submit(ask, bench, sets if ask is judge_joins else lines, table) for ask in JUDGES]:
            done.result()
    return table.rows


def about(bench, sets, card):
    """What was learned, in a line."""
    corpus, learning = card["corpus"], card["learning"]
    times = bench.times()
    return (f"{corpus['num_files']} files learned, {corpus['seconds']:.0f} s of sound, in {times.get('learned', 0):.0f} s;"
            f" held out {learning['held_out']:.1f} nats a frame (the less, the likelier); {len(files_in(sets[HELD_OUT]))} files held out,"
            f" {len(files_in(sets['recordings']))} of them copied; all of it made and judged with"
            f" {sum(times.values()) / 60:.0f} min of work")


def evaluate(bench):
    sets, card = materials(bench)
    table = judge(bench, sets)
    players = {line: [str(file) for file in files_in(folder)[:NUM_PLAYERS]] for line, folder in sets.items()
               if line != "joins"}
    if "played" in sets:
        players["played"] = [str(sets["played"] / "scale.wav"), *map(str, middle(files_in(sets["played"] / "notes")))]
    return {"about": about(bench, sets, card), "table": table, "players": players, "took_s": bench.times()}


def middle(files):
    """All but one player's worth, from the middle of the range."""
    begin = max(0, (len(files) - NUM_PLAYERS + 1) // 2)
    return files[begin:begin + NUM_PLAYERS - 1]


def machine(program):
    name = platform.processor() or platform.machine()
    return f"{program}; {platform.system()} on {name}, {os.cpu_count()} processors; {time.strftime('%Y-%m-%d')}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS) + " (default: all)")
    parser.add_argument("--builds", type=pathlib.Path, required=True, help="holds mynah and examples/joins")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--no-torch", action="store_true", help="leave out the judges that need PyTorch")
    arguments = parser.parse_args()
    for name in arguments.sets:
        if name not in SETS:
            parser.error(f"no set is called {name}; there are {', '.join(SETS)}")
    torch = not arguments.no_torch and all(map(importlib.util.find_spec, NEED_TORCH))
    suffix = ".exe" if platform.system() == "Windows" else ""
    builds, out = arguments.builds.resolve(), arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "evaluation.json"
    earlier = json.loads(kept.read_text()) if kept.is_file() else {}
    failed = []
    for name in arguments.sets or SETS:
        tell(f"── {name}")
        try:
            bench = Bench(builds / f"mynah{suffix}", builds / "examples", out, name, torch)
            earlier[name] = evaluate(bench)
        except (RuntimeError, OSError, SystemExit) as error:
            tell(f"  {name} cannot be evaluated: {error}")
            failed.append(name)
            continue
        print_table(name, earlier[name]["about"], earlier[name]["table"])
        results = {known: earlier[known] for known in SETS if known in earlier}
        kept.write_text(json.dumps(results, indent=1))
        page = write_page(results, machine(bench.mynah("--version").strip()), out)
    if len(failed) < len(arguments.sets or SETS):
        print(page)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
