"""Is it the same speaker? speaker.py REFERENCE_DIR OTHER_DIR   (needs PyTorch)

Resemblyzer's cosine similarity (1 = the same voice) of each file of OTHER_DIR to the mean embedding of
REFERENCE_DIR, and of the two mean embeddings. Short files score lower, so compare like lengths. For
scale, each reference file is also held against the mean of the other reference files.
"""

import argparse
import warnings

import numpy as np

from audio import files_in, load_at, print_json, summary, text

# resemblyzer 0.1.4 imports from a place that scipy will give up in version 2.
warnings.filterwarnings("ignore", category=DeprecationWarning)
from resemblyzer import VoiceEncoder, preprocess_wav  # noqa: E402

RATE_HZ = 16000


def embeddings(folder, encoder):
    """File names and unit vectors, shape [files][256]; files without a voice are left out."""
    names, vectors = [], []
    for path in files_in(folder):
        # preprocess_wav packs 16-bit integers and wraps around beyond full scale.
        samples = preprocess_wav(0.98 * np.clip(load_at(path, RATE_HZ), -1, 1).astype(np.float32))
        if len(samples) < RATE_HZ // 4:
            continue
        names.append(str(path))
        vectors.append(encoder.embed_utterance(samples))
    if not vectors:
        raise SystemExit(f"{folder}: no voice found")
    return names, np.array(vectors)


def unit(vector):
    return vector / np.linalg.norm(vector)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference_dir")
    parser.add_argument("other_dir")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args()
    encoder = VoiceEncoder("cpu", verbose=False)
    reference_names, reference = embeddings(arguments.reference_dir, encoder)
    names, other = embeddings(arguments.other_dir, encoder)
    files = dict(zip(names, other @ unit(reference.mean(axis=0))))
    among = [] if len(reference) < 2 else [
        float(v @ unit((reference.sum(axis=0) - v) / (len(reference) - 1))) for v in reference]
    result = {
        "means": float(unit(reference.mean(axis=0)) @ unit(other.mean(axis=0))),
        "files": files,
        "summary": summary(files.values()),
        "reference_among_itself": summary(among),
    }
    if arguments.json:
        print_json(result)
        return
    for name, similarity in files.items():
        print(f"{similarity:.3f}  {name}")
    for label, s in (("each file", result["summary"]), ("each reference file", result["reference_among_itself"])):
        print(f"{label} to the reference mean: {s['n']} files, mean {text(s['mean'], 3)}"
              f" ± {text(s['standard_error'], 3)}, median {text(s['median'], 3)}")
    print(f"mean to mean: {result['means']:.3f}")


if __name__ == "__main__":
    main()
