"""How natural speech sounds, without a reference: mos.py FILE_OR_DIR...

For each file, the opinion scores (1 to 5) of
  distillmos  DistillMOS, if PyTorch and distillmos are installed
  p808        DNSMOS P.808
  overall     DNSMOS overall (it hardly tells good from better: never use it alone)
Each path given is one set with its own mean and standard error.
"""

import argparse
import contextlib
import io
import sys

import numpy as np
from speechmos import dnsmos

from audio import files_in, load_at, print_json, summary, text

RATE_HZ = 16000
METRICS = ["distillmos", "p808", "overall"]


def distillmos_judge():
    """A function from 16 kHz samples to a score, or None without PyTorch."""
    try:
        import torch
        from distillmos import ConvTransformerSQAModel
    except ImportError:
        return None
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()):
        model = ConvTransformerSQAModel()
    model.eval()
    def score(samples):
        with torch.no_grad():
            return float(model(torch.from_numpy(samples.astype(np.float32))[None]))
    return score


def judge(path, distillmos):
    # Resampling may overshoot full scale by a little, which speechmos refuses.
    samples = np.clip(load_at(path, RATE_HZ), -1, 1)
    result = dict.fromkeys(METRICS)
    if distillmos:
        result["distillmos"] = distillmos(samples)
    scores = dnsmos.run(samples, RATE_HZ)
    result["p808"], result["overall"] = float(scores["p808_mos"]), float(scores["ovrl_mos"])
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="FILE_OR_DIR")
    parser.add_argument("--no-torch", action="store_true", help="leave out DistillMOS")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    distillmos = None if arguments.no_torch else distillmos_judge()
    if distillmos is None:
        print("DistillMOS left out" + ("" if arguments.no_torch else ": PyTorch or distillmos is not installed"),
              file=sys.stderr)
    sets = {}
    for path in arguments.paths:
        files = {str(f): judge(f, distillmos) for f in files_in(path)}
        sets[path] = {"files": files, "summary": {m: summary(v[m] for v in files.values()) for m in METRICS}}
    everything = [v for s in sets.values() for v in s["files"].values()]
    total = {m: summary(v[m] for v in everything) for m in METRICS}
    if arguments.json:
        print_json({"sets": sets, "summary": total})
        return
    for path, result in sets.items():
        for name, values in result["files"].items():
            print("  ".join(f"{m} {text(values[m])}" for m in METRICS) + f"  {name}")
    rows = [(path, s["summary"]) for path, s in sets.items()]
    for path, totals in rows + ([("all", total)] if 1 < len(sets) else []):
        print(f"{path}: {totals['p808']['n']} files: " + ", ".join(
            f"{m} {text(totals[m]['mean'])} ± {text(totals[m]['standard_error'])}" for m in METRICS))


if __name__ == "__main__":
    main()
