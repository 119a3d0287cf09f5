"""The page of the evaluation: a table a set, and players beside each line."""

import html
import os

from audio import files_in

NUM_PLAYERS = 3
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0 3rem; } th, td { padding: .3rem .7rem; text-align: right; }
th:first-child, td:first-child { text-align: left; white-space: nowrap; } tr { border-bottom: 1px solid #8884; }
audio { height: 2rem; width: 11rem; } @media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }
"""


def rows(result, out):
    table, folders = result["table"], result["folders"]
    columns = []
    for row in table.values():
        columns += [column for column in row if column not in columns]
    yield "<tr><th></th>" + "".join(f"<th>{html.escape(c.replace('_', ' '))}</th>" for c in columns) + "<th></th></tr>"
    for line, row in table.items():
        cells = "".join(f"<td>{row[c]:.3g}</td>" if c in row else "<td></td>" for c in columns)
        players = ""
        for file in files_in(folders[line])[:NUM_PLAYERS]:
            path = html.escape(os.path.relpath(file, out))
            players += f'<audio controls preload="none" src="{path}"></audio> '
        yield f"<tr><td>{html.escape(line)}</td>{cells}<td>{players}</td></tr>"


def write_page(results, out):
    """Writes evaluation.html; returns its path."""
    body = "".join(f"<h2>{html.escape(name)}</h2><table>{''.join(rows(result, out))}</table>"
                   for name, result in results.items())
    path = out / "evaluation.html"
    path.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mynah, evaluated</title>'
                    f"<style>{STYLE}</style><h1>Mynah, evaluated</h1>{body}</html>")
    return path
