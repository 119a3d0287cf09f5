"""Runs programs and judges for one set of recordings, in its folder, and keeps what they make and say.

What the program made is thrown away when the program has changed; what a judge said is asked again when the
judge or anything judged has. After changing how a folder is made, remove it by hand.
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
# Only these do not depend on the program.
OF_RECORDINGS = {"learned", "held_out", "recordings", "other", "world"}


def tell(message, **options):
    print(message, file=sys.stderr, flush=True, **options)


class Bench:
    """Runs programs for one set, in its folder."""

    def __init__(self, program, examples, out, name, torch):
        self.program, self.examples, self.name, self.folder, self.torch = program, examples, name, out / name, torch
        self.log = threading.Lock()
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, stamp = hashlib.sha256(program.read_bytes()).hexdigest(), self.folder / "made-by.txt"
        if not stamp.is_file() or stamp.read_text() != digest:
            for old in self.folder.iterdir():
                if old.name not in OF_RECORDINGS:
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            stamp.write_text(digest)

    def run(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            # What went wrong is in the last words; a script is better known by its name than by its interpreter.
            script = pathlib.Path(command[command[0] == sys.executable]).name
            said = done.stderr.strip()[-400:].removeprefix(f"{script}: ")
            raise RuntimeError(f"{script}: {said or done.returncode}")
        for line in done.stderr.splitlines():
            if line.startswith("warning: "):
                tell(f"  {line}")
        return done.stdout

    def mynah(self, *arguments):
        return self.run(self.program, *arguments)

    def script(self, name, *arguments):
        return self.run(sys.executable, HERE / name, *arguments)

    def judged(self, name, *arguments):
        """What a judge says, or nothing where it cannot judge."""
        words = [name, *map(str, arguments)]
        kept = self.folder / "judged" / f"{hashlib.sha256(' '.join([*words, text_of(name)]).encode()).hexdigest()}.json"
        if kept.is_file():
            return json.loads(kept.read_text())
        started = time.monotonic()
        try:
            said = json.loads(self.script(*words, "--json"))
        except (RuntimeError, json.JSONDecodeError) as error:
            tell(f"  {error}")
            return None
        self.took("judged by " + name.removesuffix(".py"), started)
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(said))
        return said

    def made(self, name, make):
        """A folder that `make` fills, whole or not at all; nothing where it cannot be made."""
        target = self.folder / name
        if not target.is_dir():
            beside, started = self.folder / f".{name}", time.monotonic()
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            try:
                make(beside)
            except (RuntimeError, OSError) as error:
                tell(f"  {name}: {error}")
                return None
            self.took(f"made {name}", started)
            beside.rename(target)
            # What was said of the one before holds no more.
            shutil.rmtree(self.folder / "judged", ignore_errors=True)
        return target

    def took(self, what, started):
        """Says, and keeps, how long something took."""
        seconds = time.monotonic() - started
        if 1 <= seconds:
            tell(f"  {what}: {seconds:.0f} s")
        with self.log:
            times = self.times()
            times[what] = times.get(what, 0) + seconds
            (self.folder / "took.json").write_text(json.dumps(times, indent=1))

    def times(self):
        log = self.folder / "took.json"
        return json.loads(log.read_text()) if log.is_file() else {}


def text_of(script):
    """A script and the others here that it imports: a judge is another when they change."""
    seen, wanted = {}, [script.removesuffix(".py")]
    while wanted:
        name = wanted.pop()
        path = HERE / f"{name}.py"
        if name not in seen and path.is_file():
            seen[name] = path.read_text()
            wanted += re.findall(r"^(?:from|import) (\w+)", seen[name], re.MULTILINE)
    return "".join(seen[name] for name in sorted(seen))
