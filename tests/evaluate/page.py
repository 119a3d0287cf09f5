"""The page of the evaluation: a table a set, and players beside each line."""

import html
import os

from fetch import SETS
from table import COLUMNS, RANGES, columns_of, text_of

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --back: #fff; --text: #222; }
@media (prefers-color-scheme: dark) { :root { --back: #16181b; --text: #ddd; } }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; background: var(--back); color: var(--text); }
p, dl { max-width: 60rem; } nav a { margin-right: 1rem; } h2 { margin: 3rem 0 0; }
.table { overflow-x: auto; margin: 1rem 0; } table { border-collapse: collapse; }
th, td { padding: .3rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
tr > th:not(:first-child) { white-space: normal; vertical-align: bottom; }
th { font-weight: 600; } td, th:first-child { vertical-align: middle; } tr:hover td { background: var(--soft); }
.group { text-align: left; } .first { border-left: 1px solid var(--line); }
small { display: block; opacity: .65; font-size: .8em; font-weight: 400; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--back); z-index: 1; }
.players { text-align: left; } audio { height: 1.8rem; width: 8.5rem; vertical-align: middle; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem 1rem; }
"""
# One at a time: who compares wants no two at once.
SCRIPT = """
document.addEventListener('play', e => document.querySelectorAll('audio').forEach(a => a === e.target || a.pause()), true)
"""
INTRODUCTION = """
Each set of public recordings was learned with the default settings, some of its files held out. <b>Copies</b> go through
the vocoder alone (uncoded), through what the model remembers of a frame (coded) or only the numbers that its network
imagines; <b>generated</b> is a free run, new at each seed;
<b>played</b> is a scale that reaches an octave beyond what was learned, whole in the first player. The lines to measure them
by: the <b>floor</b>, one half of the recordings against the other; the <b>cheat</b>, a copy of the learning set, which
no measure of distribution finds fault with but <i>nearest</i>; the <b>ceiling</b>, another speaker or instrument; and
<b>pieces</b>, held-out recordings through our own codec, cut and shuffled, which tell how long a generated phrase holds
together. The peers: <b>WORLD</b>, coded to as many numbers as each, and a <b>first-order model</b>, without memory, of WORLD's
frames. A cell is empty where a judge cannot judge.
"""


def heads(columns):
    """Two rows: groups, and the columns below them."""
    groups = [COLUMNS[key].group for key in columns]
    cells = [f'<th class="group first" colspan="{groups.count(group)}">{html.escape(group)}</th>'
             for group in dict.fromkeys(groups)]
    yield f"<tr><th></th><th></th>{''.join(cells)}</tr>"
    cells = []
    for key in columns:
        column = COLUMNS[key]
        cells.append(f'<th{edge(key, columns)} title="{html.escape(column.meaning)}">{html.escape(column.heading)}'
                     f"{column.better and '&nbsp;' + column.better}</th>")
    yield f"<tr><th></th><th></th>{''.join(cells)}</tr>"


def edge(key, columns):
    """A line before the first column of a group."""
    idx = columns.index(key)
    return ' class="first"' if idx == 0 or COLUMNS[columns[idx - 1]].group != COLUMNS[key].group else ""


def rows(result, out):
    columns = columns_of(result["table"])
    yield from heads(columns)
    for line, row in result["table"].items():
        cells = ""
        for key in columns:
            value, more = text_of(key, row[key]) if key in row else ("", "")
            cells += f"<td{edge(key, columns)}>{value}{f'<small>{more}</small>' if more else ''}</td>"
        players = " ".join(
            f'<audio controls preload="none" src="{html.escape(os.path.relpath(file, out))}"></audio>'
            for file in result["players"].get(line, []))
        yield f'<tr><th>{html.escape(line)}</th><td class="players">{players}</td>{cells}</tr>'


def section(name, result, out):
    licence = html.escape(SETS[name][3])
    return (f'<h2 id="{name}">{name}</h2><p>{html.escape(result["about"])}<br>{licence}</p>'
            f'<div class="table"><table>{"".join(rows(result, out))}</table></div>')


def write_page(results, about, out):
    """Writes evaluation.html; returns its path."""
    links = "".join(f'<a href="#{name}">{name}</a>' for name in results)
    used = {key for result in results.values() for key in columns_of(result["table"])}
    legend = "".join(f"<dt>{html.escape(f'{c.group}: {c.heading} {c.better}')}</dt><dd>{html.escape(c.meaning)}</dd>"
                     for key, c in COLUMNS.items() if key in used)
    path = out / "evaluation.html"
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mynah, evaluated</title><style>{STYLE}</style>'
        f"<h1>Mynah, evaluated</h1><p>{html.escape(about)}</p><p>{INTRODUCTION}</p><nav>{links}</nav>"
        f"{''.join(section(name, result, out) for name, result in results.items())}"
        f'<h2 id="columns">Columns</h2><p>{RANGES} ↑: more is better, ↓: less is better.</p><dl>{legend}</dl>'
        f"<script>{SCRIPT}</script></html>", encoding="utf-8")
    return path
