"""Lists of notes for the judges of played sound: JSON [{"start": s, "end": s, "midi": number}, ...].

A file may also hold an object that maps audio file names to such lists.
"""

import json
import pathlib
import sys


def read_notes(notes_path, audio_path):
    """The notes of one audio file, by start."""
    content = json.loads(pathlib.Path(notes_path).read_text())
    if isinstance(content, dict):
        audio_path = pathlib.Path(audio_path)
        content = content.get(audio_path.name, content.get(audio_path.stem))
        if content is None:
            sys.exit(f"{notes_path}: no notes for {audio_path.name}")
    for note in content:
        if not note["start"] < note["end"]:
            sys.exit(f"{notes_path}: a note must end after it starts: {note}")
    return sorted(content, key=lambda note: note["start"])
